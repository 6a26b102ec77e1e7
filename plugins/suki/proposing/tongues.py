"""Which language a word of a field's name is of: the words known, by language, and the languages that an export speaks.

Three files say what words mean. ``words.yml`` holds those that are read in every export, whatever its language. ``tongues.yml``
has for each language its word for each idea, and ``catalogues.yml`` what free programs call them in theirs. These are read only
in an export that speaks the language, so that a word may mean in Albanian what it means nowhere else.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from include.declarations import read_yaml
from suki.proposing.folding import UMLAUTS, fold

HERE = Path(__file__).parent

_LEAST, _NEAR = 1.0, 0.7
"""How many names must be of one language alone, or more of what several know; how near another language comes to the first."""

_MOST = 3
_BY_LANGUAGE = ("tongues.yml", "catalogues.yml")

Words = Mapping[str, frozenset[str]]


@cache
def common() -> Words:
    """The words of every export."""
    found: dict[str, set[str]] = {}
    for idea, listed in table_of("words.yml").items():
        for word in str(listed).split():
            for form in {word, "".join(UMLAUTS.get(c, c) for c in word.casefold())}:
                found.setdefault(fold(form.replace("_", "")), set()).add(idea)
    return {word: frozenset(ideas) for word, ideas in found.items() if word}


@cache
def apart(spoken: tuple[str, ...]) -> frozenset[str]:
    """The entries that are several words, of every export and of these languages."""
    tables = [table_of("words.yml"), *_tables(spoken)]
    listed = (word for table in tables for words in table.values() for word in str(words).split())
    return frozenset(_folded(word) for word in listed if "_" in word or "-" in word)


@cache
def single(spoken: tuple[str, ...]) -> Words:
    """The words of these languages that are one, not several."""
    listed = (word for table in _tables(spoken) for words in table.values() for word in words.split())
    known = {**_of(_BY_LANGUAGE[1], spoken), **_of(_BY_LANGUAGE[0], spoken)}
    return {_folded(word): known[_folded(word)] for word in listed if "_" not in word and "-" not in word and _folded(word)}


@cache
def phrases(spoken: tuple[str, ...]) -> Mapping[int, list[tuple[tuple[str, ...], frozenset[str]]]]:
    """The entries of these languages that are several words, by how many: the words, and what they mean together."""
    found: dict[int, list[tuple[tuple[str, ...], frozenset[str]]]] = {}
    for ideas, listed in (item for table in _tables(spoken) for item in table.items()):
        for entry in listed.split():
            words = tuple(filter(None, map(_folded, re.split(r"[_-]", entry))))
            if len(words) > 1:
                found.setdefault(len(words), []).append((words, frozenset(ideas.split())))
    return found


@cache
def within(spoken: tuple[str, ...]) -> frozenset[str]:
    """The words of those entries, each by itself."""
    return frozenset(word for entries in phrases(spoken).values() for entry, _ in entries for word in entry)


def told(spoken: Iterable[str]) -> Words:
    """The words written down for these languages."""
    return _of("tongues.yml", spoken)


def drawn(spoken: Iterable[str]) -> Words:
    """The words drawn from catalogues for these languages."""
    return _of("catalogues.yml", spoken)


def spoken(names: Iterable[frozenset[str]]) -> tuple[str, ...]:
    """The languages of names, of which every run of words is given: the one that knows most of what few know first."""
    known = _languages()
    score: Counter[str] = Counter()
    for runs in names:
        votes: dict[str, float] = {}
        for languages in (known[run] for run in runs if run in known):
            for language in languages:
                votes[language] = max(votes.get(language, 0.0), 1 / len(languages))
        score.update(votes)
    most = max(score.values(), default=0.0)
    near = sorted(score, key=lambda language: (-score[language], language))[:_MOST]
    return tuple(language for language in near if score[language] >= _NEAR * most) if most >= _LEAST else ()


@cache
def _languages() -> Mapping[str, frozenset[str]]:
    """Folded word to the languages that have it."""
    found: dict[str, set[str]] = {}
    for file in _BY_LANGUAGE:
        for language in table_of(file):
            for word in _words(file, language):
                found.setdefault(word, set()).add(language)
    return {word: frozenset(languages) for word, languages in found.items()}


def _tables(spoken: tuple[str, ...]) -> list[Mapping[str, str]]:
    """What is written of some languages, by idea; of each file and language a table."""
    return [table_of(file).get(language, {}) for file in _BY_LANGUAGE for language in spoken]


def _of(file: str, languages: Iterable[str]) -> Words:
    found: dict[str, frozenset[str]] = {}
    for language in languages:
        for word, ideas in _words(file, language).items():
            found[word] = found.get(word, frozenset()) | ideas
    return found


@cache
def _words(file: str, language: str) -> Words:
    found: dict[str, set[str]] = {}
    for ideas, listed in table_of(file).get(language, {}).items():
        for word in str(listed).split():
            found.setdefault(_folded(word), set()).update(ideas.split())
    return {word: frozenset(ideas) for word, ideas in found.items() if word}


def _folded(word: str) -> str:
    return re.sub(r"[\W_]+", "", fold(word))


@cache
def table_of(file: str) -> Mapping[str, Mapping[str, str]]:
    """What a file of words holds."""
    content: Mapping[str, Mapping[str, str]] = read_yaml(HERE / file, f"proposing/{file}")
    return content
