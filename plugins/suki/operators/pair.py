"""The first step of a resolve run: which pairs of records are worth comparing."""

import json
from hashlib import sha256
from itertools import chain
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from airflow.sdk.exceptions import AirflowSkipException

from include.resolution import Resolution, shards
from suki import believing, connections
from suki.lake import Lake
from suki.operators.base import SukiOperator
from suki.operators.resolve import declared_limits, put_weights
from suki.register import NotKept, head_of, keep_change, keep_whole, made_by, register_of

if TYPE_CHECKING:
    import pandas as pd

    from include.matching import ModelSpec, Weights
    from include.matching.table import Table

_TOO_MANY = 0.3
"""Share of all records from which on comparing everything is no more work than finding out what a change reaches."""


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
        del marks  # as many as records, where everything is new
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
        pairs = block(table, spec, comparable(), self.log.info)
        give_back()
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
            "pairs": lake.put_long(pairs.frame, *folder, "pairs"),
            "weights": put_weights(lake, weights, *folder, "weights"),
        }
        del pairs
        give_back()
        keep_whole(lake, resolution.resolve_id, table, decisions, spec, comparable())
        return resolution.advance(artefacts=artefacts, counts=counts, model_version=weights.version)

    def _taken(self, lake: Lake, spec: "ModelSpec", *parts: str) -> "tuple[str, Table]":
        """All current records, encoded, and in the lake, block by block: what matching does not read is never held whole."""
        import pyarrow as pa

        from include.heap import give_back
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
                    give_back()  # what is kept lies between what was read beside it, in pieces too small for the next block
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
