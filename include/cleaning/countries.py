"""Countries by whatever name people give them: code, own or foreign name, flag, colloquial form."""

from functools import cache, lru_cache

from babel import Locale

from include.cleaning import reference
from include.cleaning.folding import fold, within_one_edit
from include.cleaning.result import Cleaned
from include.cleaning.text import is_placeholder, repair

# Languages whose country names are read: those of the packs and their neighbours
_LANGUAGES = tuple(
    "en de fr es pt it pl nl ja ko zh zh_Hant ar el th hi ru uk tr sv da nb cs hu vi fil".split()  # noqa: SIM905 - a line, not a page
)


@lru_cache(maxsize=8_192)
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
    if mended.upper() in alpha3:
        return Cleaned(alpha3[mended.upper()], "country_code")
    named = _flag(mended) or _by_name(mended)
    if named is None:
        return Cleaned(None, "unknown", ("unknown",))
    name = fold(mended)
    if name in reference.table("countries")["ambiguous"] and name != "korea":
        return Cleaned(named, "country_name", ("ambiguous",))
    return Cleaned(named, "country_name" if name in _names() or mended.casefold() in _names() else "country_typo")


def _by_name(text: str) -> str | None:
    names = _names()
    found = names.get(text.casefold()) or names.get(fold(text)) or names.get(fold(text).removeprefix("the "))
    if found or len(text) < 6 or not text.isascii():
        return found
    # One slip of the pen, and only one country that near: fuzzy search over names takes Korea for North Korea, Niger for Nigeria
    near = {code for name, code in names.items() if len(name) >= 6 and name.isascii() and within_one_edit(fold(text), name)}
    return near.pop() if len(near) == 1 else None


def _flag(text: str) -> str | None:
    if len(text) == 2 and all("\U0001f1e6" <= c <= "\U0001f1ff" for c in text):
        code = "".join(chr(ord(c) - 0x1F1E6 + ord("A")) for c in text)
        return code if code in _codes() else None
    return None


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
    names.update(reference.table("countries")["former"])
    names.update(reference.table("countries")["ambiguous"])
    for code in reference.countries():
        pack = reference.country(code)
        for alias in (pack.name, *pack.aliases) if pack else ():
            names[alias.casefold()] = code
            names.setdefault(fold(alias) or alias.casefold(), code)
    return names
