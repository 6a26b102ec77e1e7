"""recordlinkage's ECM classifier, anchored: it learns what it can and cannot run away with the wrong class.

Three changes to ``recordlinkage.ECMClassifier`` and its estimator:

- chances of levels among strangers are given (from random pairs) and stay fixed, and the prior stays near what near-certain rules
  found;
- four classes instead of two: beside match and distinct, the household (two people of one home) and the namesake (two strangers
  of one name), so that what they agree on by nature does not teach the match class;
- any number of levels, null without a say, and no logarithm of nought for a level not yet seen.

Everything is summed over distinct patterns of levels with their counts, not over pairs. The four classes follow our own trial;
the rest is Fellegi and Sunter (1969) with Winkler's (1988) EM. Imports recordlinkage, so it is itself imported only where pairs
are weighed.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from recordlinkage import ECMClassifier
from recordlinkage.algorithms.nb_sklearn import ECM

from include.matching.ladder import Ladder
from include.matching.spec import Comparison, ModelSpec
from include.matching.table import Ints
from include.matching.weights import CLASSES, Weights

Floats = npt.NDArray[np.float64]
DISTINCT, MATCH, HOUSEHOLD, NAMESAKE = range(4)

_AGAINST = 0.06
"""Odds that a field which only speaks against may shift at most: people do move."""

_GIVEN_AND_FAMILY = ("given_name", "family_name")
_OTHER_NAME = 0.02
"""Share of the namesakes whose given, or family, name is another: so few that the class stays what it is called."""

_ALIKE = 20.0
"""Pairs' worth of the declared levels that namesakes begin with."""

_SMOOTHING = 3.0
"""Pairs' worth of trust in the declared level shares, so that a level the data do not show keeps a sensible weight."""


@dataclass
class Field:
    """One comparison while it is learned.

    Attributes:
        name: As declared.
        comparison: The declaration.
        ladder: Its codes.
        chances: Per class the chance of each code, natural, not a logarithm; index 0 (null) is 1.
        declared: Declared chances of each code in one person's pairs, for smoothing.
        common: How much likelier than on average strangers agree on a value of each bucket; 1 below the top level.
        held_to_names: Whether the class of namesakes is held to pairs of one name; else EM decides what it is made of.
    """

    name: str
    comparison: Comparison
    ladder: Ladder
    chances: Floats
    declared: Floats
    common: Floats
    held_to_names: bool = False

    def fit(self, kind: int, mass: Floats) -> None:
        """Take the shares of one class's pairs on each code."""
        fitted = self._shares(mass)
        if kind == MATCH:
            self.chances[MATCH] = self._held_down(fitted)
        elif kind == HOUSEHOLD:
            fixed = self.chances[DISTINCT]
            mixed = fitted if self.comparison.tells == "household" else 0.5 * fitted + 0.5 * fixed
            self.chances[HOUSEHOLD] = self._kept_apart(mixed)
        elif self.comparison.namesake:
            self.chances[NAMESAKE] = self._of_namesakes(fitted, mass)
        self.chances[:, 0] = 1.0
        self.heed()

    def begin_namesakes(self) -> None:
        """From here on namesakes are held to what they are; what is made of a name is first taken for as alike as declared."""
        self.held_to_names = True
        if self.comparison.namesake:
            self.chances[NAMESAKE] = self._of_namesakes(self.chances[MATCH], _ALIKE * self.declared)
            self.chances[NAMESAKE, 0] = 1.0

    def _of_namesakes(self, shares: Floats, mass: Floats) -> Floats:
        """What two strangers of one name agree on: that name, and what follows from it; never the very identifier."""
        if self.comparison.identifier:
            return self._likened(mass) if self.held_to_names else self.chances[NAMESAKE]
        if self.held_to_names and self.comparison.compare in _GIVEN_AND_FAMILY:
            shares = self.chances[MATCH].copy()
            shares[1:] *= (1 - _OTHER_NAME) / (1 - shares[1])
            shares[1] = _OTHER_NAME
        return shares * self.common

    def _likened(self, mass: Floats) -> Floats:
        """Shares of the levels below the top, which stays as among strangers: two mailboxes may be alike, they are not one."""
        strangers, top = self.chances[DISTINCT], self.ladder.top
        known = mass[:top] + _SMOOTHING * strangers[:top]
        known[0] = 0.0
        alike: Floats = np.r_[known / known.sum(), strangers[top:]]
        return alike

    def heed(self) -> None:
        """Where only disagreement speaks, agreement is as likely in every class, and even disagreement never proves much."""
        if self.comparison.only_against:
            bottom = self.chances[:, 1] / self.chances[DISTINCT, 1]
            self.chances[:, 1:] = 1.0
            self.chances[:, 1] = np.clip(bottom, _AGAINST, 1.0)

    def _shares(self, mass: Floats) -> Floats:
        """Shares of the levels; the top level's are split by bucket only where persons are counted (see ``Ladder``)."""
        known = mass.copy()
        known[0] = 0.0
        if self.comparison.frequency != "holders":
            known[self.ladder.top] = known[self.ladder.top :].sum()
            known[self.ladder.top + 1 :] = 0.0
        known += _SMOOTHING * self.declared
        known /= known[1:].sum()
        if self.comparison.frequency != "holders":
            known[self.ladder.top + 1 :] = known[self.ladder.top]
        return known

    def _kept_apart(self, shares: Floats) -> Floats:
        """Two people of one home seldom share a birth date, or nearly; pairs of one person must not teach otherwise."""
        limit, near = self.comparison.household_exact_at_most, self.nearly
        apart = shares.copy() if limit is None else np.r_[shares[:near], np.minimum(shares[near:], limit)]
        for level, least in self.comparison.household_at_least.items():
            code = self.ladder.names.index(level) + 1
            apart[code] = max(apart[code], least)
        return apart

    @property
    def nearly(self) -> int:
        """Code from which two values agree but for a slip; never the bottom level."""
        slips = [code for code, name in enumerate(self.ladder.names, start=1) if name in ("close", "slip")]
        return max(min([self.ladder.top - 1, *slips]), 2)

    def _held_down(self, shares: Floats) -> Floats:
        """The bottom level between its floor and its ceiling, the others making room."""
        limits = self.comparison.different_at_least, self.comparison.different_at_most or 1.0
        bottom = float(np.clip(shares[1], *limits))
        if bottom == shares[1]:
            return shares
        held: Floats = shares * (1 - bottom) / (1 - shares[1])
        held[1] = bottom
        return held


