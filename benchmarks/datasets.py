"""Public labelled sets, whose files lie outside the project: ``bench/datasets/<set>`` declares how they become one."""

import csv
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchmarks.labelled import TRUTH, Unfit, open_set
from include.declarations import read_yaml
from include.errors import DeclarationError
from include.sources import key_of, paths

FILE = "dataset.yml"
FILES = "SUKI_BENCH_DATA"


class Absent(Unfit):
    """The files of a public set are not here."""


class Entity(BaseModel):
    """Where a source's own files say who is who.

    Attributes:
        column: The raw field.
        matches: Regular expression whose first group is the entity; the whole field without it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    column: str
    matches: re.Pattern[str] = re.compile(r"\s*(.*?)\s*")


class Dataset(BaseModel):
    """A ``dataset.yml``.

    Attributes:
        title: What people call the set.
        origin: Whose it is, and under which licence.
        files: Path of a declared file (``<source>/<file>``) to the file's place among the raw ones.
        truth: Source to where its entities stand.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    title: str
    origin: str
    files: dict[str, str] = Field(min_length=1)
    truth: dict[str, Entity] = Field(min_length=1)


def load(folder: Path) -> Dataset:
    """One public set.

    Raises:
        DeclarationError: Names the file, the key and what would be valid.
    """
    file = folder / FILE
    try:
        return Dataset.model_validate(read_yaml(file, str(file)))
    except ValidationError as wrong:
        first = wrong.errors(include_input=False, include_url=False)[0]
        known = Entity.model_fields if "truth" in first["loc"] else Dataset.model_fields
        raise DeclarationError(str(file), ".".join(map(str, first["loc"])), first["msg"], known) from None


@contextmanager
def laid_out(folder: Path, files: Path | None = None) -> Iterator[Path]:
    """The labelled folder to measure: the given one, or what its ``dataset.yml`` makes of the raw files, until the end.

    Args:
        folder: A labelled set, or the declaration of a public one.
        files: Where the raw files lie; the variable ``SUKI_BENCH_DATA`` by default.

    Raises:
        Absent: They do not lie there.
    """
    if not (folder / FILE).is_file():
        yield folder
        return
    dataset = load(folder)
    with tempfile.TemporaryDirectory(prefix="suki-dataset-") as made:
        root = Path(made)
        (root / "sources").symlink_to((folder / "sources").resolve(), target_is_directory=True)
        for declared, raw in dataset.files.items():
            link = root / declared
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(_raw(folder, raw, files))
        _write_truth(root, dataset)
        yield root


def _raw(folder: Path, name: str, files: Path | None) -> Path:
    given = files or (Path(os.environ[FILES]) if os.environ.get(FILES) else None)
    if given is None:
        raise Absent(f"{folder}: the set's files are no part of the project; say where they lie by FILES=<folder> or {FILES}")
    for path in (given / name, given / Path(name).name):
        if path.is_file():
            return path.resolve()
    raise Absent(f"{folder}: {name} is not there under {given}")


def _write_truth(root: Path, dataset: Dataset) -> None:
    labelled = open_set(root)
    with (root / TRUTH).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("source", "key", "entity"))
        for source, stream in labelled.streams():
            entity = dataset.truth[source.name]
            steps = paths.parse(entity.column, stream.flat)
            for delivery in labelled.deliveries(source, stream):
                for row in delivery:
                    found = entity.matches.fullmatch(str(next(iter(paths.find(row.raw, steps)), "")))
                    if found is None:
                        raise Unfit(f"{delivery.file}, line {row.position}: {entity.column} is not as {FILE} says")
                    writer.writerow((source.name, key_of(row.raw, stream), found[1]))
