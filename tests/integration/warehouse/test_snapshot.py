"""A resolve run reads the records as they stand, in one order and in the types the core expects."""

from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from include.customer import CUSTOMER_FIELDS
from include.warehouse import bulk, examining, promotions, snapshot
from suki.frames import from_table
from tests.integration.warehouse.conftest import Warehouse, at, met, record, said

pytestmark = pytest.mark.integration


def test_the_snapshot_is_every_live_record_sorted_by_id(warehouse: Warehouse) -> None:
    warehouse.stage([said(name, 2, name.upper(), scope="MNL01", flags=["phones:shared"]) for name in "abcd"])
    warehouse.stage([said("a", 3, "Anna", emails=["a@example.org"], email_consent=True), said("b", 3, None)])
    records = snapshot.current_customers(warehouse.resolver)
    assert list(records.columns) == list(snapshot.SNAPSHOT_COLUMNS)
    assert set(records.columns) >= {field.name for field in CUSTOMER_FIELDS}
    assert records["record_id"].tolist() == sorted(record(name) for name in "acd")
    anna = records.set_index("record_id").loc[record("a")]
    assert (anna["full_name"], anna["emails"], anna["email_consent"], anna["given_name"]) == (
        "Anna",
        ["a@example.org"],
        True,
        None,
    )
    assert (anna["source_time"], anna["first_source_time"]) == (at(3), at(2))
    other = records.set_index("record_id").loc[record("c")]
    assert (other["scope"], other["flags"], other["phones"], other["email_consent"]) == ("MNL01", ["phones:shared"], [], None)


def test_an_empty_snapshot_has_the_same_columns_and_types(warehouse: Warehouse) -> None:
    empty = snapshot.current_customers(warehouse.resolver)
    warehouse.stage([said("a", 1, "A")])
    full = snapshot.current_customers(warehouse.resolver)
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()
    assert len(empty) == 0
    assert str(full["source_time"].dtype) == "datetime64[us, UTC]"


def test_blocks_are_bounded_and_together_the_whole(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "READ_ROWS", 2)
    warehouse.stage([said(name, 1, name) for name in "abcde"])
    assert [len(block) for block in snapshot.customer_blocks(warehouse.resolver)] == [2, 2, 1]
    assert snapshot.current_customers(warehouse.resolver)["record_id"].is_monotonic_increasing


def test_whatever_a_value_holds_is_read_as_it_stands(warehouse: Warehouse) -> None:
    """Rows come as CSV: what CSV, JSON and lists of PostgreSQL write otherwise must come back as it was."""
    odd = ['a,b "c"', "line\none\r\ntwo", "", "NULL", "\\N", "{a,b}", "\\", "  ", "ünï 漢字", "t", "1", "[1]", '"']
    rows = [
        said(
            f"r{number}", 1 + number / 7, text or "x", note=text, emails=[text, "b"], phones=[text], email_consent=number % 3 == 0
        )
        for number, text in enumerate(odd)
    ]
    warehouse.stage([*rows, said("bare", 1, "bare")])
    read = snapshot.current_customers(warehouse.resolver).set_index("record_id")
    table = from_table(pa.concat_tables(snapshot.customer_tables(warehouse.resolver))).set_index("record_id")
    some = from_table(snapshot.table_among(warehouse.resolver, read.index, {"phones", "emails", "note", "record_id"}))
    assert list(some.columns) == ["record_id", "emails", "phones", "note"]
    for column in read:
        assert list(map(repr, table[column])) == list(map(repr, read[column])), column
        assert column not in some or some[column].tolist() == read[column].tolist(), column
    for row in rows:
        found = read.loc[row["record_id"]]
        assert [found[name] for name in ("note", "emails", "phones", "email_consent")] == [
            row[name] for name in ("note", "emails", "phones", "email_consent")
        ]
        assert found["source_time"] == row["source_updated_at"]
    bare = read.loc[record("bare")]
    assert [bare[name] for name in ("note", "emails", "email_consent", "birth_date")] == [None, [], None, None]
    kinds = {name: {type(value) for value in read[name]} for name in ("note", "emails", "email_consent")}
    assert kinds == {"note": {str, type(None)}, "emails": {list}, "email_consent": {bool, type(None)}}


def test_marks_are_claimed_with_their_reasons(warehouse: Warehouse) -> None:
    assert list(snapshot.claim_dirty(warehouse.resolver).columns) == ["mark_id", "record_id", "reason"]
    warehouse.stage([said("a", 1, "A")])
    marks = snapshot.claim_dirty(warehouse.resolver)
    assert marks[["record_id", "reason"]].to_numpy().tolist() == [[record("a"), "new"]]


