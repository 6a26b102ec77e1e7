"""How alike two spellings are, in levels: the part of the ladders that has to read words, over many pairs at once.

Each function takes two equally long arrays of words and answers level numbers, the ladder's own position (0 is the top, see
``include.matching.spec.LADDERS``).
"""

import re
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import yaml
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.fuzz import token_set_ratio, token_sort_ratio
from rapidfuzz.process import cpdist

from include.matching.table import Ints

Words = npt.NDArray[np.object_]

EXACT, NICKNAME, CLOSE, PART, WEAK, INITIAL, DIFFERENT = range(7)
"""Levels of a given or family name."""


def edits(a: Words, b: Words) -> Ints:
    """Optimal string alignment distance: slips of the keyboard, a transposition counting once."""
    return np.asarray(cpdist(a, b, scorer=OSA.distance, dtype=np.int32))


def jaro_winkler(a: Words, b: Words) -> npt.NDArray[np.float32]:
    """Jaro-Winkler similarity, 0 to 1; unsafe alone (john and joan reach 0.93), so it never gives more than ``close``."""
    return np.asarray(cpdist(a, b, scorer=JaroWinkler.similarity, dtype=np.float32))


def name_levels(a: Words, b: Words, *, given: bool = False) -> Ints:
    """Levels of two names of one kind, both romanised and folded; of ``given`` names more is known than their letters."""
    if len(a) == 0:
        return np.zeros(0, dtype=np.int8)
    bare_a, bare_b = _bare(a), _bare(b)
    lengths_a, lengths_b = _lengths(bare_a), _lengths(bare_b)
    shortest = np.minimum(lengths_a, lengths_b)
    similar = jaro_winkler(bare_a, bare_b)
    levels = np.full(len(a), DIFFERENT, dtype=np.int8)
    likely = np.flatnonzero((similar >= 0.7) & (shortest > 1))
    slips = np.full(len(a), 99, dtype=np.int32)
    slips[likely] = edits(bare_a[likely], bare_b[likely])
    one = np.flatnonzero(shortest == 1)
    levels[one] = np.where([x[0] == y[0] for x, y in zip(a[one], b[one], strict=True)], INITIAL, DIFFERENT)
    levels[(shortest > 1) & ((similar >= 0.85) | ((slips <= 2) & (shortest >= 6)))] = WEAK
    several = np.flatnonzero(_several(a) | _several(b))
    levels[several[_share_a_word(a[several], b[several])]] = PART
    levels[(shortest > 2) & ((slips <= 1) | ((similar >= 0.95) & (shortest >= 5)))] = CLOSE
    if given:
        levels[_two_names(bare_a, bare_b, levels)] = WEAK
        levels[_one_name(bare_a, bare_b, levels)] = WEAK
    levels[_short_forms(a, b, levels)] = NICKNAME
    levels[bare_a == bare_b] = EXACT
    return levels


def whole_name_levels(a: Words, b: Words) -> Ints:
    """Levels of two whole names in any word order: exact, close, part, weak, different."""
    if len(a) == 0:
        return np.zeros(0, dtype=np.int8)
    by_word = np.asarray(cpdist(a, b, scorer=token_sort_ratio, dtype=np.float32))
    in_common = np.asarray(cpdist(a, b, scorer=token_set_ratio, dtype=np.float32))
    longest = np.minimum(_lengths(a), _lengths(b)) >= 4
    levels = np.full(len(a), 4, dtype=np.int8)
    levels[(in_common >= 75) | (by_word >= 70)] = 3
    levels[(in_common >= 99.5) & longest] = 2
    levels[(by_word >= 90) | ((jaro_winkler(a, b) >= 0.95) & longest)] = 1
    levels[by_word >= 99.5] = 0
    return levels


def item_levels(a: Words, b: Words, shortest: int) -> Ints:
    """Levels exact (0), close (1: one slip, both at least ``shortest`` long) or different (2) for numbers and addresses."""
    levels = np.full(len(a), 2, dtype=np.int8)
    if len(a):
        long_enough = np.minimum(_lengths(a), _lengths(b)) >= shortest
        levels[(edits(a, b) <= 1) & long_enough] = 1
        levels[a == b] = 0
    return levels


def alike(a: Words, b: Words) -> npt.NDArray[np.bool_]:
    """Whether two streets or towns are one spelled twice."""
    if len(a) == 0:
        return np.zeros(0, dtype=bool)
    longest = np.minimum(_lengths(a), _lengths(b))
    slips = edits(a, b)
    return (slips <= 1) | ((slips <= 2) & (longest >= 6)) | ((jaro_winkler(a, b) >= 0.93) & (longest >= 4))


def _bare(words: Words) -> Words:
    return np.array([word.replace(" ", "") for word in words], dtype=object)


