"""How alike two names are, in levels: the part of the ladders that has to read words, over many pairs at once.

Answers are level numbers, the ladder's own position (0 is the top, see ``include.matching.spec.LADDERS``).
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache, cached_property
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.fuzz import token_set_ratio, token_sort_ratio
from rapidfuzz.process import cpdist

from include.declarations import read_yaml
from include.matching.spelling import Bools, Spelling, Words, over_unique
from include.matching.table import Ints, run_on
from include.matching.word_by_word import WordByWord

EXACT, NICKNAME, CLOSE, PART, WEAK, INITIAL, DIFFERENT = range(7)
"""Levels of a given or family name."""


class NameSpelling:
    """The vocabulary of given and family names, romanised and folded, with what is known of each name beyond its letters."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.names = pa.array(words, pa.string())
        bare = run_on(self.names).dictionary_encode()
        self.bare, bare_words = bare.indices.to_numpy(), bare.dictionary.to_numpy(zero_copy_only=False)
        self.several = pc.match_substring(self.names, " ").to_numpy(zero_copy_only=False)
        several = np.flatnonzero(self.several)
        self.spelling = Spelling(bare_words)
        first = np.array([word.split(" ")[0] for word in words[several]], dtype=object)
        codes, terms = pd.factorize(np.concatenate([np.asarray(words, dtype=object), first]))
        self.whole_term, self.first_term = codes[: len(words)], codes[: len(words)].copy()
        self.first_term[several] = codes[len(words) :]
        self.short_forms = _Related(terms, _short_forms(terms))
        self.translations = _Related(bare_words, _translations(bare_words))
        self.known = pa.array(sorted(_given_names()), pa.string())
        self.given = pc.is_in(bare.dictionary, value_set=self.known).to_numpy(zero_copy_only=False)

    @cached_property
    def by_word(self) -> WordByWord:
        """The names word by word, which only those of several words need."""
        return WordByWord(self.names, self.known)

    def levels(self, x: Ints, y: Ints) -> Ints:
        """Levels of two names by their letters and short forms, by their codes."""
        bare_x, bare_y = self.bare[x], self.bare[y]
        levels = np.full(len(x), DIFFERENT, dtype=np.int8)
        levels[bare_x == bare_y] = EXACT
        rest = np.flatnonzero(levels == DIFFERENT)
        x, y, bare_x, bare_y = x[rest], y[rest], bare_x[rest], bare_y[rest]
        possible = self.spelling.near_possible(bare_x, bare_y, 2, 0.85) | self.short_form(x, y)
        possible |= self.several[x] | self.several[y]
        possible |= np.minimum(self.spelling.lengths[bare_x], self.spelling.lengths[bare_y]) == 1
        at = np.flatnonzero(possible)
        levels[rest[at]] = over_unique(x[at], y[at], self._judge)
        return levels

    def as_given(self, levels: Ints, x: Ints, y: Ints) -> Ints:
        """Levels of two given names, of which more is known than their letters."""
        # One slip parts two names that both exist: Joan is no John mistyped, Erica no Eric.
        close = np.flatnonzero(levels == CLOSE)
        known = self.given[self.bare[x[close]]] & self.given[self.bare[y[close]]]
        different = np.flatnonzero(levels == DIFFERENT)
        translated = self.translated(x[different], y[different])
        found = levels.copy()
        found[close[known]] = WEAK
        found[different[translated]] = WEAK
        return found

    def _judge(self, x: Ints, y: Ints) -> Ints:
        """Levels of names whose letters differ."""
        bare_x, bare_y, spelling = self.bare[x], self.bare[y], self.spelling
        shortest = np.minimum(spelling.lengths[bare_x], spelling.lengths[bare_y])
        similar = spelling.jaro_winkler(bare_x, bare_y)
        levels = np.full(len(x), DIFFERENT, dtype=np.int8)
        likely = np.flatnonzero((similar >= 0.7) & (shortest > 1))
        slips = np.full(len(x), 99, dtype=np.int32)
        slips[likely] = spelling.edits(bare_x[likely], bare_y[likely], 2)
        levels[(shortest == 1) & (spelling.starts[bare_x] == spelling.starts[bare_y])] = INITIAL
        levels[(shortest > 1) & ((similar >= 0.85) | ((slips <= 2) & (shortest >= 6)))] = WEAK
        several = np.flatnonzero(self.several[x] | self.several[y])
        if len(several):
            in_common, nearly, each = self.by_word.compare(x[several], y[several])
            levels[several[in_common | (nearly & (levels[several] == DIFFERENT))]] = PART
            levels[several[each]] = CLOSE
        levels[(shortest > 2) & ((slips <= 1) | ((similar >= 0.95) & (shortest >= 5)))] = CLOSE
        levels[(levels > NICKNAME) & self.short_form(x, y)] = NICKNAME
        return levels

    def short_form(self, x: Ints, y: Ints) -> Bools:
        """Whether one first word, or the whole name, is a known short form of the other."""
        found = self.short_forms.hold(self.first_term[x], self.first_term[y])
        at = np.flatnonzero(self.several[x] | self.several[y])  # of one word each, the first is the whole
        found[at] |= self.short_forms.hold(self.whole_term[x[at]], self.whole_term[y[at]])
        return found

    def related(self) -> Ints:
        """Numbers of bare words that are short forms or translations of each other, names of one word."""
        single = np.full(self.short_forms.size, -1, dtype=np.int64)
        alone = ~self.several
        single[self.whole_term[alone]] = self.bare[alone]
        forms = single[self.short_forms.both()]
        return np.concatenate([forms[(forms >= 0).all(axis=1)], self.translations.both()])

    def translated(self, x: Ints, y: Ints) -> Bools:
        """Whether two given names are one in two languages."""
        return self.translations.hold(self.bare[x], self.bare[y])


