"""What the operator is told when the database cannot be used, each with its remedy."""

from routing.ports import StoreUnavailable


class CannotOpen(StoreUnavailable):
    """The database cannot be used until somebody acts; the text names the remedy."""


class Tampered(Exception):  # noqa: N818 - says what is the case
    """A journal, a backup or a restored database is not what was written."""
