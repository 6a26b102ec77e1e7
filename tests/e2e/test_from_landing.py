"""A window whose mapping was wrong runs again from what landed, on a running platform: the source's files are gone by then.

A field nobody had mapped is shown before it is taken, and so much is taken when a second person approved it. In the end the
warehouse holds what one that had been right from the start holds.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from subprocess import CompletedProcess
from typing import Any
from urllib.parse import quote

import pytest

from benchmarks.naming import partition_differences
from local.demo import RESOLVE, SOURCES, Span, sync, wait_parsed
from tests.e2e.driver import Suki, running
from tests.e2e.histories import BEGIN, ids_of, twin
from tests.e2e.people import found_in, masked, personal_values
from tests.e2e.test_quarantine import Declared, unbalanced

pytestmark = [pytest.mark.e2e, pytest.mark.long]

SPAN = Span("bulk", datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 8, 3, tzinfo=UTC))
FROM, TO = "FROM=2026-08-01", "TO=2026-08-02"
STORES = "store_pos"

_RIGHT_FROM_THE_START = f"""{BEGIN}
ingest_all("{SPAN.start:%Y-%m-%d}", "{SPAN.end:%Y-%m-%d}")
assert resolve("right from the start") is not None
"""

MAPPING = Declared(f"{STORES}/source.yml", "      phones: Phone Number\n      loyalty_ids:", "      loyalty_ids:")
IGNORED = Declared(f"{STORES}/source.yml", "    ignore:\n", "    ignore:\n      - Phone Number\n")


@dataclass
class Reread:
    """A window run again from landing: what was said before, what was done, and a warehouse that was right from the start."""

    suki: Suki
    shown: CompletedProcess[str]
    differing: list[dict[str, Any]]
    """What was kept of what it would change, a report a day."""
    page: str
    """The report of one of those runs."""
    before: tuple[Any, ...]
    """What was staged and published before it, and after it was only shown."""
    only_shown: tuple[Any, ...]
    held: CompletedProcess[str]
    own: CompletedProcess[str]
    """The owner's own approval."""
    approved: CompletedProcess[str]
    taken: CompletedProcess[str]
    told: int
    """The last change told of before it was taken."""
    right: Suki


@pytest.fixture(scope="module")
def reread() -> Iterator[Reread]:
    """A platform of this chapter's own: the stores' phones were ignored. They are mapped, and the stores' files are gone."""
    with running(people=150, days=2, own_project=True) as suki:
        wait_parsed(suki.platform, {*(f"ingest_{source}" for source in SOURCES), RESOLVE})
        for wrong in (MAPPING, IGNORED):
            wrong.change(suki)
        sync(suki.platform, SPAN)
        yield _reread(suki)


def _reread(suki: Suki) -> Reread:
    exports = suki.settings.exports
    stood = lambda: (suki.staged(STORES), suki.golden(), len(suki.resolves()))  # noqa: E731
    shutil.move(exports / STORES, suki.home / "gone")
    for wrong in (MAPPING, IGNORED):
        wrong.back(suki)
    before, words = stood(), (FROM, TO, f"SOURCE={STORES}")
    shown = suki.make_backfill(*words, "FROM_LANDING=show")
    suki.until_quiet()
    differing, page, only_shown = differences(suki, preview=True), _page(suki), stood()
    held = suki.make_backfill(*words, "FROM_LANDING=take")
    approve = ("standards", "approve", STORES, "--why", "phones were forgotten", "--actor")
    own, approved = suki.command(*approve, "retail-operations"), suki.command(*approve, "mara")
    told = suki.ask("SELECT max(change_id) FROM golden.customer_change")[0][0]
    taken = suki.make_backfill(*words, "FROM_LANDING=take")
    suki.until_quiet()
    shutil.move(suki.home / "gone", exports / STORES)
    right = twin(suki, "right_from_the_start", _RIGHT_FROM_THE_START)
    return Reread(suki, shown, differing, page, before, only_shown, held, own, approved, taken, told, right)


def _page(suki: Suki) -> str:
    """The quality page of a run that showed what would change, where its gates' link leads."""
    ((run_id,),) = suki.ask("SELECT min(run_id) FROM ops.replay_difference WHERE preview")
    links = f"/dags/ingest_{STORES}/dagRuns/{quote(run_id, safe='')}/taskInstances/gate_cleaned/links"
    page = suki.browse(str(suki.platform.api.get(links)["extra_links"]["Quality report"]))
    assert page.status == 200
    return page.text


def differences(suki: Suki, *, preview: bool) -> list[dict[str, Any]]:
    found = suki.ask(
        "SELECT report FROM ops.replay_difference WHERE stream = 'customers' AND preview = %s ORDER BY run_id", preview
    )
    return [report for (report,) in found]


def test_what_a_window_would_change_is_shown_and_nothing_is_changed(reread: Reread):
    assert reread.shown.returncode == 0, reread.shown.stdout + reread.shown.stderr
    assert reread.only_shown == reread.before
    assert sum(report["fields"].get("phones", {}).get("filled", 0) for report in reread.differing) > 20
    assert "phones" in reread.page
    assert masked(found_in(reread.page, personal_values(reread.suki.settings.exports))) == []


def test_a_change_of_much_is_taken_when_somebody_approved_it_who_does_not_own_it(reread: Reread):
    assert reread.held.returncode == 1
    assert "needs somebody's approval" in reread.held.stdout
    assert reread.own.returncode == 1
    assert "a second person" in reread.own.stderr
    assert reread.approved.returncode == 0, reread.approved.stderr
    assert reread.taken.returncode == 0, reread.taken.stdout + reread.taken.stderr
    assert sum(report["changed"] for report in differences(reread.suki, preview=False)) > 20


def test_taken_it_is_what_a_warehouse_holds_that_was_right_from_the_start(reread: Reread):
    current = "SELECT record_id, content_hash, deleted FROM staging.current_record WHERE source = ANY(%s) ORDER BY 1"
    for source in SOURCES:
        assert reread.suki.ask(current, [source]) == reread.right.ask(current, [source]), source
    assert partition_differences(ids_of(reread.suki), ids_of(reread.right)) == 0
    fields = "SELECT record_id, phones, emails, family_name FROM staging.current_record WHERE source = %s ORDER BY 1"
    assert reread.suki.ask(fields, STORES) == reread.right.ask(fields, STORES)


def test_the_change_feed_tells_whose_phones_came(reread: Reread):
    told = reread.suki.ask("SELECT change, fields FROM golden.v_change WHERE change_id > %s", reread.told)
    assert any(change == "updated" and "phones" in fields for change, fields in told)


def test_every_row_is_accounted_for_in_the_end(reread: Reread):
    assert unbalanced(reread.suki) == []
    assert reread.suki.ask("SELECT count(*) FROM staging.dirty_record") == [(0,)]
