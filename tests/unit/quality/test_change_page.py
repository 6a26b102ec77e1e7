"""The page of what a run would change says whether it was held, why, and what was answered; counts and ids alone."""

from include.quality.change_page import change_page

DIFF = {
    "customers_before": 1200,
    "changes": {"created": 1, "updated": 0, "merged": 52, "split": 0, "retired": 0, "redirected": 0},
    "fields": {"emails": 7},
    "consent_lost": {"email": 3, "sms": 0},
    "examples": {"merged": ["0b6f5d3e-7a61-5b57-9a0f-3f5d2c8e4b10"]},
}


def test_a_held_run_says_which_limits_it_exceeds_and_where_to_answer():
    because = "customers merged: 52 of 1,200 customers (4.3%), more than 2.0%"
    page = change_page("resolve_customers", "a <run>", {"diff": DIFF, "held_because": [because], "answer": None})
    assert because in page
    assert "publish_held_run" in page
    assert "0b6f5d3e-7a61-5b57-9a0f-3f5d2c8e4b10" in page
    assert "a &lt;run&gt;" in page
    assert "consent lost: email" in page


def test_an_answer_is_told_and_a_small_change_is_not_held():
    assert "Answer: refused." in change_page("d", "r", {"diff": DIFF, "held_because": ["too many"], "answer": "refused"})
    assert "Within the declared limits" in change_page("d", "r", {"diff": DIFF, "held_because": [], "answer": None})


def test_a_run_that_said_nothing_says_so():
    assert "has not come so far" in change_page("d", "r", None)
