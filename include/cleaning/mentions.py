"""What people mention in free text: addresses, telephone, card and account numbers, who they are and where they live.

A number is what the words before it say: an order, a parcel or a book is no telephone.
"""

import re
from functools import cache
from typing import NamedTuple

import phonenumbers
from stdnum import iban, luhn

from include.cleaning import reference
from include.cleaning.emails import clean_emails
from include.cleaning.introductions import Said, said
from include.cleaning.loyalty import clean_loyalty
from include.cleaning.phones import is_fake
from include.cleaning.remembered import remembered
from include.cleaning.text import digits_to_ascii, repair


class Mentions(NamedTuple):
    """What a text mentions, in order of appearance."""

    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()
    ibans: tuple[str, ...] = ()
    loyalty_ids: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


# Thai, kana, Han and Hangul stand beside an address without a blank, so none of their letters is taken for part of it
_UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3"
_LETTER = rf"[^\W{_UNSPACED}]"
_EMAIL = re.compile(
    rf"(?<!{_LETTER})(?<![.+-])(?:{_LETTER}|[.+'-])+(?:@| @ |\s?[(\[]\s?at\s?[)\]]\s?)(?:{_LETTER}|-)+"
    rf"(?:(?:\.|\s?[(\[]\s?dot\s?[)\]]\s?)(?:{_LETTER}|-)+)+(?!{_LETTER}|:[^\s/])",
    re.IGNORECASE,
)
_FILE = re.compile(r"\.(?:png|jpe?g|gif|webp|svg|pdf|docx?|xlsx?|csv|txt|zip|html?|js|css|mp4|heic)$", re.IGNORECASE)
_LONG_DIGITS = re.compile(r"(?<!\d)(?:\d[ -]?){13,19}(?!\d)")
_DIGITS = re.compile(r"(?:\d\D{0,3}){7}")
_LONGEST = 5_000


_CARD = re.compile(
    r"(?<!\d)(?:4\d{12}(?:\d{3}(?:\d{3})?)?|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|35\d{14}|6(?:011|5\d{2})\d{12}|62\d{14,17})(?!\d)"
)
"""Digits of the card schemes by their first ones and length (ISO/IEC 7812)."""
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{1,4}){3,8}(?![A-Za-z0-9])")
_NO_CARD = re.compile(r"(?:isbn|ean|gtin|imei|iban|tracking|awb|serial|sku)\W*$", re.IGNORECASE)


@remembered
def mentions(text: str, country: str | None, *, people: bool = True) -> Mentions:
    """What a text mentions; numbers and places are read as of ``country``, persons and places where ``people`` are asked for."""
    line = digits_to_ascii(repair(text[:_LONGEST], lines=True))
    emails = _emails(line)
    ibans, line = _ibans(line)
    cards, line = _cards(line)
    loyalty_ids, line = _loyalty_ids(line)
    phones = _phones(line, country) if _DIGITS.search(line) else ()
    who = said(line, country, bool(phones or emails)) if people else Said()
    return Mentions(emails, phones, cards, ibans, loyalty_ids, who.persons, who.places)


def mask_cards(text: str) -> str:
    """A text in which of each card number only the last four digits are left."""
    for card in _cards(digits_to_ascii(text))[0]:
        spaced = re.compile(r"[ -]?".join(card))
        text = spaced.sub(lambda match: re.sub(r"\d", "*", match.group()[:-4]) + match.group()[-4:], text)
    return text


def _ibans(line: str) -> tuple[tuple[str, ...], str]:
    """Account numbers, and the line without them: their digits are nothing else's."""
    found: dict[str, None] = {}
    for match in _IBAN.finditer(line):
        words = match.group().split(" ")
        for size in range(len(words), 0, -1):  # the words behind may belong to the sentence
            number = "".join(words[:size]).upper()
            if iban.is_valid(number):
                found[number] = None
                line = line.replace(" ".join(words[:size]), "x" * 8)
                break
    return tuple(found), line


def _cards(line: str) -> tuple[tuple[str, ...], str]:
    found: dict[str, None] = {}
    for match in _LONG_DIGITS.finditer(line):
        digits = re.sub(r"\D", "", match.group())
        if _CARD.fullmatch(digits) and luhn.is_valid(digits) and not _NO_CARD.search(line[: match.start()][-20:]):
            found[digits] = None
            line = line.replace(match.group(), "x" * len(match.group()))
    return tuple(found), line


def _loyalty_ids(line: str) -> tuple[tuple[str, ...], str]:
    found: dict[str, None] = {}
    for match in _loyalty().finditer(line):
        value = clean_loyalty(match[1]).value
        if value and sum(c.isdecimal() for c in value) >= 5:
            found[value] = None
            line = line.replace(match[1], "x" * len(match[1]))
    return tuple(found), line


