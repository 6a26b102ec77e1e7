"""The snapshot as integer codes: each value is read once, and every later step compares numbers.

Blocking, comparing and counting all work on these codes; only the few ladders that need spelling go back to the words, over
unique pairs of them. No figure depends on the order of the rows: codes are used for equality only.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, partial
from itertools import chain
from pathlib import Path
from threading import RLock
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from include.matching.columns import Column, Columns, Items, encoded, looked_up
from include.matching.frequencies import Counted, Frequencies, bucket
from include.matching.letters import ODD, Hashes, bags, first_letters, hashed, mixed, run_together
from include.matching.spec import ModelSpec, Nobodys
from include.matching.texts import objects

Ints = npt.NDArray[np.integer[Any]]

Each = Callable[..., Iterable[Any]]
"""``map``, or one that works side by side."""

TEXT_COLUMNS = (
    "given", "family", "nickname", "written_given", "written_family", "native_given", "native_family", "whole", "bag",
    "birth_date", "suffix", "gender", "country", "postcode", "city", "street", "house_number", "home", "region",
)  # fmt: skip
MATCHED_COLUMNS = (
    "record_id", "flags", "region", "given_key", "family_key", "given_name", "family_name", "nickname", "full_name",
    "company_name", "name_suffix", "birth_date", "gender", "country", "postcode", "city", "street_key", "house_number",
    "email_keys", "phones", "handles", "loyalty_ids", "external_ids", "mentioned_email_keys",
)  # fmt: skip
"""Columns of a snapshot that matching reads: who loads it for that alone can leave out the others."""

SET_COLUMNS = ("email", "phone", "handle", "loyalty_id", "external_id", "mention")
_ITEMS = ("email_keys", "phones", "handles", "loyalty_ids", "external_ids", "mentioned_email_keys")
NAMES = ("given", "family", "nickname", "written_given", "written_family")
"""Columns of names: one vocabulary, so that they can be compared across fields."""

_AT_A_TIME = 2
"""Columns read at a time."""
_FEW = 1_000
"""Rows of which a column is read sooner than a thread is begun."""

_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_LATIN = re.compile(r"[\u0000-\u036f\u1e00-\u1eff\u2000-\u206f]+")
_NOT_WORD = re.compile(r"[^\w]+")
_FOLDED = "^[a-z0-9]+( [a-z0-9]+)*$"
_SQUASHED = "^[a-z0-9]+$"
_ANYTHING = ""
_ASCII = "^[[:ascii:]]*$"
_NO_SIGN = re.compile(r"[\W_]+")
_APOSTROPHE = re.compile(r"['`]")
_READING = RLock()

SCORED = "ranks of edges"
"""What a table keeps of the edges last scored from it: a weak reference, the ranks of their first and of their second records."""

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


class Later(dict[str, Any]):
    """What is asked for by few is worked out when it is asked for; ``later`` holds what makes it."""

    def __init__(self) -> None:
        super().__init__()
        self.later: dict[str, Callable[[], Any]] = {}

    def __missing__(self, name: str) -> Any:
        if name not in self.later:
            raise KeyError(name)
        self[name] = found = self.later[name]()
        return found


class Words(dict[str, npt.NDArray[np.object_]]):
    """Vocabularies as Python has them, each written down when it is first asked for."""

    def __init__(self, texts: Later) -> None:
        super().__init__()
        self.texts = texts

    def __missing__(self, name: str) -> npt.NDArray[np.object_]:
        self[name] = found = objects(self.texts[name])
        return found


@dataclass
class Table:
    """A snapshot in codes.

    Attributes:
        ids: Record ids, row by row.
        codes: One int32 column a field, -1 where it is missing; the code of a set column names a distinct set.
        texts: The values behind the codes (for a set column: behind its item codes); none of ``home``, whose codes are made of
            its parts, and of ``bag``, where 31 bits of a hash stand in place of a code.
        sets: The set columns.
        buckets: log2 bucket of how many persons hold each value (of a set: each item).
        persons: About how many persons the values of a counted column are spread over.
        counted: Who holds each value, before ``repeats`` is heeded.
        repeats: Records a person has, about: at least ``counted.records / repeats`` persons hold a name or a date.
        initials: A number for each record's two initials, -1 without a name.
        account: For each e-mail and each handle, the code of the account name in it (``texts["account"]``).
        read: What the comparisons worked out of the words, kept so that it is worked out once.
        readings: The lock of whoever works each of it out.
    """

    ids: pa.StringArray
    codes: pd.DataFrame
    texts: Later
    sets: dict[str, Sets]
    buckets: dict[str, Ints] = field(default_factory=dict)
    persons: dict[str, int] = field(default_factory=dict)
    counted: dict[str, Counted] = field(default_factory=dict)
    repeats: float = 1.0
    initials: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    account: Later = field(default_factory=Later)
    read: dict[str, Any] = field(default_factory=dict)
    readings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.words = Words(self.texts)

    def __len__(self) -> int:
        return len(self.codes)

    def kept(self, name: str, make: Callable[[], Kept]) -> Kept:
        """What was worked out under a name, worked out now if it was not yet; once, however many threads ask."""
        if name in self.read:
            kept: Kept = self.read[name]
            return kept
        with _READING:
            reading = self.readings.setdefault(name, RLock())  # two threads may work out two things
        with reading:
            if name not in self.read:
                self.read[name] = make()
            found: Kept = self.read[name]
            return found

    @property
    def record_id(self) -> npt.NDArray[np.object_]:
        """Record ids as Python has them."""
        return self.kept("ids", lambda: objects(self.ids))

    def column(self, name: str) -> npt.NDArray[np.int32]:
        """The codes of one field."""
        return self.codes[name].to_numpy()

    def is_empty(self, name: str) -> bool:
        """Whether no record has the field."""
        return self.kept(f"no {name}", lambda: not (self.column(name) >= 0).any())

    def by_id(self) -> Ints:
        """Rows in the order of their record ids, which no order of the snapshot changes."""

        def read() -> Ints:
            if pc.all(pc.less(self.ids[:-1], self.ids[1:]), min_count=0).as_py():  # as a warehouse hands them over
                return np.arange(len(self))
            return np.argsort(self.record_id, kind="stable")

        return self.kept("by id", read)

    def ranks(self) -> Ints:
        """Place of each row in the order of the record ids."""

        def read() -> Ints:
            rank = np.empty(len(self), dtype=np.int32)
            rank[self.by_id()] = np.arange(len(self), dtype=np.int32)
            return rank

        return self.kept("ranks", read)


def encode(snapshot: pd.DataFrame | pa.Table | Table, spec: ModelSpec, frequencies: Frequencies | None = None) -> Table:
    """Read a snapshot into codes; an absent canonical column counts as all null, and so does what only echoes other evidence.

    A table is handed back as it is: who runs several steps encodes once, passes the table on and may let go of the snapshot.

    Args:
        snapshot: All records, or some of them with the ``frequencies`` of all; as an Arrow table they are read fastest.
        spec: The declared model.
        frequencies: How common values are among all records; None: the snapshot is all.
    """
    if isinstance(snapshot, Table):
        return snapshot
    columns = Columns(snapshot, spec.echoes)
    with _mapping(columns.rows) as each:
        return _encoded(columns, spec, frequencies, each)


def _encoded(columns: Columns, spec: ModelSpec, frequencies: Frequencies | None, each: Each) -> Table:
    read = each(partial(_read, columns), dict.fromkeys(reading.column for reading in _READ.values()))
    items = each(columns.items, _ITEMS)
    fields = _fields(columns, read)
    place, names = encoded(pa.concat_arrays([fields[name].texts for name in NAMES]))  # while the sets are read
    places = np.split(place, np.cumsum([len(fields[name].texts) for name in NAMES])[:-1])
    sets = dict(zip(SET_COLUMNS, items, strict=True))
    sets["mention"] = _others(sets["mention"], sets["email"])
    codes = dict(zip(NAMES, each(looked_up, places, [fields.pop(name).codes for name in NAMES]), strict=True))
    texts = Later()
    texts["name"] = names
    texts.update((name, column.texts) for name, column in fields.items())
    codes.update((name, column.codes) for name, column in fields.items())
    unsplit = _unsplit(columns, (codes["given"] < 0) & (codes["family"] < 0))
    ways = (
        partial(_whole, codes, texts, unsplit),
        partial(_home, codes, texts),
        partial(_as_written, codes, names),
        partial(_bag, codes, names, unsplit),
        partial(_initials, codes, names, unsplit),
        partial(columns.strings, "record_id"),
    )
    whole, home, _, _, initials, ids = each(lambda make: make(), ways)
    known = {"whole": whole, "home": home}
    in_order = pd.DataFrame({name: codes[name] for name in TEXT_COLUMNS}, copy=False)
    table = Table(ids, in_order, texts, {}, initials=initials, read={"hashes": known})
    del codes, fields
    table.texts.update((name, items.texts) for name, items in sets.items())

    def told_apart(name: str) -> tuple[npt.NDArray[np.int32], Sets]:
        found = None if frequencies is None else frequencies.of(name, hashes(table, name))
        return _sets(sets.pop(name), table.initials, spec.nobodys, found)

    for name, (of_record, held) in zip(SET_COLUMNS, each(told_apart, SET_COLUMNS), strict=True):
        table.codes[name], table.sets[name] = of_record, held
    _account(table)
    _count(table, frequencies, each)
    return table


def scaled(table: Table, repeats: float | None) -> Table:
    """The table with names and dates as common as ``repeats`` records a person make them; None: as its own records do."""
    if repeats is None or repeats == table.repeats:
        return table
    spread = {name: table.counted[name].spread(repeats) for name in APART}
    return replace(table, repeats=repeats, buckets={**table.buckets, **{name: bucket(held) for name, held in spread.items()}})


def fold(text: str) -> str | None:
    """Lower-case ASCII words of a text, one space between them, apostrophes closed up; None if nothing is left."""
    from anyascii import anyascii

    return _NOT_WORD.sub(" ", _APOSTROPHE.sub("", anyascii(text).lower())).strip() or None


def squash(text: str) -> str | None:
    """A text without anything but letters and digits."""
    undotted = text.replace(".", "")  # in a mailbox name mostly all there is to take out
    return undotted if undotted.isalnum() else _NO_SIGN.sub("", text) or None


def run_on(words: pa.StringArray) -> pa.StringArray:
    """Words without the blanks in them."""
    return pc.replace_substring(words, " ", "")


def postcode_areas(postcodes: pa.StringArray) -> pa.StringArray:
    """The first half of each postcode, which in most countries is the district."""
    half, areas = (pc.utf8_length(postcodes).to_numpy() + 1) // 2, postcodes
    for length in np.unique(half):
        areas = pc.if_else(pa.array(half == length), pc.utf8_slice_codeunits(postcodes, 0, int(length)), areas)
    return areas


def within_runs(lengths: Ints) -> Ints:
    """0, 1, ... of each of several runs of these lengths, one run after another."""
    starts = np.cumsum(lengths, dtype=np.int64) - lengths
    return np.arange(int(lengths.sum()), dtype=np.int64) - np.repeat(starts, lengths)


@contextmanager
def _mapping(rows: int) -> Iterator[Each]:
    """How columns are read: two at a time, Arrow reading without the lock that keeps Python to one thread; a few rows in turn."""
    if rows < _FEW:
        yield map
    else:
        with ThreadPoolExecutor(_AT_A_TIME) as threads:
            yield threads.map


def _read(columns: Columns, column: str) -> list[tuple[str, Column]]:
    """The fields that stand in one column of the snapshot as they are, or nearly."""
    held = columns.texts(column)
    fields = ((name, reading) for name, reading in _READ.items() if reading.column == column)
    return [(name, held.mapped(reading.function, reading.alone, kept=reading.kept)) for name, reading in fields]


def _fields(columns: Columns, found: Iterable[list[tuple[str, Column]]]) -> dict[str, Column]:
    """All of them, of every column; a name without a key is read as it is written."""
    read = dict(chain.from_iterable(found))
    if (missing := (read["given"].codes < 0) & (read["family"].codes < 0)).any():
        for name in ("given", "family"):
            read[name] = read[name].filled(columns.texts(f"{name}_name").mapped(fold, _FOLDED), missing)
    return read


def _as_written(codes: dict[str, npt.NDArray[np.int32]], names: pa.StringArray) -> None:
    """Leaves of the names as written only those that differ from their key: a key is spelled as its country reads names."""
    bare = np.append(encoded(run_on(names))[0], np.int32(-1))
    for name in ("given", "family"):
        written = codes[f"written_{name}"]
        if (written >= 0).any():
            codes[f"written_{name}"] = np.where(bare[written] == bare[codes[name]], np.int32(-1), written)


def _unsplit(columns: Columns, rows: npt.NDArray[np.bool_]) -> Column:
    """What a record without names of its own goes by: its full name, or as a company, if by no other name."""
    if not rows.any():
        return Column.nothing(len(rows))
    full, company = (columns.texts(name, rows).mapped(fold, _FOLDED) for name in ("full_name", "company_name"))
    return full.filled(company, rows & (full.codes < 0))


def _whole(codes: dict[str, npt.NDArray[np.int32]], texts: Later, unsplit: Column) -> Hashes:
    """Adds ``whole``, both names in one; returns hashes of its values.

    Nearly every record has a whole name of its own, so it is told apart by numbers, and written down only if somebody asks.
    """
    given, family, own = codes["given"], codes["family"], unsplit.codes
    names, shift = run_together(texts["name"])
    (blank,), (by_blank,) = run_together(pa.array([" "]))
    with np.errstate(over="ignore"):
        first, last = np.append(names, np.uint64(0))[given], np.append(names, np.uint64(0))[family]
        by_last = np.append(shift, np.uint64(1))[family]
        whole = np.where((given >= 0) & (family >= 0), (first * by_blank + blank) * by_last + last, first + last)
        whole = whole + np.append(run_together(unsplit.texts)[0], np.uint64(0))[own]
    codes["whole"], found = _numbered(whole, _nameless(codes, unsplit))

    def written() -> pa.StringArray:
        at = _first_rows(codes["whole"], len(found))
        known, others = [*texts["name"].to_pylist(), None], [*unsplit.texts.to_pylist(), None]
        parts = zip(given[at], family[at], own[at], strict=True)
        return pa.array([others[o] or " ".join(filter(None, (known[g], known[f]))) for g, f, o in parts], pa.string())

    texts.later["whole"] = written
    return mixed(found)


def _bag(codes: dict[str, npt.NDArray[np.int32]], names: pa.StringArray, unsplit: Column) -> None:
    """Adds ``bag``, the letters of both names in any order, as 31 bits of a hash: all that is asked of it is being the same."""
    of_names, others = (np.append(bags(texts), np.uint64(0)) for texts in (names, unsplit.texts))
    with np.errstate(over="ignore"):
        bag = of_names[codes["given"]] + of_names[codes["family"]] + others[unsplit.codes]
    codes["bag"] = np.where(_nameless(codes, unsplit), np.int32(-1), (bag >> np.uint64(33)).astype(np.int32))


def _nameless(codes: dict[str, npt.NDArray[np.int32]], unsplit: Column) -> npt.NDArray[np.bool_]:
    missing: npt.NDArray[np.bool_] = (codes["given"] < 0) & (codes["family"] < 0) & (unsplit.codes < 0)
    return missing


def _home(codes: dict[str, npt.NDArray[np.int32]], texts: Later) -> Hashes:
    """Adds ``home``, number and street in their postcode or, where that is missing, their town; returns hashes of the values."""
    number, street, postcode, city = (codes[name] for name in ("house_number", "street", "postcode", "city"))
    town = np.where(postcode >= 0, np.int32(-1), city)  # a home is the same whatever town its postcode is said to be in
    parts = (("house_number", number), ("street", street), ("postcode", postcode), ("city", town))
    home = np.zeros(len(number), dtype=np.uint64)
    with np.errstate(over="ignore"):
        for name, code in parts:
            home = home * ODD + np.append(hashed(texts[name]), np.uint64(0))[code]
    codes["home"], found = _numbered(mixed(home), (number < 0) | (street < 0))
    return np.asarray(found, dtype=np.uint64)


def _numbered(
    values: npt.NDArray[Any], missing: npt.NDArray[np.bool_] | None = None
) -> tuple[npt.NDArray[np.int32], npt.NDArray[Any]]:
    """Codes of numbers, -1 where they are missing, and the numbers."""
    if missing is None or not missing.any():
        place, found = pd.factorize(values)
        return place.astype(np.int32), found
    codes = np.full(len(values), -1, dtype=np.int32)
    codes[~missing], found = pd.factorize(values[~missing])
    return codes, found


def _first_rows(codes: Ints, size: int) -> Ints:
    """The first row of each code."""
    at = np.empty(size, dtype=np.int64)
    rows = np.flatnonzero(codes >= 0)[::-1]
    at[codes[rows]] = rows
    return at


def _latin(text: str) -> str | None:
    """A name in Latin letters as it is written, whatever its country reads in it; None in another script."""
    return fold(text) if _LATIN.fullmatch(unicodedata.normalize("NFD", text)) else None


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


def _lowered(text: str) -> str | None:
    return squash(text.lower())


class Reading(NamedTuple):
    """How a field is read.

    Attributes:
        column: The canonical column it is read from.
        function: What is made of a value.
        alone: A regular expression of values that need not be asked for.
        kept: Whether those are kept as they are, or nothing is made of them.
    """

    column: str
    function: Callable[[str], str | None]
    alone: str
    kept: bool = True


_READ = {
    "given": Reading("given_key", fold, _FOLDED),
    "family": Reading("family_key", fold, _FOLDED),
    "nickname": Reading("nickname", fold, _FOLDED),
    "written_given": Reading("given_name", _latin, _FOLDED),
    "written_family": Reading("family_name", _latin, _FOLDED),
    "native_given": Reading("given_name", _han, _ASCII, kept=False),
    "native_family": Reading("family_name", _han, _ASCII, kept=False),
    "birth_date": Reading("birth_date", str, _ANYTHING),
    "suffix": Reading("name_suffix", fold, _FOLDED),
    "gender": Reading("gender", str, _ANYTHING),
    "country": Reading("country", str, _ANYTHING),
    "postcode": Reading("postcode", _lowered, _SQUASHED),
    "city": Reading("city", fold, _FOLDED),
    "street": Reading("street_key", fold, _FOLDED),
    "house_number": Reading("house_number", _lowered, _SQUASHED),
    "region": Reading("region", str, _ANYTHING),
}
"""Field > how it is read."""


def _initials(codes: dict[str, npt.NDArray[np.int32]], names: pa.StringArray, unsplit: Column) -> Ints:
    """A code for each record's two initials, in either order; -1 without a name. Counts persons without counting their typos.

    Of a name that is not split, a company's, the first letter must do: what follows is often left out.
    """
    first = np.append(first_letters(names), 0)
    given, family = first[codes["given"]], first[codes["family"]]
    low, high = np.minimum(given, family), np.maximum(given, family)
    own = np.append(first_letters(unsplit.texts), 0)[unsplit.codes]
    high = np.where(high > 0, high, own)
    return np.where(high > 0, low * 0x110000 + high, -1)


def _sets(items: Items, initials: Ints, nobodys: Nobodys, counted: Counted | None) -> tuple[npt.NDArray[np.int32], Sets]:
    record, held, size, rows = items.record, items.codes, len(items.texts), len(initials)
    if np.bincount(record, minlength=rows).max(initial=0) > 1:
        packed = np.sort(record.astype(np.int64) * size + held)
        packed = packed[np.r_[True, packed[1:] != packed[:-1]]]
        record, held = (packed // size).astype(np.int32), (packed % size).astype(np.int32)
    if counted is None:
        counted = Counted(_persons(held, initials[record], size), np.bincount(held, minlength=size))
    left_out = nobodys_are(counted, nobodys)[held]
    nobody = record[left_out], held[left_out]
    if left_out.any():
        record, held = record[~left_out], held[~left_out]
    sizes = np.bincount(record, minlength=rows)
    codes = np.full(rows, -1, dtype=np.int32)
    alone = np.flatnonzero(sizes == 1)  # most sets hold one item, which then is their name
    begin = np.cumsum(sizes) - sizes
    single = np.zeros(size, dtype=bool)
    single[held[begin[alone]]] = True
    codes[alone] = (np.cumsum(single, dtype=np.int32) - 1)[held[begin[alone]]]
    several = np.flatnonzero(sizes > 1)
    distinct, at = _distinct_sets(held, begin[several], sizes[several])
    alone_items = np.flatnonzero(single)
    codes[several] = distinct + len(alone_items)
    lengths = np.r_[np.ones(len(alone_items), dtype=np.int64), sizes[several][at]]
    start = np.r_[0, np.cumsum(lengths)]
    more = np.repeat(begin[several][at], sizes[several][at]) + within_runs(sizes[several][at])
    items_of = np.r_[alone_items, held[more]].astype(np.int32)
    return codes, Sets(start, items_of, record, held, nobody, counted)


def _others(mentioned: Items, stated: Items) -> Items:
    """What records mention and do not state themselves: an address of their own in their own text is no news."""
    if not len(mentioned.codes) or not len(stated.codes):
        return mentioned
    place = pc.index_in(mentioned.texts, stated.texts).fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    size = len(stated.texts)
    own = np.isin(mentioned.record * size + place[mentioned.codes], stated.record.astype(np.int64) * size + stated.codes)
    own &= place[mentioned.codes] >= 0
    return Items(mentioned.record[~own], mentioned.codes[~own], mentioned.texts) if own.any() else mentioned


def _distinct_sets(held: Ints, begin: Ints, sizes: Ints) -> tuple[npt.NDArray[np.int32], Ints]:
    """A number for each set of several items, equal sets alike, and where each number first stands."""
    if not len(begin):
        return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int64)
    at = np.repeat(begin, sizes) + within_runs(sizes)
    with np.errstate(over="ignore"):
        sums = np.add.reduceat(mixed((held[at].astype(np.uint64) + np.uint64(1)) * ODD), np.cumsum(sizes) - sizes)
        place, found = _numbered(mixed(sums + sizes.astype(np.uint64)))
    return place, _first_rows(place, len(found))


def _persons(held: Ints, apart: Ints, size: int) -> Ints:
    """How many different persons hold each value, told apart by what stands beside it (-1: not known)."""
    known = (held >= 0) & (apart >= 0)
    if not known.all():
        held, apart = held[known], apart[known]
    holders = np.bincount(held, minlength=size)
    shared = np.flatnonzero(holders[held] > 1)  # who holds a value alone is one person
    held, apart = held[shared], apart[shared]
    if int(apart.max(initial=0)) >= 2**31:
        apart = pd.factorize(apart)[0]
    width = int(apart.max(initial=0)) + 1
    packed = np.sort(held.astype(np.int64) * width + apart)
    packed = packed[np.r_[True, packed[1:] != packed[:-1]][: len(packed)]]
    return np.where(holders > 1, np.bincount(packed // width, minlength=size), holders)


def nobodys_are(counted: Counted, nobodys: Nobodys) -> npt.NDArray[np.bool_]:
    """Which items so many people carry that they are nobody's."""
    most_of_them = (counted.persons >= nobodys.persons) & (counted.persons >= nobodys.share * counted.records)
    return np.asarray(most_of_them | (counted.persons >= nobodys.any_share))


