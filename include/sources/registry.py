"""What the register of sources says, as rows: taken from the declarations, so that nobody keeps it up to date by hand."""

from collections.abc import Iterable
from typing import Any

from include.customer import FIELDS
from include.sources.declaration import Source, Stream

Row = dict[str, Any]


def source_row(source: Source) -> Row:
    """What is declared of a source as a whole."""
    return {
        "source": source.name, "title": source.title, "channel": source.channel, "owner": source.owner, "steward": source.steward,
        "contact": source.contact, "data": sorted({stream.kind for stream in source.streams.values()}),
        "countries": countries_of(source), "trust": source.trust.default, "schedule": source.schedule,
        "freshness_hours": source.freshness_hours, "purpose": source.purpose, "lawful_basis": source.ground,
        "origin": source.origin, "expires": source.admission.expires.isoformat() if source.admission else None,
        "match_only": source.match_only, "enabled": source.enabled,
    }  # fmt: skip


def stream_rows(source: Source) -> list[Row]:
    """What is declared of each of its streams."""
    return [
        {
            "source": source.name, "stream": name, "kind": stream.kind, "comes_as": way_of(stream),
            "volume_least": stream.volume.least if stream.volume else None,
            "volume_most": stream.volume.most if stream.volume else None, "left_out": len(stream.ignore),
        }
        for name, stream in source.streams.items()
    ]  # fmt: skip


def field_rows(source: Source) -> list[Row]:
    """Each field that a stream gives: how careful to be with it, how far it is believed, and what it is read from."""
    return [
        {
            "source": source.name, "stream": name, "field": field.name, "classification": field.classification,
            "trust": source.trust.fields.get(field.name, source.trust.default) if stream.kind == "customers" else None,
            "read_from": list(dict.fromkeys(stream.map[field.name].paths())) if field.name in stream.map else [],
        }
        for name, stream in source.streams.items()
        for field in FIELDS[stream.kind]
        if field.name in stream.map or field.name in stream.constants
    ]  # fmt: skip


def rows_of(sources: Iterable[Source]) -> tuple[list[Row], list[Row], list[Row]]:
    """Rows of the sources, of their streams and of their fields."""
    every = list(sources)
    return (
        [source_row(source) for source in every],
        [row for source in every for row in stream_rows(source)],
        [row for source in every for row in field_rows(source)],
    )


def countries_of(source: Source) -> list[str]:
    """Where its people are by declaration: the default first, then its scopes'; none where only its rows tell."""
    scoped = sorted({scope.country for scope in source.scopes.values()})
    return list(dict.fromkeys([*([source.default_country] if source.default_country else []), *scoped]))


def way_of(stream: Stream) -> str:
    """As what it comes."""
    if stream.table:
        return "a table"
    return "answers of an API" if stream.request else f"{stream.format} files"
