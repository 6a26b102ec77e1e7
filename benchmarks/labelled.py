"""A folder of labelled records: declared sources, their files, and ``truth.csv`` that says who is who.

Whoever made the folder may have laid the files beside each ``source.yml`` or as an exports root has them; both are found.
"""

import csv
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from include.batch import Window
from include.errors import SukiError
from include.sources import FileDelivery, Source, Stream, broken, discover, read
from include.sources.declaration import DATE, SCOPE, FilePattern

PLACES = ("sources/{source}", "{source}", "exports/{source}", "files/{source}", "sources/{source}/sample", ".")
"""Where a source's files may lie in the folder; the first place that has any is taken."""

TRUTH = "truth.csv"

_SHOWN = 3


class Unfit(SukiError):
    """A labelled set cannot be measured; the sentence names the file and the line to mend."""


@dataclass(frozen=True)
class Labelled:
    """A labelled set.

    Attributes:
        folder: Where it lies.
        sources: Its declared sources, by name.
        places: Where each source's files lie.
    """

    folder: Path
    sources: Mapping[str, Source]
    places: Mapping[str, Path]

    def streams(self) -> Iterator[tuple[Source, Stream]]:
        """The streams of customers."""
        yield from self._streams("customers")

    def written(self) -> Iterator[tuple[Source, Stream]]:
        """The streams of what customers wrote; other interactions take no part in matching."""
        for source, stream in self._streams("interactions"):
            if "body" in stream.map and stream.customer_stream is not None:
                yield source, stream

    def _streams(self, kind: str) -> Iterator[tuple[Source, Stream]]:
        for source in self.sources.values():
            for stream in source.streams.values():
                if stream.kind == kind:
                    yield source, stream

    def deliveries(self, source: Source, stream: Stream) -> Iterator[FileDelivery]:
        """What a stream delivered, by date; a standing file is delivered today.

        These files are on their way no longer, so a last line without its end is no sign of one cut off.
        """
        place, stream = self.places[source.name], stream.model_copy(update={"final_newline": False})
        days = sorted({day for pattern in stream.files for day in _days(pattern, place)})
        with tempfile.TemporaryDirectory(prefix="suki-exports-") as exports:
            (Path(exports) / source.name).symlink_to(place.resolve(), target_is_directory=True)
            for day in days:
                start = datetime(day.year, day.month, day.day, tzinfo=UTC)
                yield from read(source, stream, Window(start, start + timedelta(days=1)), Path(exports))


def open_set(folder: Path) -> Labelled:
    """Find the sources of a labelled set, and their files.

    Raises:
        DeclarationError: One of its declarations is wrong.
        Unfit: It holds no source or no file of one.
    """
    declared = folder / "sources"
    for wrong in broken(declared).values():
        raise wrong
    sources = discover(declared)
    if not sources:
        raise Unfit(f"{declared} holds no source: a labelled set has sources/<name>/source.yml, the files, and truth.csv")
    return Labelled(folder, sources, {name: _place(folder, source) for name, source in sources.items()})


def _place(folder: Path, source: Source) -> Path:
    patterns = [pattern for stream in source.streams.values() if stream.kind == "customers" for pattern in stream.files]
    if not patterns:
        raise Unfit(f"the source {source.name} declares no stream of kind customers: there is nobody to match")
    places = [folder / place.format(source=source.name) for place in PLACES]
    for place in places:
        if any(True for pattern in patterns for _ in _days(pattern, place)):
            return place
    wanted = " or ".join(sorted({pattern.pattern for pattern in patterns}))
    looked = ", ".join(place.format(source=source.name) for place in PLACES)
    raise Unfit(f"the source {source.name}: no file {wanted} lies in {folder} under any of: {looked}")


def _days(pattern: FilePattern, place: Path) -> Iterator[date]:
    """The dates of a pattern's files; today's for a standing file that is there."""
    glob = re.sub(r"\{date:([^{}]+)\}", lambda found: re.sub("%.", "*", found[1]), pattern.pattern).replace(SCOPE, "*")
    for path in place.glob(glob):
        if pattern.standing:
            yield datetime.now(UTC).date()
            return
        day = _day(pattern.pattern, path.relative_to(place).as_posix())
        if day:
            yield day


