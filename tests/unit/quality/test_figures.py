"""What is counted of a delivery adds up, store by store, and what is unlike earlier days is told."""

from datetime import date
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from include.customer import FIELDS
from include.quality.figures import Figures, by_store, unusual

DOUBTFUL = frozenset({"emails:typo", "phones:short"})


def row(store: str | None, record: str, file: str = "f", **values: Any) -> dict[str, Any]:
    made = {field.name: [] if field.type == "texts" else None for field in FIELDS["customers"]}
    told = {"record_id": record, "file": file, "scope": store, "delivered_on": date(2026, 8, 3), "flags": []}
    return made | told | values


def counted(*chunks: list[dict[str, Any]], days: int = 1) -> dict[tuple[str, str, str], tuple[float, float]]:
    figures = Figures("customers", DOUBTFUL, days)
    for chunk in chunks:
        figures.add(pd.DataFrame(chunk))
    return {(found["scope"], found["dimension"], found["field"]): (found["good"], found["whole"]) for found in figures.rows()}


def test_every_store_is_counted_by_itself_and_field_by_field() -> None:
    found = counted(
        [row("mnl", "a", emails=["a@b.c"], flags=["emails:typo", "phones:other"]), row("mnl", "b", full_name="Bo")],
        [row("ceb", "c", emails=["c@d.e"])],
        days=2,
    )
    assert found["mnl", "volume", "rows"] == (2, 3)
    assert found["mnl", "completeness", "emails"] == (1, 2)
    assert found["mnl", "validity", "emails"] == (0, 1)
    assert found["ceb", "validity", "emails"] == (1, 1)
    assert found["mnl", "timeliness", "days"] == (1, 2)
    assert ("ceb", "validity", "full_name") not in found, "nothing held, nothing to be valid"


def test_a_record_told_twice_in_a_file_is_not_unique_and_in_two_files_it_is() -> None:
    found = counted([row(None, "a"), row(None, "b")], [row(None, "a"), row(None, "b", file="g")])
    assert found["", "uniqueness", "record"] == (2, 4)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from(["x", "y", None]), st.booleans(), st.booleans()), min_size=1, max_size=30), st.data())
def test_how_a_delivery_is_cut_changes_nothing(told: list[tuple[str | None, bool, bool]], data: st.DataObject) -> None:
    rows = [
        row(store, str(number), emails=["a@b.c"] * held, flags=["emails:typo"] * (bad and held))
        for number, (store, held, bad) in enumerate(told)
    ]
    at = data.draw(st.integers(0, len(rows)))
    assert counted(*(part for part in (rows[:at], rows[at:]) if part)) == counted(rows)


def test_a_store_that_falls_silent_and_a_field_that_empties_are_told() -> None:
    rows = Figures("customers", DOUBTFUL, 1)
    rows.add(pd.DataFrame([row("mnl", str(number)) for number in range(100)]))
    earlier = {
        ("mnl", "completeness", "emails"): [(95.0, 100.0)] * 5,
        ("mnl", "completeness", "phones"): [(5.0, 100.0)] * 5,
        ("mnl", "volume", "rows"): [(100.0, 150.0)] * 5,
        ("ceb", "volume", "rows"): [(50.0, 150.0)] * 5,
        ("ceb", "completeness", "emails"): [(95.0, 100.0)] * 3,
    }
    assert unusual(rows.rows(), earlier) == [
        "store ceb: 0 rows, usually 50", "store mnl: completeness of emails 0%, usually 95%",
    ]  # fmt: skip


def test_the_page_has_a_line_a_store_over_all_fields() -> None:
    figures = Figures("customers", DOUBTFUL, 1)
    figures.add(pd.DataFrame([row("mnl", "a", emails=["a@b.c"]), row("ceb", "b")]))
    lines = {store: (shares["uniqueness"], shares["consistency"], rows) for store, shares, rows in by_store(figures.rows())}
    assert lines == {"ceb": (1.0, None, 1), "mnl": (1.0, None, 1)}
