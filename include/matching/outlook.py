"""What two records can weigh at most, by what is cheap to see: most pairs blocking finds are let go before they are compared.

Of each field a pair's weight is bounded from above: values are equal by their codes, or their letters show that they may be
close, or they are sure to be different. A pair whose bounds together stay below the review band can be no edge, whatever a close
look would find. What is left is compared as ever, so edges are the same as if every pair had been compared.

A bound counts a match against two strangers only; households and namesakes take off a weight, they never add to it.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from include.matching import similarity
from include.matching.features import Phones, address_levels, areas_of, dates_of, holding_of, names_of, spelling_of
from include.matching.ladder import MOST_BUCKETS, Ladder
from include.matching.parts import Part, local_parts, tails
from include.matching.spec import LADDERS, ModelSpec
from include.matching.spelling import Bools, Holding, Spelling
from include.matching.table import Ints, Table
from include.matching.weights import Weights

Floats = npt.NDArray[np.float32]

_AT_ONCE = 1 << 16
"""Pairs looked at together: their columns fit a processor's cache."""

_THREADS = 2
"""Looks made ready at a time: most of it is reading large columns, without the lock that keeps Python to one thread."""

_SLACK = 0.01
"""Bounds are summed in single precision, and a stored weight is rounded."""


class Worth:
    """What the levels of one comparison weigh, a match against two strangers.

    Attributes:
        name: The comparison.
        by_code: By level code, buckets included.
        at: By position in the full ladder, the bucket that weighs most.
        most: The most any outcome weighs; nothing to compare weighs nought.
    """

    def __init__(self, name: str, spec: ModelSpec, weights: Weights) -> None:
        self.name, self.ladder = name, Ladder.of(spec.comparisons[name])
        chances = weights.chances[name]
        self.by_code = (np.array(chances["match"]) - np.array(chances["distinct"])).astype(np.float32)
        top = self.ladder.top
        by_level = np.append(self.by_code[:top], self.by_code[top:].max())
        self.at = by_level[self.ladder.code_of_level]
        self.most = max(float(self.by_code.max()), 0.0)

    def best(self, *levels: int) -> np.float32:
        """The most that any of these positions of the ladder weighs."""
        return np.float32(self.at[list(levels)].max())

    @property
    def equal(self) -> Floats:
        """Weight of agreement by the value's bucket."""
        return self.by_code[self.ladder.top :] if self.ladder.by_frequency else np.full(MOST_BUCKETS, self.at[0])


@dataclass(frozen=True)
class Pairs:
    """Pairs looked at together: the positions of both records, and what of ``_FIELDS`` both, or either of them, have."""

    a: Ints
    b: Ints
    both: npt.NDArray[np.uint16]
    either: npt.NDArray[np.uint16]

    def kept(self, at: npt.NDArray[np.intp]) -> "Pairs":
        """Some of them."""
        return Pairs(self.a[at], self.b[at], self.both[at], self.either[at])


Look = Callable[[Pairs], Floats]
"""Pairs to the most that some comparisons of them can weigh."""

_FIELDS = {
    "given": 1, "family": 2, "whole": 4, "loyalty_id": 8, "external_id": 16, "handle": 32, "suffix": 64, "email": 128,
    "phone": 256, "birth_date": 512, "street": 1024, "postcode": 2048, "city": 4096, "house_number": 8192,
}  # fmt: skip
_MANY_EMAILS, _MANY_PHONES = 16384, 32768
"""More than one of them."""


