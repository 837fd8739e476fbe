"""Events on MQTT, on a real Mosquitto: nothing lost, in order per stream, each with its key."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiomqtt
import msgspec
import pytest
import yaml
from jsonschema import Draft202012Validator

from routing.ports import OutboxRow, StoreUnavailable
from routing.tickets import NewTicket
from storage import migrate, open_store
from tests.storage.values import LI, NOW, call, clock, talked
from tests.web.broker import Listener, Mosquitto, Wire, free_port
from web.bus import BATCH, Broker, Bus, confirmed, topic_of

DOCS = Path(__file__).resolve().parents[2] / "docs"
AT = datetime(2026, 11, 23, 8, tzinfo=UTC)


class Memory:
    """`routing.ports.Outbox` without a disk; `most` is the largest lot that was asked for."""

    def __init__(self) -> None:
        self.rows: dict[int, OutboxRow] = {}
        self.most = 0
        self.away = 0
        self._emptied = asyncio.Event()
        self._wake: Callable[[], None] = lambda: None

    def put(self, stream: str, step: int) -> str:
        number, key = len(self.rows) + 1_000 * step, f"{stream}:{step}"
        noun, _, subject = stream.partition(":")
        topic = f"hotline/v1/{noun}s/{subject}/step-{step}"
        self.rows[number] = OutboxRow(
            number, stream, topic, key, msgspec.json.encode({"key": key}), AT
        )
        self._wake()
        return key

    async def pending(self, *, after: int, limit: int) -> Sequence[OutboxRow]:
        self._fail_if_away()
        rows = [self.rows[n] for n in sorted(self.rows) if n > after][:limit]
        self.most = max(self.most, len(rows))
        return rows

    async def told(self, ids: Iterable[int], *, at: datetime) -> None:  # noqa: ARG002 - the port's
        self._fail_if_away()
        for number in ids:
            del self.rows[number]
        if not self.rows:
            self._emptied.set()

    def subscribe(self, wake: Callable[[], None]) -> None:
        self._wake = wake

    async def empty(self, *, within: float = 10) -> None:
        async with asyncio.timeout(within):
            while self.rows:
                self._emptied.clear()
                await self._emptied.wait()

    def _fail_if_away(self) -> None:
        if self.away:
            self.away -= 1
            raise StoreUnavailable("database is locked")


@asynccontextmanager
async def carrying(outbox: Memory, port: int, **more: str) -> AsyncIterator[Bus]:
    """A bus that runs."""
    broker = Broker("127.0.0.1", port, **more)  # type: ignore[arg-type]
    bus = Bus(outbox, broker, clock=clock, longest_pause=0.5)
    task = asyncio.create_task(bus.run())
    try:
        yield bus
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path)
    broker.start()
    yield broker
    broker.stop()


def first_tellings(keys: Sequence[str], stream: str) -> list[str]:
    """A stream's keys in the order in which a receiver that knows the keys sees them."""
    return [key for key in dict.fromkeys(keys) if key.startswith(f"{stream}:")]


@pytest.mark.services
async def test_what_is_committed_is_told_and_forgotten(mosquitto: Mosquitto) -> None:
    """Waiting rows and new ones alike, at QoS 1, on the configured prefix."""
    outbox = Memory()
    before = outbox.put("call:c1", 1)
    async with (
        Listener.at(mosquitto.port) as listener,
        carrying(outbox, mosquitto.port, prefix="city/962200") as bus,
    ):
        await listener.until(before)
        later = outbox.put("call:c1", 2)
        await listener.until(later)
        await outbox.empty()
        trouble = bus.trouble

    assert [(m.topic, m.qos) for m in listener.told] == [
        ("city/962200/v1/calls/c1/step-1", 1),
        ("city/962200/v1/calls/c1/step-2", 1),
    ]
    assert trouble == ""


