"""Who sat where, in which state: every change is kept, the last one counts."""

import msgspec
from sqlalchemy import func, select

from routing.presence import Presence
from storage.schema import presences
from storage.statements import Statement
from storage.store import Store
from tests.storage.values import LI, after


def presence(person: str, state: str = "ready", since: float = 0, **facts: object) -> Presence:
    """A presence at PJSIP/8001."""
    usual = Presence(person, person, "PJSIP/8001", "ready", "ready", after(since))
    return msgspec.structs.replace(usual, state=state, **facts)


async def test_those_not_signed_out_are_present(store: Store) -> None:
    """After a restart the seats are taken from here."""
    talking = presence("li", "talking", 9, call="c1", reason="")
    for each in (
        presence("wang"),
        presence("li"),
        presence("zhao"),
        talking,
        presence("zhao", "signed_out", 5, choice="signed_out", device=None),
    ):
        await store.ledger.record(each, by=LI)
    assert list(await store.ledger.present()) == [talking, presence("wang")]
    kept = Statement(select(func.count()).select_from(presences))
    assert (await store._writer.read(lambda tx: tx.rows(kept)))[0][0] == 5


async def test_nobody_is_present_at_first(store: Store) -> None:
    """An empty ledger is no error."""
    assert list(await store.ledger.present()) == []
