"""The report tells the truth in words, escapes everything, needs nothing from elsewhere."""

import re
from dataclasses import asdict
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from include.quality import Gate, load_suite
from include.quality.report import latest_findings, problem_page, run_finding, run_page, runs_page
from tests.unit.quality.factory import clean

WHEN = datetime(2026, 9, 29, 4, 12, tzinfo=UTC)
EVIL = '<script>alert("x")</script>'


def stored(suite: str, spoil=lambda frame: None, **of) -> list[dict]:
    """A gate's results as the warehouse gives them back."""
    frame, facts = clean(suite)
    spoil(frame)
    gate = Gate(load_suite(suite), facts=facts)
    gate.split(frame)
    run = {"dag_id": "ingest_store_pos", "run_id": "scheduled__2026-09-29", "task_id": f"gate_{suite}", "recorded_at": WHEN}
    return [run | {"source": "store_pos", "stream": "customers"} | asdict(row) | of for row in gate.close().results]


def closing(frame) -> None:
    frame.loc[:200, "position"] = 0


def quarantining(frame) -> None:
    frame.loc[3, "raw"] = "[]"


def warning(frame) -> None:
    frame.loc[3, "last_seen_at"] = frame.loc[3, "first_seen_at"] - (frame.loc[3, "last_seen_at"] - frame.loc[3, "first_seen_at"])


def count(**changes) -> dict:
    row = {
        "step": "extract",
        "source": "store_pos",
        "stream": "customers",
        "rows_in": 1_500,
        "rows_out": 1_290,
        "quarantined": 200,
    }
    return row | {"unchanged": 10, "suppressed": 0} | changes


