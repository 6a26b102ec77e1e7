"""Text as it was meant: mojibake mended, invisible characters and doubled spaces gone, placeholders told from values.

Everything else reads its text through here first. The order matters: ftfy must see the text before control characters and
the soft hyphen are taken off, because they are bytes of the very characters it mends (a mojibake i-acute holds U+00AD).
"""

import re
import unicodedata

import ftfy
from ftfy.badness import is_bad

from include.cleaning import reference
from include.cleaning.remembered import remembered
from include.cleaning.result import Cleaned

LONGEST_LINE, LONGEST_TEXT = 500, 20_000
"""Longer fields and free texts are cut here before cleaning: none of a customer is longer, and every cleaner stays bounded."""

# Compatibility width is folded (full-width Latin, half-width kana) but nothing else: NFKC would turn a numero sign into "No"
_REPAIR = ftfy.TextFixerConfig(
    uncurl_quotes=False, normalization="NFC", fix_latin_ligatures=False, unescape_html=True, explain=False
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
# Format characters that show nothing. U+200C and U+200D stay between letters of scripts that need them (Persian, Indic).
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]"
)
_JOINER = re.compile("(?<![\u0600-\u06ff\u0900-\u0dff])[\u200c\u200d](?![\U0001f000-\U0001faff\u2600-\u27bf])")
_BREAKS = re.compile(r"[\t\n\r\x0b\x0c\x1c-\x1f]")
_SPACE = re.compile(r"[\s\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_SPACE_IN_LINE = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" *\n\s*\n\s*| *\n *")
_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")
# Letters of one code point each, of the scripts most records are in: ftfy touches them only where they look like mojibake
_LETTERS = (
    "!-~\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0388-\u0481\u048a-\u052f\u0621-\u063a\u0641-\u064a"
    "\u0e01-\u0e3a\u0e40-\u0e4e\u3041-\u3096\u30a1-\u30fa\u30fc\u4e00-\u9fff\uac00-\ud7a3"
)
_LETTERED = re.compile(f"[{_LETTERS}]+(?: [{_LETTERS}]+)*")
_LOSSY = re.compile(r"\ufffd|(?<=[^\W\d_])\?(?=[^\W\d_]|\s|$)")
_QUESTION_END = re.compile(r"\?+\s*$")
_SEPARATORS = re.compile(r"[\s\-_.]+")
_CURLY = str.maketrans("‘’‚‛“”„‟", "''''\"\"\"\"")


def repair(text: str, *, lines: bool = False) -> str:
    """The text as it was meant; ``lines`` keeps line breaks (notes, tickets)."""
    text = text[: LONGEST_TEXT if lines else LONGEST_LINE]  # cut first: what is remembered stays small
    if text.isascii() and _is_whole(text):
        return text
    return _repaired(text, lines)


@remembered
def _repaired(text: str, lines: bool) -> str:
    if _is_whole(text):
        return text
    # lone surrogates cannot be written anywhere; a JSON export with broken escapes delivers them
    text = text.encode("utf-8", "replace").decode("utf-8") if any("\ud800" <= c <= "\udfff" for c in text) else text
    for _ in range(_ROUNDS):  # what one round uncovers, the next may mend
        mended = _mended(text, lines=lines)
        if mended == text:
            break
        text = mended
    return text


_ROUNDS = 4


def _is_whole(text: str) -> bool:
    """Whether nothing of a text can be in need of repair: what most texts are, told in a tenth of the time a repair takes."""
    if "&" in text:
        return False
    if text.isascii():
        return _PLAIN.fullmatch(text) is not None
    return _LETTERED.fullmatch(text) is not None and unicodedata.is_normalized("NFC", text) and not is_bad(text)


def _mended(text: str, *, lines: bool) -> str:
    if not lines:  # before ftfy, which takes other marks for blanks: what it mends must not depend on which was there
        text = _BREAKS.sub(" ", text)
    text = _INVISIBLE.sub("", _CONTROL.sub("", ftfy.fix_text(text, _REPAIR)))
    text = _JOINER.sub("", text)
    if lines:
        return _LINES.sub("\n", _SPACE_IN_LINE.sub(" ", text)).strip()
    return unicodedata.normalize("NFC", _SPACE.sub(" ", text).strip())


def clean_text(text: str, *, lines: bool = False, straight_quotes: bool = False) -> Cleaned[str | None]:
    """Mend a text; a placeholder (``N/A``, ``-``) is emptied, letters lost to question marks are flagged, never guessed.

    Args:
        text: The text as delivered.
        lines: Whether line breaks are kept.
        straight_quotes: Whether curly quotes become the ones a keyboard has, for whatever cannot read them.
    """
    mended = repair(text, lines=lines)
    mended = mended.translate(_CURLY) if straight_quotes else mended
    if not mended:
        return Cleaned(None, "blank" if text else None)
    if is_placeholder(mended):
        return Cleaned(None, "placeholder", ("placeholder",))
    flags = ("lossy",) if is_lossy(mended) else ()
    return Cleaned(mended, None if mended == text else "text_repair", flags)


def is_placeholder(text: str) -> bool:
    """Whether a text stands for nothing in any field."""
    return text.casefold().strip(" \"'()[]") in reference.words("placeholders", "anywhere")


def is_placeholder_name(text: str) -> bool:
    """Whether a name stands for nobody: ``GUEST``, ``Walk-in customer``, ``Customer 1234``."""
    folded = text.casefold().strip(" \"'()[]*")
    if folded in reference.words("placeholders", "name"):
        return True
    if folded in reference.words("placeholders", "anywhere"):
        # Null, Test, None and Nil are family names of real people when they are written as one
        return not text.istitle() or folded not in {"null", "none", "nil", "test", "na", "dummy"}
    stem = folded.rstrip("0123456789#")
    numbered = stem != folded and _SEPARATORS.sub(" ", stem).strip() in reference.words("placeholders", "numbered")
    return numbered or (len(folded) > 2 and len(set(folded.replace(" ", ""))) == 1 and folded.isascii())


def is_lossy(text: str) -> bool:
    """Whether letters were lost to ``?`` or U+FFFD on the way: ``Jos? Garc?a``."""
    return ("?" in text or "\ufffd" in text) and bool(_LOSSY.search(_QUESTION_END.sub("", text) if text.count("?") < 2 else text))


def digits_to_ascii(text: str) -> str:
    """Digits of every script (Arabic-Indic, Thai, Devanagari, full-width) as 0-9."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() and not c.isascii() else c for c in text)
