"""The report as a person meets it: on a phone, on a desk, by keyboard, by ear, on paper."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from etl.publish import read_publication
from etl.publish.page import write_changes, write_report
from etl.quarter import Quarter
from tests.browser import harness
from tests.browser.conftest import Open, browser, chromium, open_page
from tests.figures.conftest import GU, World, demand, secured

__all__ = ("browser", "chromium", "open_page")  # fixtures

pytestmark = pytest.mark.browser
LONG = "가나다라마바사아자차카타파하" * 12
NAMES = (
    '<b>굵게</b> & "따옴표"',
    "=SUM(A1)",
    LONG,
    "띄어 쓴 이름 " * 12,
    "🏗️ 집",
    "\u202e거꾸로",
    " ",
)


@pytest.fixture
def pages(world: World, tmp_path: Path) -> tuple[Path, Path]:
    """Pledges with names that break pages, money, one that never reported."""
    for number, name in enumerate(NAMES):
        world.pledge(f"1-{number}", department="AB"[number % 2], pledge_name=name,
                     field_name=NAMES[number % 3])  # fmt: skip
        if number:
            world.report(f"1-{number}", "2021Q4", "COMPLETED" if number % 2 else "BEHIND",
                         10 * number, met=True, money=[
                             secured("pre_term", 5), secured(2021, 10 + number, executed=4),
                             demand("post_term", 7), secured(2020, 9, source="NATIONAL"),
                         ])  # fmt: skip
    world.figures("2021Q4")
    publication = read_publication(world.connection, GU, Quarter(2021, 4))
    return write_report(publication, tmp_path), write_changes(publication, tmp_path)


def test_everything_fits(pages: tuple[Path, Path], open_page: Open) -> None:
    for path in pages:
        page = open_page(path)
        for width in (harness.NARROW, harness.PHONE, harness.HALF, harness.DESK):
            assert harness.overflow(page, width) == []
            assert harness.small_text(page, width) == []


def test_it_keeps_the_guides(pages: tuple[Path, Path], open_page: Open) -> None:
    for path in pages:
        page = open_page(path)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert harness.axe_violations(page) == []
        assert harness.kwcag(page) == []
        assert harness.drawn_contrast(page) == []
        assert harness.markup(path.read_text(encoding="utf-8")) == []
        assert harness.broken_links(page) == []


def test_the_keyboard_reaches_everything(pages: tuple[Path, Path], open_page: Open) -> None:
    assert harness.keyboard(open_page(pages[0])) == []


def _listed(page: Page) -> int:
    return page.locator("#pledge-list tbody tr:visible").count()


def test_the_list_of_pledges_narrows(pages: tuple[Path, Path], open_page: Open) -> None:
    page = open_page(pages[0])
    assert _listed(page) == len(NAMES)
    page.select_option("select[name='추진상황']", "완료")
    assert _listed(page) == 3  # 1, 3 and 5
    page.fill("input[name='q']", "sum")
    assert _listed(page) == 1
    assert page.inner_text("#filter-count") == "공약 7건 가운데 1건"
    page.click("button[type='reset']")
    page.wait_for_function(
        "document.querySelectorAll('#pledge-list tbody tr[hidden]').length === 0"
    )
    assert page.inner_text("#filter-count") == "공약 7건 가운데 7건"


def test_a_figure_leads_to_its_cells(pages: tuple[Path, Path], open_page: Open) -> None:
    page = open_page(pages[0])
    page.click("a[data-trace='B1/funding_source:NATIONAL']")
    page.wait_for_selector("#trace:visible")
    # Six reported pledges have 9 백만원 of the country's each, planned and secured.
    assert "분자 54,000,000, 분모 54,000,000 · 칸 6개" in page.inner_text("#trace .sums")
    assert page.locator("#trace tbody tr").count() == 6
    page.goto(page.url.partition("#")[0] + "#trace/R1%2Fall%3A")
    page.wait_for_function(
        "document.querySelector('#trace h2').textContent.includes('평균 이행률')"
    )
    # 10 + 20 + … + 60 over six pledges.
    assert "분자 210, 분모 6 · 칸 6개" in page.inner_text("#trace .sums")