class Reader(HTMLParser):
    """Notes unclosed tags, table heads without scope, and anything fetched from elsewhere."""

    VOID = frozenset({"meta", "br", "link", "img"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "th" and "scope" not in given:
            self.wrong.append("th without scope")
        if tag == "table" and self.open[-2:] != ["div", "table"]:
            self.wrong.append("table that cannot scroll")
        for name in ("src", "href"):
            if re.match(r"\w+:|//", given.get(name) or ""):
                self.wrong.append(f"{tag} fetches {given[name]}")
        if tag in ("script", "iframe", "link", "img", "style") and tag != "style":
            self.wrong.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"unbalanced {tag}")


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    assert reader.wrong == []
    assert '<html lang="en">' in page
    assert "prefers-color-scheme: dark" in page
    assert reader.tags.count("h1") == 1
    assert reader.tags.count("table") == reader.tags.count("caption")
    return reader


def page_of(*results, **more) -> str:
    return run_page(run_finding("ingest_store_pos", "scheduled__2026-09-29", [row for rows in results for row in rows], **more))


@pytest.mark.parametrize(
    ("spoil", "suite", "state", "sentence"),
    [
        (
            closing,
            "landed",
            "closed",
            "1 of 2 gates closed, and nothing of those batches went on: landed for store_pos.customers.",
        ),
        (quarantining, "landed", "quarantined", "Both gates are open, 1 with rows quarantined."),
        (warning, "cleaned_customers", "warned", "Both gates are open, 1 with warnings."),
        (lambda frame: None, "landed", "open", "Both gates are open."),
    ],
)
def test_a_run_is_as_bad_as_its_worst_gate(spoil, suite, state, sentence):
    found = run_finding("ingest_store_pos", "r", [*stored(suite, spoil), *stored("mapped_interactions")])
    assert (found.state, found.sentence) == (state, sentence)
    read(run_page(found))


def test_what_closed_the_gate_stands_first_with_count_place_and_reason():
    page = page_of(stored("landed", closing), counts=[count()], drift=[])
    read(page)
    assert page.index("Closes the gate") < page.index("Rows quarantined")
    for part in (
        "quarantined_share = 13.40 %",
        "201 of 1,500 rows; first: store_pos/2026-09-28/customers_MNL01.csv:0",
        "adds up",
    ):
        assert part in page


def test_counts_that_do_not_add_up_are_shouted():
    assert "1 step(s) do not add up" in page_of(stored("landed"), counts=[count(), count(rows_out=1_289)])
    assert "do not add up" not in page_of(stored("landed"), counts=[count()])


NEW = {"field": "loyaltyTier", "change": "added", "was": None, "now": "text", "reaction": "report"}


def test_unexpected_fields_are_listed():
    drift = [{**NEW, "source": "store_pos", "stream": "customers", "rows": 31, "first_file": "store_pos/x.csv"}]
    page = page_of(stored("landed"), drift=drift)
    read(page)
    assert "loyaltyTier" in page


def test_how_far_a_source_was_read_stands_on_the_page_of_whoever_reads():
    noted = datetime(2026, 8, 9, 2, tzinfo=UTC)
    gap = {"gap_from": datetime(2026, 8, 5, tzinfo=UTC), "gap_to": datetime(2026, 8, 7, tzinfo=UTC), "gap_run_id": "late"}
    whole = {"read_to": datetime(2026, 8, 9, tzinfo=UTC), "recorded_at": noted, "run_id": "scheduled"}
    read = [{"stream": "partners", **whole, **gap}, {"stream": "orders", **whole, **dict.fromkeys(gap)}]
    for task_id, shown in ((None, True), ("extract", True), ("stage", True), ("clean", False)):
        page = run_page(run_finding("ingest_erp", "r", [], task_id=task_id).with_reading([], read))
        assert ("2026-08-09 00:00 UTC" in page and "2026-08-09 02:00 UTC" in page) == shown
        assert ("2026-08-05 00:00 UTC to 2026-08-07 00:00 UTC, read later by <code>late</code>" in page) == shown
        assert page.count("none: each run went on where the one before it ended") == shown


def test_what_a_replay_changes_stands_on_the_page_a_gate_leads_to():
    found = {"rows": 3, "changed": 2, "unheard": 0, "fields": {"phones": {"filled": 2}}, "records": [],
             "newly_quarantined": 0, "released": 0, "sentences": ["Two rows would be read otherwise."]}  # fmt: skip
    replays = [{"source": "store_pos", "stream": "customers", "preview": True, "report": found}]
    for task_id, shown in ((None, True), ("gate_cleaned", True), ("stage", True), ("map", False)):
        page = run_page(run_finding("ingest_store_pos", "r", stored("landed"), replays=replays, task_id=task_id))
        assert ("phones" in page) == shown, task_id


def test_one_task_shows_its_gates_alone():
    results = [*stored("landed", closing), *stored("golden")]
    page = run_page(run_finding("ingest_store_pos", "r", results, task_id="gate_golden"))
    read(page)
    assert "has position" not in page
    assert "one row a customer" in page


def test_a_step_without_a_gate_shows_what_it_did_with_the_rows_and_nobody_elses():
    counts = [count(step="map", rows_in=7_001), count(step="clean", rows_in=7_002)]
    drift = [{**NEW, "source": "store_pos", "stream": "customers", "rows": 31, "first_file": "store_pos/x.csv"}]
    page = page_of(stored("landed"), counts=counts, drift=drift, task_id="clean")
    read(page)
    assert "This step judges nothing" in page
    assert "7,002" in page
    assert "7,001" not in page
    assert "loyaltyTier" not in page
    assert 'class="lead "' in page, "what judges nothing is not green"


def test_a_step_that_says_nothing_says_so():
    assert "This step has nothing to report" in page_of(stored("landed"), task_id="learn")


def test_what_all_customers_together_are_judged_by_is_not_named_twice():
    rows = [row | {"source": "golden", "stream": "golden"} for row in stored("golden")]
    page = page_of(rows)
    read(page)
    assert "golden.golden" not in page


def test_everything_is_escaped():
    evil = {"dag_id": EVIL, "run_id": EVIL, "task_id": EVIL, "source": EVIL, "stream": EVIL, "reason": EVIL, "observed": EVIL}
    rows = [row | evil for row in stored("landed", closing)]
    drift = [{"field": EVIL, "source": EVIL, "stream": EVIL, "rows": 1, "first_file": EVIL}]
    counts = [count(step=EVIL, source=EVIL)]
    pages = [
        run_page(run_finding(EVIL, EVIL, rows, counts, drift, task_id=EVIL)),
        runs_page(latest_findings(rows)),
        problem_page(EVIL, EVIL),
    ]
    for page in pages:
        read(page)
        assert "<script" not in page
        assert "&lt;script&gt;" in page


def test_the_latest_run_stands_first_and_links_to_its_page():
    older = [row | {"run_id": "manual__a+b", "recorded_at": WHEN.replace(day=28)} for row in stored("landed", closing)]
    page = runs_page(latest_findings([*older, *stored("landed")]))
    read(page)
    assert page.index("scheduled__2026-09-29") < page.index("manual__a%2Bb")
    assert "1 of the latest 2 runs" in page


def test_no_report_yet_is_said():
    assert "No gate has reported yet" in runs_page([])
    page = page_of([])
    read(page)
    assert "No gate has reported yet" in page
