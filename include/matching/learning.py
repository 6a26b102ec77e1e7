"""The arithmetic of training: chances among strangers, the anchor, EM, and the look at what came out.

Imports recordlinkage (through ``ecm``), so it is itself imported only where weights are learned.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from include.matching.ecm import (
    DISTINCT,
    HOUSEHOLD,
    MATCH,
    NAMESAKE,
    AnchoredClassifier,
    AnchoredECM,
    Field,
    distinct_patterns,
)
from include.matching.evidence import Evidence
from include.matching.ladder import Ladder
from include.matching.namesakes import NamesInCommon
from include.matching.spec import Comparison, ModelSpec
from include.matching.table import Ints, Table
from include.matching.weights import CLASSES, Weights

Floats = npt.NDArray[np.float64]

_LEAST = 1e-9
"""No chance is smaller: the data cannot show it."""

_AGAIN = 1
"""Times the chances among strangers are cleaned of the pairs that were no strangers, and everything learned again."""

_NAMES = ("given_name", "family_name", "whole_name")
_COUNTED = {"given_name": "given", "family_name": "family", "whole_name": "whole", "account_names": "whole"}
"""Kind of comparison > column whose values are counted by the persons who have them."""
_TRUST = 30.0
"""Pairs' worth of trust in the declared shares of strangers: a level that thousands of pairs do not show is rare, no more."""
_MANY = 2000
_FEW = 50
"""Fewer pairs than this say nothing of a field."""


def learn(table: Table, spec: ModelSpec, evidence: Evidence) -> Weights:
    """Weights from evidence, with declared ladders wherever it shows nothing or what it shows makes no sense."""
    fields = [declared_field(table, name, comparison) for name, comparison in spec.comparisons.items()]
    anchor = evidence.certain / spec.training.certain_recall / evidence.total
    strangers = Strangers(table, spec, evidence)
    strangers.read(fields, None)
    namesakes = _chance_of_one_name(fields)
    room = spec.training.prior_at_most
    limits = (np.array([0.0, anchor / room, 1e-9, 1e-9]), np.array([1.0, min(anchor * room, 0.3), 0.2, namesakes]))
    kernel = AnchoredECM(fields, _whole(anchor, namesakes / 2), evidence.total, limits, spec.training.iterations)
    kernel.weight_of_pair = evidence.weight_of_pair
    classifier = AnchoredClassifier(kernel)
    blocked = pd.DataFrame(evidence.blocked, columns=list(spec.comparisons))
    classifier.fit(blocked)
    for _ in range(_AGAIN):
        strangers.read(fields, np.exp(kernel.class_log_prior_))
        classifier.fit(blocked)
    prior = np.exp(kernel.class_log_prior_)
    if evidence.names is not None and prior[NAMESAKE] < (known := _namesakes(evidence.names, fields, prior)):
        kernel.hold_namesakes(known)
        classifier.fit(blocked)
    problems = {field.name: _looked_at(field, evidence.blocked[:, column]) for column, field in enumerate(fields)}
    senseless = [name for name, problem in problems.items() if problem == _SENSELESS]
    learned = [name for name, problem in problems.items() if problem is None]
    if len(senseless) > len(learned):
        return declared(table, spec, ["everything, for most of what was learned made no sense"])
    for column, field in enumerate(fields):
        if problems[field.name]:
            fields[column] = declared_field(table, field.name, field.comparison)
    present = [bool((codes > 0).any()) for codes in evidence.blocked.T]
    notes = [
        f"{name}, for {problem}" for (name, problem), seen in zip(problems.items(), present, strict=True) if problem and seen
    ]
    counts = {
        "records": len(table),
        "blocked pairs": len(blocked),
        "random pairs": len(evidence.random),
        "certain pairs": evidence.certain,
    }
    fallback = [name for name, problem in problems.items() if problem]
    return _weights(spec, fields, np.exp(kernel.class_log_prior_), _reliable(spec, evidence), notes, fallback, counts)


def declared(table: Table, spec: ModelSpec, notes: list[str]) -> Weights:
    """The fall-back: declared ladders, the prior of a usual set of customers, the frequencies of this one."""
    fields = [declared_field(table, name, comparison) for name, comparison in spec.comparisons.items()]
    among = max(len(table), spec.training.declared_among)
    match = min(spec.training.declared_pairs_per_record * 2 / (among - 1), 0.3)
    prior = _whole(match, _chance_of_one_name(fields))
    return _weights(spec, fields, prior, False, notes, list(spec.comparisons), {"records": len(table)})


