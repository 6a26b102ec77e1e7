"""What it costs to find out who is who, warehouse and lake included: all records at once, and then what a change of some costs.

Invented customers are staged in a PostgreSQL of the benchmark's own. Then the resolve run's own operators work on them, each in a
forked process as LocalExecutor runs a task: once over all, and once more after some records were told otherwise, came or went.
What was staged and what was resolved is kept beside the project, so that a second measurement begins where it is asked to.
"""

import argparse
import importlib
import os
import pickle
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.customers import mapped_frames
from benchmarks.matching import say
from benchmarks.measured import Measured, forked, measuring, show
from include.cleaning.chunks import clean_chunks
from include.cleaning.frames import clean_customers
from include.cleaning.habits import Habits
from include.privacy.regions import region_of
from include.warehouse import landing, staging
from include.warehouse.engine import connect, migrate
from local.postgres import Server
from local.progress import Progress
from local.services import Platform
from local.settings import PROJECT, Settings
from suki.frames import cleaned_schema, from_table, to_table
from suki.listeners.warm_start import warm_start
from tests import flow

_STREAMS = {"online_sales": "customers", "store_pos": "customers", "support": "users"}
"""Where a person's first, second and third record come from."""
_LOGIN = "suki_app"
_ANEW = (
    ("phones",),
    ("emails", "email_keys"),
    ("address_line", "house_number", "street_key", "city", "subdivision", "postcode", "country"),
)
"""What a changed record says otherwise: a new number, a new mailbox, another home; each a third of them."""
_CHANGED, _COME = 0.7, 0.2
"""Share of a change that is records told otherwise, and records that are new; the rest are gone."""
_FEW = 10
"""A change as good as none: what it costs is what any change costs before the first record is looked at."""
_LEAST = 0.05
"""The share of the whole run's work that a change of a hundredth is to stay under."""


