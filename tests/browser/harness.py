"""A page in headless Chromium, and what it must hold: each check returns its faults, or nothing.

What of the Korean guide (KWCAG 2.2, 33 items) is looked at by whom:

| items | by |
|---|---|
| 5.1.1 5.3.1 5.4.2 6.1.3 6.2.2 6.3.1 6.4.1 6.4.2 6.4.3 6.5.3 7.1.1 | `kwcag` |
| 5.4.3 contrast | `axe_violations`, and `drawn_contrast` for the texts of drawings |
| 6.1.1 6.1.2 keyboard | `keyboard` |
| 8.1.1 markup | `markup` (nesting, attributes), `kwcag` (ids) |
| 7.3.2 8.2.1 labels, roles | `axe_violations` |
| 5.3.2 5.3.3 5.4.1 5.4.4 order, instructions, colour alone, neighbours | people, on screenshots |
| 5.2.1 6.1.4 6.2.1 6.4.4 6.5.1 6.5.2 6.5.4 7.2.1 7.2.2 7.3.1 7.3.3 7.3.4 | not in a page without \
sound, shortcuts, time limits, page numbers, gestures, forms that are sent, or a login |
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from etl.office.pdf import BROWSER_FLAGS

CHECKS = (Path(__file__).parent / "checks.js").read_text(encoding="utf-8")
PHONE, NARROW, HALF, DESK = 360, 320, 640, 1280  # CSS pixels; HALF is DESK at 200 %
PAPER = 680  # CSS pixels of 180 mm: A4 less two margins of 15 mm
MILLISECONDS = 10_000  # for any single step
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VOID = frozenset(
    "area base br col embed hr img input link meta param source track wbr".split()  # noqa: SIM905
)


class Violation(NamedTuple):
    """One element that breaks one rule of axe."""

    id: str
    target: str
    summary: str


@contextmanager
def running_browser(path: str) -> Iterator[Browser]:
    """A browser for as long as the block lasts; nothing of it stays on the disk."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, headless=True, args=list(BROWSER_FLAGS), timeout=3 * MILLISECONDS
        )
        yield browser
        browser.close()


def opened(browser: Browser, file: Path) -> tuple[Page, list[str]]:
    """Return the page of a file, and the growing list of what it must never do.

    That is: ask for anything but the file itself and pictures of its own site, the folder with a
    start page that it lies in (nothing gets out: the page is offline), write
    an error to the console, let an error go uncaught.
    """
    page = browser.new_context(offline=True, locale="ko-KR").new_page()
    page.set_default_timeout(MILLISECONDS)
    strays: list[str] = []
    url = file.resolve().as_uri()
    sites = [one.as_uri() for one in file.resolve().parents if (one / "index.html").exists()]

    def asked(address: str, kind: str = "") -> None:
        if kind == "image" and any(address.startswith(f"{one}/") for one in sites):
            return
        if address.partition("#")[0] != url and urlsplit(address).scheme not in ("data", "blob"):
            strays.append(f"asks for {address}")

    page.on("request", lambda request: asked(request.url, request.resource_type))
    page.on("websocket", lambda socket: asked(socket.url))
    page.on("pageerror", lambda error: strays.append(f"fails: {error.message}"))
    page.on(
        "console",
        lambda message: strays.append(message.text) if message.type == "error" else None,
    )
    page.goto(url)
    return page, strays


def overflow(page: Page, width: int) -> list[str]:
    """What does not fit into a window of that width, or is cut off in it."""
    _resize(page, width)
    return _check(page, "overflow", False)


def overflow_on_paper(page: Page) -> list[str]:
    """What does not fit between the margins of A4, or scrolls on a screen and is cut off there."""
    page.emulate_media(media="print")
    _resize(page, PAPER)
    faults: list[str] = _check(page, "overflow", True)
    page.emulate_media(media="screen")
    return faults


def small_text(page: Page, width: int, least: float = 10.0) -> list[str]:
    """Texts below `least` CSS pixels as painted, those of scaled drawings too."""
    _resize(page, width)
    return _check(page, "smallText", least)


def axe_violations(page: Page) -> list[Violation]:
    """Every element that breaks a rule of WCAG 2.2 A or AA, or one of axe's best practices."""
    options = {
        "runOnly": {"type": "tag", "values": AXE_TAGS},
        "resultTypes": ["violations"],
        "rules": {"target-size": {"enabled": True}},
    }
    found = Axe().run(page, options=options).response["violations"]
    return [
        Violation(rule["id"], " ".join(map(str, node["target"])), node["failureSummary"])
        for rule in found
        for node in rule["nodes"]
    ]


def kwcag(page: Page) -> list[str]:
    """What the Korean guide asks and axe does not; each fault begins with the guide's item."""
    return _check(page, "kwcag")


def drawn_contrast(page: Page) -> list[str]:
    """Texts of drawings with a contrast below 4.5 to what is painted beneath their middle."""
    return _check(page, "drawnContrast")


def keyboard(page: Page) -> list[str]:
    """What the Tab key does not reach, or reaches without a mark that shows it."""
    for _ in range(_check(page, "watchFocus") + 1):
        page.keyboard.press("Tab")
    return _check(page, "unreached")


def broken_links(page: Page) -> list[str]:
    """References within the page to no id, and links to files that do not lie beside it."""
    base = Path(unquote(urlsplit(page.url).path)).parent
    hrefs: list[str] = page.eval_on_selector_all(
        "a[href]", "links => links.map(one => one.getAttribute('href'))"
    )
    paths = [
        unquote(parts.path)
        for parts in map(urlsplit, hrefs)
        if parts.path and not parts.scheme and not parts.netloc
    ]
    missing = [f"no file: {path}" for path in paths if not (base / path).exists()]
    return missing + _check(page, "brokenLinks")


def markup(html: str) -> list[str]:
    """Elements not closed where they should be, and attributes given twice (KWCAG 8.1.1)."""
    parser = _Nesting(convert_charrefs=True)
    parser.feed(html)
    parser.close()
    return parser.faults + [f"8.1.1 never closed: <{tag}>" for tag in parser.inside]


class _Nesting(HTMLParser):
    """Keeps the stack of open elements; what HTML lets one leave out is asked for all the same."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.inside: list[str] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.inside.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.faults.append(f"8.1.1 an attribute twice: {self.get_starttag_text()}")

    def handle_endtag(self, tag: str) -> None:
        if self.inside[-1:] == [tag]:
            self.inside.pop()
        else:
            self.faults.append(f"8.1.1 </{tag}> closes {self.inside[-1:]} at {self.getpos()}")


def _resize(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})


def _check(page: Page, name: str, *arguments: float) -> Any:
    return page.evaluate(f"{CHECKS}.{name}(...{json.dumps(arguments)})")
