"""What cleaning did is on the record: each value kept, repaired, flagged, emptied or filled, with its rule and its reason."""

import json
import re
from collections import Counter
from dataclasses import replace

import pandas as pd
import pytest

from include.cleaning.frames import clean_customers, clean_rows
from include.cleaning.habits import Habits
from include.cleaning.orders import LEAST_DATES, learn
from include.cleaning.repairs import Repair
from include.customer import names

from .factory import HABITS, mapped


def customer(habits=HABITS, **row):
    return clean_customers(mapped("customers", row), habits).iloc[0]


def entries(row, field):
    return [entry for entry in json.loads(row["changes"] or "[]") if entry["field"] == field]


def said(row, field):
    return [(entry["outcome"], entry["rule"], entry["reason"]) for entry in entries(row, field)]


def test_a_value_that_is_kept_has_no_entry():
    row = customer(country="PH", phones=["+639175550142"], emails=["ana@gmail.com"])
    assert row["changes"] is None


@pytest.mark.parametrize(
    ("row", "field", "expected"),
    [
        ({"city": "N/A"}, "city", ("emptied", "missing", "missing")),
        ({"city": " keine Angabe "}, "city", ("emptied", "missing", "missing")),
        ({"city": "asdf"}, "city", ("emptied", "placeholder", "placeholder")),
        ({"phones": ["0000000000"]}, "phones", ("emptied", "placeholder", "placeholder")),
        ({"emails": ["nobody at all"]}, "emails", ("emptied", "invalid", "invalid")),
        ({"country": "DE", "postcode": "LS1 4AP"}, "postcode", ("emptied", "invalid", "invalid")),
        ({"birth_date": "05/06/1990"}, "birth_date", ("emptied", "ambiguous", "ambiguous")),
        ({"birth_date": "1890-05-06"}, "birth_date", ("flagged", "suspicious", "suspicious")),
        ({"emails": ["info@reyestrading.ph"]}, "emails", ("flagged", "role", "note")),
        ({"given_name": "Garc?a", "family_name": "Cruz"}, "given_name", ("flagged", "lossy", "damaged")),
    ],
)
def test_missing_placeholder_invalid_ambiguous_and_suspicious_are_different_things(row, field, expected):
    assert expected in said(customer(**row), field)


def test_a_word_for_nothing_is_flagged_as_missing_and_not_as_a_placeholder():
    row = customer(city="unknown", subdivision="test")
    assert set(row["flags"]) == {"city:missing", "subdivision:placeholder"}


def test_an_emptied_value_says_why_once_and_keeps_what_stood_there():
    row = customer(scope="MNL01", phones=["0000000000"])
    assert entries(row, "phones") == [
        {
            "field": "phones", "outcome": "emptied", "rule": "placeholder", "reason": "placeholder",
            "old": "0000000000", "new": None,
        }
    ]  # fmt: skip


def test_a_blank_is_no_value_and_no_change():
    row = customer(given_name="   ", city="\t", emails=[" "])
    assert row["changes"] is None


def test_an_amount_of_signs_that_show_nothing_is_emptied_on_the_record_like_any_other_value():
    row = clean_rows(mapped("interactions", {"amount": "\u200b"}), "interactions", HABITS).frame.iloc[0]
    assert said(row, "amount") == [("emptied", "blank", "missing")]


@pytest.mark.parametrize(
    ("country", "line", "expected"),
    [
        ("US", "123 Main St Apt 4, Springfield, IL 62701, USA", ("62701", "US-IL", "Springfield", "123 Main Street")),
        ("DE", "Hauptstr. 12, 10115 Berlin", ("10115", None, "Berlin", "Hauptstraße 12")),
        (
            "BR",
            "Rua Augusta, 1500 - Consolação, São Paulo - SP, 01304-001",
            ("01304-001", "BR-SP", "São Paulo", "R. Augusta, 1500"),
        ),
        ("JP", "〒150-0002 東京都渋谷区渋谷2-21-1", ("150-0002", "JP-13", "Shibuya", "渋谷2-21-1")),
        ("US", "PO Box 1234, Springfield, IL 62701", ("62701", "US-IL", "Springfield", "P.O. Box 1234")),
    ],
)
def test_an_address_in_one_line_fills_the_fields_its_source_has_not_and_says_so(country, line, expected):
    row = customer(country=country, address_line=line)
    assert tuple(row[["postcode", "subdivision", "city"]]) == expected[:3]
    apart = customer(country=country, address_line=expected[3])
    assert tuple(row[["house_number", "street_key"]]) == tuple(apart[["house_number", "street_key"]])
    assert ("derived", "parsed", "address_line") in {
        (entry["outcome"], entry["rule"], entry.get("source")) for entry in entries(row, "postcode")
    }


