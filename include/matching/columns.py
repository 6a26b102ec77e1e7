"""The columns of a snapshot, a frame's or an Arrow table's: each value is read once and from then on is a code."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Codes = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Column:
    """A column of single values.

    Attributes:
        codes: One a row, -1 where the value is missing.
        texts: The value behind each code, each once.
    """

    codes: Codes
    texts: pa.StringArray

    @classmethod
    def nothing(cls, rows: int) -> "Column":
        """A column in which every value is missing."""
        return cls(np.full(rows, -1, dtype=np.int32), pa.array([], pa.string()))

    def mapped(self, function: Callable[[str], str | None], alone: str, *, kept: bool = True) -> "Column":
        """A function of the values, asked once for each; None is missing.

        Args:
            function: What is made of a value.
            alone: A regular expression of values that need not be asked for: most are like that, and told together in a tenth of
                the time.
            kept: Whether the function leaves those as they are, or makes nothing of them.
        """
        told = pc.match_substring_regex(self.texts, alone)
        if pc.all(told, min_count=0).as_py():
            return self if kept else Column.nothing(len(self.codes))
        made = pa.array([function(text) for text in self.texts.filter(pc.invert(told)).to_pylist()], pa.string())
        rest = self.texts if kept else pa.nulls(len(self.texts), pa.string())
        place, texts = encoded(pc.replace_with_mask(rest, pc.invert(told), made))
        return Column(looked_up(place, self.codes), texts)

    def filled(self, other: "Column", where: npt.NDArray[np.bool_]) -> "Column":
        """This column, and the other's values in some rows."""
        place, texts = encoded(pa.concat_arrays([self.texts, other.texts]))
        codes = np.where(where & (other.codes >= 0), other.codes + np.int32(len(self.texts)), np.where(where, -1, self.codes))
        return Column(looked_up(place, codes), texts)


@dataclass(frozen=True)
class Items:
    """A column of lists, flat.

    Attributes:
        record: The row of each item.
        codes: The item's code.
        texts: The value behind each code, each once; most identifiers have few holders, so there are many.
    """

    record: Codes
    codes: Codes
    texts: pa.StringArray


class Columns:
    """A snapshot, column by column; one it does not have is all missing.

    Args:
        snapshot: A frame, its lists as objects, or an Arrow table: that takes a tenth of the time and memory to read.
        echoes: Flags, as ``field:flag``, of values that only repeat another value of the record: they are read as missing.
    """

    def __init__(self, snapshot: pd.DataFrame | pa.Table, echoes: Sequence[str] = ()) -> None:
        self.snapshot, self.rows = snapshot, len(snapshot)
        self._names = frozenset(snapshot.column_names if isinstance(snapshot, pa.Table) else snapshot.columns)
        self._echoed: dict[str, npt.NDArray[np.bool_]] = {}
        if echoes and "flags" in self._names:
            flags = self.items("flags")
            for echo in echoes:
                column, flagged = echo.partition(":")[0], flags.record[flags.codes == _place(flags.texts, echo)]
                if len(flagged):
                    self._echoed.setdefault(column, np.zeros(self.rows, dtype=bool))[flagged] = True

    def texts(self, name: str, rows: npt.NDArray[np.bool_] | None = None) -> Column:
        """A column of single values; only some rows of it, if they are told: the others are then missing."""
        if name not in self._names:
            return Column.nothing(self.rows)
        values = self.snapshot[name]
        if rows is not None:
            values = values.filter(pa.array(rows)) if isinstance(values, pa.ChunkedArray) else values[rows]
        codes, texts = encoded(_together(values)) if isinstance(values, pa.ChunkedArray) else _of_frame(values)
        if rows is not None:
            some, codes = codes, np.full(self.rows, -1, dtype=np.int32)
            codes[rows] = some
        if name in self._echoed:
            codes = np.where(self._echoed[name], np.int32(-1), codes)
        return Column(codes, texts)

    def items(self, name: str) -> Items:
        """A column of lists; nothing in them that is missing."""
        if name not in self._names:
            return Items(np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32), pa.array([], pa.string()))
        values = self.snapshot[name]
        if not isinstance(values, pa.ChunkedArray):
            values = pa.chunked_array([pa.array(values.to_numpy(dtype=object), type=pa.list_(pa.string()), from_pandas=True)])
        lengths = pc.fill_null(pc.list_value_length(values), 0).to_numpy()
        record = np.repeat(np.arange(self.rows, dtype=np.int32), lengths)
        codes, texts = encoded(_together(pc.list_flatten(values)))
        kept = codes >= 0
        if name in self._echoed:
            kept &= ~self._echoed[name][record]
        return Items(record, codes, texts) if kept.all() else Items(record[kept], codes[kept], texts)

    def strings(self, name: str) -> pa.StringArray:
        """A column as it stands, as text."""
        if name not in self._names:
            return pa.array([""] * self.rows, pa.string())
        values = self.snapshot[name]
        return _together(values) if isinstance(values, pa.ChunkedArray) else pa.array(values.astype(str), pa.string())


def encoded(texts: pa.StringArray) -> tuple[Codes, pa.StringArray]:
    """Codes in order of first appearance, -1 for missing, and the texts, each once."""
    found = texts.dictionary_encode()
    codes = found.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return codes.astype(np.int32, copy=False), found.dictionary


def looked_up(place: Codes, codes: Codes) -> Codes:
    """``place[codes]``, missing where the code is."""
    if len(place) == 0:
        return codes
    return np.append(place, np.int32(-1))[codes]


def _of_frame(values: "pd.Series[str]") -> tuple[Codes, pa.StringArray]:
    codes, words = pd.factorize(values, use_na_sentinel=True)
    return codes.astype(np.int32), pa.array(map(str, words), pa.string())


def _together(values: pa.ChunkedArray) -> pa.StringArray:
    return values.cast(pa.string()).combine_chunks()


def _place(texts: pa.StringArray, text: str) -> int:
    found = pc.index(texts, text).as_py()
    return found if found >= 0 else -2
