"""The tables, once for SQLite and PostgreSQL.

Instants are BIGINT microseconds since 1970 UTC (`storage.instants`), JSON is text as msgspec writes
it (the journal's hashes are over that very text), so that both databases hold the same bytes.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    true,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

# SQLite numbers rows by itself only in a column that is exactly INTEGER PRIMARY KEY.
_RowId = BigInteger().with_variant(Integer, "sqlite")

calls = Table(
    "calls",
    metadata,
    Column("id", Text, primary_key=True),
    Column("linkedid", Text, nullable=False),
    Column("way", Text, nullable=False),
    Column("citizen_number", Text),
    Column("citizen_e164", Text),
    Column("started_at", BigInteger, nullable=False),
    Column("last_agent", Text),
    Column("outcome", Text),
    Column("ended", Boolean, nullable=False),
    Column("stepped_at", BigInteger, nullable=False),
    Column("steps", Integer, nullable=False),
    Column("body", Text, nullable=False),
)
Index(None, calls.c.started_at, calls.c.id)
Index(None, calls.c.way, calls.c.started_at, calls.c.id)
Index(None, calls.c.outcome, calls.c.started_at, calls.c.id)
# Holds all that a history asks of calls, so that it never reads their rows.
Index(None, calls.c.citizen_e164, calls.c.started_at, calls.c.way, calls.c.last_agent)
Index(None, calls.c.citizen_number, calls.c.started_at)
Index(
    "ix_calls_unfinished",
    calls.c.started_at,
    sqlite_where=calls.c.ended == false(),
    postgresql_where=calls.c.ended == false(),
)

call_agents = Table(
    "call_agents",
    metadata,
    Column("agent", Text, primary_key=True),
    Column("started_at", BigInteger, primary_key=True),
    Column("call", Text, ForeignKey("calls.id"), primary_key=True),
    sqlite_with_rowid=False,
)

recordings = Table(
    "recordings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("call", Text, ForeignKey("calls.id"), nullable=False, index=True),
    Column("started_at", BigInteger, nullable=False),
    Column("seconds", Float),
    Column("state", Text, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("bridged", Text, nullable=False),
    Column("size", BigInteger),
    Column("sha256", Text),
    Column("settled_at", BigInteger),
)
Index(
    "ix_recordings_unsettled",
    recordings.c.started_at,
    sqlite_where=recordings.c.settled_at.is_(None),
    postgresql_where=recordings.c.settled_at.is_(None),
)

ticket_days = Table(
    "ticket_days",
    metadata,
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
)

tickets = Table(
    "tickets",
    metadata,
    Column("number", Text, primary_key=True),
    Column("day", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("content", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("caller_number", Text, nullable=False),
    Column("caller_e164", Text),
    Column("caller_name", Text, nullable=False),
    UniqueConstraint("day", "seq"),
)
Index(None, tickets.c.caller_e164, tickets.c.is_open, tickets.c.created_at)
Index(None, tickets.c.caller_number, tickets.c.day, tickets.c.seq)
Index(None, tickets.c.kind, tickets.c.day, tickets.c.seq)
Index(None, tickets.c.created_by, tickets.c.day, tickets.c.seq)

ticket_calls = Table(
    "ticket_calls",
    metadata,
    Column("ticket", Text, ForeignKey("tickets.number"), primary_key=True),
    Column("call", Text, ForeignKey("calls.id"), primary_key=True, index=True),
)

people = Table(
    "people",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("locked", Boolean, nullable=False),
    Column("password_hash", Text, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("person", Text, ForeignKey("people.id"), nullable=False, index=True),
    Column("csrf", Text, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("name", Text, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("person", Text, ForeignKey("people.id"), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("revoked_at", BigInteger),
)

presences = Table(
    "presences",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("person", Text, nullable=False),
    Column("device", Text),
    Column("choice", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Column("is_last", Boolean, nullable=False),
    sqlite_autoincrement=True,
)
Index(None, presences.c.person, presences.c.since)
Index(
    "ix_presences_last",
    presences.c.person,
    unique=True,
    sqlite_where=presences.c.is_last == true(),
    postgresql_where=presences.c.is_last == true(),
)

journal = Table(
    "journal",
    metadata,
    Column(
        "id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    ),
    Column("at", BigInteger, nullable=False),
    Column("person", Text),
    Column("address", Text, nullable=False),
    Column("via", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("hash", Text, nullable=False),
)
Index(None, journal.c.subject, journal.c.id)

outbox = Table(
    "outbox",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("stream", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

answers = Table(
    "answers",
    metadata,
    Column("key", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)
