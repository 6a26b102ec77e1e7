"""The sample world as a labelled set: its exports, what is true of them, and who in it is easily taken for another."""

import csv
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.labelled import TRUTH, Labelled
from benchmarks.traps import FILE as TRAPS
from include.sources import Source, discover
from sample.rates import load
from sample.world import SOURCES, make


@contextmanager
def sample_world(people: int | None = None, seed: int | None = None, days: int | None = None) -> Iterator[Labelled]:
    """Make the world, of the declared size where nothing else is said, and keep it until the end."""
    rates = load()
    asked = zip((people, seed, days), (rates.world.people, rates.world.seed, rates.world.days), strict=True)
    size = [own if given is None else given for given, own in asked]
    with tempfile.TemporaryDirectory(prefix="suki-sample-") as made:
        root = Path(made)
        make(rates, root / "exports", root / "told", *size)
        _say_again(root / "told" / "truth.csv", root / TRUTH, {"source": "source", "source_key": "key", "person_id": "entity"})
        _say_again(root / "told" / "traps.csv", root / TRAPS, {"trap": "trap", "person_id": "entity", "other_id": "other"})
        sources = {name: repeating(source) for name, source in discover().items() if name in SOURCES}
        yield Labelled(root, sources, {name: root / "exports" / name for name in sources})


def repeating(source: Source) -> Source:
    """A file of the sample world may hold a key twice, and then the last one counts."""
    streams = {name: stream.model_copy(update={"repeats": True}) for name, stream in source.streams.items()}
    return source.model_copy(update={"streams": streams})


def _say_again(told: Path, file: Path, columns: dict[str, str]) -> None:
    with told.open(encoding="utf-8", newline="") as rows, file.open("w", encoding="utf-8", newline="") as again:
        writer = csv.writer(again)
        writer.writerow(columns.values())
        writer.writerows([row[name] for name in columns] for row in csv.DictReader(rows))
