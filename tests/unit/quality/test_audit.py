"""An audit is held against the audits before it: what moved by more than it used to is told, what moves by chance is not."""

from datetime import UTC, datetime, timedelta

from include.quality.audit import audit_page, finding

WHEN = datetime(2026, 9, 28, 4, tzinfo=UTC)


def figure(good: float, whole: float = 10_000, week: int = 0, **more: str) -> dict:
    of = {"dimension": "completeness", "source": "shop", "scope": "", "field": "emails"}
    return {"as_of": WHEN - timedelta(weeks=week), **of, **more, "good": good, "whole": whole}


def found(now: list[dict], earlier: list[dict]):
    return finding(now, earlier, under_represented=0.8, least_customers=30)


def test_a_score_that_leaves_what_it_was_for_weeks_is_unusual_and_what_lowered_it_is_named():
    earlier = [figure(good, week=week) for week, good in enumerate((9_000, 9_010, 8_990, 9_005, 9_000), 1)]
    audit = found([figure(8_000)], earlier)
    assert audit.unusual == ["completeness of all sources", "completeness of shop"]
    assert [(one.field, round(one.impact, 2)) for one in audit.lowered] == [("emails", -0.1)]
    page = audit_page("audit_quality", "r", audit)
    assert "80.0 %, unusual" in page
    assert "-10.0" in page


def test_a_handful_of_records_is_not_unusual_by_chance():
    earlier = [figure(9, 10, week) for week in range(1, 6)]
    assert found([figure(7, 10)], earlier).unusual == []


def test_three_audits_are_too_few_to_call_the_fourth_unusual():
    audit = found([figure(1)], [figure(9_000, week=week) for week in range(1, 4)])
    assert audit.unusual == []
    assert "too few audits" in audit_page("audit_quality", "r", audit)


def test_records_that_suddenly_come_together_are_told():
    identity = {"dimension": "identity", "source": "golden", "field": "records_per_customer"}
    earlier = [figure(good, 6_000, week, **identity) for week, good in enumerate((24_000, 24_100, 23_900, 24_000), 1)]
    assert found([figure(24_200, 6_000, **identity)], earlier).unusual == []
    assert found([figure(36_000, 6_000, **identity)], earlier).unusual == ["records per customer"]


def test_a_run_that_has_counted_nothing_says_so():
    assert "This run has audited nothing yet" in audit_page("audit_quality", "r", found([], []))
