"""The comparisons as recordlinkage features: integer codes in, small-integer levels out.

A level code is 0 for null, then 1 for the bottom of the declared ladder up to its length for the top; where the declaration
weighs the top level by frequency, the log2 bucket of the agreed value is added to the top code. So one int8 column says all there
is to weigh. What depends on a value alone is worked out once a value, and only pairs that could be alike are read letter by
letter (``include.matching.spelling``). Imports recordlinkage, so it is itself imported only where pairs are compared.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from recordlinkage.base import BaseCompareFeature

from include.matching import similarity
from include.matching.ladder import Ladder
from include.matching.parts import local_parts, tails
from include.matching.spec import ModelSpec
from include.matching.spelling import Bools, Holding, Spelling, over_unique
from include.matching.table import Ints, Sets, Table, postcode_areas, within_runs


def features(table: Table, spec: ModelSpec) -> "list[LevelFeature]":
    """One feature per declared comparison (those that read names share one), in declared order."""
    ladders = {comparison.compare: (name, Ladder.of(comparison)) for name, comparison in spec.comparisons.items()}
    made: list[LevelFeature] = []
    names = {kind: ladder for kind, ladder in ladders.items() if kind in _OF_NAMES}
    if names:
        made.append(Names(table, names))
    made.extend(_FEATURES[kind](table, *ladders[kind]) for kind in ladders if kind in _FEATURES)
    return made


class LevelFeature(BaseCompareFeature):  # type: ignore[misc]
    """A comparison over code columns; ``columns`` says which, ``compare`` does it."""

    columns: tuple[str, ...] = ()

    def __init__(self, table: Table, name: str | list[str], ladder: Ladder) -> None:
        super().__init__(list(self.columns), list(self.columns), label=name)
        self.table, self.ladder = table, ladder

    def _compute_vectorized(self, *columns: pd.Series) -> Ints | tuple[Ints, ...]:
        codes = [column.to_numpy() for column in columns]
        return self.compare(codes[: len(codes) // 2], codes[len(codes) // 2 :])

    def read(self) -> None:
        """Read the vocabularies it compares, which else the first pairs wait for."""

    def compare(self, a: list[Ints], b: list[Ints]) -> Ints | tuple[Ints, ...]:
        """Level codes of pairs, given the codes of both sides, in the order of ``columns``; of several labels, one each."""
        raise NotImplementedError


class Names(LevelFeature):
    """Given and family name in the better of both orders.

    Two native names in Han script are compared as written first: if they differ, sounding alike makes them weak, no more, and
    a syllable in common is what brothers and sisters have.
    A nickname on record counts as a given name by which the shop knows the customer.
    """

    columns: tuple[str, ...] = (
        "given", "family", "native_given", "native_family", "nickname", "bag", "written_given", "written_family",
    )  # fmt: skip

    def __init__(self, table: Table, ladders: dict[str, tuple[str, Ladder]]) -> None:
        self.accounts = AccountNames(table, ladders["account_names"][1]) if "account_names" in ladders else None
        if self.accounts is not None:
            self.columns = (*self.columns, "handle", "email", "whole")
        super().__init__(table, [name for name, _ in ladders.values()], next(iter(ladders.values()))[1])
        self.ladders = {kind: ladder for kind, (_, ladder) in ladders.items()}
        self.common = {name: _or_nought(table.buckets[name]) for name in ("given", "family")}
        self.either = np.maximum(*self.common.values())
        self.there = {name for name in self.columns if not table.is_empty(name)}

    def read(self) -> None:  # noqa: D102
        names_of(self.table)

    def compare(self, a: list[Ints], b: list[Ints]) -> tuple[Ints, ...]:  # noqa: D102
        by_letters = self._levels(a, b, 0, 0), self._levels(a, b, 1, 1)
        given, family = self._as_given(by_letters[0], a[0], b[0]), by_letters[1].copy()
        if "nickname" in self.there:
            self._nicknames(given, a, b)
        for levels, i in ((given, 2), (family, 3)):
            if self.columns[i] in self.there:
                written = (a[i] >= 0) & (b[i] >= 0) & (a[i] != b[i])
                alike, akin = written & (levels <= similarity.CLOSE), written & (levels == similarity.WEAK)
                levels[alike], levels[akin] = similarity.WEAK, similarity.DIFFERENT
        apart = np.flatnonzero(np.maximum.reduce([*by_letters, given, family]) > similarity.CLOSE)
        crossed = self._levels(a, b, 0, 1, apart), self._levels(a, b, 1, 0, apart)
        turned = self._better_order(given, family, crossed, apart)
        respelled = (a[5] == b[5]) & (a[5] >= 0) & (given > similarity.CLOSE) & (family > similarity.CLOSE)
        respelled &= (given != _NULL) & (family != _NULL)
        given[respelled], family[respelled] = similarity.CLOSE, similarity.CLOSE
        found = {}
        for kind, levels, counted, column in (("given_name", given, "given", 0), ("family_name", family, "family", 1)):
            if kind in self.ladders:
                common = self.common[counted].take(a[column])
                unequal = np.flatnonzero((levels == similarity.EXACT) & (a[column] != b[column]))  # one name, keyed in two ways
                common[unequal] = np.maximum(common[unequal], self.common[counted].take(b[column][unequal]))
                common[turned] = self.either.take(a[column][turned])
                found[kind] = self.ladders[kind].codes(levels, common, levels == _NULL)
        if self.accounts is not None:
            unlike = Unlike.of(by_letters, crossed, apart)
            mine, theirs = ([*side[-3:-1], *side[:2], side[-1]] for side in (a, b))
            found["account_names"] = self.accounts.codes(mine, theirs, unlike)
        return tuple(found[kind] for kind in self.ladders)

    def _levels(self, a: list[Ints], b: list[Ints], i: int, j: int, at: Ints | None = None) -> Ints:
        """Levels of one's name ``i`` beside the other's ``j`` by their keys or, if that is closer, as they are written.

        Args:
            a: Codes of the one, by column.
            b: Codes of the other.
            i: Which name of the one: 0 its given, 1 its family name.
            j: Which name of the other.
            at: Places of the pairs that are asked for; None: all.
        """
        x, y = (column if at is None else column[at] for column in (a[i], b[j]))
        levels = np.full(len(x), _NULL, dtype=np.int8)
        both = np.flatnonzero((x >= 0) & (y >= 0))
        levels[both] = names_of(self.table).levels(x[both], y[both])
        if self.there.isdisjoint(("written_given", "written_family")):
            return levels
        written = [column if at is None else column[at] for column in (a[_WRITTEN + i], b[_WRITTEN + j])]
        apart = np.flatnonzero(((written[0] >= 0) | (written[1] >= 0)) & (levels > similarity.CLOSE) & (levels != _NULL))
        if len(apart):
            found = names_of(self.table).levels(
                *(np.where(w >= 0, w, key)[apart] for w, key in zip(written, (x, y), strict=True))
            )
            levels[apart] = np.where(found <= similarity.CLOSE, found, levels[apart])
        return levels

    def _as_given(self, by_letters: Ints, x: Ints, y: Ints) -> Ints:
        levels, both = by_letters.copy(), np.flatnonzero(by_letters != _NULL)
        levels[both] = names_of(self.table).as_given(levels[both], x[both], y[both])
        return levels

    def _nicknames(self, levels: Ints, a: list[Ints], b: list[Ints]) -> None:
        """Raise the given name to ``nickname`` where one side's nickname is the other's given name or nickname."""
        for mine, theirs in ((a[4], b[0]), (b[4], a[0]), (a[4], b[4])):
            same = (mine >= 0) & (mine == theirs) & (levels > similarity.NICKNAME)
            levels[same] = similarity.NICKNAME

    def _better_order(self, given: Ints, family: Ints, crossed: tuple[Ints, Ints], apart: Ints) -> Ints:
        """Raise levels to those of the better order; returns the pairs turned: a family name may be rare as a given name."""
        points = _POINTS[given[apart]] + _POINTS[family[apart]]
        better = (_POINTS[crossed[0]] + _POINTS[crossed[1]] > points) & (np.minimum(*crossed) <= similarity.CLOSE)
        better &= np.maximum(given[apart], family[apart]) > similarity.CLOSE
        turned: Ints = apart[better]
        given[turned], family[turned] = crossed[0][better], crossed[1][better]
        return turned


_OF_NAMES = ("given_name", "family_name", "account_names")
_NULL = 7
_WRITTEN = Names.columns.index("written_given")
_POINTS = np.array([6, 5, 5, 3, 2, 1, -2, 0], dtype=np.int8)
"""What a name level is worth when the two orders are weighed against each other; null is worth nothing."""


class WholeName(LevelFeature):
    """The whole name in any word order, only where neither the given nor the family names can be compared."""

    columns = ("whole", "given", "family")

    def __init__(self, table: Table, name: str, ladder: Ladder) -> None:
        super().__init__(table, name, ladder)
        self.common = _or_nought(table.buckets["whole"])

    def compare(self, a: list[Ints], b: list[Ints]) -> Ints:  # noqa: D102
        compared = ((a[1] >= 0) & (b[1] >= 0)) | ((a[2] >= 0) & (b[2] >= 0))
        both = np.flatnonzero((a[0] >= 0) & (b[0] >= 0) & ~compared)
        levels = np.full(len(compared), 4, dtype=np.int8)
        if len(both):  # else nobody need write down the whole names
            words = self.table.words["whole"]
            levels[both] = over_unique(a[0][both], b[0][both], lambda x, y: similarity.whole_name_levels(words[x], words[y]))
        null = np.ones(len(levels), dtype=bool)
        null[both] = False
        return self.ladder.codes(levels, self.common.take(a[0]), null)


class BirthDate(LevelFeature):
    """Dates of birth, possibly partial; day and month swapped or one digit wrong is a slip.

    Swapped beside a date without its year they are two parts that agree: it says less, but no other date.
    """

    columns = ("birth_date",)

    def __init__(self, table: Table, name: str, ladder: Ladder) -> None:
        super().__init__(table, name, ladder)
        self.common = _or_nought(table.buckets["birth_date"])

    def read(self) -> None:  # noqa: D102
        dates_of(self.table)

    def compare(self, a: list[Ints], b: list[Ints]) -> Ints:  # noqa: D102
        x, y = a[0], b[0]
        levels = np.full(len(x), 7, dtype=np.int8)
        known = (x >= 0) & (y >= 0)
        same = known & (x == y)
        same[same] = dates_of(self.table)[2].take(x[same])
        levels[same] = 0
        other = np.flatnonzero(known & ~same)
        levels[other] = self._judge(x[other], y[other])
        return self.ladder.codes(levels, self.common.take(x), levels == 7)

    def _judge(self, x: Ints, y: Ints) -> Ints:
        parts, digits, _ = dates_of(self.table)
        p, q = parts.take(x, axis=1), parts.take(y, axis=1)
        known = (p > 0) & (q > 0)
        same = known & (p == q)
        full = known.all(axis=0)
        agree = same.sum(axis=0, dtype=np.int8)
        levels = np.full(len(x), 6, dtype=np.int8)
        levels[agree == 1] = 5
        levels[same[0]] = 4  # a year is rarer than a day or a month, and often all that is sure
        levels[full & (agree == 2)] = 3
        levels[~full & (agree > 0) & (agree == known.sum(axis=0, dtype=np.int8))] = 2
        levels[same[0] & (p[1:] == 0).all(axis=0) & (q[1:] == 0).all(axis=0)] = 4  # no more than a year on either side
        turned = known[1:].all(axis=0) & (p[1] == q[2]) & (p[2] == q[1])
        swapped = turned & same[0]
        levels[turned & ~known[0] & (levels > 3)] = 3
        slips = digits.one_slip(x, y, 7)  # also of a date too garbled to have parts
        levels[swapped | slips] = 1
        levels[full & (agree == 3)] = 0
        levels[~known.any(axis=0)] = 7
        return levels


def dates_of(table: Table) -> tuple[npt.NDArray[np.int32], Spelling, Bools]:
    """Years, months and days of the dates, a row each; their digits, if enough to tell a slip; which are eight in order."""

    def read() -> tuple[npt.NDArray[np.int32], Spelling, Bools]:
        words = table.texts["birth_date"]
        digits = pc.replace_substring_regex(words, r"[^\p{Nd}]+", "")
        spelled = Spelling(pc.if_else(pc.greater(pc.utf8_length(digits), 6), digits, ""))
        parts = _date_parts(words)
        eight = pc.if_else(pc.and_(pc.ascii_is_decimal(digits), pc.equal(pc.utf8_length(digits), 8)), digits, "0")
        in_order = eight.cast(pa.int32()).to_numpy() == np.array([10_000, 100, 1], dtype=np.int32) @ parts
        return parts, spelled, in_order & (parts > 0).all(axis=0)

    return table.kept("dates", read)


def _date_parts(dates: pa.StringArray) -> npt.NDArray[np.int32]:
    """Years, months and days of possibly partial ISO dates, a row each, 0 where unknown."""
    without_year = pc.starts_with(dates, "--")
    dates = pc.if_else(without_year, pc.utf8_slice_codeunits(dates, 1), dates)
    split = pc.split_pattern(pc.binary_join_element_wise(dates, "--", ""), "-")
    parts = [_numbers(pc.list_element(split, place), most) for place, most in enumerate((9999, 12, 31))]
    return np.stack(parts)


def _numbers(texts: pa.StringArray, most: int) -> npt.NDArray[np.int32]:
    """Texts of digits as numbers; nought for any other, and beyond the most."""
    known = pc.and_(pc.ascii_is_decimal(texts), pc.less_equal(pc.utf8_length(texts), 9))
    found = pc.if_else(known, texts, "0").cast(pa.int32()).to_numpy()
    return np.where(found <= most, found, np.int32(0))


def names_of(table: Table) -> similarity.NameSpelling:
    """The vocabulary of names, read once a table."""
    return table.kept("names", lambda: similarity.NameSpelling(table.words["name"]))


def spelling_of(table: Table, name: str) -> Spelling:
    """A column's vocabulary, read once a table."""
    return table.kept(name, lambda: Spelling(table.texts[name]))