@pytest.mark.services
async def test_a_broker_killed_in_mid_stream_loses_nothing(mosquitto: Mosquitto) -> None:
    """Frozen with rows on the wire, then kill -9, then back: every row comes, each in its order."""
    outbox = Memory()
    async with Wire.laid(mosquitto.port) as wire, carrying(outbox, wire.port):
        async with Listener.at(mosquitto.port) as listener:
            early = [outbox.put(f"call:c{n}", 1) for n in range(20)]
            await listener.until(*early)
            await outbox.empty()
        mosquitto.freeze()
        late = [outbox.put(f"call:c{n}", step) for step in (2, 3) for n in range(300)]
        await asyncio.sleep(0.2)
        wire.cut()
        mosquitto.kill()
        mosquitto.start()
        async with Listener.at(mosquitto.port) as listener:
            wire.state = "whole"
            await listener.until(*late)
            await outbox.empty()

    assert set(listener.keys) == set(late)
    for n in range(300):
        stream = f"call:c{n}"
        assert first_tellings(listener.keys, stream) == [f"{stream}:2", f"{stream}:3"]
    assert outbox.most == BATCH


@pytest.mark.services
async def test_lost_confirmations_bring_duplicates_with_the_same_keys(
    mosquitto: Mosquitto,
) -> None:
    """The broker has told, its answer is lost: the row is told again, and known by its key."""
    outbox = Memory()
    async with (
        Listener.at(mosquitto.port) as listener,
        Wire.laid(mosquitto.port) as wire,
        carrying(outbox, wire.port),
    ):
        await listener.until(outbox.put("call:c0", 1))
        wire.state = "answers lost"
        keys = [outbox.put("call:c1", step) for step in (1, 2, 3)]
        await listener.until(*keys)
        assert len(outbox.rows) == len(keys)
        wire.state = "whole"
        wire.hang_up()
        await outbox.empty()

    twice = [key for key in keys if listener.keys.count(key) > 1]
    assert twice
    assert first_tellings(listener.keys, "call:c1") == keys


@pytest.mark.services
async def test_a_long_outage_holds_no_rows_in_memory(mosquitto: Mosquitto) -> None:
    """Thousands of rows wait in the outbox; they are read a hundred at a time."""
    mosquitto.stop()
    outbox = Memory()
    async with carrying(outbox, mosquitto.port) as bus:
        keys = [outbox.put(f"call:c{n}", 1) for n in range(3_000)]
        await asyncio.sleep(0.7)
        assert "refused" in bus.trouble
        assert outbox.most == 0
        mosquitto.start()
        await outbox.empty(within=30)

    assert len(keys) == 3_000
    assert outbox.most == BATCH


