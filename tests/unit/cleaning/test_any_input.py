"""No text of any kind raises, and cleaning what is clean changes nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.cleaning.address_lines import parse_address
from include.cleaning.addresses import clean_address_line, street_of
from include.cleaning.birthdays import clean_birthday
from include.cleaning.cities import clean_city, country_of_city
from include.cleaning.consent import clean_consent
from include.cleaning.countries import clean_country
from include.cleaning.dates import clean_date, clean_timestamp
from include.cleaning.emails import clean_emails, email_flags, email_key
from include.cleaning.folding import fold
from include.cleaning.genders import clean_gender
from include.cleaning.handles import clean_handle
from include.cleaning.ids import clean_id
from include.cleaning.languages import clean_language, language_of
from include.cleaning.loyalty import clean_loyalty
from include.cleaning.mentions import mask_cards, mentions
from include.cleaning.money import clean_money
from include.cleaning.name_keys import family_key, given_key, romanised
from include.cleaning.names import Name, clean_name, is_native_name, kind_of, parse_name
from include.cleaning.phones import clean_phones, country_of, extensions
from include.cleaning.postcodes import clean_postcode
from include.cleaning.reference import countries
from include.cleaning.subdivisions import clean_subdivision
from include.cleaning.text import _is_whole, _mended, clean_text, repair

ONE = (
    clean_text,
    clean_emails,
    clean_country,
    clean_consent,
    clean_gender,
    clean_language,
    language_of,
    clean_handle,
    clean_loyalty,
    kind_of,
    clean_address_line,
    country_of,
    country_of_city,
    email_flags,
    email_key,
    fold,
    is_native_name,
    mask_cards,
    *(lambda text, kind=kind: clean_id(text, kind) for kind in ("ean", "iban", "luhn")),
)
BY_COUNTRY = (
    clean_phones,
    clean_postcode,
    clean_subdivision,
    clean_city,
    clean_date,
    clean_timestamp,
    clean_money,
    street_of,
    parse_address,
    parse_name,
    given_key,
    family_key,
    romanised,
    kind_of,
    mentions,
    extensions,
    *(lambda text, country, kind=kind: clean_id(text, kind, country) for kind in ("vat", "national_id")),
)
# letters of every script, digits of every script, and the marks cleaners split at
LETTERS = "éßøğıŁđ李王明たナー김민수Иїщђ Γιώου محمدعبدال कर्िं্முכהןสมชาย"
MARKS = "@.,;:/()+-#&' 0123456789年月日號号市区ＡＢ０１"
TEXTS = st.text(st.one_of(st.characters(), st.sampled_from(LETTERS), st.sampled_from(MARKS)), max_size=40)


@given(text=TEXTS, country=st.sampled_from([None, *countries()]))
@settings(max_examples=150)
def test_no_text_raises(text, country):
    for cleaner in ONE:
        cleaner(text)
    for cleaner in BY_COUNTRY:
        cleaner(text, country)
    clean_name(Name(full=text), country)
    clean_name(Name(given=text, family=text[::-1]), country)
    clean_birthday(text, country, None)
    for address in clean_emails(text).value:
        email_key(address)


@given(text=TEXTS)
@settings(max_examples=100)
def test_mended_text_is_not_mended_again(text):
    assert repair(repair(text)) == repair(text)


@given(st.text(st.one_of(st.characters(max_codepoint=0x24F), st.sampled_from(LETTERS)), max_size=12))
@settings(max_examples=200)
def test_what_is_taken_for_whole_without_a_repair_would_not_be_changed_by_one(text):
    if text.strip() and _is_whole(text):
        assert _mended(text, lines=False) == _mended(text, lines=True) == text


@given(st.emails())
@settings(max_examples=60)
def test_a_clean_address_stays_as_it_is(address):
    for cleaned in clean_emails(address).value:
        assert clean_emails(cleaned).value == (cleaned,)


@pytest.mark.parametrize("cleaner", [*ONE, *(lambda text, f=f: getattr(f, "__wrapped__", f)(text, "PH") for f in BY_COUNTRY)])
@pytest.mark.parametrize("unit", ["a", "@", "1", "é", "王", "( ", "+1 ", "a.", "म्", "ع ", "І", "1-", "Aa "])
def test_a_megabyte_is_no_trouble(cleaner, unit):
    once = getattr(cleaner, "__wrapped__", cleaner)  # past its memory, which need not keep a megabyte
    once(unit * (1_000_000 // len(unit)))