def codes_of(words: npt.NDArray[np.object_], function: Callable[[str], str | None]) -> Ints:
    """A function of each word, as codes; -1 where it is None."""
    made = np.array([*(function(str(word)) for word in words), None], dtype=object)
    return np.asarray(pd.factorize(made, use_na_sentinel=True)[0][:-1])


def _or_nought(values: Ints) -> Ints:
    """Values by code, and behind them a nought for the code of null, -1."""
    return np.append(values, values.dtype.type(0))


def crossed(left: Sets, right: Sets, a: Ints, b: Ints) -> tuple[Ints, Ints, Ints]:
    """Every item of one set against every item of another: (position of the pair, item, item)."""
    begin_a, begin_b = left.start.take(a), right.start.take(b)
    size_a, size_b = left.start.take(a + 1) - begin_a, right.start.take(b + 1) - begin_b
    times = size_a * size_b
    if (times == 1).all():  # most sets hold one item
        return np.arange(len(a)), left.items.take(begin_a), right.items.take(begin_b)
    pair = np.repeat(np.arange(len(a)), times)
    nth = within_runs(times)
    width = size_b[pair]
    return pair, left.items[begin_a[pair] + nth // width], right.items[begin_b[pair] + nth % width]


def shares_item(table: Table, name: str, a: Ints, b: Ints) -> Bools:
    """Whether two sets of a column have an item in common."""
    shared = np.zeros(len(a), dtype=bool)
    both = np.flatnonzero((a >= 0) & (b >= 0))
    pair, x, y = crossed(table.sets[name], table.sets[name], a[both], b[both])
    shared[both[pair[x == y]]] = True
    return shared


class Items(LevelFeature):
    """Two sets, any item with any: the best level wins, and of several shared items the rarest speaks."""

    words: str
    bottom: int
    shortest = 0

    def read(self) -> None:  # noqa: D102
        if self.shortest:
            spelling_of(self.table, self.words).ends(self.shortest)

    def compare(self, a: list[Ints], b: list[Ints]) -> Ints:  # noqa: D102
        both = np.flatnonzero((a[0] >= 0) & (b[0] >= 0))
        levels = np.full(len(a[0]), self.bottom, dtype=np.int8)
        common = np.zeros(len(a[0]), dtype=np.int8)
        comparable = np.zeros(len(a[0]), dtype=bool)
        if len(both):
            pair, x, y = crossed(self.table.sets[self.words], self.table.sets[self.words], a[0][both], b[0][both])
            same = x == y
            shared, apart, at = np.flatnonzero(same), np.flatnonzero(~same), both[pair]
            found = self.judge(x[apart], y[apart])
            heard = found >= 0
            at, apart = at[shared], at[apart[heard]]
            comparable[at] = comparable[apart] = True
            np.minimum.at(levels, apart, found[heard])
            levels[at], common[at] = 0, 127
            np.minimum.at(common, at, self.table.buckets[self.words][x[shared]])
        return self.ladder.codes(levels, common, ~comparable)

    def judge(self, x: Ints, y: Ints) -> Ints:
        """Level of each pair of different items, by their codes; -1 where they cannot be compared."""
        raise NotImplementedError

    def slipped(self, x: Ints, y: Ints) -> Bools:
        """Whether two different items, both at least ``shortest`` long, are one slip apart."""
        return spelling_of(self.table, self.words).one_slip(x, y, self.shortest)


class Emails(Items):
    """E-mail addresses: the same, one slip apart, or one local part at two providers."""

    columns, words, bottom, shortest = ("email",), "email", 3, 10

    def read(self) -> None:  # noqa: D102
        super().read()
        local_parts(self.table)

    def judge(self, x: Ints, y: Ints) -> Ints:  # noqa: D102
        levels = np.full(len(x), 3, dtype=np.int8)
        stems, there = local_parts(self.table)
        levels[(stems[x] == stems[y]) & there[x] & there[y]] = 2
        # maria.santos2 and maria.santos32 are two people who came late for the name, not one who slipped.
        at = np.flatnonzero(self.slipped(x, y))
        one, other = (_without_digits(self.table.texts["email"].take(pa.array(codes[at]))) for codes in (x, y))
        levels[at[pc.not_equal(one, other).to_numpy(zero_copy_only=False)]] = 1
        return levels


def _without_digits(texts: pa.StringArray) -> pa.StringArray:
    return pc.replace_substring_regex(texts, r"\p{Nd}+", "")


class Phones(Items):
    """Phone numbers: the same, the same but for the prefix, or one slip apart."""

    columns, words, bottom, shortest = ("phone",), "phone", 3, 9
    shortest_tail = 8

    def read(self) -> None:  # noqa: D102
        super().read()
        tails(self.table, self.shortest_tail)

    def judge(self, x: Ints, y: Ints) -> Ints:  # noqa: D102
        levels = np.full(len(x), 3, dtype=np.int8)
        ends, there = tails(self.table, self.shortest_tail)
        levels[self.slipped(x, y)] = 2
        levels[(ends[x] == ends[y]) & there[x] & there[y]] = 1
        return levels


class LoyaltyIds(Items):
    """Loyalty card numbers: the same, or one slip apart."""

    columns, words, bottom, shortest = ("loyalty_id",), "loyalty_id", 2, 8

    def judge(self, x: Ints, y: Ints) -> Ints:  # noqa: D102
        return np.where(self.slipped(x, y), 1, 2).astype(np.int8)


class ExternalIds(Items):
    """Ids in other systems; two ids of different systems say nothing of each other."""

    columns, words, bottom = ("external_id",), "external_id", 1

    @property
    def systems(self) -> Ints:
        """Code of each id's system."""
        words = self.table.words["external_id"]
        return self.table.kept("systems", lambda: codes_of(words, lambda text: text.partition(":")[0]))

    def judge(self, x: Ints, y: Ints) -> Ints:  # noqa: D102
        return np.where(self.systems[x] == self.systems[y], 1, -1).astype(np.int8)


class Mentions(LevelFeature):
    """Whether an e-mail that one mentions in free text is on record as the other's: the only one, or one among several.

    People mention others' addresses too, so one among several says little, and two who mention the same say nothing of each
    other. Silent where the e-mails on record agree. As common as it is mentioned or on record, whichever is more.
    """

    columns = ("mention", "email")

    def read(self) -> None:  # noqa: D102
        on_record(self.table)

    def compare(self, a: list[Ints], b: list[Ints]) -> Ints:  # noqa: D102
        n = len(a[0])
        if self.table.is_empty("mention"):
            return np.zeros(n, dtype=np.int8)
        levels, common, comparable = np.full(n, 2, dtype=np.int8), np.full(n, 127, dtype=np.int8), np.zeros(n, dtype=bool)
        for mentions, emails in ((a[0], b[1]), (b[0], a[1])):
            self._mentioned(levels, common, comparable, mentions, emails)
        comparable &= ~shares_item(self.table, "email", a[1], b[1])
        return self.ladder.codes(levels, np.where(common == 127, np.int8(0), common), ~comparable)

    def _mentioned(self, levels: Ints, common: Ints, comparable: Bools, mentions: Ints, emails: Ints) -> None:
        at = np.flatnonzero((mentions >= 0) & (emails >= 0))
        comparable[at] = True
        mentioned = self.table.sets["mention"]
        pair, x, y = crossed(mentioned, self.table.sets["email"], mentions[at], emails[at])
        same = on_record(self.table)[x] == y
        alone = np.diff(mentioned.start)[mentions[at[pair[same]]]] == 1
        np.minimum.at(levels, at[pair[same]], np.where(alone, 0, 1).astype(np.int8))
        held = np.maximum(self.table.buckets["mention"][x[same]], self.table.buckets["email"][y[same]])
        np.minimum.at(common, at[pair[same]][alone], held[alone])


def on_record(table: Table) -> Ints:
    """Of each mentioned e-mail its code among those on record; -1 if it is on none."""

    def read() -> Ints:
        found = pc.index_in(table.texts["mention"], table.texts["email"])
        return np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False))

    return table.kept("mentioned on record", read)


