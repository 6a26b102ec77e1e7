"""Matching by the pipeline's own steps, each timed: encode, block, train, score, cluster.

Apart from reading and cleaning, so that the memory of who measures matching alone is that of matching.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from benchmarks.systems.process import Stopwatch
from include.matching import ModelSpec, block, clustered, encode, load_spec, score, train
from include.privacy.regions import comparable


class Steps(Stopwatch):
    """Seconds by step, said on the way."""

    @contextmanager
    def of(self, step: str) -> Iterator[None]:
        """Time one step."""
        with super().of(step):
            yield
        say(f"{step:8}{self.seconds[step]:8.1f} s")


@dataclass(frozen=True)
class Resolved:
    """What matching made of a snapshot.

    Attributes:
        pairs: ``a``, ``b``: positions of the records that were compared.
        keyless: Records with nothing to be found by.
        estimated: Pairs counted before any was made.
        edges: The pairs in the match and review bands.
        clusters: Cluster number of each record, in the snapshot's order.
    """

    pairs: pd.DataFrame
    keyless: int
    estimated: int
    edges: pd.DataFrame
    clusters: pd.Series


def resolve(snapshot: pd.DataFrame | pa.Table, steps: Steps, spec: ModelSpec | None = None) -> Resolved:
    """Match a snapshot as the resolve operators do, with a model trained on it."""
    spec = spec or load_spec()
    with steps.of("encode"):
        table = encode(snapshot, spec)
        del snapshot
    with steps.of("block"):
        pairs = block(table, spec, comparable(), say)
    for line in pairs.summary():
        say(f"         {line}")
    with steps.of("train"):
        weights = train(table, spec, pairs.frame)
    for line in weights.summary():
        say(f"         {line}")
    with steps.of("score"):
        edges = score(table, pairs.frame, spec, weights)
    with steps.of("cluster"):
        found = clustered(table, edges, None, spec, weights)
    for line in found.summary():
        say(f"         {line}")
    return Resolved(pairs.frame, pairs.keyless, pairs.estimated, edges, found.of_record)


def say(line: str) -> None:
    """Progress goes to the error output: the output holds the result alone."""
    print(line, file=sys.stderr, flush=True)