def main() -> int:
    """Make what is missing, measure, print; 1 if a change costs more than it may."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.identity", description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000, help="records of the base (default: 1,000,000)")
    parser.add_argument("--changed", type=int, help="records of the change (default: a hundredth of the base)")
    parser.add_argument("--again", choices=("all", "change"), default="all", help="begin with the resolved base of the last time")
    asked = parser.parse_args()
    changed = asked.changed or asked.records // 100
    settings = Settings.load({**os.environ, "SUKI_STATE": str(PROJECT / ".suki-bench-identity")})
    platform = Platform(settings, Progress())
    platform.start_postgres()
    try:
        bench = _Bench(platform.postgres, settings.secret(_LOGIN), settings.state, asked.records)
        first = bench.resolved(anew=asked.again == "all")
        few, change = bench.changed(_FEW), bench.changed(changed)
    finally:
        platform.stop()
    show(f"{asked.records:,} records at once", first)
    show(f"{_FEW:,} of them changed", few)
    show(f"{changed:,} of them changed", change)
    _taken_apart(few, change)
    return _compared(first, change)


class _Bench:
    """The database server and the folder of the measurement."""

    def __init__(self, server: Server, password: str, folder: Path, records: int) -> None:
        self.server, self.password, self.folder, self.records = server, password, folder, records
        warm_start()
        importlib.import_module("airflow.sdk.execution_time.task_runner")  # as every worker has before it forks a task

    def resolved(self, *, anew: bool) -> Measured:
        """A run over all records; what it left is kept for changes."""
        kept, lake = self.folder / f"resolved_{self.records}.pickle", self.folder / f"lake_{self.records}"
        if not anew and kept.is_file():
            found: Measured = pickle.loads(kept.read_bytes())  # noqa: S301 - written by the line below
            return found
        self._loaded()
        kept.unlink(missing_ok=True)
        shutil.rmtree(lake, ignore_errors=True)
        self._copy(f"loaded_{self.records}", f"resolved_{self.records}")
        found = self._run(f"resolved_{self.records}", lake, "all")
        kept.write_bytes(pickle.dumps(found))
        return found

    def changed(self, count: int) -> Measured:
        """A run over a change of the resolved base, in a copy of it."""
        self._copy(f"resolved_{self.records}", "changed")
        forked(partial(self._stage, "changed", partial(_change, self._base(), count), "2026-09-01"))
        return self._run("changed", self.folder / f"lake_{self.records}", f"change of {count}")

    def _loaded(self) -> None:
        """A warehouse with all records staged, and none resolved."""
        name = f"loaded_{self.records}"
        if self._base().is_file() and self._there(name):
            return
        self._make(f"{name}_making")
        forked(partial(self._stage, f"{name}_making", partial(_cleaned, self.records, self._base()), "2026-08-01"))
        with self.server.superuser() as connection:
            connection.execute(f"ALTER DATABASE {name}_making RENAME TO {name}")

    def _base(self) -> Path:
        return self.folder / f"base_{self.records}.parquet"

    def _url(self, name: str) -> str:
        return self.server.url(name, _LOGIN, self.password)

    def _there(self, name: str) -> bool:
        with self.server.superuser() as connection:
            return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is not None

    def _make(self, name: str, template: str = "template0") -> None:
        self.server.drop_database(name)
        self.server.ensure_database(name, _LOGIN, template)
        migrate(self._url(name))

    def _copy(self, name: str, to: str) -> None:
        say(f"A copy of the warehouse {name}")
        self._make(to, name)

    def _stage(self, name: str, frames: Callable[[], Iterable[pd.DataFrame]], day: str) -> None:
        engine = connect(self._url(name), "suki_ingest")
        for number, (source, frame) in enumerate(part for whole in frames() for part in _by_source(whole)):
            landed = _landing(frame, source, f"{day}/{number}", day)
            with engine.begin() as connection:
                committed = landing.commit_landing(connection, landed.manifest, landed.deliveries, [landed.rows])
                meta = staging.BatchMeta(source, _STREAMS[source], committed.manifest_id, "contract")
                counts = staging.stage_customers(connection, [frame], meta)
            say(f"Staged {counts.rows_in:,} rows of {source}, {counts.dirty:,} records to resolve")
        with self.server.superuser(name) as connection:
            connection.execute("VACUUM ANALYZE")

    def _run(self, name: str, lake: Path, run_id: str) -> Measured:
        with flow.connections(self._url(name), self.folder, lake), measuring(self.server) as found:
            reference = flow.resolve(run_id)
        assert reference is not None
        found.counts = dict(reference["counts"])
        return found


@dataclass(frozen=True)
class _Landing:
    manifest: dict[str, Any]
    deliveries: list[dict[str, Any]]
    rows: pd.DataFrame


def _by_source(frame: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    nth = frame["record_id"].str[-1].astype(int)
    for number, source in enumerate(_STREAMS):
        yield source, frame[nth == number].reset_index(drop=True)


def _landing(frame: pd.DataFrame, source: str, file: str, day: str) -> _Landing:
    moment = pd.Timestamp(day, tz="UTC").to_pydatetime()
    manifest = {
        "source": source, "stream": _STREAMS[source], "kind": "customers", "epoch": 1, "restarts": (), "window_start": moment,
        "window_end": moment, "uri": file, "rows": len(frame),
        "sha256": file, "schema_fingerprint": "benchmark", "run_id": "benchmark", "key_id": "1", "files": True,
    }  # fmt: skip
    delivery = {
        "file": file, "delivered_on": moment.date(), "mode": "changes", "scope": None, "sha256": file, "rows": len(frame),
        "status": "accepted", "reason": None,
    }  # fmt: skip
    rows = pd.DataFrame(
        {"record_id": frame["record_id"], "source_key": frame["record_id"], "file": file, "scope": None}, dtype=object
    )
    return _Landing(manifest, [delivery], rows)


def _cleaned(records: int, keep: Path, seed: int = 1) -> Iterator[pd.DataFrame]:
    """Cleaned invented customers, kept in a file as well."""
    schema, making = cleaned_schema("customers"), keep.with_suffix(".making")
    with pq.ParquetWriter(making, schema, compression="zstd") as writer:
        for mapped in mapped_frames(records, seed):
            table = to_table(_clean(mapped), schema)
            writer.write_table(table)
            yield from_table(table)
    making.rename(keep)


def _clean(mapped: pd.DataFrame) -> pd.DataFrame:
    clean = partial(clean_customers, habits=Habits())
    frame = pd.concat(clean_chunks([mapped], clean, len(os.sched_getaffinity(0))), ignore_index=True)
    return frame.assign(region=region_of(frame["country"], None), cleaning_version=1)


def _change(base: Path, count: int) -> Iterator[pd.DataFrame]:
    """A later delivery: records of the base that say something else, new records, and records that are gone."""
    changed, come = int(count * _CHANGED), int(count * _COME)
    gone = count - changed - come
    every = next(pq.ParquetFile(base).iter_batches(batch_size=50 * count))
    old = from_table(pa.Table.from_batches([every])).sample(changed + gone, random_state=7).reset_index(drop=True)
    fresh = _clean(next(mapped_frames(count, seed=2))).iloc[:count].reset_index(drop=True)
    told = old.iloc[:changed].copy()
    for number, columns in enumerate(_ANEW):
        third = told.index[number :: len(_ANEW)]
        for column in columns:
            told.loc[third, column] = fresh.loc[third, column]
    new = fresh.iloc[changed : changed + come].assign(
        record_id=lambda rows: rows["record_id"].str.replace("00000000-0000-8", "00000000-0001-8", n=1)
    )
    left = old.iloc[changed:].assign(deleted=True)
    frame = pd.concat([told, new, left], ignore_index=True)
    day = pd.Timestamp("2026-09-01", tz="UTC")
    yield frame.assign(source_updated_at=day, delivered_on=day.date())


def _taken_apart(few: Measured, change: Measured) -> None:
    """What a change costs whatever its size, and what each changed record costs."""
    more = (change.whole.cpu - few.whole.cpu) / (change.counts["dirty"] - few.counts["dirty"])
    print(f"\nA change of {few.counts['dirty']:,} records: {few.whole.cpu:.1f} s of CPU; each more {1000 * more:.2f} ms.")


def _compared(first: Measured, change: Measured) -> int:
    """What a change took of what all took."""
    rows = {
        "seconds of CPU": (first.whole.cpu, change.whole.cpu),
        "pairs scored": (first.counts["pairs"], change.counts["pairs"]),
        "records read": tuple(
            run.counts[name] + run.counts["residents_read"] for run, name in ((first, "records"), (change, "rows_read"))
        ),
        "records published": (first.counts["live_records"], change.counts["touched"]),
    }
    print(f"\n{'':20}{'all at once':>14}{'the change':>14}{'share':>9}")
    for name, (whole, part) in rows.items():
        print(f"{name:20}{whole:14,.0f}{part:14,.0f}{part / whole:9.1%}")
    return int(any(part > _LEAST * whole for whole, part in rows.values()))


if __name__ == "__main__":
    sys.exit(main())
