"""Texts by number are what a list of them would be."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.matching.labels import Labels

TEXTS = st.lists(st.one_of(st.none(), st.sampled_from(["", "a", "b", "é", "王", "US"])), max_size=12)


@given(TEXTS, st.data())
def test_what_is_asked_of_labels_is_what_a_list_would_say(texts, data):
    labels = Labels.of(texts)
    numbers = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=9)) if texts else []
    flags = np.array(data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts))), dtype=bool)
    assert (len(labels), list(labels)) == (len(texts), texts)
    assert labels[np.array(numbers, dtype=np.int32)].tolist() == [texts[number] for number in numbers]
    assert labels[flags].tolist() == [text for text, flag in zip(texts, flags, strict=True) if flag]
    asked = data.draw(TEXTS)
    wanted = [text is not None and text in asked for text in texts]
    assert labels.are_among(pd.Index(asked, dtype=object)).tolist() == wanted
    codes, words = labels.coded()
    assert [None if code < 0 else words[code] for code in codes] == texts
    assert len(set(words)) == len(words)


@given(TEXTS, TEXTS)
def test_labels_behind_others_have_the_next_numbers(first, more):
    both = Labels.of(first).joined(Labels.of(more))
    assert list(both) == [*first, *more]
    assert list(both.after(len(first))) == more
    assert list(both.after(len(first)).chosen(np.ones(len(more), dtype=bool))) == more


@pytest.mark.parametrize("texts", [[], [None, None]])
def test_where_there_are_no_texts_nobody_has_a_code(texts):
    codes, words = Labels.of(texts).coded()
    assert codes.tolist() == [-1] * len(texts)
    assert len(words) == 0
