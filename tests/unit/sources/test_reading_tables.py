"""How tables are read: nothing is skipped, nothing is written, children come with their parents, and what is wrong is said."""

import secrets
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL, Engine, make_url

from include.batch import Window
from include.errors import DeclarationError, SourceUnavailable, SukiError
from include.sources import Source
from include.sources.readers import sql
from tests.unit.sources.factory import mapped, source_of

HEAD = {"connection": "shop_db"}
TABLE = {"name": "people", "key": "id", "mode": "changes", "watermark": "changed", "overlap_minutes": 0}
PEOPLE = """
CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR(40), changed TIMESTAMP);
INSERT INTO people VALUES (1, 'Ana', '2026-08-01 10:00:00'), (2, 'Bo', '2026-08-03 00:00:00'), (10, 'Cy', '2026-08-03 23:59:59'),
    (11, 'Di', '2026-08-04 00:00:00'), (12, 'Eve', NULL);
"""
DAY = Window.parse("2026-08-03", "2026-08-04")
BEFORE = datetime(2026, 8, 3, tzinfo=UTC)


def declared(root: Path, changes: dict | None = None, **stream) -> Source:
    table = {name: value for name, value in {**TABLE, **(changes or {})}.items() if value is not ...}
    return source_of(root, HEAD, **{"files": ..., "format": ..., "table": table, **stream})


def names(source: Source, engine: Engine, window: Window = DAY, read_to: datetime | None = BEFORE) -> list[str]:
    found = sql.read(source, source.streams["people"], window, engine, read_to)
    return [row.raw["name"] for delivery in found for row in delivery]


REFUSED = "connection shop_db: login, password: the database refuses them: they are wrong, have expired or may not log in."


def failure(source: Source, engine: Engine) -> SukiError:
    with pytest.raises(SukiError) as caught:
        names(source, engine)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value


def until_refused(source: Source, engine: Engine) -> SukiError:
    """What it fails with once the server has taken its new rules."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            names(source, engine)
        except SukiError as said:
            return said
        time.sleep(0.05)
    raise AssertionError("it lets everybody in")


@pytest.fixture
def lite(tmp_path: Path) -> Callable[[str], Engine]:
    def make(statements: str) -> Engine:
        file = tmp_path / "shop.db"
        with sqlite3.connect(file) as database:
            database.executescript(statements)
        return sql.engine(URL.create("sqlite", database=str(file)), "shop_db")

    return make


@pytest.fixture
def postgres(empty_database_url: str) -> Callable[[str], Engine]:
    def make(statements: str) -> Engine:
        url = make_url(empty_database_url).set(drivername="postgresql+psycopg")
        statements = f"DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public; {statements}"
        with psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False)) as connection:
            connection.execute(statements)
        return sql.engine(url, "shop_db")

    return make


@pytest.fixture(params=["lite", pytest.param("postgres", marks=pytest.mark.integration)])
def database(request: pytest.FixtureRequest) -> Callable[[str], Engine]:
    return request.getfixturevalue(request.param)


class TestChanges:
    def test_a_window_takes_what_changed_in_it_and_what_does_not_say_when(self, tmp_path: Path, database):
        assert names(declared(tmp_path), database(PEOPLE)) == ["Bo", "Cy", "Eve"]

    def test_the_first_run_takes_everything_before_its_end(self, tmp_path: Path, database):
        assert names(declared(tmp_path), database(PEOPLE), read_to=None) == ["Ana", "Bo", "Cy", "Eve"]

    def test_a_gap_since_the_last_reading_is_read_too(self, tmp_path: Path, database):
        read_to = datetime(2026, 8, 1, tzinfo=UTC)
        assert names(declared(tmp_path), database(PEOPLE), read_to=read_to) == ["Ana", "Bo", "Cy", "Eve"]

    def test_a_window_that_has_passed_is_read_as_it_was_asked_for(self, tmp_path: Path, database):
        window = Window.parse("2026-08-01", "2026-08-02")
        assert names(declared(tmp_path), database(PEOPLE), window, datetime(2026, 8, 9, tzinfo=UTC)) == ["Ana", "Eve"]

    def test_the_overlap_takes_what_was_committed_late(self, tmp_path: Path, database):
        source = declared(tmp_path, {"overlap_minutes": 2 * 24 * 60})
        assert names(source, database(PEOPLE)) == ["Ana", "Bo", "Cy", "Eve"]

    @pytest.mark.parametrize(("kind", "zone"), [("TIMESTAMP", "Asia/Manila"), ("VARCHAR(30)", "Asia/Manila"), ("DATE", "UTC")])
    def test_times_mean_what_is_declared(self, tmp_path: Path, database, kind: str, zone: str):
        made = f"""CREATE TABLE people (id INTEGER, name VARCHAR(9), changed {kind});
            INSERT INTO people VALUES (1, 'Ana', '2026-08-03 07:59:00'), (2, 'Bo', '2026-08-03 08:00:00'),
            (3, 'Cy', '2026-08-04 07:59:00');"""
        if kind == "DATE":
            made = made.replace(" 07:59:00", "").replace(" 08:00:00", "")
        expected = {"DATE": ["Ana", "Bo"]}.get(kind, ["Bo", "Cy"])
        assert names(declared(tmp_path, timezone=zone), database(made)) == expected

    @pytest.mark.integration
    def test_times_with_a_zone_are_what_they_are(self, tmp_path: Path, postgres):
        made = """CREATE TABLE people (id INTEGER, name TEXT, changed TIMESTAMPTZ);
            INSERT INTO people VALUES (1, 'Ana', '2026-08-03 07:59:00+08'), (2, 'Bo', '2026-08-03 08:00:00+08')"""
        assert names(declared(tmp_path, timezone="America/New_York"), postgres(made)) == ["Bo"]


SNAPSHOT = {"mode": "snapshot", "watermark": ...}


class TestSnapshot:
    def test_it_takes_all_and_says_so(self, tmp_path: Path, database):
        source, engine = declared(tmp_path, SNAPSHOT), database(PEOPLE)
        (delivery,) = sql.read(source, source.streams["people"], DAY, engine, BEFORE)
        assert [row.raw["id"] for row in delivery] == [1, 2, 10, 11, 12]
        assert (delivery.mode, delivery.file, delivery.rows) == ("snapshot", "kiosk/2026-08-03/people.table", 5)
        first = delivery.sha256
        list(delivery)
        assert delivery.sha256 == first

    def test_a_day_that_has_passed_cannot_be_seen_any_more(self, tmp_path: Path, lite):
        assert names(declared(tmp_path, SNAPSHOT), lite(PEOPLE), read_to=datetime(2026, 8, 9, tzinfo=UTC)) == []


CHILDREN = (
    PEOPLE
    + """