def _account(table: Table) -> None:
    """What names an account: the local part of an e-mail, a handle without its platform; letters and digits only."""

    def emails_and_handles() -> tuple[Ints, pa.StringArray]:
        emails = pc.list_element(pc.split_pattern(table.texts["email"], "@", max_splits=1), 0)
        handles = pa.array([handle.split(":", 1)[-1] for handle in table.texts["handle"].to_pylist()], pa.string())
        return encoded(_squashed(pa.concat_arrays([emails, handles])))

    parts = Later()
    parts.later["both"] = emails_and_handles
    table.texts.later["account"] = lambda: parts["both"][1]
    table.account.later["email"] = lambda: parts["both"][0][: len(table.texts["email"])]
    table.account.later["handle"] = lambda: parts["both"][0][len(table.texts["email"]) :]


def _squashed(texts: pa.StringArray) -> pa.StringArray:
    """The letters and digits of texts in lower case, most of which have hardly anything else; None of one that has none."""
    undotted = pc.replace_substring(pc.ascii_lower(texts), ".", "")
    plain = pc.ascii_is_alnum(undotted)
    others = pa.array([_lowered(text) for text in texts.filter(pc.invert(plain)).to_pylist()], pa.string())
    return pc.replace_with_mask(undotted, pc.invert(plain), others)


