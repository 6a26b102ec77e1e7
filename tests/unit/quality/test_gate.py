"""What a gate lets through, what it closes on, and what it must never say."""

import logging
from dataclasses import asdict
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.batch import Window
from include.errors import GateClosed
from include.quality import Gate, judge, load_suite, window_facts
from include.quality.declared import Expectation, Measure, Suite
from tests.unit.quality.factory import FACTS, ROWS, clean, token

CANARY = "zanzibar.quokka"


def a_suite(
    *expectations: Expectation, limit: float = 0.1, allowance: int = 0, measures: dict[str, Measure] | None = None
) -> Suite:
    """A golden-frame suite of the given expectations and the quarantine limit."""
    from include.quality.suite import quarantine_limit

    return Suite(
        suite="golden", about="A test", owner="somebody", max_quarantined_share=limit, quarantine_allowance=allowance,
        measures=measures or {}, expectations=(*expectations, quarantine_limit(limit)),
    )  # fmt: skip


def country_known(**more) -> Expectation:
    return Expectation(
        id="country_known", type="expect_column_values_to_be_in_set", kwargs={"column": "country", "value_set": ["PH", "NO"]},
        level="row", reason="Wrong countries bend everything after", **more,
    )  # fmt: skip


def people(rows: int, wrong: int) -> pd.DataFrame:
    return pd.DataFrame({"customer_id": [token(n) for n in range(rows)], "country": ["UK"] * wrong + ["PH"] * (rows - wrong)})


def verdict_on(suite: Suite, frame: pd.DataFrame):
    gate = Gate(suite, about="store_pos.customers")
    kept, rejected = gate.split(frame)
    return kept, rejected, gate.close()


def test_unfit_rows_leave_with_their_reasons_and_the_rest_goes_on():
    frame, facts = clean("landed")
    frame.loc[3, "position"] = 0
    frame.loc[3, "file"] = "/etc/passwd"
    frame.loc[8, "raw"] = "[]"
    gate = Gate(load_suite("landed"), facts=facts)
    kept, rejected = gate.split(frame)
    verdict = gate.close()
    assert rejected["reasons"].to_dict() == {3: ["has_place", "has_position"], 8: ["raw_is_an_object"]}
    assert list(kept.index) == [n for n in range(ROWS) if n not in (3, 8)]
    assert list(kept.columns) == list(frame.columns)
    assert (verdict.closed, verdict.rows, verdict.kept, verdict.quarantined) == (False, ROWS, ROWS - 2, 2)
    verdict.demand()


def test_the_kept_rows_are_the_rows_that_came():
    frame, facts = clean("cleaned_customers")
    frame.loc[4, "country"] = "UK"
    kept, rejected = Gate(load_suite("cleaned_customers"), facts=facts).split(frame)
    pd.testing.assert_frame_equal(kept, frame.drop(index=4))
    pd.testing.assert_frame_equal(rejected.drop(columns="reasons"), frame.loc[[4]])


@pytest.mark.parametrize(("wrong", "closed"), [(9, False), (10, False), (11, True)])
def test_the_gate_closes_above_the_limit_and_not_at_it(wrong, closed):
    *_, verdict = verdict_on(a_suite(country_known()), people(100, wrong))
    assert verdict.closed is closed


@pytest.mark.parametrize(("wrong", "closed"), [(3, False), (4, True)])
def test_a_handful_of_bad_rows_stops_no_small_day(wrong, closed):
    *_, verdict = verdict_on(a_suite(country_known(), allowance=3), people(10, wrong))
    assert verdict.closed is closed


@pytest.mark.parametrize(("wrong", "closed"), [(5, False), (6, True)])
def test_mostly_limits_one_expectation_by_itself(wrong, closed):
    *_, verdict = verdict_on(a_suite(country_known(mostly=0.95), limit=1), people(100, wrong))
    assert verdict.closed is closed
    assert verdict.results[0].success is not closed


