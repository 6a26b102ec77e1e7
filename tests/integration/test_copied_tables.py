"""A table of PostgreSQL that comes by COPY says what a cursor says of it, row for row and value for value."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from psycopg import sql as composed
from sqlalchemy import Engine, make_url

from include.batch import Window
from include.errors import SourceFailed
from include.sources import Columns, Source
from include.sources.readers import sql, sql_copy
from tests.unit.sources.factory import source_of

pytestmark = pytest.mark.integration

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
    assert not any(row.problem for row in rows)
    return copied, [json.dumps(row.raw, sort_keys=True, default=str) for row in rows], [place for _, place in pages]


def fetched(source: Source, engine: Engine, patch: pytest.MonkeyPatch, after: Any = None) -> tuple[str, list[str], list[Any]]:
    with patch.context() as here:
        here.setattr(sql_copy, "is_same", lambda *_: False)
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
        ("bytea", {}), ("jsonb", {}), ("text[]", {}), ("timetz", {}), ("interval", {}), ("inet", {}), ("money", {}),
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