class AnchoredECM(ECM):  # type: ignore[misc]
    """The estimator; ``X`` is a matrix of level codes, one column a field, in order."""

    def __init__(
        self, fields: list[Field], prior: Floats, total: float, limits: tuple[Floats, Floats], max_iter: int = 30
    ) -> None:
        super().__init__(init="jaro", max_iter=max_iter, atol=1e-6)
        self.fields, self.total, self.limits = fields, total, limits
        self.classes_ = np.arange(len(CLASSES))
        self.class_log_prior_ = np.log(prior)
        self.weight_of_pair = 1.0

    @property
    def feature_log_prob_(self) -> Floats:
        """Log chances of every code of every field, fields side by side, as recordlinkage keeps them."""
        return np.concatenate([np.log(field.chances) for field in self.fields], axis=1, dtype=np.float64)

    def hold_namesakes(self, share: float) -> None:
        """Begin again with so many namesakes, neither more nor fewer, whose names agree as one person's do."""
        prior = np.exp(self.class_log_prior_)
        prior[NAMESAKE] = self.limits[0][NAMESAKE] = self.limits[1][NAMESAKE] = share
        self.class_log_prior_ = np.log(prior)
        for field in self.fields:
            field.begin_namesakes()

    def _joint_log_likelihood(self, X: npt.ArrayLike) -> Floats:  # noqa: N803  (recordlinkage's own name)
        return np.ascontiguousarray(self._joint(np.asarray(X).T.astype(np.int64, order="C")).T)

    def _joint(self, columns: Ints) -> Floats:
        """Log chances with each class, a row each, of patterns of codes, given column by column."""
        joint = np.repeat(self.class_log_prior_[:, None], columns.shape[1], axis=1)
        for codes, field in zip(columns, self.fields, strict=True):
            if codes.any():  # null says nothing in any class
                joint += np.log(field.chances).take(codes, axis=1)
        return joint

    def fit(self, X: npt.ArrayLike) -> "AnchoredECM":  # noqa: N803
        """Learn from pairs that were blocked; every other pair of the data counts as strangers."""
        patterns, counts = distinct_patterns(np.asarray(X))
        mass = counts * self.weight_of_pair
        columns = patterns.T.astype(np.int64, order="C")
        for _ in range(self.max_iter):
            before = self.class_log_prior_
            joint = self._joint(columns)
            share = np.exp(joint - joint.max(axis=0))
            share *= mass / share.sum(axis=0)
            self._maximise(columns, share)
            if np.allclose(before, self.class_log_prior_, atol=self.atol):
                break
        return self

    def _maximise(self, columns: Ints, share: Floats) -> None:
        self._keep_apart(columns, share[HOUSEHOLD])
        prior = np.clip(share.sum(axis=1) / self.total, *self.limits)
        prior[DISTINCT] = max(1.0 - prior[1:].sum(), 0.5)
        self.class_log_prior_ = np.log(prior)
        for codes, field in zip(columns, self.fields, strict=True):
            for kind in (MATCH, HOUSEHOLD, NAMESAKE):
                field.fit(kind, np.bincount(codes, share[kind], field.ladder.size).astype(float))

    def _keep_apart(self, columns: Ints, share: Floats) -> None:
        """Hold pairs that agree on what tells two people of a home apart to the declared share of the households.

        Else the class, where there are hardly any households, takes over one person's records with a slip: what two spellings of
        one person hold counts as held by two.
        """
        for codes, field in zip(columns, self.fields, strict=True):
            limit = field.comparison.household_exact_at_most
            if limit is None:
                continue
            agree = codes >= field.nearly
            most = limit / (1 - limit) * share[(codes > 0) & ~agree].sum()
            if (held := share[agree].sum()) > most:
                share[agree] *= most / held


