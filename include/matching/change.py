"""Which pairs a change of some records makes, unmakes or weighs anew: blocking, for what changed only.

The pairs of a record depend on its own keys. Those of two records that did not change can still come or go, where a third makes a
key they share held by more than its cap, or by no more than it; and they can weigh otherwise, where a value they agree on becomes
more common by a doubling. What is found here is exactly the difference: pairs of the changed records and of those beside them, in
place of all earlier ones of theirs.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from include.matching.blocking import may_be_compared
from include.matching.frequencies import Unseen, bucket
from include.matching.holdings import Flags, Holdings, expanded
from include.matching.index import Found
from include.matching.letters import Hashes
from include.matching.register import BARE, Register, keys_of, moved_sizes
from include.matching.spec import LADDERS, ModelSpec
from include.matching.table import APART, SET_COLUMNS, Ints, encode, nobodys_are

Read = Callable[[pd.Index], pd.DataFrame]
"""The live ones of some records as they stand: columns of the snapshot, in order of the record ids."""

_BOTH_HOLD = {
    "given_name": ("given", "family"), "family_name": ("given", "family"), "birth_date": ("birth_date",), "emails": ("email",),
    "phones": ("phone",), "loyalty_ids": ("loyalty_id",), "external_ids": ("external_id",),
    "mentioned_emails": ("mention", "email"),
}  # fmt: skip
"""Comparison that heeds how common a value is > columns of it; both records hold it wherever it is heeded."""

_EITHER = {"email": ("email", "mention"), "mention": ("mention", "email")}
"""Column of values that another column holds too: a pair agrees where one record has it in the one and one in the other."""

_REACHED = ("gone", "anew", "beside", "changed")

_ONE_HOLDS = {"whole_name": ("whole",), "account_names": ("whole",), "address": ("home",)}
"""The same, where the other record may hold it written otherwise."""


@dataclass(frozen=True)
class Change:
    """What a change of records means for pairs.

    Attributes:
        register: All records after it.
        pairs: ``record_a``, ``record_b`` (a < b) and ``rule`` (position in the declared rules): every pair there is with one
            record among ``anew``, or both among ``beside``.
        gone: Records that are no longer there.
        anew: Records whose pairs are all found anew, those gone included.
        beside: Records whose pairs with one another, and with those, are.
        changed: The records that were read because they changed, those gone included.
        counts: What it took, for the log.
    """

    register: Register
    pairs: pd.DataFrame
    gone: pd.Index
    anew: pd.Index
    beside: pd.Index
    changed: pd.Index
    counts: dict[str, int] = field(default_factory=dict)

    def reach(self) -> pd.DataFrame:
        """Who is reached, as a frame to keep: ``record_id``, and whether it is ``gone``, ``anew``, ``beside``, ``changed``."""
        everyone = self.anew.union(self.beside, sort=False).union(self.changed, sort=False)
        return pd.DataFrame({"record_id": everyone, **{name: everyone.isin(getattr(self, name)) for name in _REACHED}})

    @classmethod
    def of_reach(cls, register: Register, pairs: pd.DataFrame, reach: pd.DataFrame) -> Self:
        """Inverse of ``reach``."""
        ids = reach["record_id"].to_numpy(dtype=object)
        reached = {name: pd.Index(ids[reach[name].to_numpy(dtype=bool)], dtype=object) for name in _REACHED}
        return cls(register=register, pairs=pairs, **reached)

    def replaces(self, edges: pd.DataFrame) -> npt.NDArray[np.bool_]:
        """Which earlier edges ``pairs`` stand in place of."""
        anew = edges["record_a"].isin(self.anew) | edges["record_b"].isin(self.anew)
        both = self.beside.union(self.anew)
        return np.asarray(anew | (edges["record_a"].isin(both) & edges["record_b"].isin(both)))


def change(
    before: Register,
    marked: pd.Index,
    read: Read,
    spec: ModelSpec,
    repeats: float,
    comparable: frozenset[tuple[str, str]] | None = None,
) -> Change:
    """What becomes of the pairs once the marked records are as they are now.

    Args:
        before: All records as they were.
        marked: Ids of records that may have changed, come or gone.
        read: Reads some of them.
        spec: The declared model.
        repeats: Records a person has, as frozen in the match model.
        comparable: Regions that may be compared; None: all.
    """
    retired, rows, register = _reread(before, marked, read, spec)
    counted = _recounted(before, register, retired, spec, repeats)
    first = len(before.live)
    register = register.with_keys(keys_of(encode(rows, spec, register), spec, first))
    register, crossing, keys_read = _resized(before, register, retired, spec)

    anew = np.zeros(len(register.live), dtype=bool)
    anew[first:] = True
    beside = np.zeros(len(register.live), dtype=bool)
    for (column, one_end), values in counted.items():
        flags = anew if one_end else beside
        for holders in _who_agrees(register, column, values, one_end=one_end):
            flags[holders] = True
    for rule, keys in crossing.items():
        beside[register.of_rule(rule).holders(keys)[1]] = True
    beside &= ~anew
    pairs = _pairs(register, anew, beside, spec, comparable)
    ids = pd.Index(register.record_id[retired], dtype=object)
    changed = ids.union(pd.Index(rows["record_id"].astype(object)), sort=False)
    gone = ids.difference(pd.Index(rows["record_id"].astype(object)), sort=False)
    return Change(
        register=register,
        pairs=pairs,
        gone=gone,
        anew=pd.Index(register.record_id[anew], dtype=object).union(ids, sort=False),
        beside=pd.Index(register.record_id[beside], dtype=object),
        changed=changed,
        counts={
            "dirty": len(changed),
            "keys_read": keys_read,
            "keys_crossing": sum(map(len, crossing.values())),
            "values_crossing": sum(map(len, counted.values())),
            "beside": int(beside.sum() + anew[:first].sum()),
            "pairs": len(pairs),
        },
    )


def _reread(before: Register, marked: pd.Index, read: Read, spec: ModelSpec) -> tuple[Flags, pd.DataFrame, Register]:
    """The changed records as they are now, and the register with their values.

    Who holds an item that has become nobody's, or somebody's again, has other keys than before, and so has changed too.
    """
    while True:
        retired, rows = before.numbers_of(marked), read(marked)
        register = before.retired(retired).with_values(encode(rows, spec, Unseen()))
        retired_too = np.zeros(len(register.live), dtype=bool)
        retired_too[: len(retired)] = retired
        others = np.zeros(len(register.live), dtype=bool)
        for column in SET_COLUMNS:
            now = register.of_column(column)
            touched = np.unique(now.held_by(retired_too | _newest(register, before))[0])
            was, become = (nobodys_are(one.of(column, touched), spec.nobodys) for one in (before, register))
            others[now.holders(touched[was != become])[1]] = True
        others[len(before.live) :] = False
        if not others.any():
            return retired_too, rows, register
        marked = marked.union(pd.Index(register.record_id[others], dtype=object), sort=False)


def _newest(register: Register, before: Register) -> Flags:
    flags = np.zeros(len(register.live), dtype=bool)
    flags[len(before.live) :] = True
    return flags


def _recounted(
    before: Register, after: Register, retired: Flags, spec: ModelSpec, repeats: float
) -> dict[tuple[str, bool], Hashes]:
    """Values that became more or less common by a doubling: (column, whether one record that holds it is enough) > values."""
    found: dict[tuple[str, bool], Hashes] = {}
    columns: dict[str, bool] = {}
    for comparison in spec.comparisons.values():
        if comparison.frequency is None:
            continue
        for column in _BOTH_HOLD.get(comparison.compare, ()):
            # Where the ladder lacks its strongest level the next stands at its top, and then two values need not be equal.
            loose = comparison.levels[0].level != LADDERS[comparison.compare][0] and column not in SET_COLUMNS
            columns[column] = columns.get(column, False) or loose
        for column in _ONE_HOLDS.get(comparison.compare, ()):
            columns[column] = True
    for column, one_end in columns.items():
        touched = np.unique(after.of_column(column).held_by(retired | _newest(after, before))[0])
        was, become = (_bucket(one, column, touched, repeats) for one in (before, after))
        found[column, one_end] = touched[was != become]
    return found


def _bucket(register: Register, column: str, values: Hashes, repeats: float) -> Ints:
    counted = register.of(column, values)
    return bucket(counted.spread(repeats) if column in APART else counted.persons)


def _who_agrees(register: Register, column: str, values: Hashes, *, one_end: bool) -> list[Ints]:
    """Who holds some values, and who agrees with them in another spelling."""
    if column in _EITHER:
        return [register.of_column(name).holders(values)[1] for name in _EITHER[column]]
    holders = register.of_column(column).holders(values)[1]
    if column not in BARE or one_end:
        return [holders]
    flags = np.zeros(len(register.live), dtype=bool)
    flags[holders] = True
    names = np.unique(register.of_column(BARE[column]).held_by(flags)[0])
    return [register.of_column(name).holders(names)[1] for name in BARE.values()]


def _resized(before: Register, register: Register, retired: Flags, spec: ModelSpec) -> tuple[Register, dict[str, Hashes], int]:
    """The register with its sizes and caps, the keys that crossed their cap, and how many keys were looked at."""
    newest, touched, sizes = _newest(register, before), {}, {}
    for rule in spec.blocking:
        held = register.of_rule(rule.rule)
        keys = np.unique(held.held_by(retired | newest)[0])
        was, become = before.of_rule(rule.rule).counts(keys), held.counts(keys)
        touched[rule.rule] = keys, was, become
        sizes[rule.rule] = moved_sizes(before.sizes[rule.rule], was, become)
    register = replace(register, sizes=sizes)
    crossing, looked_at = {}, 0
    for rule, old, new in zip(spec.blocking, before.caps(spec), register.caps(spec), strict=True):
        keys, was, become = touched[rule.rule]
        found = [keys[(was <= old) != (become <= new)]]
        if old != new:  # a key that nobody touched is crossed by its cap
            all_keys, held_by = register.of_rule(rule.rule).sizes()
            found.append(all_keys[(held_by > min(old, new)) & (held_by <= max(old, new))])
        crossing[rule.rule] = np.unique(np.concatenate(found))
        looked_at += len(keys)
    return register, crossing, looked_at


def _pairs(
    register: Register, anew: Flags, beside: Flags, spec: ModelSpec, comparable: frozenset[tuple[str, str]] | None
) -> pd.DataFrame:
    """Every pair with one record of ``anew``, or both of ``beside``, each at its first rule."""
    anew, found = anew & register.live, Found(len(register.live), len(spec.blocking))
    asked = (anew | beside) & register.live
    region, words = register.region.coded()
    allowed = may_be_compared(words, comparable)
    for number, (rule, cap) in enumerate(zip(spec.blocking, register.caps(spec), strict=True)):
        held = register.of_rule(rule.rule)
        key, who = held.held_by(asked)
        keys, place = np.unique(key, return_inverse=True)
        sizes = held.counts(keys)
        alive = (sizes > 1) & (sizes <= cap)
        for one, other in (_with_all(held, keys, place, who, alive, anew), _among(place, who, alive)):
            together = (one != other) & allowed[region[one], region[other]]
            found.add(np.minimum(one, other)[together], np.maximum(one, other)[together], number)
    a, b, rules = found.pairs()
    left, right = register.record_id[a], register.record_id[b]
    swap = left > right
    return pd.DataFrame(
        {"record_a": np.where(swap, right, left), "record_b": np.where(swap, left, right), "rule": rules},
    ).sort_values(["record_a", "record_b"], ignore_index=True)


def _with_all(held: Holdings, keys: Hashes, place: Ints, who: Ints, alive: Flags, anew: Flags) -> tuple[Ints, Ints]:
    """Each of ``anew`` with every holder of its keys."""
    mine = anew[who] & alive[place]
    place, who = place[mine], who[mine]
    wanted = np.unique(place)
    at, other = held.holders(keys[wanted])
    order = np.argsort(at, kind="stable")
    at, other = at[order], other[order]
    starts = np.searchsorted(at, np.arange(len(wanted) + 1))
    nth = np.searchsorted(wanted, place)
    which, row = expanded(starts[nth], starts[nth + 1])
    return who[which].astype(np.int64), other[row].astype(np.int64)


def _among(place: Ints, who: Ints, alive: Flags) -> tuple[Ints, Ints]:
    """All of those asked for with one another."""
    kept = alive[place]
    order = np.argsort(place[kept], kind="stable")
    place, who = place[kept][order], who[kept][order]
    which, row = expanded(np.arange(len(place)) + 1, np.searchsorted(place, place, side="right"))
    return who[which].astype(np.int64), who[row].astype(np.int64)