class _Related:
    """Which pairs of a vocabulary are related, as sorted numbers, so that millions of pairs can be asked for at once."""

    def __init__(self, terms: Words, pairs: Iterable[tuple[str, str]]) -> None:
        self.size = len(terms)
        related = list(pairs)
        wanted = frozenset(word for pair in related for word in pair)  # few of a large vocabulary
        place = {word: code for code, word in enumerate(terms) if word in wanted}
        found = np.array([(place[a], place[b]) for a, b in related if a in place and b in place], dtype=np.int64).reshape(-1, 2)
        self.pairs = np.unique(np.concatenate([found[:, 0] * self.size + found[:, 1], found[:, 1] * self.size + found[:, 0]]))
        self.some = np.zeros(self.size, dtype=bool)
        self.some[self.pairs // max(self.size, 1)] = True

    def both(self) -> Ints:
        """The related pairs, a row each."""
        return np.column_stack([self.pairs // max(self.size, 1), self.pairs % max(self.size, 1)])

    def hold(self, x: Ints, y: Ints) -> Bools:
        """Whether each two terms are related."""
        related = np.zeros(len(x), dtype=bool)
        at = np.flatnonzero(self.some[x] & self.some[y])
        if len(at):
            keys = x[at].astype(np.int64) * self.size + y[at]
            place = np.minimum(np.searchsorted(self.pairs, keys), len(self.pairs) - 1)
            related[at] = self.pairs[place] == keys
        return related


def _short_forms(terms: Words) -> Iterator[tuple[str, str]]:
    """Pairs of terms of which one is a known short form of the other."""
    present = set(terms)
    holders: dict[str, set[str]] = defaultdict(set)
    for term in _in_a_table(present):
        for formal in formal_names(term):
            holders[formal].add(term)
            if formal in present:
                holders[f"of {formal}"].update((term, formal))
    groups = (group for formal, group in holders.items() if formal in _GROUPED or formal.startswith("of "))
    return _related(groups, is_short_form)


def _translations(terms: Words) -> Iterator[tuple[str, str]]:
    """Pairs of terms that are one name in two languages."""
    holders: dict[int, set[str]] = defaultdict(set)
    for term in _tabled().intersection(terms):
        for origin in _origins(term):
            holders[origin].add(term)
    return _related(holders.values(), is_translation)


def _related(groups: Iterable[set[str]], holds: Callable[[str, str], bool]) -> Iterator[tuple[str, str]]:
    return ((a, b) for group in groups for a, b in combinations(sorted(group), 2) if holds(a, b))


def whole_name_levels(a: Words, b: Words) -> Ints:
    """Levels of two whole names in any word order: exact, close, part, weak, different."""
    if len(a) == 0:
        return np.zeros(0, dtype=np.int8)
    by_word = np.asarray(cpdist(a, b, scorer=token_sort_ratio, dtype=np.float32))
    in_common = np.asarray(cpdist(a, b, scorer=token_set_ratio, dtype=np.float32))
    similar = np.asarray(cpdist(a, b, scorer=JaroWinkler.similarity, dtype=np.float32))
    longest = np.fromiter((min(len(x), len(y)) >= 4 for x, y in zip(a, b, strict=True)), dtype=bool, count=len(a))
    levels = np.full(len(a), 4, dtype=np.int8)
    levels[(in_common >= 75) | (by_word >= 70)] = 3
    levels[(in_common >= 99.5) & longest] = 2
    levels[(by_word >= 90) | ((similar >= 0.95) & longest)] = 1
    levels[by_word >= 99.5] = 0
    return levels


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
    return english and OSA.distance(a, b) > 1 and _one_name(a).isdisjoint(_one_name(b))


@cache
def is_translation(a: str, b: str) -> bool:
    """Whether two different given names are one in two languages or spellings, or short forms of such."""
    if a == b or is_short_form(a, b):
        return False
    return not _origins(a).isdisjoint(_origins(b))


@cache
def _given_names() -> frozenset[str]:
    """Every given name some table knows."""
    return _names() | _groups().keys()


@cache
def formal_names(name: str) -> frozenset[str]:
    """The names a short form may stand for, and the groups of ``nicknames.yml`` it belongs to.

    English from the ``nicknames`` package (Apache-2.0), which relates more than it should, so it is asked for the two names at
    hand only.
    """
    return frozenset(_english().canonicals_of(name)) | _groups().get(_spelled(name), frozenset())


def _in_a_table(names: set[str]) -> set[str]:
    """Names that can have formal names at all: most cannot, and need not be asked for."""
    groups, words = _groups(), pa.array(list(names), pa.string())
    many = words.filter(pc.match_substring_regex(words, f"ks|(?:{_I_WRITTEN}|.{{5}}y)$"))
    found = {name for name in many.to_pylist() if _spelled(name) in groups}
    return found | (names & _english_short_forms()) | (names & groups.keys())


@cache
def _english_short_forms() -> frozenset[str]:
    from nicknames import NickNamer

    return frozenset(form.lower().strip() for forms in NickNamer.default_lookup().values() for form in forms)


@cache
def _english():  # type: ignore[no-untyped-def]
    from nicknames import NickNamer

    return NickNamer()


def _spelled(name: str) -> str:
    """Keys of Russian names end in one i and write ks as x; the groups may write either."""
    return name if name in _groups() else _respelled(name)


def _respelled(name: str) -> str:
    if "ks" not in name and not name.endswith(_MANY_WAYS):
        return name
    return _I_ENDING.sub("i", name).replace("ks", "x")


_MANY_WAYS = ("y", "j", "i")
"""Endings that are written in more ways than one."""
_I_WRITTEN = "iy|ij|yy|yi|ii"
_I_ENDING = re.compile(f"(?:{_I_WRITTEN}|(?<=.{{5}})y)$")
_DECLARED = read_yaml(Path(__file__).with_name("nicknames.yml"), "matching/nicknames.yml")
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
def _tabled() -> frozenset[str]:
    """Every name that can have an origin."""
    return frozenset(name for group in [*_SHORT_FORMS, *_DECLARED["one_name"]] for name in group)


@cache
def _origins(name: str) -> frozenset[int]:
    """The groups of ``one_name`` a name stands in, itself or as a short form of a name there."""
    return frozenset().union(*map(_one_name, {name, *_first_forms().get(name, ())}))


def _one_name(name: str) -> frozenset[int]:
    """The groups of ``one_name`` a name stands in itself."""
    return _one_names().get(name, frozenset())


@cache
def _one_names() -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for number, names in enumerate(_DECLARED["one_name"]):
        for name in names:
            found[name].add(number)
    return {name: frozenset(numbers) for name, numbers in found.items()}


@cache
def _first_forms() -> dict[str, set[str]]:
    """The first names of the groups of short forms a name stands in."""
    found: dict[str, set[str]] = defaultdict(set)
    for names in _SHORT_FORMS:
        for name in names:
            found[name].add(names[0])
    return dict(found)
