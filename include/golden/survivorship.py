"""Choose each golden value and remember who supplied it.

Pure: a snapshot of records with their customer ids goes in, golden customers and their provenance come out, the same for
every order of the input. Rules are declared in ``survivorship.yml``; this module only carries them out.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from include.collector import without_collector
from include.golden import proof
from include.golden.evidence import Evidence, Floats, Ints, Mask, Objects, begins, flat, listed, microseconds, moments
from include.golden.fields import GOLDEN_COLUMNS, GOLDEN_FIELDS
from include.golden.rules import FieldRule, Survivorship, Trust, load, units

_TYPES = {field.name: field.type for field in GOLDEN_FIELDS}

_NOBODY = -1
"""In place of a row: no record supplies the value."""


@dataclass(frozen=True)
class _Decision:
    """What was decided for one field: the value of every customer, and where it came from."""

    column: "pd.Series[Any]"
    proof: pa.Array


@without_collector()
def survive(
    snapshot: pd.DataFrame,
    trust: Mapping[str, Trust],
    rules: Survivorship | None = None,
    match_only: Collection[str] = (),
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Golden customers of a snapshot, and where every golden value comes from.

    Args:
        snapshot: Current records with ``customer_id``, ``record_id``, ``source``, ``region``, ``source_time``, every golden field
            and, where cleaning left any, ``flags`` and the fields made for comparison that rules name under ``same_by``.
        trust: Trust by source, as each source's declaration gives it: ``default`` and ``fields`` (field > trust).
        rules: The declaration; the project's own if not given.
        match_only: Sources whose values are taken only where no other source holds any.

    Returns:
        customers: ``GOLDEN_COLUMNS``, one row a customer, sorted by id.
        proofs: One row a customer, in the same order, as ``proof`` tells; ``proof.rows`` has a row for each value. ``holding``
            counts the customer's records that hold any value of the field, ``agreeing`` those that hold the golden one (for a
            set: its first). A field that records disagree on under the rule ``unanimous`` has a proof too, with no record ids and
            nobody agreeing.

    Raises:
        DeclarationError: A source has records but no declared trust.
    """
    rules = rules or load()
    evidence = Evidence(snapshot, trust, rules.flags, match_only)
    columns: dict[str, pd.Series[Any]] = {"customer_id": pd.Series(evidence.customers, dtype=object)}
    proofs: dict[str, pa.Array] = {}
    winner_of: dict[str, Ints] = {}
    for fields, core, rule in units(rules):
        if rule.rule == ("union",):
            decided = {fields[0]: _union(evidence, fields[0], rule)}
        else:
            winners = _choose(evidence, fields, core, rule)
            decided = {name: _taken(evidence, name, rule, winners) for name in fields}
            winner_of |= dict.fromkeys(fields, winners)
        for name, decision in decided.items():
            columns[name] = decision.column
            proofs[name] = decision.proof
    columns["region"] = _region(evidence, winner_of["country"])
    columns["sources"] = _sources(evidence)
    columns["record_count"] = pd.Series(np.bincount(evidence.code, minlength=len(evidence.customers)), dtype="int64")
    customers = pd.DataFrame(columns)[list(GOLDEN_COLUMNS)]
    records = _lists(evidence.code[evidence.by_id], evidence.records[evidence.by_id])
    return customers, proof.frame(evidence.customers, records, proofs)


# --- one value, or one record for a group ---------------------------------------------------------------------------------------


