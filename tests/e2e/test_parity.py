"""Three days through the real scheduler hold the customers, and answer by the ids, that one bulk run over the three makes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from benchmarks.naming import partition_differences, resolve_differences
from local.demo import RESOLVE, SOURCES, day, sync, wait_parsed
from tests.e2e.driver import Suki, running
from tests.e2e.histories import BEGIN, ids_of, twin

pytestmark = [pytest.mark.e2e, pytest.mark.long]

DAYS = [day("2026-08-01"), day("2026-08-02"), day("2026-08-03")]

_AT_ONCE = f"""{BEGIN}
ingest_all("{DAYS[0].start:%Y-%m-%d}", "{DAYS[-1].end:%Y-%m-%d}")
assert resolve("at once") is not None
"""
_IN_ORDER = f"""{BEGIN}
for start, end in {[(f"{span.start:%Y-%m-%d}", f"{span.end:%Y-%m-%d}") for span in DAYS]}:
    ingest_all(start, end)
    assert resolve(start) is not None
"""


@dataclass(frozen=True)
class Histories:
    """The same three days, by the scheduler, in one window, and once more in their order."""

    daily: Suki
    at_once: Suki
    in_order: Suki


@pytest.fixture(scope="module")
def histories() -> Iterator[Histories]:
    """A platform of this chapter's own: a world of which nothing else is resolved."""
    with running(people=150, days=3) as suki:
        wait_parsed(suki.platform, {*(f"ingest_{source}" for source in SOURCES), RESOLVE})
        for span in DAYS:
            sync(suki.platform, span)
        yield Histories(suki, twin(suki, "at_once", _AT_ONCE), twin(suki, "in_order", _IN_ORDER))


def reports(suki: Suki) -> list[dict[str, Any]]:
    return [row[0] for row in suki.ask("SELECT report FROM ops.resolve_run ORDER BY sequence")]


def test_three_days_end_in_the_customers_and_answers_of_one_bulk_run(histories: Histories):
    daily, at_once = ids_of(histories.daily), ids_of(histories.at_once)
    assert len(daily.memberships) > 300
    assert partition_differences(daily, at_once) == 0
    assert resolve_differences(daily, at_once) == 0
    edges = "SELECT record_a, record_b, weight, band, rule, evidence FROM identity.edge ORDER BY 1, 2"
    assert histories.daily.ask(edges) == histories.at_once.ask(edges)


def test_the_days_run_again_in_their_order_give_equal_ids(histories: Histories):
    assert len(reports(histories.daily)) == len(DAYS)
    assert ids_of(histories.in_order).as_written() == ids_of(histories.daily).as_written()
    assert histories.in_order.golden() == histories.daily.golden()


def test_the_days_after_the_first_went_on_from_what_stood(histories: Histories):
    """What that saves is asserted where the days are small beside the world: tests/integration/flow/test_only_what_changed.py."""
    first, *later = reports(histories.daily)
    assert "touched" not in first
    assert all(0 < report["touched"] < report["live_records"] for report in later)
