"""The page 제출 현황 as a person meets it: on a phone, on a desk, by keyboard, in the dark."""

from pathlib import Path

import pytest

from tests.browser import harness
from tests.browser.conftest import Open
from tests.conftest import Beginnings
from tests.desk import client, in_process, office, officer, send, upload, whole
from tests.factories import return_workbook
from tests.flow.test_desk import GAON, with_mails

pytestmark = pytest.mark.browser

PAGES = ("start", "department", "check", "receipt", "refused")


@pytest.fixture(scope="module")
def pages(beginnings: Beginnings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each page as one file, its style within it: nothing else is asked for by it."""
    folder = tmp_path_factory.mktemp("pages")
    with (
        beginnings.home(with_mails, tmp_path_factory.mktemp("desk") / "home") as home,
        in_process(),
    ):
        progress = [{"공약번호": "1-1", "이행률(%)": 105}, {"공약번호": "1-2", "이행률(%)": 300}]
        name = "아주 긴 이름의 2021년 4분기 공약 이행상황 보고 최종_진짜최종.xlsx"
        gaon, told = client(officer()), {}
        check = upload(gaon, return_workbook(home / name, progress=progress))
        told["check"] = gaon.get(check).text
        told["receipt"] = gaon.get(send(gaon, check)).text
        told["department"] = client(office()).get(GAON).text
        told["start"] = client(office()).get("/gongyak/").text
        told["refused"] = gaon.get("/gongyak/departments/3990000/D02").text
    for page, html in told.items():
        (folder / f"{page}.html").write_text(whole(html), encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [harness.NARROW, harness.PHONE, harness.HALF, harness.DESK])
def test_everything_fits(open_page: Open, pages: Path, name: str, width: int) -> None:
    page = open_page(pages / f"{name}.html")
    assert harness.overflow(page, width) == []
    assert harness.small_text(page, width) == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [harness.PHONE, harness.DESK])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_keeps_the_guides(
    open_page: Open, pages: Path, name: str, width: int, scheme: str
) -> None:
    page = open_page(pages / f"{name}.html")
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 900})
    assert harness.axe_violations(page) == []
    assert harness.kwcag(page) == []
    assert harness.markup((pages / f"{name}.html").read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("name", PAGES)
def test_the_keyboard_reaches_everything(open_page: Open, pages: Path, name: str) -> None:
    assert harness.keyboard(open_page(pages / f"{name}.html")) == []
