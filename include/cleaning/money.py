"""Amounts of money with their currency, read by the country's own marks for thousands and decimals."""

import re
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import NamedTuple

from babel import Locale

from include.cleaning import reference
from include.cleaning.folding import fold
from include.cleaning.remembered import remembered
from include.cleaning.result import Cleaned
from include.cleaning.text import digits_to_ascii, is_placeholder, repair


class Money(NamedTuple):
    """An amount in the currency's main unit; negative for a refund."""

    amount: Decimal
    currency: str | None


_CODE = re.compile(r"(?<![A-Za-z])([A-Za-z]{3})(?![A-Za-z])")
_NO_CENTS = re.compile(
    r"(?<=\d)[.,]?\s?[-–—]{1,2}(?=\s*[^\d\s]|$)(?<=[.,][-–—]|[-–—][-–—])"
)  # 199,- in Sweden, 12.-- in Switzerland
_TEN_THOUSANDS = re.compile(r"(\d+(?:\.\d+)?)\s?[万萬만](?!\d)")
_AMOUNT = re.compile(r"\d[\d.,'’٫٬\s]*\d|\d")
_WORD = re.compile(r"[^\W\d_]+|[$¥]")


@remembered
def clean_money(text: str, country: str | None = None, currency: str | None = None) -> Cleaned[Money | None]:
    """An amount and its currency.

    Args:
        text: The amount as delivered, with or without a currency mark.
        country: Whose marks for thousands and decimals, and whose ``$``, are meant.
        currency: The store's currency, taken where the text names none; the country's otherwise.
    """
    mended = digits_to_ascii(repair(text)).replace("\uffe5", "¥").replace("\u2212", "-")
    if not mended or is_placeholder(mended):
        return Cleaned(None, "placeholder", ("placeholder",)) if mended else Cleaned(None)
    if mended.casefold() in reference.words("money", "free"):
        return Cleaned(Money(Decimal(0), currency), "free")
    mended = _NO_CENTS.sub("", mended)
    if large := _TEN_THOUSANDS.search(mended):
        mended = mended.replace(
            large[0], f"{Decimal(large[1]) * 10_000:f}".rstrip("0").rstrip(".") if "." in large[1] else f"{large[1]}0000"
        )
    match = _AMOUNT.search(mended)
    if not match or len(_AMOUNT.findall(mended)) > 1:
        return Cleaned(None, "invalid", ("invalid",))
    pack = reference.country(country)
    amount = _decimal(match.group(), pack.decimal if pack else ".")
    if amount is None:
        return Cleaned(None, "invalid", ("invalid",))
    rest = mended[: match.start()] + " " + mended[match.end() :]
    if "-" in rest or ("(" in rest and ")" in rest):  # accountants put a loss in brackets
        amount = -amount
    named = _currency(rest, country)
    return Cleaned(
        Money(amount, named or currency or (pack.currency if pack else None)), None if str(amount) == text else "money_form"
    )


def _decimal(text: str, mark: str) -> Decimal | None:
    """The number a text means: the country's marks, unless the marks themselves show that others were used."""
    digits = re.sub(r"[\s'’٬]", "", text).replace("٫", ".")
    last = max(digits.rfind("."), digits.rfind(","))
    if last >= 0:
        used, behind = digits[last], len(digits) - last - 1
        both = "." in digits and "," in digits
        is_decimal = both or (digits.count(used) == 1 and (behind != 3 or (used == mark and len(digits[:last]) > 3)))
        if not both and behind == 3 and digits.count(used) == 1 and used == mark:
            is_decimal = True
        whole = re.sub(r"[.,]", "", digits[:last]) + ("." if is_decimal else "")
        digits = whole + digits[last + 1 :]
    try:
        return Decimal(digits)
    except InvalidOperation:
        return None


@cache
def _codes() -> frozenset[str]:
    return frozenset(map(str, Locale("en").currencies))


def _currency(rest: str, country: str | None) -> str | None:
    marks: dict[str, str] = reference.table("money")["marks"]
    for mark in sorted(marks, key=len, reverse=True):  # HK$ before $
        if mark in rest:
            return marks[mark]
    if match := next((found for found in _CODE.finditer(rest) if found[1].upper() in _codes()), None):
        return match[1].upper()
    for word in _WORD.findall(rest):
        countries: dict[str, str] | None = reference.table("money")["shared"].get(fold(word) or word)
        if countries:
            return countries.get(country or "") or next(iter(countries.values()))
    return None
