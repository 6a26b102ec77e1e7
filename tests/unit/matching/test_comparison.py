"""What another model would change, counted by hand."""

from dataclasses import replace

import pandas as pd
import pytest

from include.matching import PairSet, load_spec, train
from include.matching.comparison import (
    band_changes,
    band_sentences,
    judged_labels,
    label_sentences,
    moved_weights,
    reliability_sentences,
    weight_sentences,
)
from tests.unit.matching.factory import snapshot

WEIGHTS = train(snapshot({"given_key": "anna"}, {"given_key": "ben"}), load_spec())


def edges(*pairs: str) -> pd.DataFrame:
    """``a-b match phone``: an edge, its band, its rule."""
    rows = [pair.split() for pair in pairs]
    return pd.DataFrame(
        [(*ends.split("-"), band, rule) for ends, band, rule in rows],
        columns=["record_a", "record_b", "band", "rule"],
        dtype=object,
    )


def test_pairs_are_counted_by_rule_and_by_the_band_they_would_leave():
    now = edges("a-b match phone", "a-c match phone", "b-c review phone", "c-d match e-mail", "d-e review e-mail")
    then = edges("a-b match phone", "a-c review phone", "b-c match phone", "d-e review e-mail", "e-f match e-mail")
    changes = band_changes(now, then)
    assert set(changes.itertuples(index=False, name=None)) == {
        ("phone", "match", "review", 1), ("phone", "review", "match", 1),
        ("e-mail", "match", "distinct", 1), ("e-mail", "distinct", "match", 1),
    }  # fmt: skip
    assert band_sentences(9, changes) == [
        "Of 9 pairs compared, 2 would match that do not now, and 2 would no longer match.",
        "Found by e-mail: 1 more match, 1 fewer.",
        "Found by phone: 1 more match, 1 fewer.",
    ]


@pytest.mark.parametrize("pairs", [(), ("a-b match phone",)])
def test_equal_edges_change_nothing(pairs):
    changes = band_changes(edges(*pairs), edges(*pairs))
    assert changes.empty
    assert band_sentences(3, changes) == ["Of 3 pairs compared, 0 would match that do not now, and 0 would no longer match."]


def test_the_weight_that_moves_most_stands_first():
    chances = {name: {kind: list(row) for kind, row in of.items()} for name, of in WEIGHTS.chances.items()}
    chances["gender"]["match"][1] -= 2.0
    other = replace(WEIGHTS, chances=chances, usual={**WEIGHTS.usual, "email": WEIGHTS.usual["email"] + 0.5})
    moved = moved_weights(WEIGHTS, other)
    assert [(one.comparison, one.level, round(one.then - one.now, 3)) for one in moved] == [
        ("gender", "different", -2.0),
        ("email", "exact", 0.5),
    ]
    assert weight_sentences(moved, at_most=1)[0].endswith("; and 1 more.")
    assert moved_weights(WEIGHTS, WEIGHTS) == []


def test_that_birth_dates_begin_or_cease_to_contradict_is_said():
    trusting = replace(WEIGHTS, reliable=not WEIGHTS.reliable)
    assert "would be relied on" in reliability_sentences(WEIGHTS, trusting)[0]
    assert "no longer be relied on" in reliability_sentences(trusting, WEIGHTS)[0]
    assert reliability_sentences(WEIGHTS, WEIGHTS) == []


def test_models_weigh_alike_whatever_they_were_trained_on():
    assert WEIGHTS.weighs_like(replace(WEIGHTS, trained_on={"records": 9}, notes=["other"], declaration=None))
    assert not WEIGHTS.weighs_like(replace(WEIGHTS, reliable=not WEIGHTS.reliable))
    assert not WEIGHTS.weighs_like(replace(WEIGHTS, prior={**WEIGHTS.prior, "match": -1.0}))


def test_a_level_one_model_does_not_know_moves_from_nothing():
    levels, usual = dict(WEIGHTS.levels), dict(WEIGHTS.usual)
    del levels["gender"], usual["gender"]
    moved = moved_weights(replace(WEIGHTS, levels=levels, usual=usual), WEIGHTS)
    assert {(one.comparison, one.now) for one in moved} == {("gender", None)}
    assert "(not known)" in weight_sentences(moved)[0]


def test_a_model_is_right_where_it_says_what_the_steward_said():
    records = pd.Series(["d", "a", "c", "b"])  # rows in any order; a label may name its records in any order too
    decisions = pd.DataFrame(
        [("a", "b", "must_link"), ("d", "a", "must_link"), ("c", "b", "cannot_link"), ("c", "d", "cannot_link"),
         ("a", "gone", "must_link"), ("a", "c", "must_link")],
        columns=["record_a", "record_b", "decision"],
    )  # fmt: skip
    pairs = PairSet(pd.DataFrame({"a": [1, 0, 2, 1], "b": [3, 1, 3, 2]}), records=4)  # a-b, d-a, c-b, a-c; never c-d
    labels = judged_labels(records, decisions, pairs, edges("a-b match x", "a-d review x", "b-c match x"))
    assert labels.must_link == {"match": 1, "review": 1, "distinct": 1}
    assert labels.cannot_link == {"match": 1, "never compared": 1}
    assert (labels.decided, labels.right) == (5, 2)
    assert "right on 2, the candidate on 2" in label_sentences(labels, labels)[0]


def test_without_decisions_nothing_is_claimed():
    none = pd.DataFrame({"record_a": [], "record_b": [], "decision": []}, dtype=object)
    labels = judged_labels(pd.Series(["a"]), none, PairSet(pd.DataFrame({"a": [], "b": []}), records=1), edges())
    assert (labels.decided, labels.right) == (0, 0)
    assert "No steward has decided" in label_sentences(labels, labels)[0]
