"""Dates as ISO 8601 text, partial where they came partial; nothing is completed or guessed by invention.

Read by fixed formats only: free-form parsers make dates of "10" or "Monday".
"""

import re
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, localedata

from include.cleaning import reference
from include.cleaning.folding import fold
from include.cleaning.habits import DateOrder
from include.cleaning.remembered import remembered
from include.cleaning.result import Cleaned
from include.cleaning.text import digits_to_ascii, is_placeholder, repair

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}:?\d{2}(?::?\d{2}(?:[.,]\d+)?)?)\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?")
_ISO_PARTIAL = re.compile(r"(\d{4})-(\d{2})|--(\d{2})-(\d{2})")
_NUMERIC = re.compile(r"(\d{1,4})\s*([./\-\s])\s*(\d{1,2})\s*[./\-\s]\s*(\d{1,4})\.?")
_TWO = re.compile(r"(\d{1,2})[./-](\d{1,2})\.?")
_SIX_DIGITS = re.compile(r"(\d{2})(\d{2})(\d{2})")
_COMPACT = re.compile(r"((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_YEAR = re.compile(r"((?:18|19|20|24|25)\d{2})(?:\s?[年년])?")
_MONTH_YEAR = re.compile(r"(\d{1,2})[./-](\d{4})")
_HAN = re.compile(r"(?:西暦|公元|民國|民国)?\s*(\d{2,4}|元)\s*[年년]\s*(?:(\d{1,2})\s*[月월]\s*(?:(\d{1,2})\s*[日일号號]?)?)?\.?")
_HAN_MONTH_DAY = re.compile(r"(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일号號]?")
_ERA = re.compile(
    r"(令和|平成|昭和|大正|明治|㋿|㍻|㍼|㍽|㍾|[令平昭大明RHSTM])\s*\.?\s*(\d{1,2}|元)"
    r"(?:\s*[年./-]\s*(\d{1,2})(?:\s*月|\s*[月./-]\s*(\d{1,2})\s*日?)|\s*年(?:\s*生まれ)?|(?=$))",
    re.IGNORECASE,
)
_REPUBLIC = re.compile(r"民[國国]\s*(\d{1,3})\s*[./-]\s*(\d{1,2})\s*[./-]\s*(\d{1,2})")
_WORDS = re.compile(r"(?:[^\d\s.,/()\-–]|\.(?=[^\d\s.]))+\.?|\d+")  # Thai and Hindi vowels are no letters to the re module
_VIETNAMESE = re.compile(r"(?:ngày\s*)?(\d{1,2})\s*tháng\s*(\d{1,2})(?:\s*,\s*|\s*năm\s*|\s+)(\d{4})", re.IGNORECASE)
_EPOCH = re.compile(r"([1-9]\d{9})(?:\d{3})?(?:\.\d+)?")
_LAST_EPOCH = 2_100_000_000  # 2036: a larger number of ten digits is none
_MARKS = re.compile(
    r"^(?:born|dob|d\.o\.b\.?|geb\.?|\*|né[e]? le|ur\.|nac\.?|生年月日[:：]?|出生[:：]?|พ\.?ศ\.?|ค\.?ศ\.?)\s*", re.IGNORECASE
)
_CLOCK = re.compile(
    r"[,T]?\s*\b\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s*[ap]\.?m\b\.?)?"
    r"(?:\s*(?:GMT|UTC|Z\b)?(?:[+-]\d{2}:?\d{2})?(?:\s*\([^)]*\))?)",
    re.IGNORECASE,
)  # the hour and zone of a mail or a log
_MIDNIGHT = re.compile(r"[ ,T]+\d{1,2}:\d{2}(?::\d{2})?\s*(?:[ap]\.?m\.?)?$", re.IGNORECASE)  # spreadsheets add one
_EXCEL_EPOCH = date(1899, 12, 30)


class Parts(NamedTuple):
    """Year, month and day as far as they are known."""

    year: int | None
    month: int | None
    day: int | None


@remembered
def clean_date(
    text: str, country: str | None = None, order: DateOrder | None = None, latest: date | None = None, *, born: bool = False
) -> Cleaned[str | None]:
    """ISO 8601 text of a date: ``1990-05-17``, partial ``1990``, ``1990-05``, ``--05-17``; what is no date is emptied.

    Args:
        text: The date as delivered; of a date with a time its local day is taken.
        country: Whose order of day and month an all-numeric date is read in.
        order: The source's own order, where it is declared; it goes before the country's.
        latest: Last day the date may be, to read a spreadsheet's day number; None reads none.
        born: True of a birthday, whose two-digit year may be of either century.

    Returns:
        The date; flags among ``invalid``, ``ambiguous`` (order or century unknown), ``order_swapped`` (day and month stood
        the other way round, as one of them is over 12).
    """
    mended = _han_digits(_MARKS.sub("", digits_to_ascii(repair(text))))
    if not mended or is_placeholder(mended):
        return Cleaned(None, "placeholder", ("placeholder",)) if mended else Cleaned(None)
    pack = reference.country(country)
    order = order or (pack.date_order if pack else None)
    read = (
        _fixed(mended, country)
        or _native(mended, country)
        or _numeric(mended, _Reader(country, order, latest, born))
        or _spelled(mended, _Reader(country, order, latest, born))
    )
    if read is None:
        return Cleaned(None, "invalid", ("invalid",))
    parts, rule, flags = read
    written = iso(_without_zeros(parts))
    if written is None:
        return Cleaned(None, "invalid", ("invalid",) if "ambiguous" not in flags else ("ambiguous",))
    return Cleaned(written, None if written == text else rule, flags)


_HAN_NUMBER = re.compile("[〇零一二三四五六七八九十]{1,4}(?=[年月日号號])")
_HAN_DIGITS = {digit: str(n % 10) for n, digit in enumerate("〇一二三四五六七八九零")}


def _han_digits(text: str) -> str:
    """Years, months and days written out in Han numerals: 昭和五十三年, 一九七八年, 二十日."""
    return _HAN_NUMBER.sub(_han_number, text)


def _han_number(match: re.Match[str]) -> str:
    if "十" not in match[0]:
        return "".join(_HAN_DIGITS[digit] for digit in match[0])
    tens, _, ones = match[0].partition("十")
    return _HAN_DIGITS.get(tens, "1") + _HAN_DIGITS.get(ones, "0")


def _without_zeros(parts: Parts) -> Parts:
    """What is known where zeros stand for what is not: 1990-05-00, 0000-05-17."""
    year, month, day = (part or None for part in parts)
    return Parts(year, month, day if month else None)


def iso(parts: Parts) -> str | None:
    """The ISO text of what is known of a date; None where there is no such day."""
    year, month, day = parts
    try:
        if year is not None and month is not None and day is not None:
            return date(year, month, day).isoformat()
        if month is not None and day is not None:
            date(2000, month, day)  # a leap year: 29 February is a birthday
            return f"--{month:02d}-{day:02d}"
        if year is not None and month is not None:
            return date(year, month, 1).isoformat()[:7]
    except ValueError:
        return None
    return f"{year:04d}" if year else None


_Read = tuple[Parts, str, tuple[str, ...]]


class _Reader(NamedTuple):
    """What bare numbers are read by."""

    country: str | None
    order: DateOrder | None
    latest: date | None
    born: bool


def _fixed(text: str, country: str | None) -> _Read | None:
    """Forms that say which part is which."""
    if match := _ISO.fullmatch(text):
        return Parts(_gregorian(int(match[1]), country), int(match[2]), int(match[3])), "date_form", ()
    if match := _ISO_PARTIAL.fullmatch(text):
        year, month, only_month, day = match.groups()
        return (
            (Parts(_gregorian(int(year), country), int(month), None) if year else Parts(None, int(only_month), int(day))),
            "date_form",
            (),
        )
    if match := _COMPACT.fullmatch(text):
        return Parts(int(match[1]), int(match[2]), int(match[3])), "date_form", ()
    if match := _YEAR.fullmatch(text):
        return Parts(_gregorian(int(match[1]), country), None, None), "date_form", ()
    if match := _MONTH_YEAR.fullmatch(text):
        return Parts(_gregorian(int(match[2]), country), int(match[1]), None), "date_form", ()
    return None


def _native(text: str, country: str | None) -> _Read | None:
    """East Asian forms: eras of an emperor or a republic, and parts named by their characters."""
    if (match := _ERA.fullmatch(text)) and (match[3] or country == "JP"):  # S60 is a year in Japan alone
        start: int = reference.table("dates")["eras"][match[1].upper()]
        month, day = (int(group) if group else None for group in match.groups()[2:])
        return Parts(start + _count(match[2]) - 1, month, day), "japanese_era", ()
    if match := _REPUBLIC.fullmatch(text) or _HAN.fullmatch(text):
        return _counted(match, country)
    if match := _HAN_MONTH_DAY.fullmatch(text):
        return Parts(None, int(match[1]), int(match[2])), "date_form", ()
    if match := _VIETNAMESE.fullmatch(text):
        return Parts(int(match[3]), int(match[2]), int(match[1])), "month_name", ()
    return None


def _counted(match: re.Match[str], country: str | None) -> _Read | None:
    """A year by its character, of the Republic where its sign or the country says so: these count from 1912."""
    year, rule = _count(match[1]), "date_form"
    if year < 200 and (_calendar(country) == "minguo" or match[0].startswith("民")):
        year, rule = year + 1911, "minguo_year"
    if year < 1000:
        return None
    return Parts(_gregorian(year, country), *(int(group) if group else None for group in match.groups()[1:])), rule, ()


def _numeric(text: str, reader: _Reader) -> _Read | None:
    """Three or two bare numbers, read in the order of the source or the country."""
    text = _MIDNIGHT.sub("", text)
    if (match := _EPOCH.fullmatch(text)) and int(match[1]) < _LAST_EPOCH:
        moment = datetime.fromtimestamp(int(match[1]), UTC)
        return Parts(moment.year, moment.month, moment.day), "unix_time", ()
    if reader.latest and (match := _SERIAL.fullmatch(text)):
        day = _EXCEL_EPOCH + timedelta(days=int(match[1]))
        return (Parts(day.year, day.month, day.day), "excel_serial", ()) if day <= reader.latest else None
    if match := _TWO.fullmatch(text):
        return _month_and_day(int(match[1]), int(match[2]), reader.order)
    if match := _SIX_DIGITS.fullmatch(text):
        return _two_digit_year(int(match[1]), int(match[2]), int(match[3]), reader)
    match = _NUMERIC.fullmatch(text)
    return _three_numbers(match[1], int(match[3]), match[4], reader) if match else None


def _three_numbers(first: str, second: int, third: str, reader: _Reader) -> _Read | None:
    country, order = reader.country, reader.order
    if len(first) == 4:
        return Parts(_gregorian(int(first), country), second, int(third)), "date_form", ()
    if len(first) == 3 or len(third) == 3:
        in_minguo = len(first) == 3 and _calendar(country) == "minguo"
        return (Parts(int(first) + 1911, second, int(third)), "minguo_year", ()) if in_minguo else None
    if len(third) < 3:
        return _two_digit_year(int(first), second, int(third), reader)
    if not int(first) or not second:  # a zero stands for what is not known
        month = {"DMY": second, "MDY": int(first)}.get(order or "", 0)
        return Parts(_gregorian(int(third), country), month, None), "date_form", ()
    # where the year goes first, a year at the end says nothing of the order before it
    read = _month_and_day(int(first), second, None if order == "YMD" else order)
    if read is None:
        return None
    parts, rule, flags = read
    return Parts(_gregorian(int(third), country), parts.month, parts.day), rule, flags


def _month_and_day(first: int, second: int, order: str | None) -> _Read | None:
    if (first > 12 and second > 12) or not first or not second:
        return None
    if first > 12 or second > 12:
        month, day = (second, first) if first > 12 else (first, second)
        as_ordered = (order == "DMY") == (first > 12) or order is None
        return Parts(None, month, day), "date_form", () if as_ordered else ("order_swapped",)
    if order is None and first != second:
        return Parts(None, None, None), "ambiguous", ("ambiguous",)
    month, day = (second, first) if order == "DMY" else (first, second)
    return Parts(None, month, day), "date_form", ()


def _two_digit_year(first: int, second: int, third: int, reader: _Reader) -> _Read | None:
    """Two digits of a year: a birthday's only where one century alone gives a living person's age, else the day is kept alone."""
    order = reader.order
    if order is None:
        return Parts(None, None, None), "ambiguous", ("ambiguous",)
    year, month, day = {"YMD": (first, second, third), "MDY": (third, first, second), "DMY": (third, second, first)}[order]
    flags: tuple[str, ...] = ()
    if month > 12 >= day and order != "YMD":
        month, day, flags = day, month, ("order_swapped",)
    centuries = _centuries(year, reader)
    if len(centuries) != 1:
        return Parts(None, month, day), "two_digit_year", (*flags, "ambiguous")
    return Parts(centuries[0], month, day), "two_digit_year", flags


def _centuries(year: int, reader: _Reader) -> list[int]:
    """The years that two digits may mean; in a country that also counts its own way, a third one besides."""
    if _calendar(reader.country) in ("minguo", "buddhist"):
        return []
    if not reader.born:  # a sale, a registration: in this century unless that lies ahead
        now = reader.latest.year if reader.latest else 2069
        return [2000 + year if 2000 + year <= now else 1900 + year]
    if reader.latest is None:
        return []
    return [base + year for base in (1900, 2000) if 10 <= reader.latest.year - (base + year) <= 95]


def _spelled(text: str, reader: _Reader) -> _Read | None:
    """A month by its name in the country's languages or English: ``17 mai 1990``, ``May-17-1990``, ``17 May``."""
    country = reader.country
    months = _months(country)
    month: int | None = None
    numbers: list[tuple[int, int]] = []
    for word in _WORDS.findall(_CLOCK.sub(" ", text)):
        if word.isdecimal():
            numbers.append((int(word), len(word)))
            continue
        folded = word.casefold().strip(".")
        found = months.get(folded) or months.get(fold(folded))
        if found and month is None:
            month = found
        elif not {folded, fold(folded)} & (reference.words("dates", "small_words") | _weekdays(country)):
            return None
    if month is None or not 1 <= len(numbers) <= 2:
        return None
    years = [n for n, length in numbers if length == 4]
    days = [n for n, length in numbers if length <= 2]
    if len(years) + len(days) != len(numbers):
        return None
    if len(days) == 2:
        return _two_digit_year(days[0], month, days[1], reader._replace(order="DMY"))
    return Parts(_gregorian(years[0], country) if years else None, month, days[0] if days else None), "month_name", ()


@cache
def _months(country: str | None) -> dict[str, int]:
    """Months by their names in the country's languages and English, then by those that mean one month in every language."""
    names: dict[str, int] = {}
    for language in dict.fromkeys(("en", *_languages(country))):
        for form, number in _named(language, "months"):
            names.setdefault(form, number)
    names.setdefault("sept", 9)
    return {**_months_anywhere(), **names}


@cache
def _months_anywhere() -> dict[str, int]:
    """Listopad is October in Zagreb and November in Warsaw: such names are left out."""
    meant: dict[str, set[int]] = {}
    for language in sorted({language for code in reference.countries() for language in _languages(code)}):
        for form, number in _named(language, "months"):
            meant.setdefault(form, set()).add(number)
    return {form: next(iter(numbers)) for form, numbers in meant.items() if len(numbers) == 1 and len(form) > 2}


@cache
def _weekdays(country: str | None) -> frozenset[str]:
    return frozenset(form for language in ("en", *_languages(country)) for form, _ in _named(language, "days"))


def _languages(country: str | None) -> tuple[str, ...]:
    """The country's languages, and their own forms there: January is Jänner in Austria."""
    pack = reference.country(country)
    languages = pack.languages if pack else ()
    return (*languages, *(own for own in (f"{language}_{country}" for language in languages) if localedata.exists(own)))


@cache
def _named(language: str, kind: Literal["months", "days"]) -> tuple[tuple[str, int], ...]:
    """Every form of the names of months or weekdays in a language, with their numbers."""
    names = getattr(Locale.parse(language), kind)
    return tuple(
        (form, int(number))
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for number, name in names[context][width].items()
        for form in (name.casefold().strip("."), fold(name))
        if form and not form.isdecimal()
    )


def _calendar(country: str | None) -> str:
    pack = reference.country(country)
    return pack.calendar if pack else "gregorian"


def _gregorian(year: int, country: str | None) -> int:
    """Buddhist years are 543 ahead; no customer was or will be born in the 25th century of the other calendar."""
    return year - 543 if _calendar(country) == "buddhist" and 2300 <= year <= 2700 else year


def _count(text: str) -> int:
    return 1 if text == "元" else int(text)


_TIME = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(am|pm|a\.m\.|p\.m\.|午前|午後|上午|下午|오전|오후)?", re.IGNORECASE
)
_BEFORE_TIME = re.compile(r"(午前|午後|上午|下午|오전|오후)\s*(?=\d)")
_AFTERNOON = frozenset({"pm", "p.m.", "午後", "下午", "오후"})


