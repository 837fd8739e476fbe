"""What Asterisk's configuration may be written from."""

from dataclasses import replace
from pathlib import Path

import pytest

from config.asterisk import BadPlan, Device, Plan, Queue, Taken, Trunk, render
from config.asterisk.render import texts

PLAN = Plan(
    devices=(Device("8001", "secret", "李静怡"),),
    trunks=(Trunk("trunk-city", "direct", ("192.0.2.1",), "sip:192.0.2.1:5060"),),
    ami_secret="ami",
    server_key="key",
)


def trunk(**facts: object) -> Plan:
    return replace(PLAN, trunks=(replace(PLAN.trunks[0], **facts),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ami_secret", "x\n[root]\nwrite = all"),
        ("server_key", "x;comment"),
        ("system_name", "a b"),
        ("server", "http://hotline.example:8962"),
        ("outbound_trunk", "trunk-gone"),
        ("qualify_seconds", 60),
        ("devices", (Device("80/01", "secret"),)),
        ("devices", (Device("8001", ""),)),
        ("devices", (Device("8001", "secret", "李\r\nallow = all"),)),
        ("trunks", (replace(PLAN.trunks[0], queue="nowhere"),)),
    ],
)
def test_a_value_that_would_break_a_line_or_cannot_be_is_refused_by_its_field(
    field: str, value: object
) -> None:
    with pytest.raises(BadPlan, match=field):
        replace(PLAN, **{field: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("caller", "read"),
    [
        (Taken("from"), "${FILTER(0-9+,${CALLERID(num)})}"),
        (Taken("diversion"), "${FILTER(0-9+,${REDIRECTING(from-num)})}"),
        (Taken("header", header="X-Caller"), "${FILTER(0-9+,${CUT(HL_HEADER,@,1)})}"),
        (Taken("did", skip=6), "${FILTER(0-9+,${EXTEN:6})}"),
    ],
)
def test_the_citizens_number_is_read_where_the_trunk_carries_it(caller: Taken, read: str) -> None:
    """And nothing but digits and a plus is taken from there."""
    assert f"Set(HL_CALLER={read})" in texts(trunk(caller=caller))["extensions.conf"]


def test_only_a_trunk_whose_asserted_identity_counts_is_believed_in_it() -> None:
    believed = [
        "trust_id_inbound = yes" in texts(trunk(caller=Taken(where)))["pjsip.conf"]
        for where in ("pai", "from")
    ]
    assert believed == [True, False]


def test_everything_from_outside_goes_through_a_filter() -> None:
    """No outside string stands in the dialplan but as a FILTER's last argument or a CUT's input."""
    plan = trunk(caller=Taken("header", header="X-A"), case=Taken("pai"))
    outside = ("PJSIP_HEADER(read", "CALLERID(name)", "CURL(", "REDIRECTING(", "BLINDTRANSFER,")
    naked = [
        line for line in texts(plan)["extensions.conf"].splitlines()
        if any(source in line for source in outside) and "FILTER(" not in line
        and "Set(HL_HEADER=" not in line
    ]  # fmt: skip
    assert naked == []


def test_the_recording_is_not_confined_to_bridges() -> None:
    """MixMonitor without option b: what is said on hold or in the queue is evidence as well."""
    (line,) = [one for one in texts(PLAN)["extensions.conf"].splitlines()
               if "MixMonitor(${RECORDINGS}/${HL_RECORDING}" in one]  # fmt: skip
    assert line.endswith("MixMonitor(${RECORDINGS}/${HL_RECORDING}.wav)")


def test_files_with_secrets_are_not_for_everybody(tmp_path: Path) -> None:
    written = render(PLAN, tmp_path)
    assert {path.stat().st_mode & 0o007 for path in written} == {0}
    assert "manager.conf" in {path.name for path in written}


def test_every_queue_is_written_with_its_own_patience() -> None:
    queues = (Queue("day", max_wait_seconds=60), Queue("night", max_wait_seconds=600))
    plan = replace(PLAN, queues=queues, trunks=(replace(PLAN.trunks[0], queue="night"),))
    assert "Set(HL_PATIENCE=600)" in texts(plan)["extensions.conf"]
