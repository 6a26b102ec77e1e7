"""A review threshold is chosen by how many questions people can answer, and beside it stands what they answered."""

import pandas as pd
from hypothesis import example, given
from hypothesis import strategies as st

from include.matching.reviewing import by_capacity, by_weight

weights = st.lists(st.floats(-5, 12).map(lambda weight: round(weight, 4)), max_size=40)


@given(weights, st.integers(1, 20))
@example([1.0, 0.12], 1)
def test_the_lowest_threshold_that_fits_the_capacity_is_chosen(waiting, capacity):
    choice = by_capacity(waiting, capacity, -5.0)
    asked = [weight for weight in waiting if weight >= choice.threshold]
    assert choice.asked == len(asked) <= capacity
    assert choice.days * capacity >= choice.waiting == len(waiting)
    if choice.asked == len(waiting):
        assert choice.threshold == -5.0
    else:
        next_lower = round(choice.threshold - 0.01, 2)  # 0.13 - 0.01 is a little more than 0.12
        assert sum(weight >= next_lower for weight in waiting) > capacity, "a lower one would fit as well"


def test_what_weighs_the_same_is_asked_about_or_not_together():
    assert by_capacity([2.0, 1.0, 1.0, 1.0], 2, -5.0).asked == 1


def test_answers_stand_beside_the_questions_of_their_weight():
    answers = pd.DataFrame([(-1.5, "must_link"), (-1.2, "cannot_link"), (-3.0, "cannot_link")], columns=["weight", "decision"])
    told = by_weight([-1.9, -2.5], answers)
    assert told.to_dict("split")["columns"] == ["weight", "waiting", "same", "different"]
    assert told.to_numpy().tolist() == [[-2, 1, 1, 1], [-3, 1, 0, 1]]


def test_nothing_asked_and_nothing_answered_is_an_empty_table():
    assert by_weight([], pd.DataFrame({"weight": [], "decision": []}, dtype=object)).empty
    assert by_capacity([], 5, -5.0).days == 0
