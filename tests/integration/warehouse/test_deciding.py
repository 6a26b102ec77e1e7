"""Decisions are kept with who and why, never removed, and wake the next run; no pair is asked about twice."""

import argparse
import getpass
from threading import Thread
from uuid import uuid4

import pytest
from sqlalchemy import Connection, text

from include.privacy.regions import comparable
from include.warehouse import decisions, snapshot
from include.warehouse.decisions import Undecidable
from include.warehouse.publish import publish
from suki import cli
from suki.deciding import who
from tests.integration.warehouse.conftest import Warehouse, met, record, said
from tests.integration.warehouse.publications import customer_id, publication

pytestmark = pytest.mark.integration

BY = {"actor": "Ana", "reason": "rang them up"}


@pytest.fixture
def people(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """Customers ab, cd, e and f; f's source has deleted it since."""
    landed = warehouse.land(1, list("abcdef"))
    warehouse.stage([said(name, 1, name.upper()) for name in "abcdef"], landed.manifest_id)
    publish(warehouse.resolver, publication(warehouse.resolver, {"a": "ab", "c": "cd", "e": "e", "f": "f"}))
    warehouse.stage([said("f", 2, None)])
    publish_marks(warehouse)
    monkeypatch.setenv("AIRFLOW_CONN_SUKI_WAREHOUSE", warehouse.url)
    return warehouse


def publish_marks(warehouse: Warehouse) -> None:
    warehouse.query("DELETE FROM staging.dirty_record RETURNING 1")


def steward(warehouse: Warehouse) -> Connection:
    return warehouse.engine("suki_steward").connect()


def put(warehouse: Warehouse, a: str, b: str, decision: str = "must_link", **changes: object) -> str:
    given: dict[str, object] = {**BY, "comparable": comparable(), **changes}
    (kept,) = decisions.decide(warehouse.engine("suki_steward"), [(record(a), record(b))], decision, **given).values()  # type: ignore[arg-type]
    return kept


def suki(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """What a command answers, or refuses with."""
    code = cli.main([*words])
    shown = capsys.readouterr()
    return code, shown.out or shown.err


def edge(warehouse: Warehouse, a: str, b: str, weight: float, band: str = "review") -> None:
    odds = 2.0**weight
    warehouse.query(
        "INSERT INTO identity.edge VALUES (:a, :b, :w, :p, :band, 'email', '{}', 'm1') RETURNING 1",
        a=min(record(a), record(b)), b=max(record(a), record(b)), w=weight, p=odds / (1 + odds), band=band,
    )  # fmt: skip


# --- keeping them -----------------------------------------------------------------------------------------------------------


def test_a_decision_is_kept_with_who_and_why_and_marks_both_records(people: Warehouse) -> None:
    kept = put(people, "a", "c")
    ((_, one, other, actor, reason),) = people.query(
        "SELECT decision_id::text, record_a::text, record_b::text, actor, reason FROM identity.steward_decision"
    )
    assert (one, other, actor, reason) == (record("a"), record("c"), "Ana", "rang them up")
    assert sorted(people.marks()) == sorted([(record("a"), "decision"), (record("c"), "decision")])
    assert snapshot.decisions(people.resolver).to_numpy().tolist() == [[*sorted((record("a"), record("c"))), "must_link"]]
    assert [row["decision_id"] for row in decisions.in_force(people.engine("suki_steward"))] == [kept]


def test_a_withdrawn_decision_stays_with_who_withdrew_it_and_marks_its_records_again(people: Warehouse) -> None:
    kept = put(people, "a", "c")
    publish_marks(people)
    bind = people.engine("suki_steward")
    assert decisions.withdraw(bind, kept, actor="Bo", reason="another person after all") == [(record("a"), record("c"))]
    assert snapshot.decisions(people.resolver).empty
    ((actor, by, because),) = people.query("SELECT actor, withdrawn_by, withdrawn_because FROM identity.steward_decision")
    assert (actor, by, because) == ("Ana", "Bo", "another person after all")
    assert {name for name, _ in people.marks()} == {record("a"), record("c")}
    with pytest.raises(Undecidable, match="was withdrawn already, on 20"):
        decisions.withdraw(bind, kept, **BY)
    with pytest.raises(Undecidable, match="There is no decision"):
        decisions.withdraw(bind, str(uuid4()), **BY)


def test_what_cannot_be_decided_is_refused_with_a_sentence_and_leaves_no_trace(people: Warehouse) -> None:
    people.query("UPDATE staging.record_version SET region = 'americas' WHERE record_id = :r RETURNING 1", r=record("e"))
    refused = {
        "given twice": lambda: put(people, "a", "a"),
        "There is no record": lambda: put(people, "a", "nobody"),
        "was deleted by its source": lambda: put(people, "a", "f"),
        "may not be compared": lambda: put(people, "a", "e", comparable=frozenset({("europe", "europe")})),
        "say who": lambda: put(people, "a", "c", actor=" "),
        "say why": lambda: put(people, "a", "c", reason="\n"),
    }
    for sentence, attempt in refused.items():
        with pytest.raises(Undecidable, match=sentence):
            attempt()
    assert people.marks() == []
    assert people.query("SELECT count(*) FROM identity.steward_decision") == [(0,)]


def test_of_two_stewards_who_contradict_each_other_at_once_one_is_refused(
    people: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    put(people, "b", "c")
    codes: list[int] = []
    with people.engine("suki_steward").begin() as first:
        decisions.hold(first)
        other = Thread(
            target=lambda: codes.append(
                cli.main(["decide", record("a"), record("c"), "different", "--actor", "Bo", "--reason", "seen them both"])
            )
        )
        other.start()
        other.join(1.0)
        assert other.is_alive(), "the second waits for the first"
        decisions.decide(first, [(record("a"), record("b"))], "must_link", comparable=comparable(), **BY)
    other.join(60)
    assert codes == [1]
    assert "contradicts" in capsys.readouterr().err


# --- the commands -----------------------------------------------------------------------------------------------------------


def test_a_contradiction_is_refused_with_the_chain_of_records_and_decisions(
    people: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = put(people, "a", "c"), put(people, "c", "e")
    code, told = suki(capsys, "decide", record("a"), record("e"), "different", "--actor", "Bo", "--reason", "x")
    assert code == 1
    assert told.splitlines() == [
        "That contradicts what is decided:",
        f"  {record('a')}  is one person with  {record('c')}  (decision {first})",
        f"  {record('c')}  is one person with  {record('e')}  (decision {second})",
        f"  {record('e')}  is not              {record('a')}  (what you decide now)",
    ]
    assert people.query("SELECT count(*) FROM identity.steward_decision") == [(2,)]


def test_a_decision_says_what_will_come_of_it(people: Warehouse, capsys: pytest.CaptureFixture[str]) -> None:
    by = ("--actor", "Ana", "--reason", "x")
    code, told = suki(capsys, "decide", record("a"), record("c"), "same", *by)
    assert code == 0
    assert f"They are two customers, {customer_id('a')} and {customer_id('c')}. The next run of resolve_customers makes" in told
    assert "makes them two" in suki(capsys, "decide", record("a"), record("b"), "different", *by)[1]
    assert "no evidence will join them" in suki(capsys, "decide", record("c"), record("e"), "different", *by)[1]
    code, told = suki(capsys, "decide", record("e"), record("c"), "different", *by)
    assert (code, told.partition(":")[0]) == (1, "That is decided already")
    code, told = suki(capsys, "decide", record("a"), "same", *by)
    assert (code, "Give two records" in told) == (1, True)
    code, told = suki(capsys, "decide", customer_id("a"), record("e"), "same", *by)
    assert (code, "is a customer, not a record" in told) == (1, True)


def test_a_merge_is_one_decision_fewer_than_records_and_withdrawn_as_a_whole(
    people: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    by = ("--actor", "Ana", "--reason", "x")
    code, told = suki(capsys, "merge", customer_id("a"), customer_id("c"), *by)
    assert code == 0
    assert ": 3 decisions." in told
    ((ruling,),) = people.query("SELECT DISTINCT ruling_id::text FROM identity.steward_decision WHERE ruling = 'merge'")
    assert suki(capsys, "merge", record("d"), record("b"), *by)[1].startswith("That is decided already")
    assert "one customer already" in suki(capsys, "merge", record("c"), customer_id("c"), *by)[1]
    code, told = suki(capsys, "split", customer_id("a"), record("b"), *by)
    assert (code, told.partition(":")[0]) == (1, "That contradicts what is decided")
    assert f"Withdrawn: {ruling}, 3 decisions." in suki(capsys, "withdraw", ruling, *by)[1]
    assert snapshot.decisions(people.resolver).empty


def test_a_split_keeps_every_pair_between_its_parts_apart(people: Warehouse, capsys: pytest.CaptureFixture[str]) -> None:
    by = ("--actor", "Ana", "--reason", "x")
    publish(people.resolver, publication(people.resolver, {"a": "abcd", "e": "e"}, aliases={"c": "a"}))
    code, told = suki(capsys, "split", customer_id("a"), record("a"), record("b"), record("a"), *by)
    assert code == 0
    assert ": 4 decisions." in told
    held = snapshot.decisions(people.resolver)
    assert set(held["decision"]) == {"cannot_link"}
    assert {frozenset(pair) for pair in held[["record_a", "record_b"]].to_numpy().tolist()} == {
        frozenset((record(a), record(b))) for a in "ab" for b in "cd"
    }
    assert suki(capsys, "split", customer_id("a"), record("c"), record("d"), *by)[1].startswith("That is decided already")
    assert "is of customer" in suki(capsys, "split", customer_id("a"), record("e"), *by)[1]
    assert "nothing to part" in suki(capsys, "split", customer_id("a"), *(record(name) for name in "abcd"), *by)[1]
    assert "No record is named" in suki(capsys, "split", customer_id("a"), *by)[1]


def test_a_person_may_not_grow_past_what_a_customer_may_hold_nor_over_regions_kept_apart(
    people: Warehouse, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    by = ("--actor", "Ana", "--reason", "x")
    people.query("UPDATE staging.record_version SET region = 'americas' WHERE record_id = :r RETURNING 1", r=record("e"))
    people.query("UPDATE staging.record_version SET region = 'asia_pacific' WHERE record_id = :r RETURNING 1", r=record("d"))
    neighbours = frozenset({
        *((region, region) for region in ("europe", "americas", "asia_pacific")),
        *((one, "europe") for one in ("americas", "asia_pacific")), *(("europe", one) for one in ("americas", "asia_pacific")),
    })  # fmt: skip
    monkeypatch.setattr("suki.deciding.bench.comparable", lambda: neighbours)
    assert suki(capsys, "decide", record("a"), record("e"), "same", *by)[0] == 0
    code, told = suki(capsys, "decide", record("a"), record("d"), "same", *by)
    assert (code, "one person of records of americas and asia_pacific" in told) == (1, True)
    assert people.query("SELECT count(*) FROM identity.steward_decision") == [(1,)]


def test_decisions_are_listed_without_the_words_of_stewards(people: Warehouse, capsys: pytest.CaptureFixture[str]) -> None:
    kept, gone = put(people, "a", "c"), put(people, "c", "e", "cannot_link")
    decisions.withdraw(people.engine("suki_steward"), gone, actor="Bo", reason="mistaken")
    code, told = suki(capsys, "decisions")
    assert code == 0
    assert [line.split("  ")[1] for line in told.splitlines()] == [kept, gone]
    assert "withdrawn 20" in told.splitlines()[1]
    assert not any(word in told for word in ("Ana", "rang", "Bo", "mistaken"))
    assert not any(word in suki(capsys, "decisions", "--json")[1] for word in ("Ana", "rang", "Bo", "mistaken"))
    assert kept in suki(capsys, "decisions", "--of", customer_id("a"))[1]
    assert gone not in suki(capsys, "decisions", "--of", record("b"))[1]
    assert suki(capsys, "decisions", "--of", str(uuid4()))[0] == 1
    assert "terminal" in suki(capsys, "decisions", "--values")[1]


def test_a_shared_account_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = argparse.Namespace(actor=None, reason="x")
    monkeypatch.setattr(getpass, "getuser", lambda: "airflow")
    with pytest.raises(who.NobodyDecides, match="--actor NAME"):
        who.said(asked)
    monkeypatch.setattr(getpass, "getuser", lambda: "ana")
    assert who.said(asked) == {"actor": "ana", "reason": "x"}
    with pytest.raises(who.NobodyDecides, match="say something"):
        who.actor(argparse.Namespace(actor=" "))


# --- what waits -------------------------------------------------------------------------------------------------------------


def waiting(warehouse: Warehouse) -> list[tuple[set[str], float]]:
    names = {record(name): name for name in "abcdef"}
    with steward(warehouse) as connection:
        return [({names[row["record_a"]], names[row["record_b"]]}, row["worth"]) for row in decisions.reviews(connection)]


def test_two_customers_are_one_question_worth_the_doubt_times_what_would_move(people: Warehouse) -> None:
    edge(people, "a", "c", -3.0)
    edge(people, "b", "d", -1.0)
    edge(people, "a", "e", -1.0)
    people.query("UPDATE identity.edge SET band = 'review' RETURNING 1")  # those inside a customer ask nothing
    edge(people, "c", "e", 4.0, "match")
    people.meet([met(f"order{n}", 2, "paid", "c") for n in range(3)] + [met("call", 2, "open", "c", interaction_type="ticket")])
    assert waiting(people) == [({"b", "d"}, 1.333), ({"a", "e"}, 0.667)], "2 x 1/3 x 2 records; 2 x 1/3 x 1 record"
    people.meet([met(f"gift{n}", 2, "paid", "a") for n in range(9)])
    assert waiting(people)[0] == ({"b", "d"}, 3.333), "the smaller of the two moves: 2 records, 3 orders"


def test_what_is_answered_never_comes_back_and_what_is_withdrawn_does(people: Warehouse) -> None:
    edge(people, "a", "c", -3.0)
    edge(people, "b", "d", -1.0)
    kept = put(people, "b", "d", "cannot_link")
    assert waiting(people) == [], "who is not the same person in one pair of records is not asked about in another"
    people.query("UPDATE identity.edge SET weight = weight + 1, model_version = 'm2' RETURNING 1")
    assert waiting(people) == [], "another model asks nothing anew"
    decisions.withdraw(people.engine("suki_steward"), kept, **BY)
    assert [pair for pair, _ in waiting(people)] == [{"b", "d"}]
    publish(people.resolver, publication(people.resolver, {"a": "abcd", "e": "e"}, aliases={"c": "a"}))
    assert waiting(people) == []


def test_the_queue_is_told_with_the_threshold_that_fits_the_people_there_are(
    people: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    assert suki(capsys, "reviews") == (0, "Nothing waits for a steward.\n")
    edge(people, "a", "c", -3.0)
    edge(people, "a", "e", -1.5)
    edge(people, "c", "e", -2.25)
    put(people, "c", "e", "cannot_link")
    code, told = suki(capsys, "reviews", "--limit", "1", "--capacity", "1")
    assert code == 0
    assert "2 questions wait, worth most first." in told
    assert sum(record(name) in told for name in "ace") == 2
    assert "At 1 a day, the 2 questions that wait take 2 days." in told
    assert "A review threshold of -2.99 would leave 1" in told
    assert [line.split() for line in told.splitlines()[-2:]] == [["-2", "1", "0", "0"], ["-3", "1", "0", "1"]]


def test_only_a_steward_sees_the_queue(people: Warehouse) -> None:
    query = text("SELECT * FROM identity.review")
    with people.engine("suki_ingest").connect() as connection, pytest.raises(Exception, match="permission denied"):
        connection.execute(query)
