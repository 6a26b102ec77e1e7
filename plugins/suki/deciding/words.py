"""Decisions and questions as lines of text: ids, numbers and short words, and nobody's values."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from include.matching.reviewing import Choice
from suki.deciding.bench import Ruled
from suki.deciding.pinning import Pinned
from suki.explaining.values import plain
from suki.explaining.words import many

_NEXT = "The next run of resolve_customers"
_SAYS = {"must_link": "is one person with", "cannot_link": "is not"}


def decided_lines(told: Ruled) -> Iterator[str]:
    """One decision on two records, and what will come of it."""
    (pair,), (one, other) = told.pairs, told.customers
    same = told.decision == "must_link"
    yield f"Decision {told.ruled_id}: {pair[0]} {_SAYS[told.decision]} {pair[1]}."
    if one is None or other is None:
        yield f"{_NEXT} heeds it."
    elif one == other:
        yield f"They are one customer, {one}. " + (_holds("part") if same else f"{_NEXT} makes them two.")
    else:
        yield f"They are two customers, {one} and {other}. " + (f"{_NEXT} makes them one." if same else _holds("join"))
    yield _back(told)


def merged_lines(told: Ruled) -> Iterator[str]:
    """A merge of two customers."""
    (one, other), (here, there) = told.customers, told.sides
    yield f"Merge {told.ruled_id}: {many(len(told.pairs), 'decision')}."
    yield f"Customers {one} ({many(here, 'record')}) and {other} ({many(there, 'record')}) are one person."
    yield f"{_NEXT} makes them one."
    yield _back(told)


def split_lines(told: Ruled) -> Iterator[str]:
    """A split of a customer."""
    (customer, _), (leaving, staying) = told.customers, told.sides
    yield f"Split {told.ruled_id}: {many(len(told.pairs), 'decision')}."
    yield f"{many(leaving, 'record')} of customer {customer} and the other {staying:,} are not one person."
    yield f"{_NEXT} parts them."
    yield _back(told)


def withdrawn_lines(asked: str, pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
    """What holds no longer."""
    of = "" if len(pairs) == 1 else f", {len(pairs):,} decisions"
    yield f"Withdrawn: {asked}{of}. {_NEXT} goes by the evidence again, and by what else is decided."


def pinned_lines(told: Pinned) -> Iterator[str]:
    """A pinned value, and what will come of it."""
    yield f"Pin {told.pin.pin_id}: {told.pin.field} of customer {told.customer_id}, on record {told.pin.record_id}."
    if told.repaired:
        yield f"Cleaning wrote it otherwise ({', '.join(told.repaired)}); suki pins --values shows it."
    if len(told.fields) > 1:
        yield f"These move together and are pinned with it: {', '.join(told.fields)}."
    for earlier in told.replaces:
        yield f"It replaces the pin {earlier}."
    yield f"{_NEXT} carries it out; it stands until that record says otherwise."
    yield f"To take it back: suki withdraw {told.pin.pin_id} --reason ..."


def unpinned_lines(asked: str, field: str) -> Iterator[str]:
    """What is pinned no longer."""
    yield f"Withdrawn: the pin {asked} on {field}. {_NEXT} takes the value of the sources again."


def pin_lines(rows: Sequence[Mapping[str, Any]], values: bool) -> Iterator[str]:
    """Pinned values, the oldest first; what they are and who said so only where it is asked for."""
    if not rows:
        yield "No value is pinned."
    for row in rows:
        yield (
            f"{row['recorded_at'].date()}  {row['pin_id']}  {row['customer_id'] or 'nobody now':36}  {row['field']:13}"
            f"  {row['state']}"
        )
        if values:
            pinned, said = row["given"][row["field"]], row["overrode"][row["field"]]
            yield f"            {plain(pinned)}, by {plain(row['actor'])}: {plain(row['reason'])}"
            yield f"            the record said {plain(said) if said else 'nothing'}"
            yield from _taken_back(row)


def ledger_lines(rows: Sequence[Mapping[str, Any]], values: bool) -> Iterator[str]:
    """Decisions, the oldest first; their words only where they are asked for."""
    if not rows:
        yield "Nothing was decided."
    for row in rows:
        part = f"  {row['ruling']} {row['ruling_id']}" if row["ruling"] else ""
        gone = f"  withdrawn {row['withdrawn_at'].date()}" if row["withdrawn_at"] else ""
        says = _SAYS[row["decision"]]
        yield f"{row['recorded_at'].date()}  {row['decision_id']}  {row['record_a']}  {says:18}  {row['record_b']}{part}{gone}"
        if values:
            yield f"            by {plain(row['actor'])}: {plain(row['reason'])}"
            yield from _taken_back(row)


def review_lines(rows: Sequence[Mapping[str, Any]], shown: int | None, offered: int = 0) -> Iterator[str]:
    """The questions that wait, worth most first; ``offered``: how many pinned values are to be looked at again."""
    if offered:
        yield f"{many(offered, 'pinned value')} overrode what is said otherwise now: suki pins --offered"
    if not rows:
        yield "Nothing waits for a steward."
        return
    waiting = rows[0]["waiting"]
    yield f"{many(waiting, 'question')} wait{'s' if waiting == 1 else ''}, worth most first."
    yield ""
    yield f"{'worth':>8}  {'moves':>6}  {'chance':>6}  {'weight':>7}  {'record':36}  {'record':36}  pairs"
    for row in rows[:shown]:
        yield (
            f"{row['worth']:8.2f}  {row['moves']:6,}  {100 * row['probability']:5.1f}%  {row['weight']:+7.2f}  {row['record_a']}"
            f"  {row['record_b']}  {row['pairs']:5,}"
        )
    yield ""
    yield "suki explain RECORD RECORD tells why; suki decide RECORD RECORD same or different answers."


def capacity_lines(choice: Choice, capacity: int, in_force: float, table: pd.DataFrame) -> Iterator[str]:
    """The review threshold that people can keep up with, and what they answered so far."""
    yield f"At {capacity:,} a day, the {many(choice.waiting, 'question')} that wait take {many(choice.days, 'day')}."
    if choice.asked < choice.waiting:
        yield (
            f"A review threshold of {choice.threshold:g} would leave {choice.asked:,}, a day's work; it is {in_force:g} now"
            " (thresholds.review in model.yml)."
        )
    else:
        yield f"That is within a day's work: the review threshold may stay at {in_force:g} (thresholds.review in model.yml)."
    if len(table):
        yield ""
        yield f"{'weight from':>11}  {'waiting':>8}  {'decided same':>12}  {'different':>9}"
        for row in table.itertuples(index=False):
            yield f"{row.weight:>+11}  {row.waiting:>8,}  {row.same:>12,}  {row.different:>9,}"


def _taken_back(row: Mapping[str, Any]) -> Iterator[str]:
    if row["withdrawn_at"]:
        by = plain(row["withdrawn_by"] or "somebody")
        yield f"            withdrawn by {by}: {plain(row['withdrawn_because'] or 'no reason kept')}"


def _holds(what: str) -> str:
    return f"Nothing moves; from now on no evidence will {what} them."


def _back(told: Ruled) -> str:
    return f"To take it back: suki withdraw {told.ruled_id} --reason ..."