def test_the_first_model_stays_until_one_is_promoted(warehouse: Warehouse) -> None:
    assert snapshot.active_model(warehouse.resolver) is None
    assert snapshot.save_model(warehouse.resolver, "v1", {"prior": -9.25}) == {"prior": -9.25}
    assert snapshot.save_model(warehouse.resolver, "v2", '{"prior": -8}') == {"prior": -9.25}  # a zombie that trained as well
    assert snapshot.active_model(warehouse.resolver) == {"prior": -9.25}
    word = {"actor": "somebody", "reason": "it knows more", "approved_by": None, "share": 0.0}
    assert promotions.promote(warehouse.resolver, promotions.Promotion("promote", "once", "v2", "v1", **word))
    assert warehouse.query("SELECT model_version FROM identity.match_model WHERE active") == [("v2",)]


def test_the_latest_decision_on_a_pair_counts_unless_withdrawn(warehouse: Warehouse) -> None:
    a, b = sorted((record("a"), record("b")))
    with warehouse.engine("suki_steward").begin() as connection:
        for minute, (one, other, decision, withdrawn) in enumerate(
            [(a, b, "must_link", None), (b, a, "cannot_link", None), (a, b, "must_link", "now")]
        ):
            connection.execute(
                text(
                    "INSERT INTO identity.steward_decision"
                    " (decision_id, record_a, record_b, decision, actor, reason, withdrawn_at, recorded_at)"
                    " VALUES (gen_random_uuid(), :a, :b, :d, 'steward', 'r', CAST(:w AS timestamptz),"
                    " now() + :m * interval '1 min')"
                ),
                {"a": one, "b": other, "d": decision, "w": withdrawn, "m": minute},
            )
    assert snapshot.decisions(warehouse.resolver).to_numpy().tolist() == [[a, b, "cannot_link"]]


def test_the_suppression_list_is_read_as_tokens(warehouse: Warehouse) -> None:
    assert snapshot.suppressed_tokens(warehouse.ingest) == frozenset()
    with warehouse.engine("suki_privacy").begin() as connection:
        connection.execute(
            text("INSERT INTO privacy.suppression (token, kind, reason, actor) VALUES (:t, 'record', 'asked', 'dpo')"),
            {"t": record("a")},
        )
    assert snapshot.suppressed_tokens(warehouse.ingest) == frozenset({record("a")})


def test_every_read_of_an_empty_warehouse_is_an_empty_frame_with_its_columns(warehouse: Warehouse) -> None:
    bind = warehouse.resolver
    assert list(snapshot.previous_memberships(bind).columns) == ["record_id", "customer_id"]
    assert list(snapshot.ledger(bind).columns) == ["customer_id", "anchor_record_id", "minted_at"]
    assert list(snapshot.aliases(bind).columns) == ["customer_id", "became"]
    assert list(snapshot.decisions(bind).columns) == ["record_a", "record_b", "decision"]
    assert len(snapshot.edges(bind)) == len(snapshot.crosswalk(bind)) == 0
    assert snapshot.latest_resolve_id(bind) is None
    assert snapshot.resolve(bind, record("nobody")) is None


# --- interactions --------------------------------------------------------------------------------------------------------------


def test_the_latest_word_on_an_interaction_holds_in_any_order(warehouse: Warehouse) -> None:
    words = [met("o", 1, "paid", "a"), met("o", 3, "refunded", "a"), met("o", 2, "shipped", "a")]
    counts = [warehouse.meet([word]) for word in words]
    assert [(c.staged, c.unchanged) for c in counts] == [(1, 0), (1, 0), (0, 1)]
    assert warehouse.query("SELECT status, source_time FROM staging.interaction") == [("refunded", at(3))]
    assert [(c.staged, c.unchanged) for c in (warehouse.meet(words), warehouse.meet(words[::-1]))] == [(0, 3), (0, 3)]


def test_the_same_told_later_makes_a_word_between_old(warehouse: Warehouse) -> None:
    for word in (met("o", 1, "paid"), met("o", 3, "paid"), met("o", 2, "pending")):
        warehouse.meet([word])
    assert warehouse.query("SELECT status FROM staging.interaction") == [("paid",)]


