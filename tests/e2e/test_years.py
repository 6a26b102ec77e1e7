"""Three years of all sources are loaded under customers who are in use already: beside daily syncs, paused and gone on with.

The history is one of daily deliveries, run by Airflow's own backfill a quarter at a time, so that it takes minutes. It ends in
the customers one bulk run over all of it makes; who was known keeps answering; and the change feed tells what became of them.
"""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest

from benchmarks.naming import partition_differences, resolve_differences
from local.backfill import dag_of, under_way
from local.demo import RESOLVE, SOURCES, Span, day, sync, wait_parsed
from tests.e2e.driver import QuickSettings, Suki, running, wait
from tests.e2e.histories import BEGIN, ids_of, twin

pytestmark = [pytest.mark.e2e, pytest.mark.long]

FIRST = date(2023, 5, 1)
QUARTERS = [f"{year}-{month}-01" for year in range(2023, 2027) for month in ("02", "05", "08", "11")][1:13]
KNOWN = Span("known", datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC))
"""What is synced before the history is asked for."""
DAYS = [day(text) for text in ("2026-08-01", "2026-08-02", "2026-08-03")]
"""Synced while the history comes, while it is paused, and while it goes on."""
PATIENCE = 1200

_SPAN = (f"FROM={FIRST}", "TO=2026-04-30")
_ORDERS = (("SOURCE=online_sales,social", "REVERSE=yes"), ("SOURCE=store_pos,support", "REVERSE=no"))
"""The order in which the history comes does not matter."""

_AT_ONCE = f"""{BEGIN}
ingest_all("{FIRST}", "{DAYS[-1].end:%Y-%m-%d}")
assert resolve("at once") is not None
"""


class QuarterlySettings(QuickSettings):
    """A run is a quarter, none is scheduled by itself, and customers are resolved also while the history is open."""

    def environment(self, postgres_port: int) -> dict[str, str]:
        quarterly = {
            "AIRFLOW__SUKI__INGEST_SCHEDULE": "0 0 1 2,5,8,11 *",
            "AIRFLOW__SUKI__END_DATE": "2026-04-30",
            "AIRFLOW__SUKI__LONGEST_WAIT": "20",
        }
        return {**super().environment(postgres_port), **quarterly}


@dataclass
class Years:
    """What stood before the history, what was seen while it came, and the same by one bulk run."""

    suki: Suki
    before: dict[str, str] = field(default_factory=dict)
    """Customer id > hash of its golden row."""
    anchors: dict[str, str] = field(default_factory=dict)
    """Every id ever published > the record it was minted of."""
    told: int = 0
    """The last change told of."""
    begun: list[set[str]] = field(default_factory=list)
    """Runs of the history that had begun when it stood still, and when a day had been synced meanwhile."""
    left: int = 0
    """Runs of the history that had not begun by then."""
    published: int = 0
    """Publications while the history was open."""
    told_of: list[str] = field(default_factory=list)
    """What `make backfill` said of how far it is, and at the end."""
    at_once: Suki | None = None


@pytest.fixture(scope="module")
def years() -> Iterator[Years]:
    """A platform of this chapter's own."""
    with running(people=200, days=(DAYS[-1].end.date() - FIRST).days, kind=QuarterlySettings, start=FIRST) as suki:
        wait_parsed(suki.platform, {*map(dag_of, SOURCES), RESOLVE})
        sync(suki.platform, KNOWN)
        years = Years(
            suki, customers(suki), anchors(suki), told=suki.ask("SELECT max(change_id) FROM golden.customer_change")[0][0]
        )
        published = suki.published()

        with ThreadPoolExecutor() as commands:
            said = [commands.submit(suki.make_backfill, *_SPAN, *order) for order in _ORDERS]
            beside = _begin(suki, DAYS[0])
            wait(lambda: bool(_in_state(suki, "success")), "a quarter to be done", patience=PATIENCE)
            _each_backfill(suki, "pause")
            wait(lambda: not _in_state(suki, "running"), "what runs to end", patience=PATIENCE)
            _end(suki, beside)
            years.begun.append(_begun(suki))
            resolved = suki.published()
            _end(suki, _begin(suki, DAYS[1]))
            wait(lambda: suki.published() > resolved, "the day to be published", patience=PATIENCE)
            years.begun.append(_begun(suki))
            years.left = len(_in_state(suki, "queued"))
            years.published = suki.published() - published

            _each_backfill(suki, "unpause")
            _end(suki, _begin(suki, DAYS[2]))
            for one in said:
                done = one.result()
                assert done.returncode == 0, done.stdout + done.stderr
                years.told_of.append(done.stdout)
        suki.until_quiet(PATIENCE)
        years.at_once = twin(suki, "at_once", _AT_ONCE)
        yield years


def customers(suki: Suki) -> dict[str, str]:
    return dict(suki.ask("SELECT customer_id::text, row_hash::text FROM golden.customer"))


def anchors(suki: Suki) -> dict[str, str]:
    return dict(suki.ask("SELECT customer_id::text, anchor_record_id::text FROM identity.customer_id_ledger"))


