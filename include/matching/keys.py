"""Blocking keys: what two records must share to be compared, as one 64-bit number per key and record.

Keys are made of the values themselves, not of the numbers the values happen to have in this table, so the same records give the
same keys in any order.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from include.matching.letters import ODD, Hashes, hashed, mixed, run_together
from include.matching.parts import LEAST_OF_ACCOUNT, Part, local_parts, tails
from include.matching.sounds import sound
from include.matching.table import Ints, Table, hashes, postcode_areas, run_on, vocabulary, within_runs

Texts = Callable[[pa.StringArray], pa.StringArray]
"""A function of each of many texts, without the lock that keeps Python to one thread; null where it has no value."""

Holdings = tuple[Ints, Hashes]
"""Records and, beside them, a key each holds."""


@dataclass(frozen=True)
class Column:
    """A part of which a record has one value or none: its hash, and whether it is there."""

    hashes: Hashes
    there: npt.NDArray[np.bool_]


def key_holdings(table: Table, parts: tuple[str, ...], held: Mapping[str, Holdings] | None = None) -> Holdings:
    """Every (record, key) of a rule: none of a record that lacks one part, several of one with several values of a part.

    Args:
        table: The records.
        parts: What the rule's key is made of.
        held: Holdings of single parts that are worked out already, of those that many rules share.
    """
    several = [(held or {}).get(part) or _HOLDINGS[part](table) for part in parts if part in _HOLDINGS]
    single = [_COLUMNS[part](table) for part in parts if part not in _HOLDINGS]
    there = np.logical_and.reduce([column.there for column in single]) if single else np.ones(len(table), dtype=bool)
    if several:
        record, key = several[0]
        for more in several[1:]:
            record, key = _crossed((record, key), more, len(table))
        if single:
            kept = np.flatnonzero(there[record])
            record, key = record[kept], key[kept]
    else:
        record = np.flatnonzero(there).astype(np.int32)
        key = single.pop(0).hashes[record]
    for column in single:
        key = _with(key, column.hashes[record])
    return record, key


def shared_holdings(table: Table, rules: Iterable[tuple[str, ...]]) -> dict[str, Holdings]:
    """Holdings of the parts with several values that several rules have in their keys."""
    used = Counter(part for parts in rules for part in parts if part in _HOLDINGS)
    return {part: _HOLDINGS[part](table) for part, times in used.items() if times > 1}


def _crossed(held: Holdings, other: Holdings, n: int) -> Holdings:
    """Each record's keys so far crossed with its values of one more part."""
    sizes = np.bincount(other[0], minlength=n)
    begin = np.r_[0, np.cumsum(sizes)]
    order = np.argsort(other[0], kind="stable")
    times = sizes[held[0]]
    record, key = np.repeat(held[0], times), np.repeat(held[1], times)
    at = within_runs(times) + np.repeat(begin[held[0]], times)
    return record, _with(key, other[1][order[at]])


def _with(key: Hashes, other: Hashes) -> Hashes:
    """One hash of two whose bits all count already, those of the first in their order."""
    with np.errstate(over="ignore"):
        return key * ODD + other


def _column(table: Table, name: str) -> Column:
    """A field as it stands."""
    return _looked_up(table.column(name), hashes(table, vocabulary(name)), None)


def _derived(table: Table, column: str, function: Texts) -> Column:
    """A function of a field's value; None has no key."""
    return _looked_up(table.column(column), *_of_words(table, vocabulary(column), function))


def _looked_up(codes: Ints, of_words: Hashes, there: npt.NDArray[np.bool_] | None) -> Column:
    known = codes >= 0
    return Column(np.append(of_words, np.uint64(0))[codes], known if there is None else known & np.append(there, False)[codes])


def _of_words(table: Table, name: str, function: Texts) -> tuple[Hashes, npt.NDArray[np.bool_]]:
    """Hash of a function of the words of a vocabulary and which have one, worked out once a table."""
    kept = table.read.setdefault("keys", {})
    if (name, function) not in kept:
        made = function(table.texts[name])
        kept[name, function] = hashed(made), made.is_valid().to_numpy(zero_copy_only=False)
    found: tuple[Hashes, npt.NDArray[np.bool_]] = kept[name, function]
    return found


