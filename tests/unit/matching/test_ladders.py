"""What each comparison sees: the policies of matching, pair by pair."""

import numpy as np
import pandas as pd
import pytest
import recordlinkage

from include.matching import load_spec
from include.matching.comparing import Comparer
from include.matching.ladder import Ladder
from include.matching.table import encode
from tests.unit.matching.factory import households, levels, snapshot


def test_recordlinkage_finds_the_same_levels_with_our_features():
    table, spec = encode(households(20)[0], load_spec()), load_spec()
    a, b = np.triu_indices(len(table), 1)
    compare = Comparer(table, spec)
    theirs = recordlinkage.Compare(compare.features).compute(pd.MultiIndex.from_arrays([a, b]), table.codes)
    assert (theirs[list(spec.comparisons)].to_numpy() == compare.levels(a, b)).all()


MARIA = {"given_key": "maria", "family_key": "santos"}


@pytest.mark.parametrize(
    ("one", "other", "given", "family"),
    [
        (("maria", "santos"), ("maria", "santos"), "exact", "exact"),
        (("maria", "santos"), ("santos", "maria"), "exact", "exact"),  # swapped
        (("maria", "santos"), ("m", "santos"), "initial", "exact"),
        (("m", "santos"), ("p", "santos"), "different", "exact"),
        (("william", "jones"), ("bill", "jones"), "nickname", "exact"),
        (("francisco", "perez"), ("paco", "perez"), "nickname", "exact"),
        (("christine", "jones"), ("christopher", "jones"), "weak", "exact"),
        (("maria clara", "santos"), ("clara", "santos"), "part", "exact"),
        (("maria", "garcia lopez"), ("maria", "garcia"), "exact", "part"),
        (("maxwell bryan", "santos"), ("mexwell", "santos"), "part", "exact"),
        (("ana maria", "santos"), ("marta", "santos"), "different", "exact"),  # two names, and no slip
        (("pablo", "rocha bustos"), ("pablo", "rucha bustus"), "exact", "close"),
        (("pablo", "sandoval fernandez"), ("pablo", "fernandes"), "exact", "part"),
        (("xiao ming", "wang"), ("xiaoming", "wang"), "exact", "exact"),
        (("michael", "schmidt"), ("micheal", "schmit"), "close", "close"),
        (("anna", "de la cruz"), ("anna", "delacruz"), "exact", "exact"),
        (("mary", "smith"), ("mary", "johnson"), "exact", "different"),
        (("maria", None), ("maria", "santos"), "exact", "null"),
        ((None, None), ("maria", "santos"), "null", "null"),
    ],
)
def test_names_are_read_in_the_better_of_both_orders(one, other, given, family):
    pair = ({"given_key": name[0], "family_key": name[1]} for name in (one, other))
    found = levels(*pair)
    assert (found["given"], found["family"]) == (given, family)


def test_a_name_in_the_other_order_is_as_common_as_in_its_own():
    people = [{"given_key": f"given{i}", "family_key": "santos"} for i in range(64)]
    table = encode(snapshot(*people, {"given_key": "santos"}), load_spec())
    codes = Comparer(table, load_spec()).levels(np.array([0, 64]), np.array([64, 0]))
    given, family = (Ladder.of(load_spec().comparisons[name]) for name in ("given", "family"))
    assert (family.bucket(int(codes[0, 1])), given.bucket(int(codes[1, 0]))) == (6, 6)


IN_TAIWAN = {"given_key": "jiahao", "family_key": "xu", "given_name": "Chia-hao", "family_name": "Hsu", "country": "TW"}
ANYWHERE = {"given_key": "chia hao", "family_key": "hsu", "given_name": "Chia-hao", "family_name": "Hsu", "country": None}


@pytest.mark.parametrize(
    ("change", "given", "family"),
    [
        ({}, "exact", "exact"),
        ({"given_name": "Hsu", "given_key": "hsu", "family_name": "Chia-Hao", "family_key": "chia hao"}, "exact", "exact"),
        ({"given_name": "Chia-hoa", "given_key": "chia hoa"}, "close", "exact"),
        ({"given_name": "Ming", "given_key": "ming"}, "different", "exact"),
    ],
)
def test_a_name_written_alike_is_one_where_only_one_side_has_a_country_to_spell_it_by(change, given, family):
    found = levels(IN_TAIWAN, {**ANYWHERE, **change})
    assert (found["given"], found["family"]) == (given, family)


def test_a_name_keyed_in_two_ways_is_as_common_as_its_commoner_key():
    others = [{**ANYWHERE, "given_name": f"n{i}", "given_key": f"n{i}"} for i in range(64)]
    table = encode(snapshot(IN_TAIWAN, ANYWHERE, *others), load_spec())
    codes = Comparer(table, load_spec()).levels(np.array([0, 1]), np.array([1, 0]))
    family = Ladder.of(load_spec().comparisons["family"])
    assert [family.bucket(int(code)) for code in codes[:, 1]] == [6, 6]


