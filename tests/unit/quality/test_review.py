"""A delivery is reviewed before it is cleaned: its shape and what changed, and never a value of anybody."""

import json

import pandas as pd
import pytest

from include.quality.assessment import FieldQuality, cleaning_page, profile_page
from include.quality.review import LEAST_RECORDS, OTHER, Review, mask, stored

FIELDS = ("city", "postcode", "emails", "birth_date", "note")


def frame(rows, **columns):
    from include.customer import FIELDS as ALL

    given = {"record_id": [f"r{n}" for n in range(rows)]} | columns
    for field in ALL["customers"]:
        if field.origin == "mapped":
            given.setdefault(field.name, [[]] * rows if field.type == "texts" else [None] * rows)
    return pd.DataFrame(given)


def review(*frames, earlier=None):
    found = Review("customers")
    for one in frames:
        found.add(one)
    return {f.field: f for f in found.findings(pd.DataFrame() if earlier is None else earlier)}


def as_earlier(found, run="before"):
    rows = [{"field": f.field, "run_id": run, "rows": f.rows, "filled": f.filled, "patterns": f.patterns} for f in found.values()]
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("Ana Cruz", "Aa Aa"),
        ("0917 123-4567", "9999 999-9999"),
        ("ana.cruz99@gmail.com", "a.a99@a.a"),
        ("山田太郎", "漢"),
        ("やまだ ヤマダ 김", "か カ 한"),
        ("王小明 Ming", "漢 Aa"),
        ("Łódź", "Aa"),
        ("محمد", "x"),
        ("٠١٢", "999"),
        ("a😀b", "a*a"),
        ("Ab " * 60, OTHER),
    ],
)
def test_a_mask_shows_the_shape_of_a_value_and_no_letter_of_it(text, shape):
    assert mask(text) == shape


def test_a_shape_that_few_records_have_is_not_shown():
    cities = ["Makati"] * 50 + ["St. John's"] * (LEAST_RECORDS - 1) + ["Quezon City"] * LEAST_RECORDS
    found = review(frame(len(cities), city=cities))["city"]
    assert found.patterns == {"Aa": 50, "Aa Aa": 10, OTHER: 9}


def test_one_record_repeated_often_is_still_one_record():
    rows = frame(40, city=["X-9 Y"] * 40).assign(record_id="always the same")
    assert review(rows)["city"].patterns == {OTHER: 40}


def test_no_value_is_in_a_profile():
    people = frame(
        30, city=["Kanarienstadt"] * 30, emails=[["canary.person@kanarie.example"]] * 30, note=["canary was here"] * 30
    )
    assert "anari" not in json.dumps(stored(review(people).values(), "m"), default=str).lower()
    assert review(people)["note"].patterns == {}


def test_figures_do_not_depend_on_how_the_delivery_is_cut():
    cities = [f"City{n % 7}" if n % 3 else None for n in range(300)]
    emails = [[f"p{n % 90}@a.com", f"q{n}@b.org"] if n % 2 else [] for n in range(300)]
    whole = frame(300, city=cities, emails=emails)
    assert review(whole) == review(whole.iloc[:7], whole.iloc[7:250], whole.iloc[250:])
    assert (review(whole)["city"].filled, review(whole)["city"].distinct_values) == (200, 7)
    assert (review(whole)["emails"].filled, review(whole)["emails"].distinct_values) == (150, 195)


def test_values_of_odd_length_are_outliers():
    postcodes = [f"{n:05d}" for n in range(500)] + ["1234567890123", "1"]
    found = review(frame(502, postcode=postcodes))["postcode"]
    assert (found.outliers, found.shortest, found.longest) == (2, 1, 13)


def test_a_delivery_like_those_before_has_not_drifted():
    before = review(frame(400, city=["Makati"] * 390 + [None] * 10))
    now = review(frame(300, city=["Pasig"] * 290 + [None] * 10), earlier=as_earlier(before))["city"]
    assert (now.compared_runs, now.drift, now.drifted) == (1, 0.0, False)
    assert now.filled_before == pytest.approx(0.975)


@pytest.mark.parametrize(
    "birthdays",
    [["05/17/1990"] * 300, [None] * 300],  # another form; none at all
)
def test_another_form_or_an_emptied_column_is_drift(birthdays):
    before = review(frame(400, birth_date=["1990-05-17"] * 400))
    now = review(frame(300, birth_date=birthdays), earlier=as_earlier(before))["birth_date"]
    assert now.drifted


def test_a_handful_of_rows_tells_nothing_of_drift():
    before = review(frame(400, birth_date=["1990-05-17"] * 400))
    assert not review(frame(20, birth_date=[None] * 20), earlier=as_earlier(before))["birth_date"].drifted


def test_an_empty_delivery_has_a_profile():
    assert {found.rows for found in review(frame(0)).values()} == {0}


# --- the pages ----------------------------------------------------------------------------------------------------

OF = {"source": "store_pos", "stream": "customers"}


def counts(field, **more):
    row = dict.fromkeys(("rows", "delivered", "kept", "repaired", "flagged", "emptied", "derived", "inferred", "doubtful"), 0)
    return {**OF, "field": field, **row, **more}


def test_before_and_after_are_shares_of_what_was_delivered_and_held():
    field = FieldQuality(
        counts("city", rows=100, delivered=80, kept=40, repaired=30, flagged=4, emptied=6, inferred=10, doubtful=4)
    )
    assert (field.complete_before, field.complete_after) == (0.8, 0.84)
    assert (field.valid_before, field.valid_after) == (0.5, 80 / 84)
    assert field.adds_up


def test_a_value_that_is_unaccounted_for_is_told_first():
    page = cleaning_page("ingest_store_pos", "r", [counts("city", rows=10, delivered=9, kept=8)], [])
    assert "Values are unaccounted for: city" in page


def test_the_pages_show_fields_in_canonical_order_and_name_the_standard():
    cleaning = {"source": "store_pos", "cleaning_version": 3, "standards_version": 7, "standards_owner": "customer-data"}
    rows = [counts("phones", rows=10, delivered=9, repaired=9), counts("city", rows=10), counts("given_name", rows=10, derived=2)]
    page = cleaning_page("ingest_store_pos", "r", rows, [cleaning])
    assert page.index("given name") < page.index("phones")
    assert "standard 7 of <strong>customer-data</strong>" in page
    assert "Neither delivered nor filled: city" in page


def test_a_profile_page_names_what_drifted():
    before = review(frame(400, birth_date=["1990-05-17"] * 400))
    now = review(frame(300, birth_date=["05/17/1990"] * 300), earlier=as_earlier(before))
    page = profile_page("ingest_store_pos", "r", [{**OF, **row} for row in stored(now.values(), "m")])
    assert "Unlike earlier deliveries: store_pos.customers birth_date" in page
    assert "<code>99/99/9999</code>" in page


def test_a_profile_that_was_compared_with_nothing_does_not_say_that_nothing_stands_out():
    page = profile_page(
        "ingest_store_pos", "r", [{**OF, **row} for row in stored(review(frame(300, note=["hm"] * 300)).values(), "m")]
    )
    assert "no earlier delivery of a hundred rows" in page
    assert "stands out" not in page
    assert '<th scope="col" class="number">Drift</th>' not in page
    assert "free text" in page


def test_a_run_that_cleaned_nothing_says_so():
    assert "Nothing of this run has been cleaned yet" in cleaning_page("d", "r", [], [])
    assert "Nothing of this run has been reviewed yet" in profile_page("d", "r", [])
