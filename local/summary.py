"""What became of every row, read from the warehouse when a demo ends."""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from local.problem import Problem

if TYPE_CHECKING:
    import pandas as pd

    from include.golden.evaluation import Scores

_SOURCES = """
    SELECT source,
           coalesce(sum(rows_in) FILTER (WHERE step = 'extract'), 0)::bigint AS extracted,
           sum(unchanged)::bigint AS unchanged,
           sum(quarantined)::bigint AS quarantined,
           coalesce(sum(rows_out) FILTER (WHERE step = 'stage'), 0)::bigint AS staged
      FROM ops.step_count
     WHERE dag_id LIKE 'ingest\\_%%' AND run_id = ANY(%s)
     GROUP BY source
     ORDER BY source
"""

_REFUSED = "SELECT DISTINCT source, file, reason FROM ops.delivery WHERE status = 'refused' ORDER BY source, file"

_RESOLVED = """
    SELECT report, content_hash, sequence FROM ops.resolve_run
     WHERE content_hash IS NOT NULL
     ORDER BY sequence DESC LIMIT 1
"""

_REPORTS = "SELECT report FROM ops.resolve_run WHERE status = 'published' ORDER BY sequence"

_HOUSEHOLDS = "SELECT customer_id::text, household_id::text FROM golden.household_member"

_REPEATS = "SELECT customer_id::text, source FROM golden.repeat_registration WHERE flagged"

_BANDS = "SELECT band, count(*) FROM identity.edge GROUP BY band"

_People = dict[tuple[str, ...], str]
"""Source, stream and key there > the person whose record it is."""

_REPLACED = "sent again as"  # how a reader says that a complete copy came later

# A record that its source deleted is no customer's any more; one that was quarantined is somebody all the same and counts as
# missed.
_PARTITION = """
    SELECT r.source, r.stream, r.source_key, c.customer_id::text, coalesce(v.deleted, false)
      FROM staging.record r
      LEFT JOIN golden.crosswalk c USING (record_id)
      LEFT JOIN staging.latest_version v USING (record_id)
"""


@dataclass(frozen=True)
class Summary:
    """The figures of a demo."""

    sources: list[tuple[str, int, int, int, int]]
    """Source, rows extracted, unchanged, quarantined, staged."""
    refused: list[tuple[str, str, str]]
    """Source, file and why, of every delivery that was refused whole."""
    resolved: dict[str, int]
    """What is published, and over all runs the pairs compared and the customers merged and split."""
    scores: dict[str, float]
    """Pairwise precision, recall and F1 against the sample's truth."""
    households: dict[str, float]
    """The same of people who live together."""
    repeats: dict[str, float]
    """The same of people who registered again and again under addresses made for it."""
    content_hash: str

    def lines(self) -> list[str]:
        """The summary as the demo prints it."""
        table = [("source", "extracted", "unchanged", "quarantined", "staged"), *((s, *map(_count, n)) for s, *n in self.sources)]
        totals = tuple(_count(sum(row[i] for row in self.sources)) for i in range(1, 5))  # type: ignore[misc]
        table.append(("all", *totals))
        lines = [f"  {row[0]:14}" + "".join(f"{cell:>13}" for cell in row[1:]) for row in table]
        unreadable = [(file, reason) for _, file, reason in self.refused if not reason.startswith(_REPLACED)]
        lines += ["", *(f"  refused whole: {file}: {reason}" for file, reason in unreadable)]
        if replaced := len(self.refused) - len(unreadable):
            lines += [f"  {replaced} files were sent again, and the later copy was taken"]
        lines += ["", "  " + ", ".join(f"{_count(count)} {name}" for name, count in self.resolved.items())]
        told = {"": self.scores, "households ": self.households, "repeat registrations ": self.repeats}
        for what, scores in told.items():
            if scores:
                figures = ", ".join(f"{name} {score:.3f}" for name, score in scores.items())
                lines += [f"  {what}against the sample's truth: {figures}"]
        return [*lines, f"  golden content hash {self.content_hash}"]


def summarise(warehouse_url: str, truth: Path, run_ids: Sequence[str]) -> Summary:
    """Read the figures of these ingest runs and of the state they led to."""
    with psycopg.connect(warehouse_url, connect_timeout=10) as connection:
        connection.read_only = True
        sources = connection.execute(_SOURCES, (list(run_ids),)).fetchall()
        refused = connection.execute(_REFUSED).fetchall()
        newest = connection.execute(_RESOLVED).fetchone()
        reports = [row[0] for row in connection.execute(_REPORTS).fetchall()]
        bands: dict[str, int] = dict(connection.execute(_BANDS).fetchall())
        partition = connection.execute(_PARTITION).fetchall()
        households = connection.execute(_HOUSEHOLDS).fetchall()
        repeats = connection.execute(_REPEATS).fetchall()
    if newest is None:
        raise Problem("No resolve run has published anything. Look at the Dag resolve_customers in the UI.")
    people = people_of(truth / "truth.csv")
    return Summary(
        sources=[tuple(row) for row in sources],
        refused=[tuple(row) for row in refused],
        resolved=_resolved(reports or [newest[0]], bands),
        scores=_scores(people, partition),
        households=_household_scores(truth, people, partition, households),
        repeats=_repeat_scores(truth, people, partition, repeats),
        content_hash=newest[1],
    )


