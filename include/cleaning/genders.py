"""Gender where the source states it, in the words of the stores' countries; never inferred."""

from functools import cache

from include.cleaning import reference
from include.cleaning.remembered import remembered
from include.cleaning.result import Cleaned
from include.cleaning.text import is_placeholder, repair


@remembered
def clean_gender(text: str) -> Cleaned[str | None]:
    """``female``, ``male`` or ``other``; an unread word is emptied and flagged ``unknown``."""
    mended = repair(text).casefold().strip(".")
    words = _words()
    if not mended or (is_placeholder(mended) and mended not in words):
        return Cleaned(None, "placeholder", ("placeholder",)) if mended else Cleaned(None)
    gender = words.get(mended)
    if gender is None:
        return Cleaned(None, "unknown", ("unknown",))
    return Cleaned(gender, None if gender == text else "gender_words")


@cache
def _words() -> dict[str, str]:
    return {str(word): gender for gender, words in reference.table("genders").items() for word in words}