BESIDE = [{"city": "Bonn"}, {"postcode": "10115"}, {"country": "ZW"}, {"address_line": "Berliner Str. 12345"}]


@pytest.mark.parametrize("row", BESIDE)
def test_no_part_is_read_out_of_a_line_beside_fields_of_its_own_without_a_pack_or_of_a_street_alone(row):
    cleaned = customer(**{"country": "DE", "address_line": "Hauptstr. 12, 10117 Berlin", **row})
    assert not any(entry["rule"] == "parsed" for field in ("postcode", "city") for entry in entries(cleaned, field))


def test_parts_read_out_of_a_whole_name_say_where_they_came_from():
    row = customer(country="PH", full_name="Ana Cruz")
    assert {(entry["rule"], entry["outcome"], entry["source"]) for entry in entries(row, "given_name")} == {
        ("parsed", "derived", "full_name")
    }


# --- dates that can be read both ways -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("habits", "row", "value", "flags"),
    [
        (HABITS, {"scope": "MNL01"}, "1990-05-06", []),  # its store declares month first
        (Habits(), {}, None, ["birth_date:ambiguous"]),
        (Habits(), {"phones": ["+49 30 901820"]}, None, ["birth_date:ambiguous"]),  # Germany is only inferred
        (Habits(), {"country": "DE"}, "1990-06-05", ["birth_date:order_of_country"]),
        (Habits(learned_orders={None: "DMY"}), {}, "1990-06-05", ["birth_date:order_learned"]),
        (Habits(learned_orders={None: "MDY"}), {"country": "DE"}, "1990-05-06", ["birth_date:order_learned"]),
    ],
)
def test_an_ambiguous_date_stays_so_unless_somebody_decides_and_who_did_is_recorded(habits, row, value, flags):
    cleaned = customer(habits, birth_date="05/06/1990", **row)
    assert cleaned["birth_date"] == value
    assert [flag for flag in cleaned["flags"] if flag.startswith("birth_date:")] == flags


def test_a_date_that_can_be_read_one_way_needs_nobody():
    assert customer(Habits(), birth_date="25/06/1990")["birth_date"] == "1990-06-25"
    assert customer(Habits(), birth_date="1990-06-05")["birth_date"] == "1990-06-05"


def test_what_dates_show_is_counted_by_store():
    texts = ("25/06/1990", "06/25/1990", "06/05/1990")
    rows = [{"scope": scope, "birth_date": text} for scope in ("MNL01", None) for text in texts]
    shown = clean_rows(mapped("customers", *rows), "customers", HABITS).orders
    assert shown == {(scope, what): 1 for scope in ("MNL01", None) for what in ("day_first", "month_first", "either")}


@pytest.mark.parametrize(
    ("evidence", "order"),
    [
        ({"day_first": LEAST_DATES, "month_first": 0, "either": 500}, "DMY"),
        ({"day_first": 1, "month_first": 99}, "MDY"),
        ({"day_first": LEAST_DATES - 1}, None),
        ({"day_first": 90, "month_first": 10}, None),
        ({"either": 1_000}, None),
    ],
)
def test_a_habit_is_learned_only_from_many_dates_that_agree(evidence, order):
    found = learn(evidence)
    assert (found.order if found else None) == order
    if found:
        assert found.evidence == evidence


# --- filled from evidence -------------------------------------------------------------------------------------------------------


def test_an_inferred_value_names_its_source_and_how_sure_it_is():
    row = customer(scope="MNL01", phones=["+81 80 4321 8765"])
    assert entries(row, "country") == [
        {
            "field": "country", "outcome": "inferred", "rule": "from_phone", "reason": "evidence", "old": None, "new": "JP",
            "source": "phones", "confidence": 0.9,
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "city"),
    [
        ({"country": "DE", "postcode": "10115"}, "Berlin"),
        ({"country": "FR", "postcode": "75011"}, "Paris"),
        ({"country": "GB", "postcode": "sw1a1aa"}, "London"),
        ({"scope": "MNL01", "postcode": "1226"}, "Makati City"),
        ({"country": "DE", "postcode": "12529"}, None),  # shared with a neighbour
        ({"country": "DE", "postcode": "10115", "city": "Potsdam"}, "Potsdam"),  # stated
        ({"postcode": "10115", "phones": ["+49 30 901820"]}, None),  # the country itself is only inferred
    ],
)
def test_a_city_follows_from_a_postcode_that_lies_in_one_city_only(row, city):
    cleaned = customer(**row)
    assert cleaned["city"] == city
    assert ("city:from_postcode" in cleaned["flags"]) == (city is not None and "city" not in row)