def test_a_warning_keeps_its_rows_and_closes_nothing():
    kept, rejected, verdict = verdict_on(a_suite(country_known(severity="warning", mostly=0.9), limit=0), people(100, 50))
    assert (len(kept), len(rejected), verdict.closed) == (100, 0, False)
    assert [w.expectation for w in verdict.warnings] == ["country_known"]
    assert "country_known (50 of 100 rows" in verdict.sentence


def test_a_closed_gate_lets_nothing_on_and_says_what_how_many_and_where():
    frame, facts = clean("landed")
    frame.loc[10:199, "position"] = 0
    gate = Gate(load_suite("landed"), facts=facts, about="store_pos.customers")
    gate.split(frame)
    verdict = gate.close()
    assert verdict.closed
    assert verdict.kept == 0
    with pytest.raises(GateClosed) as caught:
        verdict.demand()
    for part in (
        "Gate landed for store_pos.customers is closed",
        "none of its 1,500 rows go on",
        "quarantine_limit (quarantined_share = 12.67 %)",
        "store_pos/2026-09-28/customers_MNL01.csv:0",
        "has_position",
    ):
        assert part in str(caught.value)


def test_rows_without_file_are_named_by_opaque_id():
    frame, facts = clean("golden")
    frame.loc[5, "country"] = "UK"
    gate = Gate(load_suite("golden"), facts=facts)
    gate.split(frame)
    assert f"customer_id {token(5, 'customer')} (country_known)" in gate.close().sentence


def test_an_empty_batch_passes_and_says_so():
    frame, facts = clean("cleaned_customers")
    for chunks in ([], [frame.iloc[:0]]):
        verdict = judge(chunks, load_suite("cleaned_customers"), keep=list, reject=list, facts=facts)
        assert not verdict.closed
        assert "empty" in verdict.sentence
        assert all(result.success for result in verdict.results)


def test_an_expectation_on_the_number_of_rows_decides_whether_empty_is_fit():
    enough = Expectation(
        id="enough", type="expect_column_values_to_be_between", kwargs={"column": "rows", "min_value": 1}, level="batch",
        reason="This source always delivers something",
    )  # fmt: skip
    *_, verdict = verdict_on(a_suite(enough), people(0, 0))
    assert verdict.closed


def test_a_value_that_cannot_be_judged_closes_the_gate():
    frame, facts = clean("cleaned_interactions")
    frame["amount"] = frame["amount"].astype(object)
    frame.loc[2, "amount"] = CANARY
    gate = Gate(load_suite("cleaned_interactions"), facts=facts)
    gate.split(frame)
    verdict = gate.close()
    told = {r.expectation: r.found for r in verdict.results if r.closes}
    assert told == {"amount_plausible": "could not be judged"}
    assert CANARY not in verdict.sentence


def test_a_fact_not_brought_is_named():
    with pytest.raises(ValueError, match="needs the facts customers"):
        Gate(load_suite("golden"))


def test_the_window_ends_just_before_the_next_one():
    facts = window_facts(Window.parse("2026-09-28", "2026-09-29"))
    assert facts == {"window_start": FACTS["window_start"], "window_end": FACTS["window_end"]}


@pytest.mark.parametrize("suite", ["landed", "cleaned_customers", "golden", "clustered"])
@settings(max_examples=4)
@given(st.data())
def test_the_cut_into_chunks_changes_no_result(suite, data):
    frame, facts = clean(suite)
    column = {"landed": "position", "cleaned_customers": "country", "golden": "country", "clustered": "region"}[suite]
    bad = data.draw(st.lists(st.integers(0, ROWS - 1), unique=True, max_size=40))
    frame.loc[bad, column] = 0 if column == "position" else "UK"
    id_column = frame.columns[0]
    frame.loc[data.draw(st.integers(1, ROWS - 1)), id_column] = frame.loc[0, id_column]
    cuts = sorted({0, ROWS, *data.draw(st.lists(st.integers(0, ROWS), max_size=3))})
    loaded, whole, parts, left, out = load_suite(suite), [], [], [], []
    once = judge([frame], loaded, keep=whole.append, reject=left.append, facts=facts)
    chunks = [frame.iloc[a:b].reset_index(drop=True) for a, b in pairwise(cuts)]
    many = judge(chunks, loaded, keep=parts.append, reject=out.append, facts=facts)
    assert once == many
    joined = pd.concat(parts, ignore_index=True).astype(object)
    pd.testing.assert_frame_equal(pd.concat(whole, ignore_index=True).astype(object), joined)
    assert [r for f in left for r in f["reasons"]] == [r for f in out for r in f["reasons"]]