def _whole(match: float, namesake: float) -> Floats:
    """A prior to start from: as many household pairs as half the matches."""
    return np.array([1.0 - 1.5 * match - namesake, match, match / 2, namesake])


def declared_field(table: Table, name: str, comparison: Comparison) -> Field:
    """A field as declared, before any learning; only how common the values are is taken from the data."""
    ladder = Ladder.of(comparison)
    m, u = declared_chances(comparison, ladder)
    field = Field(name, comparison, ladder, np.ones((len(CLASSES), ladder.size)), m, np.ones(ladder.size))
    set_strangers(field, u, persons_with(table, comparison))
    field.chances[MATCH, 1:] = m[1:]
    if comparison.frequency == "share":
        field.chances[MATCH, ladder.top :] = m[ladder.top]
    _guess_others(field)
    return field


def declared_chances(comparison: Comparison, ladder: Ladder) -> tuple[Floats, Floats]:
    """Declared m and u by code; where persons are counted, each doubling of them halves m at the top."""
    m, u = np.zeros(ladder.size), np.zeros(ladder.size)
    for code, level in enumerate(reversed(comparison.levels), start=1):
        m[code], u[code] = level.m, level.u
    m, u = m / m.sum(), u / u.sum()
    if comparison.frequency == "holders":
        m[ladder.top :] = m[ladder.top] * 0.5 ** np.arange(1, ladder.size - ladder.top + 1)
        u[ladder.top :] = u[ladder.top] / 4
    return m, u


def _guess_others(field: Field) -> None:
    """Household and namesake before they are learned: what they share as in one person, the rest as in strangers."""
    match, distinct, top = field.chances[MATCH], field.chances[DISTINCT], field.ladder.top
    field.chances[HOUSEHOLD] = match if field.comparison.tells == "household" else distinct
    if field.comparison.tells == "household" and field.comparison.frequency == "holders":
        field.chances[HOUSEHOLD, top + 1 :] = match[top:-1]  # a home has two persons, so each bucket stands one further up
        field.chances[HOUSEHOLD, top] = match[top] / 4
    alike = field.comparison.namesake and not field.comparison.identifier
    field.chances[NAMESAKE] = match * field.common if alike else distinct
    field.chances[:, 0] = 1.0
    field.heed()


def persons_with(table: Table, comparison: Comparison) -> int:
    """About how many persons have the value whose share is counted."""
    column = _COUNTED.get(comparison.compare, comparison.compare)
    return max(table.persons[column], 2) if comparison.frequency == "share" else 2


def set_strangers(field: Field, u: Floats, persons: int) -> None:
    """Set the chances among strangers; where shares are counted, the top level's are each value's own share of the persons.

    Of the holders of a value one is the very person at hand; only the others are strangers.
    """
    top, u = field.ladder.top, np.maximum(u, _LEAST)
    if field.comparison.frequency == "share":
        others = np.maximum(2.0 ** (np.arange(field.ladder.size - top) + 0.5) - 1.0, 0.5)
        share = np.clip(others / persons, _LEAST, 0.9)
        u[top] = max(u[top], share[0])  # on average strangers agree no less than on the rarest value
        field.common[top:] = share / u[top]
        u[top:] = share
    u[0] = 1.0
    field.chances[DISTINCT] = u
    field.heed()