@remembered
def clean_timestamp(
    text: str, country: str | None = None, zone: str | None = None, order: DateOrder | None = None
) -> Cleaned[datetime | None]:
    """A moment in UTC.

    A local time without a zone is read in ``zone``, else the country's, else as UTC with the flag ``zone_assumed``.
    """
    mended = digits_to_ascii(repair(text))
    if not mended or is_placeholder(mended):
        return Cleaned(None, "placeholder", ("placeholder",)) if mended else Cleaned(None)
    try:
        seconds = _EPOCH.fullmatch(mended)
        known_moment = seconds and int(seconds[1]) < _LAST_EPOCH
        moment = datetime.fromtimestamp(int(seconds[1]), UTC) if seconds and known_moment else datetime.fromisoformat(mended)
    except ValueError:
        named, rest = _named_zone(mended)
        zone, read = named or zone, _local(rest, country, order)
        if read is None:
            return Cleaned(None, "invalid", ("invalid",))
        moment = read
    if moment.tzinfo is None:
        pack = reference.country(country)
        known = _zone(zone) or _zone(pack.timezone if pack else None)
        moment, flags = moment.replace(tzinfo=known or UTC), () if known else ("zone_assumed",)
    else:
        flags = ()
    if not 1900 <= moment.year <= 2200:
        return Cleaned(None, "invalid", ("invalid",))
    return Cleaned(moment.astimezone(UTC), None, flags)


