"""A browser for each file of tests, and pages that fail their test when they reach out."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from etl.office.pdf import browser_path
from etl.problems import UsageError
from tests.browser.harness import opened, running_browser

Open = Callable[[Path], Page]


@pytest.fixture(scope="session")
def chromium() -> str:
    """The system's browser. Where there is none the test is skipped; in CI it fails."""
    try:
        return browser_path()
    except UsageError as missing:
        pytest.fail(str(missing)) if os.environ.get("CI") == "true" else pytest.skip(str(missing))


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser for a file: its driver keeps an event loop, which no other file must meet."""
    with running_browser(chromium) as browser:
        yield browser


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Opens files; in the end none may have asked for anything else or reported an error."""
    opened_here: list[tuple[Page, list[str]]] = []

    def open_(file: Path) -> Page:
        opened_here.append(opened(browser, file))
        return opened_here[-1][0]

    yield open_
    for page, _ in opened_here:
        page.context.close()
    assert not [stray for _, strays in opened_here for stray in strays]