def content_hash(warehouse_url: str) -> str | None:
    """The golden table's content hash after the newest resolve run, if there was one."""
    with psycopg.connect(warehouse_url, connect_timeout=10) as connection:
        if connection.execute("SELECT to_regclass('ops.resolve_run')").fetchone() == (None,):
            return None
        newest = connection.execute(_RESOLVED).fetchone()
    return None if newest is None else str(newest[1])


def records_waiting(warehouse_url: str) -> int:
    """Records that changed and are not resolved yet."""
    with psycopg.connect(warehouse_url, connect_timeout=10) as connection:
        row = connection.execute("SELECT count(*) FROM staging.dirty_record").fetchone()
    return 0 if row is None else int(row[0])


def _resolved(reports: list[dict[str, Any]], bands: dict[str, int]) -> dict[str, int]:
    """A run reports what it did, and it may have looked at a part only: what there is now is counted where it stands."""
    newest = reports[-1]
    over_all = {name: sum(int(report.get(name) or 0) for report in reports) for name in ("pairs", "merged", "split")}
    return {
        "records": int(newest.get("live_records") or 0), "pairs": over_all["pairs"], "matches": bands.get("match", 0),
        "reviews": bands.get("review", 0), "customers": int(newest.get("customers") or 0), "merged": over_all["merged"],
        "split": over_all["split"],
    }  # fmt: skip


def _scores(people: _People, partition: Sequence[tuple[Any, ...]]) -> dict[str, float]:
    if not people:
        return {}
    import pandas as pd

    from include.golden.evaluation import pairwise

    customers = {row[:3]: row[3] for row in partition}
    deleted = {row[:3] for row in partition if row[4]}
    people = {key: person for key, person in people.items() if key not in deleted}
    names = {key: "/".join(key) for key in people}
    truth = pd.Series({names[key]: person for key, person in people.items()}, dtype="object")
    predicted = pd.Series({names[key]: customers[key] for key in people if customers.get(key)}, dtype="object")
    scores = pairwise(truth, predicted)
    return _figures(scores)


def _figures(scores: "Scores") -> dict[str, float]:
    return {"precision": scores.precision, "recall": scores.recall, "F1": scores.f1}


def _household_scores(
    truth: Path, people: _People, partition: Sequence[tuple[Any, ...]], found: Sequence[tuple[str, str]]
) -> dict[str, float]:
    """People who live together, found in one household."""
    if not (truth / "homes.csv").exists():
        return {}
    import pandas as pd

    from include.golden.evaluation import people_together

    home = pd.Series({row["person_id"]: row["household_id"] for row in _rows(truth / "homes.csv")}, dtype="object")
    household = pd.Series(dict(found), dtype="object")
    return _figures(people_together(_person_of(people, partition), home, household))


def _repeat_scores(
    truth: Path, people: _People, partition: Sequence[tuple[Any, ...]], found: Sequence[tuple[str, str]]
) -> dict[str, float]:
    """People with two accounts or more at one source under addresses made for the occasion."""
    if not (truth / "aliases.csv").exists():
        return {}
    from include.golden.evaluation import found_again

    living = {row[:3] for row in partition if row[3] is not None}
    aliases = [(row["source"], row["stream"], row["source_key"]) for row in _rows(truth / "aliases.csv")]
    held = Counter((key[0], people[key]) for key in aliases if key in living)
    wanted = {f"{source}/{name}" for (source, name), accounts in held.items() if accounts > 1}
    of = _person_of(people, partition)
    return _figures(found_again(wanted, [f"{source}/{of[customer]}" for customer, source in found]))


def _person_of(people: _People, partition: Sequence[tuple[Any, ...]]) -> "pd.Series[str]":
    """Customer > the person most of its records are of."""
    import pandas as pd

    known = [(row[3], people[row[:3]]) for row in partition if row[3] is not None and row[:3] in people]
    counted = pd.DataFrame(known, columns=["customer", "person"], dtype="object").value_counts().reset_index()
    counted = counted.sort_values(["customer", "count", "person"], ascending=[True, False, True]).drop_duplicates("customer")
    return counted.set_index("customer")["person"]


def people_of(file: Path) -> _People:
    """Nobody where there is no truth."""
    if not file.exists():
        return {}
    return {(row["source"], row["stream"], row["source_key"]): row["person_id"] for row in _rows(file)}


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _count(number: int) -> str:
    return f"{number:,}"
