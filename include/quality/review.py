"""What a delivery looks like before anybody cleans it: how full each field is, how its values are shaped, what has changed.

Gathered while the rows stream by. It holds masks and counts, never values: ``Ana Cruz-3`` becomes ``Aa Aa-9``. A mask that fewer
than ten records bear could point at somebody, so such masks are counted together as ``other``.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from include.customer import FIELDS, Field
from include.quality.frames import TEXTS

OTHER = "other"
LEAST_RECORDS = 10
"""Records that must bear a mask before it is shown."""

_LEAST_DISTINCT = 20
"""Distinct values below which a field is a list of words, and none of them is odd for its length."""

_MOST_SHOWN = 12
_MOST_MASKS = 2_000
_LONGEST_MASK = 40
_LONGEST = 1_000
"""Lengths above are counted as this one."""

LEAST_ROWS = 200
"""A smaller delivery, or one compared with fewer rows, is told nothing of drift: shares of a handful say nothing."""

DRIFT, FILL_DRIFT = 0.35, 0.2
"""From which share of moved patterns, or of rows that began or ceased to be filled, a field counts as drifted. The sample's daily
deliveries differ by 0.02 to 0.2 from one another."""

_FREE_TEXT = frozenset({"note", "body", "subject", "details"})
"""Fields whose shape says nothing: only their length and how full they are is kept."""

Ints = npt.NDArray[np.int64]


class _Classes(dict[int, str]):
    """Character to the class a mask shows it by; filled as characters turn up."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = found = _class_of(character)
        return found


