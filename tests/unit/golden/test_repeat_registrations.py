"""Registering again under made addresses scores high, a second account alone low, and every score says why."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from include.golden.repeat_registrations import ACCOUNT_COLUMNS, FLAGGED, Weights, score

DAY_ONE = datetime(2026, 1, 1, tzinfo=UTC)


def account(record: str, email: str | None = None, key: str | None = None, day: int = 0, **more: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"record_id": record, "customer_id": "c", "source": "shop", "flags": []}
    row |= {
        "registered_at": DAY_ONE + timedelta(days=day),
        "emails": [email] if email else [],
        "email_keys": [key or email] if email else [],
    }
    return row | more


def scored(*accounts: dict[str, Any], orders: list[tuple[str, float, list[str]]] | None = None) -> dict[str, Any]:
    """The only row there is; ``orders`` are record, day and promotions of first orders."""
    bought = [(record, DAY_ONE + timedelta(days=day), codes) for record, day, codes in orders or []]
    first = pd.DataFrame(bought, columns=["record_id", "occurred_at", "promotions"])
    (row,) = score(pd.DataFrame(list(accounts), columns=list(ACCOUNT_COLUMNS)), first).to_dict("records")
    return row


def test_one_account_is_no_repetition():
    frame = pd.DataFrame([account("1"), account("2", source="store")], columns=list(ACCOUNT_COLUMNS))
    assert score(frame).empty


def test_a_second_account_years_later_scores_nothing():
    row = scored(account("1", "ana@example.org"), account("2", "ana@work.example", day=700))
    assert (row["accounts"], row["score"], row["flagged"], row["evidence"]) == (2, 0.0, False, {})


def test_one_other_spelling_is_not_enough_and_two_are():
    one = scored(account("1", "ana@gmail.com"), account("2", "ana+a@gmail.com", "ana@gmail.com", 90))
    assert one["evidence"] == {"alias_emails": 1}
    assert 0 < one["score"] < FLAGGED
    two = scored(
        account("1", "ana@gmail.com"),
        account("2", "ana+a@gmail.com", "ana@gmail.com", 90),
        account("3", "a.na@gmail.com", "ana@gmail.com", 180),
    )
    assert two["evidence"] == {"further_accounts": 1, "alias_emails": 2}
    assert two["flagged"]


@pytest.mark.parametrize(
    ("accounts", "orders", "evidence"),
    [
        ([account("1", "ana.reyes1@x.org"), account("2", "ana.reyes22@x.org", day=50)], [], {"numbered_emails": 1}),
        ([account("1"), account("2", "q@mailinator.com", day=50, flags=["emails:disposable"])], [], {"disposable_emails": 1}),
        ([account("1"), account("2", day=3)], [], {"close_registrations": 1}),
        ([account("1"), account("2", day=50)], [("1", 0.2, []), ("2", 50.9, [])], {"quick_first_orders": 1}),
        ([account("1"), account("2", day=50)], [("1", 9, ["WELCOME"]), ("2", 70, ["WELCOME"])], {"promotions_again": 1}),
    ],
)
def test_each_kind_of_evidence_is_counted_and_worth_what_is_declared(
    accounts: list[dict[str, Any]], orders: list[tuple[str, float, list[str]]], evidence: dict[str, int]
):
    row = scored(*accounts, orders=orders)
    assert row["evidence"] == evidence
    (name,) = evidence
    assert row["score"] == pytest.approx(Weights().worth[name])


def test_more_evidence_never_scores_less_and_never_reaches_certainty():
    def registered(n: int) -> float:
        return scored(*(account(str(i), f"ana+{i}@gmail.com", "ana@gmail.com", i) for i in range(n)))["score"]

    scores = [registered(n) for n in range(2, 30)]
    assert scores == sorted(scores)
    assert scores[-1] < 1


def test_accounts_without_a_known_moment_are_counted_all_the_same():
    row = scored(account("1", registered_at=pd.NaT), account("2", registered_at=pd.NaT))
    assert (row["accounts"], row["first_at"], row["last_at"]) == (2, None, None)
