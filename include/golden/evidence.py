"""A snapshot laid out for survivorship: records sorted by customer once, with ages and trust beside them.

Within a customer the records stand in the order that breaks every last tie: most recent first, then by record id. So a
rule only ever narrows the rows down, and whoever then stands first has won. No step loops over customers.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from include.golden.rules import Flags, Trust, trust_in

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Objects = npt.NDArray[np.object_]

_MICROSECONDS_A_DAY = 86_400_000_000
_LISTS = frozenset({list, tuple, np.ndarray})


class Evidence:
    """The records of all customers, ready to be judged field by field.

    Attributes:
        frame: The snapshot's rows sorted by (customer, newest source time, record id).
        customers: Customer ids, sorted; a row's code is a position in it.
        code: Customer of each row.
        records: Record id of each row.
        time: Source time of each row, microseconds since 1970 UTC.
        own: Which rows are of sources whose values may stand above another's; those of match-only sources may not.
    """

    def __init__(
        self, snapshot: pd.DataFrame, trust: Mapping[str, Trust], flags: Flags, match_only: Collection[str] = ()
    ) -> None:
        if bool(snapshot["customer_id"].isna().any()):
            raise ValueError(f"{int(snapshot['customer_id'].isna().sum())} records have no customer id: assign ids first")
        keyed = snapshot.assign(customer_id=snapshot["customer_id"].map(str), record_id=snapshot["record_id"].map(str))
        keyed["source_time"] = moments(keyed["source_time"])
        self.frame = keyed.sort_values(
            ["customer_id", "source_time", "record_id"], ascending=[True, False, True], kind="stable", ignore_index=True
        )
        code, customers = pd.factorize(self.frame["customer_id"])  # sorted, so codes rise along the rows
        self.code: Ints = code.astype(np.int64)
        self.customers: Objects = np.asarray(customers, dtype=object)
        self.records: Objects = self.frame["record_id"].to_numpy(dtype=object)
        self.time: Ints = microseconds(self.frame["source_time"])
        self.own: Mask = ~self.frame["source"].isin(list(match_only)).to_numpy(dtype=np.bool_)
        self._trust, self._flags = dict(trust), flags
        self._codes: dict[str, Ints] = {}

    def __len__(self) -> int:
        return len(self.frame)

    @cached_property
    def age_days(self) -> Floats:
        """Age of each record against the newest evidence of its customer: nothing here depends on today."""
        newest = self.time[begins(self.code)]  # newest first within a customer
        return (newest[self.code] - self.time) / _MICROSECONDS_A_DAY

    @cached_property
    def by_id(self) -> Ints:
        """The rows sorted by (customer, record id)."""
        return np.lexsort((pd.factorize(self.records, sort=True)[0], self.code)).astype(np.int64)

    @cached_property
    def place(self) -> Ints:
        """Place of each record among its customer's by their ids, from 1."""
        place = np.empty(len(self), dtype=np.int64)
        starts = begins(self.code)
        place[self.by_id] = np.arange(1, len(self) + 1, dtype=np.int64) - starts[self.code]
        return place

    @cached_property
    def _source(self) -> tuple[Ints, list[str]]:
        code, names = pd.factorize(self.frame["source"])
        return code.astype(np.int64), [str(name) for name in names]

    @cached_property
    def _flagged(self) -> dict[tuple[str, str], Ints]:
        """Rows by field and the validation flag they have on it."""
        if "flags" not in self.frame:
            return {}
        rows, flags, _ = flat(self.frame["flags"], np.arange(len(self), dtype=np.int64))
        if not len(rows):
            return {}
        code, kinds = pd.factorize(pd.Series(flags, dtype=object))
        told = (str(kind).partition(":") for kind in kinds)
        return {(field, flag): np.unique(rows[code == number]) for number, (field, _, flag) in enumerate(told)}

    @cached_property
    def _flag_factors(self) -> dict[str, Floats]:
        """Share of trust that validation flags leave, by field, for the fields that have any."""
        factors: dict[str, Floats] = {}
        for (field, flag), rows in self._flagged.items():
            factors.setdefault(field, np.ones(len(self)))[rows] *= self._flags.factor(flag)
        return factors

    def damaged(self, field: str) -> Mask:
        """Which rows hold a value that has lost something."""
        return self._with(field, self._flags.damaged)

    def inferred(self, field: str) -> Mask:
        """Which rows hold a value that cleaning made of others."""
        return self._with(field, self._flags.inferred)

    def _with(self, field: str, flags: Iterable[str]) -> Mask:
        found = np.zeros(len(self), dtype=np.bool_)
        for flag in flags:
            if (rows := self._flagged.get((field, flag))) is not None:
                found[rows] = True
        return found

    def trust(self, field: str, half_life: float | None) -> Floats:
        """Trust of every record for a field: its source's, lowered by flags, halved with every half-life of age.

        Rounded to six decimals, so that the last bit of a floating power never decides whose name somebody bears.
        """
        source, names = self._source
        # A source that nobody declares any more is believed where nobody else speaks: no record and no customer is lost by it.
        told = [trust_in(self._trust[name], field) if name in self._trust else 0.0 for name in names]
        trust = np.array(told, dtype=np.float64)[source]
        if field in self._flag_factors:
            trust = trust * self._flag_factors[field]
        if half_life is not None:
            trust = trust * np.power(0.5, self.age_days / half_life)
        rounded: Floats = np.round(trust, 6)
        return rounded

    def values(self, field: str) -> Objects:
        """A field's values row by row; missing is None."""
        column = self.frame[field]
        return column.astype(object).where(column.notna(), None).to_numpy(dtype=object)

    def held(self, field: str) -> Mask:
        """Which rows hold a value."""
        return self.codes(field) >= 0

    def whole(self, field: str) -> Mask:
        """Which rows hold a value that is more than an initial."""
        code = self.codes(field)
        distinct, first = np.unique(code[code >= 0], return_index=True)
        values = self.frame[field].iloc[np.flatnonzero(code >= 0)[first]]
        known = np.zeros(int(code.max(initial=-1)) + 2, dtype=np.bool_)  # the last one stands for missing, code -1
        known[distinct] = [not _initial(str(value)) for value in values]
        return known[code]

    def codes(self, field: str) -> Ints:
        """A field's values as codes: equal code, equal value; -1 where missing."""
        if field not in self._codes:
            code, _ = pd.factorize(self.frame[field])
            self._codes[field] = code.astype(np.int64)
        return self._codes[field]


