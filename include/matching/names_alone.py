"""What two records' names alone say of them: never enough to join records, but what is asked of names by themselves."""

from typing import Literal

import numpy as np
import pandas as pd

from include.matching.comparing import Comparer
from include.matching.ladder import Ladder
from include.matching.similarity import is_translation
from include.matching.spec import ModelSpec
from include.matching.table import encode

Verdict = Literal["match", "possible", "nomatch"]

_SAYS: dict[str, Verdict] = {
    "exact": "match",
    "nickname": "match",
    "close": "possible",
    "part": "possible",
    "initial": "possible",
    "null": "possible",
    "weak": "nomatch",
    "different": "nomatch",
}
_STRONGEST: tuple[Verdict, ...] = ("nomatch", "possible", "match")


def names_alone(cleaned: pd.DataFrame, spec: ModelSpec) -> Verdict:
    """Whether two records bear one name, by the model's own comparisons; the part that agrees least decides.

    What only one of them has leaves it open, and so does one given name in two languages; what neither has is not asked.

    Args:
        cleaned: The two records, as the clean step leaves them.
        spec: The declared model.
    """
    codes = Comparer(encode(cleaned, spec), spec).levels(np.array([0]), np.array([1]))[0]
    levels = {
        name: Ladder.of(comparison).level(int(code))
        for (name, comparison), code in zip(spec.comparisons.items(), codes, strict=True)
    }
    parts = ("given", "family") if {levels["given"], levels["family"]} != {"null"} else ("whole",)
    asked = [part for part in parts if levels[part] != "null" or part == "whole" or cleaned[f"{part}_key"].notna().any()]
    found = {part: _SAYS[levels[part]] for part in asked}
    if levels.get("suffix") == "different":  # father and son
        found["suffix"] = "nomatch"
    translated = is_translation(*cleaned["given_key"].fillna("")) and levels["family"] != "different"
    if found.get("given") == "nomatch" and translated:
        found["given"] = "possible"
    return next(verdict for verdict in _STRONGEST if verdict in found.values())
