"""The steps of a resolve run. Each reads the rows the step before left in the lake, calls the core, and writes its own."""

import json
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from airflow.sdk.exceptions import AirflowSkipException

from include.errors import Conflict
from include.resolution import Resolution, gathered, shards
from include.sources import broken, discover
from suki import alerts, believing, connections, watching
from suki.declared import standing
from suki.lake import Lake
from suki.operators.base import SukiOperator
from suki.register import NotKept, head_of, keep_change, keep_whole, made_by, register_of
from suki.ui.links import RunDiffLink

if TYPE_CHECKING:
    import pandas as pd
    from sqlalchemy import Connection

    from include.golden.blast_radius import BlastRadius
    from include.golden.identity import Assignment
    from include.matching import ModelSpec, Weights
    from include.matching.register import Register
    from include.matching.table import Table
    from include.warehouse.publish import Publication, PublishReport

_NOT_PUBLISHED = frozenset({"snapshot", "pairs", "weights", "decisions", "reach", "concerned"})
_MANY = frozenset({"customers", "proofs", "memberships", "minted", "edges"})
"""What there is as much of as there are records: it is never all in memory."""

_TOO_MANY = 0.3
"""Share of all records from which on comparing everything is no more work than finding out what a change reaches."""


def put_weights(lake: Lake, weights: "Weights", *parts: str) -> str:
    """A trained model into the lake; returns its uri."""
    import pandas as pd

    return lake.put(pd.DataFrame({"artefact": [json.dumps(weights.to_json())]}), *parts)


def get_weights(lake: Lake, uri: str, spec: "ModelSpec | None" = None) -> "Weights":
    """A trained model out of the lake; given the declared model, one that fits it."""
    from include.matching import Weights

    return Weights.from_json(str(lake.get(uri)["artefact"].iloc[0]), spec)


