"""The steps of training the match model again. They read a frozen snapshot and keep a candidate; nothing in force changes."""

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from airflow.sdk.exceptions import AirflowSkipException

from include.errors import DeclarationError
from include.resolution import Resolution
from suki import connections
from suki.lake import Lake
from suki.operators.base import SukiOperator
from suki.operators.resolve import ResolveOperator, get_weights, put_weights
from suki.ui.links import ModelComparisonLink

if TYPE_CHECKING:
    import pandas as pd

    from include.matching import ModelSpec, Weights

_LISTED = 500
"""Merges, and splits, that a report names by their customers' ids; it counts them all."""


class FreezeOperator(SukiOperator):
    """Freeze what the candidate is trained on and held against, so that ingest and resolve may go on meanwhile."""

    ui_color = "#dcebf7"

    def run(self, context: Any) -> dict[str, Any]:
        """Read the records, the steward decisions and the model in force; skips the run while there is none."""
        from include.matching import Weights
        from include.warehouse import snapshot

        lake, resolution = Lake(connections.lake_root()), Resolution(str(uuid4()), None)
        with connections.warehouse("suki_resolve", "reading the records to train on") as warehouse:
            base, artefact = snapshot.latest_resolve_id(warehouse), snapshot.active_model(warehouse)
            if artefact is None:
                self.log.info("No match model is in force yet: the first resolve run trains one and pins it.")
                raise AirflowSkipException("no match model is in force")
            records, decisions = snapshot.current_customers(warehouse), snapshot.decisions(warehouse)
        folder = ("train", resolution.resolve_id)
        self.log.info("%s records, %s decided pairs", f"{len(records):,}", f"{len(decisions):,}")
        return resolution.advance(
            base_resolve_id=base,
            artefacts={
                "snapshot": lake.put(records, *folder, "snapshot"),
                "decisions": lake.put(decisions, *folder, "decisions"),
                "in_force": put_weights(lake, Weights.from_json(artefact), *folder, "in_force"),
            },
            counts={"records": len(records), "decisions": len(decisions)},
        ).to_xcom()


class TrainOperator(ResolveOperator):
    """Learn the weights anew from the frozen records."""

    ui_color = "#e6f1ee"

    def step(self, resolution: Resolution, lake: Lake, context: Any) -> Resolution:
        """Train; skips the rest where nothing would weigh otherwise, for then there is nothing to compare or keep."""
        from include.matching import load_spec, train

        in_force = get_weights(lake, resolution.artefacts["in_force"])
        candidate = train(lake.get(resolution.artefacts["snapshot"]), load_spec())
        for line in candidate.summary():
            self.log.info("%s", line)
        if candidate.weighs_like(in_force):
            self.log.info("Every level weighs as in the model in force, %s: nothing would change.", in_force.version[:12])
            raise AirflowSkipException("the trained model equals the one in force")
        uri = put_weights(lake, candidate, "train", resolution.resolve_id, "candidate")
        return resolution.advance(artefacts={"candidate": uri}, model_version=candidate.version)


class RehearseOperator(ResolveOperator):
    """Resolve the frozen records by both models, as far as the partition; nothing is published."""

    ui_color = "#f4ecd8"

    def step(self, resolution: Resolution, lake: Lake, context: Any) -> Resolution:
        """Weigh the same pairs by both, and group the records by both."""
        import pandas as pd

        from include.matching import block, cluster, encode, load_spec, score
        from include.privacy.regions import comparable

        spec, records = load_spec(), lake.get(resolution.artefacts["snapshot"])
        decisions, folder = lake.get(resolution.artefacts["decisions"]), ("train", resolution.resolve_id)
        table = encode(records, spec)
        pairs = block(table, spec, comparable()).frame
        groups, artefacts = {"record_id": records["record_id"]}, {"pairs": lake.put(pairs, *folder, "pairs")}
        for name in ("in_force", "candidate"):
            weights = get_weights(lake, resolution.artefacts[name])
            if misfit := _misfit(weights, spec):
                self.log.warning("%s So the candidate is held against what is published.", misfit)
                edges, groups[name] = self._published(records)
            else:
                edges = score(table, pairs, spec, weights)
                groups[name] = cluster(table, edges, decisions, spec, weights)
            artefacts[f"{name}_edges"] = lake.put(edges, *folder, f"{name}_edges")
        artefacts["groups"] = lake.put(pd.DataFrame(groups), *folder, "groups")
        return resolution.advance(artefacts=artefacts, counts={"pairs": len(pairs)})

    @staticmethod
    def _published(records: "pd.DataFrame") -> tuple["pd.DataFrame", "pd.Series[Any]"]:
        """Edges and customers as they stand; a record that came since stands alone."""
        from include.warehouse import snapshot

        with connections.warehouse("suki_resolve", "reading what is published") as warehouse:
            edges, members = snapshot.edges(warehouse), snapshot.previous_memberships(warehouse)
        live = edges["record_a"].isin(records["record_id"]) & edges["record_b"].isin(records["record_id"])
        customers = records["record_id"].map(members.set_index("record_id")["customer_id"])
        return edges[live].reset_index(drop=True), customers.fillna(records["record_id"])


