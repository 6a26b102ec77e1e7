"""How deliveries are found and read: nothing half is taken, nothing is lost without a word, memory stays flat."""

import gzip
import hashlib
import io
import json
import os
import tempfile
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.batch import Window
from include.errors import DeliveryRefused, SourceUnavailable
from include.sources import FileDelivery, Source
from include.sources.readers.json_document import _elements
from include.sources.readers.text import Text
from tests.unit.sources.factory import DAY, deliver, deliveries, rows, source_of

JSONL = {"format": "jsonl", "files": [{"pattern": "{date:%Y-%m-%d}/people.jsonl"}]}
JSON = {"format": "json", "files": [{"pattern": "{date:%Y-%m-%d}/people.json"}], "records": "users"}
SHOP = {"name": "One", "country": "PH", "currency": "PHP", "timezone": "Asia/Manila", "date_order": "mdy"}


def problems(root: Path, source: Source) -> list[tuple[int, str, str]]:
    return [(row.position, row.problem, row.raw["_text"]) for row in rows(root, source) if row.problem]


def refusal(root: Path, source: Source) -> str:
    with pytest.raises(DeliveryRefused) as caught:
        rows(root, source)
    return str(caught.value)


class TestCsv:
    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_a_quoted_cell_keeps_its_line_breaks_and_rows_the_line_they_begin_on(self, tmp_path: Path, end: str):
        deliver(tmp_path, "people.csv", f'id,name{end}1,"Ana{end}""Ann"" Cruz"{end}2,Bo{end}')
        assert [(r.position, dict(r.raw)) for r in rows(tmp_path, source_of(tmp_path))] == [
            (2, {"id": "1", "name": f'Ana{end}"Ann" Cruz'}),
            (4, {"id": "2", "name": "Bo"}),
        ]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
    def test_a_byte_order_mark_wins_over_the_declared_encoding(self, tmp_path: Path, encoding: str):
        deliver(tmp_path, "people.csv", "id,name\n1,渡辺 健\n".encode(encoding))
        (row,) = rows(tmp_path, source_of(tmp_path, encoding="utf-8"))
        assert row.raw == {"id": "1", "name": "渡辺 健"}

    def test_an_old_encoding_is_read_as_declared(self, tmp_path: Path):
        deliver(tmp_path, "people.csv", "id;name\n1;Müller\n".encode("cp1252"))
        (row,) = rows(tmp_path, source_of(tmp_path, encoding="cp1252", delimiter=";"))
        assert row.raw["name"] == "Müller"

    def test_a_row_of_undecodable_bytes_suffers_alone(self, tmp_path: Path):
        deliver(tmp_path, "people.csv", b"id,name\n1,M\xfcller\n2,Bo\n")
        assert problems(tmp_path, source_of(tmp_path)) == [(2, "bad_encoding", r"1,M\xfcller")]
        assert [row.raw.get("id") for row in rows(tmp_path, source_of(tmp_path))] == [None, "2"]

    @pytest.mark.parametrize("row", ["1", "1,Ana,Cruz"])
    def test_a_row_of_another_length_is_a_problem_row(self, tmp_path: Path, row: str):
        deliver(tmp_path, "people.csv", f"id,name\n{row}\n2,Bo\n")
        assert problems(tmp_path, source_of(tmp_path)) == [(2, "wrong_field_count", row)]

    def test_a_stray_quote_costs_one_row(self, tmp_path: Path):
        deliver(tmp_path, "people.csv", 'id,name\n1,"Ana" Cruz\n2,Bo\n')
        assert problems(tmp_path, source_of(tmp_path)) == [(2, "bad_quotes", '1,"Ana" Cruz')]
        assert rows(tmp_path, source_of(tmp_path))[-1].raw == {"id": "2", "name": "Bo"}

    def test_blank_lines_are_no_rows(self, tmp_path: Path):
        deliver(tmp_path, "people.csv", "id,name\n\n1,Ana\n\n")
        assert [row.position for row in rows(tmp_path, source_of(tmp_path))] == [3]

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_a_million_blank_lines_are_no_rows_and_the_row_behind_them_keeps_its_line(self, tmp_path: Path, end: str):
        deliver(tmp_path, "people.csv", f"id,name{end}1,Ana{end}{end * 1_000_000}2,Bo{end}")
        assert [row.position for row in rows(tmp_path, source_of(tmp_path))] == [2, 1_000_003]

    def test_a_header_without_rows_is_an_empty_day(self, tmp_path: Path):
        deliver(tmp_path, "people.csv", "id,name\n")
        (delivery,) = deliveries(tmp_path, source_of(tmp_path))
        assert list(delivery) == []
        assert delivery.rows == 0

    def test_a_repeated_or_nameless_column_keeps_both_values(self, tmp_path: Path):
        deliver(tmp_path, "people.csv", "id,name,name,\n1,Ana,Anne,x\n")
        assert rows(tmp_path, source_of(tmp_path))[0].raw == {"id": "1", "name": "Ana", "name#2": "Anne", "#4": "x"}

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            ("id,name\n1,Ana\n2,B", "line 3: the file is cut off"),
            ("id,name\n1,Ana\n2", "line 3: the file is cut off"),
            ("id,na", "line 1: the file is cut off"),
            ("id,name\n1,Ana\n2,ส".encode()[:-1], "line 3: the file is cut off"),
            ('id,name\n1,Ana\n2,"Bo\n3,Cy\n', "line 3: a quote is opened here and never closed"),
            ("", "line 1: the file is empty"),
            ("\ufeff", "line 1: the file is empty"),
            ("name\nAna\n", "line 1: the header lacks the column 'id'"),
            ("ID,name\n1,Ana\n", "lacks the column 'id' (it has one that differs in capitals alone)"),
            ('"id";"name"\n1;Ana\n', 'the header is no CSV with the declared "," between its fields'),
            ("id;name\n1;Ana\n", """lacks the column 'id' (it has it between other marks: declare 'delimiter: ";"')"""),
            ("id\tname\n1\tAna\n", r"""declare 'delimiter: "\t"')"""),
            (gzip.compress(b"id,name\n1,Ana\n" * 100), "binary data"),
            ("id,name\n1,Ana\n".encode("utf-16-le"), "binary data or another encoding"),
            ("id,name\n1,Ana\n2,Bo\n".encode("utf-16")[:-1], "cut off in the middle of a character"),
        ],
    )
    def test_a_file_without_its_end_or_its_head_is_refused(self, tmp_path: Path, content: str | bytes, says: str):
        deliver(tmp_path, "people.csv", content)
        said = refusal(tmp_path, source_of(tmp_path))
        assert said.startswith(f"kiosk/{DAY}/people.csv, line ")
        assert says in said

    def test_an_open_quote_does_not_swallow_a_large_file(self, tmp_path: Path):
        deliver(tmp_path, "people.csv", 'id,name\n1,"Ana\n' + "2,Bo\n" * 50_000)
        assert "line 2: a quote is opened here" in refusal(tmp_path, source_of(tmp_path))

    def test_a_missing_last_line_end_can_be_declared(self, tmp_path: Path):
        deliver(tmp_path, "people.csv", "id,name\n1,Ana")
        assert len(rows(tmp_path, source_of(tmp_path, final_newline=False))) == 1
        deliver(tmp_path, "people.csv", "id,name\n1,Ana\n2")
        assert "line 3: the file is cut off in the middle of a row" in refusal(tmp_path, source_of(tmp_path, final_newline=False))

    def test_spaces_after_the_delimiter_belong_to_no_value_where_it_is_declared(self, tmp_path: Path):
        deliver(tmp_path, "people.csv", 'id, name\n1, "Cruz, Ana"\n')
        (row,) = rows(tmp_path, source_of(tmp_path, space_after_delimiter=True))
        assert row.raw == {"id": "1", "name": "Cruz, Ana"}
        assert problems(tmp_path, source_of(tmp_path)) == [(2, "wrong_field_count", '1, "Cruz, Ana"')]

    def test_a_required_column_is_required(self, tmp_path: Path):
        deliver(tmp_path, "people.csv", "id,name\n1,Ana\n")
        assert "lacks the column 'tel'" in refusal(tmp_path, source_of(tmp_path, required=["tel"]))


