"""Raw to canonical: every form of mapping, every raw field accounted for, times that are always there."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from include.customer import MAPPED_COLUMNS, ROW_COLUMNS, names
from include.sources import key_of, map_rows
from include.sources.mapping import AHEAD
from tests.unit.sources.factory import DAY, mapped, source_of

JSONL = {"format": "jsonl", "files": [{"pattern": "{date:%Y-%m-%d}/people.jsonl"}]}
SCOPED = {"files": [{"pattern": "{date:%Y-%m-%d}/people_{scope}.csv"}]}
SHOPS = {
    "MNL01": {"name": "Makati", "country": "PH", "currency": "PHP", "timezone": "Asia/Manila", "date_order": "mdy"},
    "BER01": {"name": "Mitte", "country": "DE", "currency": "EUR", "timezone": "Europe/Berlin", "date_order": "dmy"},
}
DELIVERED = pd.Timestamp(DAY, tz="UTC")


def value(root: Path, mapping: object, raw: dict, field: str = "full_name", **changes) -> object:
    source = source_of(root, **{**JSONL, "map": {field: mapping}, **changes})
    return mapped(source, raw)[0].loc[0, field]


class TestForms:
    @pytest.mark.parametrize(
        ("mapping", "raw", "expected"),
        [
            ("a.b", {"a": {"b": "x"}}, "x"),
            ("a.b", {"a": None}, None),
            ("a.b", {"a": "x"}, None),
            ("a.b", {}, None),
            (r"a\.b", {"a.b": "x"}, "x"),
            ("l[]", {"l": ["x", "y"]}, "x"),
            ("l[].v", {"l": [{}, {"v": "y"}]}, "y"),
            ("l[t=mail].v", {"l": [{"t": "tel", "v": "1"}, {"t": "mail", "v": "x"}]}, "x"),
            ("a", {"a": "  "}, None),
            ("a", {"a": " x "}, " x "),
            ("a", {"a": 7}, "7"),
            ("a", {"a": 0}, "0"),
            ("a", {"a": False}, "false"),
            ("a", {"a": "nul\0l"}, "null"),
            ("a", {"a": ["x"]}, None),
            ({"first_of": ["a", "b", {"value": "z"}]}, {"a": "", "b": "y"}, "y"),
            ({"first_of": ["a", "b", {"value": "z"}]}, {}, None),
            ({"first_of": ["a", "b", {"value": "z"}]}, {"c": 1}, "z"),
            ({"join": ["a", "b", "c"], "with": ", "}, {"a": "x", "b": "", "c": "y"}, "x, y"),
            ({"join": ["a", "b"], "whole": True}, {"a": "x"}, None),
            ({"join": ["a", "b"], "whole": True, "with": ":"}, {"a": "x", "b": "y"}, "x:y"),
            ({"total": "l[].n"}, {"l": [{"n": 2}, {"n": "1.5"}]}, "3.5"),
            ({"total": "l[].n"}, {"l": []}, None),
            ({"minor": "m.n", "currency": "m.c"}, {"m": {"n": 1150, "c": "EUR"}}, "11.50"),
            ({"minor": "m.n", "currency": "m.c"}, {"m": {"n": 3300, "c": "jpy"}}, "3300"),
            ({"minor": "m.n", "currency": "m.c"}, {"m": {"n": 1, "c": "KWD"}}, "0.001"),
            ({"minor": "m.n", "currency": "m.c"}, {"m": {"n": "?", "c": "EUR"}}, None),
            ({"minor": "m.n", "currency": "m.c"}, {"m": {"c": "EUR"}}, None),
            ({"path": "a", "values": {"YES": True, "no": False, "?": None}}, {"a": "yes "}, "true"),
            ({"path": "a", "values": {"YES": True, "no": False, "?": None}}, {"a": "?"}, None),
            ({"path": "a", "values": {"YES": True, "no": False, "?": None}}, {"a": "maybe"}, "maybe"),
            ({"path": "a", "strip_prefix": "p:"}, {"a": "p:+63"}, "+63"),
            ({"path": "a", "strip_prefix": "p:"}, {"a": "+63"}, "+63"),
            ({"path": "a", "strip_prefix": "p:"}, {"a": "p:"}, None),
            ({"path": "a", "prefix": "instagram:"}, {"a": "jane"}, "instagram:jane"),
            ({"path": "a", "prefix": "instagram:"}, {"a": " "}, None),
            ({"object": {"n": "n", "all": "l[].v", "no": "x"}}, {"n": 1, "l": [{"v": "y"}, {}]}, '{"all": ["y"], "n": 1}'),
            ({"object": {"sub": "s"}}, {"s": {"k": None, "m": 2}}, '{"sub": {"m": 2}}'),
            ({"object": {"n": "n"}}, {"n": None}, None),
        ],
    )  # fmt: skip
    def test_a_form_gives_its_text(self, tmp_path: Path, mapping: object, raw: dict, expected: str | None):
        assert value(tmp_path, mapping, raw) == expected

    def test_a_field_of_texts_takes_all_of_them_once(self, tmp_path: Path):
        raw = {"email": "a@x", "more": [{"v": "b@x"}, {"v": "a@x"}, {"v": None}]}
        assert value(tmp_path, {"all_of": ["email", "more[].v"]}, raw, field="emails") == ["a@x", "b@x"]

    def test_a_field_of_texts_without_any_is_an_empty_list_of_its_own(self, tmp_path: Path):
        frame, _ = mapped(source_of(tmp_path, **JSONL, map={}), {"id": 1}, {"id": 2})
        assert frame["phones"].tolist() == [[], []]
        assert frame.loc[0, "phones"] is not frame.loc[1, "phones"]

    def test_constants_stand_in_every_row(self, tmp_path: Path):
        source = source_of(tmp_path, kind="interactions", map={}, constants={"interaction_type": "visit"})
        assert mapped(source, {"id": "1"})[0]["interaction_type"].tolist() == ["visit"]

    def test_what_belongs_to_the_scope_comes_from_its_declaration(self, tmp_path: Path):
        fields = {"store": {"scope": "code"}, "currency": {"scope": "currency"}}
        source = source_of(tmp_path, {"scopes": SHOPS}, **SCOPED, kind="interactions", map=fields)
        assert mapped(source, {"id": "1"}, scope="BER01")[0][["store", "currency"]].to_numpy().tolist() == [["BER01", "EUR"]]

    def test_in_a_table_a_path_is_the_whole_name_of_a_column(self, tmp_path: Path):
        assert mapped(source_of(tmp_path, map={"full_name": "a.b[]?"}), {"id": "1", "a.b[]?": "x"})[0].loc[0, "full_name"] == "x"


class TestKeys:
    @pytest.mark.parametrize(
        ("key", "raw", "expected"),
        [
            ("id", {"id": " 7 "}, "7"),
            ("id", {"id": 7}, "7"),
            ("id", {"id": ""}, None),
            ("id", {"id": None}, None),
            ("id", {}, None),
            ("from.id", {"from": {"id": "9"}}, "9"),
            ({"join": ["shop", "no"], "with": "-", "whole": True}, {"shop": "A", "no": 3}, "A-3"),
            ({"join": ["shop", "no"], "with": "-", "whole": True}, {"shop": "A"}, None),
        ],
    )
    def test_a_key_is_the_sources_own_or_none(self, tmp_path: Path, key: object, raw: dict, expected: str | None):
        assert key_of(raw, source_of(tmp_path, **JSONL, key=key).streams["people"]) == expected

    def test_a_row_without_a_key_goes_on_without_an_id(self, tmp_path: Path):
        frame, _ = mapped(source_of(tmp_path), {"id": "", "name": "Ana"})
        assert frame[["record_id", "full_name"]].to_numpy().tolist() == [[None, "Ana"]]


class TestTimes:
    @pytest.mark.parametrize(
        ("text", "moment"),
        [
            ("2026-08-02T18:40:00Z", "2026-08-02T18:40:00Z"),
            ("2026-08-02T18:40:00.250Z", "2026-08-02T18:40:00.250Z"),
            ("2026-08-02T18:40:00+0800", "2026-08-02T10:40:00Z"),
            ("2026-08-02 18:40:00 UTC", "2026-08-02T18:40:00Z"),
            ("2026-08-02 18:40:00", "2026-08-02T16:40:00Z"),
            ("2026-08-02", "2026-08-01T22:00:00Z"),
            ("1785696000", "2026-08-02T18:40:00Z"),
            (1785696000000, "2026-08-02T18:40:00Z"),
            ("02.08.2026 18:40", "2026-08-02T16:40:00Z"),
            ("2/8/26 6:40:30 p.m.", "2026-08-02T16:40:30Z"),
            ("02/08/2026 12:05 AM", "2026-08-01T22:05:00Z"),
            ("2026年8月2日 18:40", "2026-08-02T16:40:00Z"),
            ("2026. 08. 02. 18:40", "2026-08-02T16:40:00Z"),
        ],
    )
    def test_many_spellings_are_one_instant(self, tmp_path: Path, text: object, moment: str):
        source = source_of(tmp_path, **JSONL, updated_at="at", timezone="Europe/Berlin", date_order="dmy")
        frame, drift = mapped(source, {"id": 1, "at": text})
        assert frame["source_updated_at"].tolist() == [pd.Timestamp(moment)]
        assert not drift.notes

    @pytest.mark.parametrize(
        "text",
        ["yesterday", "31.02.2026", "13/25/2026", "02.08.2026 25:99", "02.08.2026 soon", "2026-13-01", "", None, "02.08.126"],
    )
    def test_without_a_readable_time_the_delivery_counts_and_it_is_noted(self, tmp_path: Path, text: str | None):
        frame, drift = mapped(source_of(tmp_path, **JSONL, updated_at="at", date_order="dmy"), {"id": 1, "at": text})
        assert frame["source_updated_at"].tolist() == [DELIVERED]
        ((note, count),) = drift.notes.items()
        assert "the delivery's date stands in" in note
        assert count == 1

    def test_a_local_date_is_not_guessed(self, tmp_path: Path):
        frame, _ = mapped(source_of(tmp_path, **JSONL, updated_at="at"), {"id": 1, "at": "02/08/2026"})
        assert frame["source_updated_at"].tolist() == [DELIVERED]

    def test_a_clock_that_runs_ahead_of_the_delivery_is_not_believed_and_the_record_says_so(self, tmp_path: Path):
        limit = datetime(2026, 8, 3, tzinfo=UTC) + timedelta(hours=30)
        declared = source_of(tmp_path, **JSONL, updated_at="at", clock_ahead={"tolerance_hours": 30})
        frame, drift = mapped(declared, {"id": 1, "at": limit.isoformat()}, {"id": 2, "at": "2026-08-04T06:00:01Z"})
        assert frame["source_updated_at"].tolist() == [limit, DELIVERED]
        assert frame["noted"].tolist() == [[], [AHEAD]]
        assert sum(drift.notes.values()) == 1

    def test_a_record_from_the_future_has_no_time_where_it_is_to_be_set_aside(self, tmp_path: Path):
        declared = source_of(tmp_path, **JSONL, updated_at="at", clock_ahead={"beyond": "quarantine"})
        frame, _ = mapped(declared, {"id": 1, "at": "2026-08-05T00:00:00Z"}, {"id": 2, "at": "2031-01-01T00:00:00Z"})
        assert frame["source_updated_at"].isna().tolist() == [False, True]

    def test_without_a_clock_the_delivery_counts_and_there_is_nothing_to_note(self, tmp_path: Path):
        frame, drift = mapped(source_of(tmp_path), {"id": "1", "name": "Ana"})
        assert frame["source_updated_at"].tolist() == [DELIVERED]
        assert not drift.notes

    @pytest.mark.parametrize(
        ("scope", "zone", "moment"),
        [
            ("MNL01", "Asia/Manila", "2026-08-02T06:30:00+00:00"),
            ("MNL01", "", "2026-08-02T06:30:00+00:00"),
            ("MNL01", "Asia/Tokyo", "2026-08-02T05:30:00+00:00"),
            ("BER01", "Europe/Berlin", "2026-02-08T13:30:00+00:00"),
        ],
    )
    def test_a_store_writes_its_own_dates_on_its_own_clock(self, tmp_path: Path, scope: str, zone: str, moment: str):
        when = {"join": ["Date", "Time"], "zone": "Zone"}
        source = source_of(tmp_path, {"scopes": SHOPS}, **SCOPED, kind="interactions", map={"occurred_at": when})
        frame, _ = mapped(source, {"id": "1", "Date": "08/02/2026", "Time": "14:30", "Zone": zone}, scope=scope)
        assert frame["occurred_at"].tolist() == [moment]

    def test_a_canonical_time_that_is_none_stays_for_the_cleaner_to_flag(self, tmp_path: Path):
        frame, drift = mapped(source_of(tmp_path, map={"first_seen_at": "since"}), {"id": "1", "since": "long ago"})
        assert frame["first_seen_at"].tolist() == ["long ago"]
        assert drift.notes == {"first_seen_at is no time; kept as it is": 1}


class TestDeleted:
    @pytest.mark.parametrize(
        ("raw", "deleted"), [({"active": False}, True), ({"active": True}, False), ({"active": None}, False), ({}, False)]
    )
    def test_a_tombstone_is_where_the_condition_holds(self, tmp_path: Path, raw: dict, deleted: bool):
        frame, drift = mapped(source_of(tmp_path, **JSONL, deleted={"path": "active", "equals": False}), {"id": 1, **raw})
        assert frame["deleted"].tolist() == [deleted]
        assert drift.fields == {}


class TestDrift:
    def test_what_nobody_named_is_drift_with_its_rows_and_first_file(self, tmp_path: Path):
        _, drift = mapped(source_of(tmp_path), {"id": "1", "name": "x", "vip": ""}, {"id": "2", "name": "y", "vip": "yes"})
        assert drift.fields == {"vip": (2, f"kiosk/{DAY}/people.csv")}

    @pytest.mark.parametrize(
        ("raw", "unknown"),
        [
            ({"a": {"b": 1, "new": 1}}, {"a.new"}),
            ({"a": {"b": {"c": 1}}}, {"a.b.c"}),
            ({"a": "text"}, {"a"}),
            ({"a": None}, set()),
            ({"a": {}}, set()),
            ({"l": [{"t": 1, "v": 1}, {"w": 1}]}, {"l[].w"}),
            ({"l": []}, set()),
            ({"skip": {"deep": [{"er": 1}]}}, set()),
            ({"skipped": 1}, {"skipped"}),
            ({"sub": {"any": {"thing": 1}}}, set()),
            ({"new": None}, {"new"}),
            ({"dot.line": 1}, {r"dot\.line"}),
        ],
    )
    def test_every_leaf_is_accounted_for(self, tmp_path: Path, raw: dict, unknown: set):
        fields = {"full_name": "a.b", "emails": "l[t=1].v", "note": {"object": {"s": "sub"}}}
        _, drift = mapped(source_of(tmp_path, **JSONL, map=fields, ignore=["skip"]), {"id": 1, **raw})
        assert set(drift.fields) == unknown

    def test_a_field_named_like_a_persons_value_is_not_repeated_in_logs(self, tmp_path: Path):
        _, drift = mapped(source_of(tmp_path, **JSONL), {"id": 1, "jane@example.com": 1, "+63 917 123 4567": 2, "name": "x"})
        assert list(drift.fields) == ["(a field named like a value)"]

    @pytest.mark.parametrize(
        ("name", "told"),
        [
            ("loyaltyTier", "loyaltyTier"),
            ("how_did_you_hear_about_us?", "how_did_you_hear_about_us?"),
            ("Clara Santos", "C… S…"),
            ("claraSantos.phone", r"c…S…\.phone"),
            ("O'Brien", "O'B…"),
            ("Ngọc Ánh", "N… Á…"),
            ("王小明", "王…"),
            ("カナリア", "カ…"),
            ("name of Li", "name of L…"),
            ("CLARA_2", "C…_2"),
        ],
    )
    def test_of_a_word_no_field_is_made_of_only_the_first_letter_is_told(self, tmp_path: Path, name: str, told: str):
        _, drift = mapped(source_of(tmp_path, **JSONL), {"id": 1, "name": "x", name: 1})
        assert list(drift.fields) == [told]

    def test_the_words_of_declared_fields_are_told(self, tmp_path: Path):
        _, drift = mapped(source_of(tmp_path, **JSONL, ignore=["Suki Karte"]), {"id": 1, "name": "x", "karte_suki": 1})
        assert list(drift.fields) == ["karte_suki"]

    def test_names_that_are_data_do_not_fill_the_report(self, tmp_path: Path):
        _, drift = mapped(source_of(tmp_path, **JSONL), {"id": 1, "name": "x", **{f"k{n}": n for n in range(500)}})
        assert len(drift.fields) == 101
        assert drift.fields["(further fields)"][0] == 400

    def test_a_mapped_column_that_is_gone_is_noted(self, tmp_path: Path):
        _, drift = mapped(source_of(tmp_path), {"id": "1"})
        assert {name: rows for name, (rows, _) in drift.missing.items()} == {"name": 1}

    def test_chunks_add_up_and_the_first_file_stays_first(self, tmp_path: Path):
        source = source_of(tmp_path)
        _, first = mapped(source, {"id": "1", "name": "x", "vip": "y"})
        _, second = mapped(source, {"id": "2", "vip": "y"})
        first.add(second)
        assert first.fields["vip"] == (2, f"kiosk/{DAY}/people.csv")
        assert first.missing == {"name": (1, "kiosk/2026-08-03/people.csv")}

    def test_a_value_outside_its_table_is_noted_without_the_value(self, tmp_path: Path):
        source = source_of(tmp_path, map={"email_consent": {"path": "ok", "values": {"yes": True}}})
        _, drift = mapped(source, {"id": "1", "ok": "jane@example.com"})
        assert drift.notes == {"'ok' holds a value its table does not know; kept as it is": 1}


def landed(*rows: dict) -> pd.DataFrame:
    empty = {
        "record_id": None,
        "file": "f",
        "position": 1,
        "delivered_on": date(2026, 8, 3),
        "scope": None,
        "problem": None,
        "raw": "{}",
    }
    return pd.DataFrame([{**empty, **row} for row in rows], columns=list(empty))


def test_an_unread_row_comes_out_with_nothing_but_its_place(tmp_path: Path):
    source = source_of(tmp_path, constants={"company_name": "x"})
    frame, drift = map_rows(
        landed({"problem": "bad_json", "raw": json.dumps({"_text": "jane"})}), source, source.streams["people"]
    )
    assert frame[names("customers", "mapped")].map(lambda value: value in (None, [])).all(axis=None)
    assert frame["source_updated_at"].tolist() == [DELIVERED]
    assert drift.fields == {}


def test_no_rows_give_an_empty_frame_of_the_same_columns(tmp_path: Path):
    source = source_of(tmp_path)
    frame, _ = map_rows(landed(), source, source.streams["people"])
    assert list(frame.columns) == [*ROW_COLUMNS, *MAPPED_COLUMNS, *names("customers", "mapped")]
    assert frame["source_updated_at"].dtype == "datetime64[us, UTC]"


def test_rows_keep_the_index_they_landed_with(tmp_path: Path):
    source = source_of(tmp_path)
    frame = landed({"raw": '{"id": "1", "name": "a"}'}, {"raw": '{"id": "2", "name": "b"}'}).set_axis([7, 3])
    out, _ = map_rows(frame, source, source.streams["people"])
    assert out["full_name"].to_dict() == {7: "a", 3: "b"}
