"""``suki new-source``: an export in any language becomes a folder that works; what is not sure is left, and no value gets out."""

import gzip
import io
import json
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from include.sources import discovery
from include.sources.discovery import load
from suki import cli
from suki.proposing import looks
from suki.proposing.names import read_name
from suki.proposing.proposal import propose
from tests.api_servers.running import Server
from tests.contract.test_sources import Delivered, Kept
from tests.unit.sources.factory import plain
from tests.unit.suki.proposing_world import exports, proposal_of, result_of, taken_for, taken_of_events

FIELDS = ["Kundennummer", "Anrede", "Name", "E-Mail", "Mobil", "Ort", "Geburtsdatum", "Newsletter", "Umsatz", "Xyzzy"]
CELLS = [
    ["10001", "Frau", "Wiebke Ohlsen", "wiebke@ohlsen.example", "0171 2345678", "Husum", "17.05.1984", "ja", "12,50", "q"],
    ["10002", "Herr", "Tjark Petersen", "tjark@web.de", "", "Kiel", "", "nein", "0,00", ""],
    ["10003", "Frau", "Gesche Lüders", "", "0151-9876543", "Flensburg", "03.11.1971", "ja", "3,99", "w"],
]
ROWS = [dict(zip(FIELDS, cells, strict=True)) for cells in CELLS]
PERSONS = [word for cells in CELLS for cell in (*cells[2:6], cells[6]) for word in cell.split()]


def csv_text(mark: str = ";") -> str:
    return "".join(mark.join(row) + "\n" for row in [list(ROWS[0]), *(list(row.values()) for row in ROWS)])


def workbook(*above: list[str], sheets: tuple[str, ...] = ("Kunden",)) -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    book.active.title = sheets[0]
    for name in sheets[1:]:
        book.create_sheet(name)
    for row in [*above, list(ROWS[0]), *(list(row.values()) for row in ROWS)]:
        book.worksheets[-1].append(row)
    if len(sheets) > 1:
        book.active.append(["How to read this book"])
    book.save(buffer)
    return buffer.getvalue()


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name in names:
            file.writestr(name, "id,name\n1,A\n")
    return buffer.getvalue()


def parquet() -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(ROWS), buffer)
    return buffer.getvalue()


