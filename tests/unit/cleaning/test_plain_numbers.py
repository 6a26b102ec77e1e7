"""What is read of a plain number without the library is what the library reads."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from include.cleaning import plain_numbers, reference


def by_the_library(text: str, country: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, country)
    except NumberParseException:
        return None


def agree(text: str, country: str | None) -> bool:
    """Whether a text was read without the library, which must then read the same."""
    plain = plain_numbers.parse(text, country)
    if plain is None:
        return False
    assert plain == by_the_library(text, country), (text, country)
    if plain_numbers.is_usual(plain):
        assert phonenumbers.is_valid_number(plain), (text, country)
    return True


@pytest.mark.parametrize("country", reference.countries())
def test_every_way_to_write_a_countrys_own_numbers_is_read_as_the_library_reads_it(country: str) -> None:
    read = 0
    for kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE, PhoneNumberType.TOLL_FREE):
        example = phonenumbers.example_number_for_type(country, kind)
        if example is None:
            continue
        written = {phonenumbers.format_number(example, form) for form in (0, 1, PhoneNumberFormat.NATIONAL)}
        digits = str(example.national_number)
        written |= {
            digits,
            f"0{digits}",
            f"({digits[:3]}) {digits[3:]}",
            f"00{example.country_code}{digits}",
            f"1{digits}",
            digits[1:],
        }
        read += sum([agree(text, where) for text in written for where in (country, "US", None)])
    assert read, "not one was read without the library"


@settings(max_examples=400)
@given(
    st.from_regex(r"\A[+(]{0,2}[0-9 ().-]{2,16}\Z"), st.sampled_from([None, *reference.countries()])
)  # fmt: skip
def test_any_digits_and_marks_are_read_as_the_library_reads_them_or_left_to_it(text: str, country: str | None) -> None:
    agree(text, country)


@settings(max_examples=400)
@given(st.sampled_from(reference.countries()), st.integers(0, 10**9), st.integers(0, 3), st.booleans())
def test_numbers_of_any_digits_abroad_and_at_home(country: str, digits: int, zeros: int, abroad: bool) -> None:
    pack = reference.country(country)
    assert pack is not None
    agree(f"+{pack.dial} {digits}" if abroad else "0" * zeros + str(digits), country)
