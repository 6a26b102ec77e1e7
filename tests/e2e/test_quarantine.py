"""Rows that wrong declarations set aside come back on a running platform, once the declarations are mended.

A key moved and a rule is too strict: mended, the rows run again from landing and leave. What stays unreadable is discarded with a
reason. Every row is accounted for all the while.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from local.demo import RESOLVE, SOURCES, Span, sync, wait_parsed
from tests.e2e.driver import Suki, running, wait
from tests.e2e.people import found_in, masked, personal_values

pytestmark = [pytest.mark.e2e, pytest.mark.long]

REPLAYS = "replay_quarantine"
SPAN = Span("bulk", datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 8, 3, tzinfo=UTC))
SHOP = "online_sales"

MOVED, TOO_STRICT, UNREADABLE = "has_key", "order_after_the_shop_opened", "readable"
"""Why rows are set aside: a key under another name, orders of a shop that is older than the rule has it, lines cut off."""


@dataclass(frozen=True)
class Declared:
    """A file of the platform's own copy of the declarations, of which a line is changed."""

    file: str
    line: str
    changed: str

    def change(self, suki: Suki) -> None:
        self._write(suki, self.line, self.changed)

    def back(self, suki: Suki) -> None:
        self._write(suki, self.changed, self.line)

    def _write(self, suki: Suki, old: str, new: str) -> None:
        path = suki.settings.root / "include" / "sources" / self.file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{self.file} is declared otherwise than this test knows"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")


RULE = Declared(f"{SHOP}/expectations/cleaned_interactions.yml", "max_value: 7300", "max_value: 3650")
KEY = Declared(f"{SHOP}/source.yml", "key: id\n", "key: {first_of: [id, customerId]}\n")


@dataclass
class Aside:
    """What became of rows that were set aside, step by step."""

    suki: Suki
    moved: list[str]
    """Shop's keys of the customers whose key stands under another name."""
    old: list[str]
    """Keys of the orders that the rule takes for misread."""
    listed: CompletedProcess[str]
    shown: CompletedProcess[str]
    waiting: dict[str, int]
    """Reason > rows of the shop that wait, after the sync."""
    in_vain: dict[str, int]
    """The same after a replay before anything was mended."""
    released: list[CompletedProcess[str]]
    replayed: dict[str, int]
    """The same after the declarations were mended and the released rows had run again."""
    unasked: CompletedProcess[str]
    discarded: CompletedProcess[str]
    left: dict[str, int]


@pytest.fixture(scope="module")
def suki() -> Iterator[Suki]:
    """A platform of this chapter's own, with declarations of its own."""
    with running(people=150, days=2, own_project=True) as suki:
        wait_parsed(suki.platform, {*(f"ingest_{source}" for source in SOURCES), RESOLVE, REPLAYS})
        yield suki


@pytest.fixture(scope="module")
def aside(suki: Suki) -> Aside:
    """Two days by wrong declarations, which are mended."""
    moved, old = _spoil(suki.settings.exports / SHOP / f"{SPAN.start:%Y-%m-%d}")
    RULE.change(suki)
    sync(suki.platform, SPAN)
    waiting, listed = waiting_of(suki), suki.command("quarantine", "list")
    shown = suki.command("quarantine", "show", "--source", SHOP)
    in_vain = replay(suki, "in_vain", source=SHOP, all=True)

    KEY.change(suki)
    RULE.back(suki)
    why = ("--why", "it was declared wrongly", "--actor", "mara")
    released = [suki.command("quarantine", "release", "--source", SHOP, "--reason", one, *why) for one in (MOVED, TOO_STRICT)]
    replayed = replay(suki, "mended")
    which = ("quarantine", "discard", "--source", SHOP, "--reason", UNREADABLE)
    unasked = suki.command(*which)
    discarded = suki.command(*which, "--why", "cut off for good", "--actor", "mara")
    return Aside(suki, moved, old, listed, shown, waiting, in_vain, released, replayed, unasked, discarded, waiting_of(suki))