PARQUET = {"format": "parquet", "files": [{"pattern": "{date:%Y-%m-%d}/people.parquet"}]}


def table(**columns) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


class TestParquet:
    def test_values_come_as_a_text_export_would_have_them(self, tmp_path: Path):
        born = [datetime.fromisoformat("1990-05-17"), None]
        content = table(id=[7, 8], zip=[4011.0, None], share=[0.5, 1.0], born=born, day=[date(2026, 1, 2), None],
                        seen=[datetime.fromisoformat("2026-01-02T03:04"), None], debt=[Decimal("1.50"), None], code=[b"x", None],
                        mails=[["a@b.example"], []], name=["Ana", ""])  # fmt: skip
        deliver(tmp_path, "people.parquet", content)
        first, second = rows(tmp_path, source_of(tmp_path, **PARQUET))
        assert (first.position, second.position) == (1, 2)
        assert first.raw == {
            "id": 7, "zip": 4011, "share": 0.5, "born": "1990-05-17", "day": "2026-01-02", "seen": "2026-01-02T03:04:00",
            "debt": "1.50", "code": "x", "mails": ["a@b.example"], "name": "Ana",
        }  # fmt: skip
        assert {value for name, value in second.raw.items() if name not in ("id", "share", "mails", "name")} == {None}

    def test_its_hash_is_that_of_the_file(self, tmp_path: Path):
        content = table(id=[7], name=["Ana"])
        deliver(tmp_path, "people.parquet", content)
        (delivery,) = deliveries(tmp_path, source_of(tmp_path, **PARQUET))
        assert len(list(delivery)) == delivery.rows == 1
        assert delivery.sha256 == hashlib.sha256(content).hexdigest()

    def test_one_that_is_cut_off_or_none_is_refused(self, tmp_path: Path):
        for content in (table(id=[7], name=["Ana"])[:-7], b"id,name\n7,Ana\n", b""):
            deliver(tmp_path, "people.parquet", content)
            assert "line 1: is no Parquet file, or one cut off" in refusal(tmp_path, source_of(tmp_path, **PARQUET))

    def test_a_column_it_cannot_lack_is_named(self, tmp_path: Path):
        deliver(tmp_path, "people.parquet", table(name=["Ana"]))
        assert "lacks the column 'id'" in refusal(tmp_path, source_of(tmp_path, **PARQUET))


