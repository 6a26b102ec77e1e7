"""Training the match model again keeps a candidate with what it would change, and changes nothing that is in force."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from include.matching import Weights, block, cluster, load_spec, score
from include.privacy.regions import comparable
from include.warehouse import snapshot
from include.warehouse.engine import connect
from suki.operators.promote import ApprovePromotionOperator, JudgePromotionOperator, PromoteOperator
from suki.operators.train import CompareOperator, FreezeOperator, RehearseOperator, TrainOperator
from tests import flow
from tests.integration.flow.world import World

pytestmark = pytest.mark.integration

DECISION = (
    "INSERT INTO identity.steward_decision (decision_id, record_a, record_b, decision, actor, reason)"
    " VALUES (gen_random_uuid(), :a, :b, :decision, 'somebody', 'looked at it')"
)


def train_again(world: World, run_id: str = "again") -> dict[str, Any]:
    """A run of ``train_match_model``; what its last task returned."""
    run = flow.Run("train_match_model", run_id)
    with world.connected():
        reference = world.step(FreezeOperator(task_id="freeze"), run)
        for task_id, operator in (("train", TrainOperator), ("rehearse", RehearseOperator), ("compare", CompareOperator)):
            reference = world.step(operator(task_id=task_id, resolution=reference), run)
    return dict(reference)


def kept(world: World) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (candidate, in_force, report)
        for candidate, in_force, report in world.query(
            "SELECT candidate_version, in_force_version, report FROM ops.model_comparison ORDER BY recorded_at"
        )
    ]


def active(world: World) -> str:
    ((version,),) = world.query("SELECT model_version FROM identity.match_model WHERE active")
    return str(version)


@pytest.fixture
def decided(synced: World, copy_of: Callable[[World], World]) -> World:
    """The sample world with three decided pairs: one that matched, one for review, one never compared.

    Its model in force thinks two records of one person a rarer thing than they are, as one learned from other records might.
    """
    world = copy_of(synced)
    ((artefact,),) = world.query("SELECT artefact FROM identity.match_model WHERE active")
    artefact["prior"]["match"] -= 8.0
    world.execute(
        "UPDATE identity.match_model SET model_version = :v, artefact = CAST(:a AS jsonb)",
        v=Weights.from_json(artefact).version, a=json.dumps(artefact),
    )  # fmt: skip
    edges = world.query("SELECT record_a, record_b, band FROM identity.edge ORDER BY weight DESC")
    match = next((a, b) for a, b, band in edges if band == "match")
    review = next((a, b) for a, b, band in edges if band == "review")
    known = {frozenset(edge[:2]) for edge in edges}
    ids = [row[0] for row in world.query("SELECT record_id FROM golden.crosswalk ORDER BY record_id LIMIT 40")]
    never = next(pair for pair in combinations(ids, 2) if frozenset(pair) not in known)
    for (a, b), decision in ((match, "must_link"), (review, "must_link"), (never, "cannot_link")):
        world.execute(DECISION, a=b, b=a, decision=decision)
    return world


def test_a_candidate_is_kept_with_what_it_would_change_and_nothing_else_changes(decided: World, logged: list[str]) -> None:
    before, in_force = decided.digest(), active(decided)
    returned = train_again(decided)
    with decided.connected():  # its last task dies after it has kept all, and is tried again
        retried = CompareOperator(task_id="compare", resolution=returned)
        assert decided.step(retried, flow.Run("train_match_model", "again")) == returned
    ((candidate, held_against, report),) = kept(decided)
    assert (held_against, active(decided)) == (in_force, in_force)
    after = decided.digest()
    assert {table for table in after if after[table] != before[table]} == {"identity.match_model", "ops.model_comparison"}

    records = snapshot.current_customers(connect(decided.url, "suki_resolve"))
    spec = load_spec()
    weights = {
        version: Weights.from_json(artefact, spec)
        for version, artefact in decided.query("SELECT model_version, artefact FROM identity.match_model")
    }
    assert set(weights) == {in_force, candidate}
    assert weights[candidate].version == candidate != in_force
    assert weights[candidate].trained_on["records"] == len(records)
    pairs = block(records, spec, comparable()).frame
    decisions = snapshot.decisions(connect(decided.url, "suki_resolve"))

    # pairs, counted one by one
    edges = {version: score(records, pairs, spec, weights[version]) for version in weights}
    band: dict[str, dict[tuple[str, str], str]] = {
        version: {(edge.record_a, edge.record_b): edge.band for edge in found.itertuples()} for version, found in edges.items()
    }
    rule = {(edge.record_a, edge.record_b): edge.rule for found in edges.values() for edge in found.itertuples()}
    moved = Counter(
        (rule[pair], band[in_force].get(pair, "distinct"), band[candidate].get(pair, "distinct"))
        for pair in rule
        if band[in_force].get(pair) != band[candidate].get(pair)
    )
    assert moved
    assert {(row["rule"], row["now"], row["then"]): row["pairs"] for row in report["bands"]} == moved
    gained = sum(n for (_, _, then), n in moved.items() if then == "match")
    lost = sum(n for (_, now, _), n in moved.items() if now == "match")
    assert f"{gained:,} would match that do not now, and {lost:,} would no longer match" in report["sentences"][0]

    # customers: two partitions as sets of records
    groups = {
        version: cluster(records, edges[version], decisions, spec, weights[version]).to_numpy().tolist() for version in weights
    }
    of: dict[str, dict[int, set[str]]] = {version: defaultdict(set) for version in weights}
    for version, labels in groups.items():
        for record, label in zip(records["record_id"], labels, strict=True):
            of[version][label].add(record)
    now, then = (set(map(frozenset, of[version].values())) for version in (in_force, candidate))
    merged = [group for group in then if sum(not group.isdisjoint(customer) for customer in now) > 1]
    split = [customer for customer in now if sum(not customer.isdisjoint(group) for group in then) > 1]
    customers = report["customers"]
    assert merged
    assert (customers["merges_in_all"], customers["splits_in_all"]) == (len(merged), len(split))
    assert customers["customers"] == {"now": len(now), "then": len(then)}
    assert customers["largest"] == {"now": max(map(len, now)), "then": max(map(len, then))}
    moved_ids = {customer_id for ids in customers["merges"] for customer_id in ids}
    assert len(moved_ids) == customers["merging"]
    assert moved_ids & {row[0] for row in decided.query("SELECT customer_id::text FROM golden.crosswalk")}

    # weights
    for row in report["weights"]:
        if row["comparison"] == "prior" or row["level"] == weights[candidate].levels[row["comparison"]][-1]:
            continue
        code = weights[candidate].levels[row["comparison"]].index(row["level"]) + 1
        for version, when in ((in_force, "now"), (candidate, "then")):
            chances = weights[version].chances[row["comparison"]]
            assert row[when] == pytest.approx(chances["match"][code] - chances["distinct"][code])
    assert report["weights"]

    # what stewards said
    compared = {
        tuple(sorted(pair)) for pair in zip(records["record_id"][pairs["a"]], records["record_id"][pairs["b"]], strict=True)
    }
    for version, when in ((in_force, "now"), (candidate, "then")):
        said: dict[str, Counter[str]] = defaultdict(Counter)
        for a, b, decision in decisions.itertuples(index=False):
            said[decision][band[version].get((a, b), "distinct") if (a, b) in compared else "never compared"] += 1
        assert report["labels"][when]["must_link"] == said["must_link"]
        assert report["labels"][when]["cannot_link"] == said["cannot_link"] == {"never compared": 1}
        assert report["labels"][when]["right"] == said["must_link"]["match"] + 1

    assert logged[-len(report["sentences"]) :] == report["sentences"]
    told = json.dumps(report) + "".join(logged) + json.dumps(returned)
    values = {value for column in ("emails", "phones", "family_name") for held in records[column].dropna() for value in (
        held if isinstance(held, list) else [held]) if len(value) > 5}  # fmt: skip
    assert len(values) > 100
    assert not [value for value in values if value in told]


def test_a_model_trained_again_on_the_same_records_is_said_to_be_equal_and_kept_once(decided: World, logged: list[str]) -> None:
    train_again(decided)
    candidate = kept(decided)[0][0]
    decided.execute("UPDATE identity.match_model SET active = false")
    decided.execute("UPDATE identity.match_model SET active = true WHERE model_version = :v", v=candidate)
    before = decided.digest()
    with pytest.raises(AirflowSkipException):
        train_again(decided, "once more")
    assert f"as in the model in force, {candidate[:12]}: nothing would change" in "".join(logged)
    assert decided.digest() == before


def test_a_model_in_force_that_no_longer_fits_holds_resolve_with_a_sentence_and_is_compared_by_what_is_published(
    decided: World, logged: list[str]
) -> None:
    ((artefact,),) = decided.query("SELECT artefact FROM identity.match_model")
    for part in ("levels", "chances", "usual"):  # as if the comparison had been called so in the declaration of that time
        artefact[part]["sex"] = artefact[part].pop("gender")
    decided.execute("UPDATE identity.match_model SET artefact = CAST(:a AS jsonb)", a=json.dumps(artefact))
    decided.execute("INSERT INTO staging.dirty_record (record_id, reason) SELECT record_id, 'a' FROM golden.crosswalk LIMIT 1")
    with pytest.raises(AirflowFailException, match=r"model\.yml: comparisons\.gender: .* was trained without it"):
        decided.resolve("with another declaration")
    train_again(decided)
    ((_, _, report),) = kept(decided)
    assert "held against what is published" in "".join(logged)
    ((customers, largest),) = decided.query(
        "SELECT count(*), max(n) FROM (SELECT count(*) AS n FROM golden.crosswalk GROUP BY customer_id) of_one"
    )
    assert (report["customers"]["customers"]["now"], report["customers"]["largest"]["now"]) == (customers, largest)


def test_before_the_first_resolve_run_there_is_nothing_to_hold_a_model_against(world: World, logged: list[str]) -> None:
    with pytest.raises(AirflowSkipException):
        train_again(world)
    assert "the first resolve run trains one" in "".join(logged)
    assert world.query("SELECT * FROM identity.match_model") == []


def judge(
    world: World, run: flow.Run, reason: str = "it knows more", free_share: float = 0.01, candidate: str = ""
) -> dict[str, Any]:
    with world.connected():
        operator = JudgePromotionOperator(task_id="judge", candidate=candidate, reason=reason, free_share=free_share)
        return dict(world.step(operator, run))


def put_in_force(world: World, run: flow.Run, judged: dict[str, Any], approval: dict[str, Any]) -> None:
    operator = PromoteOperator(task_id="promote", judged=judged, approval=approval, reason="it knows more")
    with world.connected():
        world.step(operator, run)


def test_a_candidate_put_in_force_makes_what_was_shown_and_is_put_there_once(decided: World, logged: list[str]) -> None:
    train_again(decided)
    ((candidate, in_force, report),) = kept(decided)
    run = flow.Run("promote_match_model", "once", by="ana")
    judged = judge(decided, run)
    assert (judged["version"], judged["in_force"], judged["asks"]) == (candidate, in_force, True)
    assert judged["share"] == pytest.approx(
        (report["customers"]["merging"] + report["customers"]["splits_in_all"]) / report["customers"]["customers"]["now"]
    )
    assert any("Somebody has to approve" in line for line in logged)
    with pytest.raises(AirflowFailException, match=r"ana asked for \w+ and approved it: a second person has to approve"):
        put_in_force(decided, run, judged, {"responded_by_user": {"id": "8", "name": "ana"}})
    assert active(decided) == in_force
    put_in_force(decided, run, judged, {"responded_by_user": {"id": "7", "name": "a steward"}})
    put_in_force(decided, run, judged, {"responded_by_user": {"id": "7", "name": "a steward"}})  # its worker died after it
    assert active(decided) == candidate
    assert decided.query("SELECT model_version, replaced, reason, approved_by FROM identity.model_promotion") == [
        (candidate, in_force, "it knows more", "a steward")
    ]
    with decided.connected():
        flow.resolve("after the promotion")
    ((customers, version),) = decided.query(
        "SELECT (report->>'customers')::int, model_version FROM ops.resolve_run ORDER BY sequence DESC LIMIT 1"
    )
    assert version == candidate
    assert customers == report["customers"]["customers"]["then"]

    with pytest.raises(AirflowFailException, match="is in force already"):
        judge(decided, flow.Run("promote_match_model", "again"), candidate=candidate[:8])
    with pytest.raises(AirflowFailException, match="nothing is changed"):
        put_in_force(decided, flow.Run("promote_match_model", "late"), judged, {})


def test_what_cannot_be_put_in_force_is_told_in_a_sentence(decided: World, logged: list[str]) -> None:
    run = flow.Run("promote_match_model", "once")
    with pytest.raises(AirflowFailException, match="There is no candidate model: run train_match_model"):
        judge(decided, run)
    train_again(decided)
    candidate = kept(decided)[0][0]
    with pytest.raises(
        AirflowFailException, match=f"No candidate models begin with 'xyz'. Candidates, the latest first: {candidate[:12]}"
    ):
        judge(decided, run, candidate="xyz")
    with pytest.raises(AirflowFailException, match="reason: is empty: say why"):
        judge(decided, run, reason=" ")
    assert judge(decided, run, free_share=1.0)["asks"] is False
    decided.execute("UPDATE ops.model_comparison SET in_force_version = 'another'")
    with pytest.raises(AirflowFailException, match="was held against another, but"):
        judge(decided, run)


def test_a_small_change_asks_nobody(decided: World) -> None:
    judged = {"asks": False, "version": "v", "in_force": "w", "share": 0.0}
    operator = ApprovePromotionOperator(task_id="approve", judged=judged, subject="?", body="?", defaults=["Reject"])
    assert operator.execute({}) == {"responded_by_user": None}