class Strangers:
    """How often two strangers agree: from random pairs; for identifiers, from pairs that share one though both names differ."""

    def __init__(self, table: Table, spec: ModelSpec, evidence: Evidence) -> None:
        self.table, self.spec, self.evidence = table, spec, evidence
        names = [
            i for i, comparison in enumerate(spec.comparisons.values()) if comparison.compare in ("given_name", "family_name")
        ]
        both = evidence.blocked[:, names] == 1 if names else np.zeros((len(evidence.blocked), 1), dtype=bool)
        whole = [i for i, comparison in enumerate(spec.comparisons.values()) if comparison.compare == "whole_name"]
        self.family = [i for i, comparison in enumerate(spec.comparisons.values()) if comparison.compare == "family_name"]
        self.conflicting = both.all(axis=1) | (evidence.blocked[:, whole] == 1).any(axis=1)
        self.named = (evidence.blocked[:, names] > 0).all(axis=1) | (evidence.blocked[:, whole] > 0).any(axis=1)

    def read(self, fields: list[Field], prior: Floats | None) -> None:
        """Set every field's chances among strangers; given a prior, less the pairs that were no strangers."""
        for column, field in enumerate(fields):
            counts = np.bincount(self.evidence.random[:, column], minlength=field.ladder.size).astype(float)
            known = counts[1:].sum()
            if known >= _FEW:
                self._read(field, column, counts / known, known, prior)
        self._read_countrymen(fields, prior)
        if prior is not None:
            self._heed_compared(fields, prior)

    def _heed_compared(self, fields: list[Field], prior: Floats) -> None:
        """No level is rarer among strangers than the compared pairs that are strangers show it to be.

        Two hundred thousand random pairs hold none of what one pair in a million has in common: one street and number in two
        towns, say. Blocking looks for just such pairs.
        """
        patterns, counts = distinct_patterns(self.evidence.blocked)
        share = AnchoredECM(fields, prior, 1.0, (prior, prior)).predict_proba(patterns)[:, DISTINCT]
        share *= counts * self.evidence.weight_of_pair
        for column, field in enumerate(fields):
            known = (self.evidence.random[:, column] > 0).mean() * self.evidence.total
            if known < _FEW:
                continue
            seen = np.bincount(patterns[:, column], share, field.ladder.size) / known
            if field.comparison.frequency == "share":
                seen[field.ladder.top :] = 0.0  # each value's own share says it better
            chances = field.chances[DISTINCT]
            if (seen[1:] > chances[1:]).any():
                set_strangers(field, np.maximum(seen, chances), persons_with(self.table, field.comparison))

    def _read_countrymen(self, fields: list[Field], prior: Floats | None) -> None:
        """Strangers whom blocking brings together are seldom of two countries, so town and country agree more among them.

        Read off pairs of one given name and two family names, less the share of each that may be one person after all.
        """
        levels = self.evidence.one_given_name
        levels = levels[(levels[:, self.family] == 1).all(axis=1)] if self.family else levels[:0]
        if len(levels) < _MANY:
            return
        share = np.ones(len(levels))
        if prior is not None:
            share = 1.0 - AnchoredECM(fields, prior, 1.0, (prior, prior)).predict_proba(levels)[:, MATCH]
        for column, field in enumerate(fields):
            counts = np.bincount(levels[:, column], share, field.ladder.size)
            known = counts[1:].sum()
            if field.comparison.compare in _NAMES or field.comparison.identifier or known < _FEW:
                continue
            if field.comparison.frequency == "share":
                counts[field.ladder.top], counts[field.ladder.top + 1 :] = counts[field.ladder.top :].sum(), 0.0
            _, u = declared_chances(field.comparison, field.ladder)
            shares = counts + _TRUST * u
            shares[0] = 0.0
            set_strangers(field, shares / shares.sum(), persons_with(self.table, field.comparison))

    def _read(self, field: Field, column: int, shares: Floats, known: float, prior: Floats | None) -> None:
        top, by_records = field.ladder.top, field.comparison.frequency == "share"
        shares[0] = 0.0
        if prior is not None:
            others = (prior[1:3, None] * field.chances[1:3]).sum(axis=0)
            if by_records:
                others[top + 1 :] = 0.0
        else:
            others = np.zeros_like(shares)
        if by_records:
            shares[top], shares[top + 1 :] = shares[top:].sum(), 0.0
        shares = np.maximum(shares - others, 0.1 * shares)
        _, u = declared_chances(field.comparison, field.ladder)
        smoothed = shares * known + _TRUST * u
        smoothed[0] = 0.0
        smoothed /= smoothed.sum()
        if field.comparison.identifier and self.named.any():
            at_top = np.bincount(self.evidence.blocked[self.conflicting, column], minlength=field.ladder.size)[top:]
            possible = self.evidence.total * known / len(self.evidence.random)
            smoothed[top:] = (at_top * self.evidence.weight_of_pair + 1.0) / possible
        set_strangers(field, smoothed, persons_with(self.table, field.comparison))


