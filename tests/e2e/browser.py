"""A real browser: the Chromium of this machine, worked by Playwright."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Error, Frame, Page, sync_playwright

from tests.e2e.driver import Suki, wait

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
MISSING = "no Chromium here (Debian: apt-get install chromium)"


def unavailable() -> bool:
    """Whether to do without, on a laptop. Where every change is checked a browser must be there: a skipped test shows nothing."""
    return PROGRAM is None and not os.environ.get("CI")


needed = pytest.mark.skipif(unavailable(), reason=MISSING)


@contextmanager
def page() -> Iterator[Page]:
    """A new tab of a browser that remembers nothing."""
    assert PROGRAM is not None, MISSING
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=["--no-proxy-server", "--disable-dev-shm-usage"])
        tab = browser.new_page(viewport={"width": 1400, "height": 1000})
        tab.set_default_timeout(40_000)
        try:
            yield tab
        finally:
            browser.close()


def sign_in(tab: Page, suki: Suki, user: str) -> None:
    """As a person does it."""
    tab.goto(suki.settings.ui_url)
    tab.fill("input[name=username]", user)
    tab.fill("input[name=password]", suki.settings.secret(f"ui_{user}"))
    tab.click("button[type=submit]")
    until(tab, "Dags")


def until(tab: Page, words: str) -> str:
    """What is to be read, frames included, once it holds these words."""
    wait(lambda: words.lower() in _text(tab).lower(), f"the page to say {words!r}", patience=40)
    return _text(tab)


def _text(tab: Page) -> str:
    return "\n".join(map(_frame_text, tab.frames))


def _frame_text(frame: Frame) -> str:
    try:
        return frame.locator("body").inner_text(timeout=5_000)
    except Error:  # it went while it was read
        return ""