FILES = {
    "kunden.csv": csv_text().encode("cp1252"),
    "kunden.tsv": csv_text("\t").encode("utf-16"),
    "kunden.csv.gz": gzip.compress(csv_text(",").replace("12,50", "12.50").replace("0,00", "0").replace("3,99", "4").encode()),
    "kunden.jsonl": "".join(json.dumps(row) + "\n" for row in ROWS).encode(),
    "kunden.json": json.dumps({"page": {"customers": ROWS}, "total": 3}).encode(),
    "kunden.xlsx": workbook(),
    "kunden.parquet": parquet(),
}


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of sources, and a platform that is not there."""
    root = tmp_path / "sources"
    root.mkdir()
    monkeypatch.setattr(discovery, "HERE", root)
    monkeypatch.setenv("SUKI_STATE", str(tmp_path / "none"))
    return root


def new_source(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = cli.main(["new-source", *arguments])
    shown = capsys.readouterr()
    return code, shown.out + shown.err


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_any_form_becomes_a_source_that_maps_its_sample(
    name: str, sources: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_bytes(FILES[name])
    code, told = new_source(capsys, "nord", "--from", str(tmp_path / name), "--country", "DE")
    assert code == 0, told
    source = load(sources / "nord")
    stream = source.streams["kunden"]
    assert stream.key.path == "Kundennummer"
    assert {field: mapping.paths() for field, mapping in stream.map.items()} == {
        "title": ["Anrede"], "full_name": ["Name"], "emails": ["E-Mail"], "phones": ["Mobil"], "city": ["Ort"],
        "birth_date": ["Geburtsdatum"], "email_consent": ["Newsletter"],
    }  # fmt: skip
    assert (stream.ignore, stream.date_order) == (("Umsatz",), "dmy")
    delivered = Delivered(source, stream, tmp_path / "exports")
    assert delivered.landed()["problem"].isna().all()
    expected = (source.folder / "expected" / "kunden.jsonl").read_text(encoding="utf-8").splitlines()
    assert plain(delivered.mapped()) == [json.loads(line) for line in expected]
    assert len(expected) == len({json.loads(line)["record_id"] for line in expected}) == 3


def test_a_table_of_a_connection_becomes_a_source_too(
    sources: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "crm.db"
    with closing(sqlite3.connect(file)) as database:
        database.execute(
            'CREATE TABLE klient (id_klienta INTEGER PRIMARY KEY, "imię" TEXT, nazwisko TEXT, email TEXT, zmieniono TEXT)'
        )
        database.execute("INSERT INTO klient VALUES (7, 'Zofia', 'Zając', 'zofia@wp.pl', '2026-01-02T10:00:00')")
        database.execute("INSERT INTO klient VALUES (9, 'Adam', 'Wilk', NULL, '2026-01-03T10:00:00')")
        database.commit()
    monkeypatch.setenv("AIRFLOW_CONN_SUKI_CRM", json.dumps({"conn_type": "sqlite", "host": str(file)}))
    code, told = new_source(capsys, "crm", "--from", "suki_crm", "--table", "klient")
    assert code == 0, told
    assert "Zofia" not in told
    source = load(sources / "crm")
    stream = source.streams["klient"]
    assert (source.connection, stream.table.name, stream.table.key, stream.key.path) == (
        "suki_crm",
        "klient",
        "id_klienta",
        "id_klienta",
    )
    assert {field: mapping.paths() for field, mapping in stream.map.items()} == {
        "given_name": ["imię"], "family_name": ["nazwisko"], "emails": ["email"],
    }  # fmt: skip
    expected = (source.folder / "expected" / "klient.jsonl").read_text(encoding="utf-8").splitlines()
    assert plain(Kept(source, stream, tmp_path / "exports").mapped()) == [json.loads(line) for line in expected]
    assert len(expected) == 2
    code, told = new_source(capsys, "other", "--from", "suki_crm", "--table", "klienci")
    assert (code, "there is no table 'klienci' at suki_crm. Valid: klient." in told) == (1, True)


def test_an_answer_of_an_api_becomes_a_source_that_is_off_until_it_says_how_the_list_goes_on(
    sources: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [{"kundennummer": n, "name": {"vorname": v, "nachname": "Ohlsen"}, "email": f"{v}@ohlsen.example".lower()}
              for n, v in ((7, "Wiebke"), (8, "Tjark"), (9, "Gesche"))]  # fmt: skip
    with Server("pages", tmp_path) as server:
        monkeypatch.setenv("AIRFLOW_CONN_SUKI_DESK", json.dumps({"conn_type": "http", "host": server.url}))
        server.fails(*[{"body": json.dumps({"data": {"users": people}, "next": None})}] * 2)
        code, told = new_source(capsys, "desk", "--from", "suki_desk", "--path", "/v1/users?limit=3")
        server.fails({"body": json.dumps({"data": []})})
        empty = new_source(capsys, "other", "--from", "suki_desk", "--path", "/v1/users")
        assert server.asked[0]["path"].startswith("/v1/users")
    assert code == 0, told
    assert "Wiebke" not in told
    source = load(sources / "desk")
    stream = source.streams[next(iter(source.streams))]
    assert (source.enabled, source.connection, stream.request.records) == (False, "suki_desk", "data.users")
    assert (stream.request.path, stream.request.params) == ("/v1/users", {"limit": "3"})
    assert {field: mapping.paths() for field, mapping in stream.map.items()} == {
        "given_name": ["name.vorname"], "family_name": ["name.nachname"], "emails": ["email"],
    }  # fmt: skip
    assert stream.key.path == "kundennummer"
    assert len((source.folder / "expected" / f"{stream.name}.jsonl").read_text(encoding="utf-8").splitlines()) == 3
    assert (empty[0], "gives no list of records" in empty[1]) == (1, True)
    assert new_source(capsys, "other", "--from", "suki_desk", "--path", "users")[0] == 1


ORDERS = [
    {"order_id": n, "ordered_at": f"2026-05-0{n}T10:00:00Z", "customer_id": whose, "email": f"{whose}@ohlsen.example",
     "total": f"{n}2.50", "currency": "EUR", "coupon": "X"}
    for n, whose in ((1, "wiebke"), (2, "tjark"), (3, "wiebke"))
]  # fmt: skip


@pytest.fixture(params=["file", "table", "api"])
def orders(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The arguments that name these orders as a file, a table or an API's answer."""
    connection = {"conn_type": "sqlite", "host": str(tmp_path / "shop.db")}
    if request.param == "file":
        (tmp_path / "orders.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ORDERS), encoding="utf-8")
        yield [str(tmp_path / "orders.jsonl")]
    elif request.param == "table":
        with closing(sqlite3.connect(tmp_path / "shop.db")) as database:
            database.execute(f"CREATE TABLE orders (order_id INTEGER PRIMARY KEY, {', '.join(list(ORDERS[0])[1:])})")
            database.executemany(
                f"INSERT INTO orders VALUES ({', '.join('?' * len(ORDERS[0]))})", [[*r.values()] for r in ORDERS]
            )
            database.commit()
        monkeypatch.setenv("AIRFLOW_CONN_SUKI_SHOP", json.dumps(connection))
        yield ["suki_shop", "--table", "orders"]
    else:
        with Server("pages", tmp_path) as server:
            server.fails({"body": json.dumps({"orders": ORDERS})})
            connection = {"conn_type": "http", "host": server.url, "password": "any"}
            monkeypatch.setenv("AIRFLOW_CONN_SUKI_SHOP", json.dumps(connection))
            yield ["suki_shop", "--path", "/v1/orders"]


def test_rows_that_are_events_become_a_stream_of_them_and_one_of_the_people_in_them(
    orders: list[str], sources: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = new_source(capsys, "shop", "--from", *orders, "--stream", "orders")
    assert code == 0, told
    assert "wiebke" not in told
    source = load(sources / "shop")
    events, people = source.streams["orders"], source.streams["orders_customers"]
    assert (events.kind, events.customer_stream, events.constants) == (
        "interactions", "orders_customers", {"interaction_type": "order"},
    )  # fmt: skip
    assert {field: mapping.paths() for field, mapping in events.map.items()} == {
        "customer_key": ["customer_id"], "occurred_at": ["ordered_at"], "amount": ["total"], "currency": ["currency"],
    }  # fmt: skip
    assert (people.kind, people.key.path, people.repeats) == ("customers", "customer_id", True)
    assert {field: mapping.paths() for field, mapping in people.map.items()} == {"emails": ["email"]}
    told = (source.folder / "source.yml").read_text(encoding="utf-8")
    assert told.count("#   coupon: ") == 1, "what nobody is sure of is left to a person, once"
    expected = {
        name: [json.loads(line) for line in (source.folder / "expected" / f"{name}.jsonl").read_text("utf-8").splitlines()]
        for name in source.streams
    }
    assert [row["interaction_type"] for row in expected["orders"]] == ["order"] * 3
    known = {row["record_id"] for row in expected["orders_customers"]}
    assert {row["customer_key"] for row in expected["orders"]} <= known
    if source.connection is None:
        for name, stream in source.streams.items():
            assert plain(Delivered(source, stream, tmp_path / name).mapped()) == expected[name]


def test_what_is_said_to_be_events_and_shows_none_is_refused_in_a_sentence(
    sources: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "kunden.csv").write_text(csv_text(), encoding="utf-8")
    code, told = new_source(capsys, "nord", "--from", str(tmp_path / "kunden.csv"), "--kind", "interactions")
    assert (code, list(sources.iterdir())) == (1, [])
    assert "the rows show no events" in told


def test_no_value_of_a_person_is_printed_or_written(sources: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "kunden.csv").write_bytes(FILES["kunden.csv"])
    _, told = new_source(capsys, "nord", "--from", str(tmp_path / "kunden.csv"))
    written = "".join(file.read_bytes().decode("utf-8", "replace") for file in (sources / "nord").rglob("*") if file.is_file())
    assert not [value for value in PERSONS if value in told + written]
    assert "99.99.9999" in told


def test_what_is_not_sure_is_left_to_a_person_by_name_and_the_check_says_so(
    sources: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests import flow

    (tmp_path / "kunden.csv").write_bytes(FILES["kunden.csv"])
    _, told = new_source(capsys, "nord", "--from", str(tmp_path / "kunden.csv"))
    assert "1 left to you" in told
    assert "#   Xyzzy: its name is not known here" in (sources / "nord" / "source.yml").read_text(encoding="utf-8")
    shutil.copytree(sources / "nord" / "sample", tmp_path / "exports" / "nord")
    with flow.connections("postgresql://nobody@localhost/none", tmp_path / "exports", tmp_path / "lake"):
        assert cli.main(["sources", "check", "nord", "--day", "2026-08-03"]) == 1
    checked = capsys.readouterr().out
    assert "todo  nord: still undecided in source.yml: owner, contact, steward, purpose, channel" in checked
    assert "FAIL  nord.kunden: neither mapped nor ignored: X…. Map each, or name it under ignore." in checked


def test_a_new_folder_is_a_new_dag(sources: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from suki.ingest import ingest_dag

    (tmp_path / "kunden.csv").write_bytes(FILES["kunden.csv"])
    new_source(capsys, "nord", "--from", str(tmp_path / "kunden.csv"), "--owner", "crm")
    dag = ingest_dag(discovery.discover()["nord"])
    assert (dag.dag_id, dag.owner) == ("ingest_nord", "crm")


def test_the_same_file_gives_the_same_folder(sources: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "kunden.csv").write_bytes(FILES["kunden.csv"])
    contents = []
    for _ in range(2):
        new_source(capsys, "nord", "--from", str(tmp_path / "kunden.csv"))
        contents.append({file.name: file.read_bytes() for file in (sources / "nord").rglob("*") if file.is_file()})
        shutil.rmtree(sources / "nord")
    assert contents[0] == contents[1]


@pytest.mark.parametrize(
    ("name", "content", "arguments", "sentence"),
    [
        ("gone.csv", None, (), "there is no file"),
        ("empty.csv", b"", (), "not even a header"),
        ("header.csv", b"Name,Mail\n", (), "header.csv: has a header of 2 fields and no row"),
        ("blank.csv", b"  \n\n", (), "blank.csv: is blank: not even a header"),
        (
            "titled.csv",
            b"Customers 2026\nname,mail\nAnna Roth,a@b.de\n",
            (),
            "titled.csv: none of its 2 rows fits its first row, which has 1 field",
        ),
        ("excel.csv", b"sep=;\nname;mail\nAnna Roth;a@b.de\n", (), "excel.csv: begins with sep=, a note to a spreadsheet"),
        (
            "blanks.csv",
            b"Customers,,\nid,name,mail\n1,Anna Roth,a@b.de\n",
            (),
            "its first row names 1 of 3 fields: a title above the header?",
        ),
        ("cut.csv", b'name,mail\n"Anna Roth,a@b.de\n', (), "cut.csv, line 2: a quote is opened here and never closed"),
        ("cut.json", b'[{"name": "Anna Roth"}, {"na', (), "cut.json, line 1: the document is cut off"),
        ("bad.json", b"[1, 2", (), "bad.json: is JSON that is cut off or damaged"),
        ("lines.jsonl", b"[1]\n[2]\n", (), "lines.jsonl: holds no row that is an object"),
        ("bad.parquet", b"PAR1xxxx", (), "bad.parquet, line 1: is no Parquet file"),
        ("bad.xlsx", b"Anna Roth", (), "bad.xlsx: is no XLSX workbook"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), (), "old.xls: is an Excel workbook of before 2007"),
        ("list.pdf", b"%PDF-1.4 Roth", (), "list.pdf: is a PDF"),
        ("letter.rtf", b"{\\rtf1\\ansi Roth}", (), "letter.rtf: is a text document (RTF)"),
        ("two.zip", zipped("a.csv", "b.csv"), (), "the zip file holds 2 files, and one is expected"),
        ("list.ods", zipped("mimetype", "content.xml"), (), "list.ods: is an OpenDocument file"),
        ("titled.xlsx", workbook(["Customers"], []), (), "titled.xlsx: none of its 4 rows fits its first row, which has 1 field"),
        (
            "sheets.xlsx",
            workbook(sheets=("Read me", "Kunden")),
            (),
            "Its sheets: Read me, Kunden; the first was read, --sheet names another",
        ),
        (
            "sheets.xlsx",
            workbook(sheets=("Read me", "Kunden")),
            ("--sheet", "Kunde"),
            "has no sheet 'Kunde'. Valid: Read me, Kunden.",
        ),
        ("kunden.csv", FILES["kunden.csv"], ("--sheet", "Kunden"), "--sheet: is only for a workbook"),
        ("folder", "a folder", (), "is a folder. Valid: one file of it."),
        (
            "bare.csv",
            b"Anna Roth,anna@roth.de,030 1234567\nUwe Lang,uwe@lang.de,040 765432\n",
            (),
            "where the names of its fields",
        ),
        ("list.json", b'{"name": ["a", "b"], "more": {\n"x": 1}}', (), "is JSON without a list of records"),
        ("kunden.csv", FILES["kunden.csv"], ("--country", "Germany"), "must be a country's code of two capitals"),
        ("packed.csv", FILES["kunden.csv.gz"], (), "is packed as gz and not named so"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence_and_leaves_no_folder(
    name: str, content: bytes | str | None, arguments: tuple[str, ...], sentence: str, sources: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    if isinstance(content, bytes):
        (tmp_path / name).write_bytes(content)
    elif content:
        (tmp_path / name).mkdir()
    code, told = new_source(capsys, "nord", "--from", str(tmp_path / name), *arguments)
    assert code == 1
    assert sentence in told
    assert "Roth" not in told
    assert not (sources / "nord").exists()


def test_of_a_workbook_another_sheet_than_the_first_is_read_by_name(
    sources: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "buch.xlsx").write_bytes(workbook(sheets=("Read me", "Kunden")))
    code, told = new_source(capsys, "nord", "--from", str(tmp_path / "buch.xlsx"), "--sheet", "Kunden")
    assert code == 0, told
    source = load(sources / "nord")
    stream = source.streams["buch"]
    assert (stream.sheet, stream.key.path) == ("Kunden", "Kundennummer")
    delivered = Delivered(source, stream, tmp_path / "exports")
    assert delivered.landed()["problem"].isna().all()
    assert len(plain(delivered.mapped())) == 3


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("Nord Süd", (), "name: 'Nord Süd' cannot name a Dag. Valid: small letters, digits and _."),
        ("../nord", (), "name: '../nord' cannot name a Dag"),
        ("nord", ("--stream", "No Name"), "--stream: 'No Name' cannot name a stream. Valid: small letters, digits and _."),
        ("nord", ("--stream", "../kunden"), "--stream: '../kunden' cannot name a stream"),
        ("nord", ("--country", "Germany"), "must be a country's code of two capitals"),
        ("nord", ("--country", "XX"), "--country: 'XX' is no country. Valid: ISO 3166-1 codes, such as PH."),
        ("nord", ("--country", "UK"), "--country: 'UK' is no country. Valid: GB."),
    ],
)
def test_what_cannot_be_declared_is_refused_whether_it_is_to_be_written_or_not(
    name: str, arguments: tuple[str, ...], sentence: str, dry: tuple[str, ...], sources: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    (tmp_path / "kunden.csv").write_text(csv_text())
    code, told = new_source(capsys, name, "--from", str(tmp_path / "kunden.csv"), *arguments, *dry)
    assert (code, sentence in told) == (1, True), told
    assert not list(sources.rglob("*"))


def test_a_folder_that_is_there_is_left_alone(sources: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "kunden.csv").write_bytes(FILES["kunden.csv"])
    (sources / "nord").mkdir()
    code, told = new_source(capsys, "nord", "--from", str(tmp_path / "kunden.csv"))
    assert (code, list((sources / "nord").iterdir())) == (1, [])
    assert "include/sources has a folder nord" in told


LEAST = {
    "apart.yml": 0.95, "apart_again.yml": 0.95, "apart_third.yml": 0.95, "apart_fourth.yml": 0.95, "apart_fifth.yml": 0.94,
    "apart_sixth.yml": 0.92, "apart_seventh.yml": 0.95, "apart_eighth.yml": 0.95, "apart_ninth.yml": 0.94,
    "apart_tenth.yml": 0.95, "apart_eleventh.yml": 0.95, "events.yml": 0.95,
}  # fmt: skip
"""Of each batch the share that must be right."""


@pytest.mark.parametrize("batch", LEAST)
def test_of_exports_in_many_languages_most_fields_are_right_and_none_that_is_sure_is_wrong(batch: str) -> None:
    result = result_of(batch)
    assert result.wrong == []
    assert result.share >= LEAST[batch], result.left


def test_the_id_of_the_system_that_wrote_the_file_is_its_key_where_it_has_no_other() -> None:
    email = ("Email", ["a@b.de", "c@d.de", "e@f.de"])
    proposal = propose([("Klaviyo ID", ["01HX7", "01HX8", "01HX9"]), email])
    assert proposal.key is not None
    assert (proposal.key.name, proposal.key_confidence) == ("Klaviyo ID", 0.75)
    beside = propose([("Klaviyo ID", ["01HX7", "01HX8", "01HX9"]), ("Customer ID", ["7", "8", "9"]), email])
    assert beside.key is not None
    assert beside.key.name == "Customer ID"
    assert beside.mapping["external_ids"] == {"path": "Klaviyo ID", "prefix": "klaviyo:"}


def test_a_given_name_of_several_words_without_a_family_name_beside_it_is_left_to_a_person() -> None:
    whole = ("Jméno", ["Tereza Havlíková", "Ondřej Novotný", "Lucie Marešová"])
    ids = ("Číslo", ["1", "2", "3"])
    assert "given_name" not in propose([ids, whole]).mapping
    assert propose([ids, whole, ("Příjmení", ["H", "N", "M"])]).mapping["given_name"] == "Jméno"


@pytest.mark.parametrize(
    ("values", "taken"),
    [
        (["Nuria", "Jordi", "Laia"], False),
        (["Núria", "Mercè", "Laia"], False),
        (["Наталья", "Олег", "Ирина"], False),
        (["נועה", "איתי", "תמר"], False),
        (["김서연", "이도윤", "박지호"], True),  # whole names, written without a blank
        (["佐藤陽子", "鈴木一郎", "高橋健"], True),
    ],
)
def test_a_bare_name_of_single_words_is_no_whole_name_where_words_stand_apart(values: list[str], taken: bool) -> None:
    proposal = propose([("id", ["1", "2", "3"]), ("name", values), ("Qwxyz", ["Puig", "Casals", "Bosch"])])
    assert (proposal.mapping.get("full_name") == "name") is taken


@pytest.mark.parametrize(
    ("name", "ideas"),
    [
        ("מאשר דיוור במייל", {"consent", "newsletter", "email"}),  # by e-mail, in one word
        ("الموافقة على الرسائل النصية", {"consent", "sms"}),  # an article before each of two words that are one
        ("الموافقة بالبريد", {"consent", "email"}),
    ],
)
def test_the_small_words_that_arabic_and_hebrew_write_together_with_the_next_hide_it_not(name: str, ideas: set[str]) -> None:
    assert read_name(name).ideas == ideas


def test_values_that_contradict_a_name_leave_the_field_to_a_person() -> None:
    columns = [("Email", ["yes", "no", "yes"]), ("Phone", ["a@b.de", "c@d.de", "e@f.de"]), ("id", ["1", "2", "3"])]
    assert propose(columns).mapping == {}


def test_a_key_that_repeats_is_not_taken_for_sure() -> None:
    proposal = propose([("customer_id", ["1", "1", "2"]), ("email", ["a@b.de", "a@b.de", "c@d.de"])])
    assert proposal.key is not None
    assert (proposal.key.name, proposal.key_confidence) == ("customer_id", 0.5)


def test_a_second_address_is_ignored_by_name_and_never_mixed_with_the_first() -> None:
    columns = [
        (f"{whose}_{part}", [f"{part} {n}" for n in range(3)]) for whose in ("billing", "shipping") for part in ("street", "city")
    ]
    proposal = propose([("id", ["1", "2", "3"]), *columns])
    assert proposal.mapping == {"city": "shipping_city", "address_line": "shipping_street"}
    assert {column.name for column in proposal.ignored} == {"billing_street", "billing_city"}


@pytest.mark.parametrize(
    ("name", "ideas"),
    [
        ("Geburtsdatum", {"birth"}),
        ("custEmailAddr", {"customer", "email"}),
        ("会員番号", {"customer", "id"}),
        ("رقم الهاتف", {"phone"}),
        ("Straße_Hausnr", {"street", "house"}),
    ],
)
def test_a_name_is_cut_into_words_whatever_its_script(name: str, ideas: set[str]) -> None:
    assert read_name(name).ideas == ideas


def test_the_exports_of_these_tests_have_a_value_for_each_row() -> None:
    for batch in LEAST:
        for columns in exports(batch).values():
            assert len({len(values) for _, _, values in columns}) == 1
            assert (taken_of_events if batch.startswith("events") else lambda rows: taken_for(proposal_of(rows)))(columns)


@pytest.mark.parametrize("batch", [name for name in LEAST if not name.startswith("events")])
def test_an_export_of_customers_is_never_taken_for_events(batch: str) -> None:
    assert [export for export, columns in exports(batch).items() if taken_of_events(columns)] == []


IDS = ("id", [str(n) for n in range(30)])


@pytest.mark.parametrize(
    "name",
    [
        "Store Manager Email", "Referred by email", "E-Mail Verkäufer", "Courriel du conjoint", "Correo de emergencia",
        "E-mail do vendedor", "E-mail responsabile negozio", "E-mail kierownika", "Kasiyer e-posta", "Почта кассира",
        "بريد البائع", "מייל סוכן", "担当者メールアドレス", "추천인 이메일", "导购邮箱", "推薦人電郵", "Email nhân viên",
        "Email Sales", "อีเมลพนักงานขาย", "Company Email", "Zorblax email",
    ],
)  # fmt: skip
def test_an_address_that_is_perhaps_somebody_elses_is_left_to_a_person(name: str) -> None:
    own = ("Email", [f"anna{n}@web.example" for n in range(30)])
    proposal = propose([IDS, own, (name, [f"kim{n}@web.example" for n in range(30)])])
    assert proposal.mapping == {"emails": "Email"}
    assert name in {column.name for column in proposal.left}


def test_a_word_nobody_knows_is_forgiven_where_no_other_field_can_be_meant_and_each_value_is_a_customers_own() -> None:
    name = "Zorb email"
    assert propose([IDS, (name, [f"anna{n}@web.example" for n in range(30)])]).mapping == {"emails": name}
    assert propose([IDS, (name, [f"till{n % 3}@web.example" for n in range(30)])]).mapping == {}


def test_a_phone_number_that_comes_again_and_again_is_the_shops() -> None:
    assert propose([IDS, ("Phone", [f"+49 30 12345{n % 4}" for n in range(30)])]).mapping == {}
    assert "phones" in propose([IDS, ("Phone", [f"+49 30 1234{n:02}" for n in range(30)])]).mapping


@pytest.mark.parametrize(
    ("name", "days", "taken"),
    [
        ("Birthday", [f"19{60 + n * 7 % 40}-05-17" for n in range(30)], {"birth_date": "Birthday"}),
        ("วันเกิด", [f"17/05/{2503 + n * 7 % 40}" for n in range(30)], {"birth_date": "วันเกิด"}),
        ("Birthday", [f"20{20 + n // 8}-05-17" for n in range(30)], {}),
        ("Birthday", [f"{1960 + n}-05-17" for n in range(30)], {}),
        ("Created", [f"19{60 + n * 7 % 40}-05-17" for n in range(30)], {}),
        ("Tier updated", [f"20{20 + n // 8}-05-17" for n in range(30)], {}),
    ],
)
def test_dates_are_of_births_only_where_people_could_be_born_then(name: str, days: list[str], taken: dict[str, str]) -> None:
    proposal = propose([IDS, (name, days)])
    assert (proposal.mapping, proposal.updated_at) == (taken, None)


def test_a_title_is_a_form_of_address_and_no_job() -> None:
    assert propose([IDS, ("Title", ["Buyer", "Director", "Engineer"] * 10)]).mapping == {}
    assert propose([IDS, ("Title", ["Mrs.", "Mr", "Dr."] * 10)]).mapping == {"title": "Title"}


def test_of_two_fields_for_one_without_a_lead_neither_is_taken() -> None:
    days = [[f"20{20 + n // 8}-05-{day}" for n in range(30)] for day in (11, 17)]
    rivals = propose([IDS, ("Created on", days[0]), ("Registration date", days[1])])
    assert "first_seen_at" not in rivals.mapping
    assert propose([IDS, ("Created on", days[0]), ("First order date", days[1])]).mapping == {"first_seen_at": "Created on"}


def test_the_number_all_people_of_a_company_share_is_no_id_of_a_person() -> None:
    assert propose([IDS, ("VAT number", [f"DE{n:09}" for n in range(30)])]).mapping == {}


@pytest.mark.parametrize(
    ("name", "woman", "man"),
    [
        ("Sexo", "M", "H"),
        ("Sexe", "F", "H"),
        ("Płeć", "K", "M"),
        ("Cinsiyet", "K", "E"),
        ("Jenis kelamin", "P", "L"),
        ("Пол", "ж", "м"),
        ("Nem", "N", "F"),
        ("מין", "נ", "ז"),
    ],
)
def test_initials_of_genders_are_read_by_the_two_that_stand_together(name: str, woman: str, man: str) -> None:
    proposal = propose([("Id", [str(n) for n in range(6)]), (name, [woman, man, "", man, woman, woman])])
    assert proposal.mapping["gender"] == {"path": name, "values": {woman: "female", man: "male"}}


def test_an_initial_alone_is_read_as_it_mostly_is_meant() -> None:
    proposal = propose([("Id", ["1", "2", "3"]), ("Sex", ["M", "F", "M"])])
    assert proposal.mapping["gender"] == {"path": "Sex", "values": {"F": "female", "M": "male"}}


def test_a_number_that_people_are_written_to_by_whatsapp_is_a_phone_and_an_answer_is_none() -> None:
    assert propose([("WhatsApp", ["0912 345 6789", "0917 555 0101", "0998 111 2222"])]).mapping == {"phones": "WhatsApp"}
    assert propose([("WhatsApp", ["yes", "no", "yes"])]).mapping == {}


def test_a_hash_behind_a_word_says_number() -> None:
    proposal = propose([("Member #", ["1007", "1003", "1010"]), ("Surname", ["Lee", "Ng", "Ray"])])
    assert proposal.key is not None
    assert (proposal.key.name, proposal.key.sure) == ("Member #", True)


def test_the_answers_a_name_offers_say_nothing_of_whose_it_is() -> None:
    proposal = propose([("E-Mail", ["a@b.de", "c@d.de"]), ("Newsletter ja/nein", ["ja", "nein"])])
    assert "email_consent" in proposal.mapping


def test_a_bare_number_is_no_key_beside_the_customers_own() -> None:
    proposal = propose([("Číslo OP", ["104233817", "201933002", "330120876"]), ("Č. zákazníka", ["700", "703", "706"])])
    assert proposal.key is not None
    assert proposal.key.name == "Č. zákazníka"
    assert not next(column for column in proposal.columns if column.name == "Číslo OP").sure


def test_an_email_is_no_sure_key_beside_an_id_that_is_perhaps_somebody_elses() -> None:
    proposal = propose([("id_tutor", ["500", "503", "507"]), ("Email", ["a@b.de", "c@d.de", "e@f.de"])])
    assert proposal.key is not None
    assert (proposal.key.name, proposal.key_confidence) == ("Email", 0.6)


def test_a_name_that_holds_the_given_name_beside_it_is_the_whole_name() -> None:
    columns = [
        ("Prénom", "-", ["Léa", "Hugo", "Inès"]), ("Nom", "-", ["Léa Martin", "Hugo Petit", "Inès Le Goff"]),
        ("Courriel", "-", ["lea@free.fr", "hugo@free.fr", "ines@free.fr"]),
    ]  # fmt: skip
    taken = taken_for(proposal_of(columns))
    assert (taken["Prénom"], taken["Nom"]) == ("given_name", "full_name")


def test_who_goods_go_to_is_not_mixed_with_who_pays() -> None:
    columns = [
        ("id", "key", ["1", "2", "3"]),
        ("billing_first_name", "-", ["Anna", "Jonas", "Mia"]), ("billing_last_name", "-", ["Vogt", "Koch", "Weber"]),
        ("billing_address_1", "-", ["Am Markt 1", "Gartenweg 2", "Lindenallee 3"]),
        ("billing_city", "-", ["Kiel", "Bonn", "Ulm"]),
        ("billing_phone", "-", ["0431 887766", "0228 112233", "0731 445566"]),
        ("shipping_first_name", "-", ["Ute", "Jonas", "Felix"]), ("shipping_last_name", "-", ["Groß", "Koch", "Fischer"]),
        ("shipping_address_1", "-", ["Ring 9", "Gartenweg 2", "Hof 7"]), ("shipping_city", "-", ["Jena", "Bonn", "Hof"]),
        ("shipping_phone", "-", ["03641 99887", "0228 112233", "09281 55443"]),
    ]  # fmt: skip
    taken = taken_for(proposal_of(columns))
    assert {name: is_ for name, is_ in taken.items() if name.startswith("shipping")} == {}
    assert {name: is_ for name, is_ in taken.items() if name.startswith("billing")} == {
        "billing_first_name": "given_name", "billing_last_name": "family_name", "billing_address_1": "address_line",
        "billing_city": "city", "billing_phone": "phones",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "values", "taken"),
    [
        ("Estado", ["Jalisco", "Sonora", "Jalisco", "Oaxaca"], "subdivision"),
        ("Estado", ["Nuevo", "Abierto", "Nuevo", "Nuevo", "Abierto"], ""),
        ("Country/Region", ["Spain", "France", "Spain"], "country"),
        ("Region code", ["CA", "CO", "IL", "CA"], "subdivision"),
        ("Region code", ["DE", "AT", "CH", "DE"], ""),
    ],
)
def test_whether_a_state_is_a_place_its_values_say(name: str, values: list[str], taken: str) -> None:
    numbers = [str(n) for n in range(len(values))]
    assert taken_for(proposal_of([("Customer ID", "key", numbers), (name, "-", values)])).get(name, "") == taken


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("Consenso chiamate", "phone_consent"), ("Telefonwerbung erlaubt", "phone_consent"), ("zgody.telefon", "phone_consent"),
        ("Accepte le courrier postal", "post_consent"), ("Werbung per Post", "post_consent"), ("郵送 同意", "post_consent"),
        ("Consenso profilazione", "profiling_consent"), ("profiling_opt_in", "profiling_consent"),
        ("Consent e-mail and SMS", ""), ("Consent mobile", ""), ("marketing_push", ""),
    ],
)  # fmt: skip
def test_consent_is_proposed_for_the_way_it_was_asked_for_and_for_no_two(name: str, field: str) -> None:
    columns = [("Customer ID", "key", ["1", "2", "3"]), (name, "-", ["yes", "no", "yes"])]
    found = proposal_of(columns)
    assert taken_for(found).get(name, "") == field
    if field:
        assert found.mapping[field] == {"path": name, "values": {"yes": True, "no": False}}


def test_a_phone_number_under_a_name_of_marketing_is_no_consent() -> None:
    columns = [("Customer ID", "key", ["1", "2", "3"]), ("Marketing phone", "-", ["0431 887766", "0228 112233", "0731 445566"])]
    assert "phone_consent" not in proposal_of(columns).mapping


SOLD = [
    ("Name", "key", ["#1001", "#1002", "#1003"]), ("Email", "-", ["a@web.de", "b@web.de", "a@web.de"]),
    ("Paid at", "-", ["2026-01-02 10:05", "2026-01-03 11:05", "2026-01-04 12:05"]),
    ("Currency", "-", ["EUR", "EUR", "EUR"]), ("Total", "-", ["1.00", "2.00", "3.00"]),
    ("Created at", "-", ["2026-01-02 10:00", "2026-01-03 11:00", "2026-01-04 12:00"]),
    ("Lineitem name", "-", ["Mug", "Hat", "Mug"]),
]  # fmt: skip


def test_an_order_is_known_by_the_number_in_front_of_what_was_bought() -> None:
    taken = taken_of_events(SOLD)
    assert (taken["Name"], taken["Email"], taken["Created at"], taken["Currency"]) == ("key", "people", "occurred_at", "currency")


def test_a_list_of_who_owes_what_is_of_customers() -> None:
    """A balance and where invoices go are no orders."""
    columns = [
        ("Nr.", "key", ["10010", "10020", "10030"]), ("Name", "full_name", ["Mette Moller", "Lars Holm", "Bo Krag"]),
        ("Invoice e-mail", "", ["a@firm.dk", "b@firm.dk", "c@firm.dk"]), ("Payment", "", ["Netto 8", "Netto 30", "Netto 8"]),
        ("Balance", "", ["55.10", "25.30", "0.00"]), ("Currency", "", ["DKK", "DKK", "DKK"]),
        ("Created", "first_seen_at", ["2021-09-16", "2011-08-19", "2017-10-02"]),
    ]  # fmt: skip
    assert taken_of_events(columns) == {}
    assert proposal_of(columns).mapping["first_seen_at"] == "Created"


def test_the_moment_of_an_order_is_not_taken_for_the_customers_first() -> None:
    twice = [(name, is_, [*values, values[-1]]) for name, is_, values in SOLD]  # an order of two goods: two rows
    assert taken_of_events(twice) == {}
    assert taken_for(proposal_of(twice)).get("Created at", "") != "first_seen_at"


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("No email marketing", ""), ("No marketing calls", ""), ("No acepta publicidad por correo postal", ""),
        ("Não aceita SMS", ""), ("Keine Werbung per Post", ""), ("不接受短信", ""),
        ("Newsletter (ja/nein)", "email_consent"), ("Publicidad por correo postal Sí/No", "post_consent"),
    ],
)  # fmt: skip
def test_a_name_that_refuses_is_no_consent_the_right_way_round(name: str, field: str) -> None:
    columns = [("Customer ID", "key", ["1", "2", "3"]), (name, "-", ["yes", "no", "yes"])]
    assert taken_for(proposal_of(columns)).get(name, "") == field


@pytest.mark.parametrize(
    "name", ["NoEmail", "NoPhone", "NoMail", "do_not_call", "Robinsonliste", "SMS_BLACKLISTED", "Sperrvermerk"]
)
def test_a_flag_that_refuses_is_left_with_a_reason_that_says_so(name: str) -> None:
    columns = [
        ("Customer ID", "key", ["1", "2", "3"]), ("Werbung per E-Mail", "-", ["1", "0", "1"]), (name, "-", ["1", "0", "0"]),
    ]  # fmt: skip
    found = proposal_of(columns)
    assert [column.why for column in found.left if column.name == name] == ["a yes may mean no: the other way round?"]


def test_a_number_that_is_called_no_phone_is_one() -> None:
    columns = [("Customer ID", "key", ["1", "2", "3"]), ("No Phone", "-", ["0431 887766", "0228 112233", "0731 445566"])]
    assert taken_for(proposal_of(columns))["No Phone"] == "phones"


DAYS = ["2024-05-01", "2023-02-11", "2025-07-30"]


@pytest.mark.parametrize(
    ("name", "further", "taken"),
    [
        ("Date of consents", [], {"email_consent_at", "sms_consent_at"}),
        ("Marketing consent date", [], {"email_consent_at", "sms_consent_at"}),
        ("Consent date", [], set()),
        ("Date of consents", [("Privacy consent", "-", ["yes", "yes", "yes"])], set()),
        ("Date of consents", [("SMS consent date", "-", DAYS)], {"sms_consent_at"}),
    ],
)
def test_the_one_moment_of_consents_is_that_of_each_of_them(name: str, further: list, taken: set[str]) -> None:
    columns = [
        ("Customer ID", "key", ["1", "2", "3"]), ("Email consent", "-", ["yes", "no", "yes"]),
        ("SMS consent", "-", ["yes", "no", "no"]), (name, "-", DAYS), *further,
    ]  # fmt: skip
    assert {name for name in proposal_of(columns).mapping if name.endswith("_at")} == taken


def test_post_that_is_answered_with_yes_and_no_is_an_answer() -> None:
    answered = [("Customer ID", "key", ["1", "2", "3"]), ("Postal", "-", ["yes", "no", "yes"])]
    assert taken_for(proposal_of(answered))["Postal"] == "post_consent"


def test_the_number_behind_the_street_of_a_bill_is_the_houses() -> None:
    columns = [
        ("Customer ID", "key", ["1", "2", "3"]), ("Billing street", "-", ["Hauptstr.", "Am Markt", "Ring"]),
        ("Billing number", "-", ["1", "22", "3a"]), ("Billing city", "-", ["Berlin", "Bonn", "Ulm"]),
    ]  # fmt: skip
    assert proposal_of(columns).mapping["address_line"] == {"join": ["Billing street", "Billing number"]}


def test_rows_of_a_booking_number_and_its_day_beside_a_customers_number_are_events() -> None:
    columns = [
        ("varausnumero", "key", ["V1", "V2", "V3"]), ("varauspvm", "occurred_at", ["2024-01-04", "2024-01-05", "2024-01-05"]),
        ("asiakasnro", "customer_key", ["7", "7", "9"]), ("etunimi", "people", ["Aino", "Aino", "Eero"]),
        ("hinta_yht_eur", "amount", ["10.50", "20.00", "31.00"]), ("asiakkaan kommentti", "body", ["", "late", ""]),
    ]  # fmt: skip
    assert taken_of_events(columns) == {name: is_ for name, is_, _ in columns}


MANY = 24


def test_a_whole_name_that_is_not_the_given_one_beside_it_is_somebody_elses() -> None:
    columns = [
        ("Vorname", ["Anna", "Uwe", "Ida"]), ("Nachname", ["Roth", "Lang", "Berg"]),
        ("Name", ["Kai Thal", "Eva Horn", "Jan Kolb"]),
    ]  # fmt: skip
    assert "Name" not in taken_for(propose(columns))
    own = [*columns[:2], ("Name", ["Anna Roth", "Uwe Lang", "Ida Berg"])]
    assert taken_for(propose(own))["Name"] == "full_name"


def test_the_same_few_names_in_many_rows_are_those_of_the_staff() -> None:
    staff = [("Kundennr", [str(n) for n in range(MANY)]), ("Nachname", ["Roth", "Lang"] * (MANY // 2))]
    assert "Nachname" not in taken_for(propose(staff))
    people = [staff[0], ("Nachname", [f"Roth{chr(97 + n)}" for n in range(MANY)])]
    assert taken_for(propose(people))["Nachname"] == "family_name"


def test_another_address_is_never_mixed_with_the_first() -> None:
    columns = [
        ("Id", ["1", "2", "3"]), ("Mailing Street", ["Elm 1", "Oak 2", "Ash 3"]), ("Mailing City", ["York", "Leeds", "Bath"]),
        ("Other Street", ["Bay 4", "Fir 5", ""]), ("Other Phone", ["030 1234567", "040 7654321", ""]),
    ]  # fmt: skip
    taken = taken_for(propose(columns))
    assert (taken["Mailing Street"], taken["Other Phone"]) == ("address_line", "phones")
    assert "Other Street" not in taken


def test_the_number_of_an_address_is_not_that_of_its_line() -> None:
    columns = [
        ("Id", ["1", "2", "3"]), ("address2_line1", ["Elm 1", "Oak 2", "Ash 3"]), ("address2_city", ["York", "Leeds", "Bath"]),
    ]  # fmt: skip
    first = [(name.replace("address2", "address1"), values) for name, values in columns]
    assert taken_for(propose([*first, *columns[1:]])) == {"Id": "key", "address1_line1": "address_line", "address1_city": "city"}
    lines = [*first[:2], ("address1_line2", ["Flat 1", "", "Flat 2"])]
    assert taken_for(propose(lines))["address1_line2"] == "address_line"


def test_a_street_whose_address_has_its_own_postcode_is_not_of_another_one() -> None:
    columns = [
        ("Id", ["1", "2", "3"]), ("Name", ["Ann Roth", "Ben Lang", "Ida Berg"]), ("City", ["York", "Leeds", "Bath"]),
        ("Postcode", ["YO1 7HH", "LS2 7EY", "BA1 1LZ"]), ("Shipping Name", ["Kai Thal", "Eva Horn", "Jan Kolb"]),
        ("Shipping Street", ["Elm 1", "Oak 2", "Ash 3"]), ("Shipping Postcode", ["BS1 4ST", "NR1 3QD", "EH3 9QG"]),
    ]  # fmt: skip
    assert "Shipping Street" not in taken_for(propose(columns))


def test_a_phone_behind_somebody_elses_field_is_theirs() -> None:
    columns = [
        ("Id", ["1", "2", "3"]), ("Mobile", ["07700 900111", "07700 900222", "07700 900333"]),
        ("Guardian", ["Kai Thal", "Eva Horn", "Jan Kolb"]), ("Contact phone", ["07700 900444", "07700 900555", ""]),
    ]  # fmt: skip
    assert taken_for(propose(columns)) == {"Id": "key", "Mobile": "phones"}
    assert taken_for(propose([*columns[:2], columns[3]]))["Contact phone"] == "phones"


def test_yes_and_no_are_nobodys_handle() -> None:
    assert taken_for(propose([("Id", ["1", "2", "3"]), ("Instagram", ["Yes", "No", "Yes"])])) == {"Id": "key"}


def test_a_father_is_no_address_though_their_words_differ_by_marks_alone() -> None:
    columns = [
        ("ग्राहक संख्या", ["1", "2", "3"]), ("पिता का नाम", ["राम", "मोहन", "हरि"]),
        ("पता", ["12 गांधी मार्ग", "7 स्टेशन रोड", "4 नेहरू नगर"]),
    ]  # fmt: skip
    assert taken_for(propose(columns)) == {"ग्राहक संख्या": "key", "पता": "address_line"}


def test_consent_to_advertising_that_names_no_way_is_left_to_a_person() -> None:
    keys = ("Nr", ["1", "2", "3"])
    assert "Werbung erlaubt" not in taken_for(propose([keys, ("Werbung erlaubt", ["ja", "nein", "ja"])]))
    assert taken_for(propose([keys, ("E-Mail-Werbung erlaubt", ["ja", "nein", "ja"])])) == {
        "Nr": "key", "E-Mail-Werbung erlaubt": "email_consent",
    }  # fmt: skip


def test_an_account_id_beside_a_persons_own_is_perhaps_a_companys() -> None:
    columns = [("Id", ["1", "2", "3"]), ("Account Id", ["7", "8", "9"]), ("Last Name", ["Roth", "Lang", "Berg"])]
    assert taken_for(propose(columns)) == {"Last Name": "family_name"}
    assert taken_for(propose(columns[1:]))["Account Id"] == "key"


def test_a_field_called_client_holds_numbers_or_names() -> None:
    rest = ("Telefon", ["030 1234567", "040 7654321", "089 5554443"])
    assert taken_for(propose([("Klient", ["Anna Roth", "Uwe Lang", "Ida Berg"]), rest]))["Klient"] == "full_name"
    assert taken_for(propose([("Klient", ["K-1", "K-2", "K-3"]), rest]))["Klient"] == "key"


TICKETS = [
    ("Id", ["1", "2", "3"]), ("Subject", ["a b", "c d", "e f"]), ("Description", ["g h", "i j", "k l"]),
    ("Email", ["a@b.de", "c@b.de", "e@b.de"]), ("Created at", ["2026-01-02 10:05", "2026-01-03 11:05", "2026-01-04 12:05"]),
]  # fmt: skip


def test_the_moment_somebody_wrote_is_not_the_customers_first() -> None:
    assert "Created at" not in taken_for(propose(TICKETS))
    assert taken_for(propose([TICKETS[0], *TICKETS[3:]]))["Created at"] == "first_seen_at"


@pytest.mark.parametrize(
    ("values", "taken"), [(["Mr", "Ms", "Mrs"], {"title": "name.prefix"}), (["van", "de", "von"], {})]
)  # fmt: skip
def test_a_prefix_of_a_name_is_a_form_of_address_or_part_of_the_name(values: list[str], taken: dict[str, str]) -> None:
    columns = [("Id", ["1", "2", "3"]), ("name.family", ["Roth", "Lang", "Berg"]), ("name.prefix", values)]
    mapping = propose(columns).mapping
    assert {name: mapping[name] for name in mapping if name == "title"} == taken
    assert mapping["family_name"] == ("name.family" if taken else {"join": ["name.prefix", "name.family"]})


def test_who_brings_the_goods_is_not_where_the_customer_works() -> None:
    columns = [("Id", ["1", "2", "3"]), ("Versand-Firma", ["DHL", "GLS", "DHL"])]
    assert "company_name" not in propose(columns).mapping
    assert propose([columns[0], ("Firma", ["Roth GmbH", "Lang KG", "Berg AG"])]).mapping["company_name"] == "Firma"


def test_agreed_to_a_profile_is_agreed_to_profiling() -> None:
    columns = [("Id", ["1", "2", "3"]), ("zgoda_profil", ["tak", "nie", "tak"])]
    assert taken_for(propose(columns))["zgoda_profil"] == "profiling_consent"


def test_a_degree_is_a_title() -> None:
    assert taken_for(propose([("Číslo", ["1", "2", "3"]), ("Titul", ["Ing.", "Mgr.", "MUDr."])]))["Titul"] == "title"


NET, PORT, TOTAL = ["145,36", "101,76", "1.152,34"], ["4,90", "0,00", "6,90"], ["179,34", "122,11", "1.389,71"]


@pytest.mark.parametrize(
    ("amounts", "taken"),
    [
        ({"total_ht": NET, "frais_port": PORT, "total_ttc": TOTAL}, "total_ttc"),
        ({"total_ht": TOTAL, "frais_port": PORT, "total_ttc": NET}, ""),
        ({"montant_ht": NET, "frais_port": PORT, "montant_x": TOTAL}, ""),
        ({"sous_total": TOTAL, "frais_total": NET}, ""),
    ],
    ids=["the largest that says so", "it says so and is less", "the largest says nothing", "the largest is a part"],
)
def test_of_several_amounts_the_total_is_what_was_paid_where_names_and_values_agree(
    amounts: dict[str, list[str]], taken: str
) -> None:
    columns = [
        ("id_commande", "-", ["7", "8", "9"]), ("date_commande", "-", ["2026-01-02", "2026-01-03", "2026-01-04"]),
        ("id_client", "-", ["K1", "K2", "K1"]), *((name, "-", values) for name, values in amounts.items()),
    ]  # fmt: skip
    assert [name for name, field in taken_of_events(columns).items() if field == "amount"] == ([taken] if taken else [])


@pytest.mark.parametrize(
    ("text", "number"), [("1.389,71", 1389.71), ("1,389.71", 1389.71), ("12 €", 12), ("-4,9", -4.9), ("x", None)]
)
def test_an_amount_is_read_with_a_point_or_a_comma(text: str, number: float | None) -> None:
    assert looks.figure(text) == number
