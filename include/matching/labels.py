"""A text for each number, as it lies in a file: of a million most are never asked for, and making them all would take longest."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Which = npt.NDArray[np.bool_] | npt.NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Labels:
    """Texts by number, some of which may be missing.

    Attributes:
        texts: The texts; there may be more of them than 2 GB.
    """

    texts: pa.LargeStringArray

    @classmethod
    def of(cls, values: Iterable[str | None]) -> Self:
        """Texts as Python's."""
        return cls(pa.array(values, pa.large_string(), from_pandas=True))

    def __len__(self) -> int:
        return len(self.texts)

    def __iter__(self) -> Iterator[str | None]:
        return iter(self.texts.to_pylist())

    def __getitem__(self, which: Which) -> npt.NDArray[np.object_]:
        """Of some numbers, or of those that are flagged."""
        return _objects(self.chosen(which).texts)

    def chosen(self, which: Which) -> "Labels":
        """The same, as labels."""
        numbers = np.flatnonzero(which) if which.dtype == bool else which
        return Labels(self.texts.take(pa.array(numbers)))

    def after(self, first: int) -> "Labels":
        """From one number on."""
        return Labels(self.texts.slice(first))

    def are_among(self, values: pd.Index) -> npt.NDArray[np.bool_]:
        """Of each number, whether its text is one of some."""
        among = pc.is_in(self.texts, value_set=pa.array(values, pa.large_string(), from_pandas=True), skip_nulls=True)
        return np.asarray(among.to_numpy(zero_copy_only=False), dtype=bool)

    def joined(self, more: "Labels") -> "Labels":
        """These, and others behind them."""
        return Labels(pa.concat_arrays([self.texts, more.texts]))

    def coded(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.object_]]:
        """A code for each number, -1 where its text is missing, and the texts by their codes."""
        coded = self.texts.dictionary_encode()
        return coded.indices.fill_null(-1).to_numpy().astype(np.int64), _objects(coded.dictionary)


def _objects(texts: pa.LargeStringArray) -> npt.NDArray[np.object_]:
    return np.asarray(texts.to_numpy(zero_copy_only=False), dtype=object)
