"""Whole frames: no row is lost, every change is on the record, nothing that is nobody's can link people."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from include.cleaning.frames import clean_customers, clean_interactions
from include.customer import ROW_COLUMNS, names

from .factory import HABITS, mapped


def customer(**row):
    return clean_customers(mapped("customers", row), HABITS).iloc[0]


def changes(row, field):
    return [change for change in json.loads(row["changes"] or "[]") if change["field"] == field]


@pytest.mark.parametrize(("kind", "clean"), [("customers", clean_customers), ("interactions", clean_interactions)])
def test_columns_are_the_contracts_and_rows_keep_their_order_and_index(kind, clean):
    frame = mapped(kind, {"scope": "MNL01"}, {}, {"deleted": True})
    frame.index = [7, 3, 9]
    cleaned = clean(frame, HABITS)
    assert list(cleaned.columns) == [*ROW_COLUMNS, *names(kind), "flags", "changes"]
    assert list(cleaned["record_id"]) == ["r0", "r1", "r2"]
    assert list(cleaned.index) == [7, 3, 9]


@pytest.mark.parametrize(("kind", "clean"), [("customers", clean_customers), ("interactions", clean_interactions)])
def test_an_empty_day_cleans_to_an_empty_frame(kind, clean):
    cleaned = clean(mapped(kind, {}).iloc[:0], HABITS)
    assert len(cleaned) == 0
    assert list(cleaned.columns) == [*ROW_COLUMNS, *names(kind), "flags", "changes"]


def test_missing_is_none_and_never_a_text():
    row = customer(given_name="", city=float("nan"), emails=None, phones=np.array([], dtype=object))
    assert row["given_name"] is None
    assert row["city"] is None
    assert row["emails"] == []
    assert row["phones"] == []
    assert row["changes"] is None


def test_every_change_is_on_the_record_with_its_old_value():
    row = customer(scope="MNL01", emails=["Ana.Cruz@GMAIL.con"], postcode="1226 ", birth_date="05/17/1990")
    assert row["birth_date"] == "1990-05-17"
    assert changes(row, "emails") == [
        {
            "field": "emails", "outcome": "repaired", "rule": "domain_typo", "reason": "slip",
            "old": "Ana.Cruz@GMAIL.con", "new": "ana.cruz@gmail.com",
        }
    ]  # fmt: skip
    assert changes(row, "birth_date")[0]["old"] == "05/17/1990"
    assert changes(row, "postcode") == [
        {
            "field": "postcode", "outcome": "repaired", "rule": "postcode_form", "reason": "form",
            "old": "1226 ", "new": "1226",
        }
    ]  # fmt: skip


def test_placeholders_never_link_people():
    row = customer(
        scope="MNL01", given_name="Walk-in", family_name="Customer", emails=["noemail@gmail.com"], phones=["0000000000"]
    )
    assert (row["given_name"], row["family_name"], row["given_key"]) == (None, None, None)
    assert (row["emails"], row["email_keys"], row["phones"]) == ([], [], [])
    assert {"given_name:placeholder", "emails:placeholder", "phones:placeholder"} <= set(row["flags"])
    assert changes(row, "emails")[0]["old"] == "noemail@gmail.com"


def test_an_offices_mailbox_is_kept_and_flagged():
    row = customer(emails=["info@reyestrading.ph"])
    assert row["emails"] == ["info@reyestrading.ph"]
    assert "emails:role" in row["flags"]


def test_contacts_in_each_others_field_are_moved():
    row = customer(scope="MNL01", emails=["0917 555 0142"], phones=["ana@gmail.com"])
    assert (row["emails"], row["phones"]) == (["ana@gmail.com"], ["+639175550142"])
    moved = {(entry["field"], entry["outcome"]) for entry in json.loads(row["changes"]) if entry["rule"] == "swapped_fields"}
    assert moved == {("emails", "emptied"), ("phones", "derived"), ("phones", "emptied"), ("emails", "derived")}


def test_several_addresses_become_one_set_and_one_key():
    row = customer(emails=["a.na@gmail.com", "ana+shop@googlemail.com", "A.NA@gmail.com"])
    assert row["emails"] == ["a.na@gmail.com", "ana+shop@googlemail.com"]
    assert row["email_keys"] == ["ana@gmail.com"]


@pytest.mark.parametrize(
    ("row", "country", "flag"),
    [
        ({"country": "Deutschland", "scope": "MNL01"}, "DE", None),
        ({"scope": "MNL01", "phones": ["+81 80 4321 8765"]}, "JP", "country:from_phone"),
        ({"scope": "MNL01", "phones": ["0917 555 0142"]}, "PH", "country:from_store"),
        ({"scope": "MNL01", "city": "Kraków"}, "PL", "country:from_city"),
        ({"scope": "MNL01", "city": "Makati"}, "PH", "country:from_store"),
        ({"language": "pt-BR"}, "BR", "country:from_language"),
        ({"language": "es"}, None, None),
    ],
)
def test_a_country_is_taken_from_evidence_and_says_from_which(row, country, flag):
    cleaned = customer(**row)
    assert cleaned["country"] == country
    assert [f for f in cleaned["flags"] if f.startswith("country:")] == ([flag] if flag else [])


def test_only_the_sources_default_country_is_an_assumption():
    habits = replace(HABITS, default_country="US")
    cleaned = clean_customers(mapped("customers", {"scope": "BER01"}, {"scope": None}), habits)
    assert list(cleaned["country"]) == ["DE", "US"]
    assert [list(flags) for flags in cleaned["flags"]] == [["country:from_store"], ["country:assumed"]]


def test_a_japanese_name_abroad_has_the_key_it_has_at_home():
    rows = [{"country": country, "full_name": "岡本早苗"} for country in ("JP", "US")]
    cleaned = clean_customers(mapped("customers", *rows, {"country": "US", "family_name": "岡本", "given_name": "晄"}), HABITS)
    assert list(cleaned["family_key"]) == ["okamoto"] * 3
    assert list(cleaned["given_key"])[:2] == ["sanae"] * 2
    assert cleaned["given_key"][2].startswith("x"), "no reading is known: none is made up, least of all a Chinese one"


def test_dates_are_read_in_the_stores_order():
    cleaned = clean_customers(
        mapped("customers", *({"scope": scope, "birth_date": "05/06/1990"} for scope in ("MNL01", "BER01"))), HABITS
    )
    assert list(cleaned["birth_date"]) == ["1990-05-06", "1990-06-05"]


def test_a_postcode_is_not_emptied_for_a_country_that_is_only_assumed():
    assumed, stated = customer(scope="TYO01", postcode="LS1 4AP"), customer(country="JP", postcode="LS1 4AP")
    assert assumed["postcode"] == "LS1 4AP"
    assert "postcode:unverified" in assumed["flags"]
    assert stated["postcode"] is None
    assert "postcode:invalid" in stated["flags"]


def test_a_company_in_the_names_place_is_moved():
    row = customer(given_name="Müller Söhne", family_name=None, company_name=None, full_name="Müller Söhne GmbH")
    assert row["company_name"] == "Müller Söhne GmbH"
    assert row["family_key"] is None


def test_furigana_give_the_key_and_the_characters_stay():
    row = customer(country="JP", full_name="小鳥遊 凪 (タカナシ ナギ)")
    assert (row["family_name"], row["given_name"]) == ("小鳥遊", "凪")
    assert (row["family_key"], row["given_key"]) == ("takanashi", "nagi")


def test_moments_come_out_in_utc_whether_read_before_or_not():
    texts = mapped("interactions", {"scope": "MNL01", "occurred_at": "09/05/2026 14:30"})
    typed = texts.assign(occurred_at=pd.Series([pd.Timestamp("2026-09-05T06:30Z")]).astype("datetime64[us, UTC]"))
    for frame in (texts, typed):
        cleaned = clean_interactions(frame, HABITS)
        assert str(cleaned["occurred_at"].dtype) == "datetime64[us, UTC]"
        assert cleaned["occurred_at"][0] == pd.Timestamp("2026-09-05T06:30Z")


def test_amounts_are_the_stores_and_a_stated_currency_goes_first():
    cleaned = clean_interactions(
        mapped(
            "interactions",
            {"scope": "BER01", "amount": "1.234,50"},
            {"scope": "BER01", "amount": "1234.50", "currency": "usd"},
            {},
        ),
        HABITS,
    )
    assert list(cleaned["amount"])[:2] == [1234.5, 1234.5]
    assert list(cleaned["currency"]) == ["EUR", "USD", None]


def test_text_of_a_ticket_completes_its_contacts_and_keys_stay_untouched():
    cleaned = clean_interactions(
        mapped(
            "interactions",
            {
                "scope": "MNL01",
                "customer_key": " K 1 ",
                "body": "I am at 0917 555 0142, order 09175550143",
                "emails": ["a@gmail.com"],
            },
        ),
        HABITS,
    ).iloc[0]
    assert cleaned["phones"] == ["+639175550142"]
    assert "phones:from_text" in cleaned["flags"]
    assert cleaned["customer_key"] == " K 1 "


def test_emails_written_of_are_kept_apart_from_those_given():
    cleaned = clean_interactions(
        mapped(
            "interactions",
            {
                "emails": ["given@example.org"],
                "body": "Mine is Jane.Doe+shop@gmail.com, or given@example.org",
                "subject": "ben.work@example.com",
            },
            {"emails": ["given@example.org"], "body": "none"},
        ),
        HABITS,
    )
    assert list(cleaned["mentioned_email_keys"]) == [["ben.work@example.com", "janedoe@gmail.com", "given@example.org"], []]
    assert cleaned["emails"][0] == ["given@example.org", "ben.work@example.com", "jane.doe+shop@gmail.com"]


def test_a_frame_cleans_the_same_whole_or_in_parts():
    frame = mapped(
        "customers",
        *(
            {"scope": s, "full_name": n, "phones": [p]}
            for s in HABITS.countries
            for n in ("Ana Cruz", "山田太郎")
            for p in ("09175550142", "080-4321-8765")
        ),
    )
    whole = clean_customers(frame, HABITS)
    parts = pd.concat([clean_customers(frame.iloc[i : i + 3], HABITS) for i in range(0, len(frame), 3)])
    pd.testing.assert_frame_equal(whole, parts)
