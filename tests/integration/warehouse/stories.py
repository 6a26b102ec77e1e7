"""Resolve runs by hand over a few records, with the real ids: the same partition published whole, or only what it touched."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import Any
from uuid import UUID, uuid5

import pandas as pd
from sqlalchemy import text

from include.golden.content_hash import row_hashes
from include.golden.identity import assign
from include.golden.survivorship import survive
from include.warehouse import snapshot
from include.warehouse.publish import Publication, PublishReport, publish
from tests.integration.warehouse.conftest import Warehouse, record, said

TRUST = {"shop": {"default": 0.5}}
_EDGE = ["record_a", "record_b", "weight", "probability", "band", "rule", "evidence", "model_version"]


@dataclass
class Story:
    """A warehouse and what its records are.

    A partition is written as words: "ab c" puts records a and b together and c alone; who is not named was deleted by its source.
    Pairs beside one another in a word match, and the last of a word waits for a review with the first of the next.
    """

    warehouse: Warehouse
    born: dict[str, int] = field(default_factory=dict)
    """Record > the day its source first spoke of it; others on the day they are first named."""
    said: dict[str, str] = field(default_factory=dict)
    """What the live records say."""
    heard: set[str] = field(default_factory=set)
    """Who was ever live."""
    groups: list[str] = field(default_factory=list)
    day: int = 100

    def run(self, partition: str, *, only_touched: bool = False, changed: dict[str, str] | None = None) -> PublishReport:
        """Deliver what changed, and publish the partition.

        Args:
            partition: Who is who now.
            only_touched: Publish the part that was touched, not the whole.
            changed: Record > what it says from now on.
        """
        publication = self.prepared(partition, only_touched=only_touched, changed=changed)
        return publish(self.warehouse.resolver, publication)

    def prepared(self, partition: str, *, only_touched: bool = False, changed: dict[str, str] | None = None) -> Publication:
        """The publication, with everything it is of delivered."""
        self.day += 1
        before, self.groups = self.groups, sorted(partition.split())
        self._deliver(changed or {}, _regrouped(before, self.groups))
        marks = snapshot.claim_dirty(self.warehouse.resolver)
        return self._whole(marks) if not only_touched else self._part(marks)

    def _deliver(self, changed: dict[str, str], regrouped: set[str]) -> None:
        live = {name for group in self.groups for name in group}
        rows = [_says(name, self._first_heard(name), changed.get(name, name)) for name in sorted(live - self.said.keys())]
        rows += [said(name, self.day, None) for name in sorted(self.said.keys() - live)]
        rows += [_says(name, self.day, words) for name, words in sorted(changed.items()) if name in self.said]
        self.heard |= live
        self.said = {name: changed.get(name, self.said.get(name, name)) for name in live}
        landed = self.warehouse.land(self.day, [*sorted(live)])
        self.warehouse.stage(rows, landed.manifest_id)
        marked = [record(name) for name in sorted(regrouped & live)]  # somebody is someone else now: their records changed
        with self.warehouse.engine().begin() as connection:
            connection.execute(
                text("INSERT INTO staging.dirty_record (record_id, reason) SELECT unnest(CAST(:ids AS uuid[])), 'test'"),
                {"ids": marked},
            )

    def _first_heard(self, name: str) -> int:
        return self.day if name in self.heard else self.born.get(name, self.day)

    def _whole(self, marks: pd.DataFrame) -> Publication:
        bind = self.warehouse.resolver
        known = snapshot.previous_memberships(bind), snapshot.ledger(bind), snapshot.aliases(bind)
        return self._publication(marks, self._edges(), assign(self._clusters(), *known), None)

    def _part(self, marks: pd.DataFrame) -> Publication:
        bind = self.warehouse.resolver
        matching = {end for one in self._edges().itertuples() if one.band == "match" for end in (one.record_a, one.record_b)}
        fresh = matching - set(snapshot.edges(bind)[["record_a", "record_b"]].to_numpy().ravel())
        touched = snapshot.touched(bind, [*marks["record_id"], *sorted(fresh)])
        among = set(touched["record_id"])
        clusters, edges = self._clusters(), self._edges()
        known = snapshot.identities(bind, touched["record_id"])
        return self._publication(
            marks,
            edges[edges["record_a"].isin(among) | edges["record_b"].isin(among)],
            assign(clusters[clusters["record_id"].isin(among)], known.memberships, known.ledger, known.aliases),
            touched,
        )

    def _publication(self, marks: pd.DataFrame, edges: pd.DataFrame, assigned: Any, touched: pd.DataFrame | None) -> Publication:
        records = snapshot.current_customers(self.warehouse.resolver).merge(assigned.memberships, on="record_id")
        customers, proofs = survive(records, TRUST)
        return Publication(
            resolve_id=str(uuid5(UUID(int=9), str(self.day))),
            base_resolve_id=snapshot.latest_resolve_id(self.warehouse.resolver),
            run_id=f"manual__{self.day}",
            model_version="m1",
            counts={},
            marks=marks[["mark_id"]],
            customers=customers.assign(row_hash=row_hashes(customers)),
            proofs=proofs,
            memberships=assigned.memberships,
            minted=assigned.minted,
            aliases=assigned.aliases,
            edges=edges,
            touched=touched,
        )

    def _clusters(self) -> pd.DataFrame:
        rows = [
            (record(name), label, pd.Timestamp("2026-01-01", tz="UTC") + pd.Timedelta(days=self.born.get(name, 200 + ord(name))))
            for label, group in enumerate(self.groups)
            for name in group
        ]
        return pd.DataFrame(rows, columns=["record_id", "cluster", "first_source_time"])

    def _edges(self) -> pd.DataFrame:
        matching = [(a, b, "match") for group in self.groups for a, b in pairwise(sorted(group))]
        waiting = [(max(a), min(b), "review") for a, b in pairwise(self.groups)]
        rows = [
            (*sorted((record(a), record(b))), 9.5 if band == "match" else 2.0, 0.9, band, "email", "{}", "m1")
            for a, b, band in matching + waiting
        ]
        return pd.DataFrame(rows, columns=_EDGE)


def _says(name: str, day: int, words: str) -> dict[str, Any]:
    return said(name, day, words, emails=[f"{words.lower()}@example.org"])


def _regrouped(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """Records whose pairs are others than they were."""
    pairs = [{frozenset(both) for group in groups for both in combinations(group, 2)} for groups in (before, after)]
    reviews = [{frozenset((max(a), min(b))) for a, b in pairwise(groups)} for groups in (before, after)]
    return {name for both in (pairs[0] ^ pairs[1]) | (reviews[0] ^ reviews[1]) for name in both}


def any_partitions(seed: int, names: str, runs: int) -> list[str]:
    """Partitions of these records by lot, one after another; each changes a few records only, and some are not live."""
    chance = random.Random(seed)
    group_of = {name: chance.randrange(len(names)) for name in names}
    found = []
    for _ in range(runs):
        for name in chance.sample(names, 2):
            group_of[name] = chance.choice([-1, *group_of.values(), chance.randrange(len(names))])
        groups = {label: "".join(n for n in names if group_of[n] == label) for label in sorted(set(group_of.values()) - {-1})}
        found.append(" ".join(groups.values()))
    return found
