"""Telephone numbers written plainly, read from phonenumbers' own tables in a tenth of the time its parser takes.

Most numbers are digits with blanks, dashes and brackets, and need little of what ``phonenumbers.parse`` does: a prefix off,
that of the country or of the trunk. Wherever the parser would weigh anything, the answer here is None: ask the library.
"""

import re
from functools import cache
from typing import NamedTuple

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, PhoneNumber
from phonenumbers.phonemetadata import PhoneNumberDesc

_PLAIN = re.compile(r"\(?(\+?)([0-9][0-9 ().-]*)")
_MARKS = str.maketrans("", "", " ().-")
_LONGEST = 40


class _Kind(NamedTuple):
    """A kind of number: its digits, and how many there may be (none said: as many as the pattern takes)."""

    pattern: re.Pattern[str]
    lengths: tuple[int, ...]

    def takes(self, national: str) -> bool:
        return (not self.lengths or len(national) in self.lengths) and self.pattern.fullmatch(national) is not None


class _Plan(NamedTuple):
    """What phonenumbers knows of a region's numbers.

    Attributes:
        code: Country calling code.
        abroad: What is dialled before a number abroad.
        prefix: What is dialled before a number at home, if anything.
        rewrites: Whether numbers are rewritten when that prefix is taken off.
        overall: What all its numbers are.
        local: Lengths that are only dialled locally.
        usual: Lines and mobiles.
        is_told_apart: Whether leading digits tell it from other regions of its code.
    """

    code: str
    abroad: re.Pattern[str] | None
    prefix: re.Pattern[str] | None
    rewrites: bool
    overall: _Kind
    local: tuple[int, ...]
    usual: tuple[_Kind, ...]
    is_told_apart: bool


def parse(text: str, country: str | None) -> PhoneNumber | None:
    """What ``phonenumbers.parse`` answers for a plainly written number; None for any other, and for one to be weighed."""
    if len(text) > _LONGEST or (plain := _PLAIN.fullmatch(text)) is None:
        return None
    digits = plain.group(2).translate(_MARKS)
    if plain.group(1):
        region = _region_dialled(digits)
        plan = _plan(region) if region else None
        national = digits[len(plan.code) :] if plan else ""
    else:
        plan = _plan(country) if country else None
        if plan is None or digits.startswith(plan.code) or (plan.abroad and plan.abroad.match(digits)):
            return None
        national = digits
    if plan is None:
        return None
    if plan.prefix and (dialled := plan.prefix.match(national)):
        national = national[dialled.end() :]
        if plan.rewrites or len(national) in plan.local or not plan.overall.takes(national):
            return None
    if not 5 <= len(national) <= 15 or national[0] == "0":
        return None
    return PhoneNumber(country_code=int(plan.code), national_number=int(national))


def is_usual(number: PhoneNumber) -> bool:
    """Whether a number is a line or a mobile of the first region of its code: then it is valid. Of any other, ask the library."""
    if number.italian_leading_zero:
        return False
    regions = COUNTRY_CODE_TO_REGION_CODE.get(number.country_code or 0, ())
    plan = _plan(regions[0]) if regions else None
    if plan is None or plan.is_told_apart:
        return False
    national = str(number.national_number)
    return plan.overall.takes(national) and any(kind.takes(national) for kind in plan.usual)


def _region_dialled(digits: str) -> str | None:
    """The first region of the country code that digits behind a plus start with; no code starts another, and none with a zero."""
    if digits[0] == "0":
        return None
    return next((found[0] for size in (1, 2, 3) if (found := COUNTRY_CODE_TO_REGION_CODE.get(int(digits[:size])))), None)


@cache
def _plan(region: str) -> _Plan | None:
    known = PhoneMetadata.metadata_for_region(region, None)
    if known is None or known.general_desc is None or (overall := _kind(known.general_desc)) is None:
        return None
    prefix = known.national_prefix_for_parsing
    return _Plan(
        str(known.country_code),
        re.compile(known.international_prefix) if known.international_prefix else None,
        re.compile(prefix) if prefix else None,
        bool(known.national_prefix_transform_rule),
        overall,
        tuple(known.general_desc.possible_length_local_only),
        tuple(kind for kind in map(_kind, (known.mobile, known.fixed_line)) if kind),
        bool(known.leading_digits),
    )


def _kind(known: PhoneNumberDesc | None) -> _Kind | None:
    if known is None or known.national_number_pattern is None:
        return None
    return _Kind(re.compile(known.national_number_pattern), tuple(known.possible_length))
