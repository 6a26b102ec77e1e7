"""Birthdays: a date that must also be possible. A form's default date is nobody's birthday and would join strangers."""

from datetime import date
from functools import lru_cache

from include.cleaning.dates import clean_date
from include.cleaning.habits import DateOrder
from include.cleaning.result import Cleaned

# What forms, spreadsheets and databases fill in: Unix, Excel, Mac and OLE zero, keyboard runs, the end of time
_DEFAULTS = frozenset({"1900-01-01", "1899-12-30", "1899-12-31", "1900-01-00", "1901-01-01", "1904-01-01", "1970-01-01", "0001-01-01", "1800-01-01",
                       "1753-01-01", "1111-11-11", "9999-12-31", "2099-12-31", "1234-12-12", "2222-02-22", "1900-12-31"})  # fmt: skip
_ZEROS = ("0000-00-00", "00/00/0000", "00.00.0000", "0000/00/00", "00-00-0000", "30/12/1899", "12/30/1899", "1899/12/30")
OLDEST = 120


@lru_cache(maxsize=65_536)
def clean_birthday(text: str, country: str | None, as_of: date, order: DateOrder | None = None) -> Cleaned[str | None]:
    """A date of birth, possibly partial, as ISO 8601 text.

    Args:
        text: The date as delivered.
        country: Whose date order, calendar and month names it is read in.
        as_of: The day the record was delivered: what lay ahead then is no birthday.
        order: The source's own date order, where declared.

    Returns:
        The date; default dates (``default_date``) and days to come (``future``) are emptied, an age over 120 or the day of delivery
        itself is kept and flagged ``suspicious``.
    """
    if any(text.strip().startswith(zero) for zero in _ZEROS):
        return Cleaned(None, "default_date", ("default_date",))
    read = clean_date(text, country, order, as_of)
    if read.value is None:
        return read
    if read.value in _DEFAULTS or (len(read.value) == 4 and read.value in {"1900", "1111", "9999"}):
        return Cleaned(None, "default_date", ("default_date",))
    if read.value.startswith("--"):
        return read
    if read.value[: len(read.value)] > as_of.isoformat()[: len(read.value)]:
        return Cleaned(None, "future", ("future",))
    if as_of.year - int(read.value[:4]) > OLDEST or read.value == as_of.isoformat():
        return Cleaned(read.value, read.rule, (*read.flags, "suspicious"))
    return read
