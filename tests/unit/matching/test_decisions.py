"""What stewards decide holds all at once: what contradicts is refused, with the chain that does."""

import networkx as nx
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.matching import cluster, load_spec
from include.matching.decisions import Contradiction, Decision, Standing, among_living, joining, parting

SPEC = load_spec()
NODES = "abcdefghi"

must = st.sampled_from(["must_link", "cannot_link"])
pairs = st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)).filter(lambda pair: pair[0] != pair[1])
said = st.lists(st.tuples(pairs, must), max_size=16)


def decided(*told: str) -> list[Decision]:
    """``a=b`` and ``b/c`` as decisions whose ids say the same."""
    return [Decision(one[0], one[2], "must_link" if one[1] == "=" else "cannot_link", one) for one in told]


def heard(drawn) -> tuple[Standing, list[Decision], list[tuple[Decision, Contradiction]]]:
    """A steward's sayings, one by one: what came to hold, and what was refused while what held."""
    standing, held, refused = Standing(), [], []
    for number, ((a, b), verdict) in enumerate(drawn):
        one = Decision(a, b, verdict, str(number))
        try:
            standing.add(one)
        except Contradiction as no:
            refused.append((one, no))
            check_chain(one, no, held)
        else:
            held.append(one)
    return standing, held, refused


def check_chain(new: Decision, refusal: Contradiction, held: list[Decision]) -> None:
    """A chain leads from record to record and back, by decisions in force and the new one, and only its last step says two."""
    chain = refusal.chain
    assert all({step.start, step.end} == {step.decision.record_a, step.decision.record_b} for step in chain)
    assert [step.end for step in chain] == [*(step.start for step in chain[1:]), chain[0].start]
    assert [step.decision.decision for step in chain] == ["must_link"] * (len(chain) - 1) + ["cannot_link"]
    assert [step.decision for step in chain].count(new) == 1
    assert {step.decision for step in chain} - {new} <= set(held)


@given(said)
def test_a_decision_is_refused_exactly_where_one_person_would_be_two(drawn):
    standing, accepted, refused = Standing(), [], []
    for number, ((a, b), verdict) in enumerate(drawn):
        one = Decision(a, b, verdict, str(number))
        together = nx.Graph((d.record_a, d.record_b) for d in [*accepted, one] if d.decision == "must_link")
        together.add_nodes_from(NODES)
        impossible = any(nx.has_path(together, d.record_a, d.record_b) for d in [*accepted, one] if d.decision == "cannot_link")
        try:
            standing.add(one)
        except Contradiction:
            refused.append(one)
            assert impossible
        else:
            accepted.append(one)
            assert not impossible


@given(said)
def test_the_chain_of_a_refusal_is_made_of_decisions_in_force_and_closes(drawn):
    _, _, refused = heard(drawn)
    for one, no in refused:
        assert "what you decide now" not in str(no)
        assert f"decision {one.decision_id}" in str(no)


@given(said, st.lists(st.tuples(pairs, st.floats(-9, 20))))
def test_whatever_is_accepted_clustering_carries_out_in_full(drawn, weighed):
    _, held, _ = heard(drawn)
    edges = {tuple(sorted(pair)): (weight, "match" if weight > 0 else "review") for pair, weight in weighed}
    frame = pd.DataFrame([(*pair, *told) for pair, told in edges.items()], columns=["record_a", "record_b", "weight", "band"])
    told = pd.DataFrame([(d.record_a, d.record_b, d.decision) for d in held], columns=["record_a", "record_b", "decision"])
    of = dict(zip(NODES, cluster(list(NODES), frame, told, SPEC), strict=True))
    assert all((of[d.record_a] == of[d.record_b]) == (d.decision == "must_link") for d in held)


@given(said, st.lists(st.sampled_from(NODES), min_size=2, unique=True))
def test_a_merge_makes_its_records_one_person_with_no_decision_too_many(drawn, records):
    standing, _, _ = heard(drawn)
    persons = {frozenset(standing.person(one)) for one in records}
    new = joining(standing, records)
    assert len(new) == len(persons) - 1
    try:
        for one in new:
            standing.add(one)
    except Contradiction:
        return
    assert standing.person(records[0]) >= set(records)


@given(said, st.lists(st.sampled_from(NODES), min_size=2, unique=True), st.data())
def test_a_split_leaves_no_pair_between_its_parts_undecided(drawn, records, data):
    standing, _, _ = heard(drawn)
    at = data.draw(st.integers(1, len(records) - 1))
    try:
        for one in parting(standing, records[:at], records[at:]):
            standing.add(one)
    except Contradiction:
        return
    assert all(standing.said(a, b).decision == "cannot_link" for a in records[:at] for b in records[at:])
    assert parting(standing, records[:at], records[at:]) == []


def test_a_chain_is_told_from_record_to_record_with_its_decisions():
    standing = Standing(decided("a=b", "b=c", "d/c"))
    with pytest.raises(Contradiction) as refused:
        standing.add(Decision("a", "d", "must_link"))
    assert str(refused.value).splitlines() == [
        "That contradicts what is decided:",
        "  c  is one person with  b  (decision b=c)",
        "  b  is one person with  a  (decision a=b)",
        "  a  is one person with  d  (what you decide now)",
        "  d  is not              c  (decision d/c)",
    ]
    assert standing.person("a") == {"a", "b", "c"}, "what is refused leaves no trace"


def test_the_shortest_of_several_chains_is_told():
    standing = Standing(decided("a=b", "b=c", "c=d", "a=d"))
    with pytest.raises(Contradiction) as refused:
        standing.add(Decision("d", "a", "cannot_link"))
    assert [step.decision.decision_id for step in refused.value.chain] == ["a=d", None]


def test_what_follows_from_decisions_is_known_without_asking():
    standing = Standing(decided("a=b", "b=c", "c/d", "d=e"))
    assert standing.follows(Decision("a", "c", "must_link"))
    assert standing.follows(Decision("a", "e", "cannot_link"))
    assert not standing.follows(Decision("a", "f", "must_link"))
    assert not standing.follows(Decision("a", "f", "cannot_link"))


@given(said, st.sets(st.sampled_from(NODES)))
def test_a_record_that_is_gone_leaves_what_was_decided_of_the_others(drawn, gone):
    standing, held, _ = heard(drawn)
    told = pd.DataFrame([(d.record_a, d.record_b, d.decision) for d in held], columns=["record_a", "record_b", "decision"])
    living = pd.Index(sorted(set(NODES) - gone), dtype=object)
    left = Standing(Decision(*row) for row in among_living(told, living).itertuples(index=False, name=None))
    for a in living:
        assert left.person(a) == standing.person(a) - gone
        for b in living:
            if a != b:
                apart = Decision(a, b, "cannot_link")
                assert left.follows(apart) == standing.follows(apart)
