"""What the levels of the ladders mean, in as few words as will do, for people who never read the model."""

_NAME = {
    "exact": "the same",
    "nickname": "a short form of the other",
    "close": "one slip apart, or nearly",
    "part": "one word in common, or nearly",
    "weak": "somewhat alike",
    "initial": "one is an initial of the other",
    "different": "different",
}

MEANINGS: dict[str, dict[str, str]] = {
    "given_name": _NAME,
    "family_name": _NAME,
    "whole_name": {
        "exact": "the same words",
        "close": "nearly the same",
        "part": "one holds all words of the other",
        "weak": "somewhat alike",
        "different": "different",
    },
    "birth_date": {
        "exact": "the same",
        "slip": "one digit wrong, or day and month swapped",
        "partial": "the same as far as both are known",
        "two_parts": "two of day, month and year the same",
        "year": "the year the same",
        "one_part": "the day or the month the same",
        "different": "different",
    },
    "emails": {
        "exact": "one address in common",
        "close": "one slip apart",
        "local": "one mailbox name at two providers",
        "different": "none in common",
    },
    "phones": {
        "exact": "one number in common",
        "tail": "the same but for the prefix",
        "close": "one slip apart",
        "different": "none in common",
    },
    "accounts": {
        "exact": "one social account in common",
        "handle": "one account name on two platforms",
        "different": "other accounts on one platform",
    },
    "account_names": {
        "both_names": "one's account holds both names of the other",
        "one_name": "one's account holds a name of the other",
        "absent": "no name of one in the other's account",
    },
    "loyalty_ids": {"exact": "one card in common", "close": "one slip apart", "different": "other cards"},
    "external_ids": {"exact": "one id in common", "different": "other ids in one system"},
    "mentioned_emails": {
        "only": "one wrote of the other's address, and of no other",
        "among": "one wrote of the other's address among several",
        "absent": "the address one wrote of is not the other's",
    },
    "address": {
        "home": "the same street and number",
        "street": "the same street",
        "number": "the same number of one street elsewhere, or in one postcode",
        "postcode": "the same postcode",
        "quarter": "the same town and district",
        "area": "postcodes of one district",
        "city": "the same town",
        "different": "elsewhere",
    },
    "name_suffix": {"exact": "the same generation", "one_side": "a generation on one side only", "different": "two generations"},
    "gender": {"exact": "the same", "different": "different"},
    "country": {"exact": "the same", "different": "different"},
}
"""Kind of comparison > level > words, for every level of every ladder."""

PARTS: dict[str, str] = {
    "email": "e-mail",
    "any_email": "e-mail, on record or mentioned",
    "email_local": "mailbox name",
    "phone": "phone",
    "phone_tail": "end of the phone",
    "handle": "social account",
    "account": "account name",
    "loyalty_id": "loyalty card",
    "external_id": "id in another system",
    "names": "names",
    "names_as_written": "names as written",
    "whole_name": "whole name",
    "whole_word": "word of the whole name",
    "whole_words": "two words of the whole name",
    "name": "name",
    "given": "given name",
    "family": "family name",
    "given_initial": "initial of the given name",
    "family_initial": "initial of the family name",
    "name_start": "name start",
    "name_sound": "name sound",
    "birth_date": "birth date",
    "birth_year": "birth year",
    "birth_day": "birthday",
    "birth_swapped": "birth date with day and month either way",
    "postcode": "postcode",
    "postcode_area": "postcode district",
    "city": "town",
    "street": "street",
    "house_number": "house number",
    "country": "country",
}
"""What each part of a blocking key is called, after ``same``, ``other`` or ``no``."""


def meaning(compare: str, level: str) -> str:
    """A level in words; a level of an older model that is no more speaks for itself."""
    return MEANINGS.get(compare, {}).get(level, level.replace("_", " "))
