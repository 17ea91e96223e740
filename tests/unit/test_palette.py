"""Colours mean the same everywhere, can be read, and are one a status."""

import pytest

from etl.form import code_names
from etl.palette import AMOUNT, LINES, PAPER, STATUS, Colour, bare, status_css


def _light(colour: str) -> float:
    """Return the relative luminance of WCAG 2.2."""
    shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((_light(one), _light(other)))
    return (light + 0.05) / (dark + 0.05)


def test_every_status_has_a_colour_of_its_own() -> None:
    assert set(STATUS) == set(code_names("status"))
    assert len({one.fill for one in STATUS.values()}) == len(STATUS)
    assert status_css().count("{background:#") == len(STATUS)


@pytest.mark.parametrize("one", [*STATUS.values(), *AMOUNT.values()])
def test_what_stands_on_a_colour_can_be_read(one: Colour) -> None:
    assert contrast(one.fill, one.ink) >= 4.5


@pytest.mark.parametrize("line", LINES)
def test_lines_are_seen_on_paper(line: str) -> None:
    assert contrast(line, PAPER) >= 3


def test_what_goes_well_is_not_red() -> None:
    for code in ("COMPLETED", "COMPLETED_ONGOING", "ON_TRACK"):
        red, green, blue = (int(STATUS[code].fill[place : place + 2], 16) for place in (1, 3, 5))
        assert red < max(green, blue), code


def test_office_files_write_it_bare() -> None:
    assert bare("#1f3a5f") == "1F3A5F"
