"""The page of all rules, as a person meets it: on a phone, on a desk, by keyboard, by ear."""

from pathlib import Path

import pytest

from tests.browser import harness
from tests.browser.conftest import Open

pytestmark = pytest.mark.browser

PAGE = Path(__file__).parents[2] / "docs" / "rules.html"


@pytest.mark.parametrize("width", [harness.NARROW, harness.PHONE, harness.HALF, harness.DESK])
def test_everything_fits(open_page: Open, width: int) -> None:
    page = open_page(PAGE)
    assert harness.overflow(page, width) == []
    assert harness.small_text(page, width) == []


def test_everything_fits_on_paper(open_page: Open) -> None:
    assert harness.overflow_on_paper(open_page(PAGE)) == []


def test_it_keeps_the_guides(open_page: Open) -> None:
    page = open_page(PAGE)
    assert harness.axe_violations(page) == []
    assert harness.kwcag(page) == []
    assert harness.markup(PAGE.read_text(encoding="utf-8")) == []


def test_links_work_and_the_keyboard_reaches_them(open_page: Open) -> None:
    page = open_page(PAGE)
    assert harness.broken_links(page) == []
    assert harness.keyboard(page) == []
