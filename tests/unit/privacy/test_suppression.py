"""Who asked to be forgotten does not come back."""

import pandas as pd

from include.privacy.suppression import split_suppressed

FRAME = pd.DataFrame({"record_id": ["a", "b", None, "a"], "n": [1, 2, 3, 4]})


def test_suppressed_records_stop_and_are_counted() -> None:
    kept, suppressed = split_suppressed(FRAME, frozenset({"a", "z"}))
    assert (list(kept["n"]), suppressed) == ([2, 3], 2)


def test_an_empty_list_lets_everything_through() -> None:
    kept, suppressed = split_suppressed(FRAME, frozenset())
    assert (len(kept), suppressed) == (4, 0)
