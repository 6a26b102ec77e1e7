"""The steps of a resolve run. Each reads the rows the step before left in the lake, calls the core, and writes its own."""

import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from airflow.sdk.exceptions import AirflowSkipException

from include.resolution import Resolution
from include.sources import broken, discover
from suki import connections
from suki.lake import Lake
from suki.operators.base import SukiOperator

if TYPE_CHECKING:
    from include.matching import ModelSpec, Weights

_NOT_PUBLISHED = frozenset({"snapshot", "pairs", "weights"})


def put_weights(lake: Lake, weights: "Weights", *parts: str) -> str:
    """A trained model into the lake; returns its uri."""
    import pandas as pd

    return lake.put(pd.DataFrame({"artefact": [json.dumps(weights.to_json())]}), *parts)


def get_weights(lake: Lake, uri: str, spec: "ModelSpec | None" = None) -> "Weights":
    """A trained model out of the lake; given the declared model, one that fits it."""
    from include.matching import Weights

    return Weights.from_json(str(lake.get(uri)["artefact"].iloc[0]), spec)


class ResolveOperator(SukiOperator):
    """Base of the resolve steps: takes the run's reference and returns it one step on.

    Args:
        resolution: What the step before returned, or its output in a Dag file.
    """

    template_fields = ("resolution",)

    def __init__(self, *, resolution: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.resolution = resolution

    def run(self, context: Any) -> dict[str, Any]:
        """Do the step on the parsed reference."""
        return self.step(Resolution.from_xcom(dict(self.resolution)), Lake(connections.lake_root()), context).to_xcom()

    def step(self, resolution: Resolution, lake: Lake, context: Any) -> Resolution:
        """The step itself."""
        raise NotImplementedError


class PairOperator(SukiOperator):
    """Take the changed records and every record they could be the same person as, and list the pairs worth comparing."""

    ui_color = "#dcebf7"

    def run(self, context: Any) -> dict[str, Any]:
        """Claim dirty records, freeze the snapshot, block. Skips the rest of the run when nothing changed."""
        from include.matching import block, load_spec
        from include.privacy.regions import comparable
        from include.warehouse import snapshot

        for wrong in broken().values():  # golden values depend on how far every source is trusted
            raise wrong
        lake = Lake(connections.lake_root())
        with connections.warehouse("suki_resolve", "reading what changed") as warehouse:
            base = snapshot.latest_resolve_id(warehouse)
            marks = snapshot.claim_dirty(warehouse)
            if marks.empty:
                self.log.info("No record changed since the last publish: nothing to resolve.")
                raise AirflowSkipException("no record changed")
            records = snapshot.current_customers(warehouse)
            decisions = snapshot.decisions(warehouse)
        resolution = Resolution(str(uuid4()), base)
        folder = ("resolve", resolution.resolve_id)
        pairs = block(records, load_spec(), comparable())
        self.log.info(
            "%s changed records among %s; %s pairs to compare",
            f"{marks['record_id'].nunique():,}",
            f"{len(records):,}",
            f"{len(pairs.frame):,}",
        )
        for line in pairs.summary():
            self.log.info("%s", line)
        found, joined = pairs.joined_by_stewards(records["record_id"], decisions)
        if joined:
            self.log.info("Of %s pairs that stewards joined, the rules bring together %s", f"{joined:,}", f"{found:,}")
        return resolution.advance(
            artefacts={
                "marks": lake.put(marks, *folder, "marks"),
                "snapshot": lake.put(records, *folder, "snapshot"),
                "pairs": lake.put(pairs.frame, *folder, "pairs"),
            },
            counts={
                "records": len(records),
                "dirty": int(marks["record_id"].nunique()),
                "pairs": len(pairs.frame),
                "keyless": pairs.keyless,
            },
        ).to_xcom()


class ScoreOperator(ResolveOperator):
    """Compare each pair field by field and weigh the evidence with the active model."""

    ui_color = "#e6f1ee"

    def step(self, resolution: Resolution, lake: Lake, context: Any) -> Resolution:
        """Score the pairs; the very first run trains the model and pins it."""
        from include.matching import Weights, encode, load_spec, score, train
        from include.warehouse import snapshot

        spec = load_spec()
        records = encode(lake.get(resolution.artefacts["snapshot"]), spec)
        with connections.warehouse("suki_resolve", "reading the match model") as warehouse:
            artefact = snapshot.active_model(warehouse)
        if artefact is None:
            weights = train(records, spec)
            self.log.info(
                "No match model yet: trained %s on %s records; it stays until one is promoted.",
                weights.version[:12],
                len(records),
            )
            with connections.warehouse("suki_resolve", "keeping the match model") as warehouse:
                artefact = snapshot.save_model(warehouse, weights.version, weights.to_json())
        weights, folder = Weights.from_json(artefact, spec), ("resolve", resolution.resolve_id)
        for line in weights.summary():
            self.log.info("%s", line)
        if weights.departs_from(spec):
            self.log.warning(
                "model.yml has changed since this model was trained: its rules, thresholds and caps hold at once, what it says of"
                " learning only once a model is trained again."
            )
        edges = score(records, lake.get(resolution.artefacts["pairs"]), spec, weights)
        bands = edges["band"].value_counts()
        counts = {"matches": int(bands.get("match", 0)), "reviews": int(bands.get("review", 0))}
        self.log.info(
            "%s pairs match, %s wait for a review, the others are distinct", f"{counts['matches']:,}", f"{counts['reviews']:,}"
        )
        return resolution.advance(
            artefacts={
                "edges": lake.put(edges, *folder, "edges"),
                "weights": put_weights(lake, weights, *folder, "weights"),
            },
            counts=counts,
            model_version=weights.version,
        )


class ClusterOperator(ResolveOperator):
    """Group the records that are one person, and give each group the id its customer already has."""

    ui_color = "#f4ecd8"

    def step(self, resolution: Resolution, lake: Lake, context: Any) -> Resolution:
        """Cluster over the match band, steward decisions first, then assign customer ids."""
        import pandas as pd

        from include.golden.identity import assign
        from include.matching import clustered, load_spec
        from include.warehouse import snapshot

        records = lake.get(resolution.artefacts["snapshot"])
        edges = lake.get(resolution.artefacts["edges"])
        with connections.warehouse("suki_resolve", "reading customer ids and decisions") as warehouse:
            previous = snapshot.previous_memberships(warehouse)
            ledger = snapshot.ledger(warehouse)
            aliases = snapshot.aliases(warehouse)
            decisions = snapshot.decisions(warehouse)
        spec = load_spec()
        weights = get_weights(lake, resolution.artefacts["weights"], spec)
        clusters = clustered(records, edges, decisions, spec, weights)
        for line in clusters.summary():
            self.log.info("%s", line)
        known_since = records["first_source_time"]
        assignment = assign(
            pd.DataFrame({"record_id": records["record_id"], "cluster": clusters.of_record, "first_source_time": known_since}),
            previous,
            ledger,
            aliases,
        )
        folder = ("resolve", resolution.resolve_id)
        members = assignment.memberships.merge(records[["record_id", "source", "stream", "region"]], on="record_id")
        counts = {**clusters.counts, **assignment.counts, "minted": len(assignment.minted)}
        self.log.info("%s customers, %s of them new", f"{counts['customers']:,}", f"{counts['minted']:,}")
        return resolution.advance(
            artefacts={
                "memberships": lake.put(members, *folder, "memberships"),
                "minted": lake.put(assignment.minted, *folder, "minted"),
                "aliases": lake.put(assignment.aliases, *folder, "aliases"),
            },
            counts=counts,
        )


class SurviveOperator(ResolveOperator):
    """Choose each customer's golden values and remember where they came from."""

    ui_color = "#f6e7c1"

    def step(self, resolution: Resolution, lake: Lake, context: Any) -> Resolution:
        """Apply the survivorship rules to every customer."""
        from include.golden.survivorship import survive
        from include.warehouse.errors import DoesNotAddUp

        members = lake.get(resolution.artefacts["memberships"])[["record_id", "customer_id"]]
        # Of a snapshot that holds more than was touched, only whom this run tells of.
        records = lake.get(resolution.artefacts["snapshot"]).merge(members, on="record_id")
        if len(records) != len(members):
            raise DoesNotAddUp(f"{len(members):,} records have a customer, and the snapshot holds {len(records):,} of them.")
        trust = {name: source.trust for name, source in discover().items()}
        customers, provenance = survive(records, trust)
        self.log.info("%s golden records, %s values with their provenance", f"{len(customers):,}", f"{len(provenance):,}")
        folder = ("resolve", resolution.resolve_id)
        return resolution.advance(
            artefacts={
                "customers": lake.put(customers, *folder, "customers"),
                "provenance": lake.put(provenance, *folder, "provenance"),
            }
        )


class PublishOperator(ResolveOperator):
    """Write what differs to the golden tables in one transaction."""

    ui_color = "#f9d976"

    def step(self, resolution: Resolution, lake: Lake, context: Any) -> Resolution:
        """Publish; a retry or a zombie of a published run finds its report and changes nothing."""
        from include.golden.content_hash import row_hashes
        from include.warehouse import publish

        artefacts = {name: lake.get(uri) for name, uri in resolution.artefacts.items() if name not in _NOT_PUBLISHED}
        artefacts["customers"]["row_hash"] = row_hashes(artefacts["customers"])
        publication = publish.Publication(
            resolve_id=resolution.resolve_id, base_resolve_id=resolution.base_resolve_id, run_id=context["run_id"],
            model_version=resolution.model_version, counts=resolution.counts, **artefacts,
        )  # fmt: skip
        with connections.warehouse("suki_resolve", "publishing") as warehouse:
            report = publish.publish(warehouse, publication)
        lake.put(artefacts["minted"], "ledger", resolution.resolve_id)
        for change in ("created", "updated", "merged", "split", "retired"):
            self.log.info("%s customers %s", f"{report.counts.get(change, 0):,}", change)
        self.log.info("Golden content hash %s", report.content_hash)
        for asset in self.outlets:
            context["outlet_events"][asset].extra = {"content_hash": report.content_hash, **report.counts}
        return resolution.advance(counts=report.counts)
