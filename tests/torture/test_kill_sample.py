"""A sample of the points at which anything can be killed, another one every day."""

import pytest

from tests.torture.sampled import sampled

pytestmark = pytest.mark.slow

POINTS = 8


def test_a_quarter_survives_kills() -> None:
    told = sampled("kill", "--sample", str(POINTS))
    assert f"points tried {POINTS}, survived {POINTS}" in told
