"""The view of a chunk that is judged: the columns a suite names, plus the derived ones it declares."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from include.quality.declared import Derived
from include.quality.frames import TEXTS


def filled(column: pd.Series) -> pd.Series:
    """Whether each row holds something; an empty list holds nothing."""
    present = column.notna()
    if column.name in TEXTS:
        return present & column.map(len, na_action="ignore").fillna(0).astype("int64").gt(0)
    return present


def view(chunk: pd.DataFrame, columns: Iterable[str], derived: Mapping[str, Derived]) -> pd.DataFrame:
    """The named columns, positions from 0.

    A column the chunk lacks comes back empty: the gate closes on ``columns_present`` anyway, and says so better than a KeyError.
    """
    rows = chunk.reset_index(drop=True)
    made: dict[str, pd.Series] = {}
    held: dict[str, npt.NDArray[np.bool_]] = {}  # several derived columns count the same ones
    for name in dict.fromkeys(columns):
        made[name] = _derive(rows, derived[name], held) if name in derived else _column(rows, name)
    return pd.DataFrame(made, index=rows.index)


def each_text(column: pd.Series) -> pd.Series:
    """The texts of a list column, one a row, indexed by the position of the row they came from."""
    return column.explode().dropna()


def instants(column: pd.Series) -> pd.Series:
    """Dates and timestamps as UTC timestamps; what is neither becomes null."""
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        converted: pd.Series = column.dt.tz_convert("UTC")
        return converted
    unique = pd.Series(column.dropna().unique(), dtype=object)  # a batch has few different dates, and parsing is the slow part
    parsed = pd.to_datetime(unique, utc=True, errors="coerce", format="ISO8601")
    return pd.to_datetime(column.map(dict(zip(unique, parsed, strict=True))), utc=True)


def _column(rows: pd.DataFrame, name: str) -> pd.Series:
    return rows[name] if name in rows.columns else pd.Series([None] * len(rows), index=rows.index, dtype=object, name=name)


def _derive(rows: pd.DataFrame, derived: Derived, held: dict[str, npt.NDArray[np.bool_]]) -> pd.Series:
    if derived.filled:
        for name in derived.filled:
            if name not in held:
                held[name] = filled(_column(rows, name)).to_numpy(dtype=bool)
        return pd.Series(sum(held[name].astype("int64") for name in derived.filled), index=rows.index)
    source = {name: _column(rows, name) for name in derived.columns}
    form = next(form for form in type(derived).model_fields if getattr(derived, form) is not None)
    return _FORMS[form](*source.values())


def _length(column: pd.Series) -> pd.Series:
    if column.name in TEXTS:
        return column.map(len, na_action="ignore").astype("Int64")
    length: pd.Series = column.astype("string").str.len()
    return length


def _days_between(start: pd.Series, end: pd.Series) -> pd.Series:
    return (instants(end) - instants(start)).dt.total_seconds() / 86_400


def _year_of(column: pd.Series) -> pd.Series:
    return column.astype("string").str.extract(r"^(\d{4})", expand=False).astype("Int64")


_FORMS: dict[str, Callable[..., pd.Series]] = {
    "length": _length,
    "days_between": _days_between,
    "year_of": _year_of,
    "instant": instants,
}