def _any_of(key: str) -> str:
    """Words as a pattern: written in letters they begin where a word does, in Han, Hangul or Thai anywhere."""
    words = sorted(reference.words("mentions", key), key=len, reverse=True)
    lettered = [re.escape(word).replace("\\ ", r"\s+") for word in words if not re.match(rf"[{_UNSPACED}]", word)]
    unspaced = [re.escape(word) for word in words if re.match(rf"[{_UNSPACED}]", word)]
    either = [rf"(?<![^\W\d_])(?:{'|'.join(lettered)})"] if lettered else []
    return "|".join([*either, *unspaced])


@cache
def _veto() -> re.Pattern[str]:
    """The end of a text in which the number behind is no telephone's."""
    no_telephone = "|".join(sorted(reference.words("mentions", "telephone"), key=len, reverse=True))
    compound = rf"(?<![^\W\d_])(?!(?:{no_telephone})(?:s?-?nummer|-?nr))[^\W\d_]{{3,}}(?:nummer|nr|[ -]id)"
    number = rf"\s*-?\s*(?:{_any_of('number')}|number|nummer|nr\.?|no\.?|id)"
    link = r"[\s.:：,#№º°=-]*"
    between = rf"(?:(?:{_any_of('between')})\b\s*)?"
    words = rf"(?:{_any_of('other')})(?:{number})?|(?:{_any_of('whose')})(?:{number})|{compound}|#|№"
    return re.compile(rf"(?:{words}){link}{between}$", re.IGNORECASE)


@cache
def _loyalty() -> re.Pattern[str]:
    return re.compile(
        rf"(?:{_any_of('loyalty')})"
        rf"(?:\s*(?:(?:card|karte|la|il|le|el|the|die|der|das|de|o|a|het|(?:{_any_of('number')})|(?:{_any_of('between')}))(?![^\W\d_])|nº|n°))*"
        r"[\s.:：#№º°-]*((?:[A-Za-z]{1,4}[ -]?)?(?:\d{2,4}(?: \d{2,4})+(?![\w-])|\d[\dA-Za-z-]{4,18}))",
        re.IGNORECASE,
    )


# jane dot doe at example dot com: a dot must be spelled behind the at, or it is a sentence
_SPELLED = re.compile(r"\b([\w.+-]+(?:\s+dot\s+[\w+-]+)*)\s+at\s+([\w-]+(?:\s+dot\s+[\w-]+)+)\b", re.IGNORECASE)

_SPOKEN = re.compile(r"(?<!\S)([\w+-]+(?:\.[\w+-]+)*) at ((?:[\w-]+\.)+[a-z]{2,})\b(?![\w.+-]*@)")


def _emails(line: str) -> tuple[str, ...]:
    if "@" not in line and "at" not in line.lower():
        return ()
    if "mail" in line.lower():  # jane at example.com is my e-mail
        line = _SPOKEN.sub(r"\1@\2", line)
    line = _SPELLED.sub(lambda match: re.sub(r"\s+dot\s+", ".", match[1]) + "@" + re.sub(r"\s+dot\s+", ".", match[2]), line)
    found: dict[str, None] = {}
    for match in _EMAIL.finditer(line):
        candidate = match.group().strip(".'-")
        if not _FILE.search(candidate):
            found.update(dict.fromkeys(clean_emails(candidate).value))
    return tuple(found)


_DATE = re.compile(r"(?<!\d)(?:\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d{2}|(?:19|20)\d{2}[./-]\d{1,2}[./-]\d{1,2})(?!\d)")
_DOUBLE_ZERO = re.compile(r"(?<![\d+])00\s?(?=[1-9])")


@cache
def _dials_00(country: str | None) -> bool:
    """Whether a bare 00 is dialled for abroad, and not with the digits of a carrier behind it or something else."""
    plan = phonenumbers.PhoneMetadata.metadata_for_region(country, None) if country else None
    return plan is not None and re.fullmatch(plan.international_prefix or "", "00") is not None


def _phones(line: str, country: str | None) -> tuple[str, ...]:
    if country is None and "+" not in line:
        return ()
    line = _LONG_DIGITS.sub(
        lambda match: (
            "x" * len(match.group())
            if luhn.is_valid(re.sub(r"\D", "", match.group())) and not match.group().startswith("00")
            else match.group()
        ),
        line,
    )
    line = _DATE.sub(lambda match: "x" * len(match.group()), line)
    if _dials_00(country):
        line = _DOUBLE_ZERO.sub("+", line)
    found: dict[str, None] = {}
    for match in phonenumbers.PhoneNumberMatcher(line, country, leniency=phonenumbers.Leniency.VALID):
        number = match.number
        if not _veto().search(line[max(0, match.start - 40) : match.start]) and not is_fake(str(number.national_number)):
            found[phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)] = None
    return tuple(found)
