"""The third step of a resolve run: which records are one person, and which customer that is."""

from typing import TYPE_CHECKING, Any

from include.resolution import Resolution, gathered
from suki import connections
from suki.declared import only_adding
from suki.lake import Lake
from suki.operators.resolve import ResolveOperator, get_weights, register_of_run
from suki.register import head_of

if TYPE_CHECKING:
    import pandas as pd

    from include.golden.identity import Assignment

_OF_EDGE = ["record_a", "record_b", "weight", "band"]
_OF_AGE = ["record_id", "first_source_time"]
_OF_RECORD = ["record_id", "source", "stream", "region"]


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
        from include.heap import give_back
        from include.matching import MATCHED_COLUMNS, clustered, encode, load_spec
        from include.warehouse import snapshot
        from suki.frames import from_table

        taken = lake.table(resolution.artefacts["snapshot"], {*MATCHED_COLUMNS, *_OF_AGE, *_OF_RECORD})
        records = taken.select(list({*_OF_AGE, *_OF_RECORD})).to_pandas()
        edges = from_table(lake.table(resolution.artefacts["edges"], _OF_EDGE))
        decisions = lake.get(resolution.artefacts["decisions"])
        with connections.warehouse("suki_resolve", "reading customer ids") as warehouse:
            previous = snapshot.previous_memberships(warehouse)
            ledger = snapshot.ledger(warehouse)
            aliases = snapshot.aliases(warehouse)
        spec = load_spec()
        weights = get_weights(lake, resolution.artefacts["weights"], spec)
        clusters = clustered(encode(taken, spec), edges, decisions, spec, weights)
        del taken, edges  # who is one person with whom is all that goes on from here
        give_back()
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
        register = register_of_run(lake, resolution, spec)
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
        kept = stored[~found.replaces(stored)].assign(evidence=None)  # they stand as they are, and are named alone
        edges = pd.concat([kept, given["edges"]], ignore_index=True)
        at = edges["record_a"].isin(ids) | edges["record_b"].isin(ids)
        labels = records["record_id"].map(_labels(part.clusters, known.memberships, others))
        apart = _apart(records, labels)
        self._tell(apart)
        assignment = assign(records[_OF_AGE].assign(cluster=labels)[~apart], known.memberships, known.ledger, known.aliases)
        said = found.changed.union(pd.Index(given["marks"]["record_id"].unique()), sort=False)
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
            "doubted": lake.put(part.doubted, *folder, "doubted"),
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
    uri = lake.put_long(edges, "resolve", parts[0].resolve_id, "edges")
    return parts[0].advance(artefacts={"edges": uri}, counts=found, shard=None)


def _labels(clusters: "pd.DataFrame", members: "pd.DataFrame", others: "pd.DataFrame") -> "dict[str, str]":
    """A label for each record's group: those grouped anew by their cluster, the others by the customer they have."""
    alone = {one: one for one in others["record_id"]}  # came since this run began, and is marked: the next run groups it
    kept = dict(zip(members["record_id"], members["customer_id"], strict=True))
    fresh = zip(clusters["record_id"], clusters["cluster"], strict=True)
    return {**alone, **{one: kept[one] for one in alone if one in kept}, **{one: f"group {number}" for one, number in fresh}}


def _apart(records: "pd.DataFrame", labels: "pd.Series[Any]") -> "pd.Series[bool]":
    """Which records are in a group of match-only sources alone: such a group is no customer."""
    own = ~records["source"].isin(only_adding())
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
