"""Numbers with a check digit: tax, article, account and card numbers in one written form, wrong ones told from right ones."""

import re
from functools import cache
from typing import Any, Literal

from stdnum import ean, get_cc_module, iban, luhn

from include.cleaning import reference
from include.cleaning.remembered import remembered
from include.cleaning.result import Cleaned
from include.cleaning.text import digits_to_ascii, is_placeholder, repair

IdKind = Literal["vat", "national_id", "ean", "iban", "luhn"]

_SEPARATORS = re.compile(r"[\s\-./·]+")
_LONGEST = 64
_PLAIN = {"ean": ean, "iban": iban, "luhn": luhn}


@remembered
def clean_id(text: str, kind: IdKind, country: str | None = None) -> Cleaned[str | None]:
    """A number without separators, in capitals; emptied where its check digit says that it is none.

    Args:
        text: The number as written.
        kind: What it is said to be; ``vat`` and ``national_id`` need a country. A tax number carries its country in front.
        country: ISO 3166-1 alpha-2.

    Returns:
        The number. Flags: ``placeholder``, ``invalid``; ``unchecked`` where nobody has written down the country's rule.
    """
    mended = digits_to_ascii(repair(text))
    if not mended or is_placeholder(mended):
        return Cleaned(None, "placeholder", ("placeholder",)) if mended else Cleaned(None)
    value = _SEPARATORS.sub("", mended).upper()
    if len(value) > _LONGEST or not value.isascii() or not value.isalnum():
        return Cleaned(None, "invalid", ("invalid",))
    if kind == "national_id" and len(set(value)) == 1:  # 111.111.111-11 has the right check digits
        return Cleaned(None, "invalid", ("invalid",))
    checked = _module(kind, country)
    if checked is None:
        return Cleaned(value, None if value == text else "id_form", ("unchecked",))
    prefix = (_rule(country).vat_prefix or country or "") if kind == "vat" else ""
    # Swiss and a few other numbers hold the country's letters as their own; the hyphen of a Finnish one is its century
    number = next((n for n in dict.fromkeys((value, value.removeprefix(prefix), mended.upper())) if checked.is_valid(n)), None)
    if number is None:
        return Cleaned(None, "invalid", ("invalid",))
    written = _SEPARATORS.sub("", str(checked.compact(number))).upper() if kind == "vat" else number
    value = prefix + written.removeprefix(prefix)
    return Cleaned(value, None if value == text else "id_form")


@cache
def _module(kind: IdKind, country: str | None) -> Any:
    """The module of python-stdnum that checks a kind of number, None where there is none."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    others: dict[str, str] = reference.table("countries")["national_ids"]
    # python-stdnum has a person's number under its own name rather than that of its kind
    name = "vat" if kind == "vat" else _rule(country).national or others.get(country or "")
    return get_cc_module(country.lower(), name) if country and name else None


def _rule(country: str | None) -> reference.IdRule:
    pack = reference.country(country)
    return pack.ids if pack else reference.IdRule()
