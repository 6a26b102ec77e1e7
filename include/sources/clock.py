"""Source times: many spellings, one instant in UTC."""

import re
from datetime import UTC, date, datetime, time, tzinfo
from typing import Literal

DateOrder = Literal["dmy", "mdy", "ymd"]
"""Which number of an all-numeric date is day, month and year."""

_ISO = re.compile(r"^\d{4}-\d{2}-\d{2}")
_EPOCH = re.compile(r"^(\d{10})(\d{3})?$")  # 10 digits are seconds since 2001, 13 are milliseconds; no written date has as many
_DATE = re.compile(r"^\s*(\d{1,4})\D{1,3}(\d{1,2})\D{1,3}(\d{1,4})")
_TIME = re.compile(r"(\d{1,2})[:.h](\d{2})(?:[:.](\d{2}))?\s*([ap])?\.?m?\.?\s*$", re.IGNORECASE)
_PLACES = {"dmy": (2, 1, 0), "mdy": (2, 0, 1), "ymd": (0, 1, 2)}  # where year, month and day stand


def parse(text: str, order: DateOrder | None, zone: tzinfo) -> datetime | None:
    """Read a source's time.

    Args:
        text: ISO 8601 (with ``Z``, ``+00:00``, ``+0000`` or no zone), Unix seconds or milliseconds, or a local date with or
            without a time.
        order: How an all-numeric local date is written; None reads ISO and Unix times only, as a guess would be wrong half
            the time.
        zone: What a time without its own zone means.

    Returns:
        The instant in UTC, or None if the text is no time.
    """
    text = text.strip()
    try:
        if epoch := _EPOCH.match(text):
            return datetime.fromtimestamp(int(epoch[1]) + int(epoch[2] or 0) / 1000, UTC)
        if _ISO.match(text):
            return _utc(datetime.fromisoformat(text.removesuffix(" UTC")), UTC if text.endswith(" UTC") else zone)
        return _utc(_local(text, order), zone) if order else None
    except (ValueError, OverflowError):
        return None


def _local(text: str, order: DateOrder) -> datetime:
    found = _DATE.match(text)
    if not found:
        raise ValueError("no date")
    rest = text[found.end() :]
    clock = _TIME.search(rest)
    if not clock and rest.strip(" .,日일"):
        raise ValueError("something behind the date that is no time")
    return datetime.combine(_date(found, order), _clock(clock) if clock else time())


def _date(found: re.Match[str], order: DateOrder) -> date:
    parts = found.groups()
    year, month, day = (parts[place] for place in _PLACES["ymd" if len(parts[0]) > 2 else order])
    if len(year) not in (2, 4):
        raise ValueError("no year")
    return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))


def _clock(found: re.Match[str]) -> time:
    hour = int(found[1])
    if found[4]:
        if not 1 <= hour <= 12:
            raise ValueError("no twelve-hour time")
        hour = hour % 12 + (12 if found[4].lower() == "p" else 0)
    return time(hour, int(found[2]), int(found[3] or 0))


def _utc(moment: datetime, zone: tzinfo) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