def _items(table: Table, name: str) -> Holdings:
    held = table.sets[name]
    return held.record, hashes(table, name)[held.held]


def _any_email(table: Table) -> Holdings:
    """E-mails on record and those mentioned in what somebody wrote, so that a mention finds whose it is."""
    stated = _items(table, "email")
    return stated if table.is_empty("mention") else _either(stated, _items(table, "mention"))


def _of_items(table: Table, name: str, part: Callable[[Table], Part]) -> Holdings:
    held, (made, there) = table.sets[name], part(table)
    kept = there[held.held]
    return held.record[kept], made[held.held[kept]]


def _bag(table: Table) -> Column:
    """The letters of both names in any order."""
    bag = table.column("bag")
    return Column(mixed(bag.astype(np.uint64)), bag >= 0)


def _names(table: Table) -> Column:
    """Both names, in either order."""
    given, family = _column(table, "given"), _column(table, "family")
    with np.errstate(over="ignore"):
        return Column(given.hashes + family.hashes, given.there & family.there)


def _names_as_written(table: Table) -> Column:
    """Both names as they are written, of a record whose country spells them otherwise, or that has none to spell them by.

    Of any other record the names are the key already.
    """
    names = hashes(table, "name")
    given, family = (
        _looked_up(np.where(written >= 0, written, table.column(name)), names, None)
        for name, written in (("given", table.column("written_given")), ("family", table.column("written_family")))
    )
    apart = (table.column("written_given") >= 0) | (table.column("written_family") >= 0) | (table.column("country") < 0)
    with np.errstate(over="ignore"):
        return Column(given.hashes + family.hashes, given.there & family.there & apart)


def _either(*holdings: Holdings) -> Holdings:
    return np.concatenate([record for record, _ in holdings]), np.concatenate([key for _, key in holdings])


def _name_words(table: Table) -> Holdings:
    """Each word of either name, so that neither order nor a dropped second name hides a record."""
    lengths, begin, of_words = table.kept("name words", lambda: _words_of_names(table))
    found = []
    for column in ("given", "family"):
        name = table.column(column)
        record = np.flatnonzero(name >= 0)
        times = lengths[name[record]]
        at = within_runs(times) + np.repeat(begin[name[record]], times)
        found.append((np.repeat(record, times).astype(np.int32), of_words[at]))
    return _either(*found)


def _words_of_names(table: Table) -> tuple[Ints, Ints, Hashes]:
    """How many words each name has, where their hashes begin, and the hashes: of most names the one of the name itself."""
    names, of_names = table.texts["name"], hashes(table, "name")
    several = np.flatnonzero(pc.match_substring(names, " ").to_numpy(zero_copy_only=False))
    words = pc.split_pattern(names.take(pa.array(several)), " ")
    lengths, begin = np.ones(len(names), dtype=np.int64), np.arange(len(names))
    lengths[several] = pc.list_value_length(words).to_numpy()
    begin[several] = len(names) + np.cumsum(lengths[several]) - lengths[several]
    return lengths, begin, np.r_[of_names, hashed(words.flatten())]


def _whole_words(table: Table, words: int) -> Holdings:
    """Each word of a name that is not split, a company's, or each two of the first ones; of a person ``name`` has them.

    Whether a word tells much is left to the cap: a legal form stands in too many names to bring any together.
    """
    whole = table.column("whole")
    record = np.flatnonzero((whole >= 0) & (table.column("given") < 0) & (table.column("family") < 0)).astype(np.int32)
    codes, place = np.unique(whole[record], return_inverse=True)
    held = [sorted({*table.words["whole"][code].split()[:_FIRST_WORDS]}) for code in codes]
    made = [[" ".join(some) for some in combinations(one, words)] for one in held]
    lengths = np.fromiter(map(len, made), dtype=np.int64, count=len(made))
    of_words = hashed(pa.array([word for one in made for word in one], pa.string()))
    begin, times = np.cumsum(lengths) - lengths, lengths[place]
    at = within_runs(times) + np.repeat(begin[place], times)
    return np.repeat(record, times), of_words[at]