def values(suki: Suki) -> list[tuple[Any, ...]]:
    """Golden customers by their records: ids may differ between two histories of the same data, values do not."""
    return suki.ask(
        """SELECT held.record_ids, to_jsonb(customer) - 'customer_id' - 'row_hash'
             FROM golden.customer
             JOIN (SELECT customer_id, array_agg(record_id::text ORDER BY record_id) AS record_ids
                     FROM golden.crosswalk GROUP BY 1) AS held USING (customer_id)
            ORDER BY 1"""
    )


def history(suki: Suki) -> list[dict[str, Any]]:
    """The runs of the history."""
    return [run for source in SOURCES for run in suki.runs(dag_of(source)) if run["run_type"] == "backfill"]


def _begun(suki: Suki) -> set[str]:
    return {f"{run['dag_id']} {run['dag_run_id']}" for run in history(suki) if run["state"] != "queued"}


def _in_state(suki: Suki, state: str) -> list[dict[str, Any]]:
    return [run for run in history(suki) if run["state"] == state]


def _begin(suki: Suki, span: Span) -> dict[str, str]:
    """A day of every source; resolve is not waited for."""
    return {source: suki.run(source, span, "day") for source in SOURCES}


def _end(suki: Suki, runs: dict[str, str]) -> None:
    def ended() -> bool:
        return all(suki.state(dag_of(source), run_id) in ("success", "failed") for source, run_id in runs.items())

    wait(ended, f"{runs} to be staged", patience=PATIENCE)


def _each_backfill(suki: Suki, verb: str) -> None:
    """Pause the history of every source that is still under way, or go on with it, as the banner's buttons do."""
    for source in SOURCES:
        found = under_way(suki.platform, dag_of(source))
        if found is not None:
            suki.platform.api.call("PUT", f"/backfills/{found['id']}/{verb}")


def test_every_quarter_and_every_day_ends_well(years: Years):
    assert years.suki.failures() == ""
    runs = history(years.suki)
    assert {run["state"] for run in runs} == {"success"}
    for source in SOURCES:
        done = [run["data_interval_start"][:10] for run in runs if run["dag_id"] == dag_of(source)]
        assert sorted(done) == QUARTERS


def test_paused_no_quarter_begins_and_the_day_is_synced_and_published(years: Years):
    assert years.begun[0] == years.begun[1]
    assert years.left > 0, "the history was over before it was paused"
    assert years.published >= 1


def test_the_command_says_how_far_it_is_until_all_is_done(years: Years):
    for told, of in zip(years.told_of, ("online_sales", "social", "store_pos", "support")[::2], strict=True):
        counted = [int(done) for done in re.findall(rf"ingest_{of}: (\d+) of {len(QUARTERS)} days done", told)]
        print(of, counted)
        assert counted == sorted(counted)
        assert len(counted) > 2
        assert counted[-1] == len(QUARTERS)
        assert f"{2 * len(QUARTERS)} days success" in told


def test_every_row_is_accounted_for(years: Years):
    suki = years.suki
    assert (
        suki.ask("SELECT run_id, step FROM ops.step_count WHERE rows_in <> rows_out + quarantined + unchanged + suppressed") == []
    )
    assert suki.ask("SELECT count(*) FROM staging.dirty_record") == [(0,)]


def test_three_years_in_pieces_end_in_the_customers_and_answers_of_one_bulk_run(years: Years):
    assert years.at_once is not None
    pieces, at_once = ids_of(years.suki), ids_of(years.at_once)
    assert len(pieces.memberships) > 2 * len(years.before)
    assert partition_differences(pieces, at_once) == 0
    assert resolve_differences(pieces, at_once) == 0
    edges = "SELECT record_a, record_b, weight, band, rule, evidence FROM identity.edge ORDER BY 1, 2"
    assert years.suki.ask(edges) == years.at_once.ask(edges)
    assert values(years.suki) == values(years.at_once)


def test_who_was_known_answers_by_the_id_they_were_known_by(years: Years):
    suki = years.suki
    answers = dict(suki.ask("SELECT published_id::text, customer_id::text FROM golden.v_customer_id"))
    holds = dict(suki.ask("SELECT record_id::text, customer_id::text FROM golden.crosswalk"))
    assert {one: answers[one] for one in years.anchors} == {one: holds.get(anchor) for one, anchor in years.anchors.items()}
    current = customers(suki)
    kept = sum(one in current for one in years.before)
    print(f"{len(years.before)} customers before, {len(current)} after; {kept} of those before are current")
    assert kept > len(years.before) / 2


def test_the_change_feed_tells_all_that_the_history_changed(years: Years):
    """Folded over what stood before, it says who is current now; and whose golden row differs, of them it told."""
    suki, after = years.suki, customers(years.suki)
    feed = suki.ask("SELECT customer_id::text, change FROM golden.v_change WHERE change_id > %s ORDER BY change_id", years.told)
    print({change: sum(one == change for _, one in feed) for change in sorted({change for _, change in feed})})
    current = set(years.before)
    for customer_id, change in feed:
        if change in ("created", "split"):
            current.add(customer_id)
        elif change in ("merged", "retired"):
            current.remove(customer_id)
    assert current == set(after)
    told = {customer_id for customer_id, _ in feed}
    differ = {one for one in {*years.before, *after} if years.before.get(one) != after.get(one)}
    assert differ <= told
    assert {"created", "updated", "merged"} <= {change for _, change in feed}
