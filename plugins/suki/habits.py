"""What cleaning must know of a source before its rows: the declaration's scopes, in the cleaners' own words."""

from typing import TYPE_CHECKING, Any, cast

from include.cleaning.habits import Habits
from include.sources import Source, Stream

if TYPE_CHECKING:
    import pandas as pd


def habits_of(source: Source, stream: Stream) -> Habits:
    """Where the stream's stores are, and in which money, clock and date order they write."""
    return Habits(
        default_country=source.default_country,
        countries={code: scope.country for code, scope in stream.scopes.items()},
        currencies={code: scope.currency for code, scope in stream.scopes.items()},
        timezones={code: scope.timezone for code, scope in stream.scopes.items()},
        date_orders={code: scope.date_order for code, scope in stream.scopes.items()},
        date_order=cast("Any", stream.date_order and stream.date_order.upper()),
    )


def country_of(cleaned: "pd.DataFrame", habits: Habits) -> "pd.Series[str]":
    """Country each row's region follows from: the record's own, else its store's."""
    of_scope = cleaned["scope"].map(dict(habits.countries)).astype(object)
    if "country" not in cleaned:
        return of_scope
    return cleaned["country"].where(cleaned["country"].notna(), of_scope)