@pytest.mark.parametrize(
    "suite",
    ["landed", "mapped_customers", "mapped_interactions", "cleaned_customers", "cleaned_interactions", "golden", "clustered"],
)
def test_no_value_of_a_row_is_ever_repeated(suite, caplog, capfd):
    """The canary sits in every column, so that everything fails that can fail or be unjudgeable."""
    caplog.set_level(logging.DEBUG)
    frame, facts = clean(suite)
    for column in frame.columns:
        poisoned = [CANARY + "@@"] if isinstance(frame.loc[0, column], list) else CANARY + " @@"
        frame[column] = pd.Series([poisoned if n % 2 else old for n, old in enumerate(frame[column])], dtype=object)
    gate = Gate(load_suite(suite), facts=facts, about="store_pos.customers")
    gate.split(frame)
    verdict = gate.close()
    assert verdict.closed
    assert sum(not result.success for result in verdict.results) >= 3
    with pytest.raises(GateClosed) as caught:
        verdict.demand()
    streams = capfd.readouterr()
    said = [
        repr(verdict),
        verdict.sentence,
        str(caught.value),
        caplog.text,
        streams.out,
        streams.err,
    ]
    assert [text for text in said if CANARY in text] == []


def test_what_is_stored_are_counts_names_and_places():
    frame, facts = clean("golden")
    frame.loc[5, "country"] = "UK"
    gate = Gate(load_suite("golden"), facts=facts)
    gate.split(frame)
    stored = {result.expectation: asdict(result) for result in gate.close().results}
    assert stored["country_known"]["observed"] == f"1 of 1,500 rows; first: customer_id {token(5, 'customer')}"
    assert stored["country_known"]["success"] is False
    assert (stored["country_known"]["evaluated"], stored["country_known"]["unexpected"]) == (1_500, 1)
    assert stored["no_common_name"]["observed"].startswith("commonest_name = ")


def test_a_gate_of_a_day_is_quick(capsys):
    """Figures in docs/quality.md: 25,000 rows in under a second on an idle machine. The bound here only catches a blow-up."""
    from time import perf_counter

    frame, facts = clean("cleaned_customers", rows=25_000)
    suite = load_suite("cleaned_customers")
    began = perf_counter()
    verdict = judge([frame], suite, keep=len, reject=len, facts=facts)
    took = perf_counter() - began
    with capsys.disabled():
        print(f"\n25,000 rows x {frame.shape[1]} columns by {len(suite.expectations)} expectations: {took:.2f} s")
    assert not verdict.closed
    assert took < 10


@pytest.mark.parametrize(
    ("suite", "fault", "told"),
    [
        ("clustered", lambda frame: frame.assign(customer_id="one", region="eu"), "no_dominant_customer"),
        ("clustered", lambda frame: frame.assign(customer_id=[f"c{n}" for n in range(len(frame))]), "something_merges"),
        (
            "clustered",
            lambda frame: frame.assign(customer_id=[f"c{n // 15}" for n in range(len(frame))]),
            "not_everything_merges",
        ),
        ("golden", lambda frame: frame.assign(full_name=None, given_name=None, family_name=None), "names_survive"),
        ("golden", lambda frame: frame.assign(full_name="Store Customer"), "no_common_name"),
    ],
)
def test_what_a_run_touched_is_judged_as_a_part_of_all_there_is(suite, fault, told):
    others = {"other_records": 450_000, "other_customers": 150_000, "other_shared": 200_000}

    def failing(more):
        frame, facts = clean(suite)
        gate = Gate(load_suite(suite), facts=facts | more)
        gate.split(fault(frame))
        return {result.expectation for result in gate.close().results if not result.success}

    assert told in failing({})
    assert told not in failing({**others})
