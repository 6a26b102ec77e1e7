"""What customers allowed: every platform's words for yes and no as one boolean; doubt is never read as a yes."""

from functools import lru_cache

from include.cleaning.folding import fold
from include.cleaning.result import Cleaned
from include.cleaning.text import is_placeholder, repair

_YES = frozenset({"true", "t", "yes", "y", "1", "1 0", "subscribed", "opted in", "opt in", "optin", "accepted", "granted", "confirmed", "active", "on", "allowed", "agree",
                  "agreed", "ja", "oui", "si", "sim", "tak", "hai", "oo", "single opt in", "double opt in", "confirmed opt in"})  # fmt: skip
_NO = frozenset({"false", "f", "no", "n", "0", "0 0", "unsubscribed", "opted out", "opt out", "optout", "declined", "denied", "revoked", "bounced", "off", "suppressed",
                 "disagree", "nein", "non", "nao", "nie", "iie", "hindi", "complained", "invalid", "redacted"})  # fmt: skip
# asked and not answered, or never asked: neither a yes nor a no
_OPEN = frozenset({"not subscribed", "pending", "never asked", "not asked", "unconfirmed", "unknown"})
_NATIVE = {"はい": True, "同意する": True, "いいえ": False, "是": True, "否": False, "同意": True, "不同意": False, "예": True, "네": True, "동의": True, "아니요": False,
           "نعم": True, "لا": False, "ναι": True, "οχι": False, "όχι": False, "ใช่": True, "ไม่": False, "हाँ": True, "नहीं": False}  # fmt: skip


@lru_cache(maxsize=1_024)
def clean_consent(text: str) -> Cleaned[bool | None]:
    """True, False, or None where no answer was given; unread words are flagged ``unknown``."""
    mended = repair(text).casefold()
    if not mended:
        return Cleaned(None)
    if mended in _NATIVE:
        return Cleaned(_NATIVE[mended], "consent_words")
    word = fold(mended)
    if word in _YES or word in _NO:
        return Cleaned(word in _YES, None if word in ("true", "false") else "consent_words")
    if word in _OPEN or is_placeholder(mended):
        return Cleaned(None, "consent_words")
    return Cleaned(None, "unknown", ("unknown",))
