"""What customers allowed: every platform's words for yes and no as one boolean; doubt is never read as a yes."""

from include.cleaning import reference
from include.cleaning.folding import fold
from include.cleaning.remembered import remembered
from include.cleaning.result import Cleaned
from include.cleaning.text import is_placeholder, repair


@remembered
def clean_consent(text: str) -> Cleaned[bool | None]:
    """True, False, or None where no answer was given; unread words are flagged ``unknown``."""
    mended = repair(text).casefold()
    if not mended:
        return Cleaned(None)
    native: dict[str, bool] = reference.table("consent")["native"]
    if mended in native:
        return Cleaned(native[mended], "consent_words")
    word = fold(mended)
    if word in reference.words("consent", "yes") or word in reference.words("consent", "no"):
        return Cleaned(word in reference.words("consent", "yes"), None if word in ("true", "false") else "consent_words")
    if word in reference.words("consent", "open") or is_placeholder(mended):
        return Cleaned(None, "consent_words")
    return Cleaned(None, "unknown", ("unknown",))
