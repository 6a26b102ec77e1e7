"""``make screenshots``: the pictures of the UI in the documentation, taken of the platform that `make demo` left running.

Chromium comes from the system (Debian: ``apt-get install chromium``), since playwright's own is a download of its own.
"""

import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote

from playwright.sync_api import Page, ViewportSize, sync_playwright

from local.api import Api
from local.settings import Settings

FOLDER = Path(__file__).resolve().parent / "pictures"
SIZE: ViewportSize = {"width": 1280, "height": 980}
_SETTLED = 1.5  # seconds a page's own animations take
_LARGEST = 200_000


def main() -> int:
    """Take them all."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        print("There is no Chromium here (Debian: apt-get install chromium).", file=sys.stderr)
        return 1
    settings = Settings.load()
    api = Api(settings.ui_url, "admin", settings.secret("ui_admin"))
    if not api.ready():
        print("The platform does not run. Run: make demo", file=sys.stderr)
        return 1
    shots = list(_shots(api))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--no-proxy-server"])
        page = browser.new_page(viewport=SIZE, base_url=settings.ui_url, locale="en-GB", timezone_id="UTC", color_scheme="light")
        _sign_in(page, settings.secret("ui_admin"))
        for name, path, words in shots:
            _take(page, name, path, words)
        browser.close()
    return 0


def _shots(api: Api) -> Iterator[tuple[str, str, str]]:
    """Name, path, and words that stand on the page when it is all there; the tutorial's only where somebody followed it."""
    yield "ui-dags", "/dags", "Resolve customers"
    for run in _runs(api, "ingest_store_pos"):
        if run.startswith("bulk"):
            yield "ui-report", f"/dags/ingest_store_pos/runs/{quote(run, safe='')}/plugin/quality-report", "Where the rows went"
    for run in _runs(api, "ingest_newsletter")[-1:]:
        yield "ui-first-source", f"/dags/ingest_newsletter/runs/{quote(run, safe='')}", "gate_cleaned"


def _runs(api: Api, dag_id: str) -> list[str]:
    try:
        return [run["dag_run_id"] for run in api.runs(dag_id, ["success"])]
    except HTTPError:
        return []


def _sign_in(page: Page, password: str) -> None:
    page.goto("/")
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", password)
    page.click("button[type=submit]")
    page.wait_for_url("**/")


def _take(page: Page, name: str, path: str, words: str) -> None:
    """The page at a path, once it or the frame in it says these words."""
    page.goto(path)
    place = page.frame_locator("iframe").get_by_text(words) if "/plugin/" in path else page.get_by_text(words)
    place.first.wait_for(timeout=40_000)
    time.sleep(_SETTLED)
    file = FOLDER / f"{name}.png"
    page.screenshot(path=file)
    note = "" if file.stat().st_size < _LARGEST else f"  too large for a page: {file.stat().st_size:,} bytes"
    print(f"docs/pictures/{file.name}{note}")


if __name__ == "__main__":
    sys.exit(main())
