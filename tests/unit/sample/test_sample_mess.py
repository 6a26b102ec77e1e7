from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sample import mess
from sample.dice import stream


@pytest.mark.parametrize(
    ("text", "read"),
    [("José", "JosÃ©"), ("Łódź", "Å\x81Ã³dÅº"), ("王", "çŽ‹"), ("plain", "plain")],
)
def test_mojibake_is_utf8_read_as_windows_1252(text, read):
    assert mess.mojibake(text) == read


@given(st.text(max_size=20))
def test_mojibake_loses_nothing(text):
    back = b"".join(c.encode("cp1252") if c not in "\x81\x8d\x8f\x90\x9d" else bytes([ord(c)]) for c in mess.mojibake(text))
    assert back.decode() == text


@given(st.integers())
def test_tags_and_dots_name_the_same_mailbox(seed):
    rng = stream(seed)
    changed = mess.gmail_dots(rng, mess.plus_tag(rng, "jane.doe@gmail.com"))
    local, domain = changed.split("@")
    assert local.partition("+")[0].replace(".", "") == "janedoe"
    assert domain in ("gmail.com", "googlemail.com")
    assert ".." not in local


@given(st.integers(), st.sampled_from(["Alexander", "大輔", "Łukasz", "Li", ""]))
def test_a_slip_changes_at_most_a_little(seed, name):
    rng = stream(seed)
    for slip in (mess.typo, mess.ocr_slip):
        assert abs(len(slip(rng, name)) - len(name)) <= 1


@given(st.integers())
def test_what_a_spreadsheet_leaves_of_a_number_is_not_the_number(seed):
    left = mess.excel_phone(stream(seed), "+639171234567", "0917 123 4567")
    assert left not in ("+639171234567", "0917 123 4567")
    assert any(digits in left.replace(".", "") for digits in ("9171234567", "63917", "639171234567"))


def test_a_spreadsheet_counts_days_from_1900():
    assert mess.excel_date(date(1990, 1, 1)) == "32874"


@given(st.integers(), st.dates(date(1940, 1, 1), date(2008, 12, 31)))
def test_a_birthday_slip_is_another_date(seed, born):
    slipped = mess.birthday_slip(stream(seed), born)
    assert isinstance(slipped, date)
    assert slipped != born or born.day == born.month


@pytest.mark.parametrize("home", [True, False])
def test_a_number_is_written_with_all_its_digits(home):
    for seed in range(50):
        written = mess.phone(stream(seed), "+639171234567", "63", (3, 3, 4), ("0{0} {1} {2}", "(0{0}) {1}{2}"), home)
        digits = "".join(c for c in written if c.isdigit())
        assert digits.endswith("9171234567")
        assert digits.startswith("0917") is home or digits.startswith("0063")
