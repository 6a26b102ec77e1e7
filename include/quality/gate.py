"""A gate judges one batch between two steps: row by row as it streams by, and as a whole once it has passed.

>>> gate = Gate(load_suite("cleaned_customers"), facts=window_facts(batch.window), about="store_pos.customers")
>>> for chunk in chunks:
...     kept, rejected = gate.split(chunk)  # write both; rejected carries its reasons
>>> verdict = gate.close()                  # closed: throw the kept file away, nothing of the batch goes on
>>> verdict.demand()                        # raises GateClosed with the sentence
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

import numpy as np
import pandas as pd

from include.batch import Window
from include.quality.bounds import Bounds, History, bounded, learned_bounds
from include.quality.declared import Expectation, Measure, Suite
from include.quality.frames import FRAMES, TEXTS
from include.quality.judging import Judges, Positions, Remembered, failing, make_judges
from include.quality.lens import each_text, view
from include.quality.profile import Figure, Profile
from include.quality.verdict import Result, Verdict, shown

EXAMPLES = 3
"""Rows an expectation's result points at: enough to find the pattern, few enough for one sentence."""

_FILE = re.compile(r"[\w./=+-]{1,200}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Gate:
    """The judging of one batch by one suite.

    Args:
        suite: From ``load_suite``.
        facts: What the suite's ``facts`` ask for. More may be given; only those asked for are used.
        about: What is judged, for the sentence, e.g. ``store_pos.customers``. Never a person.
        owner: Who answers for what is judged, where the suite says ``source``.
        history: What its measures were on the same weekday before. None: what is learned is not judged, as in a bulk load or a
            backfill, which must end the same whatever was there before.

    Raises:
        ValueError: A fact is missing.
        DeclarationError: Great Expectations refuses an expectation's arguments.
    """

    def __init__(
        self,
        suite: Suite,
        *,
        facts: Mapping[str, Any] | None = None,
        about: str = "",
        owner: str | None = None,
        history: History | None = None,
    ) -> None:
        self._suite, self._about, self._owner, self._history = suite, about, owner, history
        self._facts = dict(facts or {})
        missing = sorted(set(suite.facts) - set(self._facts))
        if missing:
            raise ValueError(f"gate {suite.suite} needs the facts {', '.join(missing)}")
        self._rules = [e for e in suite.expectations if e.level == "row"]
        self._demands = [e for e in suite.expectations if e.level == "batch"]
        # What has learned bounds is judged by those of this batch's size; here it is only seen that its form is accepted.
        fixed = [e for e in suite.expectations if e.learned is None]
        judges = make_judges([*fixed, *(bounded(e, _ANY) for e in self._demands if e.learned)], self._facts, self._named)
        self._row_judges: Judges = {e.id: judges[e.id] for e in self._rules}
        self._batch_judges: Judges = {e.id: judges[e.id] for e in fixed if e.level == "batch"}
        self._remembered: dict[str, Remembered] = {}
        self._profile = Profile(suite.measures, self._facts)
        self._columns = _columns_judged(suite)
        self._missing_columns: set[str] = set()
        self._tallies = {e.id: _Tally() for e in self._rules}
        self._quarantined = 0
        self._closed = False

    @property
    def _named(self) -> str:
        return f"suite {self._suite.suite}"

    def split(self, chunk: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Judge the rows of a chunk.

        Returns:
            The rows that go on, and those that do not, with a column ``reasons`` (list of expectation ids). Columns and index are
            the chunk's own.
        """
        if self._closed:
            raise RuntimeError("the gate has given its verdict")
        self._missing_columns.update(set(FRAMES[self._suite.suite]) - set(chunk.columns))
        rows = view(chunk, self._columns, self._suite.derived)
        self._profile.add(rows)
        failed = self._failed_rows(rows)
        rejected = np.zeros(len(rows), dtype=bool)
        reasons: dict[int, list[str]] = {}
        for rule in self._rules:
            positions = failed.get(rule.id, _NONE)
            self._tallies[rule.id].add(positions, chunk)
            if rule.severity == "critical" and positions is not None:
                rejected[positions] = True
                for position in positions.tolist():
                    reasons.setdefault(position, []).append(rule.id)
        self._quarantined += int(rejected.sum())
        out = chunk.loc[rejected].copy() if rejected.any() else chunk.iloc[:0].copy()
        out["reasons"] = pd.Series([reasons[position] for position in sorted(reasons)], index=out.index, dtype=object)
        return (chunk.loc[~rejected] if rejected.any() else chunk), out

    def close(self) -> Verdict:
        """Judge the batch as a whole and give the verdict."""
        self._closed = True
        figures = self._profile.figures(self._built_in())
        columns = {e.id: e.columns for e in self._demands}
        profile = pd.DataFrame({name: [figure] for name, figure in figures.items()}, dtype=object)
        learned = {e.id: self._bounds(e) for e in self._demands if e.learned}
        known = [bounded(e, found) for e in self._demands if (found := learned.get(e.id))]
        failed = failing(profile, self._batch_judges | make_judges(known, self._facts, self._named), columns)
        results = [self._row_result(rule) for rule in self._rules]
        for demand in self._demands:
            result = _batch_result(self._suite, demand, figures, failed, self._owner_of(demand))
            results.append(
                _beside_history(result, figures[demand.columns[0]], learned[demand.id], self._history, self._unit(demand))
                if demand.learned
                else result
            )
        order = {e.id: n for n, e in enumerate(self._suite.expectations)}
        results.sort(key=lambda result: order[result.expectation])
        numbers = {name: float(figure) for name, figure in figures.items() if isinstance(figure, int | float)}
        return Verdict(self._suite.suite, self._about, self._profile.rows, self._quarantined, tuple(results), numbers)

    def _bounds(self, demand: Expectation) -> Bounds | None:
        """What its measure usually is; None if nobody knows yet, or it is not to be asked."""
        if demand.learned is None or self._history is None:
            return None
        days = self._history.get(demand.columns[0], ())
        return learned_bounds(demand.learned, self._unit(demand), days, self._profile.rows)

    def _unit(self, demand: Expectation) -> Literal["count", "share"]:
        return _unit(demand.columns[0], self._suite.measures)

    def _owner_of(self, expectation: Expectation) -> str | None:
        return self._owner if expectation.owner == OF_SOURCE else expectation.owner

    def _built_in(self) -> dict[str, Figure]:
        rows, quarantined = self._profile.rows, self._quarantined
        tolerated = quarantined <= self._suite.quarantine_allowance
        return {
            "rows": rows,
            "quarantined": quarantined,
            "quarantined_share": None if not rows else 0.0 if tolerated else quarantined / rows,
            "missing_columns": len(self._missing_columns),
        }

    def _failed_rows(self, rows: pd.DataFrame) -> dict[str, Positions | None]:
        if not len(rows):
            return {}
        columns = {rule.id: rule.columns for rule in self._rules}
        of_texts = {rule.id: rule.columns[0] for rule in self._rules if rule.columns[0] in TEXTS}
        scalars = {name: judge for name, judge in self._row_judges.items() if name not in of_texts}
        failed = failing(rows, scalars, columns, self._remembered)
        for column in sorted(set(of_texts.values())):
            texts = each_text(rows[column])
            judges = {name: self._row_judges[name] for name, of in of_texts.items() if of == column}
            origin = texts.index.to_numpy()
            for name, positions in failing(texts.to_frame(), judges, columns, self._remembered).items():
                failed[name] = None if positions is None else np.unique(origin[positions])
        return failed

    def _row_result(self, rule: Expectation) -> Result:
        tally = self._tallies[rule.id]
        rows = self._profile.rows
        share = tally.unexpected / rows if rows else 0.0
        too_many = rule.mostly is not None and share > 1 - rule.mostly
        found = "could not be judged" if tally.unjudged else f"{tally.unexpected:,} of {rows:,} rows"
        if rule.mostly is not None and not tally.unjudged:
            found += f", limit {shown('share', 1 - rule.mostly)}"
        return Result(
            suite=self._suite.suite,
            expectation=rule.id,
            type=rule.type,
            level="row",
            severity=rule.severity,
            reason=rule.reason,
            owner=self._owner_of(rule),
            success=not tally.unjudged and (tally.unexpected == 0 or (rule.mostly is not None and not too_many)),
            closes=rule.severity == "critical" and (too_many or tally.unjudged),
            evaluated=0 if tally.unjudged else rows,
            unexpected=tally.unexpected,
            found=found,
            examples=tuple(tally.examples),
        )


class _Tally:
    """How often one row rule failed, and where first."""

    def __init__(self) -> None:
        self.unexpected = 0
        self.unjudged = False
        self.examples: list[str] = []

    def add(self, positions: Positions | None, chunk: pd.DataFrame) -> None:
        if positions is None:
            self.unjudged = True
            return
        self.unexpected += len(positions)
        for position in positions[: EXAMPLES - len(self.examples)].tolist():
            self.examples.append(_place(chunk.iloc[position]))


def judge(
    chunks: Iterable[pd.DataFrame],
    suite: Suite,
    *,
    keep: Callable[[pd.DataFrame], object],
    reject: Callable[[pd.DataFrame], object],
    facts: Mapping[str, Any] | None = None,
    about: str = "",
) -> Verdict:
    """Stream a batch through a gate.

    Args:
        chunks: The batch, best in chunks of some 50,000 rows: judging a chunk has a fixed cost of about 5 ms an expectation.
        suite: From ``load_suite``.
        keep: Takes the rows that go on. If the verdict is closed, throw away what it took.
        reject: Takes the rows for quarantine, with their ``reasons``; called only when there are some.
        facts: See ``Gate``.
        about: See ``Gate``.
    """
    gate = Gate(suite, facts=facts, about=about)
    for chunk in chunks:
        kept, rejected = gate.split(chunk)
        keep(kept)
        if len(rejected):
            reject(rejected)
    return gate.close()


def window_facts(window: Window) -> dict[str, pd.Timestamp]:
    """The facts about a batch's window that suites ask for: its first and its last instant, UTC."""
    return {
        "window_start": pd.Timestamp(window.start),
        "window_end": pd.Timestamp(window.end - timedelta(microseconds=1)),
    }


_NONE: Positions = np.empty(0, dtype=np.int64)

_ANY = Bounds(0.0, 0.0, 1.0, 0)
"""Stands for bounds that are not known yet."""

OF_SOURCE = "source"
"""In place of an owner: whoever answers for the source that is judged."""


def _columns_judged(suite: Suite) -> list[str]:
    """Every column a row expectation or a measure reads."""
    wanted = [column for e in suite.expectations if e.level == "row" for column in e.columns]
    wanted += [column for measure in suite.measures.values() for column in measure.columns]
    return list(dict.fromkeys(wanted))


def _batch_result(
    suite: Suite,
    demand: Expectation,
    figures: Mapping[str, Figure],
    failed: Mapping[str, Positions | None],
    owner: str | None,
) -> Result:
    held = demand.id not in failed
    unjudged = not held and failed[demand.id] is None
    told = ", ".join(f"{name} = {shown(_unit(name, suite.measures), figures[name])}" for name in demand.columns)
    return Result(
        suite=suite.suite,
        expectation=demand.id,
        type=demand.type,
        level="batch",
        severity=demand.severity,
        reason=demand.reason,
        owner=owner,
        success=held,
        closes=demand.severity == "critical" and not held,
        evaluated=0 if unjudged else 1,
        unexpected=int(not held and not unjudged),
        found=f"could not be judged ({told})" if unjudged else told,
    )


def _beside_history(
    result: Result, figure: Figure, bounds: Bounds | None, history: History | None, unit: Literal["count", "share"]
) -> Result:
    """The finding with what is usual beside it, and how far from that it is."""
    if history is None:
        return replace(result, evaluated=0, found=f"{result.found}, not held against earlier days")
    if bounds is None or not isinstance(figure, int | float):
        return replace(result, evaluated=0, found=f"{result.found}, too few earlier days of this weekday to say what is usual")
    low, high = (None if side is None else max(0.0, side) for side in (bounds.low, bounds.high))
    sides = " to ".join(shown(unit, round(side) if unit == "count" else side) for side in (low, high) if side is not None)
    only = "" if None not in (low, high) else "at least " if high is None else "at most "
    usual = shown(unit, round(bounds.usual) if unit == "count" else bounds.usual)
    if unit == "share":
        far = f"{(figure - bounds.usual) * 100:+.1f} points"
    else:
        far = f"{figure / bounds.usual - 1:+.0%}" if bounds.usual else f"{figure:+,.0f}"
    told = f"{result.found}, usually {usual} ({only}{sides}, from {bounds.days} earlier days of this weekday): {far}"
    return replace(result, found=told, learned=True)


def _unit(name: str, measures: Mapping[str, Measure]) -> Literal["count", "share"]:
    measure = measures.get(name)
    if measure is None or measure.fact:
        return "share" if name.endswith("share") else "count"
    forms = ("null_share", "value_share", "duplicate_share", "largest_share", "shared_share", "share_of")
    return "share" if any(getattr(measure, form) is not None for form in forms) else "count"


def _place(row: pd.Series) -> str:
    """Where a row is to be found, without saying anything of its content: file and line, and its opaque id."""
    file, position = row.get("file"), row.get("position")
    if isinstance(file, str) and _FILE.fullmatch(file) and isinstance(position, int | np.integer):
        record = str(row.get("record_id"))
        return f"{file}:{position}" + (f" (record {record})" if _UUID.fullmatch(record) else "")
    for name in ("record_id", "customer_id"):
        value = str(row.get(name))
        if _UUID.fullmatch(value):
            return f"{name} {value}"
    return "a row without a usable place"
