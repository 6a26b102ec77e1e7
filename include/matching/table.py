"""The snapshot as integer codes: each value is read once, and every later step compares numbers.

Blocking, comparing and counting all work on these codes; only the few ladders that need spelling go back to the words, over
unique pairs of them. No figure depends on the order of the rows: codes are used for equality only.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from include.matching.frequencies import Counted, Frequencies, bucket
from include.matching.spec import ModelSpec, Nobodys

Ints = npt.NDArray[np.integer[Any]]

TEXT_COLUMNS = ("given", "family", "nickname", "native_given", "native_family", "whole", "bag", "birth_date", "suffix", "gender",
                "country", "postcode", "city", "street", "house_number", "home", "region")  # fmt: skip
SET_COLUMNS = ("email", "phone", "handle", "loyalty_id", "external_id")

_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_NOT_WORD = re.compile(r"[^\w]+")
_FOLDED = re.compile("[a-z0-9]+(?: [a-z0-9]+)*")
_APOSTROPHE = re.compile(r"['`]")
_READING = RLock()
Kept = TypeVar("Kept")

APART = {"given": "family", "family": "given", "birth_date": "initials", "whole": "birth_date"}
"""Column whose holders are counted as persons at so many records a person > what tells its holders apart."""


@dataclass
class Sets:
    """A column of sets: the distinct sets as slices of ``items``, and who holds which item.

    Attributes:
        start: Set ``s`` holds ``items[start[s]:start[s + 1]]``.
        items: Item codes, set by set.
        record: Record of each holding, beside ``held``.
        held: Item code of each holding.
        nobodys: Records and items of the holdings left out, for the item is nobody's.
        counted: Who holds each item, nobody's included.
    """

    start: Ints
    items: Ints
    record: Ints
    held: Ints
    nobodys: tuple[Ints, Ints]
    counted: Counted


@dataclass
class Table:
    """A snapshot in codes.

    Attributes:
        record_id: Record ids, row by row.
        codes: One int32 column a field, -1 where it is missing; the code of a set column names a distinct set.
        words: The values behind the codes (for a set column: behind its item codes).
        sets: The set columns.
        buckets: log2 bucket of how many persons hold each value (of a set: each item).
        persons: About how many persons the values of a counted column are spread over.
        counted: Who holds each value, before ``repeats`` is heeded.
        repeats: Records a person has, about: at least ``counted.records / repeats`` persons hold a name or a date.
        initials: A number for each record's two initials, -1 without a name.
        account: For each e-mail and each handle, the code of the account name in it (``words["account"]``).
        read: What the comparisons worked out of the words, kept so that it is worked out once.
    """

    record_id: npt.NDArray[np.object_]
    codes: pd.DataFrame
    words: dict[str, npt.NDArray[np.object_]]
    sets: dict[str, Sets]
    buckets: dict[str, Ints] = field(default_factory=dict)
    persons: dict[str, int] = field(default_factory=dict)
    counted: dict[str, Counted] = field(default_factory=dict)
    repeats: float = 1.0
    initials: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    account: dict[str, Ints] = field(default_factory=dict)
    read: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.codes)

    def kept(self, name: str, make: Callable[[], Kept]) -> Kept:
        """What was worked out under a name, worked out now if it was not yet; once, however many threads ask."""
        with _READING:
            if name not in self.read:
                self.read[name] = make()
            found: Kept = self.read[name]
            return found

    def column(self, name: str) -> npt.NDArray[np.int32]:
        """The codes of one field."""
        return self.codes[name].to_numpy()


def encode(snapshot: pd.DataFrame | Table, spec: ModelSpec, frequencies: Frequencies | None = None) -> Table:
    """Read a snapshot into codes; an absent canonical column counts as all null, and so does what only echoes other evidence.

    A table is handed back as it is: who runs several steps encodes once, passes the table on and may let go of the snapshot.

    Args:
        snapshot: All records, or some of them with the ``frequencies`` of all.
        spec: The declared model.
        frequencies: How common values are among all records; None: the snapshot is all.
    """
    if isinstance(snapshot, Table):
        return snapshot
    snapshot, nobodys = _without_echoes(snapshot, spec.echoes), spec.nobodys
    texts = _texts(snapshot)
    codes, words = {}, {}
    for name in ("given", "family", "nickname"):  # one vocabulary, so that names can be compared across fields
        codes[name] = texts[name]
    stacked, names = pd.factorize(np.concatenate([codes[name] for name in ("given", "family", "nickname")]), use_na_sentinel=True)
    words["name"] = np.asarray(names, dtype=object)
    for name, part in zip(("given", "family", "nickname"), np.split(stacked, 3), strict=True):
        codes[name] = part.astype(np.int32)
    for name in TEXT_COLUMNS:
        if name not in codes:
            part, found = pd.factorize(texts[name], use_na_sentinel=True)
            codes[name], words[name] = part.astype(np.int32), np.asarray(found, dtype=object)
    table = Table(_column(snapshot, "record_id").astype(str).to_numpy(dtype=object), pd.DataFrame(codes), words, {})
    initials = _initials(table)
    for name, column in zip(SET_COLUMNS, ("email_keys", "phones", "handles", "loyalty_ids", "external_ids"), strict=True):
        table.codes[name], table.words[name], table.sets[name] = _sets(
            _column(snapshot, column), initials, nobodys, name, frequencies
        )
    table.initials = initials
    _account(table)
    _count(table, frequencies)
    return table


def scaled(table: Table, repeats: float | None) -> Table:
    """The table with names and dates as common as ``repeats`` records a person make them; None: as its own records do."""
    if repeats is None or repeats == table.repeats:
        return table
    spread = {name: table.counted[name].spread(repeats) for name in APART}
    return replace(table, repeats=repeats, buckets={**table.buckets, **{name: bucket(held) for name, held in spread.items()}})


def _without_echoes(snapshot: pd.DataFrame, echoes: Sequence[str]) -> pd.DataFrame:
    """Without values that cleaning inferred from others of the record: compared, they would count the same evidence twice."""
    if "flags" not in snapshot:
        return snapshot
    flags = [frozenset(_items_of(held)) for held in snapshot["flags"]]
    for echo in echoes:
        column = echo.partition(":")[0]
        if column in snapshot:
            echoed = np.fromiter((echo in held for held in flags), dtype=bool, count=len(flags))
            if echoed.any():
                snapshot = snapshot.assign(**{column: snapshot[column].astype(object).mask(echoed, None)})
    return snapshot


def fold(text: str) -> str | None:
    """Lower-case ASCII words of a text, one space between them, apostrophes closed up; None if nothing is left."""
    if _FOLDED.fullmatch(text):
        return text
    from anyascii import anyascii

    return _NOT_WORD.sub(" ", _APOSTROPHE.sub("", anyascii(text).lower())).strip() or None


def squash(text: str) -> str | None:
    """A text without anything but letters and digits."""
    return re.sub(r"[\W_]+", "", text) or None


def postcode_area(postcode: str) -> str:
    """The first half of a postcode, which in most countries is the district."""
    return postcode[: (len(postcode) + 1) // 2]


def local_part(address: str) -> str | None:
    """What stands before the @ of an e-mail address; None if it is too short to be one person's."""
    stem = address.partition("@")[0]
    return stem if len(stem) >= 5 else None


