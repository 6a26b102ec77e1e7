"""What is usual is learned from the same weekday, robustly, and never from too little."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.quality import Gate, load_suite
from include.quality.bounds import learned_bounds
from include.quality.declared import Learned
from tests.unit.quality.factory import clean

HALF = Learned(tolerance=0.5)


def volume(history, rows: int = 1_500):
    frame, facts = clean("landed")
    gate = Gate(
        load_suite("landed"), facts=facts, about="store_pos.customers", owner="Stores (stores@example.com)", history=history
    )
    gate.split(frame.head(rows))
    verdict = gate.close()
    return verdict, next(result for result in verdict.results if result.expectation == "volume_is_usual")


def test_nothing_is_usual_after_three_days():
    assert learned_bounds(HALF, "count", [100, 100, 100], 100) is None


def test_one_bad_day_in_the_history_does_not_widen_the_bounds():
    good = learned_bounds(HALF, "count", [1_000, 1_010, 990, 1_005, 995], 1_000)
    spoilt = learned_bounds(HALF, "count", [1_000, 1_010, 0, 1_005, 995], 1_000)
    assert (round(spoilt.low), round(spoilt.high)) == (round(good.low), round(good.high)) == (500, 1_500)


def test_only_the_latest_days_count():
    grown = learned_bounds(Learned(tolerance=0.5, most=4), "count", [2_000] * 4 + [100] * 8, 2_000)
    assert (grown.usual, grown.days) == (2_000, 4)


def test_a_stream_of_a_dozen_rows_is_never_unusual_by_chance():
    assert learned_bounds(HALF, "count", [12, 12, 12, 12], 12).low < 0


def test_a_side_that_is_not_asked_for_is_open():
    assert learned_bounds(Learned(tolerance=0.1, side="above"), "share", [0.2] * 4, 1_000).low is None


@settings(max_examples=60)
@given(st.lists(st.integers(0, 10**7), min_size=4, max_size=12), st.integers(1, 10**6))
def test_the_usual_day_itself_is_always_within_its_bounds(history, rows):
    found = learned_bounds(HALF, "count", history, rows)
    assert found.low <= found.usual <= found.high


def test_half_an_export_closes_the_gate_which_says_how_far_from_usual_it_is_and_whom_to_ask():
    verdict, result = volume({"rows": [1_500, 1_480, 1_530, 1_510, 1_495]}, 412)
    assert verdict.closed
    assert verdict.closed_by_amount_alone
    assert result.observed.startswith("rows = 412, usually 1,500 (750 to 2,250, from 5 earlier days of this weekday): -73%")
    assert "Owner: Stores (stores@example.com)." in verdict.sentence


@pytest.mark.parametrize(
    ("history", "why"), [(None, "not held against"), ({"rows": [1_500] * 3}, "too few earlier days"), ({}, "too few")]
)
def test_without_a_history_a_day_passes_and_says_that_it_was_not_held_against_one(history, why):
    verdict, result = volume(history, 412)
    assert not verdict.closed
    assert (result.success, result.evaluated) == (True, 0)
    assert why in result.observed


def test_a_verdict_brings_the_figures_that_later_days_are_held_against():
    verdict, _ = volume(None)
    assert verdict.figures["rows"] == 1_500
    assert verdict.figures["keyless_share"] == 0
