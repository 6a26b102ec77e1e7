"""The second step of a resolve run: what the pairs of one shard weigh."""

from typing import Any

from include.errors import Conflict
from include.resolution import Resolution
from suki.lake import Lake
from suki.operators.resolve import ResolveOperator, get_weights, register_of_run


class ScoreOperator(ResolveOperator):
    """Compare the pairs of one shard field by field and weigh the evidence with the run's model.

    What a pair weighs depends on its two records, on how common values are among all of them and on the model, so it is the same
    in any shard. A shard that is tried again writes a file of its own, and what counts is the one its last try returned.
    """

    ui_color = "#e6f1ee"

    def step(self, resolution: Resolution, lake: Lake, context: Any) -> Resolution:
        """Score the shard's pairs."""
        from include.heap import give_back
        from include.matching import MATCHED_COLUMNS, encode, load_spec, score
        from include.matching.rescoring import score_among

        spec, folder, shard = load_spec(), ("resolve", resolution.resolve_id), resolution.shard
        if shard is None:
            raise Conflict("This run began before pairs were scored in shards. Clear the run from its first step.")
        weights = get_weights(lake, resolution.artefacts["weights"], spec)
        records = lake.table(resolution.artefacts["snapshot"], MATCHED_COLUMNS)
        pairs = lake.get(resolution.artefacts["pairs"], shard.start, shard.stop)
        if "reach" in resolution.artefacts:
            edges = score_among(records, pairs, register_of_run(lake, resolution, spec), spec, weights)
        else:
            edges = score(encode(records, spec), pairs, spec, weights)
        asked = len(pairs)
        del records, pairs  # beside what is written now they would be a third of the memory
        give_back()
        bands = edges["band"].value_counts()
        counts = {"matches": int(bands.get("match", 0)), "reviews": int(bands.get("review", 0))}
        self.log.info(
            "Of the %s pairs of %s %s match, %s wait for a review, the others are distinct",
            f"{asked:,}", shard, f"{counts['matches']:,}", f"{counts['reviews']:,}",
        )  # fmt: skip
        return resolution.advance(artefacts={"edges": lake.put_long(edges, *folder, "edges")}, counts=counts)
