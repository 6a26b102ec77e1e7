"""Starts one of the servers, tells it what to answer with, and reads what it was asked."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self


class Server:
    """A service, and what it was asked."""

    def __init__(self, module: str, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", f"tests.api_servers.{module}", str(folder)], cwd=Path(__file__).parents[2]
        )
        deadline = time.monotonic() + 30
        while not (folder / "port").exists():
            assert self.process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        self.url = f"http://127.0.0.1:{(folder / 'port').read_text()}"

    def fails(self, *faults: dict[str, Any]) -> None:
        (self.folder / "faults.json").write_text(json.dumps(faults))

    def allows(self, requests: int, seconds: float) -> None:
        """From now on no more than so many requests in any stretch of so many seconds."""
        (self.folder / "limit.json").write_text(json.dumps({"requests": requests, "seconds": seconds}))

    def takes(self, seconds: float) -> None:
        """From now on each answer takes so long."""
        (self.folder / "takes.json").write_text(json.dumps(seconds))

    @property
    def exceeded(self) -> int:
        """How many requests were more than allowed."""
        file = self.folder / "exceeded"
        return len(file.read_text().splitlines()) if file.exists() else 0

    def forget(self) -> None:
        for name in ("requests.jsonl", "limit.json", "takes.json", "exceeded"):
            (self.folder / name).unlink(missing_ok=True)
        self.fails()

    @property
    def asked(self) -> list[dict[str, Any]]:
        file = self.folder / "requests.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
