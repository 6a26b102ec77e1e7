"""A changed reading (mapping, cleaning standard, cleaner, learned habit) is held against a sample before it takes effect.

Where it would read more than a declared share of the sample otherwise than it is staged, somebody has to approve it first who
does not own what was changed. What was measured and who approved is kept. A source never cleaned has nothing to compare with.
"""

from datetime import date
from typing import TYPE_CHECKING, Any

from include.sources import Source, Stream
from suki import connections, settings
from suki.forgotten import forgotten_tokens
from suki.habits import country_of, habits_of
from suki.lake import Lake
from suki.replaying import FIRST, Difference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd
    from sqlalchemy import Connection

SAMPLE, LEAST = 1_000, 50
"""Rows of a stream looked at, the latest landed first; with fewer than the least in all, nothing can be said of a share."""

_LANDINGS = 20


def held(
    warehouse: "Connection", source: Source, learned: "Mapping[str, dict[str | None, str]]", reading: "Mapping[str, Any]"
) -> str | None:
    """Why a reading may not take effect yet; None if it is known, changes little, or was approved.

    Args:
        warehouse: As ``suki_ingest``.
        source: The declaration, as it is now.
        learned: The date orders learned of its stores, by stream.
        reading: What tells the reading: ``source, standards_version, standards_owner, cleaners, declaration``.
    """
    from include.warehouse import cleanings, readings

    if not cleanings.is_news(warehouse, reading):
        return None
    found = effect(warehouse, source, learned)
    differing = found.changed + found.unheard
    share = differing / found.rows if found.rows >= LEAST else 0.0
    asks = share > settings.standards_share()
    report = {"sentences": found.sentences, "fields": found.fields, "records": found.records}
    approved = readings.keep(
        warehouse, reading, source_owner=source.owner, sampled=found.rows, differing=differing, asks=asks, report=report
    )
    if not asks or approved:
        return None
    return (
        f"What decides how {source.name} is read was changed (its mapping, owned by {source.owner}, or the cleaning standard "
        f"{reading['standards_version']}, owned by {reading['standards_owner']}): of a sample of {found.rows:,} rows {share:.0%} "
        f"would be read otherwise, and more than {settings.standards_share():.0%} needs somebody's approval. "
        f"By field: {'; '.join(found.sentences[1:4]) or 'words that are not staged yet'}. Look: suki standards list. "
        f"Approve: suki standards approve {source.name} --why ... --actor ...; then clear this task."
    )


def effect(warehouse: "Connection", source: Source, learned: "Mapping[str, dict[str | None, str]]") -> Difference:
    """What today's reading makes of the rows that landed last, beside what is staged of them."""
    from include.warehouse import rereading

    found = Difference()
    for stream in source.streams.values():
        for frame in _read_anew(warehouse, source, stream, learned.get(stream.name, {})):
            found.add(rereading.compare(warehouse, [frame], stream.kind, FIRST))
    return found


def _read_anew(
    warehouse: "Connection", source: Source, stream: Stream, learned: "dict[str | None, str]"
) -> "Iterator[pd.DataFrame]":
    """A sample of what landed last and passed its gates, mapped and cleaned as is declared today."""
    from include.cleaning.frames import clean_rows
    from include.privacy.regions import region_of
    from include.privacy.suppression import split_suppressed
    from include.sources import map_rows
    from include.warehouse import landing, quarantine
    from suki.frames import cleaned_schema, from_table, to_table
    from suki.ownership import customer_record_ids

    lake, habits, wanted = Lake(connections.lake_root()), habits_of(source, stream, learned), SAMPLE
    forgotten = forgotten_tokens(warehouse)
    landed = landing.landings_of(warehouse, source.name, stream.name, date.min, date.max, files=bool(stream.files))
    for of in reversed(landed[-_LANDINGS:]):
        if wanted <= 0:
            return
        first = next(lake.reading(of["uri"], rows=wanted), None)
        if first is None:
            continue
        aside = quarantine.places(warehouse, of["manifest_id"])
        places = zip(first["file"], first["position"], first["delivered_on"], strict=True)
        first = first[[(file, line) not in aside and (file, day) not in of["replaced"] for file, line, day in places]]
        rows, _ = split_suppressed(first[first["record_id"].notna() & first["problem"].isna()], forgotten)
        if rows.empty:
            continue
        wanted -= len(rows)
        copies = landing.copies_of(warehouse, [of["manifest_id"]]).get(of["manifest_id"])
        mapped, _ = map_rows(rows.reset_index(drop=True), source, stream, copies)
        cleaned = clean_rows(mapped, stream.kind, habits).frame
        cleaned["region"] = region_of(country_of(cleaned, habits), source.default_country)
        cleaned["cleaning_version"] = 0
        frame = from_table(to_table(cleaned, cleaned_schema(stream.kind)))
        if stream.kind == "interactions":
            frame["customer_record_id"] = customer_record_ids(frame, source, stream)
        yield frame
