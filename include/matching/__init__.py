"""Who is who: which records are worth comparing, how alike they are, what that weighs, and which of them are one person.

Everything rests on recordlinkage's own classes (its Index, its features and its ECM classifier), imported only when a step runs.
"""

from include.matching.blocking import PairSet, block
from include.matching.clustering import cluster, clustered
from include.matching.explaining import explain
from include.matching.scoring import score
from include.matching.spec import ModelSpec
from include.matching.spec import load as load_spec
from include.matching.table import MATCHED_COLUMNS, Table, encode
from include.matching.training import train
from include.matching.weights import Weights

__all__ = [
    "MATCHED_COLUMNS",
    "ModelSpec",
    "PairSet",
    "Table",
    "Weights",
    "block",
    "cluster",
    "clustered",
    "encode",
    "explain",
    "load_spec",
    "score",
    "train",
]
