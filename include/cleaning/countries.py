"""Countries by whatever name people give them: code, own or foreign name, flag, colloquial form."""

from functools import cache

import pycountry
from babel import Locale
from rapidfuzz.distance import OSA

from include.cleaning import reference
from include.cleaning.folding import fold
from include.cleaning.remembered import remembered
from include.cleaning.result import Cleaned
from include.cleaning.text import is_placeholder, repair

# Languages whose country names are read: those of the packs and their neighbours
_LANGUAGES = (
    "en", "de", "fr", "es", "pt", "it", "pl", "nl", "ja", "ko", "zh", "zh_Hant", "ar", "el", "th", "hi", "ru", "uk", "tr", "sv",
    "da", "nb", "fi", "cs", "sk", "hu", "ro", "bg", "hr", "sr", "he", "fa", "ur", "bn", "ta", "vi", "id", "ms", "fil", "ga",
)  # fmt: skip
_LONGEST = 80


@remembered
def clean_country(text: str) -> Cleaned[str | None]:
    """ISO 3166-1 alpha-2 of a country as written; unknown names are emptied with the flag ``unknown``."""
    mended = repair(text)
    if not mended or is_placeholder(mended):
        return Cleaned(None, "placeholder", ("placeholder",)) if mended else Cleaned(None)
    if len(mended) == 2 and mended.isascii():
        code = "GB" if mended.upper() == "UK" else mended.upper()
        if code in _codes():
            return Cleaned(code, None if code == text else "country_code")
    alpha3: dict[str, str] = reference.table("countries")["alpha3"]
    if by_iso := alpha3.get(mended.upper()) or _by_iso().get(mended.upper()):
        return Cleaned(by_iso, "country_code")
    named = _flag(mended) or _by_name(mended)
    if named is None:
        return Cleaned(None, "unknown", ("unknown",))
    name = fold(mended)
    if name in reference.table("countries")["ambiguous"] and name != "korea":
        return Cleaned(named, "country_name", ("ambiguous",))
    return Cleaned(named, "country_name" if name in _names() or mended.casefold() in _names() else "country_typo")


def _by_name(text: str) -> str | None:
    names, folded = _names(), fold(text)
    head = fold(text.partition(",")[0]) if text.count(",") == 1 else ""  # Korea, Republic of; Taiwan, Province of China
    forms = (text.casefold(), folded, folded.removeprefix("the "), folded.replace(" ", ""), head)
    found = next((names[form] for form in forms if form in names), None)
    if found or len(text) < 6 or not text.isascii() or len(text) > _LONGEST:
        return found
    # A slip of the pen, and only one country that near: fuzzy search over names takes Korea for North Korea, Niger for Nigeria
    for slips in (1, 2) if len(folded) > 8 else (1,):
        near = {code for name, code in names.items() if len(name) >= 6 and name.isascii() and _slips(folded, name) <= slips}
        if near:
            return near.pop() if len(near) == 1 else None
    return None


def _slips(left: str, right: str) -> int:
    return int(OSA.distance(left, right, score_cutoff=2)) if abs(len(left) - len(right)) <= 2 else 3


def _flag(text: str) -> str | None:
    if len(text) == 2 and all("\U0001f1e6" <= c <= "\U0001f1ff" for c in text):
        code = "".join(chr(ord(c) - 0x1F1E6 + ord("A")) for c in text)
        return code if code in _codes() else None
    return None


@cache
def _by_iso() -> dict[str, str]:
    """Alpha-2 of every three-letter and three-digit code of ISO 3166-1."""
    return {code: country.alpha_2 for country in pycountry.countries for code in (country.alpha_3, country.numeric)}


@cache
def _codes() -> frozenset[str]:
    return frozenset(
        c
        for c in map(str, Locale("en").territories)
        if len(c) == 2 and c.isalpha() and c not in {"ZZ", "EU", "EZ", "UN", "XA", "XB", "QO"}
    )


@cache
def _names() -> dict[str, str]:
    names: dict[str, str] = {}
    for language in _LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if code in _codes():
                names.setdefault(name.casefold(), code)
                names.setdefault(fold(name) or name.casefold(), code)
    for country in pycountry.countries:
        for attribute in ("name", "official_name", "common_name"):
            if name := getattr(country, attribute, None):
                names.setdefault(fold(name), country.alpha_2)
    names.update(reference.table("countries")["former"])
    names.update(reference.table("countries")["ambiguous"])
    for code in reference.countries():
        pack = reference.country(code)
        for alias in (pack.name, *pack.aliases) if pack else ():
            names[alias.casefold()] = code
            names.setdefault(fold(alias) or alias.casefold(), code)
    return names
