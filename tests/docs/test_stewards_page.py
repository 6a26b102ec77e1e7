"""docs/stewards.md, its story told anew: each command is typed, and says what the page says; the runs between say its figures.

Ids and moments are opaque: an id that the page shows may be any, so long as it stays the same one, and a moment any moment. Where
a figure moved, the failed test leaves the page as it would be printed now, for somebody to look at and to copy.
"""

import difflib
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sample.rates import load
from sample.world import make
from suki import cli
from tests.integration.flow.world import World, deliver, shopper

pytestmark = pytest.mark.integration

PAGE = Path(__file__).resolve().parents[2] / "docs" / "stewards.md"
SOURCES = ("online_sales", "store_pos", "social", "support")
PEOPLE, DAYS = 150, 15
BULK, LATE = ("2026-08-01", "2026-08-16"), ("2026-08-16", "2026-08-17")
_STEP = re.compile(r"^```text\n(?P<shown>\$ .*?)^```$|^<!-- a test does: (?P<does>[\w ]+) -->$", re.DOTALL | re.MULTILINE)
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d UTC)?")


@dataclass
class Teller:
    """Tells the story on a world, and writes down how it went."""

    world: World
    read: Callable[[], str]
    """What was printed since it was last asked."""
    ids: dict[str, str] = field(default_factory=dict)
    """Id on the page > id here."""
    hashes: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    """What the page says and nobody says now, or the other way round."""
    sequence: int = 0

    def tell(self, page: str) -> str:
        """The page as it would be printed now."""
        does = {
            "begin": self.begin, "run": self.run, "run back": self.run_back, "look at the merge": self.look_at_merge,
            "deliver": self.deliver_late,
        }  # fmt: skip
        plain = " ".join(page.split())

        def told(step: re.Match[str]) -> str:
            if step["does"]:
                self.lost += [f"nowhere on the page: {said}" for said in does[step["does"]]() if said not in plain]
                return step[0]
            parts = re.split(r"^(?=[$] )", step["shown"], flags=re.MULTILINE)[1:]
            return f"```text\n{''.join(map(self.typed, parts))}```"

        return _STEP.sub(told, page)

    def typed(self, part: str) -> str:
        """One command and what it says."""
        command, promised = part.split("\n", 1)
        self.read()
        words = shlex.split(command.removeprefix("$ bin/suki "), comments=True)
        with self.world.connected():
            cli.main([self.ids.get(word, word) for word in words])
        said = self.read()
        if self.agrees(promised, said):
            return part
        self.lost.append(f"{command} says\n{said}")
        return f"{command}\n{_as_short(promised, said)}"

    def agrees(self, promised: str, said: str) -> bool:
        """Whether that is what the page promises; … of whole lines stands for any. Ids seen for the first time are noted."""
        pattern = ""
        groups: dict[str, str] = {}
        for line in promised.splitlines(keepends=True):
            if line == "...\n":
                pattern += r"(?:.*\n)*?"
                continue
            at = 0
            for found in re.finditer(f"{_ID.pattern}|{_MOMENT.pattern}", line):
                pattern += re.escape(line[at : found.start()])
                at = found.end()
                if not _ID.fullmatch(found[0]):
                    pattern += _MOMENT.pattern
                elif found[0] in self.ids:
                    pattern += re.escape(self.ids[found[0]])
                elif found[0] in groups:
                    pattern += f"(?P={groups[found[0]]})"
                else:
                    groups[found[0]] = f"id{len(groups)}"
                    pattern += f"(?P<{groups[found[0]]}>{_ID.pattern})"
            pattern += re.escape(line[at:])
        match = re.fullmatch(pattern, said)
        if match:
            self.ids |= {page: match[name] for page, name in groups.items()}
        return match is not None

    # --- what happens between the commands; each says what the page must say of it ---

    def begin(self) -> list[str]:
        for source in SOURCES:
            self.world.ingest(source, *BULK)
        (said, *_) = self.run()
        ((records,),) = self.world.query("SELECT count(*) FROM golden.crosswalk")
        return [f"({PEOPLE} people, {DAYS} days; {records} records, {said.removesuffix('.')})"]

    def run(self) -> list[str]:
        """A run of resolve_customers, and what it counts."""
        self.sequence += 1
        counts = (self.world.resolve(f"run {self.sequence}") or {})["counts"]
        kinds = [f"{counts[kind]} {kind}" for kind in ("merged", "split", "updated") if counts[kind]]
        customers = f"{counts['customers']} customers"
        self.hashes.append(self.world.golden_hash())
        return [f"{', '.join([customers, *kinds])}."]

    def run_back(self) -> list[str]:
        """A run after which all must be as it was before the last."""
        said = self.run()
        if self.hashes[-1] not in self.hashes[:-1]:
            self.lost.append("the golden content hash is not what it was before the merge")
        return said

    def look_at_merge(self) -> list[str]:
        """What the last run told the change feed of whom it made one, and what they did."""
        ((fields,),) = self.world.query(
            "SELECT fields FROM golden.customer_change WHERE change = 'updated' AND sequence = :n", n=self.sequence
        )
        ((acts,),) = self.world.query(
            "SELECT count(*) FROM golden.customer_interaction WHERE customer_id ="
            " (SELECT became FROM golden.customer_change WHERE change = 'merged' AND sequence = :n)", n=self.sequence,
        )  # fmt: skip
        return [f"`{', '.join(fields)}`", f"All {acts} interactions of both"]

    def deliver_late(self) -> list[str]:
        """An account of the online shop, of the person whose lead and till card are one customer."""
        ((name, phone),) = self.world.query(
            "SELECT full_name, phones[1] FROM golden.customer WHERE customer_id ="
            " (SELECT split_from[1] FROM golden.customer_change WHERE change = 'split' ORDER BY change_id DESC LIMIT 1)"
        )
        given, family = name.split(" ", 1)
        old = {"createdAt": "2019-03-02T10:00:00Z", "updatedAt": "2019-03-02T10:00:00Z"}
        account = shopper(1, firstName=given, lastName=family, phone=phone, email=None, defaultAddress=None, **old)
        deliver(self.world.exports, LATE[0], [account])
        self.world.ingest("online_sales", *LATE)
        return self.run()[:1]


def _as_short(promised: str, said: str) -> str:
    """What was said, left out where the page leaves something out: of what it shows, the lines most like."""
    lines, shown = said.splitlines(keepends=True), promised.splitlines(keepends=True)
    if "...\n" not in shown:
        return said
    near = [line if line == "...\n" else (difflib.get_close_matches(line, lines, 1, 0.3) or [""])[0] for line in shown]
    return "".join(near)


@pytest.fixture
def teller(fresh_warehouse_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Teller:
    """On the sample world, smaller, of which nothing has come yet."""
    make(rates := load(), tmp_path / "exports", tmp_path / "truth", people=PEOPLE, seed=rates.world.seed, days=DAYS)

    def read() -> str:
        shown = capsys.readouterr()
        return shown.out + shown.err

    return Teller(World(fresh_warehouse_url, tmp_path / "exports", tmp_path / "lake"), read)


def test_the_story_is_as_it_is_told(teller: Teller, tmp_path: Path):
    page = PAGE.read_text(encoding="utf-8")
    anew = tmp_path / PAGE.name
    anew.write_text(teller.tell(page), encoding="utf-8")
    assert not teller.lost, "\n\n".join([f"As it would be printed now: {anew}", *teller.lost])
    assert (len(teller.ids) > 10, teller.sequence) == (True, 6)
