"""Many invented customer records as a mapping step would hand them over, drawn from the sample world's people.

The people, their countries, scripts, slips and placeholders are the sample's own; what differs is that records come as frames of
mapped fields at once, in any number, and not as exports.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

import pandas as pd

from include.customer import MAPPED_COLUMNS, ROW_COLUMNS, names
from sample.delivery import Catalogue
from sample.dice import Dice, Tally, by_channel, stream
from sample.dressing import Dresser
from sample.people import Person, Population
from sample.rates import load

CHUNK_ROWS = 50_000
"""Rows of a frame: what one step of the pipeline holds at once."""

_LANGUAGES = {
    "JP": "ja",
    "CN": "zh-CN",
    "TW": "zh-TW",
    "BR": "pt-BR",
    "PL": "pl",
    "DE": "de",
    "FR": "fr",
    "ES": "es",
    "MX": "es-MX",
}


def mapped_frames(rows: int, seed: int = 1) -> Iterator[pd.DataFrame]:
    """Frames of mapped customer records, one to three records a person, ``rows`` in all; the same seed gives the same rows."""
    columns = [*ROW_COLUMNS, *MAPPED_COLUMNS, *names("customers", "mapped")]
    records = islice(_records(rows, seed), rows)
    while chunk := list(islice(records, CHUNK_ROWS)):
        frame = pd.DataFrame(chunk, columns=columns, dtype=object)
        frame["position"] = range(1, len(frame) + 1)
        frame["noted"] = [[] for _ in range(len(frame))]
        frame["source_updated_at"] = pd.to_datetime(frame["source_updated_at"], utc=True)
        yield frame


def _records(rows: int, seed: int) -> Iterator[dict[str, Any]]:
    rates = load()
    world = rates.world
    span = (world.start - timedelta(days=world.history_days), world.start, world.start + timedelta(days=60))
    mess, tally = by_channel(rates.mess, "online_sales"), Tally()
    for person in Population(rates, seed, rows, span, Catalogue().companies):
        copies = stream(seed, "copies", person.number).choice((1, 1, 2, 3))
        for copy in range(copies):
            dice = Dice(stream(seed, "record", person.number, copy), "online_sales", mess, tally)
            yield _record(person, dice, Dresser(person, dice, world.start, suffix_written=0.5), copy)


def _record(person: Person, dice: Dice, dresser: Dresser, copy: int) -> dict[str, Any]:
    name, place = dresser.name(), dresser.place()
    email, phone = dresser.email(), dresser.phone()
    return {
        "record_id": f"00000000-0000-8000-8000-{person.number:010d}{copy:02d}", "file": "records",
        "delivered_on": date(2026, 8, 1),
        "scope": None, "source_updated_at": datetime(2026, 8, 1, tzinfo=UTC), "deleted": False,
        "full_name": name.full or None, "given_name": name.given or None, "family_name": name.family or None,
        "company_name": person.company.name if person.company is not None and dice.chance(0.3) else None,
        "birth_date": dresser.birthday("%Y-%m-%d") or None,
        "gender": dice.rng.choice(("F", "M", "female", "male", "", "unknown")) or None,
        "language": _LANGUAGES.get(person.country.code, "en"),
        "emails": [email] if email else [], "phones": [phone] if phone else [],
        "handles": [], "loyalty_ids": [f"SK-{dice.rng.randrange(10**9):09d}"] if dice.chance(0.3) else [], "external_ids": [],
        "address_line": ", ".join(filter(None, (place.line1, place.line2))) or None if place else None,
        "city": place.city or None if place else None,
        "subdivision": place.province or None if place else None,
        "postcode": place.postcode or None if place else None,
        "country": place.country or None if place else None,
        "email_consent": dice.rng.choice(("yes", "no", None)), "email_consent_at": "2026-01-05T10:00:00Z",
        "first_seen_at": "2025-11-05T10:00:00Z", "last_seen_at": "2026-07-05T10:00:00Z",
        "note": "Asked about the summer catalogue" if dice.chance(0.1) else None,
    }  # fmt: skip
