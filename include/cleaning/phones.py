"""Telephone numbers in E.164, read the way the people of the record's country write them."""

import re
import unicodedata
from decimal import Decimal, InvalidOperation

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber

from include.cleaning import plain_numbers, reference
from include.cleaning.remembered import remembered
from include.cleaning.result import Cleaned
from include.cleaning.text import digits_to_ascii, is_placeholder, repair

_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d{1,2}")
_FLOAT = re.compile(r"\+?(\d{6,15})\.0+")
_LEAD = re.compile(r"^[^\d+(]*?(?=[\d+(])", re.DOTALL)
_SEVERAL = re.compile(r"\s*(?:[;,|\n]|\s(?:or|oder|ou|o|lub|y|und|and|/|&)\s|(?<=\d)/(?=\s?[\d+(]))\s*", re.IGNORECASE)
_HARD_SEVERAL = re.compile(r"\s*[;,|\n]\s*")
_TRUNK = re.compile(r"\(\s*0\s*\)")
_VANITY = re.compile(r"(?:\+?1[\s.-]?)?\(?8(?:00|33|44|55|66|77|88)\)?[\s.-]?[A-Za-z0-9-]{7,}")
_LETTERS = re.compile(r"[A-Za-z]{3,}")
_RUNS = ("0123456789", "1234567890", "9876543210", "0987654321")
# numbers set aside for drama: NANP 555-0100 to 555-0199, Ofcom 07700 900xxx and 020 7946 0xxx, ACMA 0491 57x xxx
_FICTION = re.compile(
    r"\+1\d{3}55501\d\d|\+447700900\d{3}|\+442079460\d{3}|\+44(?:11[3-8]|1[2-6]1)4960\d{3}|\+441914980\d{3}|\+442896496\d{3}"
    r"|\+442920180\d{3}|\+441632960\d{3}|\+448081570\d{3}|\+449098790\d{3}|\+443069990\d{3}|\+61491570\d{3}"
    r"|\+61[2378](?:5550|7010)\d{4}|\+3319900\d{4}|\+3326191\d{4}|\+3335301\d{4}|\+3346571\d{4}|\+3353649\d{4}|\+3363998\d{4}"
    r"|\+35320915\d{4}"
)


@remembered
def clean_phones(text: str, country: str | None) -> Cleaned[tuple[str, ...]]:  # noqa: PLR0911 - a ladder, read from the top
    """The numbers in a field; invalid and placeholder ones are emptied and flagged.

    Args:
        text: The field as delivered.
        country: ISO 3166-1 alpha-2 by which a national number is read.

    Returns:
        E.164 numbers without extension, flags among ``extension``, ``several``, ``fictional``, ``invalid``, ``placeholder``,
        ``excel_damaged``.
    """
    mended = digits_to_ascii(unicodedata.normalize("NFKC", repair(text)))
    if not mended:
        return Cleaned(())
    if is_placeholder(mended):
        return Cleaned((), "placeholder", ("placeholder",))
    mended, rule = _unspreadsheet(mended)
    if rule == "excel_damaged":
        return Cleaned((), rule, ("excel_damaged", "invalid"))
    digits = re.sub(r"\D", "", mended)
    if is_one_digit(digits):
        return Cleaned((), "placeholder", ("placeholder", "invalid"))
    if len(digits) < 5 and not _VANITY.search(mended):
        return Cleaned((), "invalid", ("invalid",))
    found = _numbers(mended, country)
    if not found:
        return Cleaned((), "placeholder", ("placeholder", "invalid")) if is_fake(digits) else Cleaned((), "invalid", ("invalid",))
    return _kept(text, found, rule)


@remembered
def extensions(text: str, country: str | None) -> dict[str, str]:
    """Extension of each number of a field that has one, by its E.164 form; the form itself leaves it out."""
    mended = digits_to_ascii(unicodedata.normalize("NFKC", repair(text)))
    return {
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164): str(number.extension)
        for number, _ in _numbers(mended, country)
        if number is not None and number.extension
    }


def _kept(text: str, found: list[tuple[PhoneNumber | None, str | None]], rule: str | None) -> Cleaned[tuple[str, ...]]:
    kept: list[str] = []
    flags: list[str] = ["several"] if len(found) > 1 else []
    for number, how in found:
        if number is None:
            continue
        written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if is_one_digit(str(number.national_number)):
            flags.append("placeholder")
            continue
        if is_fake(str(number.national_number)):  # 23456789 can be dialled in Hong Kong
            flags.append("suspicious")
        if number.extension:
            flags.append("extension")
        if _FICTION.fullmatch(written):
            flags.append("fictional")
        rule = rule or how
        if written not in kept:
            kept.append(written)
    if not kept:
        return Cleaned((), "placeholder" if "placeholder" in flags else "invalid", tuple(dict.fromkeys([*flags, "invalid"])))
    if rule is None:
        rule = "several" if len(found) > 1 else None if kept == [text] else "e164"
    return Cleaned(tuple(kept), rule, tuple(dict.fromkeys(flags)))