class Accounts(LevelFeature):
    """Handles, and e-mails beside handles: one account, or one account name on two platforms.

    That two accounts of one platform differ says nothing where the e-mails agree.
    """

    columns = ("handle", "email")

    def compare(self, a: list[Ints], b: list[Ints]) -> Ints:  # noqa: D102
        n = len(a[0])
        levels, comparable = np.full(n, 2, dtype=np.int8), np.zeros(n, dtype=bool)
        for mine, theirs in (("handle", "email"), ("email", "handle")):
            self._accounts(levels, comparable, (mine, a[self.columns.index(mine)]), (theirs, b[self.columns.index(theirs)]))
        self._handles(levels, comparable, a[0], b[0])
        comparable &= ~shares_item(self.table, "email", a[1], b[1]) | (levels <= 1)
        return self.ladder.codes(levels, np.zeros(n, dtype=np.int8), ~comparable)

    def _handles(self, levels: Ints, comparable: Bools, a: Ints, b: Ints) -> None:
        both = np.flatnonzero((a >= 0) & (b >= 0))
        pair, x, y = crossed(self.table.sets["handle"], self.table.sets["handle"], a[both], b[both])
        words = self.table.words["handle"]
        platform = self.table.kept("platforms", lambda: codes_of(words, lambda text: text.partition(":")[0]))
        name = self.table.account["handle"]
        comparable[both[pair[platform[x] == platform[y]]]] = True
        for level, same in ((1, (name[x] == name[y]) & (name[x] >= 0)), (0, x == y)):
            levels[both[pair[same]]] = level
            comparable[both[pair[same]]] = True

    def _accounts(self, levels: Ints, comparable: Bools, mine: tuple[str, Ints], theirs: tuple[str, Ints]) -> None:
        """A handle that is the other's e-mail name (of five letters or more); that they differ says nothing."""
        both = np.flatnonzero((mine[1] >= 0) & (theirs[1] >= 0))
        if not len(both):
            return
        held, other = self.table.sets[mine[0]], self.table.sets[theirs[0]]
        pair, x, y = crossed(held, other, mine[1][both], theirs[1][both])
        words = self.table.words["account"]
        long_enough = self.table.kept("long accounts", lambda: np.array([len(str(word)) >= 5 for word in words], dtype=bool))
        x, y = self.table.account[mine[0]][x], self.table.account[theirs[0]][y]
        same = (x == y) & long_enough[x]
        levels[both[pair[same]]] = 1
        comparable[both[pair[same]]] = True