def _choose(evidence: Evidence, fields: tuple[str, ...], core: tuple[str, ...], rule: FieldRule) -> Ints:
    """The winning row of every customer, or nobody."""
    has_core = np.logical_or.reduce([evidence.held(name) for name in core])
    if rule.rule == ("most_restrictive",):
        candidates = has_core  # a date without an answer says nothing
    else:
        candidates = np.logical_or.reduce([evidence.held(name) for name in fields])
    rows = np.flatnonzero(candidates)
    rows = _narrow(evidence, rows, evidence.own)  # a match-only source fills what nobody else holds, and wins nothing
    rows = _narrow(evidence, rows, has_core)  # a lone title stands only where there is no name at all
    rows = _narrow(evidence, rows, np.logical_or.reduce([evidence.held(name) & ~evidence.inferred(name) for name in core]))
    rows = _mended(evidence, rows, core)
    for rung in rule.rule:
        if rung == "unanimous":
            rows = _undisputed(evidence, fields[0], rows)
        else:
            for strength in _strengths(evidence, rung, fields, core, rule):
                rows = _narrow(evidence, rows, strength)
    # what is tied now goes to the more trusted; who stands first after that is the more recent, then the lower record id
    rows = _narrow(evidence, rows, _group_trust(evidence, core, rule))
    winners = np.full(len(evidence.customers), _NOBODY, dtype=np.int64)
    code = evidence.code[rows]
    first = begins(code)
    winners[code[first]] = rows[first]
    return winners


def _mended(evidence: Evidence, rows: Ints, core: tuple[str, ...]) -> Ints:
    """The rows without those that are damaged where another is whole and says more than what is left of them."""
    damaged = [evidence.damaged(name) for name in core]
    clean = ~np.logical_or.reduce(damaged)
    if bool(clean.all()) or not len(rows):
        return rows
    left: Ints = np.sum([evidence.held(name) & ~lost for name, lost in zip(core, damaged, strict=True)], axis=0, dtype=np.int64)
    starts = begins(evidence.code[rows])
    best = np.maximum.reduceat(np.where(clean, left, -1)[rows], starts)
    kept: Ints = rows[clean[rows] | (left[rows] >= np.repeat(best, np.diff(np.r_[starts, len(rows)])))]
    return kept


def _narrow(evidence: Evidence, rows: Ints, strength: Floats | Ints | Mask) -> Ints:
    """Of every customer's rows, those where the strength is greatest."""
    strongest: Ints = rows[_strongest(evidence, rows, strength)]
    return strongest


def _strongest(evidence: Evidence, rows: Ints, strength: Floats | Ints | Mask) -> Mask:
    """Which of the rows have their customer's greatest strength."""
    if not len(rows):
        return np.zeros(0, dtype=np.bool_)
    keys, starts = strength[rows], begins(evidence.code[rows])
    best = np.maximum.reduceat(keys, starts)
    strongest: Mask = keys == np.repeat(best, np.diff(np.r_[starts, len(rows)]))
    return strongest


def _strengths(
    evidence: Evidence, rung: str, fields: tuple[str, ...], core: tuple[str, ...], rule: FieldRule
) -> list[Floats | Ints | Mask]:
    """What a rung compares, strongest highest, one array a key; each as long as the evidence."""
    name = fields[0]
    keys: list[Floats | Ints | Mask]
    match rung:
        case "most_trusted":
            keys = [_group_trust(evidence, core, rule)]
        case "most_recent":
            keys = [evidence.time]
        case "most_frequent":
            keys = [np.bincount(alike := _alike(evidence, core))[alike]]
        case "most_supported":
            alike = _by_key(evidence, rule.same_by, core)
            keys = [np.bincount(alike, weights=_group_trust(evidence, core, rule))[alike].round(6)]
        case "most_complete":
            keys = [_parts(evidence, name) if _TYPES[name] == "date" else _filled(evidence, core)]
        case "longest":
            keys = [np.array([len(value) if value is not None else 0 for value in evidence.values(name)], dtype=np.int64)]
        case "max":
            keys = [microseconds(evidence.frame[name])]
        case "min":
            keys = [-microseconds(evidence.frame[name])]  # rows without a value are no candidates
        case "most_restrictive":
            refused = np.array([value is not None and not value for value in evidence.values(name)], dtype=np.bool_)
            keys = [refused, microseconds(evidence.frame[fields[1]])]
        case _:
            raise AssertionError(f"rule {rung} was accepted at load but cannot be carried out")
    return keys


def _filled(evidence: Evidence, core: tuple[str, ...]) -> Ints:
    filled: Ints = np.sum([evidence.whole(name) for name in core], axis=0, dtype=np.int64)
    return filled