class CompareOperator(ResolveOperator):
    """Say what the candidate would change, and keep it with that. It is not in force, and nothing here can put it there."""

    operator_extra_links = (ModelComparisonLink(),)
    ui_color = "#f9d976"

    def step(self, resolution: Resolution, lake: Lake, context: Any) -> Resolution:
        """Compare bands, customers, weights and labels; log it in sentences and keep it."""
        from include.golden.partition import partition_change
        from include.matching import PairSet, comparison
        from include.warehouse import models

        read = {name: lake.get(resolution.artefacts[name]) for name in ("snapshot", "decisions", "pairs", "groups")}
        now, then = (lake.get(resolution.artefacts[f"{name}_edges"]) for name in ("in_force", "candidate"))
        in_force, candidate = (get_weights(lake, resolution.artefacts[name]) for name in ("in_force", "candidate"))
        bands = comparison.band_changes(now, then)
        moved = comparison.moved_weights(in_force, candidate)
        pairs = PairSet(read["pairs"], records=len(read["snapshot"]))
        asked = (read["snapshot"]["record_id"], read["decisions"], pairs)
        labels = [comparison.judged_labels(*asked, edges) for edges in (now, then)]
        customers = partition_change(
            self._customers(read["snapshot"], read["groups"]), read["groups"].set_index("record_id")["candidate"]
        )
        sentences = [
            *comparison.band_sentences(len(read["pairs"]), bands),
            *customers.sentences(),
            *comparison.weight_sentences(moved),
            *comparison.reliability_sentences(in_force, candidate),
            *comparison.label_sentences(*labels),
        ]
        report = {
            "sentences": sentences,
            "counts": resolution.counts,
            "trained_on": {"now": in_force.trained_on, "then": candidate.trained_on},
            "not_learned": candidate.notes,
            "bands": bands.to_dict("records"),
            "customers": customers.to_json(_LISTED),
            "weights": [vars(one) for one in moved],
            "labels": {"now": labels[0].to_json(), "then": labels[1].to_json()},
        }
        with connections.warehouse("suki_resolve", "keeping the candidate model") as warehouse:
            models.keep_candidate(
                warehouse, dag_id=self.dag_id, run_id=context["run_id"], version=candidate.version,
                artefact=candidate.to_json(), in_force=in_force.version, base_resolve_id=resolution.base_resolve_id,
                report=report,
            )  # fmt: skip
        self.log.info("Candidate %s, held against %s, which stays in force.", candidate.version[:12], in_force.version[:12])
        for line in sentences:
            self.log.info("%s", line)
        return resolution

    @staticmethod
    def _customers(records: "pd.DataFrame", groups: "pd.DataFrame") -> "pd.Series[str]":
        """The customer each record belongs to by the model in force, under the id it is or would be published by."""
        from include.golden.identity import assign
        from include.warehouse import snapshot

        with connections.warehouse("suki_resolve", "reading customer ids") as warehouse:
            previous, ledger, aliases = (read(warehouse) for read in (
                snapshot.previous_memberships, snapshot.ledger, snapshot.aliases
            ))  # fmt: skip
        clusters = records[["record_id", "first_source_time"]].assign(cluster=groups["in_force"].to_numpy())
        return assign(clusters, previous, ledger, aliases).memberships.set_index("record_id")["customer_id"]


def _misfit(weights: "Weights", spec: "ModelSpec") -> str | None:
    """Why a model cannot be used with the declared one, if it cannot."""
    try:
        weights.must_fit(spec)
    except DeclarationError as problem:
        return str(problem)
    return None