class AnchoredClassifier(ECMClassifier):  # type: ignore[misc]
    """recordlinkage's classifier around the anchored estimator: ``fit``, ``predict`` and ``prob`` are its own."""

    def __init__(self, kernel: AnchoredECM) -> None:
        super().__init__()
        self.kernel = kernel

    @classmethod
    def of(cls, weights: Weights, spec: ModelSpec) -> "AnchoredClassifier":
        """The classifier that trained weights describe."""
        fields = []
        for name, comparison in spec.comparisons.items():
            ladder = Ladder.of(comparison)
            chances = np.exp2(np.array([weights.chances[name][kind] for kind in CLASSES]))
            fields.append(Field(name, comparison, ladder, chances, np.zeros(ladder.size), np.ones(ladder.size)))
        prior = np.exp2(np.array([weights.prior[kind] for kind in CLASSES]))
        return cls(AnchoredECM(fields, prior, 1.0, (prior, prior)))

    def weigh(self, patterns: pd.DataFrame) -> Floats:
        """log2 odds of match against everything else, per row of level codes."""
        joint = self.kernel._joint_log_likelihood(patterns.to_numpy()) / np.log(2)  # noqa: SLF001
        others = np.delete(joint, MATCH, axis=1)
        highest = others.max(axis=1)
        return np.asarray(joint[:, MATCH] - highest - np.log2(np.exp2(others - highest[:, None]).sum(axis=1)))


def distinct_patterns(codes: Ints) -> tuple[Ints, Ints]:
    """Distinct rows of a code matrix and how often each occurs, in an order that depends on the codes alone."""
    patterns, counts, _ = patterns_of(codes)
    return patterns, counts


def patterns_of(codes: Ints) -> tuple[Ints, Ints, Ints]:
    """Distinct rows, their counts, and each row's place among them; rows as bytes, so sorted once instead of column by column."""
    rows = np.ascontiguousarray(codes.astype(np.int8))
    as_bytes = rows.view(np.dtype((np.void, rows.shape[1]))).ravel()
    place, found = pd.factorize(_as_numbers(as_bytes, rows.shape[1]))
    first = np.full(len(found), len(rows), dtype=np.int64)
    np.minimum.at(first, place, np.arange(len(rows)))
    distinct = rows[first]
    order = np.lexsort(distinct.T[::-1])
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return distinct[order], np.bincount(place, minlength=len(found))[order], rank[place]


def _as_numbers(as_bytes: npt.NDArray[np.void], width: int) -> npt.NDArray[np.uint64]:
    """A 64-bit mix of each row: an exact packing up to eight columns, beyond that a hash over both halves."""
    padded = np.zeros((len(as_bytes), -(-width // 8) * 8), dtype=np.uint8)
    padded[:, :width] = as_bytes.view(np.uint8).reshape(-1, width)
    halves = padded.view(np.uint64)
    mixed = np.zeros(len(as_bytes), dtype=np.uint64)
    with np.errstate(over="ignore"):
        for column in halves.T:
            mixed = (mixed * np.uint64(0x9E3779B97F4A7C15)) ^ column
            mixed ^= mixed >> np.uint64(29)
    return mixed
