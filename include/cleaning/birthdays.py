"""Birthdays: a date that must also be possible. A form's default date is nobody's birthday and would join strangers."""

from datetime import date

from include.cleaning import reference
from include.cleaning.dates import clean_date
from include.cleaning.habits import DateOrder
from include.cleaning.remembered import remembered
from include.cleaning.result import Cleaned

OLDEST = 120


@remembered
def clean_birthday(  # noqa: PLR0911 - a ladder, read from the top
    text: str, country: str | None, as_of: date | None, order: DateOrder | None = None
) -> Cleaned[str | None]:
    """A date of birth, possibly partial, as ISO 8601 text.

    Args:
        text: The date as delivered.
        country: Whose date order, calendar and month names it is read in.
        as_of: The day the record was delivered: what lay ahead then is no birthday. None judges no age.
        order: The source's own date order, where declared.

    Returns:
        The date; default dates (``default_date``) and days to come (``future``) are emptied, an age over 120 or the day of
        delivery itself is kept and flagged ``suspicious``.
    """
    if any(text.strip().startswith(zero) for zero in reference.words("dates", "zero_birthdays")):
        return Cleaned(None, "default_date", ("default_date",))
    read = clean_date(text, country, order, as_of, born=True)
    if read.value is None:
        return read
    if read.value in reference.words("dates", "default_birthdays") or (
        len(read.value) == 4 and read.value in {"1900", "1111", "9999"}
    ):
        return Cleaned(None, "default_date", ("default_date",))
    if read.value.startswith("--") or as_of is None:
        return read
    if read.value > as_of.isoformat()[: len(read.value)]:
        return Cleaned(None, "future", ("future",))
    if as_of.year - int(read.value[:4]) > OLDEST or read.value == as_of.isoformat():
        return Cleaned(read.value, read.rule, (*read.flags, "suspicious"))
    return read