class TestJsonl:
    def test_a_line_that_is_no_object_is_a_problem_row(self, tmp_path: Path):
        deliver(tmp_path, "people.jsonl", b'{"id": 1}\n{"id": \n[1]\n{"n": NaN}\n{"id": "\xff"}\n\n{"id": 2}')
        source = source_of(tmp_path, **JSONL)
        assert problems(tmp_path, source) == [
            (2, "bad_json", '{"id": '),
            (3, "not_an_object", "[1]"),
            (4, "bad_json", '{"n": NaN}'),
            (5, "bad_encoding", r'{"id": "\xff"}'),
        ]
        assert [row.position for row in rows(tmp_path, source) if not row.problem] == [1, 7]

    @pytest.mark.parametrize("left", [1, 2])
    def test_a_last_line_cut_in_the_middle_of_a_character_refuses_the_file(self, tmp_path: Path, left: int):
        whole = '{"id": 1}\n{"id": 2, "name": "ส'.encode()
        deliver(tmp_path, "people.jsonl", whole[:-left])
        assert "people.jsonl, line 2: the file is cut off" in refusal(tmp_path, source_of(tmp_path, **JSONL))

    def test_a_last_line_cut_in_two_refuses_the_file(self, tmp_path: Path):
        deliver(tmp_path, "people.jsonl", '{"id": 1}\n{"id": 2, "na')
        assert "people.jsonl, line 2: the file is cut off in the middle of a record" in refusal(
            tmp_path, source_of(tmp_path, **JSONL)
        )

    def test_an_empty_file_is_an_empty_day(self, tmp_path: Path):
        deliver(tmp_path, "people.jsonl", "")
        assert rows(tmp_path, source_of(tmp_path, **JSONL)) == []

    def test_nesting_without_end_is_a_problem_row_not_a_crash(self, tmp_path: Path):
        deliver(tmp_path, "people.jsonl", "[" * 100_000 + "\n" + '{"id": 1}\n')
        assert [row.problem for row in rows(tmp_path, source_of(tmp_path, **JSONL))] == ["bad_json", None]

    def test_half_an_emoji_does_not_make_a_record_unstorable(self, tmp_path: Path):
        deliver(tmp_path, "people.jsonl", '{"id": 1, "name": "Ana \\ud83d", "ok": "\\ud83d\\ude42"}\n')
        (row,) = rows(tmp_path, source_of(tmp_path, **JSONL))
        assert row.raw == {"id": 1, "name": "Ana ?", "ok": "🙂"}

    def test_children_fold_into_the_parent_before_them(self, tmp_path: Path):
        lines = [
            {"id": "a"},
            {"sku": 1, "__parentId": "a"},
            {"sku": 2, "__parentId": "a"},
            {"id": "b"},
            {"sku": 3, "__parentId": "a"},
            {"sku": 4, "__parentId": "b"},
        ]
        deliver(tmp_path, "people.jsonl", '{"sku": 0, "__parentId": "a"}\n' + "".join(json.dumps(line) + "\n" for line in lines))
        source = source_of(tmp_path, **JSONL, fold={"child": "__parentId", "parent": "id", "into": "items"})
        read = [(row.position, row.problem, [item["sku"] for item in row.raw.get("items", [])]) for row in rows(tmp_path, source)]
        assert read == [(1, "orphan_child", []), (2, None, [1, 2]), (6, "orphan_child", []), (5, None, [4])]


