"""What really happened in every flow, by Asterisk's own event log and by the phones."""

import pytest

from tests.pbx.conftest import FLOWS, Performance

pytestmark = pytest.mark.pbx


@pytest.mark.parametrize("name", [flow.name for flow in FLOWS])
def test_the_flow_was_played_to_its_end(performance: Performance, name: str) -> None:
    """Phones, dialplan and switch went through the script without a surprise."""
    assert performance.of(name)
