"""Suki beside Splink and plain recordlinkage, on the same records in one run: ``make bench``.

Accuracy is that of each system's clusters. Time and memory are those of the core alone, from the frame in memory to the cluster
ids, each system in a process of its own; Suki's cleaning stands in a column of its own.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import us_like
from benchmarks.datasets import Absent, laid_out
from benchmarks.labelled import open_set, read_truth
from benchmarks.matching import Steps, say
from benchmarks.resolving import records_of
from include.errors import SukiError
from include.golden.evaluation import b_cubed, pairwise
from include.sources import key_of
from include.warehouse.snapshot import SNAPSHOT_COLUMNS
from suki.frames import cleaned_schema

ROOT = Path(__file__).parent.parent
DATASETS = ROOT / "bench" / "datasets"
OTHERS = ROOT / ".venv-bench"
MADE = ROOT / ".suki-bench-data"
MILLION = "us_1m"

SYSTEMS = {
    "suki_core": "Suki",
    "suki_plain": "Suki, plain model",
    "splink5": "Splink 5.0",
    "plain_recordlinkage": "recordlinkage 0.16",
}
TOO_LARGE = {(MILLION, "plain_recordlinkage"): "not run, reported out of memory"}


@dataclass(frozen=True)
class Prepared:
    """A set, ready for every system.

    Attributes:
        folder: Holds ``raw.parquet`` and ``snapshot.parquet``.
        truth: Entity by record id.
        cleaning: Seconds Suki took to read, map and clean it; None if the records were invented clean.
    """

    folder: Path
    truth: "pd.Series[str]"
    cleaning: float | None


@dataclass(frozen=True)
class Result:
    """What one system made of a set."""

    system: str
    f1: float
    b_cubed: float
    largest: int
    took: dict[str, Any]


def main() -> int:
    """Compare and print."""
    options = argparse.ArgumentParser(description="Compare Suki with other systems.", prog="python -m benchmarks.compare")
    options.add_argument("--sets", nargs="*", default=[], help="of bench/datasets, and us_1m; all by default")
    options.add_argument("--systems", nargs="*", default=[], choices=list(SYSTEMS), help="all by default")
    options.add_argument("--files", type=Path, help="where the sets' raw files lie")
    options.add_argument("--model", type=Path, help="another model table for Suki")
    given = options.parse_args()
    known = [*sorted(folder.parent.name for folder in DATASETS.glob("*/dataset.yml")), MILLION]
    if unknown := set(given.sets) - set(known):
        print(f"No set is named {', '.join(sorted(unknown))}. Valid: {', '.join(known)}.", file=sys.stderr)
        return 1
    _install()
    failed = False
    print(_HEADER)
    for name in given.sets or known:
        try:
            with tempfile.TemporaryDirectory(prefix="suki-bench-") as folder, _prepared(name, Path(folder), given.files) as ready:
                for line in _lines(name, ready, [_run(s, name, ready, given.model) for s in given.systems or _usual(name)]):
                    print(line, flush=True)
        except Absent as absent:
            say(f"{name} is skipped: {absent}")
        except SukiError as problem:
            say(f"{name} cannot be measured: {problem}")
            failed = True
    return int(failed)


def _install() -> None:
    """The other systems' environment, unless it is there as pinned."""
    pinned, stamp = ROOT / "requirements-bench.txt", OTHERS / "installed"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == pinned.read_text(encoding="utf-8"):
        return
    say("Making the other systems' environment in .venv-bench")
    uv = ROOT / ".venv" / "bin" / "uv"
    subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, OTHERS], check=True)
    subprocess.run(
        [uv, "pip", "sync", "--quiet", "--compile-bytecode", "--python", OTHERS / "bin" / "python", pinned], check=True
    )
    stamp.write_text(pinned.read_text(encoding="utf-8"), encoding="utf-8")


@contextmanager
def _prepared(name: str, folder: Path, files: Path | None) -> Iterator[Prepared]:
    if name == MILLION:
        yield _million(folder)
        return
    with laid_out(DATASETS / name, files) as laid:
        with redirect_stdout(sys.stderr):
            ready = _cleaned(laid, folder)
        yield ready


def _cleaned(laid: Path, folder: Path) -> Prepared:
    """A labelled folder, as delivered and as Suki cleans it."""
    steps, labelled = Steps(), open_set(laid)
    records = records_of(labelled, steps)
    truth = pd.Series(read_truth(labelled, records.known))
    raw = [
        {"record_id": records.known[source.name, str(key_of(row.raw, stream))], "source": source.name, **row.raw}
        for source, stream in labelled.streams()
        for delivery in labelled.deliveries(source, stream)
        for row in delivery
        if not row.problem
    ]
    pd.DataFrame(raw, dtype="string").to_parquet(folder / "raw.parquet")
    _write(records.snapshot, folder)
    return Prepared(folder, truth, sum(steps.seconds.values()))


