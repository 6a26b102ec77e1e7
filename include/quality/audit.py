"""The page of an audit: how good the data are by dimension and source, which way that goes, what lowered it, and who is missing.

Plain HTML from counts of ``ops.audit_figure``: names of fields, sources, stores and countries, no customer's value.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from include.quality.bounds import Bounds, learned_bounds
from include.quality.declared import Learned
from include.quality.report import templates

Row = Mapping[str, Any]

DIMENSIONS = {
    "completeness": "of the fields that matter, those that hold something",
    "validity": "of what is held, what nothing makes doubtful",
    "consistency": "of what several records say of a person, what is what we believe",
    "uniqueness": "of the records, those that are their customer's only one at that source",
    "timeliness": "of the days, those on which the source delivered",
}
"""Dimension > what its score is a share of."""

MONITORS = {
    "records_per_customer": "records a customer has; a jump means that strangers are merged, a drop that people are torn apart",
    "largest_customer": "share of all records that are the largest customer's",
    "review_share": "share of the scored pairs that are left to a steward",
    "mean_match_weight": "mean weight of the pairs that match, in log2 odds: how sure they are",
    "ids_given_up": "customer ids merged or retired, of all customers: in a week, or by the run",
}

_USUAL = Learned(tolerance=0.03, least=4)
"""A score that leaves what it was by more than three points, and by more than it used to move, is told."""

_MOVED = Learned(tolerance=0.2, least=4)
"""Identity monitors are no shares; they may move by a fifth."""

_LOWERED = 8
_LEAST_IMPACT = 0.0005


@dataclass(frozen=True)
class Score:
    """A figure now and before.

    Attributes:
        name: The source, or the monitor.
        now: The figure; None: there is nothing to judge.
        before: It at the last audit.
        bounds: Between what it usually lies.
        earlier: It at the audits before, the oldest first.
    """

    name: str
    now: float | None
    before: float | None
    bounds: Bounds | None
    earlier: tuple[float, ...]

    @property
    def usual(self) -> float | None:
        """What it usually is."""
        return None if self.bounds is None else self.bounds.usual

    @property
    def unusual(self) -> bool:
        """Whether it left its bounds."""
        if self.now is None or self.bounds is None or self.bounds.low is None or self.bounds.high is None:
            return False
        return not self.bounds.low <= self.now <= self.bounds.high


@dataclass(frozen=True)
class Lowered:
    """A field whose figure fell since the last audit, and by how much that moved its dimension."""

    dimension: str
    source: str
    scope: str
    field: str
    now: float
    before: float
    impact: float


@dataclass(frozen=True)
class Missing:
    """A group that is rarer in a part of the customers than among all."""

    segment: str
    name: str
    part: str
    customers: int
    share: float
    overall: float

    @property
    def ratio(self) -> float:
        """How much rarer: 0.5 is half as common."""
        return self.share / self.overall


@dataclass(frozen=True)
class Finding:
    """An audit, read."""

    as_of: datetime | None
    scores: Mapping[str, Sequence[Score]]
    monitors: Sequence[Score]
    lowered: Sequence[Lowered]
    missing: Sequence[Missing]
    audits: int

    @property
    def unusual(self) -> list[str]:
        """What left its bounds, in words."""
        told = [f"{dimension} of {score.name}" for dimension, scores in self.scores.items() for score in scores if score.unusual]
        return told + [score.name.replace("_", " ") for score in self.monitors if score.unusual]

    @property
    def sentence(self) -> str:
        """The one sentence to read."""
        if self.as_of is None:
            return "This run has audited nothing yet."
        overall = ", ".join(
            f"{dimension} {_percent(scores[0].now)}"
            for dimension, scores in self.scores.items()
            if scores and scores[0].now is not None
        )
        told = f" Unlike the audits before: {', '.join(self.unusual)}." if self.unusual else ""
        gaps = len({(one.segment, one.name) for one in self.missing})
        rare = f" {gaps} group{'s are' if gaps != 1 else ' is'} under-represented in some part of the customers." if gaps else ""
        return f"{overall}.{told}{rare}"


def finding(figures: Sequence[Row], earlier: Sequence[Row], *, under_represented: float, least_customers: int) -> Finding:
    """Read an audit.

    Args:
        figures: Its rows of ``ops.audit_figure``.
        earlier: Those of the audits before, the latest first, with ``as_of``.
        under_represented: How much rarer a group may be in a part than among all before it is named.
        least_customers: Groups of fewer are not judged.
    """
    before: dict[datetime, list[Row]] = defaultdict(list)
    for row in earlier:
        before[row["as_of"]].append(row)
    audits = [before[moment] for moment in sorted(before)]
    return Finding(
        max((row["as_of"] for row in figures), default=None),
        {dimension: _scores(dimension, figures, audits) for dimension in DIMENSIONS},
        monitors(figures, audits),
        _lowered(figures, audits[-1] if audits else []),
        _missing(figures, under_represented, least_customers),
        len(audits),
    )


def audit_page(dag_id: str, run_id: str, found: Finding) -> str:
    """HTML of an audit."""
    return templates().get_template("audit.html").render(
        dag_id=dag_id, run_id=run_id, found=found, dimensions=DIMENSIONS, monitors=MONITORS, percent=_percent, points=_points,
    )  # fmt: skip


def _scores(dimension: str, figures: Sequence[Row], audits: Sequence[Sequence[Row]]) -> list[Score]:
    mine = _of(figures, dimension, None)
    sources = sorted({row["source"] for row in mine})
    scores = []
    for source in (None, *sources):
        past = [found for audit in audits if (found := _share(_of(audit, dimension, source))) is not None]
        now = _of(mine, dimension, source)
        bounds = learned_bounds(_USUAL, "share", past[::-1], int(sum(row["whole"] for row in now)))
        scores.append(Score(source or "all sources", _share(now), past[-1] if past else None, bounds, tuple(past[-8:])))
    return scores


def monitors(figures: Sequence[Row], audits: Sequence[Sequence[Row]]) -> list[Score]:
    """Identity now, each figure beside what it used to be.

    Args:
        figures: Rows of dimension ``identity``.
        audits: The same of the audits, or of the runs, before, the oldest first.
    """
    found = []
    for name in MONITORS:
        now, past = _monitored(figures, name), [share for audit in audits if (share := _monitored(audit, name)) is not None]
        # A figure of a handful moves by chance, as a count does; taken in thousandths it is judged as one.
        bounds = learned_bounds(_MOVED, "count", [share * 1000 for share in past[::-1]], 0)
        scaled = bounds and Bounds(bounds.usual / 1000, _thousandth(bounds.low), _thousandth(bounds.high), bounds.days)
        found.append(Score(name, now, past[-1] if past else None, scaled, tuple(past[-8:])))
    return found


def _monitored(rows: Iterable[Row], name: str) -> float | None:
    return _share([row for row in _of(rows, "identity", None) if row["field"] == name])


def _thousandth(figure: float | None) -> float | None:
    return None if figure is None else figure / 1000


def _lowered(figures: Sequence[Row], last: Sequence[Row]) -> list[Lowered]:
    known = {_key(row): row for row in last}
    wholes: dict[str, float] = defaultdict(float)
    for row in figures:
        wholes[row["dimension"]] += row["whole"]
    fell = []
    for row in figures:
        then = known.get(_key(row))
        if row["dimension"] not in DIMENSIONS or then is None or not row["whole"] or not then["whole"]:
            continue
        now, was = row["good"] / row["whole"], then["good"] / then["whole"]
        impact = (now - was) * row["whole"] / wholes[row["dimension"]]
        if impact <= -_LEAST_IMPACT:
            fell.append(Lowered(row["dimension"], row["source"], row["scope"], row["field"], now, was, impact))
    return sorted(fell, key=lambda one: one.impact)[:_LOWERED]


def _missing(figures: Sequence[Row], least_ratio: float, least_customers: int) -> list[Missing]:
    covered = [row for row in figures if row["dimension"] == "coverage"]
    overall = {row["field"]: row["good"] / row["whole"] for row in covered if row["source"] == "all" and row["whole"]}
    found = [
        Missing(row["source"], row["scope"], row["field"], int(row["whole"]), row["good"] / row["whole"], overall[row["field"]])
        for row in covered
        if row["source"] != "all" and row["whole"] >= least_customers and overall.get(row["field"])
        and not (row["source"] == "age" and row["field"] == "with an age")  # who has none is none of the ages
    ]  # fmt: skip
    return sorted((one for one in found if one.ratio < least_ratio), key=lambda one: (one.ratio, one.segment, one.name, one.part))


def _of(rows: Iterable[Row], dimension: str, source: str | None) -> list[Row]:
    return [row for row in rows if row["dimension"] == dimension and source in (None, row["source"])]


def _share(rows: Sequence[Row]) -> float | None:
    whole = sum(row["whole"] for row in rows)
    return sum(row["good"] for row in rows) / whole if whole else None


def _key(row: Row) -> tuple[str, str, str, str]:
    return row["dimension"], row["source"], row["scope"], row["field"]


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}".replace("%", " %")


def _points(now: float | None, before: float | None) -> str:
    return "" if now is None or before is None else f"{(now - before) * 100:+.1f}"