def test_a_deleted_interaction_keeps_no_content(warehouse: Warehouse) -> None:
    warehouse.meet([met("o", 1, "paid", "a", amount=12.5, details='{"n": 1}', body="text")])
    assert warehouse.query("SELECT amount, details, body FROM staging.interaction") == [(12.5, {"n": 1}, "text")]
    assert warehouse.meet([met("o", 2, "paid", "a", deleted=True)]).deleted == 1
    assert warehouse.query("SELECT amount, details, body, customer_record_id, deleted FROM staging.interaction") == [
        (None, None, None, None, True)
    ]


def test_whose_orders_came_changed_or_went_is_on_a_mark(warehouse: Warehouse) -> None:
    def marked(*rows: dict[str, Any]) -> list[str]:
        warehouse.meet(rows)
        return sorted(who for (who,) in warehouse.query("DELETE FROM staging.order_mark RETURNING customer_record_id::text"))

    guest, ticket = met("g", 1, "paid"), met("t", 1, "open", "b", interaction_type="ticket")
    assert marked(met("o", 1, "paid", "a"), met("p", 1, "paid", "a", interaction_type="receipt"), guest, ticket) == [record("a")]
    assert marked(met("o", 1, "paid", "a")) == [], "it is known"
    assert marked(met("o", 3, "paid", "c")) == sorted([record("a"), record("c")]), "it was another's"
    assert marked(met("o", 2, "shipped", "a")) == [], "it is old"
    assert marked(met("o", 4, "paid", "c", deleted=True)) == [record("c")]


def test_a_number_is_the_same_number_however_it_is_written(warehouse: Warehouse) -> None:
    warehouse.meet([met("o", 1, "paid", amount=12.5, item_count=2)])
    assert warehouse.meet([met("o", 1, "paid", amount="12.50", item_count=2.0)]).unchanged == 1


def test_who_wrote_of_an_email_has_it_in_the_snapshot_and_is_marked(warehouse: Warehouse) -> None:
    """Each way a mention comes, changes, goes or was another's marks whose it is; what nobody wrote of marks nobody."""

    def marked() -> list[str]:
        found = {record_id for record_id, _ in warehouse.marks()}
        warehouse.owner.execute(text("DELETE FROM staging.dirty_record"))
        return sorted(found)

    def mentioned() -> dict[str, list[str]]:
        whole = snapshot.current_customers(warehouse.resolver).set_index("record_id")["mentioned_email_keys"]
        ids = [record(name) for name in "ab"]
        columns = {"record_id", "mentioned_email_keys"}
        some = from_table(snapshot.table_among(warehouse.resolver, ids, columns)).set_index("record_id")["mentioned_email_keys"]
        explained = examining.contents(warehouse.engine("suki_steward")).set_index("record_id")["mentioned_email_keys"]
        assert whole.to_dict() == some.to_dict() == explained.to_dict()
        return {name: whole[record(name)] for name in "ab"}

    def wrote(ticket: str, day: int, customer: str, *keys: str) -> None:
        warehouse.meet([met(ticket, day, "open", customer, mentioned_email_keys=list(keys))])

    warehouse.stage([said("a", 1, "Anna"), said("b", 1, "Ben")])
    assert marked() == sorted([record("a"), record("b")])
    wrote("t1", 2, "a", "x@example.org")
    wrote("t2", 2, "a", "w@example.org", "x@example.org")
    wrote("t3", 2, "b")
    wrote("t4", 2, "nobody yet", "x@example.org")
    assert mentioned() == {"a": ["w@example.org", "x@example.org"], "b": []}
    assert marked() == [record("a")]
    wrote("t1", 2, "a", "x@example.org")
    warehouse.meet([met("t2", 3, "solved", "a", mentioned_email_keys=["w@example.org", "x@example.org"])])
    assert marked() == []
    wrote("t2", 4, "b", "y@example.org")
    assert mentioned() == {"a": ["x@example.org"], "b": ["y@example.org"]}
    assert marked() == sorted([record("a"), record("b")])
    warehouse.meet([met("t2", 5, "open", "b", deleted=True)])
    assert mentioned() == {"a": ["x@example.org"], "b": []}
    assert marked() == [record("b")]


def test_nobody_who_finds_whose_a_mention_is_reads_what_was_written(warehouse: Warehouse) -> None:
    for role in ("suki_resolve", "suki_steward"):
        with warehouse.engine(role).connect() as connection:
            connection.execute(text("SELECT customer_record_id, mentioned_email_keys FROM staging.interaction"))
            with pytest.raises(ProgrammingError, match="permission denied"):
                connection.execute(text("SELECT body FROM staging.interaction"))
