"""Languages: a preference as its BCP 47 primary tag, and a text's language as far as script and words of grammar tell."""

import re
from functools import cache
from typing import Any

from babel import Locale

from include.cleaning import reference
from include.cleaning.folding import fold
from include.cleaning.remembered import remembered
from include.cleaning.result import Cleaned
from include.cleaning.text import is_placeholder, repair

_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{2,8})*")
_NAMED_IN = ("en", "de", "fr", "es", "pt", "it", "pl", "ja", "ko", "zh", "ar", "el", "th", "hi", "tr", "sv", "nl", "ru")


@remembered
def clean_language(text: str) -> Cleaned[str | None]:
    """Primary tag of a language given as tag or by name: ``en-US``, ``pt_BR``, ``Deutsch``."""
    mended = repair(text)
    if not mended or is_placeholder(mended):
        return Cleaned(None, "placeholder", ("placeholder",)) if mended else Cleaned(None)
    match = _TAG.fullmatch(mended)
    tag = match.group(1).lower() if match else None
    tag = reference.table("languages")["other_codes"].get(tag or "", tag)
    if tag not in _tags():
        tag = _names().get(mended.casefold()) or _names().get(fold(mended))
    if tag is None:
        return Cleaned(None, "unknown", ("unknown",))
    return Cleaned(tag, None if tag == text else "language_tag")


@remembered
def language_of(text: str) -> str:
    """The language a text is written in, ``und`` where neither its script nor two signs of one language settle it.

    Signs are different words of grammar and letters only one of the languages has.
    """
    for pattern, tag in _SCRIPTS:
        if pattern.search(text):
            return tag
    text = _ADDRESS.sub(" ", text[:_LONGEST])
    plain = text.casefold()
    words, used = set(re.findall(r"[^\W\d_]+", plain)), set(plain)
    letters: dict[str, str] = reference.table("languages")["letters"]
    signs = {tag: len(words & common) + len(used.intersection(letters.get(tag, ""))) for tag, common in _common().items()}
    first, second = sorted(signs, key=lambda tag: -signs[tag])[:2]
    return first if signs[first] > max(signs[second], 1) else _by_model(text)


def _by_model(text: str) -> str:
    """What a trained model makes of a text without two signs, where it is sure enough: letters, no numbers or names of things."""
    letters = sum(c.isalpha() for c in text)
    if letters < 6 or 2 * letters < len(text.replace(" ", "")):
        return "und"
    tag, sure = _model().classify(text)
    return str(tag) if sure >= _SURE else "und"


_LONGEST = 2_000
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+|(?<!\w)[@#]\w+")  # of pages and people: in no language
_SURE = 0.34
_SCRIPTS = (
    (re.compile("[\u3040-\u30ff]"), "ja"),
    (re.compile("[\uac00-\ud7a3]"), "ko"),
    (re.compile("[\u4e00-\u9fff]"), "zh"),
    (re.compile("[\u0e00-\u0e7f]"), "th"),
    (re.compile("[\u0900-\u097f]"), "hi"),
    (re.compile("[\u0370-\u03ff]"), "el"),
    (re.compile("[\u0590-\u05ff]"), "he"),
    (re.compile("[ٹڈڑںھے]"), "ur"),
    (re.compile("[پچژگکی]"), "fa"),
    (re.compile("[\u0600-\u06ff]"), "ar"),
    (re.compile("[\u0980-\u09ff]"), "bn"),
    (re.compile("[\u0b80-\u0bff]"), "ta"),
    (re.compile("[\u10a0-\u10ff]"), "ka"),
    (re.compile("[\u0530-\u058f]"), "hy"),
    (re.compile("[іїєґ]", re.IGNORECASE), "uk"),
    (re.compile("[ыэё]", re.IGNORECASE), "ru"),
)


@cache
def _model() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    model.set_languages(sorted(reference.words("languages", "written") & set(model.labels)))
    return model


@cache
def _common() -> dict[str, frozenset[str]]:
    return {tag: frozenset(str(text).split()) for tag, text in reference.table("languages")["words"].items()}


@cache
def _tags() -> frozenset[str]:
    return frozenset(
        code for code in map(str, Locale("en").languages) if len(code) in (2, 3) and code not in ("und", "mul", "zxx")
    )


@cache
def _names() -> dict[str, str]:
    names: dict[str, str] = {}
    others: dict[str, str] = reference.table("languages")["other_codes"]
    for language in _NAMED_IN:
        for code, name in Locale(language).languages.items():
            if code in _tags():
                names.setdefault(name.casefold(), others.get(code, code))
                names.setdefault(fold(name), others.get(code, code))
    names.update(reference.table("languages")["other_names"])
    return names
