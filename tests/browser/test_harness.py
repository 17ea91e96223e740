"""Every check of the harness finds nothing on a page that keeps it, and its fault on one that
breaks it: no check that cannot fail."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import harness

pytestmark = pytest.mark.browser

GOOD = """<!DOCTYPE html>
<html lang="ko"><head><meta charset="utf-8"><title>가람구 공약</title>
<meta name="viewport" content="width=device-width">
<style>
body { color: #222; background: #fff; font-family: sans-serif; }
.skip { display: inline-block; }
button, select { min-height: 24px; min-width: 24px; }
.wide { overflow-x: auto; }
</style></head><body>
<a class="skip" href="#content">본문으로 건너뛰기</a>
<main id="content"><h1>공약 이행</h1><h2>이행률</h2>
<p>공약 10건 가운데 4건이 완료되었습니다.</p>
<label>분야 <select><option>모두</option></select></label>
<button type="button">찾기</button>
<figure><svg role="img" aria-label="완료 4건, 추진 6건" viewBox="0 0 200 40" width="200">
<rect width="200" height="40" fill="#fff"></rect><text x="5" y="20" fill="#222">완료</text></svg>
<div class="wide" tabindex="0" role="region" aria-label="상태별 건수">
<table><caption>상태별 건수</caption><thead><tr><th scope="col">상태</th><th scope="col">건수</th></tr>
</thead><tbody><tr><th scope="row">완료</th><td>4</td></tr></tbody></table></div></figure>
<!--here--></main></body></html>
"""
LONG = "공약" * 200
Faults = Callable[[Page], list[str]]


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """One page for all: a new one costs more than a check."""
    page = browser.new_page()
    yield page
    page.close()


def _on_phone(page: Page) -> list[str]:
    return harness.overflow(page, harness.PHONE)


def _small(page: Page) -> list[str]:
    return harness.small_text(page, harness.PHONE)


def _axe(page: Page) -> list[str]:
    return [one.id for one in harness.axe_violations(page)]


def _write(folder: Path, html: str) -> Path:
    file = folder / "page.html"
    file.write_text(html, encoding="utf-8")
    return file


def _with(part: str) -> tuple[str, str]:
    return ("<!--here-->", part)


# check, (what is replaced in the good page, by what), the fault that it must tell
BROKEN = [
    (_on_phone, _with('<p style="width: 400px">넓은 글</p>'), "scrolls sideways"),
    (_on_phone, _with('<p style="width: 400px">넓은 글</p>'), "out of the page: <p> 넓은 글"),
    (_on_phone, _with(f'<p style="white-space: nowrap">{LONG}</p>'), "scrolls sideways"),
    (_on_phone, _with('<p style="position: absolute; left: -50px">밖</p>'), "out of the page"),
    (
        _on_phone,
        _with(f'<p style="overflow: hidden; white-space: nowrap">{LONG}</p>'),
        "text cut off",
    ),
    (
        _on_phone,
        _with(f'<div style="overflow: hidden; height: 20px"><p>{LONG}</p></div>'),
        "text cut off: <p>",
    ),
    (_on_phone, ('x="5"', 'x="190"'), "text cut off: <text> 완료"),
    (
        harness.overflow_on_paper,
        _with(f'<div class="wide"><p style="white-space: nowrap">{LONG}</p></div>'),
        "text cut off: <p> 공약공약",
    ),
    (
        harness.overflow_on_paper,
        _with("<style>@media print { h2 { width: 700px } }</style>"),
        "out of the page: <h2>",
    ),
    (_small, _with('<small style="font-size: 8px">작은 글</small>'), "text of 8.0 px"),
    (_small, ('width="200">', 'width="100">'), "text of 8.0 px: <text>"),  # 16 px at half
    (_axe, _with('<p style="color: #999">흐린 글</p>'), "color-contrast"),
    (_axe, ("<label>분야 ", "<label>분야</label><label>"), "select-name"),
    (_axe, ('lang="ko"', ""), "html-has-lang"),
    (_axe, ('<main id="content">', '<div id="content">'), "landmark-one-main"),
    (
        _axe,
        _with('<button style="min-width: 9px; width: 9px; padding: 0">가</button>' * 2),
        "target-size",
    ),
    (harness.kwcag, ('role="img" ', ""), "5.1.1 no alternative: <svg>"),
    (
        harness.kwcag,
        _with('<p><svg aria-hidden="true" width="9" height="9"></svg></p>'),
        "5.1.1 no alternative: <svg>",
    ),
    (harness.kwcag, _with('<img src="data:image/gif;base64,R0lGOD">'), "5.1.1 no alt: <img>"),
    (harness.kwcag, ("상태별 건수</caption>", "</caption>"), "5.3.1 no caption"),
    (harness.kwcag, ('<th scope="row">', "<th>"), "5.3.1 th without scope: <th> 완료"),
    (
        harness.kwcag,
        _with("<table><caption>표</caption><tr><td>1</td></tr></table>"),
        "5.3.1 no th",
    ),
    (harness.kwcag, _with("<video autoplay></video>"), "5.4.2 plays by itself"),
    (
        harness.kwcag,
        ('<button type="button">', '<button style="min-height: 0; height: 20px">'),
        "6.1.3",
    ),
    (
        harness.kwcag,
        _with('<a href="#content" style="display: block; width: 9px; height: 9px">본문</a>'),
        "6.1.3 9×9 px",
    ),
    (harness.kwcag, _with("<marquee>알림</marquee>"), "6.2.2 moves by itself"),
    (
        harness.kwcag,
        _with(
            "<style>@keyframes pulse { to { opacity: .9 } }</style>"
            '<p style="animation: pulse 1s infinite">알림</p>'
        ),
        "6.2.2 never stops moving: <p> 알림",
    ),
    (harness.kwcag, ('href="#content"', 'href="#"'), "6.4.1"),
    (harness.kwcag, ("<title>가람구 공약</title>", "<title></title>"), "6.4.2 no title"),
    (harness.kwcag, _with("<h1>둘째</h1>"), "6.4.2 2 h1"),
    (harness.kwcag, ("<h2>이행률</h2>", "<h3>이행률</h3>"), "6.4.2 h3 below h1: <h3> 이행률"),
    (harness.kwcag, _with("<h2> </h2>"), "6.4.2 empty"),
    (harness.kwcag, _with('<a href="#content">여기</a>'), "6.4.3 says not where to: “여기”"),
    (harness.kwcag, _with('<a href="#content">근거</a> <a href="#x">근거</a>'), "6.4.3 two places"),
    (harness.kwcag, _with('<button aria-label="지우기">취소</button>'), "6.5.3"),
    (harness.kwcag, ('lang="ko"', 'lang="en"'), "7.1.1"),
    (harness.kwcag, _with('<p id="content">둘째</p>'), "8.1.1 twice: #content"),
    (harness.drawn_contrast, ('y="20" fill="#222"', 'y="20" fill="#888"'), "5.4.3 contrast 3.54"),
    (harness.drawn_contrast, ('height="40" fill="#fff"', 'height="40" fill="#345"'), "5.4.3"),
    (harness.keyboard, ("button, select {", ":focus { outline: none }\nbutton {"), "6.1.2 focus"),
    (harness.keyboard, _with('<span onclick="1">누름</span>'), "6.1.1 only for the mouse: <span>"),
    (harness.keyboard, _with('<button tabindex="3">먼저</button>'), "6.1.2 order is forced"),
    (
        harness.keyboard,
        _with('<button onkeydown="event.preventDefault()">덫</button><button>다음</button>'),
        "6.1.1 Tab reaches not <button> 다음",
    ),
    (harness.broken_links, _with('<a href="#nowhere">없는 곳</a>'), "no #nowhere"),
    (harness.broken_links, _with('<a href="r2/page.html">다음 판</a>'), "no file: r2/page.html"),
]


@pytest.mark.parametrize(("check", "change", "fault"), BROKEN)
def test_a_check_tells_its_fault(
    page: Page, tmp_path: Path, check: Faults, change: tuple[str, str], fault: str
) -> None:
    assert GOOD.count(change[0]) == 1
    page.goto(_write(tmp_path, GOOD.replace(*change)).as_uri())
    assert [one for one in check(page) if fault in one]


@pytest.mark.parametrize(
    "check",
    [
        *(_on_phone, _small, _axe, harness.kwcag),
        *(harness.drawn_contrast, harness.keyboard, harness.broken_links),
    ],
)
def test_a_check_finds_nothing_on_a_good_page(page: Page, tmp_path: Path, check: Faults) -> None:
    """What lies in a box that scrolls, and what is only for the ear, is no overflow."""
    wide = f'<div class="wide" tabindex="0" role="region" aria-label="긴 글"><p style="white-space: nowrap">{LONG}</p></div>'
    heard = f'<p style="position: absolute; width: 1px; height: 1px; overflow: hidden">{LONG}</p>'
    links = '<p><a href="page.html">이 쪽</a> <a href="#content">처음으로</a></p>'
    page.goto(_write(tmp_path, GOOD.replace("<!--here-->", wide + heard + links)).as_uri())
    assert check(page) == []


def test_paper_is_looked_at_with_its_own_style(page: Page, tmp_path: Path) -> None:
    wide = f'<div class="wide"><p class="long">{LONG}</p></div>'
    style = "<style>@media screen { .long { white-space: nowrap } }</style>"
    page.goto(_write(tmp_path, GOOD.replace("<!--here-->", style + wide)).as_uri())
    assert harness.overflow_on_paper(page) == []


def test_markup_tells_what_is_not_closed_or_given_twice() -> None:
    assert harness.markup(GOOD) == []
    assert harness.markup("<p>a<br>b</p><rect/>") == []
    assert harness.markup("<ul><li>하나</ul>") == [
        "8.1.1 </ul> closes ['li'] at (1, 10)",
        "8.1.1 never closed: <ul>",
        "8.1.1 never closed: <li>",
    ]
    assert "an attribute twice" in harness.markup('<p id="a" id="b"></p>')[0]


@pytest.mark.parametrize(
    ("part", "stray"),
    [
        ('<img src="http://127.0.0.1:9/a.png" alt="">', "asks for http://127.0.0.1:9/a.png"),
        ('<link rel="stylesheet" href="style.css">', "asks for file:///"),
        ("<script>new WebSocket('ws://127.0.0.1:9')</script>", "asks for ws://127.0.0.1:9"),
        ("<script>console.error('no good')</script>", "no good"),
        ("<script>throw new Error('broke')</script>", "fails: broke"),
        ("<script>Promise.reject(new Error('late'))</script>", "fails: late"),
    ],
)
def test_what_a_page_must_never_do_is_noted(
    browser: Browser, tmp_path: Path, part: str, stray: str
) -> None:
    page, strays = harness.opened(browser, _write(tmp_path, GOOD.replace("<!--here-->", part)))
    page.wait_for_timeout(50)
    page.context.close()
    assert [one for one in strays if stray in one]


def test_a_control_counts_as_high_as_itself_under_any_font(page: Page, tmp_path: Path) -> None:
    """The label's own box is as high as its letters; the control in it keeps its 24 px."""
    low = GOOD.replace("<label>", '<label style="font-size: 12px; line-height: 1">')
    page.goto(_write(tmp_path, low).as_uri())
    assert harness.kwcag(page) == []
