"""What the sample world must reach, on all its people: thresholds, not what is measured (docs/evaluation.md)."""

import pytest

from benchmarks.evaluate import evaluate
from benchmarks.sample_world import sample_world


@pytest.fixture(scope="module")
def figures():
    """The first days hold nearly every record already; the later ones only say them again."""
    with sample_world(days=8) as labelled:
        return evaluate(labelled)


def test_people_are_told_apart_and_brought_together(figures):
    assert figures["records"] > 20_000
    assert figures["pairwise"]["f1"] >= 0.93
    assert figures["b_cubed"]["f1"] >= 0.96


def test_hardly_any_twins_are_one_and_nobody_with_who_had_the_number_before(figures):
    twins, recycled = figures["traps"]["twins"], figures["traps"]["recycled number"]
    assert min(twins["people"], recycled["people"]) > 10
    assert twins["merged"] <= 0.05 * twins["people"]
    assert recycled["merged"] == 0


def test_father_and_son_who_both_say_which_they_are_are_two(figures):
    generations = figures["traps"]["generations"]
    assert generations["told"] > 10
    assert generations["told_merged"] <= 0.05 * generations["told"]