def _group_trust(evidence: Evidence, core: tuple[str, ...], rule: FieldRule) -> Floats:
    """Mean trust over the core, a missing field counting nothing: half a name is worth half."""
    trust: Floats = np.mean([evidence.trust(name, rule.half_life) * evidence.held(name) for name in core], axis=0)
    rounded: Floats = np.round(trust, 6)
    return rounded


def _alike(evidence: Evidence, names: tuple[str, ...]) -> Ints:
    """Rows of one customer that hold the same of these fields have the same number."""
    same = evidence.code
    for name in names:
        _, same = np.unique(same * (int(evidence.codes(name).max(initial=0)) + 2) + evidence.codes(name) + 1, return_inverse=True)
    return same.astype(np.int64)


def _by_key(evidence: Evidence, same_by: tuple[str, ...], core: tuple[str, ...]) -> Ints:
    """The same by fields made for comparison; by the values themselves where a record has none of these."""
    by_value = _alike(evidence, core)
    same_by = tuple(name for name in same_by if name in evidence.frame)
    if not same_by:
        return by_value
    by_key = _alike(evidence, same_by)
    keyed = np.logical_or.reduce([evidence.held(name) for name in same_by])
    return np.where(keyed, by_key, int(by_key.max(initial=0)) + 1 + by_value)


def _parts(evidence: Evidence, name: str) -> Ints:
    """How much of a possibly partial date is known: 1990 < 1990-05 and --05-17 < 1990-05-17."""
    code = evidence.codes(name)
    parts = np.zeros(int(code.max(initial=-1)) + 2, dtype=np.int64)  # the last one stands for missing, code -1
    rows = np.flatnonzero(code >= 0)
    distinct, first = np.unique(code[rows], return_index=True)
    values = evidence.frame[name].iloc[rows[first]]
    parts[distinct] = [sum(part != "" for part in str(value).split("-")) for value in values]
    return parts[code]


def _undisputed(evidence: Evidence, name: str, rows: Ints) -> Ints:
    """Rows of the customers whose records hold one value only."""
    codes = evidence.codes(name)
    low = np.full(len(evidence.customers), np.iinfo(np.int64).max)
    high = np.full(len(evidence.customers), -1, dtype=np.int64)
    np.minimum.at(low, evidence.code[rows], codes[rows])
    np.maximum.at(high, evidence.code[rows], codes[rows])
    undisputed: Ints = rows[(low == high)[evidence.code[rows]]]
    return undisputed


def _taken(evidence: Evidence, name: str, rule: FieldRule, winners: Ints) -> _Decision:
    """The winning rows' values of one field, with the counts of who agrees."""
    codes = evidence.codes(name)
    chosen = np.where(winners == _NOBODY, -1, codes[winners])
    held = codes >= 0
    size = len(evidence.customers)
    holding = np.bincount(evidence.code[held], minlength=size)
    agreeing = np.bincount(evidence.code[held & (codes == chosen[evidence.code])], minlength=size)
    has_value = chosen >= 0
    explained = has_value | ((holding > 0) if rule.rule == ("unanimous",) else np.zeros(size, dtype=np.bool_))
    suppliers = np.where(explained, winners, _NOBODY)
    places = pa.array(evidence.place[suppliers], mask=suppliers == _NOBODY).cast(pa.string())
    told = proof.of_field(name, rule.rule, agreeing, holding, places.fill_null(""), ~explained)
    return _Decision(_column(evidence, name, np.where(has_value, winners, _NOBODY)), told)


def _column(evidence: Evidence, name: str, winners: Ints) -> "pd.Series[Any]":
    """One value a customer, of the field's own type; missing is None (NaT for a timestamp)."""
    if _TYPES.get(name) == "timestamp":
        times = moments(evidence.frame[name])
        return times.reindex(np.where(winners == _NOBODY, len(evidence), winners)).reset_index(drop=True)
    padded = np.append(evidence.values(name), [None])  # row -1 is the None at the end
    return pd.Series(padded[winners], dtype=object)


# --- sets -----------------------------------------------------------------------------------------------------------------------


