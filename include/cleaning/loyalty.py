"""Loyalty card numbers: one written form, leading zeros kept, the till's default card known for what it is."""

import re
from typing import Literal

from include.cleaning import reference
from include.cleaning.ids import clean_id
from include.cleaning.remembered import remembered
from include.cleaning.result import Cleaned
from include.cleaning.text import digits_to_ascii, is_placeholder, repair

_SEPARATORS = re.compile(r"[\s\-./_·]+")
_LABEL = re.compile(
    r"^(?:loyalty|card|member(?:ship)?|karte|tarjeta|carte|cart[aã]o|no|nr|num|id)?\s*(?:no|nr|number|#)?\s*[:#.]\s*",
    re.IGNORECASE,
)
_FLOAT = re.compile(r"(\d+)\.0+")


@remembered
def clean_loyalty(text: str, check: Literal["luhn"] | None = None) -> Cleaned[str | None]:
    """A card number in capitals without separators; ``check`` names the check digit the programme uses."""
    mended = digits_to_ascii(repair(text))
    if not mended or is_placeholder(mended):
        return Cleaned(None, "placeholder", ("placeholder",)) if mended else Cleaned(None)
    if match := _FLOAT.fullmatch(mended):
        mended = match.group(1)
    value = _SEPARATORS.sub("", _LABEL.sub("", mended)).upper()
    if not value or not value.isascii() or not value.isalnum():
        return Cleaned(None, "invalid", ("invalid",))
    digits = re.sub(r"\D", "", value)
    if value in reference.words("placeholders", "loyalty") or (len(digits) >= 4 and len(set(digits)) == 1):
        return Cleaned(None, "placeholder", ("placeholder",))
    if check and clean_id(value, check).value is None:
        return Cleaned(None, "invalid", ("invalid",))
    return Cleaned(value, None if value == text else "loyalty_form")
