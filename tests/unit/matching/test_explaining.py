"""What is said of a pair adds up to its weight and is what blocking, scoring and clustering do with it."""

from decimal import Decimal

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.matching import block, load_spec, score, train
from include.matching.cohesion import Scales, Tie, hang_together, held_apart, pair, spanning, through
from include.matching.explaining import adding_up, loudest, weighed
from include.matching.nearness import nearness, rules_in_force
from include.matching.scoring import Judge
from include.matching.spec import BLOCK_PARTS, LADDERS
from include.matching.table import encode
from include.matching.weights import CLASSES
from include.matching.wording import MEANINGS, PARTS
from tests.unit.matching.factory import EVERYWHERE, snapshot

SPEC = load_spec()
GIVEN = ["anna", "berta", "clara", "doris", "emma", "frieda", "gerda", "hanna"]


def world():
    """Forty people in homes of two, each twice: once with a phone, once with an e-mail, some at neither."""
    people = []
    for i in range(40):
        one = {
            "given_key": GIVEN[i % 8], "family_key": f"family{i // 2:02d}", "house_number": str(i // 2 + 1), "street_key": "ring",
            "postcode": f"10{i // 2:03d}", "birth_date": f"19{50 + i % 40}-0{i % 9 + 1}-1{i % 7}", "city": "berlin",
        }  # fmt: skip
        home = {"phones": [f"+4930123{i // 2:04d}"]}
        people += [{**one, **home}, {**one, "email_keys": [f"{GIVEN[i % 8]}.{i}@example.org"], "birth_date": None}]
    return snapshot(*people)


@pytest.fixture(scope="module")
def weights():
    return train(world(), SPEC)


@pytest.fixture(scope="module")
def scales(weights):
    return Scales(world(), SPEC, weights)


def some_patterns(judge, n=300):
    """Level codes at random, bucket by bucket where a level heeds frequency."""
    random = np.random.default_rng(5)
    columns = [random.integers(0, judge.ladders[name].size, n) for name in judge.names]
    return np.where(random.random((n, len(columns))) < 0.4, 0, np.column_stack(columns)).astype(np.int8)


# --- the sum ----------------------------------------------------------------------------------------------------------------


@given(st.lists(st.floats(-60, 60, allow_nan=False), min_size=1, max_size=20), st.sampled_from([1, 2, 4]))
def test_rounded_parts_add_up_to_the_rounded_total_and_none_strays_by_a_unit(parts, decimals):
    total = round(sum(parts), 6)
    rounded = adding_up(parts, total, decimals)
    assert sum(rounded) == round(Decimal(repr(total)), decimals)
    assert all(abs(float(one) - part) <= 1.01 * 10**-decimals for one, part in zip(rounded, parts, strict=True))


def test_parts_that_do_not_add_up_are_not_made_to():
    with pytest.raises(ValueError, match="do not add up"):
        adding_up([1.0, 2.0], 4.0)


def test_whatever_its_pattern_a_pair_is_explained_to_its_very_weight(weights):
    judge = Judge(SPEC, weights)
    patterns = some_patterns(judge)
    judged = judge.judge(patterns)
    for pattern, weight, vetoed in zip(patterns, judged.weight.tolist(), judged.vetoed.tolist(), strict=True):
        evidence = {name: [level, part] for name, level, part in judge.evidence(pattern)}
        told = weighed(evidence, weight, SPEC, reliable=weights.reliable)
        assert sum(Decimal(repr(part.weight)) for part in told.parts) == Decimal(repr(weight))
        assert bool(told.vetoes) == vetoed
        assert set(told.silent) == {name for name, code in zip(judge.names, pattern, strict=True) if code == 0}


def test_the_chances_are_those_of_the_four_classes(weights):
    judge = Judge(SPEC, weights)
    for pattern in some_patterns(judge, 60):
        joint = np.array([
            weights.prior[kind] + sum(weights.chances[name][kind][code] for name, code in zip(judge.names, pattern, strict=True))
            for kind in CLASSES
        ])  # fmt: skip
        expected = np.exp2(joint - joint.max()) / np.exp2(joint - joint.max()).sum()
        evidence = {name: [level, part] for name, level, part in judge.evidence(pattern)}
        told = weighed(evidence, float(judge.judge(pattern[None]).weight[0]), SPEC, reliable=False).shares
        assert [told[kind] for kind in CLASSES] == pytest.approx(expected, abs=2e-4)


def by_hand(weights, told):
    """The weight of a pair from the artefact's numbers alone: prior and chances of each class, looked up by level and holders.

    Args:
        weights: The trained model.
        told: Comparison > level, and where the agreed value's frequency counts how many persons hold it.
    """
    joint = dict(weights.prior)
    for name, (level, *persons) in told.items():
        code = weights.levels[name].index(level) + 1 + (persons[0].bit_length() - 1 if persons else 0)
        for kind in joint:
            joint[kind] += weights.chances[name][kind][code]
    others = sum(2 ** joint[kind] for kind in joint if kind != "match")
    return joint["match"] - np.log2(others)


HOME = {"family": ("exact", 2), "address": ("home", 2)}
"""Two of one family name, and two of one home; four records of them."""


@pytest.mark.parametrize(
    ("a", "b", "read"),
    [
        (0, 2, {**HOME, "given": ("different",), "birth_date": ("different",), "phone": ("exact", 2)}),  # two of one home
        (1, 3, {**HOME, "given": ("different",), "email": ("different",), "account_name": ("absent",)}),  # by their other records
        (0, 1, {**HOME, "given": ("exact", 5)}),  # one person: eight given names among forty
    ],
)
def test_a_pair_is_explained_as_by_hand_whether_or_not_it_is_stored(weights, scales, a, b, read):
    """What the two records hold is read here by eye and counted by hand; the code is asked for nothing but its answer."""
    frame = world()
    one, other = frame["record_id"].iloc[[a, b]]
    (told,) = scales.weigh([(one, other)])
    expected = by_hand(weights, read)
    assert told.weight == pytest.approx(expected, abs=1e-3)
    assert {part.comparison: part.level for part in told.parts if part.kind == "level"} == {
        name: level for name, (level, *_) in read.items()
    }
    assert float(sum(Decimal(repr(part.weight)) for part in told.parts)) == pytest.approx(expected, abs=1e-3)
    edges = score(frame, (found := block(frame, SPEC, EVERYWHERE)).frame, SPEC, weights)
    assert found.holds(np.array([a]), np.array([b])).all(), "they are compared"
    stored = set(zip(edges["record_a"], edges["record_b"], strict=True))
    assert ((one, other) in stored) == (expected >= SPEC.thresholds.review)


def test_of_those_pairs_one_is_stored_and_a_household_is_not(weights):
    home = by_hand(weights, {**HOME, "given": ("different",), "birth_date": ("different",), "phone": ("exact", 2)})
    assert home < SPEC.thresholds.review < SPEC.thresholds.match < by_hand(weights, {**HOME, "given": ("exact", 5)})


def test_a_veto_for_reliable_dates_is_told_only_where_they_are():
    evidence = {"prior": ["any two records", -10.0], "birth_date": ["different", -4.0], "email": ["exact", 20.0]}
    assert weighed(evidence, 6.0, SPEC, reliable=True).vetoes == ("two birth dates",)
    assert weighed(evidence, 6.0, SPEC, reliable=True).band == "review"
    assert weighed(evidence, 6.0, SPEC, reliable=False).vetoes == ()
    assert weighed(evidence, 6.0, SPEC, reliable=False).band == "match"


def test_the_frequency_stands_under_its_comparison_and_the_loudest_come_first():
    evidence = {
        "prior": ["any two records", -10.0],
        "given": ["exact", 7.0],
        "given frequency": ["held by 1 to 1 persons", 1.0],
        "email": ["exact", 20.0],
        "email frequency": ["held by 4 to 7 persons", -9.5],
        "household": ["as likely as a household", -2.0],
    }
    told = weighed(evidence, 6.5, SPEC, reliable=False)
    assert [(part.comparison, part.kind) for part in told.parts] == [
        ("prior", "prior"), ("email", "level"), ("email", "frequency"), ("given", "level"), ("given", "frequency"),
        ("household", "explained_by"),
    ]  # fmt: skip
    assert told.parts[4].says == "held by one person"
    assert loudest(told, 1) == ["email exact"]


def test_every_level_and_every_part_of_a_key_has_its_words():
    assert {kind: set(words) for kind, words in MEANINGS.items()} == {kind: set(levels) for kind, levels in LADDERS.items()}
    assert set(PARTS) == set(BLOCK_PARTS)


# --- why they were never compared -------------------------------------------------------------------------------------------


def test_what_is_said_of_a_pair_is_what_blocking_does_with_it():
    frame, short = world(), SPEC.budget.model_copy(update={"pairs_per_record": 12.0, "always": 1, "least_cap": 2})
    spec = SPEC.model_copy(update={"budget": short})
    found = block(frame, spec, EVERYWHERE).frame
    rules = {(a, b): spec.blocking[rule].rule for a, b, rule in found.itertuples(index=False)}
    table = encode(frame, spec)
    in_force = rules_in_force(table, spec)
    assert max(rule.cap for rule in in_force) < 10, "the budget is so short that it lowers caps"
    random = np.random.default_rng(2)
    pairs = [*random.permutation(list(rules))[:30].tolist(), *np.sort(random.integers(0, 80, (40, 2)), axis=1).tolist()]
    for a, b in (tuple(both) for both in pairs if both[0] != both[1]):
        assert nearness(table, in_force, a, b, EVERYWHERE).rule == rules.get((a, b))


def test_a_key_that_too_many_share_is_named_with_its_holders_and_its_cap():
    crowd = [{"given_key": f"name{chr(97 + i % 26)}{chr(97 + i // 26)}", "birth_date": "1990-05-03"} for i in range(57)]
    near = nearness(encode(snapshot(*crowd), SPEC), SPEC.blocking, 3, 40, EVERYWHERE)
    assert near.rule is None
    first = near.nearest[0]
    assert (first.rule, first.same, first.holders, first.cap) == ("a rare birth date", ("birth_date",), 57, 30)


def test_a_key_with_one_part_amiss_is_told_from_one_that_is_missing():
    one = {"given_key": "anna", "family_key": "smith", "city": "rome", "postcode": "00100", "birth_date": "1990-05-03"}
    other = {"given_key": "otto", "family_key": "klein", "city": "rome", "postcode": None, "birth_date": "1971-01-02"}
    near = nearness(encode(snapshot(one, other), SPEC), SPEC.blocking, 0, 1, EVERYWHERE)
    told = {meeting.rule: meeting for meeting in near.nearest}
    assert told["city and birth date"].same == ("city",)
    assert told["city and birth date"].other == ("birth_date",)
    assert all(meeting.holders is None for meeting in near.nearest)


def test_regions_that_may_not_be_compared_are_named():
    people = [{"given_key": "anna", "email_keys": ["a@x.org"], "region": region} for region in ("eu", "us", None)]
    table = encode(snapshot(*people), SPEC)
    assert nearness(table, SPEC.blocking, 0, 1, EVERYWHERE).regions == ("eu", "us")
    assert nearness(table, SPEC.blocking, 0, 2, EVERYWHERE).regions == ("eu", "none")
    assert nearness(table, SPEC.blocking, 0, 1, frozenset({("us", "eu")})).rule == "e-mail"
    assert nearness(table, SPEC.blocking, 0, 1, None).rule == "e-mail"


def test_a_record_with_nothing_to_be_found_by_is_said_so():
    near = nearness(encode(snapshot({"given_key": "anna"}, {"gender": "female"}), SPEC), SPEC.blocking, 0, 1, EVERYWHERE)
    assert (near.rule, near.keyless, near.nearest) == (None, (1,), ())


# --- how a customer hangs together ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(8))
def test_the_links_are_a_heaviest_tree_as_networkx_finds_it(seed):
    random = np.random.default_rng(seed)
    records = [f"r{i:02d}" for i in range(12)]
    ties = [
        Tie((one, other), weight := float(random.normal(0, 8)), weight, vetoed=False)
        for i, one in enumerate(records)
        for other in records[i + 1 :]
    ]
    graph = nx.Graph()
    graph.add_weighted_edges_from([(*tie.records, tie.weight) for tie in ties])
    tree = nx.maximum_spanning_tree(graph)
    links = spanning(records, ties)
    assert {tie.records for tie in links} == {pair(*edge) for edge in tree.edges}
    assert [tie.weight for tie in links] == sorted((tie.weight for tie in links), reverse=True)
    way = through(links, "r00", "r11")
    assert [set(tie.records) for tie in way] == [set(edge) for edge in nx.utils.pairwise(nx.shortest_path(tree, "r00", "r11"))]


def test_a_stewards_must_link_comes_before_the_heaviest():
    ties = [
        Tie(("a", "b"), 9.0, 9.0, vetoed=False),
        Tie(("a", "c"), 8.0, 8.0, vetoed=False),
        Tie(("b", "c"), -9.0, -6.0, vetoed=False, decided="must_link"),
    ]
    assert [tie.records for tie in spanning(["a", "b", "c"], ties)] == [("b", "c"), ("a", "b")]


def test_the_weakest_link_parts_the_customer_where_it_would_break(scales):
    ids = scales.snapshot["record_id"].tolist()
    held = hang_together(scales, [ids[0], ids[1], ids[3]], {})  # anna twice, and the e-mail of berta of the same home
    assert held.side == (ids[3],)
    assert set(held.weakest.records) & {ids[3]}
    assert held.pairs == 3
    told = {both: scales.ties([both], {})[0].counts for both in [pair(ids[0], ids[3]), pair(ids[1], ids[3])]}
    assert held.across == pytest.approx(sum(told.values()) / 2)
    rules = SPEC.clustering
    assert rules.floor <= held.across < held.mean <= rules.ceiling, "counted as clustering counts, within its floor and ceiling"


def test_what_keeps_two_customers_apart_is_what_clustering_saw(scales):
    ids = scales.snapshot["record_id"].tolist()
    decided = {pair(ids[0], ids[2]): "cannot_link"}
    apart = held_apart(scales, ids[0:2], ids[2:4], decided)
    assert apart.decided == (pair(ids[0], ids[2]),)
    assert apart.mean < SPEC.clustering.merge_above
    assert apart.best.weight == max(tie.weight for tie in scales.ties([pair(a, b) for a in ids[0:2] for b in ids[2:4]], {}))


def test_a_pair_weighed_anew_is_weighed_as_scoring_does(scales, weights):
    from include.matching import score

    edges = score(scales.snapshot, block(scales.snapshot, SPEC, EVERYWHERE).frame, SPEC, weights)
    assert len(edges) > 20
    anew = scales.weigh([(edge.record_a, edge.record_b) for edge in edges.itertuples()])
    assert [told.weight for told in anew] == edges["weight"].tolist()
    assert [told.band for told in anew] == edges["band"].tolist()
    stored = [weighed(edge.evidence, edge.weight, SPEC, reliable=weights.reliable) for edge in edges.itertuples()]
    assert stored == anew
