"""Forms of address and what stands behind names are no names, wherever a source puts them."""

import pytest

from include.cleaning.names import Name, clean_name


@pytest.mark.parametrize(
    ("given_as", "given", "family", "title", "suffix"),
    [
        (Name(full="Sir Thomas Dunlop", given="Sir", family="Dunlop"), "Thomas", "Dunlop", "Sir", ""),
        (Name(full="Sir John Marsham, 1st Baronet", given="Sir", family="Baronet"), "John", "Marsham", "Sir", ""),
        (Name(full="Mr John Tan", given="Mr"), "John", "Tan", "Mr", ""),
        (Name(given="Mr.", family="Cousins"), "", "Cousins", "Mr.", ""),
        (Name(full="Sir Elliott", given="Sir", family="Elliott"), "", "Elliott", "Sir", ""),
        (Name(full="Willie Darton Jr", given="Willie", family="Jr."), "Willie", "Darton", "", "Jr"),
        (Name(given="Ann", family="Esq"), "Ann", "", "", ""),
        (Name(full="1st bt.", given="1st", family="bt."), "", "", "", ""),
    ],
)
def test_a_form_alone_in_a_names_field_is_no_name_and_the_full_name_is_asked(
    given_as: Name, given: str, family: str, title: str, suffix: str
) -> None:
    found = clean_name(given_as, "GB")
    assert (found.name.given, found.name.family, found.name.title, found.name.suffix) == (given, family, title, suffix)
    told = {change.field: (change.old, change.new) for change in found.changes if change.rule == "title_or_suffix"}
    assert ("given_name" in told) == (given != given_as.given)
    assert ("family_name" in told) == (family != given_as.family)


@pytest.mark.parametrize(("given", "family"), [("Phil", "Collins"), ("Major", "Harris"), ("Anna", "Senior"), ("Lady", "Gómez")])
def test_a_name_that_is_also_a_form_stays_a_name(given: str, family: str) -> None:
    cleaned = clean_name(Name(given=given, family=family), None)
    assert (cleaned.name.given, cleaned.name.family, cleaned.changes) == (given, family, ())


def test_another_persons_full_name_does_not_fill_the_field() -> None:
    assert clean_name(Name(full="Mr John Tan", given="Mr", family="Cousins"), "GB").name.given == ""
