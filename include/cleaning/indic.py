"""Indic scripts in Latin letters: nine scripts whose letters stand in one order, so one table reads them all.

Letters are placed in each script's Unicode block as in the Indian standard ISCII; what is not written is the vowel a every
consonant carries. Hindi, Gujarati, Punjabi and Bengali leave it out at the end of a word and between syllables (Ohala's rule):
राजेश is Rajesh, राजकुमार Rajkumar. Tamil has one letter for voiced and unvoiced, told apart by what stands around it.
"""

import re

from include.cleaning import reference
from include.cleaning.remembered import remembered

_FIRST, _LAST, _BLOCK = 0x0900, 0x0D7F, 0x80
_CONSONANTS = (
    "k kh g gh n ch chh j jh n t th d dh n t th d dh n n p ph b bh m y r r l l l v sh sh s h".split()  # noqa: SIM905 - in their order
)
_VOWELS = {0x05: "a", 0x06: "aa", 0x07: "i", 0x08: "i", 0x09: "u", 0x0A: "u", 0x0B: "ri", 0x0C: "l"} | {
    0x0D: "e", 0x0E: "e", 0x0F: "e", 0x10: "ai", 0x11: "o", 0x12: "o", 0x13: "o", 0x14: "au",
}  # fmt: skip
_SIGNS = {0x3E: "aa", 0x3F: "i", 0x40: "i", 0x41: "u", 0x42: "u", 0x43: "ri", 0x44: "ri", 0x45: "e", 0x46: "e", 0x47: "e"} | {
    0x48: "ai", 0x49: "o", 0x4A: "o", 0x4B: "o", 0x4C: "au", 0x57: "au",
}  # fmt: skip
_VIRAMA, _NUKTA, _NASAL, _TIPPI = 0x4D, 0x3C, (0x01, 0x02), 0x70
_WITH_NUKTA = {"k": "q", "kh": "kh", "g": "gh", "j": "z", "d": "r", "dh": "rh", "ph": "f", "y": "y"}
_PRECOMPOSED = {0x58: "q", 0x59: "kh", 0x5A: "gh", 0x5B: "z", 0x5C: "r", 0x5D: "rh", 0x5E: "f", 0x5F: "y"}
_NO_DELETION = frozenset({0x0B80, 0x0C00, 0x0C80, 0x0D00})  # Tamil, Telugu, Kannada, Malayalam speak every vowel
_TAMIL = 0x0B80
_VOICED = {"k": "g", "t": "d", "p": "b", "ch": "s"}
_INHERENT = "\N{LATIN SMALL LETTER SCHWA}"
_KEPT_BEHIND = frozenset("ryvnm")  # Chandra, Surya, Krishna keep the last vowel


def is_indic(text: str) -> bool:
    """Whether a text has a letter of one of the nine scripts."""
    return any(_FIRST <= ord(c) <= _LAST for c in text)


@remembered
def latin_of(text: str) -> str:
    """A name in Latin letters, word by word."""
    names: dict[str, str] = reference.table("romanisation")["indic_names"]
    return " ".join(names.get(word) or _word(word) for word in text.split())


def _word(word: str) -> str:  # noqa: C901 - one line a kind of letter
    sounds: list[str] = []
    block = next((ord(c) // _BLOCK * _BLOCK for c in word if _FIRST <= ord(c) <= _LAST), _FIRST)
    for c in word:
        place = ord(c) - block
        if not 0 <= place < _BLOCK:
            sounds.append(c)
        elif 0x15 <= place <= 0x39:
            sounds += [_CONSONANTS[place - 0x15], _INHERENT]
        elif place in _PRECOMPOSED and block < _TAMIL:
            sounds += [_PRECOMPOSED[place], _INHERENT]
        elif place == _NUKTA and len(sounds) > 1:
            sounds[-2] = _WITH_NUKTA.get(sounds[-2], sounds[-2])
        elif place in _SIGNS or place == _VIRAMA:
            if sounds and sounds[-1] == _INHERENT:
                sounds.pop()
            sounds.append(_SIGNS.get(place, ""))
        elif place in _VOWELS:
            sounds.append(_VOWELS[place])
        elif place in _NASAL or place == _TIPPI:
            sounds.append("n")
    if block == _TAMIL:
        sounds = _voiced(sounds)
    if block not in _NO_DELETION:
        sounds = _without_unspoken(sounds)
    latin = "".join(sounds).replace(_INHERENT, "a").replace("jn", "gy").replace("aa", "a")
    return re.sub(r"n(?=[bpm])", "m", latin)


def _voiced(sounds: list[str]) -> list[str]:
    """Tamil stops are voiced between vowels and behind nasals, unless doubled."""
    spoken = [sound for sound in sounds if sound]
    out = list(spoken)
    for i in range(1, len(spoken) - 1):
        before, after = spoken[i - 1], spoken[i + 1]
        if spoken[i] in _VOICED and _is_vowel(after) and (_is_vowel(before) or before in ("n", "m")):
            out[i] = "j" if spoken[i] == "ch" and before == "n" else _VOICED[spoken[i]]
    return out


def _without_unspoken(sounds: list[str]) -> list[str]:
    """Leave the inherent vowel out at the end, and from right to left between a spoken vowel's consonant and a syllable."""
    spoken = [sound for sound in sounds if sound]
    joined = [i > 0 and not sounds[i - 1] for i, sound in enumerate(sounds) if sound]  # behind a virama
    if len(spoken) > 3 and spoken[-1] == _INHERENT and not (joined[-2] and spoken[-2][0] in _KEPT_BEHIND):
        spoken, joined = spoken[:-1], joined[:-1]
    i = len(spoken) - 2
    while i > 1:
        if (
            spoken[i] == _INHERENT
            and not _is_vowel(spoken[i - 1])
            and _is_vowel(spoken[i - 2])
            and not _is_vowel(spoken[i + 1])
            and any(_is_vowel(sound) for sound in spoken[i + 2 :])
            and not joined[i - 1]
        ):
            del spoken[i], joined[i]
            i -= 1
        i -= 1
    return spoken


def _is_vowel(sound: str) -> bool:
    return sound == _INHERENT or sound[:1] in "aeiou"