def _million(folder: Path) -> Prepared:
    """A million invented records, made once; their fields are put where cleaning would put them."""
    file = MADE / f"{MILLION}.parquet"
    if not file.exists():
        say("Inventing a million records")
        file.parent.mkdir(exist_ok=True)
        part = file.with_suffix(".part")
        subprocess.run([OTHERS / "bin" / "python", "-m", us_like.__name__, part], check=True, cwd=ROOT)
        part.rename(file)
    raw = pd.read_parquet(file).rename(columns={"rid": "record_id"})
    truth = raw.set_index("record_id")["truth"]
    raw.drop(columns="truth").assign(source="people").to_parquet(folder / "raw.parquet")
    number, street = raw["addr"].str.partition(" ")[[0, 2]].to_numpy().T
    canonical = {
        "record_id": raw["record_id"], "given_name": raw["fn"], "given_key": raw["fn"], "family_name": raw["ln"],
        "family_key": raw["ln"], "birth_date": raw["dob"], "postcode": raw["zip"], "city": raw["city"],
        "address_line": raw["addr"], "house_number": number, "street_key": street, "country": "US", "region": "americas",
        "emails": _sets(raw["email"]), "email_keys": _sets(raw["email"]), "phones": _sets("+1" + raw["phone"]),
    }  # fmt: skip
    _write(pd.DataFrame(canonical, dtype=object).sort_values("record_id", ignore_index=True), folder)
    return Prepared(folder, truth, None)


def _sets(values: "pd.Series[str]") -> list[list[str]]:
    return [[value] if isinstance(value, str) else [] for value in values]


def _write(snapshot: pd.DataFrame, folder: Path) -> None:
    known = {field.name: field.type for kind in ("interactions", "customers") for field in cleaned_schema(kind)}
    schema = pa.schema([(name, known.get(name, pa.string())) for name in SNAPSHOT_COLUMNS if "time" not in name])
    table = pa.Table.from_pandas(snapshot.reindex(columns=schema.names).astype(object), schema=schema, preserve_index=False)
    pq.write_table(table, folder / "snapshot.parquet")


def _usual(name: str) -> list[str]:
    """Systems run on a set; the plain model where all there is are plain fields."""
    return [system for system in SYSTEMS if system != "suki_plain" or name.startswith("us_")]


def _run(system: str, name: str, ready: Prepared, model: Path | None) -> Result | str:
    """One system on one set, or why it has no figures."""
    if (name, system) in TOO_LARGE:
        return f"{SYSTEMS[system]}: {TOO_LARGE[name, system]}"
    say(f"{name}: {SYSTEMS[system]}")
    python = OTHERS / "bin" / "python" if system == "splink5" else Path(sys.executable)
    more = [str(model.resolve())] if model and system == "suki_core" else []
    command = [str(python), "-m", f"benchmarks.systems.{system}", name, str(ready.folder), *more]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'plugins'}"}
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        return f"{SYSTEMS[system]}: failed"
    found = pq.read_table(ready.folder / f"{system}.parquet").to_pandas().set_index("record_id")["cluster"]
    found = found[found.index.isin(ready.truth.index)]
    return Result(
        system,
        pairwise(ready.truth, found).f1,
        b_cubed(ready.truth, found).f1,
        int(found.value_counts().max()),
        json.loads(done.stdout.splitlines()[-1]),
    )


_HEADER = (
    "| set | system | pairwise F1 | B-cubed F1 | largest | seconds | CPU s | to Splink | memory MB | cleaning s |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)


def _lines(name: str, ready: Prepared, results: list[Result | str]) -> Iterator[str]:
    splink = next((r.took["all"] for r in results if isinstance(r, Result) and r.system == "splink5"), None)
    for result in results:
        if isinstance(result, str):
            yield f"| {name} | {result} | | | | | | | | |"
            continue
        ratio = f"{result.took['all'] / splink:.2f}" if splink else ""
        ours = f"{ready.cleaning:.1f}" if ready.cleaning is not None and result.system == "suki_core" else ""
        yield (
            f"| {name} | {SYSTEMS[result.system]} | {result.f1:.4f} | {result.b_cubed:.4f} | {result.largest:,} |"
            f" {result.took['all']:.1f} | {result.took['cpu']:.1f} | {ratio} | {result.took['peak_memory_mb']:,} | {ours} |"
        )


if __name__ == "__main__":
    sys.exit(main())
