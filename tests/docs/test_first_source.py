"""docs/first-source.md, followed to the letter: its files are written, its commands run, and they say what the page says.

Two things are done in the reader's place. The runs that the page starts are made by the same operators in this
process, and `make psql` leads to the test's own warehouse. The platform itself is the end-to-end tests' business.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from include.sources import discovery
from local.postgres import program
from sample.rates import load
from sample.world import make
from tests.integration.flow.world import World

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "first-source.md"
_STEP = re.compile(
    r"^```(?P<language>\w+)\n(?P<text>.*?)^```$|^<!-- a test runs: (?P<source>\w+) (?P<start>\S+) (?P<end>\S+) -->$",
    re.DOTALL | re.MULTILINE,
)
KNOWN_AT = ("online_sales", "store_pos")
"""Where the page's people are customers already."""
_FILE = re.compile(r"`(include/sources/newsletter/[\w./-]+\.\w+)`")


@dataclass
class Reader:
    """Somebody at the project's root, with a page before them."""

    home: Path
    world: World
    environment: dict[str, str]
    said: str = ""

    def follow(self, page: str) -> int:
        """Do what the page says, step by step; returns how many steps it had."""
        steps = list(_STEP.finditer(page))
        for step, before in zip(steps, [0, *(step.end() for step in steps)], strict=False):
            if step["source"]:
                self.world.ingest(step["source"], step["start"], step["end"])
                assert self.world.resolve(f"after {step['start']}") is not None
            elif step["language"] == "sh":
                self.run(step["text"])
            elif step["language"] == "text":
                self.compare(step["text"])
            else:
                file = self.home / _FILE.findall(page[before : step.start()])[-1]
                file.write_text(step["text"], encoding="utf-8")
        return len(steps)

    def run(self, commands: str) -> None:
        done = subprocess.run(
            ["bash", "-uc", commands], cwd=self.home, env=self.environment, capture_output=True, text=True, check=False
        )
        self.said = done.stdout + done.stderr

    def compare(self, promised: str) -> None:
        """Every line of the page stands in the output, in its order; … stands for anything."""
        lines = [_plain(line) for line in promised.splitlines() if line.strip()]
        pattern = r".*?\n".join(r".*?".join(map(re.escape, re.split(r"\s*…\s*", line))) for line in lines)
        said = "\n".join(map(_plain, self.said.splitlines()))
        assert re.search(pattern, said, re.DOTALL), f"The page promises\n{promised}\nand this came:\n{self.said}"


def _plain(line: str) -> str:
    return " ".join(line.split())


@pytest.fixture
def reader(fresh_warehouse_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    """A reader with a clone of their own, after a demo: a small world, synced and resolved."""
    home = tmp_path / "suki"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, home / name)
    make(rates := load(), home / ".suki" / "exports", tmp_path / "truth", people=150, seed=rates.world.seed, days=3)
    world = World(fresh_warehouse_url, home / ".suki" / "exports", tmp_path / "lake")
    for source in KNOWN_AT:
        world.ingest(source, "2026-08-01", "2026-08-04")
    world.resolve("the demo")

    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "make").write_text(
        f'#!/bin/sh\ncase "$1" in\n  psql) exec {shlex.quote(str(program("psql")))} {shlex.quote(fresh_warehouse_url)} ;;\n'
        f"  test) PATH={shlex.quote(os.environ['PATH'])} exec {shlex.quote(sys.executable)} -m pytest -p no:cacheprovider"
        ' $(printf "%s" "${2#ARGS=}") ;;\n  up|backfill) ;;\nesac\n',
        encoding="utf-8",
    )
    (tools / "make").chmod(0o755)
    git = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_AUTHOR_NAME": "r", "GIT_AUTHOR_EMAIL": "r@suki.example"}
    git |= {"GIT_COMMITTER_NAME": "r", "GIT_COMMITTER_EMAIL": "r@suki.example"}
    environment = {**os.environ, **git, "PATH": f"{tools}:{os.environ['PATH']}"}
    for command in ("init -q", "add -A", "commit -qm clone"):
        subprocess.run(["git", *command.split()], cwd=home, env=environment, check=True, capture_output=True)
    monkeypatch.setattr(discovery, "HERE", home / "include" / "sources")
    yield Reader(home, world, environment)
    shutil.rmtree(home)


def test_the_page_can_be_followed_to_the_letter(reader: Reader):
    assert reader.follow(PAGE.read_text(encoding="utf-8")) > 20
    assert reader.said == "", "after the last command git has nothing to say: the clone is as it was"
    assert reader.world.query("SELECT count(*) FROM staging.current_record WHERE source = 'newsletter'") == [(0,)]