@dataclass(frozen=True)
class Unlike:
    """Which names of two records are there and altogether different by their letters.

    Attributes:
        straight: Given beside given name, family beside family name.
        crossed: One's given name beside the other's family name, and the other way round.
    """

    straight: tuple[Bools, Bools]
    crossed: tuple[Bools, Bools]

    @classmethod
    def of(cls, straight: tuple[Ints, Ints], crossed: tuple[Ints, Ints], apart: Ints) -> "Unlike":
        """From the levels of names; those crossed are known of some pairs alone, whose names do not agree as they stand."""
        found = [np.zeros(len(straight[0]), dtype=bool) for _ in crossed]
        for whole, some in zip(found, crossed, strict=True):
            whole[apart] = some == similarity.DIFFERENT
        first, last = (levels == similarity.DIFFERENT for levels in straight)
        return cls((first, last), (found[0], found[1]))

    def to_name(self, name: int, *, of_other: bool) -> tuple[Bools, Bools]:
        """Whether one's given and family name are unlike a name of the other's (0 its given, 1 its family name)."""
        across = self.crossed[name if of_other else 1 - name]
        return (self.straight[0], across) if name == 0 else (across, self.straight[1])


class AccountNames:
    """Whether one record's handles and e-mails spell the names the other has and this one lacks.

    They say how the owner is called and no more, so that both names are found counts by how many people bear the two. Silent
    where the e-mails agree: an e-mail that names its owner would then only repeat what it proved.
    """

    def __init__(self, table: Table, ladder: Ladder) -> None:
        self.table, self.ladder = table, ladder
        self.common = _or_nought(table.buckets["whole"])

    def codes(self, a: list[Ints], b: list[Ints], unlike: Unlike) -> Ints:
        """Level codes of pairs, given the codes of handles, e-mails, given, family and whole names of both sides."""
        n = len(a[0])
        found, common, comparable = np.zeros(n, dtype=np.int8), np.zeros(n, dtype=np.int8), np.zeros(n, dtype=bool)
        for mine, theirs, turned in ((a, b, False), (b, a, True)):
            accounts = (mine[0] >= 0) | (mine[1] >= 0)
            in_mine = np.zeros(n, dtype=np.int8)
            for name in (0, 1):
                apart = unlike.to_name(name, of_other=turned)
                lacked = ((mine[2] < 0) | apart[0]) & ((mine[3] < 0) | apart[1])
                at = np.flatnonzero((theirs[2 + name] >= 0) & accounts & lacked)
                comparable[at] = True
                in_mine[at] += self._contains(mine[0][at], mine[1][at], theirs[2 + name][at])
            held = self.common.take(theirs[4])
            common = np.where(in_mine > found, held, np.where(in_mine == found, np.maximum(common, held), common))
            found = np.maximum(found, in_mine)
        comparable &= ~shares_item(self.table, "email", a[1], b[1])
        return self.ladder.codes(2 - np.minimum(found, 2), common, ~comparable)

    def _contains(self, handles: Ints, emails: Ints, names: Ints) -> Ints:
        hit = np.zeros(len(names), dtype=np.int8)
        for kind, sets in (("handle", handles), ("email", emails)):
            at = np.flatnonzero(sets >= 0)
            hit[at] |= holding_of(self.table, kind).holds(sets[at], names[at])
        return hit


