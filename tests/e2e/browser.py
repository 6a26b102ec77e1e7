"""A browser, worked through its own debugging interface: Chromium where there is one."""

import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.e2e.driver import wait

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
_OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--no-proxy-server",
            "--remote-debugging-port=0", "--window-size=1400,1000", "--disable-background-networking")  # fmt: skip


class Page:
    """One tab."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection, self._number = connection, 0

    def tell(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        self._connection.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._connection.recv(timeout=30))
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return dict(answer["result"])

    def go(self, address: str) -> None:
        self.tell("Page.navigate", url=address)

    def ask(self, expression: str) -> Any:
        return self.tell("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def text(self) -> str:
        """What is to be read, in frames of the page's own server too."""
        frames = "[document, ...[...document.querySelectorAll('iframe')].map(frame => frame.contentDocument)]"
        return str(self.ask(f"{frames}.map(page => page?.body?.innerText ?? '').join('\\n')"))

    def until(self, words: str) -> str:
        """Return the page's text when it holds these words."""
        wait(lambda: words.lower() in self.text().lower(), f"the page to say {words!r}", patience=40)
        return self.text()

    def type(self, selector: str, text: str) -> None:
        wait(lambda: bool(self.ask(f"document.querySelector({selector!r}) !== null")), selector, patience=40)
        self.ask(f"document.querySelector({selector!r}).focus()")
        self.tell("Input.insertText", text=text)


@contextmanager
def page() -> Iterator[Page]:
    """A new tab of a browser that remembers nothing."""
    assert PROGRAM is not None
    home = Path(tempfile.mkdtemp(prefix="suki-browser-"))
    browser = subprocess.Popen(
        [PROGRAM, *_OPTIONS, f"--user-data-dir={home}", "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        note = home / "DevToolsActivePort"
        wait(lambda: note.exists() and "\n" in note.read_text(), "the browser to start", patience=60)
        port = note.read_text().split()[0]
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://127.0.0.1:{port}/json", timeout=10) as answer:
            tab = next(tab for tab in json.load(answer) if tab["type"] == "page")
        with connect(tab["webSocketDebuggerUrl"], max_size=None, proxy=None) as connection:
            yield Page(connection)
    finally:
        browser.terminate()
        browser.wait()
        time.sleep(0.2)  # its children still write
        shutil.rmtree(home, ignore_errors=True)
