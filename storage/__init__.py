"""Rows in, values out: schema, migrations, the one writer, journal and queries by noun."""
