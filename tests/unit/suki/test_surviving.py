"""Golden values are the same however many parts their records are dealt into."""

from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import pandas as pd
import pytest
from airflow.sdk import ObjectStoragePath

from include.warehouse.errors import DoesNotAddUp
from suki import surviving
from suki.lake import Lake
from suki.surviving import Judge, Survived, survived
from tests.unit.golden.factory import TRUST, record, snapshot


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(ObjectStoragePath(f"file://{tmp_path}"))


def given(lake: Lake, people: int, *, missing: int = 0) -> tuple[str, str]:
    """A snapshot of two records each, the second halves behind all the first, and the customers of the records."""
    customers = {n: str(uuid5(NAMESPACE_OID, str(n))) for n in range(people)}
    rows: list[dict[str, Any]] = [
        record(f"r{half}{n:04}", customers[n], source=source, full_name=f"Name {n}", emails=[f"{half}{n}@example.org"])
        for half, source in enumerate(("web", "shop"))
        for n in range(people)
    ]
    frame = snapshot(*rows)
    members = frame[["record_id", "customer_id"]].sample(frac=1, random_state=1)
    kept = frame.drop(columns="customer_id").iloc[missing:]
    return lake.put(kept, "snapshot"), lake.put(members, "memberships")


def run(lake: Lake, uris: tuple[str, str]) -> tuple[Survived, list[pd.DataFrame]]:
    found = survived(lake, *uris, Judge(None, TRUST, (), ()), "resolve")
    return found, [lake.get(found.artefacts[name]) for name in ("customers", "proofs")]


def test_parts_give_what_the_whole_gives(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    uris = given(lake, 60)
    whole, frames = run(lake, uris)
    monkeypatch.setattr(surviving, "AT_ONCE", 25)
    monkeypatch.setattr(surviving, "_READ", 17)
    parts, in_parts = run(lake, uris)
    assert (whole.customers, whole.proven) == (parts.customers, parts.proven) == (60, 2 * 60)
    for one, other in zip(frames, in_parts, strict=True):
        pd.testing.assert_frame_equal(one, other)
    assert set(frames[0]["record_count"]) == {2}, "both records of everybody came together"


def test_what_is_read_of_a_snapshot_is_all_that_golden_values_take(lake: Lake) -> None:
    judge = Judge(None, TRUST, (), ())
    rows = [record(f"r{n}", "c", source="web" if n % 2 else "shop", full_name=f"Name {n}") for n in range(4)]
    told = snapshot(*rows).assign(house_number="7")
    uris = lake.put(told.drop(columns="customer_id"), "snapshot"), lake.put(told[["record_id", "customer_id"]], "memberships")
    _, (customers, proofs) = run(lake, uris)
    whole, proven = judge.chosen(told)
    pd.testing.assert_frame_equal(proofs, proven)
    assert customers["full_name"].tolist() == whole["full_name"].tolist()
    assert "house_number" not in judge.columns
    assert {"given_key", "family_key", "email_keys"} <= judge.columns, "values are compared by these"


@pytest.mark.parametrize("at_once", [10, 1_000])
def test_a_record_that_the_snapshot_lacks_stops_the_run(lake: Lake, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(surviving, "AT_ONCE", at_once)
    with pytest.raises(DoesNotAddUp, match="40 records have a customer, and the snapshot holds 39"):
        run(lake, given(lake, 20, missing=1))


def test_a_run_that_leaves_nobody_has_empty_golden_values(lake: Lake) -> None:
    found, (customers, proofs) = run(lake, _nobody(lake))
    assert (found.customers, len(customers), len(proofs)) == (0, 0, 0)


def _nobody(lake: Lake) -> tuple[str, str]:
    frame = snapshot(record("a", "c")).iloc[:0]
    return lake.put(frame.drop(columns="customer_id"), "snapshot"), lake.put(frame[["record_id", "customer_id"]], "memberships")
