"""What is known of a source before its rows are read: where its stores are, in which money, clock and date order they write."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from include.cleaning.repairs import Repair

DateOrder = Literal["DMY", "MDY", "YMD"]


@dataclass(frozen=True)
class Habits:
    """Habits of one stream.

    Attributes:
        default_country: ISO 3166-1 alpha-2 assumed where neither the record nor its store tells; None assumes nothing.
        countries: Country of each declared scope (store).
        currencies: ISO 4217 of each declared scope, where it differs from its country's.
        timezones: IANA zone of each declared scope, for local times without one.
        date_orders: Order of all-numeric dates in each declared scope, ``DMY``, ``MDY`` or ``YMD`` in any case.
        date_order: The same of the whole source, where the scope declares none; None reads them by the country of the row.
        learned_orders: Orders learned where none is declared, by scope (None: a stream without scopes).
        repairs: The source's declared quirks, mended before anything else, in order.
    """

    default_country: str | None = None
    countries: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    currencies: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    timezones: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    date_orders: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    date_order: DateOrder | None = None
    learned_orders: Mapping[str | None, str] = field(default_factory=lambda: MappingProxyType({}))
    repairs: tuple[Repair, ...] = ()
