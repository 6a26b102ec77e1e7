"""What the steps of a resolve run share: each reads the rows the step before left in the lake, and writes its own."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from include.errors import Conflict
from include.resolution import Resolution
from suki import connections
from suki.lake import Lake
from suki.operators.base import SukiOperator
from suki.register import NotKept, head_of, register_of

if TYPE_CHECKING:
    from include.golden.blast_radius import BlastRadius
    from include.matching import ModelSpec, Weights
    from include.matching.register import Register


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


def put_weights(lake: Lake, weights: "Weights", *parts: str) -> str:
    """A trained model into the lake; returns its uri."""
    import pandas as pd

    return lake.put(pd.DataFrame({"artefact": [json.dumps(weights.to_json())]}), *parts)


def get_weights(lake: Lake, uri: str, spec: "ModelSpec | None" = None) -> "Weights":
    """A trained model out of the lake; given the declared model, one that fits it."""
    from include.matching import Weights

    return Weights.from_json(str(lake.get(uri)["artefact"].iloc[0]), spec)


def register_of_run(lake: Lake, resolution: Resolution, spec: "ModelSpec") -> "Register":
    """How common values are, as the run's first step found it."""
    from include.privacy.regions import comparable

    try:
        return register_of(lake, head_of(lake, resolution.resolve_id, spec, comparable()), spec, keys=False)
    except NotKept as reason:
        raise Conflict(f"This run cannot go on: {reason}. Clear the run from its first step.") from None


def declared_limits(file: str) -> "BlastRadius":
    """How much a run may change unasked: of a file; empty: ``include/golden/blast_radius.yml``."""
    from include.golden import blast_radius

    return blast_radius.load(Path(file)) if file else blast_radius.load()
