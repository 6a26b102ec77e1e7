"""Learning what each level weighs, from unlabelled records.

In order: how often strangers agree (u) from random pairs; how many pairs are one person, about, from near-certain rules over all
records; how one person's records differ (m), and what households and namesakes look like, by EM over the level patterns of
blocked pairs; then the classes are looked at, and what makes no sense is replaced by the declared levels, which the artefact
says. No labels anywhere.
"""

import numpy as np
import pandas as pd

from include.matching.blocking import block_table
from include.matching.comparing import Comparer
from include.matching.evidence import Evidence
from include.matching.spec import BlockingRule, ModelSpec
from include.matching.table import Ints, Table, encode
from include.matching.weights import Weights


def train(snapshot: pd.DataFrame, spec: ModelSpec) -> Weights:
    """Learn the weights of a snapshot; the same records in any order give the same weights."""
    from include.matching.learning import declared, learn

    table = encode(snapshot, spec.nobodys)
    if len(table) < 2:
        return declared(table, spec, ["everything, for there are fewer than two records"])
    evidence = _gather(table, spec)
    certain, needed = len(evidence.certain), spec.training.least_certain_pairs
    if certain < needed:
        return declared(
            table, spec, [f"everything, for only {certain:,} pairs agree on a near-certain rule and {needed} are needed"]
        )
    return learn(table, spec, evidence)


def _gather(table: Table, spec: ModelSpec) -> Evidence:
    n = len(table)
    total = n * (n - 1) / 2
    compare = Comparer(table, spec)
    random = np.concatenate([levels for _, levels in compare.in_parts(_random_pairs(table, spec))])
    pairs = block_table(table, spec.blocking).frame
    every = -(-len(pairs) // spec.training.most_pairs) or 1
    order = content_order(table)
    if every > 1:
        place = np.empty(n, dtype=np.int64)
        place[order] = np.arange(n)
        pairs = pairs[(place[pairs["a"].to_numpy()] + place[pairs["b"].to_numpy()]) % every == 0]
    blocked = np.concatenate([np.zeros((0, len(spec.comparisons)), np.int8), *(levels for _, levels in compare.in_parts(pairs))])
    rules = tuple(BlockingRule(rule=str(i), keys=keys, cap=100) for i, keys in enumerate(spec.training.certain))
    certain = block_table(table, rules).frame
    certain_levels = np.concatenate(
        [np.zeros((0, len(spec.comparisons)), np.int8), *(levels for _, levels in compare.in_parts(certain))]
    )
    return Evidence(random, blocked, float(every), certain_levels, total)


def content_order(table: Table) -> Ints:
    """Records by a hash of what they say: an order no shuffling and no new key for record ids can change."""
    content = np.zeros(len(table), dtype=np.uint64)
    with np.errstate(over="ignore"):
        for column in table.codes.columns:
            if column in table.sets:
                held = table.sets[column]
                hashes = (
                    pd.util.hash_array(table.words[column].astype(object), categorize=False) if len(table.words[column]) else None
                )
                part = np.zeros(len(table), dtype=np.uint64)
                if hashes is not None:
                    np.add.at(part, held.record, hashes[held.held])
            else:
                words = table.words["name" if column in ("given", "family", "nickname") else column]
                part = (
                    np.append(pd.util.hash_array(words, categorize=False), np.uint64(7))[table.column(column)]
                    if len(words)
                    else content * 0
                )
            content = content * np.uint64(0x9E3779B97F4A7C15) + part
    return np.argsort(content, kind="stable")


def _random_pairs(table: Table, spec: ModelSpec) -> pd.DataFrame:
    n, wanted = len(table), spec.training.random_pairs
    order = content_order(table)
    if n * (n - 1) / 2 <= wanted:
        a, b = np.triu_indices(n, 1)
    else:
        random = np.random.default_rng(spec.training.seed)
        a, b = random.integers(0, n, wanted), random.integers(0, n - 1, wanted)
        b = b + (b >= a)
    return pd.DataFrame({"a": order[a], "b": order[b]})
