"""A sample of the events that the model of the domain goes through, another one every day."""

import pytest

from tests.torture.sampled import sampled

pytestmark = pytest.mark.slow

STEPS, LENGTH = 20, 25


def test_the_product_says_what_the_model_says() -> None:
    told = sampled("model", "--steps", str(STEPS), "--length", str(LENGTH))
    assert "all as the model says" in told
