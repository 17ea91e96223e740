"""The printed page: Korean text, its own letters, tags, A4, the same bytes again; limits kept."""

import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pdfplumber
import psutil
import pytest

from etl.office.pdf import print_pdf
from etl.problems import OutageError, UsageError
from etl.settings import settings
from tests.browser.test_rules_page import PAGE

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("chromium")]

SMALL = '<!DOCTYPE html><html lang="ko"><title>가람구 공약</title><h1>공약 이행률</h1>'


def _page(folder: Path, html: str) -> Path:
    file = folder / "보고서 #1.html"
    file.write_text(html, encoding="utf-8")
    return file


def _living(home: Path) -> list[psutil.Process]:
    """Processes whose home lies below that folder, once the ended ones had time to end."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("HOME", "").startswith(str(home)):
                found.append(process)
    _, living = psutil.wait_procs(found, timeout=5)
    return [one for one in living if one.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture
def use_browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Sets the browser of this test."""

    def use(name: str) -> None:
        monkeypatch.setenv("GONGYAK_BROWSER", name)
        settings.cache_clear()

    yield use
    settings.cache_clear()


@pytest.fixture(scope="module")
def rules_pdf(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    pdf = tmp_path_factory.mktemp("pdf") / "rules.pdf"
    print_pdf(PAGE, pdf)
    return pdf


def test_the_text_is_there_on_a4(rules_pdf: Path) -> None:
    with pdfplumber.open(rules_pdf) as pdf:
        first = pdf.pages[0]
        assert "공약 점검 규칙" in first.extract_text()
        assert (round(first.width), round(first.height)) == (595, 842)  # 210 × 297 mm in points
        assert "B-01 음수 금액" in first.extract_text()


def test_letters_are_in_it_and_it_is_tagged(rules_pdf: Path) -> None:
    """A font that is embedded carries its program; tags are what a screen reader reads."""
    with pdfplumber.open(rules_pdf) as pdf:
        catalog = pdf.doc.catalog
        assert catalog["MarkInfo"]["Marked"] is True
        assert "StructTreeRoot" in catalog
        fonts = [
            font.resolve()["DescendantFonts"][0].resolve()["FontDescriptor"].resolve()
            for page in pdf.pages
            for font in page.page_obj.resources["Font"].values()
        ]
        assert fonts
        assert all("FontFile2" in font or "FontFile3" in font for font in fonts)


def test_two_prints_are_the_same_bytes_and_tell_no_time(rules_pdf: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.pdf"
    print_pdf(PAGE, again)
    assert again.read_bytes() == rules_pdf.read_bytes()
    with pdfplumber.open(again) as pdf:
        assert set(pdf.metadata) == {"Title", "Producer"}
        assert pdf.metadata["Title"] == "공약 점검 규칙"


def test_nothing_is_asked_of_a_network(tmp_path: Path) -> None:
    """A server on this machine, which the page asks for a picture, hears nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/a.png"
        page = _page(tmp_path, f'{SMALL}<img src="{address}" alt=""><p>뒤</p>')
        print_pdf(page, tmp_path / "out.pdf")
        with pytest.raises(TimeoutError):
            server.accept()
    with pdfplumber.open(tmp_path / "out.pdf") as pdf:
        assert pdf.pages[0].extract_text().split() == ["공약", "이행률", "뒤"]


@pytest.mark.parametrize(
    "hostile",
    ["<script>for (;;) {}</script>", "<table><tr><td>공약</table>" * 200_000],
    ids=["endless script", "huge page"],
)
def test_a_hostile_page_ends_at_the_limit_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hostile: str
) -> None:
    page, home = _page(tmp_path, SMALL + hostile), tmp_path / "homes"
    home.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(home))
    with pytest.raises(OutageError, match="1초 안에 끝나지 않았습니다"):
        print_pdf(page, tmp_path / "out.pdf", seconds=1)
    assert _living(home) == []
    assert [one.name for one in tmp_path.iterdir() if one != home] == [page.name]


def test_a_browser_that_hangs_is_ended_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, use_browser: Callable[[str], None]
) -> None:
    """A script is the browser: what it started would outlive it."""
    script = tmp_path / "browser"
    script.write_text("#!/bin/sh\nsleep 60\nexit 0\n", encoding="utf-8")
    script.chmod(0o755)
    use_browser(str(script))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(OutageError):
        print_pdf(_page(tmp_path, SMALL), tmp_path / "out.pdf", seconds=0.5)
    assert _living(tmp_path) == []


def test_a_browser_that_prints_nothing_is_told(
    tmp_path: Path, use_browser: Callable[[str], None]
) -> None:
    use_browser("true")
    with pytest.raises(OutageError, match="브라우저가 PDF를 내지 않았습니다"):
        print_pdf(_page(tmp_path, SMALL), tmp_path / "out.pdf")


def test_a_missing_browser_is_told_in_one_line(
    tmp_path: Path, use_browser: Callable[[str], None]
) -> None:
    use_browser(str(tmp_path / "none"))
    with pytest.raises(UsageError) as told:
        print_pdf(_page(tmp_path, SMALL), tmp_path / "out.pdf")
    assert "none)가 없습니다. PDF는 만들지 않았습니다." in str(told.value)
    assert "\n" not in str(told.value)