def test_two_han_names_that_sound_alike_are_not_one_name():
    heard = {"given_key": "wei", "family_key": "zhang"}
    one, other = {**heard, "given_name": "伟", "family_name": "张"}, {**heard, "given_name": "威", "family_name": "张"}
    romanised = {**heard, "given_name": "Wei", "family_name": "Zhang"}
    assert levels(one, other)["given"] == "weak"
    assert levels(one, other)["family"] == "exact"
    assert levels(one, romanised)["given"] == "exact"


def test_brothers_whose_han_names_share_a_syllable_are_two_people():
    one = {"given_key": "zhengcheng", "family_key": "xu", "given_name": "政誠", "family_name": "徐"}
    other = {"given_key": "zhengxiang", "family_key": "xu", "given_name": "政翔", "family_name": "徐"}
    assert levels(one, other)["given"] == "different"
    assert levels(one, {**other, "given_name": "Zhengxiang", "family_name": "Xu"})["given"] == "weak"


def test_what_the_shop_calls_a_customer_counts_as_a_given_name():
    assert levels({**MARIA, "nickname": "Chikay"}, {"given_key": "chikay", "family_key": "santos"})["given"] == "nickname"


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("1990-05-17", "1990-05-17", "exact"),
        ("1990-05-17", "1990-05-18", "slip"),
        ("1990-05-07", "1990-07-05", "slip"),
        ("1990-05-17", "--05-17", "partial"),
        ("1990-05-17", "1990", "partial"),
        ("1990-05-07", "--07-05", "two_parts"),
        ("--05-07", "--07-05", "two_parts"),
        ("1990-05-07", "1991-07-05", "different"),
        ("1990", "1990", "year"),
        ("1990-05-17", "1991", "different"),
        ("1990", "1985", "different"),
        ("1990-05", "1990-06", "year"),
        ("1990-05-17", "1972-05-17", "two_parts"),
        ("1990-05-17", "1990-11-23", "year"),
        ("1990-05-17", "1962-05-23", "one_part"),
        ("1990-05-17", "1962-11-23", "different"),
        ("1990-05-17", None, "null"),
        ("1990", "--05-17", "null"),
    ],
)
def test_a_partial_date_agrees_as_far_as_it_goes(one, other, level):
    assert levels({"birth_date": one}, {"birth_date": other})["birth_date"] == level
    assert levels({"birth_date": other}, {"birth_date": one})["birth_date"] == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (["a@x.org", "maria.santos@mail.com"], ["maria.santos@mail.com"], "exact"),
        (["maria.santos@mail.com"], ["maria.santso@mail.com"], "close"),
        (["maria.santos@mail.com"], ["maria.santos@other.org"], "local"),
        (["maria.santos2@mail.com"], ["maria.santos32@mail.com"], "different"),
        (["a@x.org"], ["a@y.org"], "different"),
        ([], ["a@y.org"], "null"),
    ],
)
def test_emails_are_compared_any_with_any(one, other, level):
    assert levels({"email_keys": one}, {"email_keys": other})["email"] == level


def test_phones_are_compared_any_with_any():
    assert levels({"phones": ["+4930111222", "+49170555666"]}, {"phones": ["+49170555666"]})["phone"] == "exact"
    assert levels({"phones": ["+49170555666"]}, {"phones": ["0170555666"]})["phone"] == "tail"
    assert levels({"phones": ["+49170555666"]}, {"phones": ["+49170555667"]})["phone"] == "close"
    assert levels({"phones": ["+49170555666"]}, {"phones": ["+4930998877"]})["phone"] == "different"


HOME = {"house_number": "12", "street_key": "ringstrasse", "postcode": "10115", "city": "Berlin"}


@pytest.mark.parametrize(
    ("change", "level"),
    [
        ({}, "home"),
        ({"street_key": "ringstrase"}, "home"),
        ({"postcode": None, "city": None}, "home"),
        ({"house_number": None}, "street"),
        ({"house_number": "14"}, "street"),
        ({"postcode": "80331", "city": "Munich"}, "number"),
        ({"street_key": "hauptweg"}, "number"),
        ({"house_number": "14", "postcode": "80331", "city": "Munich"}, "different"),
        ({"street_key": "hauptweg", "house_number": "3"}, "postcode"),
        ({"street_key": "hauptweg", "postcode": "10119"}, "quarter"),
        ({"street_key": "hauptweg", "postcode": "10119", "city": None}, "area"),
        ({"street_key": "hauptweg", "postcode": "01115", "city": None}, "area"),  # one slip
        ({"street_key": "hauptweg", "postcode": "80331"}, "city"),
        ({"postcode": "01115"}, "home"),
        ({"street_key": "hauptweg", "postcode": "80331", "city": "Munich"}, "different"),
        ({"street_key": None, "postcode": None, "city": None}, "null"),
    ],
)
def test_an_address_is_postcode_number_and_street(change, level):
    assert levels(HOME, {**HOME, **change})["address"] == level


