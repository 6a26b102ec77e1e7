"""Every cleaner against its table: what a value of that country becomes, and what is said of it."""

from datetime import date

import pytest

from include.cleaning.addresses import street_of
from include.cleaning.birthdays import clean_birthday
from include.cleaning.cities import clean_city
from include.cleaning.consent import clean_consent
from include.cleaning.countries import clean_country
from include.cleaning.dates import clean_date, clean_timestamp
from include.cleaning.emails import clean_emails, email_key
from include.cleaning.handles import clean_handle
from include.cleaning.ids import clean_id
from include.cleaning.languages import clean_language, language_of
from include.cleaning.loyalty import clean_loyalty
from include.cleaning.mentions import mentions
from include.cleaning.money import clean_money
from include.cleaning.name_keys import family_key, given_key
from include.cleaning.names import kind_of, parse_name
from include.cleaning.phones import clean_phones
from include.cleaning.postcodes import clean_postcode
from include.cleaning.subdivisions import clean_subdivision
from include.cleaning.text import clean_text

DELIVERED = date(2026, 9, 1)


def judge(case, cleaned):
    value = cleaned.value
    written = ";".join(value) if isinstance(value, tuple) else value
    assert (written or "") == case.expected, cleaned
    if case.flags is not None:
        assert case.flags <= set(cleaned.flags) if case.flags else not cleaned.flags, cleaned


@pytest.mark.table("text_repair")
def test_text_is_mended_as_it_was_meant(case):
    judge(case, clean_text(case.input))


@pytest.mark.table("names_parse")
def test_names_are_parsed_by_the_custom_of_the_country(case):
    name = parse_name(case.input, case.hint)
    parts = {part: value for part, value in name._asdict().items() if value and part != "full"}
    assert parts == dict(part.split("=") for part in case.expected.split(";"))
    assert name.full, "the name as delivered is kept"


@pytest.mark.table("name_keys")
def test_spellings_of_one_name_meet_in_one_key(case):
    part, _, name = case.input.partition(":")
    assert {"given": given_key, "family": family_key}[part](name, case.hint) == case.expected


@pytest.mark.table("company")
def test_companies_and_placeholders_are_told_from_persons(case):
    assert kind_of(case.input) == case.expected


@pytest.mark.table("emails")
def test_emails_are_repaired_only_where_the_meaning_is_certain(case):
    judge(case, clean_emails(case.input))


@pytest.mark.table("email_keys")
def test_email_keys_follow_what_the_provider_documents(case):
    assert email_key(case.input) == case.expected


@pytest.mark.table("phones")
def test_phones_are_read_as_the_country_writes_them(case):
    judge(case, clean_phones(case.input, case.hint))


@pytest.mark.table("postcodes")
def test_postcodes_take_their_countrys_form(case):
    judge(case, clean_postcode(case.input, case.hint))


@pytest.mark.table("dates")
def test_dates_are_never_completed_by_invention(case):
    judge(case, clean_date(case.input, case.hint, latest=DELIVERED))


@pytest.mark.table("birthdays")
def test_default_and_impossible_birthdays_are_no_birthdays(case):
    judge(case, clean_birthday(case.input, case.hint, DELIVERED))


@pytest.mark.table("timestamps")
def test_moments_are_read_on_the_stores_clock(case):
    cleaned = clean_timestamp(case.input, case.hint)
    judge(case, cleaned._replace(value=cleaned.value and cleaned.value.isoformat()))


@pytest.mark.table("countries")
def test_countries_are_known_by_any_of_their_names(case):
    judge(case, clean_country(case.input))


@pytest.mark.table("subdivisions")
def test_subdivisions_become_iso_codes(case):
    judge(case, clean_subdivision(case.input, case.hint))


@pytest.mark.table("cities")
def test_cities_take_one_name(case):
    judge(case, clean_city(case.input, case.hint))


@pytest.mark.table("streets")
def test_streets_meet_whatever_the_abbreviation(case):
    street = street_of(case.input, case.hint)
    assert f"{street.number}|{street.key}" == case.expected


@pytest.mark.table("money")
def test_amounts_are_read_by_the_countrys_marks(case):
    money = clean_money(case.input, case.hint).value
    assert (f"{money.amount} {money.currency or ''}".strip() if money else "") == case.expected


@pytest.mark.table("handles")
def test_handles_are_profiles_and_nothing_else(case):
    judge(case, clean_handle(case.input, case.hint))


@pytest.mark.table("loyalty")
def test_card_numbers_keep_their_zeros_and_lose_the_tills_default(case):
    judge(case, clean_loyalty(case.input, case.hint))


@pytest.mark.table("ids")
def test_numbers_with_a_wrong_check_digit_are_none(case):
    kind, _, country = case.hint.partition(":")
    judge(case, clean_id(case.input, kind, country or None))


@pytest.mark.table("languages")
def test_languages_become_primary_tags(case):
    judge(case, clean_language(case.input))


@pytest.mark.table("language_of")
def test_a_texts_language_is_settled_by_two_signs_or_not_at_all(case):
    assert language_of(case.input) == case.expected


@pytest.mark.table("consent")
def test_doubt_is_never_read_as_consent(case):
    answer = clean_consent(case.input)
    judge(case, answer._replace(value={True: "true", False: "false", None: None}[answer.value]))


@pytest.mark.table("mentions")
def test_mentions_are_addresses_and_numbers_but_no_orders_or_cards(case):
    found = mentions(case.input, case.hint)
    assert ";".join((*found.emails, *found.phones)) == case.expected