def within_runs(lengths: Ints) -> Ints:
    """0, 1, ... of each of several runs of these lengths, one run after another."""
    starts = np.cumsum(lengths, dtype=np.int64) - lengths
    return np.arange(int(lengths.sum()), dtype=np.int64) - np.repeat(starts, lengths)


def _column(snapshot: pd.DataFrame, name: str) -> pd.Series:
    if name in snapshot:
        return snapshot[name].reset_index(drop=True)
    return pd.Series([None] * len(snapshot), dtype=object)


def _mapped(values: pd.Series, function: Callable[[str], str | None]) -> npt.NDArray[np.object_]:
    """A function over the unique values of a column, null staying null."""
    codes, found = pd.factorize(values, use_na_sentinel=True)
    lookup = np.array([*(function(str(value)) for value in found), None], dtype=object)
    return lookup[codes]


def _texts(snapshot: pd.DataFrame) -> dict[str, npt.NDArray[np.object_]]:
    def of(column: str, function: Callable[[str], str | None]) -> npt.NDArray[np.object_]:
        return _mapped(_column(snapshot, column), function)

    given, family = of("given_key", fold), of("family_key", fold)
    missing = pd.isna(given) & pd.isna(family)
    given[missing], family[missing] = of("given_name", fold)[missing], of("family_name", fold)[missing]
    unnamed = pd.isna(given) & pd.isna(family)
    texts = {
        "given": given,
        "family": family,
        "nickname": of("nickname", fold),
        "native_given": of("given_name", _han),
        "native_family": of("family_name", _han),
        "birth_date": of("birth_date", str),
        "suffix": of("name_suffix", fold),
        "gender": of("gender", str),
        "country": of("country", str),
        "postcode": of("postcode", lambda text: squash(text.lower())),
        "city": of("city", fold),
        "street": of("street_key", fold),
        "house_number": of("house_number", lambda text: squash(text.lower())),
        "region": of("region", str),
    }
    both = pd.Series(_joined(given, family), dtype=object)
    # Nobody's names, so it goes by its own: a company, if by no other name.
    both[unnamed] = pd.Series(of("full_name", fold), dtype=object).fillna(pd.Series(of("company_name", fold), dtype=object))[
        unnamed
    ]
    texts["bag"] = _mapped(both, lambda name: "".join(sorted(name.replace(" ", ""))))
    texts["whole"] = both.to_numpy(dtype=object)
    place = np.where(pd.isna(texts["postcode"]), texts["city"], texts["postcode"])
    texts["home"] = _joined(texts["house_number"], texts["street"], place)
    texts["home"][pd.isna(texts["street"]) | pd.isna(texts["house_number"])] = None
    return texts


