"""What people mention in free text: addresses, telephone, card and account numbers, who they are and where they live.

A number is what the words before it say: an order, a parcel or a book is no telephone. A name or a place is taken only behind
words that open one (``my name is``, ``wohne in``); what else a text tells of a person is left in it.
"""

import re
from functools import cache
from typing import NamedTuple

import phonenumbers
from stdnum import iban, luhn

from include.cleaning import reference
from include.cleaning.cities import resolve
from include.cleaning.emails import clean_emails
from include.cleaning.loyalty import clean_loyalty
from include.cleaning.names import is_native_name
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


_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+'-]+(?:@|\s?[(\[]\s?at\s?[)\]]\s?)[\w-]+(?:(?:\.|\s?[(\[]\s?dot\s?[)\]]\s?)[\w-]+)+", re.IGNORECASE
)
_FILE = re.compile(r"\.(?:png|jpe?g|gif|webp|svg|pdf|docx?|xlsx?|csv|txt|zip|html?|js|css|mp4|heic)$", re.IGNORECASE)
# Words before a number that make it something else than a telephone
_VETO = re.compile(
    r"(?:order|ord\.?|#|no\.?\s*commande|commande|bestell(?:ung|nummer)?|auftrag|pedido|zamówieni\w*|invoice|rechnung|factura|facture|fatura|receipt|ticket|case|ref(?:erence)?|tracking|parcel|awb"
    r"|isbn|iban|account|konto|card|karte|tarjeta|cartão|karta|loyalty|member|vat|nip|sku|serial|imei|gtin|ean|注文|订单|訂單|快递|주문|송장|طلب|παραγγελ\w*|คำสั่งซื้อ|ऑर्डर)"
    r"(?:\s*(?:no|nr|n|num(?:ber|ero|éro|mer)?|id|号|號|番号|번호|رقم))?[\s.:：#№º°=-]*"
    r"(?:(?:is|ist|es|est|é|è|was|war|jest|är|er|to)\s)?\s*$",
    re.IGNORECASE,
)
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
def mentions(text: str, country: str | None) -> Mentions:
    """What a text mentions; numbers and places are read as of ``country``."""
    line = digits_to_ascii(repair(text[:_LONGEST], lines=True))
    emails = _emails(line)
    ibans, line = _ibans(line)
    cards, line = _cards(line)
    loyalty_ids, line = _loyalty_ids(line)
    phones = _phones(line, country) if _DIGITS.search(line) else ()
    return Mentions(emails, phones, cards, ibans, loyalty_ids, _persons(line, bool(phones or emails)), _places(line, country))


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


def _persons(line: str, beside_contact: bool) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for match in _introduced().finditer(line):
        found[match["name"] or match["person"]] = None
    for match in _native_introduced().finditer(line):
        name = next((match[1][:size] for size in (5, 4, 3, 2) if is_native_name(match[1][:size])), None)
        if name:
            found[name] = None
    if beside_contact:  # a number and beside it whose it is
        for word in re.findall(r"(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{2,4}(?![\u4e00-\u9fff])", line):
            if is_native_name(word):
                found[word] = None
    return tuple(found)


def _places(line: str, country: str | None) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for match in _place().finditer(line):
        words = match[1].split()
        for size in range(len(words), 0, -1):
            place = " ".join(words[:size])
            city = resolve(place, country)
            if city.value is not None and city.rule != "city_typo":
                found[place] = None
                break
    return tuple(found)


_WORD = r"(?:[A-ZÀ-ÖØ-ÞĀ-Ž\u0370-\u03ab\u0410-\u042f][\w'’-]+\.?)"
_LINK = r"(?:(?:de|del|de la|da|do|dos|das|di|van|van der|van den|von|la|le|bin|al|el|y|dela|den|der|ter)\s)"


def _any_of(words: frozenset[str]) -> str:
    return "|".join(re.escape(word).replace("\\ ", r"\s+") for word in sorted(words, key=len, reverse=True))


@cache
def _introduced() -> re.Pattern[str]:
    name = rf"{_WORD}(?:\s{_LINK}?{_WORD}){{0,3}}"
    person = rf"{_WORD}(?:\s{_LINK}?{_WORD}){{1,3}}"
    return re.compile(
        rf"(?<!\w)(?:(?i:{_any_of(reference.words('mentions', 'name'))})[\s:]+(?P<name>{name})"
        rf"|(?i:{_any_of(reference.words('mentions', 'person'))})[\s:,]+(?P<person>{person}))"
    )


@cache
def _native_introduced() -> re.Pattern[str]:
    return re.compile(rf"(?:{_any_of(reference.words('mentions', 'native_name'))})\s*([\u4e00-\u9fff\uac00-\ud7a3]{{2,4}})")


@cache
def _place() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?i:{_any_of(reference.words('mentions', 'place'))})\s+({_WORD}(?:[\s-]{_WORD}){{0,2}})")


@cache
def _loyalty() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w)(?:{_any_of(reference.words('mentions', 'loyalty'))})"
        r"(?:\s*(?:(?:card|karte|nummer|number|numero|numéro|num|no|nr|id|ist|is|est|es|é|è)(?![^\W\d_])|nº|n°|番号|号|は))*"
        rf"[\s.:：#№º°-]*((?:[A-Za-z]{{1,4}}[ -]?)?\d[\dA-Za-z-]{{4,18}})",
        re.IGNORECASE,
    )


# jane dot doe at example dot com: a dot must be spelled behind the at, or it is a sentence
_SPELLED = re.compile(r"\b([\w.+-]+(?:\s+dot\s+[\w+-]+)*)\s+at\s+([\w-]+(?:\s+dot\s+[\w-]+)+)\b", re.IGNORECASE)


def _emails(line: str) -> tuple[str, ...]:
    if "@" not in line and "at" not in line.lower():
        return ()
    line = _SPELLED.sub(lambda match: re.sub(r"\s+dot\s+", ".", match[1]) + "@" + re.sub(r"\s+dot\s+", ".", match[2]), line)
    found: dict[str, None] = {}
    for match in _EMAIL.finditer(line):
        candidate = match.group().strip(".'-")
        if not _FILE.search(candidate):
            found.update(dict.fromkeys(clean_emails(candidate).value))
    return tuple(found)


_DATE = re.compile(r"(?<!\d)(?:\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d{2}|(?:19|20)\d{2}[./-]\d{1,2}[./-]\d{1,2})(?!\d)")
_DOUBLE_ZERO = re.compile(r"(?<![\d+])00\s?(?=[1-9])")
_NOT_00 = {"US", "CA", "JP", "KR", "AU", "TW", "HK", "SG", "TH", "ID", "RU", "BR", "KE", "NG"}
"""Countries, of those with a pack, that do not dial a bare 00 for abroad."""


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
    if country in reference.countries() and country not in _NOT_00:
        line = _DOUBLE_ZERO.sub("+", line)
    found: dict[str, None] = {}
    for match in phonenumbers.PhoneNumberMatcher(line, country, leniency=phonenumbers.Leniency.VALID):
        number = match.number
        if not _VETO.search(line[max(0, match.start - 30) : match.start]) and not is_fake(str(number.national_number)):
            found[phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)] = None
    return tuple(found)