def _lengths(words: Words) -> Ints:
    return np.fromiter((len(word) for word in words), dtype=np.int32, count=len(words))


def _several(words: Words) -> npt.NDArray[np.bool_]:
    return np.fromiter((" " in word for word in words), dtype=bool, count=len(words))


def _share_a_word(a: Words, b: Words) -> npt.NDArray[np.bool_]:
    """One word of two letters or more in common: a second given name or a maternal surname dropped."""
    shared = (any(len(word) > 1 for word in set(x.split()) & set(y.split())) for x, y in zip(a, b, strict=True))
    return np.fromiter(shared, dtype=bool, count=len(a))


def _short_forms(a: Words, b: Words, levels: Ints) -> Ints:
    """Positions where one first word is a known short form of the other."""
    first = {word: word.split(" ")[0] for word in {*a, *b}}
    some = {word for word, name in first.items() if formal_names(name)}
    rest = (i for i in np.flatnonzero(levels > NICKNAME) if a[i] in some or b[i] in some)
    found = (i for i in rest if is_short_form(first[a[i]], first[b[i]]) or is_short_form(a[i], b[i]))
    return np.fromiter(found, dtype=np.int64)


def _two_names(a: Words, b: Words, levels: Ints) -> Ints:
    """Positions where one slip parts two names that both exist: Joan is no John mistyped, Erica no Eric."""
    close = np.flatnonzero(levels == CLOSE)
    return np.array([i for i in close if is_given_name(a[i]) and is_given_name(b[i]) and a[i] != b[i]], dtype=np.int64)


def _one_name(a: Words, b: Words, levels: Ints) -> Ints:
    """Positions of names that share nothing but their origin: John and Juan."""
    return np.array([i for i in np.flatnonzero(levels == DIFFERENT) if is_translation(a[i], b[i])], dtype=np.int64)


@cache
def is_short_form(a: str, b: str) -> bool:
    """Whether one of two given names is a short form of the other, or both are of a third.

    What the English package relates but one letter or a language parts (Jon and John, Maria and Mary) may be two names, so it
    is left to the spelling; what the project's own groups relate is not.
    """
    if a == b:
        return False
    if not formal_names(a).isdisjoint(formal_names(b) & _GROUPED):
        return True
    english = a in formal_names(b) or b in formal_names(a)
    return english and OSA.distance(a, b) > 1 and not any(a in group and b in group for group in _DECLARED["one_name"])


@cache
def is_translation(a: str, b: str) -> bool:
    """Whether two different given names are one in two languages or spellings, or short forms of such."""
    if a == b or is_short_form(a, b):
        return False
    return not _origins(a).isdisjoint(_origins(b))


@cache
def is_given_name(name: str) -> bool:
    """Whether a text is a given name some table knows."""
    return bool(_groups().get(name)) or name in _names()


@cache
def formal_names(name: str) -> frozenset[str]:
    """The names a short form may stand for, and the groups of ``nicknames.yml`` it belongs to.

    English from the ``nicknames`` package (Apache-2.0), which relates more than it should, so it is asked for the two names at
    hand only.
    """
    return frozenset(_english().canonicals_of(name)) | _groups().get(_spelled(name), frozenset())


@cache
def _english():  # type: ignore[no-untyped-def]
    from nicknames import NickNamer

    return NickNamer()


def _spelled(name: str) -> str:
    """Keys of Russian names end in one i and write ks as x; the groups may write either."""
    return name if name in _groups() else _respelled(name)


def _respelled(name: str) -> str:
    return _I_ENDING.sub("i", name).replace("ks", "x")


_I_ENDING = re.compile("(?:iy|ij|yy|yi|ii|(?<=.{5})y)$")
_DECLARED = yaml.safe_load((Path(__file__).parent / "nicknames.yml").read_text(encoding="utf-8"))
_SHORT_FORMS: list[list[str]] = [
    [str(name) for name in group] for groups in _DECLARED["short_forms"].values() for group in groups
]
_GROUPED = frozenset(f"group {number}" for number in range(len(_SHORT_FORMS)))


@cache
def _groups() -> dict[str, frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for number, names in enumerate(_SHORT_FORMS):
        for name in names:
            for spelling in (name, _respelled(name)):
                groups.setdefault(spelling, set()).add(f"group {number}")
    return {name: frozenset(found) for name, found in groups.items()}


@cache
def _names() -> frozenset[str]:
    return frozenset(str(name) for name in _DECLARED["two_names"]) | {name for group in _DECLARED["one_name"] for name in group}


@cache
def _origins(name: str) -> frozenset[int]:
    """The groups of ``one_name`` a name stands in, itself or as a short form of a name there."""
    formal = {name, *(group[0] for group in _SHORT_FORMS if name in group)}
    return frozenset(number for number, group in enumerate(_DECLARED["one_name"]) if not formal.isdisjoint(group))
