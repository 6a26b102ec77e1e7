"""Packed files, workbooks, files that do not say how they are written, files that are marked when they are whole."""

import gzip
import hashlib
import io
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest

from include.errors import DeclarationError, DeliveryRefused, SourceUnavailable
from include.sources.readers import packed, text
from tests.unit.sources.factory import DAY, deliver, deliveries, rows, source_of

CONTENT = "id,name\n1,Ana\n2,渡辺 健\n".encode()


def _zip(content: bytes, *more: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("people.csv", *more):
            archive.writestr(name, content)
    return file.getvalue()


PACK = {"gz": gzip.compress, "zst": lambda content: pa.compress(content, codec="zstd", asbytes=True), "zip": _zip}


def named(ending: str, **changes):
    return {"files": [{"pattern": f"{{date:%Y-%m-%d}}/people.{ending}", **changes}]}


def refusal(root: Path, source) -> str:
    with pytest.raises(DeliveryRefused) as caught:
        rows(root, source)
    return str(caught.value)


@pytest.mark.parametrize("packing", PACK)
class TestPacked:
    def test_it_reads_as_what_is_inside_and_is_hashed_as_delivered(self, tmp_path: Path, packing: str):
        path = deliver(tmp_path, f"people.csv.{packing}", PACK[packing](CONTENT))
        source = source_of(tmp_path, **named(f"csv.{packing}"))
        (delivery,) = deliveries(tmp_path, source)
        assert [(row.position, row.raw["name"]) for row in delivery] == [(2, "Ana"), (3, "渡辺 健")]
        assert delivery.rows == 2
        assert delivery.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()

    def test_every_format_of_text_may_be_packed(self, tmp_path: Path, packing: str):
        deliver(tmp_path, f"people.json.{packing}", PACK[packing](b'{"users": [{"id": 1}], "mails": [{"user": 1, "v": "a"}]}'))
        embed = [{"list": "mails", "child": "user", "parent": "id"}]
        source = source_of(tmp_path, **named(f"json.{packing}"), format="json", records="users", embed=embed)
        assert [row.raw["mails"][0]["v"] for row in rows(tmp_path, source)] == ["a"]

    def test_one_cut_off_is_refused_and_a_whole_copy_takes_its_place(self, tmp_path: Path, packing: str):
        whole = PACK[packing](CONTENT * 50)
        deliver(tmp_path, f"people.csv.{packing}", whole[:-9])
        source = source_of(tmp_path, **named(f"csv.{packing}"))
        assert "cut off" in refusal(tmp_path, source)
        deliver(tmp_path, f"people.r2.csv.{packing}", PACK[packing](CONTENT))
        assert [d.file for d in deliveries(tmp_path, source) if not d.refused] == [f"kiosk/{DAY}/people.r2.csv.{packing}"]

    def test_what_is_not_packed_at_all_is_refused(self, tmp_path: Path, packing: str):
        deliver(tmp_path, f"people.csv.{packing}", CONTENT)
        assert f"is no {packing} file" in refusal(tmp_path, source_of(tmp_path, **named(f"csv.{packing}")))

    def test_what_unpacks_without_end_is_refused_before_it_fills_anything(self, tmp_path: Path, packing: str, monkeypatch):
        monkeypatch.setattr(packed, "FREE_BYTES", 1 << 20)
        deliver(tmp_path, f"people.csv.{packing}", PACK[packing](b"id,name\n" + (b"1," + b"a" * 4000 + b"\n") * 4000))
        assert "unpacks to more than 300 times its size" in refusal(tmp_path, source_of(tmp_path, **named(f"csv.{packing}")))


def test_a_zip_of_several_files_is_refused_and_the_clutter_of_a_mac_is_not(tmp_path: Path):
    source = source_of(tmp_path, **named("csv.zip"))
    deliver(tmp_path, "people.csv.zip", _zip(CONTENT, "__MACOSX/._people.csv"))
    assert len(rows(tmp_path, source)) == 2
    deliver(tmp_path, "people.csv.zip", _zip(CONTENT, "ana_cruz.csv"))
    assert "holds 2 files" in (said := refusal(tmp_path, source))
    assert "ana" not in said


def test_a_line_without_end_is_refused(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(text, "LONGEST_LINE", 1 << 20)
    deliver(tmp_path, "people.csv", b"id,name\n" + b"a" * (2 << 20))
    assert "line 2: a line is longer" in refusal(tmp_path, source_of(tmp_path))


class TestDetected:
    @pytest.mark.parametrize(
        ("encoding", "names"),
        [
            ("utf-8", ["Müller", "渡辺 健", "Ana"]),
            ("utf-8-sig", ["Müller"]),
            ("utf-16", ["渡辺 健"]),
            ("utf-16-le", ["Müller", "Ana"]),
            ("cp1252", ["Jürgen Müller", "Jörg Gößling", "Björn Größer", "Käthe Schäfer"]),
            ("cp1251", ["Анна Петрова", "Сергей Иванов", "Ольга Смирнова", "Дмитрий Кузнецов", "Наталья Попова"]),
            ("cp932", ["渡辺 健", "佐藤 花子", "鈴木 一郎", "高橋 さくら", "田中 太郎", "コバヤシ ユイ"]),
            ("gb18030", ["王小明", "李娜", "张伟", "刘洋", "陈静", "杨丽", "赵军", "黄敏", "周杰", "吴艳"]),
        ],
    )
    def test_the_encoding_is_seen_and_said(self, tmp_path: Path, encoding: str, names: list[str]):
        lines = "".join(f"{n},{name}\n" for n, name in enumerate(names))
        deliver(tmp_path, "people.csv", ("id,name\n" + "9,Bo\n" * 5000 + lines).encode(encoding))
        (delivery,) = deliveries(tmp_path, source_of(tmp_path, encoding="detect"))
        assert [row.raw["name"] for row in delivery][5000:] == names
        assert delivery.read_as

    def test_a_spoilt_row_does_not_make_a_file_of_utf8_another_one(self, tmp_path: Path):
        deliver(tmp_path, "people.csv", "id,name\n1,Müller\n".encode() + b"2,M\xfcller\n")
        read = rows(tmp_path, source_of(tmp_path, encoding="detect"))
        assert [(row.problem, row.raw.get("name")) for row in read] == [(None, "Müller"), ("bad_encoding", None)]

    @pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
    def test_the_mark_between_fields_is_seen_and_said(self, tmp_path: Path, mark: str):
        deliver(tmp_path, "people.csv", f'id{mark}"name"{mark}"of, what; it|is"\n1{mark}Ana{mark}x\n')
        (delivery,) = deliveries(tmp_path, source_of(tmp_path, delimiter="detect"))
        assert [row.raw for row in delivery] == [{"id": "1", "name": "Ana", "of, what; it|is": "x"}]
        assert delivery.read_as.endswith("between fields")

    def test_the_declared_columns_tell_not_the_number_of_marks(self, tmp_path: Path):
        deliver(tmp_path, "people.csv", "id;name;a, b, c, d, e\n1;Ana;x\n")
        (row,) = rows(tmp_path, source_of(tmp_path, delimiter="detect"))
        assert row.raw["name"] == "Ana"

    def test_a_file_read_as_declared_has_nothing_to_say(self, tmp_path: Path):
        deliver(tmp_path, "people.csv", CONTENT)
        (delivery,) = deliveries(tmp_path, source_of(tmp_path))
        list(delivery)
        assert delivery.read_as == ""


def workbook(*rows: list, title: str = "People", more: str | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    if more:
        book.create_sheet(more, 0).append(["nothing", "here"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


XLSX = {"format": "xlsx", **named("xlsx")}


class TestWorkbook:
    def test_cells_read_as_an_export_of_the_sheet_would_have_them(self, tmp_path: Path):
        cells = [1, "Ana", 9171234567.0, 0.5, date(1990, 5, 1), datetime.fromisoformat("2026-08-03T09:30"), True, None, "#N/A"]
        header = ["id", "name", "tel", "share", "born", "at", "yes", "none", "wrong"]
        deliver(tmp_path, "people.xlsx", workbook(header, cells))
        (row,) = rows(tmp_path, source_of(tmp_path, **XLSX))
        assert dict(row.raw) == dict(
            zip(header, ["1", "Ana", "9171234567", "0.5", "1990-05-01", "2026-08-03T09:30:00", "true", None, None], strict=True)
        )

    def test_empty_rows_are_no_rows_and_positions_are_those_of_the_sheet(self, tmp_path: Path):
        deliver(tmp_path, "people.xlsx", workbook(["id", "name"], [None, None], ["1", "Ana"], ["2"], ["3", "Bo", "more"]))
        read = rows(tmp_path, source_of(tmp_path, **XLSX))
        assert [(row.position, row.problem) for row in read] == [(3, None), (4, None), (5, "wrong_field_count")]
        assert read[1].raw == {"id": "2", "name": None}

    def test_the_declared_sheet_is_read(self, tmp_path: Path):
        deliver(tmp_path, "people.xlsx", workbook(["id", "name"], ["1", "Ana"], more="Cover"))
        assert "lacks the column 'id'" in refusal(tmp_path, source_of(tmp_path, **XLSX))
        assert len(rows(tmp_path, source_of(tmp_path, **XLSX, sheet="People"))) == 1
        assert "has no sheet 'Leute'" in refusal(tmp_path, source_of(tmp_path, **XLSX, sheet="Leute"))

    @pytest.mark.parametrize("content", [b"", b"id,name\n1,Ana\n", workbook(["id"], ["1"])[:-40], _zip(CONTENT)])
    def test_what_is_no_workbook_is_refused(self, tmp_path: Path, content: bytes):
        deliver(tmp_path, "people.xlsx", content)
        assert "is no XLSX workbook, or one cut off" in refusal(tmp_path, source_of(tmp_path, **XLSX))

    def test_one_that_unpacks_without_end_is_refused(self, tmp_path: Path, monkeypatch):
        monkeypatch.setattr("include.sources.readers.spreadsheet.FREE_BYTES", 0)
        monkeypatch.setattr("include.sources.readers.spreadsheet.MOST_TIMES", 1)
        deliver(tmp_path, "people.xlsx", workbook(["id", "name"], *[["1", "Ana"]] * 500))
        assert "unpacks to more than" in refusal(tmp_path, source_of(tmp_path, **XLSX))

    def test_an_empty_sheet_is_refused(self, tmp_path: Path):
        deliver(tmp_path, "people.xlsx", workbook())
        assert "not even a header" in refusal(tmp_path, source_of(tmp_path, **XLSX))


class TestDoneMarkers:
    @pytest.mark.parametrize(("done", "marker"), [("_SUCCESS", "_SUCCESS"), ("{file}.done", "people.csv.done")])
    def test_a_file_counts_once_it_is_marked(self, tmp_path: Path, done: str, marker: str):
        source = source_of(tmp_path, **named("csv", done=done))
        deliver(tmp_path, "people.csv", CONTENT)
        with pytest.raises(SourceUnavailable, match=rf"people\.csv, or not the file that marks it done .*{done}"):
            rows(tmp_path, source)
        deliver(tmp_path, marker, b"")
        assert len(rows(tmp_path, source)) == 2

    def test_a_copy_without_its_marker_is_still_on_its_way(self, tmp_path: Path):
        for name in ("people.csv", "people.csv.done"):
            deliver(tmp_path, name, CONTENT)
        deliver(tmp_path, "people.r2.csv", b"id,na")
        assert len(rows(tmp_path, source_of(tmp_path, **named("csv", done="{file}.done")))) == 2


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"delimiter": ";;"}, r"delimiter: must be one character. Valid: detect"),
        ({"encoding": "klingon"}, "encoding: is no encoding Python knows. Valid: detect"),
        ({"sheet": "A"}, "sheet: is only for format xlsx"),
        (named("csv", done="x/{file}"), "files.0.done: must be the name of a file beside it"),
        (named("csv", done="{day}.done"), "files.0.done: must be the name of a file beside it"),
        ({"format": "parquet", **named("parquet.gz")}, "files.0.pattern: a file of format parquet is packed already"),
    ],
)
def test_a_wrong_declaration_is_said(tmp_path: Path, changes: dict, says: str):
    with pytest.raises(DeclarationError, match=says):
        source_of(tmp_path, **changes)
