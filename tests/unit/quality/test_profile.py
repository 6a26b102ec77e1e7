"""The batch's figures are the ones pandas gives over the whole batch, however it was cut."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.quality.declared import Measure
from include.quality.profile import Profile

ALLOWED = frozenset({("eu", "eu"), ("us", "us"), ("eu", "us")})
MEASURES = {
    "nulls": Measure(null_share="country"),
    "deleted": Measure.model_validate({"value_share": {"column": "deleted", "values": [True]}}),
    "deleted_rows": Measure.model_validate({"value_rows": {"column": "deleted", "values": [True]}}),
    "duplicates": Measure(duplicates=("record_id", "file")),
    "duplicate_share": Measure(duplicate_share=("record_id", "file")),
    "distinct": Measure(distinct="country"),
    "largest": Measure(largest_group="country"),
    "largest_share": Measure(largest_share="country"),
    "largest_share_of_records": Measure(largest_share="country", once_per="record_id"),
    "mean": Measure(rows_per_value="country"),
    "shared": Measure(shared_share="country"),
    "shared_rows": Measure(shared_rows="country"),
    "mixed": Measure.model_validate({"mixed_groups": {"group": "customer_id", "by": "region", "allowed": "comparable"}}),
    "latest": Measure(latest="delivered_on"),
    "earliest": Measure(earliest="delivered_on"),
    "brought": Measure(fact="brought"),
    "per_row": Measure(share_of=("brought", "distinct")),
    "missing": Measure(difference=("brought", "distinct")),
    "together": Measure(sum=("brought", "distinct")),
    "of_many": Measure(distinct="country", least_rows=1_000),
}
ROW = st.fixed_dictionaries(
    {
        "record_id": st.sampled_from(["a", "b", "c", None]),
        "file": st.sampled_from(["1", "2"]),
        "country": st.sampled_from(["PH", "DE", "JP", None]),
        "deleted": st.booleans(),
        "customer_id": st.sampled_from(["x", "y"]),
        "region": st.sampled_from(["eu", "us", "cn", None]),
        "delivered_on": st.dates(pd.Timestamp("2026-01-01").date(), pd.Timestamp("2026-12-31").date()),
    }
)


@settings(max_examples=60)
@given(rows=st.lists(ROW, min_size=1, max_size=30), cut=st.integers(0, 30))
def test_figures_equal_those_of_the_whole_batch(rows, cut):
    frame = pd.DataFrame(rows).astype(object)
    profile = Profile(MEASURES, {"brought": 12, "comparable": ALLOWED})
    for part in (frame.iloc[:cut].reset_index(drop=True), frame.iloc[cut:].reset_index(drop=True)):
        if len(part):
            profile.add(part)
    figures = profile.figures({"rows": len(frame)})
    keyed = frame.dropna(subset=["record_id"])
    repeats = len(keyed) - len(keyed[["record_id", "file"]].drop_duplicates())
    counts = frame["country"].value_counts()
    groups = frame.dropna(subset=["region"]).groupby("customer_id")["region"].agg(set)
    some = len(counts) > 0
    once = keyed[["record_id", "country"]].drop_duplicates()["country"].value_counts()
    assert figures == {
        "rows": len(frame),
        "nulls": frame["country"].isna().mean(),
        "deleted": pytest.approx(frame["deleted"].astype(bool).mean()),
        "deleted_rows": frame["deleted"].astype(bool).sum(),
        "duplicates": repeats if len(keyed) else None,
        "duplicate_share": repeats / len(frame) if len(keyed) else None,
        "distinct": len(counts) if some else None,
        "largest": counts.max() if some else None,
        "largest_share": counts.max() / counts.sum() if some else None,
        "largest_share_of_records": once.max() / once.sum() if len(once) else None,
        "mean": counts.mean() if some else None,
        "shared": counts[counts > 1].sum() / counts.sum() if some else None,
        "shared_rows": counts[counts > 1].sum() if some else None,
        "mixed": sum("cn" in group and len(group) > 1 for group in groups),
        "latest": pd.Timestamp(frame["delivered_on"].max(), tz="UTC"),
        "earliest": pd.Timestamp(frame["delivered_on"].min(), tz="UTC"),
        "brought": 12,
        "per_row": 12 / len(counts) if some else None,
        "missing": 12 - len(counts) if some else None,
        "together": 12 + len(counts) if some else None,
        "of_many": None,
    }


def test_each_text_of_a_list_counts_by_itself():
    frame = pd.DataFrame({"emails": [["a@x.com", "b@x.com"], ["a@x.com"], []]})
    profile = Profile({"share": Measure(largest_share="emails")}, {})
    profile.add(frame)
    assert profile.figures({})["share"] == pytest.approx(2 / 3)


def test_a_window_of_many_full_exports_is_judged_as_each_of_them_is():
    day = pd.DataFrame(
        {"record_id": [f"r{n}" for n in range(6)], "emails": [["home@x.com"], ["home@x.com"], ["c@x.com"], [], [], []]}
    )
    measures = {
        "share": Measure(largest_share="emails", once_per="record_id"),
        "of_many": Measure(largest_share="emails", once_per="record_id", least_rows=7),
        "of_enough": Measure(largest_share="emails", once_per="record_id", least_rows=6),
    }
    for days in (1, 5):
        profile = Profile(measures, {})
        for _ in range(days):
            profile.add(day)
        share = pytest.approx(2 / 3)
        assert profile.figures({}) == {"share": share, "of_many": None, "of_enough": share}, "five times six are six records"


def test_once_per_goes_with_largest_share_alone():
    with pytest.raises(ValueError, match="goes with largest_share"):
        Measure(distinct="country", once_per="record_id")


def test_an_empty_batch_has_no_figures():
    figures = Profile(MEASURES, {"brought": 12, "comparable": ALLOWED}).figures({"rows": 0})
    assert {name for name, figure in figures.items() if figure is not None} == {"rows", "brought"}