class Outlook:
    """Which pairs of an encoded snapshot are worth comparing, by trained weights."""

    def __init__(self, table: Table, spec: ModelSpec, weights: Weights) -> None:
        self.table = table
        self.worth = {comparison.compare: Worth(name, spec, weights) for name, comparison in spec.comparisons.items()}
        self.least = spec.thresholds.review - _SLACK
        self.prior = weights.prior["match"] - weights.prior["distinct"]
        self.has = np.zeros(len(table), dtype=np.uint16)
        for column, bit in _FIELDS.items():
            if not table.is_empty(column):
                self.has |= (table.column(column) >= 0).astype(np.uint16) * np.uint16(bit)
        for column, bit in (("email", _MANY_EMAILS), ("phone", _MANY_PHONES)):
            many = np.append(np.diff(table.sets[column].start) > 1, False)[table.column(column)]
            self.has |= many.astype(np.uint16) * np.uint16(bit)
        with ThreadPoolExecutor(_THREADS) as threads:
            self.looks = list(threads.map(lambda made: (made[0], made[1]()), self._looks()))

    def promising(self, a: Ints, b: Ints) -> npt.NDArray[np.int64]:
        """Places of the pairs that may reach the review band, ascending."""
        starts = range(0, len(a), _AT_ONCE)
        found = [self._promising(a[at : at + _AT_ONCE], b[at : at + _AT_ONCE]) + at for at in starts]
        return np.concatenate([np.zeros(0, dtype=np.int64), *found])

    def _promising(self, a: Ints, b: Ints) -> npt.NDArray[np.int64]:
        place, a, b = np.arange(len(a)), a.astype(np.intp), b.astype(np.intp)
        one, other = self.has[a], self.has[b]
        pairs = Pairs(a, b, one & other, one | other)
        bound = np.full(len(a), self.prior + sum(most for most, _ in self.looks), dtype=np.float32)
        for most, look in self.looks:
            bound += look(pairs)
            bound -= np.float32(most)
            keep = np.flatnonzero(bound >= self.least)
            if len(keep) < 0.9 * len(place):
                place, bound, pairs = place[keep], bound[keep], pairs.kept(keep)
        return place[bound >= self.least]

    def _looks(self) -> Iterator[tuple[float, Callable[[], Look]]]:
        """What each look can find at most, and what makes the look: first what few records have, for it promises most."""
        worth, table = self.worth, self.table
        seldom = ("whole_name", "accounts", "loyalty_ids", "external_ids", "name_suffix")
        rest = [worth[kind] for kind in seldom if kind in worth]
        if rest:
            yield sum(one.most for one in rest), lambda: _Presence(worth).look
        if "birth_date" in worth:
            yield worth["birth_date"].most, lambda: _Dates(table, worth["birth_date"]).look
        names = [worth[kind] for kind in ("given_name", "family_name") if kind in worth]
        if names and len(table.texts["name"]):
            yield sum(one.most for one in names), lambda: _Names(table, worth).look
        simple: dict[str, Callable[[Table, Worth], Any]] = {
            "address": _Addresses, "emails": _Emails, "phones": _Phones, "gender": partial(_Same, "gender"),
            "country": partial(_Same, "country"), "mentioned_emails": _Mentions, "account_names": _AccountNames,
        }  # fmt: skip
        if table.is_empty("mention"):
            del simple["mentioned_emails"]
        for kind, made in simple.items():
            if kind in worth:
                yield worth[kind].most, partial(_look, made, table, worth[kind])


def _look(made: Callable[[Table, Worth], Any], table: Table, worth: Worth) -> Look:
    look: Look = made(table, worth).look
    return look


def _rows(**columns: npt.NDArray[Any]) -> npt.NDArray[np.void]:
    """Columns of records side by side, so that a record's are fetched at one go: fetching is most of what looking costs."""
    rows = np.empty(len(next(iter(columns.values()))), dtype=[(name, column.dtype) for name, column in columns.items()])
    for name, column in columns.items():
        rows[name] = column
    return rows


class _Presence:
    """Comparisons that few records have values for: whether they can be made at all."""

    def __init__(self, worth: dict[str, Worth]) -> None:
        sets = np.arange(1 << 7)
        given, family, whole, loyalty, external, handle, suffix = (
            (sets & bit).astype(bool) for bit in list(_FIELDS.values())[:7]
        )

        def most(kind: str) -> float:
            return worth[kind].most if kind in worth else 0.0

        both = np.where(whole & ~given & ~family, most("whole_name"), 0.0)
        both += loyalty * most("loyalty_ids") + external * most("external_ids")
        self.both = both.astype(np.float32)
        self.either = (handle * most("accounts") + suffix * most("name_suffix")).astype(np.float32)

    def look(self, pairs: Pairs) -> Floats:
        return self.both.take(pairs.both & np.uint16(127)) + self.either.take(pairs.either & np.uint16(127))