def _local(text: str, country: str | None, order: DateOrder | None) -> datetime | None:
    hour = minute = second = 0
    half_before = _BEFORE_TIME.search(text)
    text = _BEFORE_TIME.sub("", text)
    if match := _TIME.search(text):
        hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
        half = (match[4] or (half_before[1] if half_before else "")).lower()
        if half:
            hour = hour % 12 + (12 if half in _AFTERNOON else 0)
        text = (text[: match.start()] + " " + text[match.end() :]).strip(" ,T")
    day = clean_date(text, country, order).value
    if day is None or len(day) != 10 or hour > 23 or minute > 59 or second > 59:
        return None
    return datetime.fromisoformat(day).replace(hour=hour, minute=minute, second=second)


def _named_zone(text: str) -> tuple[str | None, str]:
    """A zone written behind the time: an IANA name or an export's own words for one."""
    head, _, last = text.rpartition(" ")
    if head and ("/" in last or last == "UTC") and _zone(last) is not None:
        return last, head
    words: dict[str, Any] = reference.table("timezones")["names"]
    for name, zone in words.items():
        if text.endswith(name):
            return str(zone), text[: -len(name)].strip(" ,")
    return None, text


@lru_cache(maxsize=1_024)
def _zone(name: str | None) -> ZoneInfo | None:
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