def _union(evidence: Evidence, name: str, rule: FieldRule) -> _Decision:
    """Every value of a set field, the best supported first, so that the first is the one to use.

    Support is the trust of all records that hold the value; a record's second value counts half, its third a third, since people
    and systems put the main one first. Values that are the same by ``same_by``, such as spellings of one mailbox, support one
    another: the plainest speaks for them all, the others come last.
    """
    rows, values, position = flat(evidence.frame[name], np.arange(len(evidence), dtype=np.int64))
    value, texts = _coded(values)
    same = _keyed(evidence, name, rule.same_by[0]) if rule.same_by and rule.same_by[0] in evidence.frame else value
    _, once = np.unique(rows * (len(texts) + 1) + value, return_index=True)  # a value repeated inside one record is one statement
    once = once[_strongest(evidence, rows[once], evidence.own)]  # as in _choose: a match-only source fills, and wins nothing
    rows, value, same = rows[once], value[once], same[once]
    customer = evidence.code[rows]
    trust = evidence.trust(name, rule.half_life)[rows] / (1 + position[once])
    _, newest, of = np.unique(customer * (len(texts) + 1) + value, return_index=True, return_inverse=True)
    support, agreeing = np.bincount(of, weights=trust), np.bincount(of)
    customer, value, same = customer[newest], value[newest], same[newest]
    _, alike = np.unique(customer * (same.max(initial=0) + 1) + same, return_inverse=True)
    together = np.bincount(alike, weights=support)[alike].round(6)
    support = support.round(6)
    plainness = np.array([len(text) for text in texts], dtype=np.int64)[value]
    order = np.lexsort((newest, -agreeing, -support, plainness, alike))
    speaks = np.zeros(len(value), dtype=np.bool_)
    speaks[order[begins(alike[order])]] = True
    ranked = np.lexsort((newest, -agreeing, -support, -together, ~speaks, customer))
    customer = customer[ranked]
    first = ranked[begins(customer)]
    has_value = np.unique(customer)

    size = len(evidence.customers)
    golden = np.empty(size, dtype=object)
    golden[:] = [[] for _ in range(size)]
    golden[has_value] = _lists(customer, texts[value[ranked]])
    holders = np.unique(rows)
    holders = holders[np.lexsort((evidence.place[holders], evidence.code[holders]))]
    holding = np.bincount(evidence.code[holders], minlength=size)
    of_first = np.zeros(size, dtype=np.int64)
    of_first[has_value] = agreeing[first]
    places = proof.joined(evidence.place[holders], holding)
    told = proof.of_field(name, rule.rule, of_first, holding, places, holding == 0)
    return _Decision(pd.Series(golden, dtype=object), told)


def _keyed(evidence: Evidence, name: str, key: str) -> Ints:
    """Codes of the keys that stand beside the values of a set; the values themselves where a record has not as many."""
    both = zip(listed(evidence.frame[name]), listed(evidence.frame[key]), strict=True)
    keys = list(chain.from_iterable(beside if len(beside) == len(values) else values for values, beside in both))
    return _coded(keys)[0]


def _coded(texts: list[str]) -> tuple[Ints, Objects]:
    code, distinct = pd.factorize(pd.Series(texts, dtype=object))
    return code.astype(np.int64), np.asarray(distinct, dtype=object)


def _lists(owner: Ints, elements: Objects) -> Objects:
    """Elements gathered into one list an owner; owners must stand together."""
    starts = begins(owner)
    ends = np.r_[starts[1:], len(owner)]
    gathered = np.empty(len(starts), dtype=object)
    told = elements.tolist()
    gathered[:] = [told[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=False)]
    return gathered


def _region(evidence: Evidence, address: Ints) -> "pd.Series[Any]":
    """The region of the record that gave the address; of the most recent record where nobody gave one."""
    newest = np.searchsorted(evidence.code, np.arange(len(evidence.customers)))
    return _column(evidence, "region", np.where(address == _NOBODY, newest, address))


def _sources(evidence: Evidence) -> "pd.Series[Any]":
    known = pd.DataFrame({"customer": evidence.code, "source": evidence.frame["source"].map(str)})
    known = known.drop_duplicates().sort_values(["customer", "source"])
    return pd.Series(_lists(known["customer"].to_numpy(dtype=np.int64), known["source"].to_numpy(dtype=object)), dtype=object)