def _chance_of_one_name(fields: list[Field]) -> float:
    """How often two strangers bear nearly one name: the most namesakes there can be."""
    chances = []
    for field in fields:
        if field.comparison.compare in ("given_name", "family_name"):
            bottom = field.chances[DISTINCT, 1]
            chances.append(float(np.clip(1.0 - bottom, 1e-4, 1.0)))
    return float(np.clip(np.prod(chances) if chances else 1e-6, 1e-8, 0.05))


def _namesakes(names: NamesInCommon, fields: list[Field], prior: Floats) -> float:
    """How often two strangers bear one name: of the pairs of one given name, one person's own are left out."""
    given = [field for field in fields if field.comparison.compare == "given_name"]
    own = sum(prior[MATCH] * field.chances[MATCH, field.ladder.top] for field in given)
    return float(np.clip(max(names.given - own, 0.1 * names.given) * names.family, 1e-8, 0.05))


_SENSELESS = "one person's records seemed to agree on it less than strangers' do"


def _looked_at(field: Field, blocked: Ints) -> str | None:
    """What is wrong with what was learned: hardly any pair has the field, or one person's pairs agree less than strangers'."""
    if (blocked > 0).sum() < _FEW:
        return f"fewer than {_FEW} compared pairs have it"
    return _SENSELESS if field.chances[MATCH, 1] >= field.chances[DISTINCT, 1] else None


def _reliable(spec: ModelSpec, evidence: Evidence) -> bool:
    """Whether full birth dates hardly ever differ in pairs that are one person by other evidence."""
    by_kind = {comparison.compare: i for i, comparison in enumerate(spec.comparisons.values())}
    if not {"birth_date", "given_name", "family_name", "emails"} <= set(by_kind):
        return False
    ladders = {kind: Ladder.of(comparison) for kind, comparison in ((c.compare, c) for c in spec.comparisons.values())}

    def at_top(kind: str) -> npt.NDArray[np.bool_]:
        return evidence.blocked[:, by_kind[kind]] >= ladders[kind].top

    apart = ladders["birth_date"].code_of_level[[4, 5, 6]].max()

    def conflicts(among: npt.NDArray[np.bool_]) -> tuple[int, int]:
        """Conflicts among pairs, and pairs that have both dates."""
        dates = evidence.blocked[among, by_kind["birth_date"]]
        dates = dates[dates > 0]
        return int((dates <= apart).sum()), len(dates)

    one_name = at_top("given_name") & at_top("family_name")
    wrong, seen = conflicts(one_name & at_top("emails"))
    if seen < _FEW:  # father and son have name, home and number in common, so those are asked only where nothing better is there
        wrong, seen = conflicts(one_name & (at_top("emails") | at_top("phones") | at_top("address")))
    likely = (wrong + np.sqrt(wrong + 1)) / max(seen, 1)  # a standard error more: what few pairs show may be luck
    return bool(seen >= _FEW and likely < spec.training.reliable_conflicts_below)


def _weights(
    spec: ModelSpec,
    fields: list[Field],
    prior: Floats,
    reliable: bool,
    notes: list[str],
    fallback: list[str],
    counts: dict[str, int],
) -> Weights:
    return Weights(
        prior={kind: _rounded(share) for kind, share in zip(CLASSES, prior, strict=True)},
        levels={field.name: list(field.ladder.names) for field in fields},
        chances={
            field.name: {kind: [_rounded(chance) for chance in row] for kind, row in zip(CLASSES, field.chances, strict=True)}
            for field in fields
        },
        usual={field.name: round(_usual(field), 6) + 0.0 for field in fields},
        reliable=reliable,
        notes=notes,
        trained_on=counts,
        declaration=spec.fingerprint,
        fallback=fallback,
    )


def _usual(field: Field) -> float:
    """Weight of the top level on a value of usual frequency; where persons are counted, on a value of one person."""
    top = field.ladder.top
    return float(np.log2(field.chances[MATCH, top] * field.common[top] / field.chances[DISTINCT, top]))


def _rounded(chance: float) -> float:
    return round(float(np.log2(max(chance, 1e-12))), 6) + 0.0  # a database has no minus nought, and the version must survive it