def holding_of(table: Table, kind: str) -> Holding:
    """Which names stand in the accounts of a set of handles or e-mails."""

    def read() -> Holding:
        sets, account, names = table.sets[kind], table.account[kind], names_of(table)
        words = np.append(table.words["account"], "")  # of an item without an account
        texts = np.append(words[account[sets.items]], "")[sets.start[:-1]]
        for at in np.flatnonzero(np.diff(sets.start) != 1):
            found = account[sets.items[sets.start[at] : sets.start[at + 1]]]
            texts[at] = " ".join(words[found[found >= 0]])
        return Holding(texts, names.spelling.read(names.bare))

    return table.kept(f"in {kind}", read)


_POSTCODE = 4
"""Letters a postcode has at least, of which a slip is told."""


class Address(LevelFeature):
    """Where they live, as postcode, number, street and town; people move, so the bottom is mild."""

    columns = ("house_number", "street", "postcode", "city", "home")

    def __init__(self, table: Table, name: str, ladder: Ladder) -> None:
        super().__init__(table, name, ladder)
        self.common = _or_nought(table.buckets["home"])

    def read(self) -> None:  # noqa: D102
        areas_of(self.table)
        spelling_of(self.table, "postcode").ends(_POSTCODE)
        for name in ("street", "city"):
            spelling_of(self.table, name)

    def compare(self, a: list[Ints], b: list[Ints]) -> Ints:  # noqa: D102
        number, street, postcode, city = ((x >= 0) & (y >= 0) for x, y in zip(a[:4], b[:4], strict=True))
        same_number, same_postcode = number & (a[0] == b[0]), postcode & (a[2] == b[2])
        same_street, same_city = self._alike("street", street, a[1], b[1]), self._alike("city", city, a[3], b[3])
        same_area = self._near(postcode, a[2], b[2])
        levels = address_levels(same_number, same_postcode, same_street, same_area, same_city, nowhere=~(postcode | city))
        common = np.maximum(self.common.take(a[4]), self.common.take(b[4]))
        return self.ladder.codes(levels, common, ~(street | postcode | city))

    def _near(self, both: Bools, x: Ints, y: Ints) -> Bools:
        """Whether two postcodes begin alike, as those of neighbours do nearly everywhere, or are one slip apart."""
        near, at = np.zeros(len(both), dtype=bool), np.flatnonzero(both)
        x, y = x[at], y[at]
        areas = areas_of(self.table)
        found = areas.take(x) == areas.take(y)
        rest = np.flatnonzero(~found)
        found[rest] = spelling_of(self.table, "postcode").one_slip(x[rest], y[rest], _POSTCODE)
        near[at] = found
        return near

    def _alike(self, name: str, both: Bools, x: Ints, y: Ints) -> Bools:
        same = np.zeros(len(both), dtype=bool)
        at = np.flatnonzero(both)
        same[at] = spelling_of(self.table, name).alike(x[at], y[at])
        return same


