"""Accounts, sessions and tokens; who is locked is out at once."""

from datetime import timedelta

import msgspec
import pytest

from regulation.refusal import Refusal
from routing.people import SYSTEM, Person, Session, Token
from storage.store import Store
from tests.storage.values import LI, NOW, after, person

HASH = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA"


def session(digest: str = "d1", who: str = "li") -> Session:
    """A session opened NOW."""
    return Session(digest, person(who), "csrf", opened_at=NOW, seen_at=NOW)


def token(name: str = "report", digest: str = "t1") -> Token:
    """A token that ends in an hour."""
    return Token(name, digest, person(), created_at=NOW, expires_at=after(3600))


async def add(store: Store, *ids: str) -> None:
    """Create accounts."""
    for each in ids:
        await store.people.add(person(each), password_hash=HASH, by=SYSTEM, at=NOW)


async def test_an_account_is_read_back_as_it_was_added(store: Store) -> None:
    """The password only as the hash that was given."""
    await add(store, "wang", "li")
    assert await store.people.get("li") == person("li")
    assert await store.people.get("nobody") is None
    assert list(await store.people.all()) == [person("li"), person("wang")]
    assert await store.people.password_hash("li") == HASH
    assert await store.people.password_hash("nobody") is None


async def test_a_taken_id_is_refused_and_the_account_stays_as_it_was(store: Store) -> None:
    """Nobody takes over an account by adding it again."""
    await add(store, "li")
    with pytest.raises(Refusal) as refused:
        await store.people.add(Person("li", "X", ("admin",)), password_hash="x", by=LI, at=NOW)
    assert refused.value.code == "person.exists"
    assert await store.people.get("li") == person("li")


async def test_language_and_posts_can_be_changed(store: Store) -> None:
    """The next look at the account shows them."""
    await add(store, "li")
    await store.people.set_language("li", "en", at=NOW)
    await store.people.set_roles("li", ("supervisor", "agent"), by=LI, at=NOW)
    changed = Person("li", "李敏", ("supervisor", "agent"), language="en")
    assert await store.people.get("li") == changed


async def test_a_session_carries_its_person_as_they_are_now(store: Store) -> None:
    """A post taken away is gone at the next click."""
    await add(store, "li")
    await store.people.open_session(session(), by=LI)
    await store.people.set_roles("li", (), by=SYSTEM, at=NOW)
    now = msgspec.structs.replace(session(), person=Person("li", "李敏", ()))
    assert await store.people.session("d1") == now
    assert await store.people.session("unknown") is None


@pytest.mark.parametrize("how", ["lock", "password"])
async def test_every_session_of_a_person_ends_with_the_lock_or_the_old_password(
    store: Store, how: str
) -> None:
    """Others stay signed in."""
    await add(store, "li", "wang")
    for digest, who in (("d1", "li"), ("d2", "li"), ("d3", "wang")):
        await store.people.open_session(session(digest, who), by=LI)
    if how == "lock":
        await store.people.set_locked("li", True, by=SYSTEM, at=NOW)
        await store.people.set_locked("li", False, by=SYSTEM, at=NOW)
    else:
        await store.people.set_password("li", HASH + "2", by=SYSTEM, at=NOW)
    found = [await store.people.session(digest) for digest in ("d1", "d2", "d3")]
    assert found == [None, None, session("d3", "wang")]


async def test_a_locked_person_opens_no_session_and_uses_no_token(store: Store) -> None:
    """Even when the password was right a moment ago."""
    await add(store, "li")
    await store.people.add_token(token(), by=SYSTEM, at=NOW)
    await store.people.set_locked("li", True, by=SYSTEM, at=NOW)
    with pytest.raises(Refusal) as refused:
        await store.people.open_session(session(), by=LI)
    assert refused.value.code == "person.locked"
    assert await store.people.token("t1") is None


async def test_a_session_in_use_is_noted_once_a_minute(store: Store) -> None:
    """So that a busy page costs no write per click."""
    await add(store, "li")
    await store.people.open_session(session(), by=LI)
    await store.people.touch_session("d1", at=NOW + timedelta(seconds=59))
    early = await store.people.session("d1")
    await store.people.touch_session("d1", at=NOW + timedelta(seconds=60))
    late = await store.people.session("d1")
    assert early is not None
    assert late is not None
    assert (early.seen_at, late.seen_at) == (NOW, after(60))


async def test_signing_out_ends_one_session(store: Store) -> None:
    """Signing out twice is no error."""
    await add(store, "li")
    await store.people.open_session(session(), by=LI)
    for _ in range(2):
        await store.people.end_session("d1", by=LI, at=NOW)
    assert await store.people.session("d1") is None


async def test_a_token_is_known_by_its_digest_until_it_is_revoked_and_after(store: Store) -> None:
    """Whoever checks it sees when it ended."""
    await add(store, "li")
    await store.people.add_token(token(), by=SYSTEM, at=NOW)
    assert await store.people.token("t1") == token()
    await store.people.revoke_token("report", by=SYSTEM, at=after(5))
    assert await store.people.token("t1") == msgspec.structs.replace(token(), revoked_at=after(5))
    assert await store.people.token("t2") is None


async def test_wrong_tokens_and_unknown_people_are_refused(store: Store) -> None:
    """Each with its code, and nothing is written."""
    await add(store, "li")
    await store.people.add_token(token(), by=SYSTEM, at=NOW)
    stranger = Token("other", "t9", person("nobody"), created_at=NOW)
    attempts = {
        "token.exists": store.people.add_token(token(digest="t2"), by=SYSTEM, at=NOW),
        "token.unknown": store.people.revoke_token("other", by=SYSTEM, at=NOW),
        "person.unknown": store.people.add_token(stranger, by=SYSTEM, at=NOW),
    }
    for code, attempt in attempts.items():
        with pytest.raises(Refusal) as refused:
            await attempt
        assert refused.value.code == code
    for change in (
        store.people.set_locked("nobody", True, by=SYSTEM, at=NOW),
        store.people.set_password("nobody", HASH, by=SYSTEM, at=NOW),
        store.people.set_roles("nobody", (), by=SYSTEM, at=NOW),
        store.people.set_language("nobody", "en", at=NOW),
    ):
        with pytest.raises(Refusal, match="nobody"):
            await change
