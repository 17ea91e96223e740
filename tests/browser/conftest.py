"""A browser for each file of tests, and pages that fail their test when they reach out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.harness import chromium_path, opened, running_browser

Open = Callable[[Path], Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for a file: its driver keeps an event loop, which no other file must meet."""
    path = chromium_path()
    if path is None:
        reason = "no Chromium on this machine"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    with running_browser(path) as browser:
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
