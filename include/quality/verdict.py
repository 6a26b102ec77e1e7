"""What a gate found, in counts and names: it can be stored, logged and mailed, because no customer's value is in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from include.errors import GateClosed

CLOSES = "; closes the gate"
"""Ends the stored observation of what closed a gate, so that a page made of stored rows tells it from mere quarantine."""


DECLARED_VOLUME = "volume_as_declared"
"""The demand that a source's own declaration makes of how many rows come."""


@dataclass(frozen=True)
class Result:
    """One expectation's finding; has every column of ``ops.quality_result`` that does not say which run it was.

    Attributes:
        suite: The suite it belongs to.
        expectation: Its id in the suite.
        type: The Great Expectations type that judged.
        level: ``row`` or ``batch``.
        severity: ``critical`` or ``warning``.
        reason: Why it matters, in plain words.
        owner: Whom to ask, where the suite says.
        success: Whether it held.
        closes: Whether it closes the gate.
        evaluated: Rows judged; 1 at batch level (the profile); 0 if it could not be judged.
        unexpected: Rows that failed; 0 or 1 at batch level.
        found: The counts or shares behind it.
        examples: Where the first failing rows lie.
        learned: Whether it was held against what is usual, not against a fixed number.
        observed: Both, and whether it closes the gate, as stored and shown.
    """

    suite: str
    expectation: str
    type: str
    level: str
    severity: str
    reason: str
    owner: str | None
    success: bool
    closes: bool
    evaluated: int
    unexpected: int
    found: str
    examples: tuple[str, ...] = ()
    learned: bool = False
    observed: str = field(init=False)

    def __post_init__(self) -> None:
        first = f"; first: {', '.join(self.examples)}" if self.examples else ""
        object.__setattr__(self, "observed", self.found + first + (CLOSES if self.closes else ""))


@dataclass(frozen=True)
class Verdict:
    """A gate's judgement of one batch.

    Attributes:
        suite: The suite that judged.
        about: What was judged.
        rows: Rows that came.
        quarantined: Rows that do not go on.
        results: One per expectation, in the suite's order.
        figures: Its measures that are numbers, to be remembered as what is usual.
    """

    suite: str
    about: str
    rows: int
    quarantined: int
    results: tuple[Result, ...]
    figures: Mapping[str, float] = field(default_factory=dict)

    @property
    def closed(self) -> bool:
        """Whether nothing of the batch may go on."""
        return any(result.closes for result in self.results)

    @property
    def kept(self) -> int:
        """Rows that go on: none if the gate is closed."""
        return 0 if self.closed else self.rows - self.quarantined

    @property
    def warnings(self) -> tuple[Result, ...]:
        """What did not hold but stops nothing."""
        return tuple(r for r in self.results if not r.success and r.severity == "warning")

    @property
    def sentence(self) -> str:
        """What was found, how many, and where to look first."""
        name = f"Gate {self.suite}" + (f" for {self.about}" if self.about else "")
        if self.closed:
            closing = [result for result in self.results if result.closes]
            told = "; ".join(_told(result) for result in closing)
            rows = f"{self.rows:,} row{'s' * (self.rows != 1)}"
            where = f"{self._where_to_look(closing)}{self._whom_to_ask(closing)}"
            return f"{name} is closed, so none of its {rows} go on: {told}.{where}"
        if not self.rows:
            return f"{name} is open: the batch is empty, there was no row to judge.{self._warned()}"
        quarantined = f"{self.quarantined:,} quarantined" + (f" ({self._reasons()})" if self.quarantined else "")
        told = f"{self.kept:,} of {self.rows:,} rows go on, {quarantined}"
        return f"{name} is open: {told}.{self._warned()}{self._where_to_look([])}"

    @property
    def closed_by_amount_alone(self) -> bool:
        """Whether everything that closed it is unusual or not as declared, and nothing is wrong by itself."""
        closing = [result for result in self.results if result.closes]
        return bool(closing) and all(result.learned or result.expectation == DECLARED_VOLUME for result in closing)

    def demand(self) -> None:
        """Let the batch pass, or say why not.

        Raises:
            GateClosed: With the sentence. Retrying the same data gives the same verdict.
        """
        if self.closed:
            raise GateClosed(self.sentence)

    def _failed_rules(self) -> list[Result]:
        rules = [r for r in self.results if r.level == "row" and r.severity == "critical" and r.unexpected]
        return sorted(rules, key=lambda r: -r.unexpected)

    def _reasons(self) -> str:
        return ", ".join(f"{r.expectation} {r.unexpected:,}" for r in self._failed_rules())

    def _warned(self) -> str:
        return f" Warnings: {'; '.join(_told(r) for r in self.warnings)}." if self.warnings else ""

    def _where_to_look(self, closing: list[Result]) -> str:
        """The rules that sent rows to quarantine (they explain a breached limit) and their first places."""
        rules = list(dict.fromkeys([*(r for r in closing if r.examples), *self._failed_rules()]))[:3]
        if not rules:
            return ""
        return " Look first at " + "; ".join(f"{', '.join(r.examples)} ({r.expectation})" for r in rules) + "."

    @staticmethod
    def _whom_to_ask(closing: list[Result]) -> str:
        owners = list(dict.fromkeys(result.owner for result in closing if result.owner))
        return f" Owner: {'; '.join(owners)}." if owners else ""


def shown(unit: str, figure: Any) -> str:
    """A figure as a person reads it: ``1,204``, ``7.1 %``, ``2026-09-28``, ``none``."""
    if figure is None:
        return "none"
    if isinstance(figure, pd.Timestamp):
        return figure.strftime("%Y-%m-%d %H:%M UTC")
    if unit == "share":
        return f"{figure:.2%}".replace("%", " %")
    return f"{figure:,.2f}" if isinstance(figure, float) else f"{figure:,}"


def _told(result: Result) -> str:
    return f"{result.expectation} ({result.found}): {result.reason[0].lower()}{result.reason[1:].rstrip('.')}"