def _han(text: str) -> str | None:
    """A native name in Han script, its characters in one form: two that differ are two names, however alike they sound."""
    return unicodedata.normalize("NFKC", text).replace(" ", "").translate(_simplified()) if _HAN.search(text) else None


@cache
def _simplified() -> dict[int, str]:
    """Simplified form of each traditional, Japanese or variant character (OpenCC's tables)."""
    import opencc

    folder = Path(opencc.__file__).parent / "dictionary"
    simplified = _pairs(folder / "TSCharacters.txt")
    traditional = {japanese: old for old, japanese in _pairs(folder / "JPVariants.txt").items()} | _OTHER_VARIANTS
    steps = {c: traditional.get(traditional.get(c, c), traditional.get(c, c)) for c in {*traditional, *simplified}}
    return {ord(c): simplified.get(full, full) for c, full in steps.items()}


def _pairs(path: Path) -> dict[str, str]:
    """Character and first counterpart of each line of one of OpenCC's tables."""
    lines = (line.split() for line in path.read_text(encoding="utf-8").splitlines())
    return {words[0]: words[1] for words in lines if len(words) > 1 and len(words[0]) == 1 == len(words[1])}


# Forms of characters common in names that the tables leave out
_OTHER_VARIANTS = dict(zip("髙﨑邉濵桒槗栁靑羣峯嶌嶋", "高崎邊濱桑橋柳青群峰島島", strict=True))


def _joined(*columns: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    rows = (" ".join(part for part in row if part is not None) or None for row in zip(*columns, strict=True))
    return np.fromiter(rows, dtype=object, count=len(columns[0]))


def _initials(table: Table) -> Ints:
    """A code for each record's two initials, in either order; -1 without a name. Counts persons without counting their typos.

    Of a name that is not split, a company's, the first letter must do: what follows is often left out.
    """
    first = np.array([*(ord(str(word)[0]) for word in table.words["name"]), 0], dtype=np.int64)
    given, family = first[table.column("given")], first[table.column("family")]
    low, high = np.minimum(given, family), np.maximum(given, family)
    whole = np.array([*(ord(str(word)[0]) for word in table.words["whole"]), 0], dtype=np.int64)[table.column("whole")]
    high = np.where(high > 0, high, whole)
    return np.where(high > 0, low * 0x110000 + high, -1)


def _items(values: pd.Series) -> list[Sequence[str]]:
    return [_items_of(value) for value in values]


def _items_of(value: Any) -> Sequence[str]:
    return () if value is None or value is pd.NA or isinstance(value, float) else value


def _sets(
    values: pd.Series, initials: Ints, nobodys: Nobodys, name: str, frequencies: Frequencies | None
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.object_], Sets]:
    lists = _items(values)
    lengths = np.fromiter((len(items) for items in lists), dtype=np.int64, count=len(lists))
    record = np.repeat(np.arange(len(lists)), lengths)
    flat: Iterable[str] = (item for items in lists for item in items)
    held, words = pd.factorize(np.fromiter(flat, dtype=object, count=int(lengths.sum())), use_na_sentinel=True)
    keep = held >= 0
    record, held = record[keep], held[keep]
    order = np.lexsort((held, record))
    record, held = record[order], held[order]
    fresh = np.r_[True, (record[1:] != record[:-1]) | (held[1:] != held[:-1])] if len(record) else np.zeros(0, dtype=bool)
    record, held = record[fresh], held[fresh]
    if frequencies is None:
        counted = Counted(_persons(record, held, len(words), initials), np.bincount(held, minlength=len(words)))
    else:
        counted = frequencies.of(name, hash_words(np.asarray(words, dtype=object)))
    left_out = nobodys_are(counted, nobodys)[held]
    nobody = record[left_out], held[left_out]
    record, held = record[~left_out], held[~left_out]
    sizes = np.bincount(record, minlength=len(lists))
    begin = np.r_[0, np.cumsum(sizes)]
    codes = np.full(len(lists), -1, dtype=np.int32)
    alone = sizes == 1  # most sets hold one item, which then is their name
    codes[alone], single = pd.factorize(held[begin[:-1][alone]])
    distinct: dict[tuple[int, ...], int] = {}
    for row in np.flatnonzero(sizes > 1):
        codes[row] = len(single) + distinct.setdefault(tuple(held[begin[row] : begin[row + 1]].tolist()), len(distinct))
    lengths = np.r_[np.ones(len(single), dtype=np.int64), [len(key) for key in distinct]]
    start = np.r_[0, np.cumsum(lengths)].astype(np.int64)
    items = np.r_[single, [item for key in distinct for item in key]].astype(np.int64)
    return codes, np.asarray(words, dtype=object), Sets(start, items, record, held, nobody, counted)