def test_an_account_may_name_whom_the_record_does_not():
    lead = {"given_key": "otto", "email_keys": ["maria.santos@mail.com"]}
    assert levels(lead, MARIA)["account_name"] == "both_names"
    assert levels({"handles": ["instagram:mariasantos"]}, {"email_keys": ["maria.santos@mail.com"]})["account"] == "handle"
    assert levels({"handles": ["instagram:msan"]}, {"handles": ["instagram:msan"]})["account"] == "exact"
    assert levels({"handles": ["instagram:msan"]}, {"handles": ["instagram:other"]})["account"] == "different"


def test_an_account_that_repeats_a_name_both_have_proves_nothing():
    one = {"given_key": "maria", "family_key": "santos", "email_keys": ["maria.santos@mail.com"]}
    assert levels(one, {"given_key": "maria clara", "family_key": "lopez"})["account_name"] == "absent"


def test_names_an_account_spells_are_as_common_as_the_people_who_bear_them():
    marias = [{**MARIA, "birth_date": f"{year}-05-17"} for year in range(1940, 1972)]
    otto = {"given_key": "otto", "family_key": "zwick"}
    nameless = [{"email_keys": ["mariasantos1@mail.com"]}, {"email_keys": ["ottozwick@mail.com"]}]
    spec = load_spec()
    codes = Comparer(encode(snapshot(*marias, otto, *nameless), spec), spec).levels(np.array([0, 33, 34]), np.array([33, 31, 32]))
    column, ladder = list(spec.comparisons).index("account_name"), Ladder.of(spec.comparisons["account_name"])
    assert [(ladder.level(code), ladder.bucket(code)) for code in map(int, codes[:, column])] == [
        ("both_names", 5),
        ("both_names", 5),
        ("both_names", 0),
    ]


def test_an_account_says_nothing_more_where_the_mailbox_is_shared():
    mailbox = {"email_keys": ["maria.santos@mail.com"]}
    found = levels({**mailbox, "given_key": "jose", "family_key": "santos"}, {**mailbox, **MARIA})
    assert (found["email"], found["account"], found["account_name"]) == ("exact", "null", "null")


def test_ids_of_two_systems_say_nothing_of_each_other():
    assert levels({"external_ids": ["crm:1"]}, {"external_ids": ["crm:2"]})["external"] == "different"
    assert levels({"external_ids": ["crm:1"]}, {"external_ids": ["erp:2"]})["external"] == "null"
    assert levels({"loyalty_ids": ["630000123"]}, {"loyalty_ids": ["630000123"]})["loyalty"] == "exact"


def test_generations_conflict_or_one_side_is_silent():
    assert levels({"name_suffix": "Jr"}, {"name_suffix": "Sr"})["suffix"] == "different"
    assert levels({"name_suffix": "Jr"}, {})["suffix"] == "one_side"
    assert levels({}, {})["suffix"] == "null"


def test_null_is_no_disagreement_in_any_comparison():
    said = {
        **MARIA, **HOME, "birth_date": "1990-05-17", "email_keys": ["a@x.org"], "phones": ["+4930111222"], "loyalty_ids": ["1"],
        "external_ids": ["crm:1"], "gender": "female", "country": "DE",
    }  # fmt: skip
    assert set(levels(said, {}).values()) == {"null"}


def test_whole_names_speak_only_where_no_part_can_be_compared():
    company = {"full_name": "Arts Delicatessen"}
    assert levels(company, {"full_name": "Art's Delicatessen of Studio City"})["whole"] == "part"
    assert levels(company, {"full_name": "Delicatessen Arts"})["whole"] == "exact"
    assert levels(company, {"company_name": "Arts Delicatessen"})["whole"] == "exact"  # known as a company, or taken for a name
    assert levels({**MARIA, "company_name": "Arts"}, {**MARIA, "company_name": "Delicatessen"})["whole"] == "null"
    assert levels({**MARIA, "full_name": "Maria Santos"}, {**MARIA, "full_name": "Maria Santos"})["whole"] == "null"


def test_a_country_read_off_the_phone_says_nothing_beside_that_phone():
    stated = {"given_key": "ana", "family_key": "cruz", "country": "PH", "phones": ["+639175550142"]}
    for country in ("PH", "JP"):
        inferred = {**stated, "country": country, "flags": ["country:from_phone"]}
        assert levels(stated, inferred)["country"] == "null"
        assert levels(stated, {**inferred, "flags": ["country:from_store"]})["country"] != "null"


def test_a_city_read_off_the_postcode_says_nothing_beside_that_postcode():
    stated = {"city": "Berlin", "postcode": "10115", "country": "DE"}
    inferred = {"city": "Berlin", "postcode": "10117", "country": "DE", "flags": ["city:from_postcode"]}
    assert levels(stated, inferred)["address"] == "area"
    assert levels(stated, {**inferred, "flags": []})["address"] == "quarter"