_FIRST_WORDS = 5


def _of_names(function: Texts) -> Callable[[Table], Holdings]:
    """A function of either name."""

    def made(table: Table) -> Holdings:
        columns = [_derived(table, column, function) for column in ("given", "family")]
        return _either(*((np.flatnonzero(c.there).astype(np.int32), c.hashes[c.there]) for c in columns))

    return made


def _account(table: Table) -> Holdings:
    """Account names (of five letters or more, without trailing digits) beside both names run together in either order."""
    made = []
    stems = pc.utf8_rtrim(table.texts["account"], "0123456789")
    of_stems = run_together(stems)[0]
    there = np.append(pc.utf8_length(stems).to_numpy() >= LEAST_OF_ACCOUNT, False)
    for name in ("email", "handle"):
        held = table.sets[name]
        account = table.account[name][held.held]
        kept = there[account]
        made.append((held.record[kept], of_stems[account[kept]]))
    given, family = table.column("given"), table.column("family")
    record = np.flatnonzero((given >= 0) & (family >= 0)).astype(np.int32)
    of_names, shift = run_together(run_on(table.texts["name"]))
    given, family = given[record], family[record]
    with np.errstate(over="ignore"):
        made.append((record, of_names[given] * shift[family] + of_names[family]))
        made.append((record, of_names[family] * shift[given] + of_names[given]))
    held_by, key = _either(*made)
    return held_by, mixed(key)


def _year(date: str) -> str | None:
    return date[:4] if date[:4].isdigit() else None


def _day(date: str) -> str | None:
    """Month and day, also of a birthday without a year."""
    found = _DATE.fullmatch(date)
    return found["day"] if found else None


def _swapped(date: str) -> str | None:
    """The same key for 1990-05-03 and 1990-03-05."""
    found = _DATE.fullmatch(date)
    if not found or found["year"] == "-":
        return None
    return found["year"] + "".join(sorted(found["day"].split("-")))


_DATE = re.compile(r"(?P<year>\d{4}|-)-(?P<day>\d\d-\d\d)")
"""A full date, or a birthday without its year."""


def _each(function: Callable[[str], str | None]) -> Texts:
    """A function of one text asked for each: of dates and postcodes there are few."""
    return lambda words: pa.array([function(word) for word in words.to_pylist()], pa.string())


def _first(names: pa.StringArray) -> pa.StringArray:
    return pc.utf8_slice_codeunits(names, 0, 1)


def _start(names: pa.StringArray) -> pa.StringArray:
    return pc.utf8_slice_codeunits(names, 0, 3)


_COLUMNS: dict[str, Callable[[Table], Column]] = {
    **{
        name: partial(_column, name=name)
        for name in ("given", "family", "birth_date", "postcode", "city", "street", "house_number", "country")
    },
    "whole_name": _bag,
    "names": _names,
    "names_as_written": _names_as_written,
    "given_initial": partial(_derived, column="given", function=_first),
    "family_initial": partial(_derived, column="family", function=_first),
    "postcode_area": partial(_derived, column="postcode", function=postcode_areas),
    "birth_year": partial(_derived, column="birth_date", function=_each(_year)),
    "birth_day": partial(_derived, column="birth_date", function=_each(_day)),
    "birth_swapped": partial(_derived, column="birth_date", function=_each(_swapped)),
}
"""Parts of which a record has one value or none."""

_HOLDINGS: dict[str, Callable[[Table], Holdings]] = {
    **{name: partial(_items, name=name) for name in ("email", "phone", "handle", "loyalty_id", "external_id")},
    "any_email": _any_email,
    "name": _name_words,
    "whole_word": partial(_whole_words, words=1),
    "whole_words": partial(_whole_words, words=2),
    "account": _account,
    "email_local": partial(_of_items, name="email", part=local_parts),
    "phone_tail": partial(_of_items, name="phone", part=partial(tails, digits=7)),
    "name_start": _of_names(_start),
    "name_sound": _of_names(sound),
}
"""Parts of which a record may have several values (``include.matching.spec.SET_PARTS``)."""