class _Items:
    """Sets, mostly of one item: the same, perhaps near, or different; of several items nothing is said."""

    kind: str
    many: int

    def __init__(self, table: Table, worth: Worth) -> None:
        held, codes = table.sets[self.kind], table.column(self.kind)
        first = np.append(held.items, 0)[held.start[:-1]] if len(held.start) > 1 else np.zeros(0, dtype=np.int64)
        self.item = np.append(first, -1).astype(np.int32)[codes]
        stems, there = self.stems(table)
        stem = self.of_item(np.where(there, stems >> np.uint64(33), -1).astype(np.int32))
        self.rows = _rows(letters=self.of_item(spelling_of(table, self.kind).letters), item=self.item, stem=stem)
        self.buckets, self.equal = table.buckets[self.kind], worth.equal
        near = worth.best(*range(1, len(worth.at)))
        # by: near or not, both have one, one of them has several
        by_state = [0.0, 0.0, worth.at[-1], near, 0.0, 0.0, worth.most, worth.most]
        self.by_state = np.array(by_state, dtype=np.float32)

    def stems(self, table: Table) -> Part:
        """The part of each item that two may share though they differ."""
        raise NotImplementedError

    def of_item(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """A value of each item, record by record."""
        return _by_record(values, self.item)

    def look(self, pairs: Pairs) -> Floats:
        x, y = self.rows.take(pairs.a), self.rows.take(pairs.b)
        slip = np.bitwise_count(x["letters"] ^ y["letters"]) <= 2  # a letter out, one in
        near = self.slipped(x["item"], y["item"], slip) | (x["stem"] == y["stem"])
        state = near.view(np.uint8)
        state |= (pairs.both & np.uint16(_FIELDS[self.kind]) > 0).view(np.uint8) << np.uint8(1)
        state |= (pairs.either & np.uint16(self.many) > 0).view(np.uint8) << np.uint8(2)
        most: Floats = self.by_state.take(state)
        same = np.flatnonzero((x["item"] == y["item"]) & ((state & 6) == 2))
        most[same] = self.equal.take(self.buckets.take(x["item"][same]))
        return most

    def slipped(self, x: Ints, y: Ints, slip: Bools) -> Bools:  # noqa: ARG002
        """Which of the pairs of items that may be one slip apart by their letters may still be."""
        return slip


class _Emails(_Items):
    kind, many = "email", _MANY_EMAILS

    def stems(self, table: Table) -> Part:
        return local_parts(table)


class _Phones(_Items):
    kind, many = "phone", _MANY_PHONES

    def __init__(self, table: Table, worth: Worth) -> None:
        super().__init__(table, worth)
        self.first, self.last = (np.append(ends, ends[:1]) for ends in spelling_of(table, "phone").ends(Phones.shortest))

    def stems(self, table: Table) -> Part:
        return tails(table, Phones.shortest_tail)

    def slipped(self, x: Ints, y: Ints, slip: Bools) -> Bools:
        at = np.flatnonzero(slip & (x >= 0) & (y >= 0))
        x, y = x[at], y[at]
        slip[at] = (self.first[x] == self.first[y]) | (self.last[x] == self.last[y])
        return slip


class _Dates:
    """Full dates as eight digits of four bits each; of any other nothing is said."""

    def __init__(self, table: Table, worth: Worth) -> None:
        codes = table.column("birth_date")
        parts, _, full = dates_of(table)
        digits = np.zeros(len(full), dtype=np.uint32)
        for part, places in enumerate((4, 2, 2)):
            for place in reversed(range(places)):
                digits = (digits << np.uint32(4)) | (parts[part] // 10**place % 10).astype(np.uint32)
        digits[~full] = 0
        self.digits: npt.NDArray[np.uint32] = _by_record(digits, codes)
        self.codes, self.buckets, self.equal = codes, table.buckets["birth_date"], worth.equal
        self.most = np.float32(worth.most)
        level = LADDERS["birth_date"].index
        self.by_state = np.zeros(16, dtype=np.float32)
        for state in range(16):
            year, month, day, slip = (bool(state >> bit & 1) for bit in range(4))
            agree = year + month + day
            found = "two_parts" if agree == 2 else "year" if year else "one_part" if agree else "different"
            self.by_state[state] = worth.best(level(found), *[level("slip")] * slip)

    def look(self, pairs: Pairs) -> Floats:
        x, y = self.digits.take(pairs.a), self.digits.take(pairs.b)
        apart = x ^ y
        state = (apart < 0x10000).view(np.uint8)
        state |= ((apart & np.uint32(0xFF00)) == 0).view(np.uint8) << np.uint8(1)
        state |= ((apart & np.uint32(0xFF)) == 0).view(np.uint8) << np.uint8(2)
        state |= slip_of_digits(x, y).view(np.uint8) << np.uint8(3)
        most = self.by_state.take(state)
        same = np.flatnonzero((apart == 0) & (x != 0))
        most[same] = self.equal.take(self.buckets.take(self.codes.take(pairs.a[same])))
        irregular = np.flatnonzero((x == 0) | (y == 0))
        most[irregular] = (pairs.both[irregular] & np.uint16(_FIELDS["birth_date"]) > 0) * self.most
        return most


def slip_of_digits(x: npt.NDArray[np.uint32], y: npt.NDArray[np.uint32]) -> Bools:
    """Whether dates of eight digits differ in one, in two neighbours changed over, or in day and month changed over."""
    apart = x ^ y
    wrong = apart | apart >> np.uint32(1)
    wrong = (wrong | wrong >> np.uint32(2)) & np.uint32(0x11111111)
    count = np.bitwise_count(wrong)
    slip: Bools = count <= 1
    two = np.flatnonzero(count == 2)
    first = wrong[two] & (~wrong[two] + np.uint32(1))
    beside = wrong[two] == first * np.uint32(17)
    two, first = two[beside], first[beside]
    lower, upper = x[two] // first & np.uint32(15), x[two] // first >> np.uint32(4) & np.uint32(15)
    slip[two] = (y[two] // first & np.uint32(255)) == (lower << np.uint32(4) | upper)
    turned = (x & np.uint32(0xFF)) << np.uint32(8) | (x >> np.uint32(8) & np.uint32(0xFF))
    return np.asarray(slip | ((apart < 0x10000) & (turned == (y & np.uint32(0xFFFF)))))


class _Addresses:
    """Number, street, postcode and town: each absent, different, perhaps alike, or the same."""

    def __init__(self, table: Table, worth: Worth) -> None:
        spelling, codes = spelling_of(table, "postcode"), table.column("postcode")
        first, last = spelling.ends(4)
        ends = (first & np.uint64(0xFFFF)) << np.uint64(16) | (last & np.uint64(0xFFFF))
        written = {name: _letters(spelling_of(table, name), table.column(name)) for name in ("street", "city")}
        self.rows = _rows(
            digits=_by_record(spelling.letters, codes),
            ends=_by_record(ends.astype(np.uint32), codes),
            area=np.append(areas_of(table), -1).astype(np.int32)[codes],
            postcode=codes,
            number=table.column("house_number"),
            **{f"{name}_{part}": values for name, parts in written.items() for part, values in parts.items()},
        )
        self.bounds = _address_bounds(worth)

    def look(self, pairs: Pairs) -> Floats:
        a, b = self.rows.take(pairs.a), self.rows.take(pairs.b)
        ends = a["ends"] ^ b["ends"]
        near = (np.bitwise_count(a["digits"] ^ b["digits"]) <= 2) & ((ends < 0x10000) | (ends & 0xFFFF == 0))
        postcode = near.view(np.uint8)
        postcode |= (a["area"] == b["area"]).view(np.uint8) << np.uint8(1)
        postcode |= (a["postcode"] == b["postcode"]).view(np.uint8) << np.uint8(2)
        alike = _alike("street", a, b) | _alike("city", a, b) << np.uint8(1)
        alike |= (a["number"] == b["number"]).view(np.uint8) << np.uint8(2)
        known = (pairs.both >> np.uint16(10)).astype(np.uint16) & np.uint16(15)
        return np.asarray(self.bounds.take((known << np.uint16(6)) | (alike << np.uint8(3)) | postcode))


def _letters(spelling: Spelling, codes: Ints) -> dict[str, npt.NDArray[Any]]:
    """The letters of streets or towns, and how many at most may stand in one alone where the two are one spelled twice."""
    # Two slips, or a Jaro-Winkler similarity of 0.93, for which at most 0.35 of the longer word may differ.
    limit = np.clip(spelling.lengths * 7 // 20, 4, 64).astype(np.uint8)
    return {"letters": _by_record(spelling.letters, codes), "limit": _by_record(limit, codes)}


def _alike(name: str, a: npt.NDArray[np.void], b: npt.NDArray[np.void]) -> npt.NDArray[np.uint8]:
    """Whether streets or towns may be one spelled twice."""
    apart = np.bitwise_count(a[f"{name}_letters"] ^ b[f"{name}_letters"])
    return np.asarray((apart <= np.maximum(a[f"{name}_limit"], b[f"{name}_limit"])).view(np.uint8))


def _by_record(values: npt.NDArray[Any], codes: Ints) -> npt.NDArray[Any]:
    """A value of each code, record by record; nought where there is none."""
    return np.append(values, values.dtype.type(0))[codes]


def _address_bounds(worth: Worth) -> Floats:
    """The most an address can weigh by the states of ``_Addresses.look``: whatever is uncertain is tried both ways."""
    bounds = np.zeros(16 << 6, dtype=np.float32)
    for index in range(len(bounds)):
        slip, area, same, street, city, number, has_street, has_postcode, has_city, has_number = (
            bool(index >> bit & 1) for bit in range(10)
        )
        if not (has_street or has_postcode or has_city):
            continue
        same, area, slip = same and has_postcode, area and has_postcode, slip and has_postcode
        streets = (False, True) if street and has_street else (False,)
        cities = (False, True) if city and has_city else (False,)
        areas = (True,) if area or same else (False, True) if slip else (False,)
        tried = np.array(list(product((number and has_number,), (same,), streets, areas, cities)), dtype=bool)
        levels = address_levels(*tried.T, nowhere=np.full(len(tried), not (has_postcode or has_city)))
        bounds[index] = worth.best(*levels.tolist())
    return bounds


class _Same:
    """Two values, equal or not."""

    def __init__(self, column: str, table: Table, worth: Worth) -> None:
        self.codes = table.column(column)
        self.same, self.different = worth.best(0), worth.at[-1]

    def look(self, pairs: Pairs) -> Floats:
        x, y = self.codes.take(pairs.a), self.codes.take(pairs.b)
        return np.where((x < 0) | (y < 0), np.float32(0), np.where(x == y, self.same, self.different))


class _Mentions:
    """E-mails in free text, which few records have: whether one may be the other's at all."""

    def __init__(self, table: Table, worth: Worth) -> None:
        self.mentions, self.most = table.column("mention") >= 0, np.float32(worth.most)

    def look(self, pairs: Pairs) -> Floats:
        return (self.mentions.take(pairs.a) | self.mentions.take(pairs.b)) * self.most


class _Names:
    """Given and family name in both orders, by their letters, their lengths and the tables of short forms.

    Names of several words and initials may share a word or a letter with any other: of them the letters say nothing.
    """

    def __init__(self, table: Table, worth: dict[str, Worth]) -> None:
        names = names_of(table)
        lengths, letters = names.spelling.lengths[names.bare], names.spelling.letters[names.bare]
        odd = names.several | (lengths == 1) | (lengths > 60)
        lengths, letters = np.where(odd, _ODD_NAME, lengths).astype(np.uint8), np.where(odd, np.uint64(0), letters)
        related = names.related()
        mixed = np.unique(_mixed(related[:, 0], related[:, 1]))
        self.related = np.zeros(1 << _BITS, dtype=bool)  # whether a table may relate two names, by a mix of their numbers
        self.related[mixed] = True
        nickname = table.column("nickname") >= 0
        self.nickname = nickname if nickname.any() else None
        written = (table.column("written_given") >= 0) | (table.column("written_family") >= 0)
        self.written = written if written.any() else None
        native = any((table.column(name) >= 0).any() for name in ("native_given", "native_family"))
        columns, bare = {"bag": table.column("bag")}, np.append(names.bare, -1).astype(np.int32)
        self.sides = []
        for kind, column, bit in (("given_name", "given", 1), ("family_name", "family", 2)):
            codes = table.column(column)
            known = _Written(_by_record(letters, codes), _by_record(lengths, codes), bare[codes])
            columns |= {f"{column}_{part}": values for part, values in vars(known).items()}
            bounds = _NameBounds(worth[kind], table.buckets[column], codes, native) if kind in worth else None
            self.sides.append((column, bounds, np.uint16(bit)))
        self.rows = _rows(**columns)

    def look(self, pairs: Pairs) -> Floats:
        one, two = self.rows.take(pairs.a), self.rows.take(pairs.b)
        mine, theirs = ([_Written.of(column, rows) for column, _, _ in self.sides] for rows in (one, two))
        respelled = np.flatnonzero((one["bag"] == two["bag"]) & ((pairs.both & np.uint16(3)) == 3))
        nicknamed = np.flatnonzero(self.nickname[pairs.a] | self.nickname[pairs.b]) if self.nickname is not None else None
        most = np.zeros(len(pairs.a), dtype=np.float32)
        straight = np.ones(len(pairs.a), dtype=bool)
        for (_, bounds, bit), x, y in zip(self.sides, mine, theirs, strict=True):
            equal = (x.bare == y.bare) & (x.bare >= 0)
            straight &= equal
            if bounds is None:
                continue
            same, unequal = np.flatnonzero(equal), np.flatnonzero(~equal)
            here = np.empty(len(equal), dtype=np.float32)
            here[same] = bounds.on_equal(pairs.a[same])
            state = self._state(x.kept(unequal), y.kept(unequal), (pairs.both[unequal] & bit) > 0)
            here[unequal] = bounds.by_state.take(state)
            here[respelled] = np.maximum(here[respelled], bounds.close)
            if nicknamed is not None and bit == 1:
                here[nicknamed] = np.maximum(here[nicknamed], bounds.close)
            most += here
        if self.written is not None:  # two keys may be apart where two names are one
            respelt = np.flatnonzero(self.written[pairs.a] | self.written[pairs.b])
            most[respelt] = sum(bounds.most for _, bounds, _ in self.sides if bounds is not None)
        other = np.flatnonzero(~straight)
        mine, theirs = ([known.kept(other) for known in side] for side in (mine, theirs))
        turned = np.flatnonzero(self._turned(mine[0], theirs[1]) | self._turned(mine[1], theirs[0]))
        other = other[turned]
        mine, theirs = ([known.kept(turned) for known in side] for side in (mine, theirs))
        most[other] = np.maximum(most[other], self._crossed(mine, theirs))
        return most

    def _crossed(self, mine: "list[_Written]", theirs: "list[_Written]") -> Floats:
        """The most that one's given name beside the other's family name weighs, and the other way round."""
        most = np.zeros(len(mine[0].bare), dtype=np.float32)
        for (_, bounds, _), x, y in zip(self.sides, mine, reversed(theirs), strict=True):
            if bounds is not None:
                both = (x.bare >= 0) & (y.bare >= 0)
                most += np.where(both & (x.bare == y.bare), bounds.most, bounds.by_state.take(self._state(x, y, both)))
        return most

    def _turned(self, x: "_Written", y: "_Written") -> Bools:
        """Whether one's given and the other's family name may be close."""
        return np.asarray((x.bare >= 0) & (y.bare >= 0) & self._close(x, y)[0])

    def _state(self, x: "_Written", y: "_Written", both: Bools) -> npt.NDArray[np.uint8]:
        """Whether two names may be weak, may be close, and are both there."""
        close, apart, longest = self._close(x, y)
        state = (apart <= np.maximum(4, longest - (longest >> np.uint8(2)))).view(np.uint8)  # or Jaro-Winkler of 0.85
        state |= close.view(np.uint8) << np.uint8(1)
        return state | both.view(np.uint8) << np.uint8(2)

    def _close(self, x: "_Written", y: "_Written") -> tuple[Bools, npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
        """Whether two names may be close, how many letters at least are not in both, and the longer length."""
        apart, longest = np.bitwise_count(x.letters ^ y.letters), np.maximum(x.lengths, y.lengths)
        shortest, quarter = np.minimum(x.lengths, y.lengths), longest >> np.uint8(2)
        # One slip, or Jaro-Winkler of 0.95, for which the shorter must be three quarters of the longer. Odd names may be close.
        near = (longest - shortest <= np.maximum(1, quarter)) | (longest == _ODD_NAME)
        close = (apart <= np.maximum(2, quarter)) & near
        return close | self.related.take(_mixed(x.bare, y.bare)), apart, longest


_ODD_NAME = 255
"""Stands for the length of a name of which the letters say nothing."""

_BITS = 20


def _mixed(x: Ints, y: Ints) -> Ints:
    """A number of so many bits for two numbers, whichever comes first."""
    factor, rest = np.uint32(0x9E3779B1), np.uint32(32 - _BITS)
    return ((x.astype(np.uint32) * factor) ^ (y.astype(np.uint32) * factor)) >> rest


@dataclass(frozen=True)
class _Written:
    """How given or family names are written: their letters, lengths and numbers."""

    letters: npt.NDArray[np.uint64]
    lengths: npt.NDArray[np.uint8]
    bare: npt.NDArray[np.int32]

    @classmethod
    def of(cls, column: str, rows: npt.NDArray[np.void]) -> "_Written":
        """The names of one column of records."""
        return cls(rows[f"{column}_letters"], rows[f"{column}_lengths"], rows[f"{column}_bare"])

    def kept(self, at: npt.NDArray[np.intp]) -> "_Written":
        """Some of them."""
        return _Written(self.letters[at], self.lengths[at], self.bare[at])


class _NameBounds:
    """What a name weighs at most, by what it may be to another."""

    def __init__(self, worth: Worth, buckets: Ints, codes: Ints, native: bool) -> None:
        self.most = np.float32(worth.most)
        self.close = worth.best(*range(similarity.NICKNAME, similarity.DIFFERENT + 1))
        weak, different = worth.best(similarity.WEAK, similarity.DIFFERENT), worth.at[similarity.DIFFERENT]
        # by: perhaps weak, perhaps close, both there
        self.by_state = np.array([0, 0, 0, 0, different, weak, self.close, self.close], dtype=np.float32)
        self.codes, self.buckets = codes, buckets
        # of one sound, but perhaps written otherwise
        self.equal = np.maximum(worth.equal, weak) if native else worth.equal

    def on_equal(self, rows: Ints) -> Floats:
        """What the names of these records weigh at most beside a name of the same letters."""
        return np.asarray(self.equal.take(self.buckets.take(self.codes.take(rows))))


class _AccountNames:
    """Whether one record's accounts can hold a name of the other's that it has not itself, by pairs of letters."""

    def __init__(self, table: Table, worth: Worth) -> None:
        bare = np.append(names_of(table).bare, -1).astype(np.int32)
        self.bare = [bare[table.column(name)] for name in ("given", "family")]  # few are asked for
        held = {kind: holding_of(table, kind) for kind in ("handle", "email")}
        of_names, never = held["email"].pairs_of_words.copy(), ~np.uint64(0)
        of_names[held["email"].lengths < Holding.shortest] = never
        given, family = (np.append(of_names, never)[table.column(name)] for name in ("given", "family"))
        accounts = np.zeros(len(table), dtype=np.uint64)
        for kind, holding in held.items():
            accounts |= _by_record(holding.pairs_of_texts, table.column(kind))
        self.rows = _rows(given=given, family=family, lacking=~accounts)
        by_hits = [worth.best(*range(2 - hits, 3)) for hits in range(3)]
        self.by_hits = np.maximum(np.array(by_hits, dtype=np.float32), 0)

    def look(self, pairs: Pairs) -> Floats:
        x, y = self.rows.take(pairs.a), self.rows.take(pairs.b)
        hits = np.maximum(self._hits(pairs.a, pairs.b, x["lacking"], y), self._hits(pairs.b, pairs.a, y["lacking"], x))
        return self.by_hits.take(hits)

    def _hits(
        self, mine: Ints, theirs: Ints, lacking: npt.NDArray[np.uint64], names: npt.NDArray[np.void]
    ) -> npt.NDArray[np.uint8]:
        hits = np.zeros(len(mine), dtype=np.uint8)
        for column, bare in zip(("given", "family"), self.bare, strict=True):
            at = np.flatnonzero((names[column] & lacking) == 0)
            name = bare[theirs[at]]
            hits[at] += (name != self.bare[0][mine[at]]) & (name != self.bare[1][mine[at]])
        return hits
