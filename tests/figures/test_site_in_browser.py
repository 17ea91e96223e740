"""The site as a person meets it: at four widths, in the dark, on paper, by keyboard and by ear."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from etl.site import site
from etl.site.addresses import pledge_page
from tests.browser import harness
from tests.browser.conftest import Open, browser, chromium, open_page
from tests.figures.publications import GOVERNMENT
from tests.figures.site_world import IDS, NAMES, read, retract, write_releases

__all__ = ("browser", "chromium", "open_page")  # fixtures

pytestmark = pytest.mark.browser
WIDTHS = (harness.PHONE, 768, 1024, 1440)
LIST = "pledges/7.html"
PLEDGES = tuple(pledge_page(7, IDS[place]) for place in (0, 1, 12))
OTHERS = (
    "quarters.html", "quarters/2021q4.html", "changes/2021q3.html", "departments/7/_a.html",
    "fields/7/경제.html", "method.html", "data.html", "en.html", *PLEDGES[1:],
)  # fmt: skip
PAGES = [
    *("index.html", LIST, PLEDGES[0]),
    *(pytest.param(path, marks=pytest.mark.slow) for path in OTHERS),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with names and ids that break pages, and a release that was taken back."""
    folder: Path = tmp_path_factory.mktemp("site")
    write_releases(folder)
    retract(folder, "2021Q4", 1)
    for path, content in site(GOVERNMENT, *read(folder)).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def opened(open_page: Open, place: Path, path: str) -> Page:
    page = open_page(place / path)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    return page


@pytest.mark.parametrize("path", PAGES)
def test_everything_fits_on_screens_and_on_paper(path: str, place: Path, open_page: Open) -> None:
    page = opened(open_page, place, path)
    for width in (harness.NARROW, *WIDTHS):
        assert harness.overflow(page, width) == []
        assert harness.small_text(page, width) == []
    assert harness.overflow_on_paper(page) == []


@pytest.mark.parametrize("path", PAGES)
def test_it_keeps_the_guides_by_day_and_by_night(path: str, place: Path, open_page: Open) -> None:
    page = opened(open_page, place, path)
    for scheme, width in (("light", harness.PHONE), ("dark", harness.DESK)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 900})
        assert harness.axe_violations(page) == []
        assert harness.drawn_contrast(page) == []
    is_english = path == "en.html"
    assert [fault for fault in harness.kwcag(page) if not (is_english and "7.1.1" in fault)] == []
    assert harness.markup((place / path).read_text(encoding="utf-8")) == []
    assert harness.broken_links(page) == []


@pytest.mark.parametrize("path", ["index.html", LIST, PLEDGES[0]])
def test_the_keyboard_reaches_everything(path: str, place: Path, open_page: Open) -> None:
    assert harness.keyboard(open_page(place / path)) == []


def _shown(page: Page) -> list[str]:
    found: list[str] = page.locator("#list > .pledge:visible .no").all_inner_texts()
    return found


def test_the_list_of_pledges_narrows_and_remembers(place: Path, open_page: Open) -> None:
    page = open_page(place / LIST)
    assert len(_shown(page)) == len(IDS) + 1
    page.select_option("select[name='status']", "완료")
    assert page.inner_text("#found") == "공약 15개 가운데 5개"  # every third, from the second on
    page.fill("input[name='q']", "B과 ../x")
    assert _shown(page) == ["../x"]
    assert "status=%EC%99%84%EB%A3%8C" in page.evaluate("location.hash")
    page.click("button[type='reset']")
    page.wait_for_function("document.querySelector('#found').textContent === '공약 15개'")
    page.select_option("select[name='order']", "down")
    rates = page.eval_on_selector_all("#list > .pledge", "rows => rows.map(r => r.dataset.rate)")
    assert rates == [*["100"] * 5, *["60"] * 4, *["20"] * 5, ""]


def test_the_start_page_hands_over_what_is_looked_for(place: Path, open_page: Open) -> None:
    start = open_page(place / "index.html")
    assert start.get_attribute("form[data-to]", "data-to") == LIST
    assert start.is_visible("form[data-to] input")
    page = open_page(place / LIST)
    page.evaluate("location.hash = 'q=' + encodeURIComponent('iii-2')")
    page.wait_for_function("document.querySelector('#found').textContent.includes('2개')")
    assert _shown(page) == ["III-2", "iii-2"]


def test_without_scripts_all_of_it_is_there(place: Path, browser: object) -> None:
    context = browser.new_context(java_script_enabled=False)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto((place / LIST).as_uri())
    assert len(_shown(page)) == len(IDS) + 1
    assert not page.is_visible("#filters")
    context.close()


def test_names_are_shown_as_they_are(place: Path, open_page: Open) -> None:
    page = open_page(place / LIST)
    said = page.locator("#list h3 a > bdi").all_text_contents()
    # A browser makes one line end of the three that there are, and cannot show a control sign.
    assert said[0] == NAMES[0]
    assert "<b>&amp;</b><script>alert(1)</script>" in said