class TestJson:
    def test_items_of_a_side_list_go_into_their_record_wherever_the_list_stands(self, tmp_path: Path):
        users = [{"id": 1}, {"id": 2}]
        mails = [{"user": 2, "v": "b"}, {"user": 1, "v": "a"}, {"user": 2, "v": "c"}, {"user": 9, "v": "z"}]
        source = source_of(tmp_path, **JSON, embed=[{"list": "mails", "child": "user", "parent": "id"}])
        for document in ({"users": users, "mails": mails}, {"mails": mails, "users": users}):
            deliver(tmp_path, "people.json", json.dumps(document))
            read = rows(tmp_path, source)
            assert [[mail["v"] for mail in row.raw.get("mails", [])] for row in read] == [["a"], ["b", "c"], []]
            assert [(row.position, row.problem) for row in read] == [(1, None), (2, None), (3, "orphan_child")]

    def test_a_document_without_the_side_list_is_read_all_the_same(self, tmp_path: Path):
        deliver(tmp_path, "people.json", '{"users": [{"id": 1}]}')
        source = source_of(tmp_path, **JSON, embed=[{"list": "mails", "child": "user", "parent": "id"}])
        assert [row.raw for row in rows(tmp_path, source)] == [{"id": 1}]

    def test_an_element_that_is_no_object_is_a_problem_row(self, tmp_path: Path):
        deliver(tmp_path, "people.json", '{"users": [{"id": 1}, null, [2], "x", {"id": 2}]}')
        assert problems(tmp_path, source_of(tmp_path, **JSON)) == [
            (2, "not_an_object", "null"),
            (3, "not_an_object", "[2]"),
            (4, "not_an_object", '"x"'),
        ]

    def test_an_item_without_an_owner_is_nobodys(self, tmp_path: Path):
        deliver(tmp_path, "people.json", '{"users": [{"name": "Ana"}], "mails": [{"value": "b@x.example"}]}')
        source = source_of(tmp_path, **JSON, embed=[{"list": "mails", "child": "user", "parent": "id"}])
        ana, orphan = rows(tmp_path, source)
        assert "mails" not in ana.raw
        assert orphan.problem == "orphan_child"

    def test_no_records_are_an_empty_day(self, tmp_path: Path):
        deliver(tmp_path, "people.json", '{"users": [], "count": 0}')
        assert rows(tmp_path, source_of(tmp_path, **JSON)) == []

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
    def test_a_document_may_be_in_another_encoding(self, tmp_path: Path, encoding: str):
        deliver(tmp_path, "people.json", '{"users": [{"id": "渡"}]}'.encode(encoding))
        assert [row.raw for row in rows(tmp_path, source_of(tmp_path, **JSON))] == [{"id": "渡"}]

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            ('{"users": [{"id": 1},\n{"id"', "line 2: the document is cut off"),
            ('{"users": [{"id": 1}], "count": 1', "line 1: the document is cut off"),
            ("", "line 1: the document is cut off"),
            ('{"users": [{"id": secret@example.com}]}', "line 1: is no JSON"),
            ('{"error": "try later"}', "line 1: the document has no list 'users'"),
            ('{"users": {"id": 1}}', "line 1: the document has no list 'users'"),
            (b'{"users": [{"id": "\xff"}]}', "line 1: is no utf-8 text"),
            ('{"users": [{"id": "\\udc00"}]}', "line 1: holds half a character"),
            ('{"users": [{"id": 12345678901234567890}]}', "line 1: holds a number too large"),
            ('{"users": [{"id": 1e999}]}', "line 1: holds a number too large"),
        ],
    )
    def test_a_document_that_cannot_be_read_to_its_end_is_refused(self, tmp_path: Path, content: str | bytes, says: str):
        deliver(tmp_path, "people.json", content)
        said = refusal(tmp_path, source_of(tmp_path, **JSON))
        assert f"people.json, {says}" in said
        assert "secret" not in said

    @pytest.mark.parametrize("where", ['{"users": [{"id": 1, "x": %s}]}', '{"users": [], "x": %s}', '{"x": %s, "users": []}'])
    @pytest.mark.parametrize("deep", ["[" * 30_000 + "]" * 30_000, '{"a":' * 30_000 + "1" + "}" * 30_000, "[" * 30_000])
    def test_a_document_of_nothing_but_brackets_is_refused_before_it_fills_the_memory(
        self, tmp_path: Path, where: str, deep: str
    ):
        deliver(tmp_path, "people.json", where % deep)
        tracemalloc.start()
        said = refusal(tmp_path, source_of(tmp_path, **JSON))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert "people.json, line 1: something is nested deeper than 200 levels" in said
        assert peak < 30_000_000

    @given(document=st.recursive(st.none() | st.integers(-9, 9) | st.text(), lambda of: st.lists(of) | st.dictionaries(
        st.sampled_from(["users", "data", "item", "a", ""]), of), max_leaves=12),
        path=st.sampled_from(["", "users", "data.users", "item", "data.item"]))  # fmt: skip
    def test_the_records_are_what_lies_in_the_list_at_the_path_and_nowhere_else(self, document: object, path: str):
        found: object = document
        for name in path.split(".") if path else []:
            found = found.get(name) if isinstance(found, dict) else None
        read = Text(io.BytesIO(json.dumps(document).encode()), "utf-8")
        assert list(_elements(read, path, required=False)) == (found if isinstance(found, list) else [])

    def test_a_refusal_shows_nothing_of_the_file_even_in_a_traceback(self, tmp_path: Path):
        deliver(tmp_path, "people.json", '{"users": [{"id": secret@example.com}]}')
        with pytest.raises(DeliveryRefused) as caught:
            rows(tmp_path, source_of(tmp_path, **JSON))
        assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("place", "says"),
    [
        (lambda path: path.mkdir(), "is a folder and no file"),
        (lambda path: path.symlink_to(path), "is a link that leads to itself"),
        (lambda path: path.symlink_to(path.parent / "gone"), "was listed and is not there"),
    ],
)
def test_what_is_no_file_is_named_and_awaited(tmp_path: Path, place, says: str):
    path = deliver(tmp_path, "people.csv", "")
    path.unlink()
    place(path)
    with pytest.raises(SourceUnavailable, match=rf"kiosk/{DAY}/people\.csv {says}"):
        rows(tmp_path, source_of(tmp_path))


