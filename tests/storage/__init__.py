"""The hotline keeps what happened, on SQLite and PostgreSQL, through every fault we cause."""
