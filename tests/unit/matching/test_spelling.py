"""Spelling: what cannot be alike is passed over, and the answers are those of reading every letter."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA, JaroWinkler

from include.matching.similarity import DIFFERENT, EXACT, NICKNAME, WEAK, NameSpelling
from include.matching.spelling import Holding, Spelling
from include.matching.word_by_word import WordByWord

# Few letters, so that near misses are common; the digits and the accent show that no alphabet is special
WORDS = st.lists(st.text("abé1 ", max_size=9), min_size=2, max_size=12, unique=True)


def every_pair(words):
    at = np.arange(len(words), dtype=np.int32)
    return np.repeat(at, len(words)), np.tile(at, len(words))


@given(WORDS)
def test_one_slip_is_found_wherever_it_is(words):
    x, y = every_pair(words)
    spelling = Spelling(np.array(words, dtype=object))
    for shortest in (0, 4, 7):
        read = [
            min(len(words[i]), len(words[j])) >= shortest and OSA.distance(words[i], words[j]) <= 1
            for i, j in zip(x, y, strict=True)
        ]
        assert spelling.one_slip(x, y, shortest).tolist() == read


@given(WORDS)
def test_words_read_part_by_part_hold_the_letters_each_of_them_holds(words):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("include.matching.spelling._AT_ONCE", 3)
        found = Spelling(np.array(words, dtype=object)).letters
    assert found.tolist() == [sum(1 << bit for bit in {ord(letter) % 64 for letter in word}) for word in words]


@given(WORDS)
def test_no_pair_that_is_similar_is_passed_over(words):
    x, y = every_pair(words)
    spelling = Spelling(np.array(words, dtype=object))
    for least in (0.7, 0.85, 0.93):
        similar = np.array([JaroWinkler.similarity(words[i], words[j]) >= least for i, j in zip(x, y, strict=True)])
        assert not (similar & ~spelling.similar_possible(x, y, least)).any()


@given(WORDS)
def test_a_street_is_alike_by_slips_or_by_similarity(words):
    def alike(a, b):
        slips, shortest = OSA.distance(a, b), min(len(a), len(b))
        similar = JaroWinkler.similarity(a, b) >= 0.93 and shortest >= 4
        return slips <= 1 or (slips <= 2 and shortest >= 6) or similar

    x, y = every_pair(words)
    found = Spelling(np.array(words, dtype=object)).alike(x, y)
    assert found.tolist() == [alike(words[i], words[j]) for i, j in zip(x, y, strict=True)]


@given(WORDS, WORDS)
def test_a_name_within_an_account_is_found(texts, names):
    text, name = (side.ravel() for side in np.meshgrid(np.arange(len(texts)), np.arange(len(names))))
    found = Holding(np.array(texts, dtype=object), np.array(names, dtype=object)).holds(text, name)
    assert found.tolist() == [len(names[j]) >= 3 and names[j] in texts[i] for i, j in zip(text, name, strict=True)]


@given(st.lists(st.lists(st.text("abé", min_size=1, max_size=7), min_size=1, max_size=3).map(" ".join), min_size=2, max_size=8))
def test_names_of_several_words_are_read_word_by_word(names):
    given_names = ("abaab", "abab")

    def slip(v, w):
        return v != w and len(v) > 3 and len(w) > 3 and OSA.distance(v, w) == 1 and not {v, w} <= {*given_names}

    def told(x, y):
        pairs = [(v, w) for v in x for w in y]
        in_place = [v == w or slip(v, w) for v, w in zip(x, y, strict=False)]
        return (
            any(v == w and len(v) > 1 for v, w in pairs),
            any(slip(v, w) and len(v) > 4 and len(w) > 4 for v, w in pairs),
            len(x) == len(y) > 1 and all(in_place),
        )

    x, y = every_pair(names)
    found = WordByWord(pa.array(names), pa.array(given_names)).compare(x, y)
    expected = [told(names[i].split(), names[j].split()) for i, j in zip(x, y, strict=True)]
    assert list(zip(*(kind.tolist() for kind in found), strict=True)) == expected


def test_names_far_apart_in_letters_are_one_by_what_is_known_of_them():
    words = ["robert", "bob", "robert james", "juan", "john", "bobby", "zoe"]
    names = NameSpelling(np.array(words, dtype=object))

    def level(one, other, *, of_given=True):
        x, y = (np.array([words.index(name)], dtype=np.int32) for name in (one, other))
        by_letters = names.levels(x, y)
        return int((names.as_given(by_letters, x, y) if of_given else by_letters)[0])

    assert level("robert", "bob") == level("bob", "robert james") == NICKNAME
    assert level("juan", "john") == WEAK
    assert level("juan", "john", of_given=False) == DIFFERENT
    assert level("zoe", "bob") == DIFFERENT
    assert level("zoe", "zoe") == EXACT