WEB_PAGE = b"<!DOCTYPE html>\n<html><body>Sign in</body></html>\n"


@pytest.mark.parametrize(
    "page", [WEB_PAGE, b"\xef\xbb\xbf\r\n<html>\n", b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>"]
)
@pytest.mark.parametrize("form", ["csv", "jsonl", "json", "xlsx", "parquet"])
def test_a_page_to_sign_in_saved_in_place_of_the_export_is_told_as_one(tmp_path: Path, form: str, page: bytes):
    deliver(tmp_path, f"people.{form}", page)
    files = [{"pattern": f"{{date:%Y-%m-%d}}/people.{form}"}]
    said = refusal(tmp_path, source_of(tmp_path, files=files, format=form, **({"records": "users"} if form == "json" else {})))
    assert said.startswith(f"kiosk/{DAY}/people.{form}, line 1: is a web page or XML, such as one to sign in or of an error")


def test_a_file_nobody_gave_the_right_to_read_is_named(tmp_path: Path):
    source = source_of(tmp_path)
    with tempfile.TemporaryDirectory() as folder, as_a_user_without_privileges(Path(folder)):
        deliver(Path(folder), "people.csv", "id,name\n1,Ana\n").chmod(0)
        with pytest.raises(SourceUnavailable, match=rf"kiosk/{DAY}/people\.csv may not be read by the account"):
            rows(Path(folder), source)


@contextmanager
def as_a_user_without_privileges(folder: Path) -> Iterator[None]:
    """Nothing is forbidden to root: then as another user, to whom the folder belongs."""
    if os.geteuid() != 0:
        yield
        return
    os.chown(folder, 65534, 65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


class TestWindow:
    def test_it_takes_the_days_from_start_to_before_end_in_order(self, tmp_path: Path):
        for day in ("2026-08-04", "2026-08-02", "2026-08-03", "2026-08-05"):
            deliver(tmp_path, "people.csv", f"id,name\n{day},x\n", day=day)
        found = deliveries(tmp_path, source_of(tmp_path), Window.parse("2026-08-02T12:00", "2026-08-05"))
        assert [delivery.delivered_on for delivery in found] == [date(2026, 8, 3), date(2026, 8, 4)]

    def test_a_missing_day_is_awaited_before_anything_is_given(self, tmp_path: Path):
        deliver(tmp_path, "people.csv", "id,name\n")
        with pytest.raises(SourceUnavailable, match=r"kiosk/2026-08-04/people\.csv is not there"):
            deliveries(tmp_path, source_of(tmp_path), Window.parse(DAY, "2026-08-05"))

    def test_a_missing_root_is_named(self, tmp_path: Path):
        with pytest.raises(SourceUnavailable, match="exports does not exist"):
            deliveries(tmp_path, source_of(tmp_path))

    def test_an_optional_file_is_not_awaited(self, tmp_path: Path):
        (tmp_path / "exports").mkdir()
        files = [{"pattern": "{date:%Y-%m-%d}/people.csv", "optional": True}]
        assert deliveries(tmp_path, source_of(tmp_path, files=files)) == []

    def test_a_file_without_a_date_is_taken_once_as_of_the_last_day(self, tmp_path: Path):
        source = source_of(tmp_path, files=[{"pattern": "people.csv", "mode": "snapshot"}])
        deliver(tmp_path, "people.csv", "id,name\n1,Bo\n")  # in a day's folder, where this source delivers nothing
        with pytest.raises(SourceUnavailable, match=r"kiosk/people\.csv is not there \(yet\)"):
            deliveries(tmp_path, source)
        deliver(tmp_path, "../people.csv", "id,name\n1,Ana\n")
        (delivery,) = deliveries(tmp_path, source, Window.parse("2026-08-01", "2026-08-04"))
        assert (delivery.file, delivery.delivered_on, delivery.mode) == ("kiosk/people.csv", date(2026, 8, 3), "snapshot")

    def test_every_scope_delivers_changes_or_a_snapshot(self, tmp_path: Path):
        files = [
            {"pattern": "{date:%Y-%m-%d}/p_{scope}.csv"},
            {"pattern": "{date:%Y-%m-%d}/p_{scope}.full.csv", "mode": "snapshot"},
        ]
        source = source_of(tmp_path, {"scopes": {"B2": SHOP, "A1": SHOP}}, files=files)
        deliver(tmp_path, "p_B2.csv", "id,name\n")
        with pytest.raises(SourceUnavailable, match=f"kiosk/{DAY}/p_A1.csv is not there"):
            deliveries(tmp_path, source)
        deliver(tmp_path, "p_A1.full.csv", "id,name\n")
        assert [(d.scope, d.mode) for d in deliveries(tmp_path, source)] == [("A1", "snapshot"), ("B2", "changes")]
        deliver(tmp_path, "p_C3.csv", "id,name\n")
        with pytest.raises(DeliveryRefused, match=r"p_C3.csv: no scope of this name is declared.*B2, A1"):
            deliveries(tmp_path, source)


class TestSentAgain:
    def test_the_last_complete_copy_stands(self, tmp_path: Path):
        deliver(tmp_path, "people.csv", "id,name\n1,old\n")
        deliver(tmp_path, "people.r2.csv", "id,name\n1,new\n")
        deliver(tmp_path, "people.r10.csv", "id,name\n1,ne")
        found = deliveries(tmp_path, source_of(tmp_path))
        assert [(d.file.rsplit("/", 1)[1], d.refused is None, [r.raw["name"] for r in d]) for d in found] == [
            ("people.csv", False, []),
            ("people.r2.csv", True, ["new"]),
            ("people.r10.csv", False, []),
        ]
        assert found[0].refused == "sent again as people.r2.csv"
        assert found[2].refused.startswith("line 2: the file is cut off")
        assert all(delivery.sha256 for delivery in found)

    def test_without_a_complete_copy_the_delivery_is_refused(self, tmp_path: Path):
        deliver(tmp_path, "people.csv", "id,name\n1,A")
        deliver(tmp_path, "people.r2.csv", "id,name\n1,An")
        with pytest.raises(DeliveryRefused, match=r"people.r2.csv, line 2: the file is cut off.*No copy of it is whole"):
            deliveries(tmp_path, source_of(tmp_path))


class Endless(io.RawIOBase):
    """A file of a given number of records, made while it is read."""

    def __init__(self, head: bytes, record: bytes, count: int, tail: bytes) -> None:
        self.blocks = iter([head, *[record] * count, tail])
        self.rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:
        while len(self.rest) < len(buffer) and (block := next(self.blocks, b"")):
            self.rest += block
        data, self.rest = self.rest[: len(buffer)], self.rest[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)


@pytest.mark.parametrize("form", ["csv", "jsonl", "json"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, form: str):
    word = b"x" * 1000
    made = {
        "csv": ({}, b"id,name\n", b"1," + word + b"\n", b""),
        "jsonl": (JSONL, b"", b'{"id": 1, "name": "' + word + b'"}\n', b""),
        "json": (JSON, b'{"users": [', b'{"id": 1, "name": "' + word + b'"},', b'{"id": 1}]}'),
    }
    changes, head, record, tail = made[form]
    source = source_of(tmp_path, **changes)

    class Opened:
        def open(self, _: str) -> Endless:
            return Endless(head, record, 20_000, tail)

    delivery = FileDelivery("f", date(2026, 8, 3), "changes", None, source.streams["people"], Opened())
    next(iter(delivery))  # what is imported on first use is not the file's
    tracemalloc.start()
    count = sum(1 for _ in delivery)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count >= 20_000
    assert peak < 4_000_000  # of a file of 20 MB


def test_the_hash_is_of_the_file_as_delivered(tmp_path: Path):
    content = "\ufeffid,name\r\n1,Ana\r\n".encode()
    deliver(tmp_path, "people.csv", content)
    (delivery,) = deliveries(tmp_path, source_of(tmp_path))
    list(delivery)
    assert delivery.sha256 == hashlib.sha256(content).hexdigest()
