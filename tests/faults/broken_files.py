"""Feeds one broken file to the steps of an ingest run, on a warehouse of its own, and judges what became of it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from unittest import mock

from airflow.sdk.exceptions import AirflowFailException

from include.sources import discover, discovery
from suki.operators.base import TaskFailed
from tests.faults.kinds import Kind
from tests.faults.targets import DAY, NEXT_DAY, TARGETS, Target
from tests.integration.flow.world import World, unbalanced

_STAGED = "SELECT record_id, content_hash FROM staging.record_version ORDER BY 1, 2"


@dataclass(frozen=True)
class Sound:
    """What the sound file gives.

    Attributes:
        rows: Of the file itself.
        staged: Record ids and contents of all its source delivered.
        values: E-mail addresses and phones in the file, which no message may hold.
    """

    rows: int
    staged: str
    values: frozenset[str]


@dataclass
class Outcome:
    """What became of a broken file.

    Attributes:
        ended: ``taken``, ``refused`` (nothing of it was taken) or ``gate closed`` (landed and gone no further); else how it died.
        said: The sentence of a refusal.
        landed: Rows the reader gave of the source's files.
        staged, unchanged, quarantined, suppressed: What became of them.
        wrong: What is not as it must be; empty: survived.
    """

    ended: str
    said: str = ""
    landed: int = 0
    staged: int = 0
    unchanged: int = 0
    quarantined: int = 0
    suppressed: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def lost(self) -> int:
        """Rows that landed and are nowhere."""
        if self.ended != "taken":
            return 0
        return self.landed - self.staged - self.unchanged - self.quarantined - self.suppressed


def feed(kind: Kind, world: World, exports: Path, sources: Path, sound: Sound, seed: int) -> Outcome:
    """Put the broken file in the place of the sound one, in folders of its own, and run its source's day."""
    target = TARGETS[kind.target]
    shutil.copytree(exports / target.source, world.exports / target.source)
    path, content = world.exports / target.path, (exports / target.path).read_bytes()
    path.unlink()
    spoilt = kind.spoil(target, content, Random(f"{seed} {kind}"))
    (kind.place or (lambda file, given: file.write_bytes(given)))(path, spoilt)
    with mock.patch.object(discovery, "HERE", sources):
        found = _run(target, world)
    found.wrong += [*_unclear(found, target, sound), *_unlike(kind, found, target, world, sound)]
    return found


def sound(target: Target, world: World, exports: Path, sources: Path) -> Sound:
    """What the sound file gives."""
    shutil.copytree(exports / target.source, world.exports / target.source)
    with mock.patch.object(discovery, "HERE", sources):
        found = _run(target, world)
    assert found.ended == "taken", f"the sound file of {target.name} is not taken: {found.ended} {found.said}"
    values: set[str] = set()
    if target.form in ("csv", "json", "jsonl"):
        rows = target.rows((exports / target.path).read_bytes())
        values = {str(row[target.fields[role]]) for row in rows for role in ("email", "phone") if row[target.fields[role]]}
    return Sound(_rows_of_file(target, world), str(world.query(_STAGED)), frozenset(value for value in values if len(value) > 5))


def _run(target: Target, world: World) -> Outcome:
    try:
        world.ingest(target.source, DAY, NEXT_DAY)
        ended, said = "taken", ""
    except (TaskFailed, AirflowFailException) as problem:
        ended, said = _kind_of_refusal(world, target), str(problem)
    except BaseException as problem:
        return Outcome("died", wrong=[f"died of {type(problem).__name__}"])
    found = Outcome(ended, said)
    steps = world.query(
        "SELECT step, sum(rows_in), sum(rows_out), sum(unchanged), sum(quarantined), sum(suppressed)"
        " FROM ops.step_count GROUP BY 1"
    )
    by_step = {step: [int(count) for count in counts] for step, *counts in steps}
    found.landed = by_step.get("extract", [0])[0]
    found.staged = by_step.get("stage", [0, 0])[1]
    found.unchanged, found.quarantined, found.suppressed = (sum(counts[at] for counts in by_step.values()) for at in (2, 3, 4))
    if ended == "taken":
        found.wrong += [f"step {step} of {stream} does not add up" for _, step, _, stream in unbalanced(world)]
    return found


def _kind_of_refusal(world: World, target: Target) -> str:
    ((landed,),) = world.query("SELECT count(*) FROM ops.manifest WHERE stream = :stream", stream=_stream(target))
    return "gate closed" if landed else "refused"


def _stream(target: Target) -> str:
    """The stream of customers that reads the file."""
    return next(name for name, stream in discover()[target.source].streams.items() if stream.kind == "customers")


def _rows_of_file(target: Target, world: World) -> int:
    """Rows that the stream of customers took of the file and of copies sent again."""
    stem = target.path.rpartition("/")[2].partition(".")[0]
    ((rows,),) = world.query(
        "SELECT coalesce(sum(d.rows), 0) FROM ops.delivery d JOIN ops.manifest m USING (manifest_id)"
        " WHERE d.file LIKE :file AND m.kind = 'customers' AND d.status = 'accepted'",
        file=f"%/{stem}.%",
    )  # fmt: skip
    return int(rows)


def _unclear(found: Outcome, target: Target, sound_: Sound) -> Iterator[str]:
    """What of a refusal a tired person could not act on, or must not see."""
    if found.ended in ("taken", "died"):
        return
    if "withheld" in found.said:
        yield "failed without a sentence"
    if found.ended == "refused" and f"{target.source}/" not in found.said:
        yield "the refusal names no file"
    if any(value in found.said for value in sound_.values):
        yield "the refusal quotes a customer"


def _unlike(kind: Kind, found: Outcome, target: Target, world: World, sound_: Sound) -> Iterator[str]:
    """What of the rows is not as the kind says."""
    if found.lost:
        yield f"{found.lost} rows are lost"
    if found.ended != "taken":
        if kind.same:
            yield "it says what the sound file says, and is refused"
        return
    rows = _rows_of_file(target, world)
    if kind.rows is not None and rows != sound_.rows + kind.rows:
        yield f"{rows} rows were read in place of {sound_.rows + kind.rows}"
    if kind.same and str(world.query(_STAGED)) != sound_.staged:
        yield "something else is staged than of the sound file"
