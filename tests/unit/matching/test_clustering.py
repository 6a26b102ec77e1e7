"""Clustering: components as networkx finds them, no chaining, decisions before all."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.matching import cluster, clustered, load_spec, train
from include.matching.clustering import average_linkage, components
from include.matching.comparing import Comparer
from include.matching.scoring import InnerJudge, Judge
from include.matching.table import encode
from tests.unit.matching.factory import snapshot

SPEC = load_spec()
NAMES = "abcdefgh"


def edges(*triples):
    frame = pd.DataFrame(triples, columns=["record_a", "record_b", "weight"])
    return frame.assign(band=np.where(frame["weight"] >= 0, "match", "review"))


def decided(*triples):
    return pd.DataFrame(triples, columns=["record_a", "record_b", "decision"])


def groups(ids, found, decisions=None, spec=SPEC):
    clusters = cluster(list(ids), found, decisions, spec)
    return sorted("".join(sorted(part)) for part in pd.Series(list(ids)).groupby(clusters.to_numpy()).agg("".join))


def test_inside_a_component_strangers_are_rarer_but_a_household_is_as_likely_as_ever():
    home = {"family_key": "weber", "phones": ["+4930123456"], "house_number": "5", "street_key": "hauptweg", "postcode": "10115"}
    frame = snapshot(
        {"given_key": "anna", "birth_date": "1990-05-17", **home}, {"given_key": "bruno", "birth_date": "1961-11-02", **home},
        {"city": "berlin"}, {"city": "berlin"},
    )  # fmt: skip
    weights = train(frame, SPEC)  # too few to learn from: the declared ones
    patterns = Comparer(encode(frame, SPEC), SPEC).levels(np.array([0, 2]), np.array([1, 3]))
    shift = InnerJudge(SPEC, weights).judge(patterns).weight - Judge(SPEC, weights).judge(patterns).weight
    assert 0 <= shift[0] < 0.1
    assert 1 < shift[1] <= SPEC.clustering.strangers_rarer


@pytest.mark.parametrize("seed", range(20))
def test_components_are_those_of_networkx(seed):
    graph = nx.gnm_random_graph(60, 25 + 3 * seed, seed=seed)
    found = components(60, *(np.array([edge[side] for edge in graph.edges], dtype=int) for side in (0, 1)))
    ours = {frozenset(np.flatnonzero(found == label).tolist()) for label in np.unique(found)}
    assert ours == {frozenset(part) for part in nx.connected_components(graph)}


@pytest.mark.parametrize("seed", range(10))
def test_strong_components_stay_whole_as_in_networkx(seed):
    graph = nx.random_partition_graph([4, 3, 5, 1, 2], 1.0, 0.0, seed=seed)
    triples = [(f"r{a:02d}", f"r{b:02d}", 9.0) for a, b in graph.edges]
    found = cluster([f"r{i:02d}" for i in graph.nodes], edges(*triples), None, SPEC).to_numpy()
    ours = {frozenset(np.flatnonzero(found == label).tolist()) for label in np.unique(found)}
    assert ours == {frozenset(part) for part in nx.connected_components(graph)}


def test_one_weak_edge_does_not_chain_two_people():
    sure = [(a, b, 12.0) for trio in ("abc", "def") for i, a in enumerate(trio) for b in trio[i + 1 :]]
    assert groups("abcdef", edges(*sure, ("c", "d", 0.5))) == ["abc", "def"]


def test_a_review_edge_joins_nobody():
    assert groups("abc", edges(("a", "b", 5.0), ("b", "c", -1.0))) == ["ab", "c"]


def test_a_steward_who_says_cannot_splits_and_is_inherited():
    all_sure = edges(*[(a, b, 12.0) for i, a in enumerate("abc") for b in "abc"[i + 1 :]])
    assert groups("ab", edges(("a", "b", 12.0)), decided(("a", "b", "cannot_link"))) == ["a", "b"]
    split = groups("abc", all_sure, decided(("a", "c", "cannot_link")))
    assert "abc" not in split
    assert not any("a" in part and "c" in part for part in split)


def test_a_steward_who_says_must_joins_what_no_edge_joins():
    assert groups("abc", edges(("a", "b", 5.0)), decided(("b", "c", "must_link"))) == ["abc"]
    assert groups("abc", edges(("a", "b", 5.0)), decided(("c", "gone", "must_link"))) == ["ab", "c"]


def test_a_must_never_crosses_a_cannot():
    decisions = decided(("a", "b", "must_link"), ("b", "c", "must_link"), ("a", "c", "cannot_link"))
    parts = groups("abc", edges(), decisions)
    assert not any("a" in part and "c" in part for part in parts)


def test_a_component_too_large_is_cut_strongest_first():
    small = SPEC.model_copy(update={"clustering": SPEC.clustering.model_copy(update={"largest": 3})})
    chain = edges(("a", "b", 9.0), ("b", "c", 8.0), ("c", "d", 1.0), ("d", "e", 7.0), ("a", "c", 9.0))
    assert groups("abcde", chain, spec=small) == ["abc", "de"]


def test_what_is_cut_and_what_is_kept_apart_is_counted_and_said():
    small = SPEC.model_copy(update={"clustering": SPEC.clustering.model_copy(update={"largest": 3})})
    chain = edges(("a", "b", 9.0), ("b", "c", 8.0), ("c", "d", 1.0), ("d", "e", 7.0), ("a", "c", 9.0))
    found = clustered(list("abcde"), chain, None, small)
    assert found.counts == {
        "oversize_groups": 1, "oversize_records": 5, "cut_pairs": 1, "divided_groups": 0, "contradictions": 0,
        "parted_decisions": 0,
    }  # fmt: skip
    assert any("larger than a customer may be" in line and "1 matching pairs were cut" in line for line in found.summary())
    apart = clustered(list("ab"), edges(("a", "b", 12.0)), decided(("a", "b", "cannot_link")), SPEC)
    assert (apart.counts["divided_groups"], apart.counts["contradictions"]) == (1, 1)
    assert clustered(list("ab"), edges(("a", "b", 12.0)), None, SPEC).summary() == []


def test_what_stewards_joined_and_is_cut_all_the_same_is_counted_and_said():
    """Four that stewards say are one, where a customer may have three records: the fourth is left out."""
    small = SPEC.model_copy(update={"clustering": SPEC.clustering.model_copy(update={"largest": 3})})
    one = decided(("a", "b", "must_link"), ("b", "c", "must_link"), ("c", "d", "must_link"))
    found = clustered(list("abcd"), edges(("a", "b", 9.0)), one, small)
    assert found.of_record.nunique() == 2
    assert found.counts["parted_decisions"] == 1
    (line,) = (line for line in found.summary() if "stewards" in line)
    assert line.startswith("1 pairs of records that stewards joined are two customers all the same")
    kept = clustered(list("abcd"), edges(("a", "b", 9.0)), one, SPEC)
    assert (kept.of_record.nunique(), kept.counts["parted_decisions"]) == (1, 0)


def test_a_contradiction_keeps_two_groups_apart_for_good():
    inner = np.full((3, 3), 10.0)
    apart = np.zeros((3, 3), dtype=bool)
    apart[0, 2] = apart[2, 0] = True
    labels = average_linkage(inner, apart, [], [], SPEC.clustering)
    assert labels[0] != labels[2]
    assert len(set(labels.tolist())) == 2


@pytest.mark.parametrize("seed", range(5))
def test_clusters_do_not_depend_on_the_order_of_rows(seed):
    random = np.random.default_rng(seed)
    ids = [f"r{i:03d}" for i in range(80)]
    pairs = sorted({tuple(sorted(random.choice(80, 2, replace=False).tolist())) for _ in range(120)})
    found = edges(*[(ids[a], ids[b], float(w)) for (a, b), w in zip(pairs, random.normal(2, 6, len(pairs)), strict=True)])
    straight = cluster(ids, found, None, SPEC)
    order = random.permutation(80)
    shuffled = cluster([ids[i] for i in order], found.sample(frac=1, random_state=seed), None, SPEC)
    assert straight.to_numpy()[order].tolist() == shuffled.tolist()


def test_a_record_that_stands_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        cluster(["a", "a"], edges(), None, SPEC)


@st.composite
def graphs(draw, weights):
    """Records, weighed edges between some of them, and steward decisions on some."""
    n = draw(st.integers(1, 14))
    pairs = [(a, b) for a in range(n) for b in range(a + 1, n)]
    some = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=30)) if pairs else []
    found = [(NODES[a], NODES[b], draw(weights)) for a, b in some]
    said = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=6)) if pairs else []
    decisions = [(NODES[a], NODES[b], draw(st.sampled_from(["must_link", "cannot_link"]))) for a, b in said]
    return list(NODES[:n]), found, decisions


NODES = "abcdefghijklmn"
SURE, ANY = st.just(9.0), st.floats(-12, 20).map(lambda weight: round(weight, 2))
FREE = SPEC.model_copy(update={"clustering": SPEC.clustering.model_copy(update={"unscored": 0.0})})
"""Pairs that are no edge speak neither for nor against, so no guard bites."""


def parts(ids, found, decisions, spec):
    clusters = cluster(ids, edges(*found), decided(*decisions) if decisions else None, spec).to_numpy()
    return {frozenset(np.array(ids)[clusters == number].tolist()) for number in set(clusters.tolist())}


@given(graphs(SURE))
def test_where_no_guard_bites_customers_are_the_components_of_networkx(drawn):
    ids, found, _ = drawn
    graph = nx.Graph()
    graph.add_nodes_from(ids)
    graph.add_edges_from((a, b) for a, b, _ in found)
    assert parts(ids, found, [], FREE) == {frozenset(part) for part in nx.connected_components(graph)}


@given(graphs(ANY))
def test_whatever_the_weights_a_customer_never_leaves_its_component(drawn):
    ids, found, _ = drawn
    graph = nx.Graph()
    graph.add_nodes_from(ids)
    graph.add_edges_from((a, b) for a, b, weight in found if weight >= 0)
    whole = [set(part) for part in nx.connected_components(graph)]
    assert all(any(part <= component for component in whole) for part in parts(ids, found, [], SPEC))


@given(graphs(ANY))
def test_stewards_are_heeded_whatever_the_weights(drawn):
    ids, found, decisions = drawn
    customers = parts(ids, found, decisions, SPEC)
    together = {pair for part in customers for pair in ((a, b) for a in part for b in part)}
    never = {(a, b) for a, b, decision in decisions if decision == "cannot_link"}
    assert not never & together
    musts = nx.Graph((a, b) for a, b, decision in decisions if decision == "must_link")
    for joined in nx.connected_components(musts):  # a chain of musts that no cannot runs through is one customer
        if not any(a in joined and b in joined for a, b in never):
            assert any(joined <= part for part in customers)


@given(graphs(ANY), st.randoms(use_true_random=False))
def test_no_order_of_records_edges_or_decisions_changes_a_customer(drawn, random):
    ids, found, decisions = drawn
    straight = parts(ids, found, decisions, SPEC)
    for rows in (ids, found, decisions):
        random.shuffle(rows)
    assert parts(ids, [(b, a, weight) for a, b, weight in found], decisions, SPEC) == straight


@given(graphs(ANY), st.integers(2, 5))
@settings(max_examples=50)
def test_no_component_larger_than_the_largest_is_merged(drawn, largest):
    ids, found, _ = drawn
    small = SPEC.model_copy(update={"clustering": SPEC.clustering.model_copy(update={"largest": largest})})
    assert max(map(len, parts(ids, found, [], small))) <= largest
