"""A table of PostgreSQL that comes by COPY says what a cursor says of it, row for row and value for value."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from psycopg import sql as composed
from sqlalchemy import Engine, make_url

from include.batch import Window
from include.errors import SourceFailed
from include.privacy.tokens import Tokens
from include.sources import Columns, Source
from include.sources.readers import sql, sql_copy
from suki.kept_reading import _in_arrow
from suki.landed import landed_row
from suki.landed_columns import landed_table
from tests.unit.sources.factory import source_of

pytestmark = pytest.mark.integration

TOKENS = Tokens(b"0123456789abcdef", "1")
DAY = Window.parse("2026-08-03", "2026-08-04")
TABLE = {"name": "people", "key": "id", "mode": "snapshot"}
COLUMNS = {
    "id": "bigint", "name": "text", "code": "char(4)", "short": "varchar(20)", "small": "smallint", "yes": "boolean",
    "price": "numeric", "cents": "numeric(12,2)", "fine": "numeric(14,10)", "single": "real", "double": "double precision",
    "born": "date", "local": "timestamp", "moment": "timestamptz", "hour": "time", "ref": "uuid", "a%b \"c": "text",
}  # fmt: skip
AWKWARD = [
    "", " ", " a ", "\\N", "\\.", "NULL", "null", '"', '""', "a,b", "a\nb", "\r\n", "\r", "\t", "t", "f", "\ufeffmark", "\ufeff",
    "ñ", "渡辺", "👩‍👧",
    "\x01\x7f", "'; --", "%s %(x)s %%", "NaN", "\u2028", "1", "é",
]  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(AWKWARD), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
)
MOMENTS = st.one_of(
    st.datetimes(datetime.fromisoformat("0001-01-03"), datetime.fromisoformat("9999-12-29")),
    st.sampled_from(["2026-08-03", "2026-08-03T00:00:00.000001", "1890-05-01T03:04:05.5"]).map(datetime.fromisoformat),
)  # fmt: skip
NUMBERS = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-(10**20), max_value=10**20),
    st.sampled_from([0, "-0.0", "1E-7", "0.0000000", "0.000001", "1E+20", "1.50", "NaN", "-Infinity"]).map(Decimal),
)  # fmt: skip
FLOATS = st.one_of(st.floats(), st.sampled_from([-0.0, 1e22, 0.1, 5e-324, 1e16, float("nan")]))
ROW = st.tuples(
    TEXTS, TEXTS.map(lambda text: text[:4]), TEXTS.map(lambda text: text[:20]), st.integers(-(2**15), 2**15 - 1), st.booleans(),
    NUMBERS, st.decimals(-1000, 1000, places=2), st.decimals(-1000, 1000, places=10), st.floats(width=32), FLOATS,
    st.one_of(st.dates(), st.just(date(1, 1, 1))), MOMENTS, MOMENTS.map(lambda moment: moment.replace(tzinfo=UTC)), st.times(),
    st.uuids(), TEXTS,
)  # fmt: skip
ROWS = st.lists(ROW.flatmap(lambda row: st.tuples(*(st.one_of(st.just(value), st.none()) for value in row))), max_size=20)


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return source_of(tmp_path, {"connection": "shop_db"}, files=..., format=..., table=TABLE)


@pytest.fixture
def run(empty_database_url: str) -> Iterator[Callable[..., None]]:
    with psycopg.connect(empty_database_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS people")
        cursor = connection.cursor()
        yield lambda statement, *values: cursor.executemany(statement, values) if values else cursor.execute(statement)


def engine_of(url: str, **session: str) -> Engine:
    options = " ".join(f"-c {name}={value}" for name, value in session.items())
    query = {"options": options} if options else {}
    return sql.engine(make_url(url).set(drivername="postgresql+psycopg", query=query), "shop_db")


def read(source: Source, engine: Engine, after: Any = None) -> tuple[str, list[str], list[Any]]:
    """Whether it was copied, the rows, and the places."""
    (delivery,) = sql.read(source, source.streams["people"], DAY, engine, None)
    pages = list(delivery.pages(after))
    copied = "copied" if pages and all(isinstance(page, Columns) for page, _ in pages) else "fetched"
    rows = [row for page, _ in pages for row in (page.rows() if isinstance(page, Columns) else page)]
    for page in (page for page, _ in pages if isinstance(page, Columns)):
        land_alike(source, delivery, page)
    assert not any(row.problem for row in rows)
    return copied, [json.dumps(row.raw, sort_keys=True, default=str) for row in rows], [place for _, place in pages]


def land_alike(source: Source, delivery: Any, page: Columns) -> None:
    """To the byte as they would one by one, and after they were kept for another attempt."""
    stream = source.streams["people"]
    kept = Columns(0, pa.ipc.open_stream(_in_arrow([page])).read_all())
    one_by_one = [landed_row(delivery, row, stream)["raw"] for row in page.rows()]
    for columns in (page, kept):
        assert landed_table(delivery, columns, source, stream, TOKENS)[0]["raw"].to_pylist() == one_by_one


def fetched(source: Source, engine: Engine, patch: pytest.MonkeyPatch, after: Any = None) -> tuple[str, list[str], list[Any]]:
    with patch.context() as here:
        here.setattr(sql_copy, "is_same", lambda *_: False)  # nor do children come so, each of whose tables is asked for it
        return read(source, engine, after)


def made(columns: dict[str, str]) -> composed.Composed:
    each = [composed.SQL("{} {}").format(composed.Identifier(name), composed.SQL(kind)) for name, kind in columns.items()]  # type: ignore[arg-type]
    return composed.SQL("CREATE TABLE people ({})").format(composed.SQL(", ").join(each))


@pytest.mark.parametrize("zone", ["UTC", "Asia/Manila", "America/St_Johns", "America/New_York", "Asia/Kathmandu"])
def test_every_value_is_the_same(source: Source, run: Any, empty_database_url: str, monkeypatch: pytest.MonkeyPatch, zone: str):
    run(made(COLUMNS))
    engine = engine_of(empty_database_url, TimeZone=zone)
    marks = ", ".join(["%s"] * len(COLUMNS))

    @settings(max_examples=15, phases=[Phase.generate])
    @given(ROWS)
    def same(rows: list[tuple[Any, ...]]) -> None:
        run("TRUNCATE people")
        run(f"INSERT INTO people VALUES ({marks})", (0, *[None] * 16), *[(n, *row) for n, row in enumerate(rows, 1)])
        here, there = read(source, engine), fetched(source, engine, monkeypatch)
        assert (here[0], there[0]) == ("copied", "fetched")
        assert here[1:] == there[1:]

    same()


VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(10**25), 10**25), st.floats(allow_nan=False, allow_infinity=False), TEXTS,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)), max_leaves=8,
)  # fmt: skip
BYTES = st.one_of(st.binary(max_size=12), st.sampled_from([b"", b"\xff", 'ñ"\\'.encode(), b"\0", b"\\x41"]))
OTHERS = {
    "as_json": ("json", VALUES.map(json.dumps)), "as_jsonb": ("jsonb", VALUES.map(json.dumps)), "raw": ("bytea", BYTES),
    "tier": ("tier", st.sampled_from(["gold, 24", 'sil"ver', "Zinn"])),
    "texts": ("text[]", st.lists(st.one_of(TEXTS, st.none()), max_size=4)),
    "whole": ("bigint[]", st.lists(st.one_of(st.integers(-(2**63), 2**63 - 1), st.none()), max_size=4)),
    "yes": ("boolean[]", st.lists(st.booleans(), max_size=3)), "refs": ("uuid[]", st.lists(st.uuids(), max_size=2)),
    "pairs": ("integer[][]", st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)).map(list), max_size=3)),
}  # fmt: skip
OTHER_ROW = st.tuples(*(st.one_of(values, st.none()) for _, values in OTHERS.values()))
TIERS = "DROP TYPE IF EXISTS tier; CREATE TYPE tier AS ENUM ('Zinn', 'sil\"ver', 'gold, 24')"


def inserted(table: str, before: int = 0) -> str:
    """Fills a table of some numbers and the other types."""
    marks = ", ".join(["%s"] * before + [f"%s::{kind}" for kind, _ in OTHERS.values()])
    return f"INSERT INTO {table} VALUES ({marks})"


def test_json_bytes_lists_and_names_out_of_a_list_are_the_same(
    source: Source, run: Any, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
):
    run(TIERS)
    run(made({"id": "bigint", "name": "text", **{name: kind for name, (kind, _) in OTHERS.items()}}))
    engine = engine_of(empty_database_url)

    @settings(max_examples=40, phases=[Phase.generate])
    @given(st.lists(OTHER_ROW, min_size=1, max_size=8))
    def same(rows: list[tuple[Any, ...]]) -> None:
        run("TRUNCATE people")
        run(inserted("people", 2), *[(n, "x", *row) for n, row in enumerate(rows)])
        here, there = read(source, engine), fetched(source, engine, monkeypatch)
        assert (here[0], there[0]) == ("copied", "fetched")
        assert here[1:] == there[1:]

    same()


FAMILY = {**TABLE, "children": [{"table": "home", "child": "person"}, {"table": "card", "child": "person"}]}


@pytest.mark.parametrize(
    ("kind", "key"), [("bigint", lambda n: n), ("text", lambda n: f"k{n} '%s"), ("uuid", lambda n: UUID(int=n))]
)
def test_children_come_with_their_parents_by_copy_as_by_cursors(
    tmp_path: Path, run: Any, empty_database_url: str, monkeypatch: pytest.MonkeyPatch, kind: str, key: Callable[[int], Any]
):
    source = source_of(tmp_path, {"connection": "shop_db"}, files=..., format=..., table=FAMILY)
    run("DROP TABLE IF EXISTS home, card")
    run(TIERS)
    run(made({**COLUMNS, "id": kind}))
    run(f"CREATE TABLE home (person {kind}, id int, {', '.join(f'{name} {of}' for name, (of, _) in OTHERS.items())})")
    run(f"CREATE TABLE card (no int, person {kind}, price numeric, single real, born timestamptz, local timestamp, card text)")
    engine = engine_of(empty_database_url, TimeZone="Asia/Kathmandu")
    of = st.one_of(st.none(), st.integers(0, 9))
    homes = st.lists(st.tuples(of, OTHER_ROW), max_size=12)
    cards = st.lists(st.tuples(of, NUMBERS, st.floats(width=32), MOMENTS, TEXTS), max_size=12)
    people = "INSERT INTO people VALUES (" + ", ".join(["%s"] * len(COLUMNS)) + ")"

    @settings(max_examples=20, phases=[Phase.generate])
    @given(ROWS, homes, cards, st.integers(1, 7))
    def same(rows: list[tuple[Any, ...]], homes: list[Any], cards: list[Any], at_once: int) -> None:
        run("TRUNCATE people, home, card")
        run(people, (None, *[None] * 16), *[(key(n // 2), *row) for n, row in enumerate(rows)])  # two of each key, and none
        if homes:
            run(inserted("home", 2), *[(None if n is None else key(n), place, *row) for place, (n, row) in enumerate(homes)])
        cards_given = [
            (place, None if n is None else key(n), price, single, moment.replace(tzinfo=UTC), moment, card)
            for place, (n, price, single, moment, card) in enumerate(cards)
        ]
        if cards_given:
            run("INSERT INTO card VALUES (%s, %s, %s, %s, %s, %s, %s)", *cards_given)
        with monkeypatch.context() as patch:
            patch.setattr(sql_copy, "_ROWS_AT_ONCE", at_once)
            here = read(source, engine)
        there = fetched(source, engine, monkeypatch)
        assert (here[0], there[0]) == ("copied", "fetched")
        assert sorted(map(without_children, here[1])) == sorted(map(without_children, there[1]))
        assert sorted(map(children, here[1])) == sorted(map(children, there[1]))

    same()


def test_what_changed_comes_with_its_children_and_goes_on_behind_a_key(
    tmp_path: Path, run: Any, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
):
    table = {
        "name": "people", "key": "id", "mode": "changes", "watermark": "changed", "landed_by": "airbyte",
        "children": [{"table": "home", "child": "person", "watermark": "changed"}],
    }  # fmt: skip
    source = source_of(tmp_path, {"connection": "shop_db"}, files=..., format=..., table=table)
    run("DROP TABLE IF EXISTS home")
    tool = "_ab_cdc_deleted_at text, _airbyte_raw_id text, _airbyte_extracted_at timestamptz"
    run(f"CREATE TABLE people (id int, name text, changed timestamp, home text, {tool})")
    run(f"CREATE TABLE home (person int, town text, changed timestamp, {tool})")
    before, within, later = "2026-08-01", "2026-08-03 10:00", "2026-08-04 10:00"
    gone = [(1, None), (2, None), (3, "2026-08-03"), (4, None)]
    run(
        "INSERT INTO people VALUES (%s, 'x', %s, 'y', %s, 'z', now())",
        *[(n, when, mark) for (n, mark), when in zip(gone, (before, before, within, later), strict=True)],
    )
    run(
        "INSERT INTO home VALUES (%s, %s, %s, %s, 'z', now())",
        (1, "Cebu", within, None), (1, "Davao", before, "2026-08-02"), (2, "Iloilo", before, None), (3, "Baguio", before, None),
        (3, "Vigan", within, None), (4, "Naga", within, None), (9, "nobody's", within, None),
    )  # fmt: skip
    engine = engine_of(empty_database_url)
    monkeypatch.setattr(sql_copy, "_ROWS_AT_ONCE", 2)
    way, rows, places = read(source, engine)
    assert way == "copied"
    assert rows == fetched(source, engine, monkeypatch)[1]
    towns = [[home["town"] for home in json.loads(row)["home"]] for row in rows]
    assert towns == [["Cebu"], ["Iloilo"], ["Baguio", "Vigan"], ["Naga"]]
    assert places[0] is not None
    assert read(source, engine, places[0])[1] == fetched(source, engine, monkeypatch, places[0])[1] == rows[1:]


@pytest.mark.parametrize(
    ("key", "child", "others"),
    [
        ("int", "numeric", ""), ("numeric", "numeric", ""), ("char(4)", "char(4)", ""), ('text COLLATE "C"', "text", ""),
        ("int", "int", ", tags text[]"), ("int", "int", ", paid interval"),
    ],
)  # fmt: skip
def test_children_that_may_sort_otherwise_come_through_cursors(
    tmp_path: Path, run: Any, empty_database_url: str, key: str, child: str, others: str
):
    table = {**TABLE, "children": [{"table": "home", "child": "person"}]}
    source = source_of(tmp_path, {"connection": "shop_db"}, files=..., format=..., table=table)
    run("DROP TABLE IF EXISTS home")
    run(f"CREATE TABLE people (id {key}, name text)")
    run(f"CREATE TABLE home (person {child}{others})")
    run("INSERT INTO people VALUES ('1', 'x')")
    assert read(source, engine_of(empty_database_url))[0] == "fetched"


def without_children(row: str) -> str:
    """Of several parents of one key either may come first."""
    return json.dumps({name: value for name, value in json.loads(row).items() if name not in ("home", "card")})


def children(row: str) -> str:
    return json.dumps([json.loads(row)[name] for name in ("id", "home", "card")])


def test_every_awkward_text_is_the_same_where_it_comes_first(
    source: Source, run: Any, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
):
    run("CREATE TABLE people (name text, id int)")
    engine = engine_of(empty_database_url)
    for text in [*AWKWARD, None]:
        run("TRUNCATE people")
        run("INSERT INTO people VALUES (%s, 1), (NULL, 2), ('', 3)", (text,))
        assert read(source, engine) == ("copied", *fetched(source, engine, monkeypatch)[1:])


@pytest.mark.parametrize("kind", ["date", "timestamp", "timestamptz", "time"])
@pytest.mark.parametrize("value", ["infinity", "-infinity", "0044-03-15 BC", "12026-01-01", "24:00:00"])
def test_what_no_calendar_of_python_has_fails_alike_and_is_not_quoted(
    source: Source, run: Any, empty_database_url: str, monkeypatch: pytest.MonkeyPatch, kind: str, value: str
):
    if (kind == "time") != (value == "24:00:00"):
        pytest.skip("no such value of the type")
    run(f"CREATE TABLE people (id int, name {kind})")
    run("INSERT INTO people VALUES (1, %s)", (value,))
    said = []
    for way in (read, lambda *given: fetched(*given, monkeypatch)):
        with pytest.raises(SourceFailed) as caught:
            way(source, engine_of(empty_database_url, TimeZone="Asia/Manila"))
        assert value not in str(caught.value)
        said.append(str(caught.value))
    assert said[0] == said[1]
    assert "'people'" in said[0]
    assert "a date without an end" in said[0]


@pytest.mark.parametrize(
    ("kind", "session"),
    [
        ("numeric[]", {}), ("date[]", {}), ("json[]", {}), ("timetz", {}), ("interval", {}), ("inet", {}), ("money", {}),
        ("timestamp", {"DateStyle": "German"}), ("timestamptz", {"TimeZone": "<+03>-3"}), ("text", {"client_encoding": "LATIN1"}),
    ],
)  # fmt: skip
def test_what_copy_may_write_otherwise_comes_through_a_cursor(
    source: Source, run: Any, empty_database_url: str, kind: str, session: dict[str, str]
):
    run(f"CREATE TABLE people (id int, name {kind})")
    run("INSERT INTO people VALUES (1, NULL)")
    assert read(source, engine_of(empty_database_url, **session))[0] == "fetched"


KEYS = {
    "bigint": [1, 2, 30], "text": ["a", "b'; --", "c%s"], "numeric": [Decimal("1.5"), Decimal(2), Decimal(30)],
    "uuid": [UUID(int=n) for n in (1, 2, 3)], "date": [date(2026, 8, n) for n in (1, 2, 3)], "time": [time(1), time(2), time(3)],
}  # fmt: skip


@pytest.mark.parametrize("kind", KEYS)
def test_reading_goes_on_behind_the_last_key_as_a_cursor_does(
    source: Source, run: Any, empty_database_url: str, monkeypatch: pytest.MonkeyPatch, kind: str
):
    run(f"CREATE TABLE people (id {kind}, name text)")
    run("INSERT INTO people VALUES (%s, 'x')", *[(key,) for key in KEYS[kind]], (None,))
    engine = engine_of(empty_database_url)
    monkeypatch.setattr(sql_copy, "_ROWS_AT_ONCE", 2)
    monkeypatch.setattr(sql, "_ROWS_AT_ONCE", 2)
    way, rows, places = read(source, engine)
    assert (way, len(rows), len(places)) == ("copied", 4, 2)
    assert (rows, places) == fetched(source, engine, monkeypatch)[1:]
    assert (places[0] is None) == (kind in ("date", "time"))
    if places[0] is not None:
        assert read(source, engine, places[0])[1] == fetched(source, engine, monkeypatch, places[0])[1] == rows[2:]


def test_a_delivery_is_hashed_alike_however_it_is_cut(
    source: Source, run: Any, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
):
    run("CREATE TABLE people (id int, name text, price float8)")
    run("INSERT INTO people VALUES (%s, %s, %s)", (1, "a", 0.5), (2, None, None), (3, "", float("nan")), (4, "é", 1.0))
    hashes = set()
    for at_once in (1, 3, 100):
        monkeypatch.setattr(sql_copy, "_ROWS_AT_ONCE", at_once)
        (delivery,) = sql.read(source, source.streams["people"], DAY, engine_of(empty_database_url), None)
        assert [row.position for row in delivery] == [1, 2, 3, 4]
        hashes.add((delivery.sha256, delivery.rows))
    assert len(hashes) == 1