def _count(table: Table, frequencies: Frequencies | None, each: Each) -> None:
    """How many persons hold each value, before anyone knows who is who."""
    kinds = {**APART, "home": "initials"}
    counts = [partial(_counted, table, name, apart, frequencies) for name, apart in kinds.items()]
    table.repeats, *counted = each(lambda count: count(), [partial(_records_of_one_name, table), *counts])
    table.counted.update(zip(kinds, counted, strict=True))
    for name in APART:
        persons, records = table.counted[name].spread(table.repeats), table.counted[name].records
        table.buckets[name] = bucket(persons)
        table.persons[name] = int(np.maximum(persons[records > 0], 1).sum())
    for name in SET_COLUMNS:
        table.counted[name] = table.sets[name].counted
        table.buckets[name] = bucket(table.counted[name].persons)
    table.buckets["home"] = bucket(table.counted["home"].persons)


def _records_of_one_name(table: Table) -> float:
    """How many there are on average; rounded, for a model keeps it and its version must survive the keeping."""
    given, family = table.column("given"), table.column("family")
    everyone = np.sort((given.astype(np.int64) + 1) * (len(table.texts["name"]) + 1) + family + 1)
    names = int(np.count_nonzero(everyone[1:] != everyone[:-1])) + 1
    return round(len(table) / names, 6)


def _counted(table: Table, name: str, apart: str, frequencies: Frequencies | None) -> Counted:
    if frequencies is not None:
        return frequencies.of(name, hashes(table, vocabulary(name)))
    codes = table.column(name)
    size = len(table.read["hashes"][name]) if name in table.read["hashes"] else len(table.texts[vocabulary(name)])
    beside = table.initials if apart == "initials" else table.column(apart)
    return Counted(_persons(codes, beside, size), np.bincount(codes[codes >= 0], minlength=size))


def vocabulary(column: str) -> str:
    """Which words a column's codes stand for; the three kinds of name share theirs."""
    return "name" if column in NAMES else column


def hashes(table: Table, name: str) -> npt.NDArray[np.uint64]:
    """A hash of each word of a vocabulary, the same whatever its code."""
    kept = table.read.setdefault("hashes", {})
    if name not in kept:
        kept[name] = hashed(table.texts[name])
    found: npt.NDArray[np.uint64] = kept[name]
    return found