def _day(pattern: str, path: str) -> date | None:
    """The date in a file's path."""
    formats = DATE.findall(pattern)
    between = [re.escape(part).replace(re.escape(SCOPE), ".+?") for part in re.split(r"\{date:[^{}]+\}", pattern)]
    stem, dot, extension = between[-1].rpartition(r"\.")
    between[-1] = stem + r"(?:\.r\d+)?" + dot + extension  # a file sent again
    found = re.fullmatch("(.+?)".join(between), path)
    if not found:
        return None
    whole = max(zip(formats, found.groups(), strict=True), key=lambda part: part[0].count("%"))
    for text, form in ((" ".join(found.groups()), " ".join(formats)), (whole[1], whole[0])):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).date()
        except (ValueError, re.error):  # no date, or one part of it twice
            continue
    return None


def require_truth(labelled: Labelled) -> Path:
    """Where the set says who is who."""
    file = labelled.folder / TRUTH
    if not file.is_file():
        raise Unfit(f"{file} is not there: it says who is who, with the columns source, key, entity")
    return file


def read_truth(labelled: Labelled, known: Mapping[tuple[str, str], str | None]) -> dict[str, str]:
    """Entity by record id, of the records whose entity is told.

    Args:
        labelled: The set.
        known: Record id by source and key; None where two of the source's streams hold the key.

    Raises:
        Unfit: A line of ``truth.csv`` speaks of nobody, or a second time of somebody; or no line names an entity.
    """
    file = require_truth(labelled)
    truth: dict[str, str] = {}
    seen: dict[str, int] = {}
    unknown: list[int] = []
    for line, source, key, entity in _lines(file, labelled.sources):
        record = known.get((source, key))
        if (source, key) not in known:
            unknown.append(line)
            continue
        if record is None:
            raise Unfit(
                f"{file}, line {line}: two streams of {source} hold this key, so it names nobody; give them keys of their own"
            )
        if record in seen:
            raise Unfit(f"{file}, line {line}: the key of line {seen[record]} stands here again; each record has one line")
        seen[record] = line
        if entity:
            truth[record] = entity
    if unknown:
        raise Unfit(
            f"{file}, line {shown(unknown)}: no record of this key was read from the source's files"
            " (a key is compared as text, without blanks around it)"
        )
    if not truth:
        raise Unfit(f"{file} names the entity of no record, so there is nothing to judge")
    return truth


def _lines(file: Path, sources: Mapping[str, Source]) -> Iterator[tuple[int, str, str, str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.reader(text)
            header = [cell.strip().casefold() for cell in next(reader, [])]
            only = next(iter(sources)) if len(sources) == 1 else None  # of one source, the column says nothing
            for column in ("key", "entity", *(() if only else ("source",))):
                if column not in header:
                    raise Unfit(f"{file}, line 1: the header lacks the column '{column}'; it is source,key,entity")
            for cells in reader:
                if not any(cell.strip() for cell in cells):
                    continue
                if len(cells) != len(header):
                    raise Unfit(f"{file}, line {reader.line_num}: has {len(cells)} cells, the header has {len(header)}")
                row = dict(zip(header, map(str.strip, cells), strict=True))
                source = row.get("source", only or "")
                if source not in sources:
                    raise Unfit(f"{file}, line {reader.line_num}: names no source of the set. Valid: {', '.join(sources)}")
                yield reader.line_num, source, row["key"], row["entity"]
    except (UnicodeDecodeError, csv.Error):
        raise Unfit(f"{file} is no CSV in UTF-8") from None


def shown(lines: Iterable[int]) -> str:
    """The first lines of many."""
    listed = list(lines)
    more = f" and {len(listed) - _SHOWN:,} more" if len(listed) > _SHOWN else ""
    return ", ".join(map(str, listed[:_SHOWN])) + more
