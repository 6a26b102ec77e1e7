"""Every country is cleaned by its own habits: ten native values or more each by the clean step; a new country is one file."""

import re
from collections import Counter
from pathlib import Path

import pytest

from include.cleaning import (
    addresses,
    cities,
    countries,
    dates,
    ids,
    name_keys,
    names,
    phones,
    postcode_cities,
    postcodes,
    reference,
)
from include.cleaning.address_lines import parse_address
from include.errors import DeclarationError
from tests.unit.cleaning.country_cases import answers, read, table

FIRST = ["US", "GB", "IE", "DE", "FR", "ES", "IT", "PL", "BR", "MX", "JP", "CN", "HK", "TW", "KR", "IN", "PH", "AE"]
THEN = [
    "CA",
    "AR",
    "AT",
    "CH",
    "PT",
    "NL",
    "BE",
    "SE",
    "DK",
    "NO",
    "FI",
    "TR",
    "SA",
    "EG",
    "PK",
    "ID",
    "SG",
    "MY",
    "TH",
    "VN",
    "AU",
    "NZ",
    "ZA",
    "NG",
    "KE",
]
CASES = read()


@pytest.fixture(scope="module")
def answered():
    return dict(zip(CASES, answers(CASES), strict=True))


@pytest.mark.parametrize("country", sorted({case.country for case in CASES}))
def test_native_values_become_what_is_meant_in_a_record_of_their_country(country, answered):
    wrong = [(*case, got) for case, got in answered.items() if case.country == country and got != case.expected]
    assert not wrong


def test_every_pack_has_ten_native_cases_with_their_source():
    assert set(FIRST + THEN) <= set(reference.countries())
    sizes = Counter(case.country for case in CASES)
    assert set(sizes) == set(reference.countries())
    assert min(sizes.values()) >= 10, sizes
    assert all(len(case.source) > 2 for case in CASES)
    kinds = {country: {case.field for case in CASES if case.country == country} for country in sizes}
    assert all({"phone", "postcode", "address", "street", "birth_date", "money", "name"} <= found for found in kinds.values())


def test_no_countrys_cases_are_copied_from_another():
    owners = Counter(text for text, _ in {(case.input, case.country) for case in CASES})
    assert [text for text, n in owners.items() if n > 1] == []


@pytest.mark.parametrize("country", FIRST)
def test_the_first_countries_say_how_their_addresses_are_written(country):
    pack = reference.country(country)
    assert pack is not None
    assert pack.street.units
    assert pack.street.words


def test_the_page_on_countries_shows_the_packs_as_they_are():
    page = Path(__file__).parents[3] / "docs" / "countries.md"
    assert table() in page.read_text(encoding="utf-8"), f"put this into docs/countries.md:\n{table()}"
    declared = set(reference.Country.model_fields)
    named = {
        word
        for line in page.read_text(encoding="utf-8").splitlines()
        if line.startswith("| `")
        for word in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    assert named == declared


# Iceland: number behind the street, a box is a pósthólf, postcode before the city, króna, day first
ICELAND = """\
name: Iceland
aliases: [ísland]
dial: "354"
currency: ISK
languages: [is]
date_order: DMY
decimal: ","
timezone: Atlantic/Reykjavik
privacy: {regime: GDPR, law: "Regulation (EU) 2016/679 (EEA)", consent_age: 13, source: "lög 90/2018, 10. gr."}
legal_age: {age: 18, source: "lögræðislög 71/1997, 1. gr."}
names: {short: {gudm: gudmundur}}
companies: {last: [hf, ehf]}
ids: {national: kennitala}
postcode: {pattern: '([1-9]\\d{2})', prefixes: [IS]}
postcode_cities: {Reykjavík: '10\\d'}
line: {pobox: [pósthólf]}
street: {number: after, words: {str: straeti}, endings: {str: straeti}, units: [íbúð], number_words: [hús]}
phone_legacy: {'^0(\\d{7})$': '\\1'}
"""


@pytest.fixture
def packs(tmp_path, monkeypatch):
    """A folder of packs of one's own in the place of the project's, and nothing remembered of either afterwards."""
    (tmp_path / "countries").mkdir()
    for path in reference.DATA.glob("*.yml"):
        (tmp_path / path.name).symlink_to(path)
    for path in (reference.DATA / "countries").glob("*.yml"):
        (tmp_path / "countries" / path.name).symlink_to(path)
    monkeypatch.setattr(reference, "DATA", tmp_path)
    _forget()
    yield tmp_path / "countries"
    monkeypatch.undo()
    _forget()


def _forget():
    modules = (reference, addresses, cities, countries, dates, ids, name_keys, names, phones, postcode_cities, postcodes)
    for module in modules:
        for value in vars(module).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()
    parse_address.cache_clear()


def test_a_new_country_is_one_new_file(packs):
    assert countries.clean_country("ísland").value == "IS", "the world's names of a country need no pack"
    assert dates.clean_date("3. ágúst 1990", "IS").value is None
    (packs / "IS.yml").write_text(ICELAND, encoding="utf-8")
    _forget()
    assert phones.clean_phones("0581 2345", "IS").value == ("+3545812345",)
    assert dates.clean_date("3. ágúst 1990", "IS").value == "1990-08-03"
    assert dates.clean_date("03.08.1990", "IS").value == "1990-08-03"
    assert postcodes.clean_postcode("IS-101", "IS").value == "101"
    assert postcodes.clean_postcode("01234", "IS").flags == ("invalid",)
    assert cities.resolve("Reykjavik", "IS").value is not None
    assert postcode_cities.city_of_postcode("101", "IS") == cities.clean_city("Reykjavik", "IS").value
    assert names.kind_of("Sæfari hf", "IS") == "company"
    assert name_keys.given_key("Guðm.", "IS") == name_keys.given_key("Guðmundur", "IS")
    assert ids.clean_id("120174-3399", "national_id", "IS").value == "1201743399"
    assert parse_address("Laugavegur 22, íbúð 3, 101 Reykjavík", "IS")._replace(unit="") == parse_address(
        "Laugavegur hús 22, 101 Reykjavík", "IS"
    )
    assert parse_address("Pósthólf 1520, 121 Reykjavík", "IS").pobox == "1520"
    assert addresses.street_of("Austurstr. 4", "IS")[:2] == ("4", "Austurstr.")
    assert addresses.street_of("Austurstr. 4", "IS").key == addresses.street_of("Austurstræti 4", "IS").key


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("legal_age: {age: 18,", "legal_age: {age: 181,"), r"countries/IS\.yml: legal_age\.age: .*less than or equal to 21"),
        (("consent_age: 13, ", ""), r"countries/IS\.yml: privacy\.consent_age: is missing"),
        (("privacy:", "privatsphere:"), r"countries/IS\.yml: .*Valid: name, aliases, dial"),
        (('dial: "354"', "dial: '+354'"), r"countries/IS\.yml: dial: "),
        (("line: {pobox", "line: {post_box"), r"countries/IS\.yml: line\.post_box: .*Valid: form, postcode"),
        (("([1-9]\\d{2})", "([1-9]\\d{2}"), r"countries/IS\.yml: postcode\.pattern: .*regular expression"),
    ],
    ids=["age", "no_consent_age", "wrong_key", "dial", "wrong_inner_key", "pattern"],
)
def test_a_wrong_pack_is_told_by_file_and_key(packs, change, complaint):
    assert change[0] in ICELAND
    (packs / "IS.yml").write_text(ICELAND.replace(*change), encoding="utf-8")
    _forget()
    with pytest.raises(DeclarationError, match=complaint):
        reference.country("IS")