def _spoil(folder: Path) -> tuple[list[str], list[str]]:
    """Two customers send their key under another name, two orders are older than any, and a line is cut off."""
    customers, orders = folder / "customers.jsonl", folder / "orders.jsonl"
    lines = customers.read_text(encoding="utf-8").splitlines()
    numbers = [number for number, line in enumerate(lines) if line.startswith('{"id":"gid://shopify/Customer/')][:2]
    moved = [json.loads(lines[number])["id"] for number in numbers]
    for number in numbers:
        lines[number] = lines[number].replace('{"id":', '{"customerId":', 1)
    customers.write_text("".join(f"{line}\n" for line in [*lines, lines[0][: len(lines[0]) // 2]]), encoding="utf-8")

    first = next(json.loads(line) for line in orders.open(encoding="utf-8") if line.startswith('{"id":"gid://shopify/Order/'))
    old = [f"gid://shopify/Order/{number}" for number in (11, 12)]
    with orders.open("a", encoding="utf-8") as file:
        for key in old:
            moments = {"createdAt": "2012-03-04T05:06:07Z", "updatedAt": "2012-03-04T05:06:07Z"}
            file.write(json.dumps({**first, "id": key, "name": f"#{key[-2:]}", **moments}) + "\n")
    return moved, old


def waiting_of(suki: Suki) -> dict[str, int]:
    """Reason > rows of the shop that wait, as the command counts them."""
    found = json.loads(suki.command("quarantine", "list", "--source", SHOP, "--json").stdout)
    return {",".join(group["reasons"]): group["rows"] for group in found}


def replay(suki: Suki, run_id: str, **asked: Any) -> dict[str, int]:
    """Run rows again, and wait until what came of it is resolved."""
    suki.platform.api.start(REPLAYS, run_id, asked)
    wait(lambda: suki.state(REPLAYS, run_id) in ("success", "failed"), f"{REPLAYS} to end")
    assert suki.state(REPLAYS, run_id) == "success", suki.failures()
    suki.until_quiet()
    return waiting_of(suki)


def staged_keys(suki: Suki, keys: list[str]) -> set[str]:
    found = suki.ask("SELECT source_key FROM staging.current_record JOIN staging.record USING (record_id)"
                     " WHERE source_key = ANY(%s)", keys)  # fmt: skip
    return {key for (key,) in found}


def unbalanced(suki: Suki) -> list[tuple[Any, ...]]:
    """Steps that lost rows, and runs that have not staged what they took in less what they set aside or knew."""
    steps = suki.ask("SELECT run_id, step FROM ops.step_count WHERE rows_in <> rows_out + quarantined + unchanged + suppressed")
    return steps + suki.ask(
        """SELECT dag_id, run_id, source, stream FROM ops.step_count GROUP BY 1, 2, 3, 4
           HAVING count(*) FILTER (WHERE step = 'stage') > 0
              AND max(rows_in) FILTER (WHERE step IN ('extract', 'select'))
               <> max(rows_out) FILTER (WHERE step = 'stage') + sum(quarantined + unchanged + suppressed)"""
    )


def test_rows_refused_by_wrong_declarations_are_set_aside_and_told_by_reason_without_a_value(aside: Aside):
    assert aside.waiting.get(MOVED) == 2
    assert aside.waiting.get(TOO_STRICT) == 2
    assert aside.waiting.get(UNREADABLE, 0) >= 1
    for reason in (MOVED, TOO_STRICT, UNREADABLE):
        assert reason in aside.listed.stdout
        assert reason in aside.shown.stdout
    assert "customers.jsonl:" in aside.shown.stdout
    said = aside.listed.stdout + aside.shown.stdout
    assert masked(found_in(said, personal_values(aside.suki.settings.exports))) == []


def test_nothing_leaves_before_the_declaration_is_mended(aside: Aside):
    assert aside.in_vain == aside.waiting


def test_mended_and_released_the_rows_pass_leave_and_become_customers(aside: Aside):
    suki = aside.suki
    assert [done.stdout.split(" released.")[0] for done in aside.released] == ["2 rows are", "2 rows are"]
    assert aside.replayed == {why: n for why, n in aside.waiting.items() if why not in (MOVED, TOO_STRICT)}
    assert staged_keys(suki, aside.moved) == set(aside.moved)
    known = suki.ask("SELECT count(*) FROM golden.crosswalk JOIN staging.record USING (record_id) WHERE source_key = ANY(%s)",
                     aside.moved)  # fmt: skip
    assert known == [(2,)]
    assert suki.ask("SELECT count(*) FROM staging.interaction WHERE occurred_at < '2013-01-01' AND source = %s", SHOP) == [(2,)]


def test_discarding_asks_for_a_reason_and_keeps_who_did_it(aside: Aside):
    assert aside.unasked.returncode == 2
    assert "--why" in aside.unasked.stderr
    assert aside.discarded.returncode == 0, aside.discarded.stderr
    assert aside.left == {why: n for why, n in aside.replayed.items() if why != UNREADABLE}
    trail = aside.suki.ask("SELECT DISTINCT state, actor, why FROM staging.quarantine_event WHERE actor IS NOT NULL ORDER BY 1")
    assert trail == [("discarded", "mara", "cut off for good"), ("released", "mara", "it was declared wrongly")]


def test_every_row_is_accounted_for_the_ones_set_aside_included(aside: Aside):
    suki = aside.suki
    assert unbalanced(suki) == []
    first = "SELECT sum(quarantined) FROM ops.step_count WHERE dag_id <> %s AND source = %s"
    kept = "SELECT count(*) FROM staging.quarantine_now WHERE source = %s"
    assert suki.ask(first, REPLAYS, SHOP) == suki.ask(kept, SHOP), "a row that was set aside has left without a trace"
