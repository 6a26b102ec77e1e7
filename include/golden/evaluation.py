"""Measure a partition against known truth, by counting cells instead of listing pairs.

Pairs: Christen, "Data Matching" (2012), ch. 7. B-cubed: Bagga and Baldwin, "Algorithms for scoring coreference chains" (1998).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd


@dataclass(frozen=True)
class Scores:
    """How well found pairs of records agree with true ones. A share of nothing is 1: who claims no pair claims no wrong one."""

    precision: float
    recall: float
    f1: float
    true_pairs: int
    predicted_pairs: int
    common_pairs: int


@dataclass(frozen=True)
class BCubed:
    """Precision and recall averaged over records, so that a large cluster does not drown the many small ones."""

    precision: float
    recall: float
    f1: float


def pairwise(truth: "pd.Series[str]", predicted: "pd.Series[str]") -> Scores:
    """Precision, recall and F1 over all pairs of records.

    Args:
        truth: Person by record id (the index): the records that count.
        predicted: Customer by record id. A record it lacks (quarantined, say) was found alone, and so costs recall.

    Raises:
        ValueError: A record occurs twice, or is predicted without a truth to hold it against.
    """
    person, customer, cell = _contingency(truth, predicted)
    true, claimed, common = _pairs(person), _pairs(customer), _pairs(cell)
    precision = common / claimed if claimed else 1.0
    recall = common / true if true else 1.0
    return Scores(precision, recall, _harmonic(precision, recall), true, claimed, common)


def b_cubed(truth: "pd.Series[str]", predicted: "pd.Series[str]") -> BCubed:
    """B-cubed precision, recall and F1; arguments and errors as for ``pairwise``."""
    person, customer, cell = _contingency(truth, predicted)
    if not len(cell):
        return BCubed(1.0, 1.0, 1.0)
    together = _sizes(cell)
    precision = float(np.mean(together / _sizes(customer)))
    recall = float(np.mean(together / _sizes(person)))
    return BCubed(precision, recall, _harmonic(precision, recall))


def found_by_blocking(truth: "pd.Series[str]", pairs: pd.DataFrame) -> float:
    """Share of the true pairs that were compared at all: no later step finds what blocking missed, but by way of a third record.

    Args:
        truth: Person by position of the record; null where nobody knows.
        pairs: ``a`` and ``b``: positions of the pairs that were compared, each pair once.
    """
    person = pd.factorize(truth, use_na_sentinel=True)[0].astype(np.int64)
    a, b = person[pairs["a"].to_numpy()], person[pairs["b"].to_numpy()]
    true = _pairs(person[person >= 0])
    return int(((a == b) & (a >= 0)).sum()) / true if true else 1.0


def people_together(person: "pd.Series[str]", home: "pd.Series[str]", household: "pd.Series[str]") -> Scores:
    """How well households hold people who live together: over pairs of customers found, and pairs of people there are.

    A pair of customers who are one person is a wrong one: nobody lives with themselves.

    Args:
        person: Person by customer: of each customer the one most of its records are of.
        home: Home by person.
        household: Household by customer, of those who have one.
    """
    together = (
        pd.DataFrame({"household": household, "person": person.reindex(household.index)}).rename_axis("customer").reset_index()
    )
    pairs = together.merge(together, on="household")
    pairs = pairs[pairs["customer_x"] < pairs["customer_y"]]
    same_home = pairs["person_x"].map(home).to_numpy() == pairs["person_y"].map(home).to_numpy()
    right = pairs[same_home & (pairs["person_x"] != pairs["person_y"]).to_numpy()]
    known = {tuple(sorted(both)) for both in zip(right["person_x"], right["person_y"], strict=True)}
    true = _pairs(pd.factorize(pd.Series(person.unique()).map(home))[0].astype(np.int64))
    precision = len(right) / len(pairs) if len(pairs) else 1.0
    recall = len(known) / true if true else 1.0
    return Scores(precision, recall, _harmonic(precision, recall), true, len(pairs), len(right))


def found_again(wanted: Collection[str], found: Iterable[str]) -> Scores:
    """How well people are found of whom something is true, say that they registered again and again.

    Args:
        wanted: Those of whom it is true.
        found: Who was found, once for each time.
    """
    true, claimed = set(wanted), list(found)
    right = [person for person in claimed if person in true]
    precision = len(right) / len(claimed) if claimed else 1.0
    recall = len(set(right)) / len(true) if true else 1.0
    return Scores(precision, recall, _harmonic(precision, recall), len(true), len(claimed), len(right))


_Codes = npt.NDArray[np.int64]


def _contingency(truth: "pd.Series[str]", predicted: "pd.Series[str]") -> tuple[_Codes, _Codes, _Codes]:
    """Person, customer and (person, customer) cell of every record, as codes."""
    for name, series in (("truth", truth), ("prediction", predicted)):
        if not series.index.is_unique:
            raise ValueError(f"{int(series.index.duplicated().sum())} records occur twice in the {name}")
        if bool(series.isna().any()):
            raise ValueError(f"{int(series.isna().sum())} records have no label in the {name}")
    unknown = int((~predicted.index.isin(truth.index)).sum())
    if unknown:
        raise ValueError(f"{unknown} predicted records have no known truth")
    person = pd.factorize(truth)[0].astype(np.int64)
    customer = pd.factorize(predicted.reindex(truth.index))[0].astype(np.int64)
    alone = customer < 0
    customer[alone] = customer.max(initial=-1) + 1 + np.arange(int(alone.sum()))
    _, cell = np.unique(person * (customer.max(initial=0) + 1) + customer, return_inverse=True)
    return person, customer, cell.astype(np.int64)


def _pairs(code: _Codes) -> int:
    sizes = np.bincount(code)
    return int((sizes * (sizes - 1) // 2).sum())


def _sizes(code: _Codes) -> _Codes:
    """Size of each record's own group."""
    return np.bincount(code)[code].astype(np.int64)


def _harmonic(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
