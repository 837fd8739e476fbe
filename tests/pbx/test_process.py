"""The fetched Asterisk under the hand of a test: frozen, restarted, killed, stopped."""

import os
import socket
from collections.abc import Iterator

import pytest

from config.pbx.process import Asterisk
from tests.pbx.conftest import WAIVER
from tests.pbx.rig import Place, Rig, standing

pytestmark = pytest.mark.pbx


@pytest.fixture(scope="module")
def victim() -> Iterator[Rig]:
    """An Asterisk of this module's own."""
    if os.environ.get(WAIVER):
        pytest.skip(f"waived by {WAIVER}")
    with standing([Place(70)]) as rig:
        yield rig


def greets(rig: Rig) -> bool:
    """Whether its manager interface says who it is."""
    try:
        with socket.create_connection(("127.0.0.1", rig.ports.ami), 1) as connection:
            connection.settimeout(1)
            return connection.recv(100).startswith(b"Asterisk Call Manager/")
    except OSError:
        return False


def test_a_restart_from_within_keeps_the_process_and_the_libraries(victim: Rig) -> None:
    """`core restart` starts the program again by the name it was given."""
    before = victim.asterisk.pid
    victim.asterisk.restart()
    assert victim.asterisk.is_running()
    assert victim.asterisk.pid == before
    assert greets(victim)


def test_a_frozen_asterisk_is_there_and_silent(victim: Rig) -> None:
    victim.asterisk.freeze()
    assert victim.asterisk.is_running()
    assert not greets(victim)
    victim.asterisk.thaw()
    assert greets(victim)


def test_a_killed_asterisk_can_be_started_again(victim: Rig) -> None:
    victim.asterisk.kill()
    assert not victim.asterisk.is_running()
    victim.asterisk.start()
    assert greets(victim)


def test_one_left_over_by_a_killed_starter_is_ended_first(victim: Rig) -> None:
    """A second start in the same home does not meet the first one's Asterisk."""
    first = victim.asterisk.pid
    heir = Asterisk(victim.asterisk.tree, victim.asterisk.home, victim.asterisk.plan)
    heir.start()
    try:
        assert not victim.asterisk.is_running()
        assert heir.pid != first
        assert greets(victim)
    finally:
        heir.stop()
    victim.asterisk.start()


def test_stopping_leaves_nothing_behind(victim: Rig) -> None:
    victim.asterisk.stop()
    assert not victim.asterisk.is_running()
    assert not greets(victim)


def test_root_never_runs_asterisk_as_root(victim: Rig) -> None:
    """Its files belong to nobody when root started it, else to whoever did."""
    victim.asterisk.start()
    control = victim.asterisk.home / "run/asterisk.ctl"
    assert control.stat().st_uid != 0