CREATE TABLE home (n INTEGER PRIMARY KEY, person INTEGER, city VARCHAR(20), changed TIMESTAMP);
INSERT INTO home VALUES (1, 10, 'Cebu', '2026-08-01 00:00:00'), (2, 2, 'Iloilo', '2026-08-01 00:00:00'),
    (3, 1, 'Davao', '2026-08-03 12:00:00'), (4, 10, 'Manila', '2026-08-01 00:00:00'), (5, 99, 'Nowhere', '2026-08-01 00:00:00');
"""
)


class TestChildren:
    def cities(self, source: Source, engine: Engine) -> dict[str, list[str]]:
        (delivery,) = sql.read(source, source.streams["people"], DAY, engine, BEFORE)
        return {row.raw["name"]: [home["city"] for home in row.raw["home"]] for row in delivery}

    def test_they_come_with_their_parents(self, tmp_path: Path, database):
        source = declared(tmp_path, {"children": [{"table": "home", "child": "person"}]})
        assert self.cities(source, database(CHILDREN)) == {"Bo": ["Iloilo"], "Cy": ["Cebu", "Manila"], "Eve": []}

    def test_a_parent_whose_child_alone_changed_is_read_again(self, tmp_path: Path, database):
        source = declared(tmp_path, {"children": [{"table": "home", "child": "person", "watermark": "changed"}]})
        assert self.cities(source, database(CHILDREN))["Ana"] == ["Davao"]

    def test_keys_that_sort_differently_are_refused_rather_than_lost(self, tmp_path: Path, lite):
        source = declared(tmp_path, {"children": [{"table": "home", "child": "person"}]})
        with pytest.raises(DeclarationError, match="are not of one type"):
            self.cities(source, lite(CHILDREN.replace("person INTEGER", "person TEXT")))


class TestLandedBy:
    @pytest.mark.parametrize(
        ("tool", "columns", "gone", "there"),
        [
            (
                "fivetran", "_fivetran_deleted BOOLEAN, _fivetran_synced TIMESTAMP",
                "TRUE, '2026-08-03 01:00:00'", "FALSE, '2026-08-03 01:00:00'",
            ),
            (
                "airbyte", "_ab_cdc_deleted_at TIMESTAMP, _airbyte_extracted_at TIMESTAMP, _airbyte_raw_id VARCHAR(9)",
                "'2026-08-03 00:30:00', '2026-08-03 01:00:00', 'x'", "NULL, '2026-08-03 01:00:00', 'y'",
            ),
        ],
    )  # fmt: skip
    def test_a_tools_columns_are_known(self, tmp_path: Path, database, tool: str, columns: str, gone: str, there: str):
        made = f"""CREATE TABLE people (id INTEGER, name VARCHAR(9), {columns});
            INSERT INTO people VALUES (1, 'Ana', {gone}), (2, 'Bo', {there});"""
        source = declared(tmp_path, {"landed_by": tool, "watermark": ...})
        (delivery,) = sql.read(source, source.streams["people"], DAY, database(made), BEFORE)
        raws = [row.raw for row in delivery]
        assert raws == [{"id": 1, "name": "Ana", "_deleted": True}, {"id": 2, "name": "Bo", "_deleted": False}]
        frame, drift = mapped(source, *raws)
        assert list(frame["deleted"]) == [True, False]
        assert drift.fields == {}

    def test_dlts_columns_are_left_out_and_its_clock_must_be_declared(self, tmp_path: Path, lite):
        made = PEOPLE.replace("changed TIMESTAMP", "changed TIMESTAMP, _dlt_id TEXT DEFAULT 'x', _dlt_load_id TEXT DEFAULT '1'")
        made = made.replace("INSERT INTO people VALUES", "INSERT INTO people (id, name, changed) VALUES")
        source = declared(tmp_path, {"landed_by": "dlt"})
        (delivery,) = sql.read(source, source.streams["people"], DAY, lite(made), BEFORE)
        assert all(set(row.raw) == {"id", "name", "changed"} for row in delivery)
        with pytest.raises(DeclarationError, match=r"table\.watermark: is needed to read changes"):
            declared(tmp_path, {"landed_by": "dlt", "watermark": ...})


class TestWhatIsWrong:
    """Each says what to mend, whether trying again helps, and no value."""

    def test_a_table_that_is_not_there(self, tmp_path: Path, database):
        said = failure(declared(tmp_path), database("CREATE TABLE other (id INTEGER)"))
        assert "streams.people.table.name: the database has no table 'people'" in str(said)
        assert not said.retry

    def test_a_column_that_is_not_there(self, tmp_path: Path, database):
        said = failure(declared(tmp_path), database("CREATE TABLE people (id INTEGER, nom VARCHAR(9), changed TIMESTAMP)"))
        assert "has no column 'name'. Valid: id, nom, changed" in str(said)
        assert not said.retry

    def test_a_watermark_that_is_no_time(self, tmp_path: Path, database):
        made = "CREATE TABLE people (id INTEGER, name VARCHAR(9), changed INTEGER)"
        said = failure(declared(tmp_path), database(made))
        assert "table.watermark: is a column neither of times nor of ISO 8601 texts" in str(said)
        assert not said.retry

    @pytest.mark.integration
    def test_a_wrong_password(self, tmp_path: Path, postgres):
        url = postgres(PEOPLE).url.set(password="wrong-secret")
        said = failure(declared(tmp_path), sql.engine(url, "shop_db"))
        assert str(said) == REFUSED
        assert not said.retry

    @pytest.mark.integration
    @pytest.mark.parametrize("how", ["LOGIN PASSWORD 'p' VALID UNTIL '2020-01-01'", "NOLOGIN PASSWORD 'p'"])
    def test_a_login_that_has_expired_or_may_not_log_in(self, tmp_path: Path, postgres, how: str):
        name = f"reader_{secrets.token_hex(6)}"
        url = postgres(PEOPLE + f"CREATE ROLE {name} {how}").url.set(username=name, password="p")
        said = failure(declared(tmp_path), sql.engine(url, "shop_db"))
        assert str(said) == REFUSED
        assert not said.retry

    @pytest.mark.integration
    def test_a_server_that_lets_nobody_in_from_here(self, tmp_path: Path, postgres, postgres_server):
        url = postgres(PEOPLE).url
        with postgres_server.superuser() as admin:
            rules = Path(admin.execute("SHOW hba_file").fetchone()[0])
            before = rules.read_text()
            try:
                rules.write_text(f"host {url.database} all all reject\n{before}")
                admin.execute("SELECT pg_reload_conf()")
                said = until_refused(declared(tmp_path), sql.engine(url, "shop_db"))
            finally:
                rules.write_text(before)
                admin.execute("SELECT pg_reload_conf()")
        assert str(said).startswith("connection shop_db: host, login: the server lets this login not in from here")
        assert not said.retry

    @pytest.mark.integration
    def test_a_server_without_tls_where_it_is_asked_for(self, tmp_path: Path, postgres):
        url = postgres(PEOPLE).url.update_query_dict({"sslmode": "require"})
        said = failure(declared(tmp_path), sql.engine(url, "shop_db"))
        assert "connection shop_db: host, port, extra: what answers there speaks no TLS" in str(said)
        assert not said.retry

    @pytest.mark.integration
    def test_a_database_that_is_not_there(self, tmp_path: Path, postgres):
        said = failure(declared(tmp_path), sql.engine(postgres(PEOPLE).url.set(database="nowhere"), "shop_db"))
        assert str(said).startswith("connection shop_db: schema: the server has no database of this name")
        assert not said.retry

    @pytest.mark.integration
    @pytest.mark.parametrize(
        ("change", "says"),
        [
            ({"host": "no-such-host.invalid"}, "its host's name is not known here"),
            ({"host": "127.0.0.1", "port": 1}, "nothing listens at that host and port"),
        ],
    )
    def test_a_server_that_cannot_be_reached(self, tmp_path: Path, postgres, change: dict, says: str):
        said = failure(declared(tmp_path), sql.engine(postgres(PEOPLE).url.set(**change), "shop_db"))
        assert "connection shop_db cannot be reached" in str(said)
        assert says in str(said)
        assert said.retry

    @pytest.mark.integration
    def test_a_table_that_was_moved_to_another_schema(self, tmp_path: Path, postgres):
        said = failure(declared(tmp_path), postgres(PEOPLE + "CREATE SCHEMA old; ALTER TABLE people SET SCHEMA old"))
        assert "streams.people.table.name: the database has no table 'people' that the login can see" in str(said)
        assert not said.retry

    @pytest.mark.integration
    def test_a_table_the_login_may_not_read(self, tmp_path: Path, postgres):
        engine = postgres(PEOPLE + "REVOKE ALL ON people FROM CURRENT_USER")
        said = failure(declared(tmp_path), engine)
        assert str(said) == "connection shop_db: login: it may not read 'people'; grant it SELECT."
        assert not said.retry

    def test_a_driver_that_is_not_installed(self):
        with pytest.raises(DeclarationError, match="no driver for 'klingon' is installed"):
            sql.engine(URL.create("klingon"), "shop_db")

    def test_a_database_file_that_is_not_there(self, tmp_path: Path):
        with pytest.raises(SourceUnavailable, match="connection shop_db is not there") as caught:
            sql.engine(URL.create("sqlite", database=str(tmp_path / "none.db")), "shop_db")
        assert caught.value.retry

    @pytest.mark.parametrize(
        ("changes", "stream", "says"),
        [
            ({}, {"files": [{"pattern": "x.csv"}], "format": "csv"}, "files: needs one of files, table and request"),
            ({"watermark": ...}, {}, "table.watermark: is needed to read changes"),
            ({"mode": "snapshot"}, {}, "table.watermark: is only for mode changes"),
            ({}, {"format": "csv"}, "format: must be given for files, and only there"),
            ({"landed_by": "stitch"}, {}, "landed_by: is none of the known values. Valid: airbyte, dlt, fivetran"),
        ],
    )
    def test_a_wrong_declaration(self, tmp_path: Path, changes: dict, stream: dict, says: str):
        with pytest.raises(DeclarationError, match=says):
            declared(tmp_path, changes, **stream)

    def test_a_table_needs_a_connection(self, tmp_path: Path):
        with pytest.raises(DeclarationError, match="the source declares no connection"):
            source_of(tmp_path, files=..., format=..., table=TABLE)


def test_nothing_can_be_written_through_it(database):
    engine = database(PEOPLE)
    with pytest.raises(Exception, match=r"read.?only"), sql._session(engine) as connection:
        connection.connection.driver_connection.execute("DELETE FROM people")
