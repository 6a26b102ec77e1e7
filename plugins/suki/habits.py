"""What cleaning must know of a source before its rows: the declaration's scopes and quirks, in the cleaners' own words."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from include.cleaning.habits import Habits
from include.cleaning.repairs import Repair
from include.sources import Source, Stream

if TYPE_CHECKING:
    import pandas as pd


def habits_of(source: Source, stream: Stream, learned_orders: Mapping[str | None, str] | None = None) -> Habits:
    """Where the stream's stores are, in which money, clock and date order they write, and which quirks its values have.

    Args:
        source: The declared source.
        stream: Which of its streams.
        learned_orders: Date orders learned of stores that declare none.
    """
    return Habits(
        default_country=source.default_country,
        countries={code: scope.country for code, scope in stream.scopes.items()},
        currencies={code: scope.currency for code, scope in stream.scopes.items()},
        timezones={code: scope.timezone for code, scope in stream.scopes.items()},
        date_orders={code: scope.date_order for code, scope in stream.scopes.items()},
        date_order=cast("Any", stream.date_order and stream.date_order.upper()),
        learned_orders=dict(learned_orders or {}),
        repairs=tuple(
            Repair(
                kind=declared.repair,
                fields=declared.fields,
                values=declared.values,
                when=(declared.when.field, re.compile(declared.when.matches)) if declared.when else None,
                to=declared.to or "left",
            )
            for declared in stream.repairs
        ),
    )


def country_of(cleaned: "pd.DataFrame", habits: Habits) -> "pd.Series[str]":
    """Country each row's region follows from: the record's own, else its store's."""
    of_scope = cleaned["scope"].map(dict(habits.countries)).astype(object)
    if "country" not in cleaned:
        return of_scope
    return cleaned["country"].where(cleaned["country"].notna(), of_scope)