def begins(code: Ints) -> Ints:
    """Where in a sorted column another value begins than the one before."""
    return np.flatnonzero(np.r_[True, code[1:] != code[:-1]]) if len(code) else np.zeros(0, dtype=np.int64)


def _initial(text: str) -> bool:
    letters = text.replace(".", "").strip()
    return len(letters) == 1 and letters.lower() != letters.upper()  # a name of one Han character is a whole name


def moments(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Timestamps in UTC, to the microsecond."""
    # No cache: to see whether it pays, pandas goes through values that are timestamps already.
    return pd.to_datetime(column, utc=True, cache=False).astype("datetime64[us, UTC]")


def microseconds(column: "pd.Series[Any]") -> Ints:
    """Timestamps as microseconds since 1970 UTC; the lowest integer where missing."""
    times = moments(column)
    return times.to_numpy(dtype="datetime64[us]").astype(np.int64)  # NaT is the lowest int64 already


def flat(column: "pd.Series[Any]", rows: Ints) -> tuple[Ints, list[str], Ints]:
    """The elements of list values as (row, element, position in its list); a missing list has none."""
    lists = listed(column)
    lengths = np.fromiter(map(len, lists), dtype=np.int64, count=len(lists))
    elements = list(chain.from_iterable(lists))
    ends = np.cumsum(lengths)
    position = np.arange(len(elements), dtype=np.int64) - np.repeat(ends - lengths, lengths)
    return np.repeat(rows, lengths), elements, position


def listed(column: "pd.Series[Any]") -> list[Any]:
    """A column of lists as they are; an empty one in the place of what is none."""
    values: list[Any] = column.tolist()
    if set(map(type, values)) <= _LISTS:
        return values
    return [value if type(value) in _LISTS else () for value in values]