def areas_of(table: Table) -> Ints:
    """Code of each postcode's area."""

    def read() -> Ints:
        areas = postcode_areas(table.texts["postcode"]).dictionary_encode()
        return np.asarray(areas.indices.to_numpy())

    return table.kept("areas", read)


def address_levels(
    same_number: Bools, same_postcode: Bools, same_street: Bools, same_area: Bools, same_city: Bools, *, nowhere: Bools
) -> Ints:
    """Levels of addresses by what of them is the same; ``nowhere``: neither postcodes nor towns can be compared."""
    place = same_area | same_city
    levels = np.full(len(place), 7, dtype=np.int8)
    levels[same_city] = 6
    levels[same_area] = 5
    levels[same_area & same_city] = 4
    levels[same_postcode] = 3
    levels[same_number & (same_street | same_postcode)] = 2
    levels[same_street & place] = 1
    levels[same_street & same_number & (place | nowhere)] = 0
    return levels


class Suffix(LevelFeature):
    """Generation suffixes: silent where neither has one; one side only may be the father."""

    columns = ("suffix",)

    def compare(self, a: list[Ints], b: list[Ints]) -> Ints:  # noqa: D102
        x, y = a[0], b[0]
        levels = np.select([x == y, (x < 0) | (y < 0)], [0, 1], 2)
        return self.ladder.codes(levels, np.zeros(len(x), dtype=np.int8), (x < 0) & (y < 0))


class Same(LevelFeature):
    """Two values, equal or not."""

    def __init__(self, table: Table, name: str, ladder: Ladder) -> None:
        super().__init__(table, name, ladder)
        column = self.columns[0]
        self.common = _or_nought(table.buckets.get(column, np.zeros(len(table.texts[column]), dtype=np.int8)))

    def compare(self, a: list[Ints], b: list[Ints]) -> Ints:  # noqa: D102
        x, y = a[0], b[0]
        return self.ladder.codes((x != y).view(np.int8), self.common.take(x), (x < 0) | (y < 0))


class Gender(Same):
    """Stated gender."""

    columns = ("gender",)


class Country(Same):
    """Country of residence."""

    columns = ("country",)


_FEATURES: dict[str, type[LevelFeature]] = {
    "whole_name": WholeName, "birth_date": BirthDate, "emails": Emails, "phones": Phones, "accounts": Accounts,
    "loyalty_ids": LoyaltyIds, "external_ids": ExternalIds, "mentioned_emails": Mentions, "address": Address,
    "name_suffix": Suffix, "gender": Gender, "country": Country,
}  # fmt: skip
