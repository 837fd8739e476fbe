"""The journal says who did what, when and from where; tampering shows."""

import pytest
from sqlalchemy import select, text

from routing.calls import Recording
from routing.people import Actor, Session, Token
from routing.presence import Presence
from storage import audit
from storage.address import parse, sqlite_path
from storage.journal import GENESIS, Chain, chained
from storage.postgres import PostgresDatabase
from storage.schema import journal
from storage.sqlite import SqliteDatabase
from storage.statements import Statement
from storage.store import Store
from storage.tx import Tx
from tests.storage.values import LI, NOW, after, call, matter, person, talked

_ENTRIES = Statement(
    select(journal.c.what, journal.c.subject, journal.c.person, journal.c.address, journal.c.via)
    .order_by(journal.c.id)
)  # fmt: skip


async def entries(store: Store) -> list[tuple[str, ...]]:
    """The journal without its bodies."""
    return [tuple(row) for row in await store._writer.read(lambda tx: tx.rows(_ENTRIES))]


async def work_a_day(store: Store) -> None:
    """Every kind of change once."""
    admin = Actor("root", "127.0.0.1", "command")
    await store.people.add(person(), password_hash="x", by=admin, at=NOW)
    await store.people.journal_refused_login("li", by=Actor(None, "10.0.0.9", "page"), at=NOW)
    await store.people.open_session(Session("d", person(), "c", NOW, NOW), by=LI)
    await store.ledger.record(Presence("li", "李敏", "PJSIP/8001", "ready", "ready", NOW), by=LI)
    await store.calls.record(talked(call()), "ended", at=after(60))
    await store.tickets.save(matter(call="c1"), by=LI, at=after(61))
    settled = Recording("c1-sound", NOW, seconds=60.0, state="verified")
    await store.recordings.settle(settled, size=1, sha256="ab", at=after(62))
    await store.recordings.played("c1-sound", by=LI, at=after(63))
    await store.people.end_session("d", by=LI, at=after(64))
    await store.people.set_password("li", "y", by=admin, at=after(65))
    await store.people.set_locked("li", True, by=admin, at=after(65))
    await store.people.set_locked("li", False, by=admin, at=after(65))
    await store.people.set_roles("li", ("admin",), by=admin, at=after(65))
    await store.people.set_language("li", "en", at=after(65))
    await store.people.add_token(Token("t", "t", person(), NOW), by=admin, at=after(66))
    await store.people.revoke_token("t", by=admin, at=after(67))


async def test_every_change_has_its_entry(store: Store) -> None:
    """Who, what, of whom, from where and by which way."""
    await work_a_day(store)
    command, page, system = (
        ("root", "127.0.0.1", "command"),
        ("li", "10.0.0.7", "page"),
        (None, "", "system"),
    )
    assert await entries(store) == [
        ("person.added", "person:li", *command),
        ("login.refused", "person:li", None, "10.0.0.9", "page"),
        ("session.opened", "person:li", *page),
        ("presence.ready", "person:li", *page),
        ("call.ended", "call:c1", *system),
        ("ticket.registered", "ticket:20261123-0001", *page),
        ("recording.verified", "recording:c1-sound", *system),
        ("call.amended", "call:c1", *system),
        ("recording.played", "recording:c1-sound", *page),
        ("session.ended", "person:li", *page),
        ("person.password_set", "person:li", *command),
        ("person.locked", "person:li", *command),
        ("person.unlocked", "person:li", *command),
        ("person.roles_set", "person:li", *command),
        ("person.language_set", "person:li", "li", "", "page"),
        ("token.added", "token:t", *command),
        ("token.revoked", "token:t", *command),
    ]


async def test_the_journal_holds_neither_passwords_nor_what_citizens_said(store: Store) -> None:
    """It proves a ticket's text by its hash."""
    await work_a_day(store)
    bodies = Statement(select(journal.c.body))
    said = " ".join(row[0] for row in await store._writer.read(lambda tx: tx.rows(bodies)))
    assert [word for word in ("楼道灯不亮", "13800138000", '"x"', '"y"') if word in said] == []


async def test_a_sound_journal_is_found_sound(store: Store, url: str) -> None:
    """While the server runs, too."""
    await work_a_day(store)
    found = await audit.check(url)
    assert (found.faults, found.journal.entries, found.tables["journal"]) == ((), 17, 17)


async def test_an_empty_journal_is_sound(url: str) -> None:
    """Its head is the beginning."""
    assert (await audit.check(url)).journal == Chain(entries=0, head=GENESIS)


@pytest.mark.parametrize("verb", ["UPDATE journal SET person = NULL", "DELETE FROM journal"])
async def test_the_database_refuses_to_change_the_journal(
    store: Store, url: str, verb: str
) -> None:
    """A slip of an administrator's hand is stopped; only intent gets past."""
    await work_a_day(store)
    with pytest.raises(Exception, match="append-only"):
        await administer(url, verb)


@pytest.mark.parametrize(
    ("tampering", "fault"),
    [
        ("UPDATE journal SET person = 'wang' WHERE id = 6", "journal entry 6 was tampered with"),
        ("UPDATE journal SET at = at + 1 WHERE id = 6", "journal entry 6 was tampered with"),
        ("UPDATE journal SET body = '{}' WHERE id = 16", "journal entry 16 was tampered with"),
        ("DELETE FROM journal WHERE id = 9", "journal entry 9 was tampered with"),
        ("DELETE FROM journal WHERE id = 1", "journal entry 1 was tampered with"),
        ("UPDATE journal SET id = 99 WHERE id = 17", "journal entry 17 was tampered with"),
        (
            "UPDATE tickets SET content = '改过'",
            "ticket 20261123-0001 is not as the journal has it",
        ),
        (
            "UPDATE ticket_days SET last = 2",
            "day 20261123: 1 tickets, numbered up to 1, counter at 2",
        ),
    ],
)
async def test_tampering_shows(store: Store, url: str, tampering: str, fault: str) -> None:
    """Whoever switches the guard off and changes a row is found out."""
    await work_a_day(store)
    await administer(url, _GUARD_OFF[parse(url).get_backend_name()], tampering)
    assert (await audit.check(url)).faults == (fault,)


_GUARD_OFF = {
    "sqlite": "DROP TRIGGER journal_no_UPDATE; DROP TRIGGER journal_no_DELETE",
    "postgresql": "ALTER TABLE journal DISABLE TRIGGER ALL",
}


async def administer(url: str, *statements: str) -> None:
    """What somebody with the rights of an administrator runs by hand."""
    parsed = parse(url)
    path = sqlite_path(parsed)
    database = await (SqliteDatabase.open(path) if path else PostgresDatabase.open(parsed))
    by_hand = [Statement(text(part)) for each in statements for part in each.split("; ")]
    try:

        async def command(tx: Tx) -> None:
            for statement in by_hand:
                await tx.run(statement)

        done = (await database.batch([command])).dones[0]
    finally:
        await database.close()
    if done.error is not None:
        raise done.error


def test_the_chain_covers_every_fact_of_an_entry() -> None:
    """No fact can be moved to its neighbour without changing the hash."""
    facts = [1, 2, "a", "b", "page", "what", "subject", "{}"]
    hashes = {chained(GENESIS, facts)}
    for place in range(len(facts)):
        hashes.add(chained(GENESIS, [*facts[:place], "x", *facts[place + 1 :]]))
    hashes.add(chained(GENESIS, [1, 2, "ab", "", "page", "what", "subject", "{}"]))
    assert len(hashes) == 10
