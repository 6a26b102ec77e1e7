"""Learning what each level weighs, from unlabelled records.

In order: how often strangers agree (u) from random pairs; how many pairs are one person, about, from near-certain rules over all
records; how one person's records differ (m), and what households and namesakes look like, by EM over the level patterns of
blocked pairs; then the classes are looked at, and what makes no sense is replaced by the declared levels, which the artefact
says. No labels anywhere.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from include.matching.blocking import block_table
from include.matching.comparing import Comparer
from include.matching.evidence import Evidence
from include.matching.letters import ODD, mixed
from include.matching.namesakes import names_in_common
from include.matching.spec import BlockingRule, ModelSpec
from include.matching.table import Ints, Table, encode, hashes, vocabulary
from include.matching.weights import Weights

_BESIDE = 2
"""Vocabularies read at a time, beside the choosing of pairs."""

_AT_ONCE = 1 << 20
"""Pairs whose hashes are held together."""

MOST_CERTAIN = 0.2
"""Where more of all pairs are near-certain, the records are copies of a few: there are no strangers to learn from."""


def train(snapshot: pd.DataFrame | Table, spec: ModelSpec, pairs: pd.DataFrame | None = None) -> Weights:
    """Learn the weights of a snapshot; the same records in any order give the same weights.

    Args:
        snapshot: The records.
        spec: The declared model.
        pairs: What blocking found in them, where that is known already; else they are blocked here, whatever their regions.
    """
    table = encode(snapshot, spec)
    return replace(_trained(table, spec, pairs), repeats=table.repeats)


def _trained(table: Table, spec: ModelSpec, pairs: pd.DataFrame | None) -> Weights:
    from include.matching.learning import declared, learn

    if len(table) < 2:
        return declared(table, spec, ["everything, for there are fewer than two records"])
    evidence = _gather(table, spec, pairs)
    certain, needed = evidence.certain, spec.training.least_certain_pairs
    if certain < needed:
        return declared(
            table, spec, [f"everything, for only {certain:,} pairs agree on a near-certain rule and {needed} are needed"]
        )
    if certain > MOST_CERTAIN * evidence.total:
        return declared(
            table,
            spec,
            [f"everything, for {certain:,} of all {evidence.total:,.0f} pairs agree on a near-certain rule: too alike"],
        )
    return learn(table, spec, evidence)


def _gather(table: Table, spec: ModelSpec, pairs: pd.DataFrame | None) -> Evidence:
    n = len(table)
    total = n * (n - 1) / 2
    compare = Comparer(table, spec)

    def levels_of(*samples: pd.DataFrame) -> list[Ints]:
        none = np.zeros((0, len(spec.comparisons)), dtype=np.int8)
        all_levels = [none, *(levels for _, levels in compare.in_parts(pd.concat([s[["a", "b"]] for s in samples])))]
        return np.split(np.concatenate(all_levels), np.cumsum([len(sample) for sample in samples])[:-1])

    if pairs is None:
        pairs = block_table(table, spec.blocking, None, spec.budget).frame
    rules = tuple(BlockingRule(rule=str(i), keys=keys, cap=100) for i, keys in enumerate(spec.training.certain))
    with ThreadPoolExecutor(_BESIDE) as beside:
        reading = [beside.submit(feature.read) for feature in compare.features]
        certain = beside.submit(lambda: len(block_table(table, rules).frame))
        samples = _random_pairs(table, spec), _pairs_of_one_given_name(table, spec), _some(table, pairs, spec.training.most_pairs)
        by_content, take = _by_content(table), spec.training
        given, family = (table.column(name)[by_content] for name in ("given", "family"))
        names = names_in_common(given, family, take.random_pairs, take.seed)
        for read in reading:
            read.result()
        random, one_given_name, blocked = levels_of(*samples)
    return Evidence(random, one_given_name, blocked, len(pairs) / max(len(blocked), 1), certain.result(), total, names)


def _some(table: Table, pairs: pd.DataFrame, most: int) -> pd.DataFrame:
    """About ``most`` of the pairs, each as likely as any other and always the same, whatever the order of the records."""
    if len(pairs) <= most:
        return pairs
    content, limit = content_hashes(table), np.uint64(most / len(pairs) * 2.0**64)
    a, b = pairs["a"].to_numpy(), pairs["b"].to_numpy()
    chosen = [np.zeros(0, dtype=np.int64)]
    with np.errstate(over="ignore"):
        for start in range(0, len(pairs), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            chosen.append(np.flatnonzero(mixed(content[a[part]] + content[b[part]]) < limit) + start)
    return pairs.iloc[np.concatenate(chosen)]


def content_hashes(table: Table) -> npt.NDArray[np.uint64]:
    """A hash of what each record says: what is ordered by it no shuffling of rows and no new key for record ids can change."""
    return table.kept("content", lambda: _content_hashes(table))


def _content_hashes(table: Table) -> npt.NDArray[np.uint64]:
    content = np.zeros(len(table), dtype=np.uint64)
    with np.errstate(over="ignore"):
        for column in table.codes.columns:
            if column == "mention" and table.is_empty(column):  # else records without any would be drawn otherwise for its sake
                continue
            content *= ODD
            if column == "bag":  # says no more than the names it is made of
                continue
            of_words = hashes(table, vocabulary(str(column)))
            if column in table.sets:
                held = table.sets[str(column)]
                np.add.at(content, held.record, of_words[held.held])
            elif table.is_empty(str(column)):
                content += _MISSING
            else:
                content += np.append(of_words, _MISSING).take(table.column(str(column)))
    return content


_MISSING = np.uint64(7)
"""Stands for the hash of a value that is missing."""


def _by_content(table: Table) -> Ints:
    """Rows in the order of what they say."""
    found: Ints = table.kept("by content", lambda: np.argsort(content_hashes(table)))
    return found


def _random_pairs(table: Table, spec: ModelSpec) -> pd.DataFrame:
    n, wanted = len(table), spec.training.random_pairs
    order = _by_content(table)
    if n * (n - 1) / 2 <= wanted:
        a, b = np.triu_indices(n, 1)
    else:
        random = np.random.default_rng(spec.training.seed)
        a, b = random.integers(0, n, wanted), random.integers(0, n - 1, wanted)
        b = b + (b >= a)
    return pd.DataFrame({"a": order[a], "b": order[b]})


def _pairs_of_one_given_name(table: Table, spec: ModelSpec) -> pd.DataFrame:
    """Random pairs that share a given name but not the family name, each record as likely as any other."""
    by_content = _by_content(table)
    given, family = table.column("given")[by_content], table.column("family")[by_content]
    place = np.flatnonzero((given >= 0) & (family >= 0))
    if not len(place):
        return pd.DataFrame({"a": place, "b": place})
    by_name = np.argsort(hashes(table, "name"))
    of_name = np.empty(len(by_name), dtype=np.int64)
    of_name[by_name] = np.arange(len(of_name))
    packed = np.sort(of_name[given[place]] << 32 | place)  # by name and content: numbers sort faster than rows by two keys
    name, place = packed >> 32, packed & 0xFFFFFFFF
    starts = np.flatnonzero(np.r_[True, name[1:] != name[:-1]])
    sizes = np.diff(np.r_[starts, len(place)])
    start, size = np.repeat(starts, sizes), np.repeat(sizes, sizes)
    random = np.random.default_rng(spec.training.seed)
    rounds = int(np.clip(spec.training.random_pairs // (2 * len(place)), 1, 20))
    others = np.concatenate([start + random.integers(0, size) for _ in range(rounds)])
    ones = np.tile(np.arange(len(place)), rounds)
    if len(ones) > (most := spec.training.random_pairs // 2):
        some = random.choice(len(ones), most, replace=False)
        ones, others = ones[some], others[some]
    a, b = place[ones], place[others]
    apart = (a != b) & (family[a] != family[b])
    return pd.DataFrame({"a": by_content[a[apart]], "b": by_content[b[apart]]})
