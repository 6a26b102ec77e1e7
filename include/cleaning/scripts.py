"""Which script a text is written in, as far as cleaning must know."""

import re
from typing import Literal

from include.cleaning.remembered import remembered

Script = Literal["latin", "han", "kana", "hangul", "cyrillic", "greek", "arabic", "hebrew", "thai", "devanagari", "other"]

_ORDER: tuple[tuple[Script, re.Pattern[str]], ...] = (
    ("hangul", re.compile("[\uac00-\ud7a3]")),
    # kana may stand beside kanji in one name: only a name all in kana can be read off
    ("han", re.compile("[\u4e00-\u9fff\u3400-\u4dbf\u3005\uf900-\ufaff]")),
    ("kana", re.compile("[\u3041-\u30ff\uff66-\uff9f]")),
    ("cyrillic", re.compile("[\u0400-\u052f]")),
    ("greek", re.compile("[\u0370-\u03ff\u1f00-\u1fff]")),
    ("arabic", re.compile("[\u0600-\u06ff\u0750-\u077f]")),
    ("hebrew", re.compile("[\u0590-\u05ff]")),
    ("thai", re.compile("[\u0e00-\u0e7f]")),
    ("devanagari", re.compile("[\u0900-\u097f]")),
    ("latin", re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")),
)


@remembered
def script_of(text: str) -> Script:
    """The first script of the list a text has a letter of; Latin letters count last, as they stand beside any other."""
    if text.isascii():
        return "latin"
    return next((script for script, letters in _ORDER if letters.search(text)), "other")
