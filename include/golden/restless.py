"""Of the customers who are not what they were, whose ties to others may be other ones now.

Most that changes alters no tie: a number given up that nobody else ever had, a mailbox that comes, somebody new at a house of
their own. So it is asked first who else holds what came or went, and only of whom that says something is anything else read.

Pure: no clock, no randomness; who holds what is asked for.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from typing import Any

import pandas as pd

_OF_PERSON = ("region", "family_key", "given_key", "name_suffix", "birth_date")
"""What a tie hangs on beside what is shared: another one, and every tie may be another."""

_SAID = ("record_id", "was", "now", "deleted", "phones", "email_keys", "street_key", "house_number", "postcode", "city")

Key = tuple[str, ...]
"""``phone`` or ``mailbox`` and its value, or ``home``, street, number, postcode and city."""

Holders = Callable[[Sequence[Key]], Iterable[tuple[int, str]]]
"""Of some keys, by their places: every customer of whom a record ever said it; more may be named, and nobody left out."""


def restless(
    said: pd.DataFrame, doubted: pd.DataFrame, holders: Holders, unheard: frozenset[str] = frozenset()
) -> frozenset[str]:
    """Who may have another tie to somebody, or is tied to them.

    Args:
        said: ``include.golden.moving.SAID_COLUMNS`` of all records of the customers who are not what they were.
        doubted: ``record_a``, ``record_b`` of those: pairs that wait for a steward now and did not before, or the other way.
        holders: Who holds what.
        unheard: Records of which it is not certain that what they said before is still known; who has one is always named.
    """
    customers = _Customers(said, doubted)
    asks = {one: asked for one in customers.otherwise if (asked := customers.asks(one))}
    keys = sorted({key for asked in asks.values() for key in asked})
    held: defaultdict[Key, set[str]] = defaultdict(set)
    for place, one in holders(keys):
        held[keys[place]].add(one)
    for key in keys:
        for exact in _exact(key):
            held[key] |= customers.left.get(exact, set())
    found = {one for one, asked in asks.items() if any(held[key] - {one} for key in asked)}
    return frozenset(found | customers.doubted_together() | customers.of_records(unheard))


class _Customers:
    """What customers' records ever said, and what of it they surely say before and after.

    Attributes:
        otherwise: Who has a record that came, went, or says something else.
        left: What records said that have another customer now, or none > who they were before.
    """

    def __init__(self, said: pd.DataFrame, doubted: pd.DataFrame) -> None:
        self._everything: defaultdict[str, set[Key]] = defaultdict(set)
        self._kept: defaultdict[str, set[Key]] = defaultdict(set)
        self._moved: set[str] = set()
        self.left: defaultdict[Key, set[str]] = defaultdict(set)
        self.otherwise: set[str] = set()
        records: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
        for row in zip(*(said[name].tolist() for name in (*_SAID, "address_line", *_OF_PERSON)), strict=True):
            records[row[0]].append(row)
        of = {record: [one for one in dict.fromkeys(rows[0][1:3]) if one is not None] for record, rows in records.items()}
        self._of = of
        for record, rows in records.items():
            if len(rows) > 1 or rows[0][3] or rows[0][1] != rows[0][2]:
                self.otherwise.update(of[record])
        told = zip(doubted["record_a"].tolist(), doubted["record_b"].tolist(), strict=True)
        pairs = {pair for a, b in told for pair in product(of.get(a, ()), of.get(b, ())) if pair[0] != pair[1]}
        self._doubted = sorted(pairs)
        asked = self.otherwise.union(*pairs)
        for record, rows in records.items():
            if not asked.isdisjoint(of[record]):
                self._say(of[record], rows)

    def of_records(self, records: Iterable[str]) -> set[str]:
        """Whose some records were or are."""
        return {one for record in records for one in self._of.get(record, ())}

    def _say(self, customers: list[str], rows: list[tuple[Any, ...]]) -> None:
        versions = [set(_items(row)) for row in rows]
        everything = set().union(*versions)
        moved, gone = rows[0][1] != rows[0][2], any(row[3] for row in rows)
        for one in customers:
            self._everything[one] |= everything
            if not moved and not gone:
                self._kept[one] |= versions[0].intersection(*versions[1:])
        if moved:
            self._moved.update(customers)
            if (was := rows[0][1]) is not None:
                for item in everything:
                    for exact in _exact(item):
                        self.left[exact].add(was)

    def asks(self, one: str) -> set[Key]:
        """What it depends on whether somebody's ties may be others: nobody else has ever held it, and they are what they were."""
        everything, kept = self._everything[one], self._kept[one]
        loose = everything - kept
        housed = any(item[0] == "home" for item in kept) or all(item[0] != "home" for item in loose)
        if one in self._moved or not housed or any(item[0] in _OF_PERSON for item in loose):
            loose = everything
        return {item[:5] for item in loose if item[0] not in _OF_PERSON}

    def doubted_together(self) -> set[str]:
        """Who shares something with somebody of whom it is doubted now, or no longer, whether they are two."""
        found: set[str] = set()
        for pair in self._doubted:
            one, other = ({exact for item in self._everything[who] for exact in _exact(item)} for who in pair)
            if not one.isdisjoint(other):
                found.update(pair)
        return found


def _items(row: tuple[Any, ...]) -> Iterator[Key]:
    """All that a tie may hang on, of one version of a record; a home with its whole line, which may name a unit."""
    _, _, _, _, phones, mailboxes, street, number, postcode, city, line, *person = row
    yield from (("phone", one) for one in phones)
    yield from (("mailbox", one) for one in mailboxes)
    if street and number and (postcode or city):
        yield "home", street, number, postcode or "", city or "", line or ""
    yield from ((name, value) for name, value in zip(_OF_PERSON, person, strict=True) if value)


def _exact(key: Key) -> Iterator[Key]:
    """What two have in common who hold it, as ``include.golden.households.People`` knows it: a home by postcode or by city."""
    if key[0] != "home":
        if key[0] not in _OF_PERSON:
            yield key
        return
    _, street, number, postcode, city, *_ = key
    if postcode:
        yield "postcode", street, number, postcode
    if city:
        yield "city", street, number, city.casefold()
