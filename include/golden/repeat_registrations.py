"""Score customers who registered at one source again and again: one person, several accounts, often under made addresses.

A forgotten password makes a second account too, so one account more says little. What tells are addresses made for the
occasion and promotions of a first order taken more than once. Each kind of evidence has its weight, and the weights add up as
independent doubts do: the score is one minus the product of what each leaves open.

Pure: no clock, no randomness, no database.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import Any, NamedTuple

import pandas as pd

ACCOUNT_COLUMNS = ("record_id", "customer_id", "source", "registered_at", "emails", "email_keys", "flags")
"""What scoring reads of every current account of customers who have several at one source."""

FIRST_ORDER_COLUMNS = ("record_id", "occurred_at", "promotions")
"""The first order of each account: when it was, and the promotion codes it names (a list, mostly empty)."""

REPEAT_COLUMNS = ("customer_id", "source", "accounts", "score", "flagged", "evidence", "first_at", "last_at")
"""Columns of a frame of repeat registrations; ``evidence`` is a mapping of its names to counts."""

FLAGGED = 0.5
"""From this score on a customer counts as a repeat registrant: at least two independent signs, a judgement."""


@dataclass(frozen=True)
class Weights:
    """What one piece of each kind of evidence is worth, and how many of a kind count.

    Attributes:
        worth: ``further_accounts``: accounts beyond the first two. ``alias_emails``: addresses that lead to a mailbox another
            account spells otherwise (tags, dots). ``numbered_emails``: addresses that differ from another account's in digits
            alone. ``disposable_emails``: of providers for mailboxes to throw away. ``promotions_again``: first orders that name a
            promotion another account's first order named. ``quick_first_orders``: further accounts that ordered within a day of
            registering. ``close_registrations``: accounts registered within the span after another.
        most: How many of a kind are counted.
        span: What is a short time between two registrations.
    """

    worth: dict[str, float] = field(
        default_factory=lambda: {
            "further_accounts": 0.05,
            "alias_emails": 0.35,
            "numbered_emails": 0.20,
            "disposable_emails": 0.35,
            "promotions_again": 0.50,
            "quick_first_orders": 0.05,
            "close_registrations": 0.05,
        }
    )
    most: int = 5
    span: timedelta = timedelta(days=7)


def score(accounts: pd.DataFrame, first_orders: pd.DataFrame | None = None, weights: Weights | None = None) -> pd.DataFrame:
    """Every customer who has several accounts at one source, scored.

    Args:
        accounts: ``ACCOUNT_COLUMNS``; customers with one account at a source may be among them and are left out.
        first_orders: ``FIRST_ORDER_COLUMNS`` of accounts that ordered; an account without one did not.
        weights: Other weights than the project's own.

    Returns:
        ``REPEAT_COLUMNS``, sorted by customer and source.
    """
    weights = weights or Weights()
    orders = {} if first_orders is None else {str(row[0]): (row[1], row[2]) for row in first_orders.itertuples(index=False)}
    rows = []
    for (customer, source), held in _several(accounts):
        evidence = _evidence(held, orders, weights)
        registered = [account.registered_at for account in held if account.registered_at is not None]
        rows.append(
            {
                "customer_id": customer,
                "source": source,
                "accounts": len(held),
                "score": (worth := _score(evidence, weights)),
                "flagged": worth >= FLAGGED,
                "evidence": evidence,
                "first_at": registered[0] if registered else None,
                "last_at": registered[-1] if registered else None,
            }
        )
    return pd.DataFrame(rows, columns=list(REPEAT_COLUMNS))


class _Account(NamedTuple):
    """One account; as plain values, for of many customers with a few accounts each a frame apiece is most of the cost."""

    record_id: str
    registered_at: pd.Timestamp | None
    emails: Sequence[str]
    email_keys: Sequence[str]
    flags: Sequence[str]


def _several(accounts: pd.DataFrame) -> Iterator[tuple[tuple[str, str], list[_Account]]]:
    """The accounts of each customer who has several at a source, by customer and source; the earliest registered first."""
    whose = list(zip(accounts["customer_id"].map(str), accounts["source"].map(str), strict=True))
    told = [None if pd.isna(moment) else moment for moment in accounts["registered_at"]]
    columns = (accounts[name] for name in ("emails", "email_keys", "flags"))
    held: defaultdict[tuple[str, str], list[_Account]] = defaultdict(list)
    for key, account in zip(whose, map(_Account, accounts["record_id"].map(str), told, *columns), strict=True):
        held[key].append(account)
    for key in sorted(key for key, theirs in held.items() if len(theirs) > 1):
        yield key, sorted(held[key], key=_when)


def _when(account: _Account) -> tuple[bool, Any, str]:
    """In order of time; of whom it is not known the last."""
    return account.registered_at is None, account.registered_at or 0, account.record_id


def _evidence(held: list[_Account], orders: dict[str, tuple[Any, Any]], weights: Weights) -> dict[str, int]:
    """How many pieces of each kind the accounts of one customer at one source show; kinds without any are left out."""
    spellings: dict[str, set[str]] = {}
    for account in held:
        for email, key in zip(account.emails, account.email_keys, strict=False):
            spellings.setdefault(str(key), set()).add(str(email).casefold())
    registered = [account.registered_at for account in held if account.registered_at is not None]
    ordered = [(account.registered_at, *orders[account.record_id]) for account in held if account.record_id in orders]
    quick = sum(since is not None and moment - since <= timedelta(days=1) for since, moment, _ in ordered)
    found = {
        "further_accounts": len(held) - 2,
        "alias_emails": sum(len(written) - 1 for written in spellings.values()),
        "numbered_emails": _again(filter(None, map(_unnumbered, spellings))),
        "disposable_emails": sum("emails:disposable" in account.flags for account in held),
        "promotions_again": _again(code for _, _, codes in ordered for code in codes),
        "quick_first_orders": quick - 1,
        "close_registrations": sum(after - before <= weights.span for before, after in pairwise(registered)),
    }
    return {name: int(count) for name, count in found.items() if count > 0}


def _again(values: Iterable[str]) -> int:
    """How many values came before."""
    listed = list(values)
    return len(listed) - len(set(listed))


def _unnumbered(mailbox: str) -> str:
    """A mailbox without the digits of its name; empty where little else is left."""
    local, at, domain = mailbox.rpartition("@")
    letters = "".join(char for char in local if not char.isdecimal())
    return f"{letters}{at}{domain}" if len(letters) > 3 else ""


def _score(evidence: dict[str, int], weights: Weights) -> float:
    left = 1.0
    for name, count in evidence.items():
        left *= (1 - weights.worth[name]) ** min(count, weights.most)
    return round(1 - left, 4)