def test_a_gender_is_never_inferred():
    assert customer(country="PH", given_name="Maria", title="Mrs")["gender"] is None


# --- a source's own quirks ------------------------------------------------------------------------------------------


def with_repairs(*repairs):
    return replace(HABITS, repairs=repairs)


def test_a_declared_prefix_is_taken_off_and_it_is_recorded():
    habits = with_repairs(Repair("strip_prefix", ("phones",), ("p:",)))
    row = customer(habits, scope="MNL01", phones=["p:0917 555 0142", "0917 555 0143"])
    assert row["phones"] == ["+639175550142", "+639175550143"]
    assert ("repaired", "stripped_prefix", "form") in said(row, "phones")
    assert entries(row, "phones")[0]["old"] == "p:0917 555 0142"


def test_a_placeholder_of_one_source_is_emptied_there_and_nowhere_else():
    habits = with_repairs(Repair("placeholder", ("city",), ("Headquarters",)))
    row = customer(habits, city=" headquarters ")
    assert row["city"] is None
    assert said(row, "city") == [("emptied", "source_placeholder", "placeholder")]
    assert customer(city="Headquarters")["city"] == "Headquarters"


def test_columns_that_slid_are_put_back():
    shifted = Repair("shifted", ("address_line", "city", "postcode"), when=("city", re.compile(r"\d{5}")), to="right")
    rows = [
        {"country": "DE", "address_line": "Berlin", "city": "10115", "postcode": None},
        {"country": "DE", "address_line": "Hauptstr. 1", "city": "Berlin", "postcode": "10115"},
        {"country": "DE", "address_line": "Hauptstr. 1", "city": "10115", "postcode": "10117"},  # nothing may fall off the end
    ]
    cleaned = clean_customers(mapped("customers", *rows), with_repairs(shifted))
    assert cleaned[["address_line", "city", "postcode"]].to_numpy().tolist() == [
        [None, "Berlin", "10115"], ["Hauptstr. 1", "Berlin", "10115"], ["Hauptstr. 1", "10115", "10117"],
    ]  # fmt: skip
    assert ("repaired", "shifted_columns", "misplaced") in said(cleaned.iloc[0], "city")


# --- the sums ----------------------------------------------------------------------------------------------------


PEOPLE = (
    {"scope": "MNL01", "full_name": "Ana Cruz", "phones": ["09175550142"], "emails": ["ana@gmial.com"], "city": "N/A"},
    {"scope": "BER01", "given_name": "Jos?", "family_name": "Müller", "postcode": "10115", "birth_date": "31.12.1980"},
    {"full_name": "Walk-in Customer", "phones": ["0000000000"], "emails": ["x", "info@firma.de"], "country": "nowhere"},
    {"country": "JP", "full_name": "山田太郎", "emails": ["09175550142"], "phones": ["ana@gmail.com"], "gender": "F"},
    {},
)


def test_every_delivered_value_is_accounted_for():
    frame = mapped("customers", *PEOPLE)
    cleaned, tally, _ = clean_rows(frame, "customers", HABITS)
    assert set(tally) == set(names("customers", "mapped"))
    for field, counts in tally.items():
        assert counts.delivered == counts.kept + counts.repaired + counts.flagged + counts.emptied, field
        assert counts.held == sum(value is False or (bool(value) and value is not pd.NaT) for value in cleaned[field]), field
    assert tally["country"].inferred == 2
    assert (tally["city"].delivered, tally["city"].emptied, tally["city"].inferred) == (1, 1, 1)


def test_the_sums_agree_with_the_records():
    cleaned, tally, _ = clean_rows(mapped("customers", *PEOPLE), "customers", HABITS)
    of_records = Counter(
        (entry["field"], entry["outcome"])
        for written in cleaned["changes"].dropna()
        for entry in {(e["field"], e["outcome"]): e for e in json.loads(written)}.values()
    )
    for field, counts in tally.items():
        assert of_records[field, "inferred"] == counts.inferred, field
        assert of_records[field, "emptied"] >= counts.emptied, field  # one of several values may be emptied, and the field stay


def test_parts_of_a_frame_add_up_to_the_whole():
    from include.cleaning.tally import added

    frame = mapped("customers", *PEOPLE)
    whole = clean_rows(frame, "customers", HABITS).tally
    parts = {}
    for i in range(len(frame)):
        parts = added(parts, clean_rows(frame.iloc[i : i + 1], "customers", HABITS).tally)
    assert parts == whole