@pytest.mark.services
async def test_a_locked_database_is_waited_for_without_telling_twice(
    mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the broker has confirmed is not published again because the database is away."""
    monkeypatch.setattr("web.bus._STORE_PAUSE_SECONDS", 0.01)
    outbox = Memory()
    async with Listener.at(mosquitto.port) as listener, carrying(outbox, mosquitto.port):
        await listener.until(outbox.put("call:c0", 1))
        await outbox.empty()
        outbox.away = 5
        keys = [outbox.put("call:c1", step) for step in (1, 2)]
        await outbox.empty()

    assert listener.keys == ["call:c0:1", *keys]


@pytest.mark.services
async def test_a_frozen_broker_is_left_and_told_when_it_is_back(
    mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It keeps the line open and answers nothing: that is noticed by the missing confirmation."""
    monkeypatch.setattr("web.bus._ANSWER_SECONDS", 0.3)
    outbox = Memory()
    async with Listener.at(mosquitto.port) as listener, carrying(outbox, mosquitto.port) as bus:
        await listener.until(outbox.put("call:c1", 1))
        await outbox.empty()
        mosquitto.freeze()
        key = outbox.put("call:c1", 2)
        await asyncio.sleep(1)
        assert "timed out" in bus.trouble
        assert len(outbox.rows) == 1
        mosquitto.thaw()
        await listener.until(key)
        await outbox.empty()


@pytest.mark.services
async def test_the_account_of_the_settings_is_used(tmp_path: Path) -> None:
    """A broker that wants a password refuses without it, and says so."""
    passwords = tmp_path / "passwords"
    process = await asyncio.create_subprocess_exec(
        "mosquitto_passwd", "-b", "-c", str(passwords), "hotline", "a secret"
    )
    await process.wait()
    broker = Mosquitto(tmp_path, "allow_anonymous false", f"password_file {passwords}")
    broker.start()
    try:
        outbox = Memory()
        key = outbox.put("ticket:20261123-0001", 1)
        async with carrying(outbox, broker.port, username="hotline", password="wrong") as bus:
            await asyncio.sleep(0.5)
            refused = bus.trouble
        account = {"username": "hotline", "password": "a secret"}
        async with (
            Listener.at(broker.port, **account) as listener,
            carrying(outbox, broker.port, **account),
        ):
            await listener.until(key)
    finally:
        broker.stop()

    assert "authori" in refused.lower()


@pytest.mark.services
async def test_real_messages_are_as_the_documentation_says(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    """A call and its ticket, from the real database to a subscriber, against docs/asyncapi.yaml."""
    document = yaml.safe_load((DOCS / "asyncapi.yaml").read_text(encoding="utf-8"))
    url = f"sqlite:///{tmp_path / 'hotline.db'}"
    await migrate.upgrade(url)
    async with open_store(url, clock=clock) as store, Listener.at(mosquitto.port) as listener:
        bus = Bus(store.outbox, Broker("127.0.0.1", mosquitto.port), clock=clock)
        task = asyncio.create_task(bus.run())
        await store.calls.record(call(), "offered", at=NOW)
        new = NewTicket(kind="help", content="老人需要送餐", call="c1")
        await store.tickets.save(new, by=LI, at=NOW)
        await store.calls.record(talked(call()), "ended", at=NOW)
        await listener.until("call:c1:1", "call:c1:2", "ticket:20261123-0001:registered")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    assert [message.topic for message in listener.told] == [
        "hotline/v1/calls/c1/offered",
        "hotline/v1/tickets/20261123-0001/registered",
        "hotline/v1/calls/c1/ended",
    ]
    for message in listener.told:
        name = "CallMessage" if "/calls/" in message.topic else "TicketMessage"
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        Draft202012Validator(schema).validate(message.body)
        assert message.topic.endswith(f"/{message.body['step']}")


def test_the_documented_topics_are_those_that_are_used() -> None:
    document = yaml.safe_load((DOCS / "asyncapi.yaml").read_text(encoding="utf-8"))

    assert [channel["address"] for channel in document["channels"].values()] == [
        "hotline/v1/calls/{id}/{step}",
        "hotline/v1/tickets/{number}/{step}",
    ]
    json.dumps(document)


async def test_a_broker_that_is_nowhere_does_not_end_the_bus() -> None:
    outbox = Memory()
    outbox.put("call:c1", 1)
    async with carrying(outbox, free_port()) as bus:
        await asyncio.sleep(0.3)

    assert "refused" in bus.trouble
    assert len(outbox.rows) == 1


def test_a_row_behind_a_failed_one_of_its_stream_is_kept() -> None:
    """Otherwise the failed one would be told after it."""
    rows = [OutboxRow(n, stream, "", "", b"", AT) for n, stream in enumerate("abaab")]
    failed = aiomqtt.MqttError("timed out")

    assert confirmed(rows, [None, None, failed, None, None]) == [0, 1, 4]


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        ("hotline/v1/calls/c1/ended", "here/v1/calls/c1/ended"),
        ("hotline/v1/calls/a+b#c/ended", "here/v1/calls/a_b_c/ended"),
        ("hotline/v1/calls/\0/ended", "here/v1/calls/_/ended"),
    ],
)
def test_no_id_makes_a_topic_that_cannot_be_published(topic: str, expected: str) -> None:
    """One such row would stand in front of all others for ever."""
    row = OutboxRow(1, "call:x", topic, "k", b"{}", AT)

    assert topic_of(row, "here") == expected
