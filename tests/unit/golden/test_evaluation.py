from itertools import combinations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.golden.evaluation import b_cubed, found_by_blocking, pairwise

labels = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=15)


def series(values, records=None):
    index = records if records is not None else [f"r{n}" for n in range(len(values))]
    return pd.Series(list(values), index=pd.Index(index, dtype=object), dtype=object)


def together(group):
    return {frozenset(pair) for pair in combinations(group.index, 2) if group[pair[0]] == group[pair[1]]}


@given(labels)
def test_pairs_are_counted_as_if_they_were_listed(drawn):
    truth, predicted = series([a for a, _ in drawn]), series([b for _, b in drawn])
    true, claimed = together(truth), together(predicted)
    scores = pairwise(truth, predicted.sample(frac=1, random_state=1))
    assert (scores.true_pairs, scores.predicted_pairs, scores.common_pairs) == (len(true), len(claimed), len(true & claimed))
    assert scores.precision == (len(true & claimed) / len(claimed) if claimed else 1.0)
    assert scores.recall == (len(true & claimed) / len(true) if true else 1.0)


@given(labels.filter(bool))
def test_b_cubed_is_the_mean_over_records(drawn):
    truth, predicted = series([a for a, _ in drawn]), series([b for _, b in drawn])
    precision = recall = 0.0
    for record in truth.index:
        person, customer = set(truth.index[truth == truth[record]]), set(predicted.index[predicted == predicted[record]])
        precision += len(person & customer) / len(customer) / len(truth)
        recall += len(person & customer) / len(person) / len(truth)
    scores = b_cubed(truth, predicted)
    assert (scores.precision, scores.recall) == (pytest.approx(precision), pytest.approx(recall))
    assert scores.f1 == pytest.approx(2 * precision * recall / (precision + recall))


def test_f1_is_the_harmonic_mean():
    scores = pairwise(series("aaabb"), series("xxyyy"))  # true 4, claimed 4, common 1 + 1
    assert (scores.precision, scores.recall, scores.f1) == (0.5, 0.5, 0.5)
    assert pairwise(series("aa"), series("xy")).f1 == 0.0
    assert pairwise(series("aaa"), series("xxy")).f1 == pytest.approx(0.5)  # precision 1, recall 1/3


def test_a_record_without_prediction_was_found_alone():
    scores = pairwise(series("aab"), series("x", ["r0"]))
    assert (scores.true_pairs, scores.predicted_pairs, scores.recall, scores.precision) == (1, 0, 0.0, 1.0)


def test_millions_of_pairs_need_no_listing():
    scores = pairwise(series(["p"] * 100_000), series(["c"] * 100_000))
    assert scores.common_pairs == 100_000 * 99_999 // 2


@pytest.mark.parametrize(
    ("truth", "predicted", "words"),
    [
        (series("a"), series("xy"), "1 predicted records have no known truth"),
        (series("aa", ["r", "r"]), series("x", ["r"]), "twice in the truth"),
        (series("a", ["r"]), series("xx", ["r", "r"]), "twice in the prediction"),
        (series([None]), series("x"), "no label in the truth"),
    ],
)
def test_what_cannot_be_compared_is_refused(truth, predicted, words):
    with pytest.raises(ValueError, match=words):
        pairwise(truth, predicted)


@given(labels)
def test_blocking_recall_is_the_share_of_true_pairs_compared(drawn):
    person = pd.Series([None if who == 4 else f"p{who}" for who, _ in drawn], dtype=object)
    pairs = [(a, b) for a, b in combinations(range(len(drawn)), 2) if drawn[a][1] == drawn[b][1]]
    true = [(a, b) for a, b in combinations(range(len(drawn)), 2) if person[a] is not None and person[a] == person[b]]
    share = found_by_blocking(person, pd.DataFrame(pairs, columns=["a", "b"], dtype="int32"))
    assert share == (len(set(true) & set(pairs)) / len(true) if true else 1.0)