def _persons(record: Ints, held: Ints, size: int, initials: Ints) -> Ints:
    """How many different persons hold each value, told apart by their initials."""
    known = (initials[record] >= 0) & (held >= 0)
    pairs = pd.DataFrame({"held": held[known], "initials": initials[record[known]]}).drop_duplicates()
    return np.bincount(pairs["held"], minlength=size)


def nobodys_are(counted: Counted, nobodys: Nobodys) -> npt.NDArray[np.bool_]:
    """Which items so many people carry that they are nobody's."""
    return np.asarray((counted.persons >= nobodys.persons) & (counted.persons >= nobodys.share * counted.records))


def _account(table: Table) -> None:
    """What names an account: the local part of an e-mail, a handle without its platform; letters and digits only."""
    names = {
        "email": np.array([squash(str(word).split("@")[0].lower()) for word in table.words["email"]], dtype=object),
        "handle": np.array([squash(str(word).split(":", 1)[-1].lower()) for word in table.words["handle"]], dtype=object),
    }
    found = (
        np.concatenate([names["email"], names["handle"]]) if len(names["email"]) + len(names["handle"]) else np.zeros(0, object)
    )
    codes, words = pd.factorize(found, use_na_sentinel=True)
    table.words["account"] = np.asarray(words, dtype=object)
    table.account = {"email": codes[: len(names["email"])], "handle": codes[len(names["email"]) :]}


def _count(table: Table, frequencies: Frequencies | None) -> None:
    """How many persons hold each value, before anyone knows who is who."""
    everyone = table.codes[["given", "family"]]
    # records of one name, on average; rounded, for a model keeps it and its version must survive the keeping
    table.repeats = round(len(table) / max(len(everyone.drop_duplicates()), 1), 6)
    for name, apart in APART.items():
        table.counted[name] = _counted(table, name, apart, frequencies)
        persons, records = table.counted[name].spread(table.repeats), table.counted[name].records
        table.buckets[name] = bucket(persons)
        table.persons[name] = int(np.maximum(persons[records > 0], 1).sum())
    for name in SET_COLUMNS:
        table.counted[name] = table.sets[name].counted
        table.buckets[name] = bucket(table.counted[name].persons)
    table.counted["home"] = _counted(table, "home", "initials", frequencies)
    table.buckets["home"] = bucket(table.counted["home"].persons)


def _counted(table: Table, name: str, apart: str, frequencies: Frequencies | None) -> Counted:
    if frequencies is not None:
        return frequencies.of(name, hashes(table, vocabulary(name)))
    codes, size = table.column(name), len(table.words[vocabulary(name)])
    beside = table.initials if apart == "initials" else table.column(apart)
    return Counted(_persons(np.arange(len(table)), codes, size, beside), np.bincount(codes[codes >= 0], minlength=size))


def vocabulary(column: str) -> str:
    """Which words a column's codes stand for; the three kinds of name share theirs."""
    return "name" if column in ("given", "family", "nickname") else column


def hashes(table: Table, name: str) -> npt.NDArray[np.uint64]:
    """A hash of each word of a vocabulary, the same whatever its code."""
    kept = table.read.setdefault("hashes", {})
    if name not in kept:
        kept[name] = hash_words(table.words[name])
    found: npt.NDArray[np.uint64] = kept[name]
    return found


def hash_words(words: npt.NDArray[np.object_]) -> npt.NDArray[np.uint64]:
    """A hash of each word, the same in every table."""
    return np.asarray(pd.util.hash_array(words, categorize=False), dtype=np.uint64)