def _class_of(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Lu":
        return "A"
    if category in ("Ll", "Lt"):
        return "a"
    if category[0] == "N":
        return "9"
    if category[0] in "LM":
        name = unicodedata.name(character, "")
        return next((shown for start, shown in _SCRIPTS if name.startswith(start)), "x")
    if category[0] in "ZC":
        return " "
    return character if character.isascii() else "*"


_SCRIPTS = (("CJK", "漢"), ("HIRAGANA", "か"), ("KATAKANA", "カ"), ("HANGUL", "한"))
_CLASSES = _Classes()
_RUNS = re.compile(r"([^9])\1+")


def mask(text: str) -> str:
    """The shape of a value: letters of one kind as one, digits one by one, marks as they are."""
    shape = _RUNS.sub(r"\1", text[:200].translate(_CLASSES))
    return shape if len(shape) <= _LONGEST_MASK else OTHER


@dataclass
class FieldReview:
    """One field of one delivery; the columns of ``ops.field_profile`` that concern it."""

    field: str
    rows: int
    filled: int
    distinct_values: int
    shortest: int | None
    longest: int | None
    outliers: int
    patterns: dict[str, int]
    compared_runs: int = 0
    filled_before: float | None = None
    drift: float | None = None
    drifted: bool = False


class Review:
    """The profile of one stream's delivery.

    Args:
        kind: ``customers`` or ``interactions``.
    """

    def __init__(self, kind: str) -> None:
        self._fields = [_OneField(field) for field in FIELDS[kind] if field.origin == "mapped"]

    def add(self, mapped: pd.DataFrame) -> None:
        """Take in one chunk of mapped rows."""
        bearers = pd.util.hash_array(mapped["record_id"].astype(str).to_numpy(dtype=object), categorize=False)
        for field in self._fields:
            field.add(mapped[field.name], bearers)

    def findings(self, earlier: pd.DataFrame) -> list[FieldReview]:
        """Every field, compared with earlier deliveries of the stream.

        Args:
            earlier: ``field, run_id, rows, filled, patterns`` of each.
        """
        before = {str(name): rows for name, rows in earlier.groupby("field")} if len(earlier) else {}
        return [compared(field.finding(), before.get(field.name)) for field in self._fields]


class _OneField:
    """A field's figures as they grow."""

    def __init__(self, field: Field) -> None:
        self.name, self._several, self._number = field.name, field.name in TEXTS, field.type == "number"
        self._shaped = field.name not in _FREE_TEXT
        self._rows = self._filled = 0
        self._sizes: Ints = np.zeros(_LONGEST + 1, dtype=np.int64)
        self._magnitudes: Ints = np.zeros(128, dtype=np.int64)
        self._hashes: list[npt.NDArray[np.uint64]] = []
        self._masks: dict[str, int] = {}
        self._bearers: dict[str, set[int]] = {}

    def add(self, column: "pd.Series[Any]", bearers: npt.NDArray[np.uint64]) -> None:
        """Take in one chunk."""
        owners, values = _flat(column) if self._several else _single(column)
        self._rows += len(column)
        self._filled += len(np.unique(owners)) if self._several else len(owners)
        if not len(values):
            return
        codes, unique = pd.factorize(values)
        counts = np.bincount(codes, minlength=len(unique))
        lengths = np.fromiter((min(len(text), _LONGEST) for text in unique), dtype=np.int64, count=len(unique))
        self._sizes += np.bincount(np.repeat(lengths, counts), minlength=_LONGEST + 1)
        self._hashes.append(pd.util.hash_array(unique, categorize=False))
        if self._number:
            self._magnitudes += np.bincount(np.repeat(_magnitudes(unique), counts), minlength=128)
        if self._shaped:
            self._add_masks(codes, unique, counts, bearers[owners])

    def _add_masks(self, codes: Any, unique: Any, counts: Any, bearers: npt.NDArray[np.uint64]) -> None:
        mask_codes, masks = pd.factorize(np.array([mask(str(text)) for text in unique], dtype=object))
        per_mask = np.bincount(mask_codes, weights=counts, minlength=len(masks)).astype(np.int64)
        few = np.fromiter((len(self._bearers.get(shape, ())) < LEAST_RECORDS for shape in masks), dtype=bool, count=len(masks))
        at = mask_codes[codes]
        new = few[at]
        pairs = pd.DataFrame({"mask": at[new], "bearer": bearers[new]}).drop_duplicates().groupby("mask").head(LEAST_RECORDS)
        for code, bearer in zip(pairs["mask"].tolist(), pairs["bearer"].tolist(), strict=True):
            if masks[code] in self._bearers or len(self._bearers) < _MOST_MASKS:
                self._bearers.setdefault(masks[code], set()).add(bearer)
        for shape, n in zip(masks, per_mask.tolist(), strict=True):
            known = shape if shape in self._bearers else OTHER
            self._masks[known] = self._masks.get(known, 0) + n

    def finding(self) -> FieldReview:
        """The figures over everything taken in."""
        lengths = np.flatnonzero(self._sizes)
        distinct = len(np.unique(np.concatenate(self._hashes))) if self._hashes else 0
        spread = self._magnitudes if self._number else self._sizes
        return FieldReview(
            field=self.name, rows=self._rows, filled=self._filled, distinct_values=distinct,
            shortest=int(lengths[0]) if len(lengths) else None, longest=int(lengths[-1]) if len(lengths) else None,
            outliers=_outliers(spread) if distinct >= _LEAST_DISTINCT else 0, patterns=self._shown(),
        )  # fmt: skip

    def _shown(self) -> dict[str, int]:
        """The commonest masks that enough records bear; all others together."""
        fit = [
            (n, shape)
            for shape, n in self._masks.items()
            if len(self._bearers.get(shape, ())) >= LEAST_RECORDS and shape != OTHER
        ]
        shown = {shape: n for n, shape in sorted(fit, key=lambda found: (-found[0], found[1]))[:_MOST_SHOWN]}
        rest = sum(self._masks.values()) - sum(shown.values())
        return shown | ({OTHER: rest} if rest else {})


def compared(now: FieldReview, earlier: "pd.DataFrame | None") -> FieldReview:
    """A field beside the earlier deliveries of its stream."""
    if earlier is None or not len(earlier):
        return now
    now.compared_runs = int(earlier["run_id"].nunique())
    rows = int(earlier["rows"].sum())
    now.filled_before = float(earlier["filled"].sum()) / rows if rows else None
    pooled: dict[str, int] = {}
    for patterns in earlier["patterns"]:
        for shape, n in patterns.items():
            pooled[shape] = pooled.get(shape, 0) + int(n)
    here, there = sum(now.patterns.values()), sum(pooled.values())
    if here and there:
        now.drift = round(_moved({s: n / here for s, n in now.patterns.items()}, {s: n / there for s, n in pooled.items()}), 4)
    enough = min(now.rows, rows) >= LEAST_ROWS
    filled_now = now.filled / now.rows if now.rows else 0.0
    filling = now.filled_before is not None and abs(filled_now - now.filled_before) > FILL_DRIFT
    patterns = now.drift is not None and now.drift > DRIFT and min(here, there) >= LEAST_ROWS
    now.drifted = enough and (filling or patterns)
    return now


def _moved(now: Mapping[str, float], before: Mapping[str, float]) -> float:
    """Which share of the values has another shape than before, from 0 to 1.

    A shape shown on one side only may have been among the others on the other: as far as those reach, it counts as no change.
    """
    shared = (set(now) & set(before)) - {OTHER}
    moved = sum(abs(now[shape] - before[shape]) for shape in shared)
    came = sum(part for shape, part in now.items() if shape not in shared and shape != OTHER)
    went = sum(part for shape, part in before.items() if shape not in shared and shape != OTHER)
    others, others_before = now.get(OTHER, 0.0), before.get(OTHER, 0.0)
    seen, unseen = min(came, others_before), min(went, others)
    moved += (came - seen) + (went - unseen) + abs((others - unseen) - (others_before - seen))
    return min(moved / 2, 1.0)


def _single(column: "pd.Series[Any]") -> tuple[Any, Any]:
    values = column.to_numpy(dtype=object)
    texts = [value if isinstance(value, str) else None if value is None or value != value else str(value) for value in values]  # noqa: PLR0124 - NaN is unlike itself
    owners = np.fromiter((i for i, text in enumerate(texts) if text and not text.isspace()), dtype=np.intp)
    return owners, np.array(texts, dtype=object)[owners]


def _flat(column: "pd.Series[Any]") -> tuple[Any, Any]:
    pairs = [
        (row, str(text))
        for row, texts in enumerate(column)
        if texts is not None and hasattr(texts, "__len__")
        for text in ([texts] if isinstance(texts, str) else texts)
        if text is not None and str(text).strip()
    ]
    owners = np.fromiter((row for row, _ in pairs), dtype=np.intp, count=len(pairs))
    values = np.empty(len(pairs), dtype=object)
    values[:] = [text for _, text in pairs]
    return owners, values


def _magnitudes(texts: Iterable[str]) -> Ints:
    """Each amount's size on a scale of doublings; what is no number stands at nought."""
    numbers = pd.to_numeric(pd.Series(list(texts), dtype=object), errors="coerce").abs().fillna(0).to_numpy(dtype=float)
    scale: Ints = np.clip(np.floor(np.log2(np.maximum(numbers, 2.0**-20))) + 20, 0, 127).astype(np.int64)
    return scale


def _outliers(histogram: Ints) -> int:
    """How many lie further than three times the middle half's width outside of it."""
    total = int(histogram.sum())
    if total < LEAST_RECORDS:
        return 0
    sums = np.cumsum(histogram)
    low, high = (int(np.searchsorted(sums, total * share)) for share in (0.25, 0.75))
    reach = 3 * max(high - low, 1)
    first, last = max(low - reach, 0), min(high + reach, len(histogram) - 1)
    return total - int(histogram[first : last + 1].sum())


def stored(findings: Iterable[FieldReview], manifest_id: str) -> list[Mapping[str, Any]]:
    """Rows of ``ops.field_profile``."""
    return [{**vars(found), "manifest_id": manifest_id} for found in findings]
