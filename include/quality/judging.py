"""The one place that speaks to Great Expectations: which rows of a frame fail which expectations.

Importing it takes seconds of CPU, so it is imported on first use and then shared by every gate of the process. A frame is judged
column by column, each column through one validator: Great Expectations copies and hashes the whole frame it is given, so a
narrow one is several times faster (measured: 25,000 rows x 20 columns x 18 expectations 0.7 s at once, 0.2 s by column).
"""

import logging
import os
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from functools import cache
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from include.errors import DeclarationError
from include.quality.declared import Expectation, Where
from include.quality.suite import reference_set

Positions = npt.NDArray[np.int64]
"""Positions of failing rows in the judged frame."""

Judges = dict[str, Any]
"""Great Expectations' own expectation objects, by expectation id."""

_FEW_VALUES = 0.7
"""Up to this share of different values among the rows, telling them apart costs less than judging each row."""

_MOST_REMEMBERED = 5_000
"""Different values of a column that are remembered at most."""

_COUNTLESS = {"result_format": "BOOLEAN_ONLY"}
_POSITIONS = {"result_format": "COMPLETE", "exclude_unexpected_values": True, "include_unexpected_rows": False}


@cache
def _context() -> Any:
    """The process's one context: in memory, silent, telling nobody."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.ERROR)  # it tells of its own registry, forty lines an import
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    return context


def warm() -> None:
    """Pay for the import now, where a worker prefers to pay it once before it forks."""
    _context()


def make_judges(expectations: Sequence[Expectation], facts: Mapping[str, Any], file: str) -> Judges:
    """Have Great Expectations accept every expectation.

    Args:
        expectations: What the suite declares.
        facts: Values for ``{fact: name}`` arguments.
        file: Named in the error.

    Raises:
        DeclarationError: An argument is missing, unknown or of the wrong kind.
    """
    _context()
    from great_expectations.compatibility.pydantic import ValidationError
    from great_expectations.expectations.registry import get_expectation_impl

    judges: Judges = {}
    for expectation in expectations:
        kind: Any = get_expectation_impl(expectation.type)
        kwargs = {name: _resolved(value, facts) for name, value in expectation.kwargs.items()}
        condition = {"row_condition": _condition(expectation.where)} if expectation.where else {}
        try:
            judges[expectation.id] = kind(**kwargs, **condition, meta={"id": expectation.id})
        except ValidationError as error:
            first = error.errors()[0]
            key = f"expectations.{expectation.id}.kwargs.{'.'.join(str(part) for part in first['loc'])}"
            valid = [name for name in kind.__fields__ if name not in _NOT_ARGUMENTS]
            raise DeclarationError(file, key, first["msg"], valid) from None
    return judges


_NOT_ARGUMENTS = {
    "id", "meta", "notes", "result_format", "description", "catch_exceptions", "rendered_content", "severity", "windows",
    "batch_id", "row_condition", "condition_parser", "mostly",
}  # fmt: skip
"""Fields every expectation class has beside its arguments, or that a suite writes elsewhere."""


class Remembered:
    """What was said of the values of a column with few different ones: none of them is judged twice in a batch.

    No expectation looks at two rows, so a country that was in order in one chunk is in order in the next. A column with many
    different values is not remembered, so that memory does not grow with the batch.
    """

    def __init__(self) -> None:
        self._failed: dict[Hashable, frozenset[str]] | None = {}

    @property
    def knows(self) -> bool:
        """Whether it still remembers."""
        return self._failed is not None

    def unknown(self, keys: Sequence[Hashable]) -> npt.NDArray[np.int64]:
        """Places of the values that were not judged yet."""
        known = self._failed or {}
        return np.asarray([place for place, key in enumerate(keys) if key not in known], dtype=np.int64)

    def learn(self, keys: Sequence[Hashable], places: npt.NDArray[np.int64], failed: Mapping[str, Positions | None]) -> None:
        """Take in what was said of the values at these places; ``failed`` counts within them."""
        if self._failed is None:
            return
        if any(positions is None for positions in failed.values()) or len(self._failed) + len(places) > _MOST_REMEMBERED:
            self._failed = None
            return
        of: dict[int, set[str]] = defaultdict(set)
        for name, positions in failed.items():
            for position in cast("Positions", positions).tolist():
                of[position].add(name)
        self._failed.update({keys[place]: frozenset(of.get(number, ())) for number, place in enumerate(places.tolist())})

    def failing(self, keys: Sequence[Hashable]) -> dict[str, Positions]:
        """Name > places of the values that failed it, of values that are all known."""
        known, found = self._failed or {}, defaultdict(list)
        for place, key in enumerate(keys):
            for name in known[key]:
                found[name].append(place)
        return {name: np.asarray(places, dtype=np.int64) for name, places in found.items()}


def failing(
    frame: pd.DataFrame,
    judges: Judges,
    columns: Mapping[str, Sequence[str]],
    remembered: "dict[str, Remembered] | None" = None,
) -> dict[str, Positions | None]:
    """Judge a frame.

    Args:
        frame: Rows, or a profile of one row; only scalar columns.
        judges: From ``make_judges``.
        columns: The columns each of them reads.
        remembered: Of earlier chunks of the batch, by column; the same judges each time. None remembers nothing.

    Returns:
        For each expectation that does not hold, the positions of the failing rows, or None where Great Expectations could not
        judge at all (a type it cannot compare, say). Expectations that hold are absent.
    """
    if frame.empty:
        return {}
    groups: dict[tuple[str, ...], Judges] = defaultdict(dict)
    for name, judge in judges.items():
        groups[tuple(sorted(columns[name]))][name] = judge
    found: dict[str, Positions | None] = {}
    for group, members in groups.items():
        narrow = frame[list(group)].reset_index(drop=True)
        if len(group) == 1:
            memory = Remembered() if remembered is None else remembered.setdefault(group[0], Remembered())
            found.update(_failing_among_values(narrow, members, memory))
        else:
            found.update(_failing_in_group(narrow, members))
    return found


def _failing_among_values(frame: pd.DataFrame, judges: Judges, remembered: Remembered) -> dict[str, Positions | None]:
    """Judge each different value of a column once: most columns hold few, and no expectation here looks at two rows."""
    try:
        codes, values = pd.factorize(frame.iloc[:, 0], use_na_sentinel=False)
    except TypeError:  # a value that cannot be compared with another, as a list
        return _failing_in_group(frame, judges)
    if len(values) > len(frame) * _FEW_VALUES:
        return _failing_in_group(frame, judges)
    firsts = np.empty(len(values), dtype=np.int64)  # rows, not values: these keep the column's type
    firsts[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    found: Mapping[str, Positions | None]
    if remembered.knows and len(values) <= _MOST_REMEMBERED:
        keys = [_key(value) for value in values]
        new = remembered.unknown(keys)
        said = _failing_in_group(frame.iloc[firsts[new]].reset_index(drop=True), judges) if len(new) else {}
        remembered.learn(keys, new, said)
        if not remembered.knows:
            said = _failing_in_group(frame.iloc[firsts].reset_index(drop=True), judges)
        found = remembered.failing(keys) if remembered.knows else said
    else:
        found = _failing_in_group(frame.iloc[firsts].reset_index(drop=True), judges)
    return {
        name: failed if failed is None else np.flatnonzero(_marked(len(values), failed)[codes]) for name, failed in found.items()
    }


def _marked(count: int, places: Positions) -> npt.NDArray[np.bool_]:
    marked = np.zeros(count, dtype=np.bool_)
    marked[places] = True
    return marked


def _key(value: Any) -> Hashable:
    """A value to remember by: 1, 1.0 and True are three, and every null is one."""
    return None if pd.isna(value) else (type(value), value)


def _failing_in_group(frame: pd.DataFrame, judges: Judges) -> dict[str, Positions | None]:
    """First ask only whether each holds; where it does not, ask which rows: listing them is the expensive part."""
    from great_expectations.core.batch import Batch
    from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
    from great_expectations.validator.validator import Validator

    batch = Batch(data=cast("Any", frame))
    validator = Validator(execution_engine=PandasExecutionEngine(), batches=[batch], data_context=_context())

    def ask(names: Sequence[str], result_format: dict[str, Any]) -> dict[str, Any]:
        configurations = [judges[name].configuration for name in names]
        answers: list[Any] = validator.graph_validate(configurations, {"result_format": result_format, "catch_exceptions": True})
        return {answer.expectation_config.meta["id"]: answer for answer in answers}

    first = ask(list(judges), _COUNTLESS)
    unjudged = [name for name in judges if name not in first or _raised(first[name])]
    failed = [name for name in judges if name not in unjudged and not first[name].success]
    found: dict[str, Positions | None] = dict.fromkeys(unjudged)
    if failed:
        second = ask(failed, _POSITIONS)
        for name in failed:
            positions = second[name].result.get("unexpected_index_list")
            found[name] = None if positions is None else np.asarray(positions, dtype=np.int64)
    return found


def _raised(answer: Any) -> bool:
    """Whether judging raised. The exception itself is dropped here: its text may quote a customer's value."""
    info = answer.exception_info or {}
    nested = [info, *(value for value in info.values() if isinstance(value, dict))]
    return any(entry.get("raised_exception") for entry in nested)


def _resolved(value: Any, facts: Mapping[str, Any]) -> Any:
    if isinstance(value, dict) and set(value) == {"set"}:
        return list(reference_set(value["set"]))
    if isinstance(value, dict) and set(value) == {"fact"}:
        return facts[value["fact"]]
    return value


def _condition(where: Where) -> dict[str, Any]:
    column = {"name": where.column}
    if where.filled is not None:
        return {"type": "nullity", "column": column, "is_null": not where.filled}
    return {"type": "comparison", "column": column, "operator": "==", "parameter": where.equals}