def declared_limits(file: str) -> "BlastRadius":
    """How much a run may change unasked: of a file; empty: ``include/golden/blast_radius.yml``."""
    from include.golden import blast_radius

    return blast_radius.load(Path(file)) if file else blast_radius.load()


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
    """Take the changed records and every record they could be the same person as, and list the pairs worth comparing.

    Args:
        most_shards: How many tasks may score them at most.
        least_pairs: Pairs that are worth a task of their own.
        limits: File of the limits that ``WeighChangeOperator`` will hold the run to; empty: the project's.
    """

    ui_color = "#dcebf7"

    def __init__(self, *, most_shards: int = 1, least_pairs: int = 0, limits: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most_shards, self.least_pairs, self.limits = most_shards, least_pairs, limits

    def run(self, context: Any) -> list[dict[str, Any]]:
        """Claim dirty records, read what they reach, block; returns a reference a shard.

        Skips the rest of the run when nothing changed.
        """
        from include.warehouse import diffs, snapshot

        for wrong in broken().values():  # golden values depend on how far every source is trusted
            raise wrong
        lake = Lake(connections.lake_root())
        with connections.warehouse("suki_resolve", "reading what changed") as warehouse:
            base = snapshot.latest_resolve_id(warehouse)
            marks = snapshot.claim_dirty(warehouse)
            if marks.empty:
                self.log.info("No record changed since the last publish: nothing to resolve.")
                raise AirflowSkipException("no record changed")
            decisions = snapshot.decisions(warehouse)
        with connections.warehouse("suki_resolve", "settling what golden values are chosen by") as warehouse:
            settled = believing.settle(warehouse, context)
        with connections.warehouse("suki_resolve", "reading which runs were held") as warehouse:
            decided_by = self._decided_by(settled.belief.fingerprint, snapshot.active_version(warehouse))
            held = diffs.held_with(warehouse, base, marks["mark_id"].tolist(), decided_by)
            if held and context["dag_run"].run_type != "manual":
                self.log.info(
                    "Nothing changed since the run %s was held over the same records: it would be held again. Answer"
                    " publish_held_run, or trigger this Dag by hand to have it weighed anew.",
                    held,
                )
                raise AirflowSkipException("held already")
        resolution = Resolution(str(uuid4()), base, belief=settled.belief.fingerprint, decided_by=decided_by)
        folder = ("resolve", resolution.resolve_id)
        resolution = resolution.advance(
            artefacts={"marks": lake.put(marks, *folder, "marks"), "decisions": lake.put(decisions, *folder, "decisions")},
            counts={"dirty": int(marks["record_id"].nunique())},
        )
        try:
            return self._dealt(self._what_changed(resolution, lake, marks, decisions, anew=settled.anew))
        except NotKept as reason:
            self.log.info("Everything is compared: %s.", reason)
        return self._dealt(self._everything(resolution, lake, decisions))

    def _decided_by(self, belief: str, model: str | None) -> str:
        """What decides, beside the records, what this run would change and whether it is held."""
        from include.matching import load_spec
        from include.privacy.regions import comparable

        told = [declared_limits(self.limits).model_dump_json(), belief, model, made_by(load_spec(), comparable())]
        return sha256(json.dumps(told).encode()).hexdigest()

    def _dealt(self, resolution: Resolution) -> list[dict[str, Any]]:
        """A reference for each task that is to score a part of the pairs."""
        parts = shards(resolution.counts["pairs"], self.most_shards, self.least_pairs)
        if len(parts) > 1:
            self.log.info("They are scored in %s shards of about %s pairs", len(parts), f"{parts[0].stop:,}")
        return [resolution.advance(shard=part).to_xcom() for part in parts]

    def _everything(self, resolution: Resolution, lake: Lake, decisions: "pd.DataFrame") -> Resolution:
        """Block all current records, and settle which model they are weighed by."""
        import pandas as pd

        from include.heap import give_back
        from include.matching import block, load_spec
        from include.privacy.regions import comparable

        spec, folder = load_spec(), ("resolve", resolution.resolve_id)
        uri, table = self._taken(lake, spec, *folder, "snapshot")
        give_back()
        weights = self._model(table, spec)
        give_back()
        pairs = block(table, spec, comparable())
        self.log.info(
            "%s changed records among %s; %s pairs to compare",
            f"{resolution.counts['dirty']:,}",
            f"{len(table):,}",
            f"{len(pairs.frame):,}",
        )
        for line in pairs.summary():
            self.log.info("%s", line)
        found, joined = pairs.joined_by_stewards(pd.Series(table.record_id), decisions)
        if joined:
            self.log.info("Of %s pairs that stewards joined, the rules bring together %s", f"{joined:,}", f"{found:,}")
        counts = {"records": len(table), "pairs": len(pairs.frame), "keyless": pairs.keyless}
        artefacts = {
            "snapshot": uri,
            "pairs": lake.put(pairs.frame, *folder, "pairs"),
            "weights": put_weights(lake, weights, *folder, "weights"),
        }
        del pairs
        give_back()
        keep_whole(lake, resolution.resolve_id, table, decisions, spec, comparable())
        return resolution.advance(artefacts=artefacts, counts=counts, model_version=weights.version)

    def _taken(self, lake: Lake, spec: "ModelSpec", *parts: str) -> "tuple[str, Table]":
        """All current records, encoded, and in the lake, block by block: what matching does not read is never held whole."""
        import pyarrow as pa

        from include.matching import MATCHED_COLUMNS, encode
        from include.warehouse import snapshot

        matched = []
        with connections.warehouse("suki_resolve", "reading the records") as warehouse:
            blocks = snapshot.customer_tables(warehouse)
            first = next(blocks)
            read = [name for name in first.column_names if name in MATCHED_COLUMNS]
            with lake.writing(first.schema, *parts) as file:
                for block in chain([first], blocks):
                    file.append(block)
                    matched.append(block.select(read))
        return file.uri, encode(pa.concat_tables(matched), spec)

    def _model(self, records: "Table", spec: "ModelSpec") -> "Weights":
        """The model in force; the very first run trains it and pins it. Settled here, so that all shards weigh by one."""
        from include.matching import Weights, train
        from include.warehouse import snapshot

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
        weights = Weights.from_json(artefact, spec)
        for line in weights.summary():
            self.log.info("%s", line)
        if weights.departs_from(spec):
            self.log.warning(
                "model.yml has changed since this model was trained: its rules, thresholds and caps hold at once, what it says of"
                " learning only once a model is trained again."
            )
        return weights

    def _what_changed(
        self, resolution: Resolution, lake: Lake, marks: "pd.DataFrame", decisions: "pd.DataFrame", *, anew: bool
    ) -> Resolution:
        """Block what changed, and who lies beside it; where values are chosen ``anew`` that is not enough.

        Raises:
            NotKept: There is nothing to go on from.
        """
        import pandas as pd

        from include.matching import MATCHED_COLUMNS, Weights, load_spec
        from include.matching.change import change
        from include.matching.rescoring import ends
        from include.privacy.regions import comparable
        from include.warehouse import snapshot

        if resolution.base_resolve_id is None:
            raise NotKept("nothing was published before")
        if anew:
            raise NotKept("trust or survivorship has changed since the last run, and holds for every customer")
        spec, folder = load_spec(), ("resolve", resolution.resolve_id)
        head = head_of(lake, resolution.base_resolve_id, spec, comparable())
        with connections.warehouse("suki_resolve", "reading the match model") as warehouse:
            scored_by, artefact = snapshot.latest_model(warehouse), snapshot.active_model(warehouse)
        weights = None if artefact is None else Weights.from_json(artefact, spec)
        if weights is None or weights.version != scored_by:
            raise NotKept("another match model is in force than the last run scored by")
        if weights.repeats is None:
            raise NotKept(
                "the match model is of a time before it kept how many records a person has; train it again to change that"
            )
        before = register_of(lake, head, spec)
        marked = pd.Index(marks["record_id"].unique(), dtype=object)
        if len(marked) > _TOO_MANY * len(before):
            raise NotKept(f"{len(marked):,} records changed, of {len(before):,} there were")
        with connections.warehouse("suki_resolve", "reading the changed records") as warehouse:
            found = change(
                before, marked, lambda ids: snapshot.customers_among(warehouse, ids), spec, weights.repeats, comparable()
            )
            records = snapshot.table_among(warehouse, ends(found.pairs), MATCHED_COLUMNS)
            forgotten = snapshot.suppressed_tokens(warehouse)
        keep_change(lake, resolution.resolve_id, head, before, found.register, decisions, forgotten)
        counts = found.counts
        self.log.info(
            "%s changed records among %s; %s keys looked up, %s pairs to compare, %s records read for them",
            f"{counts['dirty']:,}", f"{len(found.register):,}", f"{counts['keys_read']:,}", f"{counts['pairs']:,}",
            f"{len(records):,}",
        )  # fmt: skip
        if counts["beside"]:
            self.log.info(
                "%s values became more or less common by a doubling and %s keys crossed their cap, so pairs of %s other records"
                " are compared again",
                f"{counts['values_crossing']:,}", f"{counts['keys_crossing']:,}", f"{counts['beside']:,}",
            )  # fmt: skip
        return resolution.advance(
            artefacts={
                "snapshot": lake.put_table(records, *folder, "snapshot"),
                "pairs": lake.put(found.pairs, *folder, "pairs"),
                "reach": lake.put(found.reach(), *folder, "reach"),
                "weights": put_weights(lake, weights, *folder, "weights"),
            },
            counts={
                "dirty": counts["dirty"], "records": len(found.register), "pairs": counts["pairs"],
                "keys_read": counts["keys_read"], "rows_read": counts["dirty"] + len(records), "beside": counts["beside"],
            },
            model_version=weights.version,
        )  # fmt: skip


class ScoreOperator(ResolveOperator):
    """Compare the pairs of one shard field by field and weigh the evidence with the run's model.

    What a pair weighs depends on its two records, on how common values are among all of them and on the model, so it is the same
    in any shard. A shard that is tried again writes a file of its own, and what counts is the one its last try returned.
    """

    ui_color = "#e6f1ee"

    def step(self, resolution: Resolution, lake: Lake, context: Any) -> Resolution:
        """Score the shard's pairs."""
        from include.matching import MATCHED_COLUMNS, encode, load_spec, score
        from include.matching.rescoring import score_among

        spec, folder, shard = load_spec(), ("resolve", resolution.resolve_id), resolution.shard
        if shard is None:
            raise Conflict("This run began before pairs were scored in shards. Clear the run from its first step.")
        weights = get_weights(lake, resolution.artefacts["weights"], spec)
        records = lake.table(resolution.artefacts["snapshot"], MATCHED_COLUMNS)
        pairs = lake.get(resolution.artefacts["pairs"], shard.start, shard.stop)
        if "reach" in resolution.artefacts:
            edges = score_among(records, pairs, _register_of_run(lake, resolution, spec), spec, weights)
        else:
            edges = score(encode(records, spec), pairs, spec, weights)
        bands = edges["band"].value_counts()
        counts = {"matches": int(bands.get("match", 0)), "reviews": int(bands.get("review", 0))}
        self.log.info(
            "Of the %s pairs of %s %s match, %s wait for a review, the others are distinct",
            f"{len(pairs):,}", shard, f"{counts['matches']:,}", f"{counts['reviews']:,}",
        )  # fmt: skip
        return resolution.advance(artefacts={"edges": lake.put(edges, *folder, "edges")}, counts=counts)


class ClusterOperator(ResolveOperator):
    """Group the records that are one person, and give each group the id its customer already has.

    Args:
        resolution: What the shards returned, one reference each, or their output in a Dag file.
    """

    ui_color = "#f4ecd8"

    def run(self, context: Any) -> dict[str, Any]:
        """Lay the shards together and do the step on them."""
        lake = Lake(connections.lake_root())
        # All at once: one by one ends with a request for one more, and with an error in the log that there is none.
        parts = gathered(Resolution.from_xcom(dict(part)) for part in self.resolution[:])
        return self.step(_together(lake, parts), lake, context).to_xcom()

    def step(self, resolution: Resolution, lake: Lake, context: Any) -> Resolution:
        """Cluster over the match band, steward decisions first, then assign customer ids."""
        if "reach" in resolution.artefacts:
            return self._what_changed(resolution, lake)
        return self._everything(resolution, lake)

    def _everything(self, resolution: Resolution, lake: Lake) -> Resolution:
        """Group all records."""
        import pandas as pd

        from include.golden.identity import assign
        from include.matching import MATCHED_COLUMNS, clustered, encode, load_spec
        from include.warehouse import snapshot

        taken = lake.table(resolution.artefacts["snapshot"], {*MATCHED_COLUMNS, *_OF_AGE, *_OF_RECORD})
        records = taken.select(list({*_OF_AGE, *_OF_RECORD})).to_pandas()
        edges, decisions = lake.get(resolution.artefacts["edges"]), lake.get(resolution.artefacts["decisions"])
        with connections.warehouse("suki_resolve", "reading customer ids") as warehouse:
            previous = snapshot.previous_memberships(warehouse)
            ledger = snapshot.ledger(warehouse)
            aliases = snapshot.aliases(warehouse)
        spec = load_spec()
        weights = get_weights(lake, resolution.artefacts["weights"], spec)
        clusters = clustered(encode(taken, spec), edges, decisions, spec, weights)
        for line in clusters.summary():
            self.log.info("%s", line)
        labels = pd.Series(clusters.of_record.to_numpy(), index=records.index)
        apart = _apart(records, labels)
        assignment = assign(records[_OF_AGE].assign(cluster=labels)[~apart], previous, ledger, aliases)
        counts = {
            **clusters.counts, **assignment.counts, "minted": len(assignment.minted), "records": int((~apart).sum()),
        }  # fmt: skip
        self._tell(apart)
        self.log.info("%s customers, %s of them new", f"{counts['customers']:,}", f"{counts['minted']:,}")
        return resolution.advance(artefacts=_assigned(lake, resolution, records, assignment, apart), counts=counts)

    def _tell(self, apart: "pd.Series[bool]") -> None:
        if apart.any():
            self.log.info("%s records of match-only lists are like nobody known, and make no customer", f"{int(apart.sum()):,}")

    def _what_changed(self, resolution: Resolution, lake: Lake) -> Resolution:
        """Group what the change reaches; all others keep their customer."""
        import pandas as pd

        from include.golden.identity import assign
        from include.golden.partition import concerned
        from include.matching import load_spec
        from include.matching.change import Change
        from include.matching.regrouping import Earlier, Once, regroup
        from include.privacy.regions import comparable
        from include.warehouse import snapshot

        spec, given = load_spec(), {
            name: lake.get(resolution.artefacts[name]) for name in ("reach", "edges", "decisions", "marks", "pairs")
        }  # fmt: skip
        weights = get_weights(lake, resolution.artefacts["weights"], spec)
        register = _register_of_run(lake, resolution, spec)
        found = Change.of_reach(register, given["pairs"], given["reach"])
        before = lake.get(head_of(lake, str(resolution.base_resolve_id), spec, comparable()).decisions)
        with connections.warehouse("suki_resolve", "reading what a change reaches") as warehouse:

            def read(ids: "pd.Index") -> "pd.DataFrame":
                return snapshot.customers_among(warehouse, ids)

            edges_of = Once(lambda ids: snapshot.edges_among(warehouse, ids))
            earlier = Earlier(edges_of, lambda ids: snapshot.members_among(warehouse, ids), before)
            part = regroup(found, given["edges"], earlier, given["decisions"], read, register, spec, weights)
            touched = snapshot.touched(warehouse, [*part.touched, *given["marks"]["record_id"]])
            ids = pd.Index(touched["record_id"], dtype=object)
            known = snapshot.identities(warehouse, ids)
            others = read(ids.difference(part.touched, sort=False))
            stored = edges_of(ids)
        for line in part.clustered.summary():
            self.log.info("%s", line)
        records = pd.concat([part.records, others], ignore_index=True).sort_values("record_id", ignore_index=True)
        edges = pd.concat([stored[~found.replaces(stored)], given["edges"]], ignore_index=True)
        at = edges["record_a"].isin(ids) | edges["record_b"].isin(ids)
        labels = records["record_id"].map(_labels(part.clusters, known.memberships, others))
        apart = _apart(records, labels)
        self._tell(apart)
        assignment = assign(records[_OF_AGE].assign(cluster=labels)[~apart], known.memberships, known.ledger, known.aliases)
        said = found.changed.union(part.doubted, sort=False).union(pd.Index(given["marks"]["record_id"].unique()), sort=False)
        concerns = concerned(said, known.memberships, assignment.memberships)
        folder = ("resolve", resolution.resolve_id)
        counts = {
            **part.clustered.counts, **assignment.counts, **part.counts, **known.others, "minted": len(assignment.minted),
            "records": int((~apart).sum()), "touched": len(ids),
            "rows_read": resolution.counts["rows_read"] + part.counts["records_regrouped"] + len(others),
        }  # fmt: skip
        self.log.info(
            "%s records have an edge that came, went or weighs otherwise; %s groups were looked into, %s of them changed:"
            " %s customers, %s of them new. The other %s stand as they were.",
            f"{counts['edges_changed']:,}", f"{counts['components']:,}", f"{counts['components_touched']:,}",
            f"{counts['customers']:,}", f"{counts['minted']:,}", f"{counts['other_customers']:,}",
        )  # fmt: skip
        artefacts = {
            **_assigned(lake, resolution, records, assignment, apart),
            "snapshot": lake.put(records, *folder, "touched_records"),
            "edges": lake.put(edges[at].sort_values(["record_a", "record_b"], ignore_index=True), *folder, "touched_edges"),
            "touched": lake.put(touched, *folder, "touched"),
            "concerned": lake.put(pd.DataFrame({"record_id": concerns}), *folder, "concerned"),
        }
        return resolution.advance(artefacts=artefacts, counts=counts)


def _together(lake: Lake, parts: list[Resolution]) -> Resolution:
    """One reference to all that the shards of a run found: their edges in the order one shard would have given them."""
    import pandas as pd

    if len(parts) == 1:
        return parts[0].advance(shard=None)
    edges = pd.concat([lake.get(part.artefacts["edges"]) for part in parts], ignore_index=True)
    edges = edges.sort_values(["record_a", "record_b"], ignore_index=True)
    found = {name: sum(part.counts[name] for part in parts) for name in ("matches", "reviews")}
    uri = lake.put(edges, "resolve", parts[0].resolve_id, "edges")
    return parts[0].advance(artefacts={"edges": uri}, counts=found, shard=None)


_OF_AGE = ["record_id", "first_source_time"]
_OF_RECORD = ["record_id", "source", "stream", "region"]


def _register_of_run(lake: Lake, resolution: Resolution, spec: "ModelSpec") -> "Register":
    """How common values are, as the run's first step found it."""
    from include.privacy.regions import comparable

    try:
        return register_of(lake, head_of(lake, resolution.resolve_id, spec, comparable()), spec, keys=False)
    except NotKept as reason:
        raise Conflict(f"This run cannot go on: {reason}. Clear the run from its first step.") from None


def _labels(clusters: "pd.DataFrame", members: "pd.DataFrame", others: "pd.DataFrame") -> "dict[str, str]":
    """A label for each record's group: those grouped anew by their cluster, the others by the customer they have."""
    alone = {one: one for one in others["record_id"]}  # came since this run began, and is marked: the next run groups it
    kept = dict(zip(members["record_id"], members["customer_id"], strict=True))
    fresh = zip(clusters["record_id"], clusters["cluster"], strict=True)
    return {**alone, **{one: kept[one] for one in alone if one in kept}, **{one: f"group {number}" for one, number in fresh}}


def _apart(records: "pd.DataFrame", labels: "pd.Series[Any]") -> "pd.Series[bool]":
    """Which records are in a group of match-only sources alone: such a group is no customer."""
    _, lists = standing(discover())
    own = ~records["source"].isin(lists)
    return ~own.groupby(labels).transform("any")


def _assigned(
    lake: Lake, resolution: Resolution, records: "pd.DataFrame", assignment: "Assignment", apart: "pd.Series[bool]"
) -> dict[str, str]:
    """What became of the customer ids, in the lake."""
    folder = ("resolve", resolution.resolve_id)
    members = assignment.memberships.merge(records[_OF_RECORD], on="record_id")
    left = {"apart": lake.put(records.loc[apart, ["record_id"]], *folder, "apart")} if apart.any() else {}
    return {
        **left,
        "memberships": lake.put(members, *folder, "memberships"),
        "minted": lake.put(assignment.minted, *folder, "minted"),
        "aliases": lake.put(assignment.aliases, *folder, "aliases"),
    }


class SurviveOperator(ResolveOperator):
    """Choose each customer's golden values and remember where they came from."""

    ui_color = "#f6e7c1"

    def step(self, resolution: Resolution, lake: Lake, context: Any) -> Resolution:
        """Apply the survivorship rules to every customer, then what stewards pinned."""
        from include.golden.pins import Pin
        from include.warehouse import pins
        from suki.surviving import Judge, survived

        if resolution.belief is None:
            raise Conflict(
                "This run began before it was settled what its golden values are chosen by. Clear it from its first step."
            )
        _, lists = standing(discover())
        with connections.warehouse("suki_resolve", "reading what golden values are chosen by") as warehouse:
            given = tuple(Pin(**row) for row in pins.in_force(warehouse))
            belief = believing.kept(warehouse, resolution.belief)
        # Of a snapshot that holds more than was touched, only whom this run tells of.
        found = survived(
            lake, resolution.artefacts["snapshot"], resolution.artefacts["memberships"],
            Judge(belief.rules, belief.trust, tuple(lists), given), "resolve", resolution.resolve_id,
        )  # fmt: skip
        self.log.info("%s golden records, %s values with their provenance", f"{found.customers:,}", f"{found.proven:,}")
        if given:
            self.log.info(
                "%s values are as stewards pinned them; suki pins lists those that stand no longer", f"{found.pinned:,}"
            )
        return resolution.advance(artefacts=dict(found.artefacts))


def of_today(resolution: Resolution) -> None:
    """Refuse a run whose golden values an earlier version of the project wrote.

    Raises:
        Conflict: It is one.
    """
    if "provenance" in resolution.artefacts:
        raise Conflict("This run began before provenance was kept in one row a customer. Run resolve_customers again.")


class PublishOperator(ResolveOperator):
    """Write what differs to the golden tables in one transaction."""

    ui_color = "#f9d976"

    def run(self, context: Any) -> dict[str, Any]:
        """Publish, unless the run is held and somebody cleared this task all the same."""
        if self.resolution["counts"].get("limits_exceeded"):
            self.log.warning("This run is held: only publish_held_run may publish it, after somebody said yes there.")
            raise AirflowSkipException("held")
        return super().run(context)

    def step(self, resolution: Resolution, lake: Lake, context: Any) -> Resolution:
        """Publish; a retry or a zombie of a published run finds its report and changes nothing."""
        from include.warehouse import publish

        of_today(resolution)
        artefacts: dict[str, Any] = {
            name: lake.blocks(uri) if name in _MANY else lake.get(uri)
            for name, uri in resolution.artefacts.items()
            if name not in _NOT_PUBLISHED
        }
        publication = publish.Publication(
            resolve_id=resolution.resolve_id, base_resolve_id=resolution.base_resolve_id, run_id=context["run_id"],
            model_version=resolution.model_version, counts=resolution.counts, belief=resolution.belief, **artefacts,
        )  # fmt: skip
        weighed = watching.matches_weighed(lake, resolution)
        with connections.warehouse("suki_resolve", "publishing") as warehouse:
            report = self.publish(warehouse, publication)
            shown_on = self.shown_on(context)
            watched = watching.watch(warehouse, resolution, weighed, report.counts, shown_on) if report.fresh else []
        lake.put_table(lake.table(resolution.artefacts["minted"]), "ledger", resolution.resolve_id)
        for change in ("created", "updated", "merged", "split", "retired"):
            self.log.info("%s customers %s", f"{report.counts.get(change, 0):,}", change)
        self.log.info("Golden content hash %s", report.content_hash)
        if odd := [f"{one.name.replace('_', ' ')} {one.now:.4g}, usually {one.usual:.4g}" for one in watched if one.unusual]:
            page = RunDiffLink().address_of(shown_on)
            alerts.send("Who is who is unlike earlier runs", "\n".join([*odd, f"Page: {page}"]), context)
        for asset in self.outlets:
            context["outlet_events"][asset].extra = {"content_hash": report.content_hash, **report.counts}
        return resolution.advance(counts=report.counts)

    def shown_on(self, context: Any) -> dict[str, str]:
        """The run whose page tells of this publication."""
        return {"dag_id": self.dag_id, "run_id": context["run_id"]}

    def publish(self, warehouse: "Connection", publication: "Publication") -> "PublishReport":
        """The transaction itself."""
        from include.warehouse import publish

        return publish.publish(warehouse, publication)
