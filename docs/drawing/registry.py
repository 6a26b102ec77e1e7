"""The register of sources: what each is, who answers for it, on what ground it is kept and what it says of people."""

from collections.abc import Mapping

from include.customer import FIELDS
from include.sources import Source, Stream
from include.sources.registry import countries_of, way_of

HEAD = """# Register of sources

Every source that is declared, those that are switched off included, with who answers for it, on what ground its records are
kept, how far it is believed, when it comes and which personal data it gives. Made from the declarations under `include/sources/`
by `make pictures`; a test says when it is out of date. What each key means stands in [sources.md](sources.md); how many rows of a
stream are usual is learned from its runs ([quality.md](quality.md)).
"""

HEADINGS = (
    *(
        "source",
        "what it is",
        "channel",
        "comes as",
        "owner",
        "steward",
        "contact",
        "purpose",
        "lawful basis",
        "countries",
        "trust",
    ),
    *("schedule (UTC)", "promised within", "on"),
)

NOT_SAID = "not said"

ORDER = ("personal", "sensitive", "internal")


def page(sources: Mapping[str, Source]) -> str:
    """The whole page."""
    lines = [HEAD, f"| {' | '.join(HEADINGS)} |", f"|{' --- |' * len(HEADINGS)}"]
    lines += [_row(name, source) for name, source in sorted(sources.items())]
    for name, source in sorted(sources.items()):
        lines += ["", f"## {name}", "", source.description.strip().partition("\n\n")[0].replace("\n", " "), ""]
        lines += _admission(source)
        for stream in source.streams.values():
            lines += _stream(stream)
    return "\n".join(line.rstrip() for line in lines).rstrip() + "\n"


def _row(name: str, source: Source) -> str:
    ways = dict.fromkeys(way_of(stream) for stream in source.streams.values())
    promise = f"{source.freshness_hours} hours" if source.freshness_hours else NOT_SAID
    cells = (
        f"[{name}](#{name})", source.title, source.channel or NOT_SAID, ", ".join(ways), source.owner, source.steward or NOT_SAID,
        source.contact, source.purpose, (source.ground or NOT_SAID).replace("_", " "),
        ", ".join(countries_of(source)) or "stated in its rows", f"{source.trust.default:g}",
        f"`{source.schedule}`" if source.schedule else "midnight", promise, "yes" if source.enabled else "no",
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _admission(source: Source) -> list[str]:
    admission = source.admission
    if admission is None:
        return []
    only = "It may only add to customers who are known." if admission.match_only else ""
    checked = f"checked against those who want to be left alone on {admission.suppression_checked}"
    return [f"A third party's: {admission.provenance}. It may be used until {admission.expires}, {checked}. {only}".rstrip(), ""]


def _stream(stream: Stream) -> list[str]:
    known = {field.name: field.classification for field in FIELDS[stream.kind]}
    given = sorted({*stream.map, *stream.constants})
    fields = [
        f"{classification}: {', '.join(f'`{name}`' for name in given if known[name] == classification)}"
        for classification in ORDER
        if any(known[name] == classification for name in given)
    ]
    said = f"- **{stream.name}** ({stream.kind}), {_arrives(stream)}. It gives {'; '.join(fields)}."
    return [f"{said} {_left_out(stream)}{_volume(stream)}Its clock is {_clock(stream)}."]


def _arrives(stream: Stream) -> str:
    if stream.table:
        return f"the table `{stream.table.name}`, {stream.table.mode}"
    if stream.request:
        return f"asked at `{stream.request.path}`, {'what changed' if stream.request.since else 'all each time'}"
    return " or ".join(f"`{file.pattern}`, {file.mode}{' (optional)' if file.optional else ''}" for file in stream.files)


def _left_out(stream: Stream) -> str:
    return f"Left out by name: {len(stream.ignore)}. " if stream.ignore else ""


def _volume(stream: Stream) -> str:
    if stream.volume is None:
        return ""
    bounds = [f"at least {stream.volume.least:,}"] if stream.volume.least else []
    bounds += [f"at most {stream.volume.most:,}"] if stream.volume.most is not None else []
    return f"A day brings {' and '.join(bounds)} rows. " if bounds else ""


def _clock(stream: Stream) -> str:
    return "its own" if stream.updated_at else "the day of its delivery"