def is_one_digit(digits: str) -> bool:
    """One digit over and over, which no network gives out."""
    return len(digits) >= 6 and len(set(digits.lstrip("0") or digits)) == 1


def is_fake(digits: str) -> bool:
    """Digits that look made up: one digit over and over, or straight up or down the keys."""
    tail = digits.lstrip("0") or digits
    return is_one_digit(digits) or (len(tail) >= 8 and any(d in run for run in _RUNS for d in (tail, digits)))


def _unspreadsheet(text: str) -> tuple[str, str | None]:
    """A number a spreadsheet made a float of, put back; one whose digits were rounded away is lost."""
    if match := _FLOAT.fullmatch(text):
        return match.group(1), "excel_float"
    if _SCIENTIFIC.fullmatch(text):
        mantissa, _, exponent = text.lower().replace(",", ".").partition("e")
        try:
            whole = f"{Decimal(mantissa).scaleb(int(exponent)):f}".partition(".")[0]
        except InvalidOperation:
            return text, "excel_damaged"
        decimals = len(mantissa.partition(".")[2])
        return (whole, "excel_float") if decimals >= int(exponent) - 1 else (text, "excel_damaged")
    return (text.lstrip("'=\"").rstrip('"'), "excel_text") if text[:1] in "'=" else (text, None)


def _numbers(text: str, country: str | None) -> list[tuple[PhoneNumber | None, str | None]]:
    """Every number of a field: whole if it makes one, else by its parts; None for a part that makes none."""
    if not _HARD_SEVERAL.search(text):
        whole = _number(text.replace("/", " "), country)
        if whole[0] is not None:
            return [whole]
    parts = [part for part in _SEVERAL.split(text) if part and sum(c.isdecimal() for c in part) >= 5]
    if len(parts) < 2:
        single = _number(parts[0], country) if parts else (None, None)
        return [single] if single[0] is not None else []
    read = [_number(part, country) for part in parts]
    return read if any(number is not None for number, _ in read) else []


def _number(text: str, country: str | None) -> tuple[PhoneNumber | None, str | None]:
    if not _VANITY.fullmatch(text.strip()):
        text = _LEAD.sub("", text)
    if text.startswith("00"):
        text = "+" + text[2:].lstrip()
    number = None
    if text.startswith("+") and _TRUNK.search(text):
        number = _valid(_TRUNK.sub("", text), country)  # Italy keeps the zero: +39 (0)2
        text = text if number is None and _valid(text, country) else _TRUNK.sub("", text)
    number = number or _valid(text, country)
    if number is not None:
        return number, None
    if text.startswith("+"):
        return _legacy(text, country)
    digits = re.sub(r"\D", "", text)
    number, rule = _legacy(text, country)
    if number is None and not _LETTERS.search(text) and len(digits) >= 10:
        number, rule = _valid("+" + digits, None) or _valid("+" + digits.lstrip("0"), country), "added_plus"
    if number is None:
        number, rule = _among_words(text, country), "words_beside"
    return number, rule if number is not None else None


def _among_words(text: str, country: str | None) -> PhoneNumber | None:
    """The one number in a short text: ``0412 345 678 (home)``."""
    if len(text) > 80 or not _LETTERS.search(text):
        return None
    found = [match.number for match in phonenumbers.PhoneNumberMatcher(text, country, leniency=phonenumbers.Leniency.VALID)]
    return found[0] if len(found) == 1 else None


def _legacy(text: str, country: str | None) -> tuple[PhoneNumber | None, str | None]:
    """Prefixes and lengths a country's numbers had before, brought up to date by its pack."""
    digits = re.sub(r"\D", "", text)
    for code in (country, _country_of_dial(digits) if text.startswith("+") else None):
        pack = reference.country(code)
        if pack is None or not pack.phone_legacy:
            continue
        national = digits.removeprefix(pack.dial) if text.startswith("+") or len(digits) > 11 else digits
        for pattern, replacement in pack.phone_legacy.items():
            if re.fullmatch(pattern, national):
                number = _valid("+" + pack.dial + re.sub(pattern, replacement, national), None)
                if number is not None:
                    return number, "legacy_prefix"
    return None, None


def _valid(text: str, country: str | None) -> PhoneNumber | None:
    number = plain_numbers.parse(text, country)
    if number is None:
        try:
            number = phonenumbers.parse(text[:80], country)
        except NumberParseException:
            return None
    if plain_numbers.is_usual(number) or phonenumbers.is_valid_number(number):
        return number
    # ranges set aside for drama belong to no network, but they are well formed
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return number if _FICTION.fullmatch(written) else None


@remembered
def _country_of_dial(digits: str) -> str | None:
    for length in (1, 2, 3):
        regions: tuple[str, ...] = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(digits[:length] or 0), ())
        if regions:
            return regions[0]
    return None


@remembered
def country_of(e164: str) -> str | None:
    """Country a number belongs to, as evidence for a record without an address; None where the dial code is shared."""
    try:
        region = phonenumbers.region_code_for_number(plain_numbers.parse(e164, None) or phonenumbers.parse(e164))
    except NumberParseException:
        return None
    return region if region and region.isalpha() else None
