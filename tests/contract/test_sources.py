"""What every declared source promises. A source is tested by being there: nothing here names one."""

import gzip
import io
import json
import shutil
import sqlite3
import traceback
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import URL

from include.batch import Window
from include.customer import FIELDS, MAPPED_COLUMNS, ROW_COLUMNS, names
from include.errors import DeclarationError, DeliveryRefused, SourceUnavailable, SukiError
from include.sources import Delivery, Source, Stream, broken, declared, map_rows, read
from include.sources.readers import api, sql
from include.sources.readers.api_client import Client, Login
from include.sources.readers.copies import extension_of
from include.sources.readers.packed import Unpacked, packing_of
from tests.api_servers.running import Server
from tests.unit.sources.factory import landed, plain

SOURCES = declared()
STREAMS = [(source, stream) for source in SOURCES.values() for stream in source.streams.values()]


TOKEN, KEY = "token-of-the-tests", "key-of-the-tests"
"""Secrets of the connection by which an API is asked."""


class Delivered:
    """A source's sample in an exports root of its own, free to be spoilt."""

    def __init__(self, source: Source, stream: Stream, root: Path) -> None:
        self.source, self.stream, self.root = source, stream, root
        shutil.copytree(source.folder / "sample", root / source.name)
        self.day = date.fromisoformat(next((source.folder / "sample").iterdir()).name)
        if any(file.standing for file in stream.files):  # it lies in no day's folder
            shutil.copytree(root / source.name / self.day.isoformat(), root / source.name, dirs_exist_ok=True)

    def window(self, days: int = 1) -> Window:
        return Window.parse(self.day.isoformat(), (self.day + timedelta(days=days)).isoformat())

    def read(self) -> list[Delivery]:
        return list(read(self.source, self.stream, self.window(), self.root))

    def landed(self) -> pd.DataFrame:
        return landed(self.read(), self.stream)

    def mapped(self) -> pd.DataFrame:
        return map_rows(self.landed(), self.source, self.stream)[0]

    def fullest(self) -> Path:
        """The file with the most bytes, so that there is something to spoil."""
        return max((Path(delivery.path) for delivery in self.read()), key=lambda path: path.stat().st_size)


class Kept(Delivered):
    """The same of a source whose sample is a database: the statements that make it."""

    def __init__(self, source: Source, stream: Stream, root: Path) -> None:
        super().__init__(source, stream, root)
        self.file = root / "sample.db"
        self.read_to: datetime | None = None
        for statements in sorted((root / source.name / self.day.isoformat()).glob("*.sql")):
            self.run(statements.read_text(encoding="utf-8"))

    def run(self, statements: str) -> None:
        with sqlite3.connect(self.file) as database:
            database.executescript(statements)

    def read(self) -> list[Delivery]:
        engine = sql.engine(URL.create("sqlite", database=str(self.file)), str(self.source.connection))
        return list(sql.read(self.source, self.stream, self.window(), engine, self.read_to))


class Asked(Delivered):
    """The same of a source whose sample are an API's answers, a page each: a server gives them."""

    def __init__(self, source: Source, stream: Stream, root: Path, server: Server) -> None:
        super().__init__(source, stream, root)
        self.server = server
        login = Login(server.url, str(source.connection), token=TOKEN, headers={"X-Key": KEY})
        self.client = Client(login, None, first_wait=0.01)

    def read(self) -> list[Delivery]:
        folder = self.root / self.source.name / self.day.isoformat()
        names = answers_of(self.source, self.stream)
        answers = [{"body": (folder / f"{name}.json").read_text(encoding="utf-8")} for name in names]
        self.server.fails(*answers * 20)  # whoever iterates what is read asks for it again, and so does who finds it cut off
        before = datetime.combine(self.day, time(), UTC)
        return list(api.read(self.source, self.stream, self.window(), self.client, before))

    def refuse(self, *answers: dict[str, Any]) -> SukiError:
        """What reading fails with where the service answers so."""
        self.server.fails(*answers)
        before = datetime.combine(self.day, time(), UTC)
        with pytest.raises(SukiError) as caught:
            landed(list(api.read(self.source, self.stream, self.window(), self.client, before)), self.stream)
        return caught.value

    def answers(self) -> list[Path]:
        """The files with what the server answers."""
        folder = self.root / self.source.name / self.day.isoformat()
        return [folder / f"{name}.json" for name in answers_of(self.source, self.stream)]

    def change(self, how: Callable[[list[Any]], Any], *, first: bool = False, beside: bool = False) -> None:
        """Change the records of its answers, or of the first alone; the lists beside them, too, if so wanted."""
        for file in self.answers()[: 1 if first else None]:
            document = json.loads(file.read_text(encoding="utf-8"))
            for path in (self.stream.request.records or "", *([each.list for each in self.stream.embed] if beside else [])):
                records = document
                for step in filter(None, path.split(".")):
                    records = records[step]
                how(records)
            file.write_text(json.dumps(document), encoding="utf-8")


def answers_of(source: Source, stream: Stream) -> list[str]:
    """The sample's files with what a stream is answered, without their ending: streams that ask the same have them in common."""
    first = next(name for name, other in source.streams.items() if other.request == stream.request)
    return [f"{first}_{scope}" for scope in stream.scopes] or [first]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server("pages", tmp_path_factory.mktemp("answers")) as running:
        yield running


def delivered_of(source: Source, stream: Stream, root: Path, server: Server) -> Delivered:
    if stream.request:
        return Asked(source, stream, root, server)
    return (Kept if stream.table else Delivered)(source, stream, root)


@pytest.fixture(params=STREAMS, ids=lambda pair: f"{pair[0].name}.{pair[1].name}")
def delivered(request: pytest.FixtureRequest, tmp_path: Path, server: Server) -> Delivered:
    return delivered_of(*request.param, tmp_path / "exports", server)


@pytest.fixture(params=[pair for pair in STREAMS if pair[1].files], ids=lambda pair: f"{pair[0].name}.{pair[1].name}")
def filed(request: pytest.FixtureRequest, tmp_path: Path) -> Delivered:
    """What comes as files, and so can be spoilt on its way."""
    return Delivered(*request.param, tmp_path / "exports")


@pytest.fixture(params=[pair for pair in STREAMS if pair[1].request], ids=lambda pair: f"{pair[0].name}.{pair[1].name}")
def asked(request: pytest.FixtureRequest, tmp_path: Path, server: Server) -> "Asked":
    """What an API answers."""
    return Asked(*request.param, tmp_path / "exports", server)


@pytest.fixture(params=[pair for pair in STREAMS if pair[1].table], ids=lambda pair: f"{pair[0].name}.{pair[1].name}")
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> "Kept":
    """What lies in a database."""
    return Kept(*request.param, tmp_path / "exports")


def test_every_declaration_is_sound():
    assert broken() == {}
    assert SOURCES


@pytest.mark.parametrize("source", SOURCES.values(), ids=lambda source: source.name)
class TestDeclaration:
    def test_it_says_who_answers_for_it(self, source: Source):
        assert all(text.strip() for text in (source.title, source.description, source.owner, source.contact, source.purpose))

    def test_it_says_what_the_register_of_sources_tells_of_it(self, source: Source):
        told = {"steward": source.steward, "channel": source.channel, "schedule": source.schedule, "ground": source.ground}
        told |= {"freshness_hours": source.freshness_hours}
        told |= {f"streams.{name}.volume": stream.volume for name, stream in source.streams.items()}
        assert [key for key, said in told.items() if not said] == []

    def test_its_folder_holds_one_day_of_samples_and_nothing_large(self, source: Source):
        days = list((source.folder / "sample").iterdir())
        assert len(days) == 1
        assert all(file.stat().st_size < 20_000 for file in days[0].iterdir())

    def test_every_expected_file_belongs_to_a_stream(self, source: Source):
        assert {file.stem for file in (source.folder / "expected").glob("*.jsonl")} == set(source.streams)

    def test_every_sample_file_is_read_by_a_stream(self, source: Source, tmp_path: Path):
        files = list(next((source.folder / "sample").iterdir()).iterdir())
        if any(stream.table for stream in source.streams.values()):
            assert {file.suffix for file in files} == {".sql"}
            return
        if any(stream.request for stream in source.streams.values()):
            assert {file.stem for file in files} == {
                name for each in source.streams.values() for name in answers_of(source, each)
            }
            return
        worlds = [Delivered(source, stream, tmp_path / name) for name, stream in source.streams.items()]
        read_files = {Path(delivery.path).name for world in worlds for delivery in world.read()}
        assert read_files == {file.name for file in next((source.folder / "sample").iterdir()).iterdir()}


class TestSample:
    def test_it_maps_to_what_is_expected(self, delivered: Delivered):
        file = delivered.source.folder / "expected" / f"{delivered.stream.name}.jsonl"
        assert plain(delivered.mapped()) == [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]

    def test_all_of_it_can_be_read(self, delivered: Delivered):
        frame = delivered.landed()
        assert len(frame) > 0
        assert frame["problem"].isna().all()

    def test_every_raw_field_is_mapped_or_ignored_by_name(self, delivered: Delivered):
        _, drift = map_rows(delivered.landed(), delivered.source, delivered.stream)
        assert drift.fields == {}

    def test_the_mapped_frame_has_the_canonical_columns_as_texts(self, delivered: Delivered):
        mapped, kind = delivered.mapped(), delivered.stream.kind
        assert list(mapped.columns) == [*ROW_COLUMNS, *MAPPED_COLUMNS, *names(kind, "mapped")]
        assert mapped["source_updated_at"].notna().all()
        for field in FIELDS[kind]:
            if field.origin == "mapped":
                wanted = (list,) if field.type == "texts" else (str, type(None))
                assert all(isinstance(value, wanted) and value != "" for value in mapped[field.name]), field.name

    def test_every_record_has_a_key_of_its_own(self, delivered: Delivered):
        keys = delivered.landed()["record_id"]
        assert keys.notna().all()
        assert delivered.stream.repeats or keys.is_unique

    def test_reading_twice_gives_the_same(self, delivered: Delivered):
        first, second = delivered.read(), delivered.read()
        pd.testing.assert_frame_equal(landed(first, delivered.stream), landed(second, delivered.stream))
        assert [(d.sha256, d.rows) for d in first] == [(d.sha256, d.rows) for d in second]
        assert all(len(delivery.sha256) == 64 for delivery in first)

    def test_an_interaction_names_a_customer_the_same_sample_knows(self, delivered: Delivered, tmp_path: Path, server: Server):
        if delivered.stream.customer_stream is None:
            assert delivered.stream.kind == "customers" or delivered.mapped()["customer_key"].isna().all()
            return
        named = set(delivered.mapped()["customer_key"].dropna())
        assert named
        stream = delivered.source.streams[delivered.stream.customer_stream]
        customers = delivered_of(delivered.source, stream, tmp_path / "again", server)
        assert named <= set(customers.landed()["record_id"])


def waited_for(stream: Stream) -> bool:
    """Whether a day without its files is waited for."""
    return any(not file.optional for file in stream.files)


class TestSpoiltDelivery:
    def test_a_malformed_row_is_reported_with_its_place_and_the_rest_goes_on(self, filed: Delivered):
        if filed.stream.format not in SPOIL:
            pytest.skip("its rows are whole or the file is not")
        clean, path = filed.landed(), filed.fullest()
        position, problem = SPOIL[filed.stream.format](path, filed.stream)
        frame = filed.landed()
        spoilt = frame[frame["problem"].notna()]
        assert spoilt[["position", "problem"]].to_numpy().tolist() == [[position, problem]]
        assert spoilt["record_id"].isna().all()
        assert len(frame) == len(clean) + 1
        mapped, drift = map_rows(frame, filed.source, filed.stream)
        assert len(mapped) == len(frame)
        assert drift.fields == {}

    @pytest.mark.parametrize("lost", [7, 8], ids=lambda lost: f"{lost} bytes lost")  # half a character of UTF-16, and a whole one
    def test_a_truncated_file_is_refused_by_name_and_line(self, filed: Delivered, lost: int):
        path = filed.fullest()
        path.write_bytes(path.read_bytes()[:-lost])
        with pytest.raises(DeliveryRefused, match=rf"{path.name}, line \d+: .*cut off"):
            filed.landed()

    def test_a_truncated_file_sent_again_whole_is_taken_once(self, filed: Delivered):
        clean, path = filed.landed(), filed.fullest()
        ending = extension_of(path.name)
        path.with_name(f"{path.name.removesuffix(ending)}.r2{ending}").write_bytes(path.read_bytes())
        path.write_bytes(path.read_bytes()[:-7])
        deliveries = filed.read()
        assert [Path(d.path).name for d in deliveries if d.refused] == [path.name]
        assert sorted(landed(deliveries, filed.stream)["raw"]) == sorted(clean["raw"])

    def test_an_unknown_field_is_drift_and_changes_nothing_else(self, filed: Delivered):
        before, path = filed.mapped(), filed.fullest()
        rows = WIDEN[filed.stream.format](path, filed.stream)
        mapped, drift = map_rows(filed.landed(), filed.source, filed.stream)
        file = f"{filed.source.name}/{filed.day}/{path.name}"
        assert drift.fields == {"brand_new": (rows, file)}
        pd.testing.assert_frame_equal(mapped, before)

    def test_a_missing_file_is_awaited_by_name(self, filed: Delivered):
        path = filed.fullest()
        path.unlink()
        if not waited_for(filed.stream):
            assert path.name not in [Path(delivery.path).name for delivery in filed.read()]
            return
        with pytest.raises(SourceUnavailable, match=rf"{path.parent.relative_to(filed.root)}/.* is not there .*{filed.root}"):
            filed.read()


class TestEmptyAndLate:
    def test_a_delivery_of_nobody_is_whole_and_has_no_row(self, filed: Delivered):
        for delivery in filed.read():
            EMPTY[filed.stream.format](Path(delivery.path), filed.stream)
        deliveries = filed.read()
        assert deliveries
        assert len(landed(deliveries, filed.stream)) == 0
        assert not [delivery.file for delivery in deliveries if delivery.refused]

    def test_what_is_delivered_a_week_late_says_the_same_of_the_same_records(self, filed: Delivered):
        before, folder = filed.mapped(), filed.root / filed.source.name
        day = filed.day + timedelta(days=7)
        (folder / filed.day.isoformat()).rename(folder / day.isoformat())
        if any(file.standing for file in filed.stream.files):
            assert set(filed.mapped()["delivered_on"]) == {filed.day}  # it is there on every day, and of the one it is read on
        elif waited_for(filed.stream):
            with pytest.raises(SourceUnavailable):
                filed.read()
        else:
            assert filed.read() == []
        filed.day = day
        after = filed.mapped()
        same = names(filed.stream.kind, "mapped")
        pd.testing.assert_frame_equal(after[["record_id", "deleted", *same]], before[["record_id", "deleted", *same]])
        assert set(after["delivered_on"]) == {day}
        if filed.stream.updated_at is None:
            assert set(after["source_updated_at"]) == {datetime.combine(day, time(), UTC)}


class TestDeletes:
    def test_a_record_the_source_marks_as_deleted_is_a_tombstone_and_no_other_is(self, delivered: Delivered):
        tombstone, frame = delivered.stream.tombstone, delivered.landed()
        if tombstone is None or "[" in tombstone.path:
            assert not delivered.mapped()["deleted"].any()
            return
        raw = json.loads(frame.loc[0, "raw"])
        holder, steps = raw, [tombstone.path] if delivered.stream.flat else tombstone.path.split(".")
        for step in steps[:-1]:
            holder = holder.setdefault(step, {})
        holder[steps[-1]] = tombstone.equals
        frame.loc[0, "raw"] = json.dumps(raw)
        before = delivered.mapped()["deleted"].tolist()
        assert map_rows(frame, delivered.source, delivered.stream)[0]["deleted"].tolist() == [True, *before[1:]]


class TestSecrecy:
    def test_nothing_a_record_holds_is_logged_or_noted(self, delivered: Delivered, caplog: pytest.LogCaptureFixture):
        caplog.set_level("DEBUG")
        frame = delivered.landed()
        _, drift = map_rows(frame, delivered.source, delivered.stream)
        told = "\n".join([*(record.getMessage() for record in caplog.records), *drift.notes, *drift.fields])
        values = _values(frame)
        assert len(values) > 3
        assert not [number for number, value in enumerate(sorted(values)) if len(value) > 5 and value in told]

    def test_a_refusal_quotes_nothing_of_the_file(self, filed: Delivered, caplog: pytest.LogCaptureFixture):
        caplog.set_level("DEBUG")
        values, path = _values(filed.landed()), filed.fullest()
        path.write_bytes(path.read_bytes()[:-7])
        with pytest.raises(DeliveryRefused) as refused:
            filed.landed()
        told = "\n".join([_whole(refused.value), *(record.getMessage() for record in caplog.records)])
        assert not [number for number, value in enumerate(sorted(values)) if len(value) > 5 and value in told]

    @pytest.mark.parametrize(
        "answer",
        [
            {"status": 401},
            {"status": 403},
            {"status": 422, "body": '{"error": "ana@example.com is no user"}'},
            {"body": '{"error": "ana@example.com is no user"}'},
            {"page": "login"},
            {"status": 429, "headers": {"Retry-After": "86400"}},
        ],
        ids=["no login", "forbidden", "refused", "something else", "a page to sign in", "too often"],
    )
    def test_neither_a_secret_nor_what_is_answered_is_said_of_a_service_that_refuses(
        self, asked: Asked, caplog: pytest.LogCaptureFixture, answer: dict[str, Any]
    ):
        caplog.set_level("DEBUG")
        said = asked.refuse(*[answer] * 9)
        told = "\n".join([_whole(said), *(record.getMessage() for record in caplog.records)])
        assert str(asked.source.connection) in told
        assert not [secret for secret in (TOKEN, KEY, "ana@example.com") if secret in told]


def _values(frame: pd.DataFrame) -> set[str]:
    """All that the records of a landed frame hold."""
    return {str(value) for raw in frame["raw"] for value in _leaves(json.loads(raw))}


def _whole(problem: BaseException) -> str:
    """All a traceback would say of an error."""
    return "".join(traceback.format_exception(problem, chain=True, limit=0))


def _leaves(node: Any) -> Iterator[Any]:
    if isinstance(node, dict | list):
        for child in node.values() if isinstance(node, dict) else node:
            yield from _leaves(child)
    elif isinstance(node, str):
        yield node


class TestDatabase:
    def test_an_unknown_column_is_drift_and_changes_nothing_else(self, kept: Kept):
        before, rows = kept.mapped(), len(kept.landed())
        kept.run(f"ALTER TABLE {kept.stream.table.name} ADD COLUMN brand_new VARCHAR(10)")
        mapped, drift = map_rows(kept.landed(), kept.source, kept.stream)
        assert {name: count for name, (count, _) in drift.fields.items()} == {"brand_new": rows}
        pd.testing.assert_frame_equal(mapped, before)

    def test_a_column_that_is_gone_stops_it_by_name(self, kept: Kept):
        kept.run(f"ALTER TABLE {kept.stream.table.name} RENAME COLUMN {kept.stream.table.key} TO renamed")
        with pytest.raises(DeclarationError, match=f"has no column '{kept.stream.table.key}'"):
            kept.landed()

    def test_a_table_without_rows_is_whole_and_has_no_row(self, kept: Kept):
        kept.run(f"DELETE FROM {kept.stream.table.name}")
        deliveries = kept.read()
        assert deliveries
        assert len(landed(deliveries, kept.stream)) == 0
        assert not [delivery.file for delivery in deliveries if delivery.refused]

    def test_a_row_without_a_key_is_kept_without_an_id_and_the_rest_goes_on(self, kept: Kept):
        clean, table = kept.landed(), kept.stream.table
        with closing(sqlite3.connect(kept.file)) as database:
            columns = [row[1] for row in database.execute(f"PRAGMA table_info({table.name})")]
            taken = ", ".join("NULL" if column == table.key else column for column in columns)
            database.execute(f"INSERT INTO {table.name} SELECT {taken} FROM {table.name} LIMIT 1")
            database.commit()
        frame = kept.landed()
        assert len(frame) == len(clean) + 1
        assert frame["record_id"].isna().sum() == 1
        assert sorted(frame["record_id"].dropna()) == sorted(clean["record_id"])

    def test_what_is_committed_late_is_read_by_a_later_run_and_says_the_same(self, kept: Kept):
        table, before = kept.stream.table, kept.mapped()
        if table.mode == "snapshot":
            kept.day += timedelta(days=7)
        else:  # a batch stamped its rows before the last window ended, and committed them after that was read
            kept.day += timedelta(days=1)
            kept.read_to = kept.window().start
            start = kept.window().start.astimezone(ZoneInfo(kept.stream.timezone)).replace(tzinfo=None)
            overlap = timedelta(minutes=table.overlap_minutes)
            for child in table.children:
                kept.run(f"UPDATE {child.table} SET {child.watermark} = '2001-01-01 00:00:00'")
            kept.run(f"UPDATE {table.name} SET {table.clock} = '{start - overlap - timedelta(minutes=1)}'")
            assert len(kept.landed()) == 0, "before the overlap it is not read again"
            kept.run(f"UPDATE {table.name} SET {table.clock} = '{start - overlap + timedelta(minutes=1)}'")
        after = kept.mapped()
        same = ["record_id", "deleted", *names(kept.stream.kind, "mapped")]
        pd.testing.assert_frame_equal(after[same], before[same])

    def test_a_database_that_is_not_there_is_awaited_by_name(self, kept: Kept):
        kept.file.unlink()
        with pytest.raises(SourceUnavailable, match=f"connection {kept.source.connection} is not there"):
            kept.read()


class TestApi:
    def test_an_answer_of_nobody_is_whole_and_has_no_row(self, asked: Asked):
        asked.change(lambda records: records.clear(), beside=True)
        deliveries = asked.read()
        assert deliveries
        assert len(landed(deliveries, asked.stream)) == 0
        assert not [delivery.file for delivery in deliveries if delivery.refused]

    def test_a_malformed_record_is_reported_with_its_place_and_the_rest_goes_on(self, asked: Asked):
        clean = asked.landed()
        asked.change(lambda records: records.insert(0, "not a record"), first=True)
        frame = asked.landed()
        spoilt = frame[frame["problem"].notna()]
        assert spoilt["problem"].tolist() == ["not_an_object"]
        assert spoilt["record_id"].isna().all()
        assert len(frame) == len(clean) + 1
        assert map_rows(frame, asked.source, asked.stream)[1].fields == {}

    def test_a_malformed_answer_is_refused_and_nothing_of_it_is_taken(self, asked: Asked):
        for file in asked.answers():
            file.write_text(file.read_text(encoding="utf-8")[:-7], encoding="utf-8")
        with pytest.raises((DeliveryRefused, SourceUnavailable)) as refused:
            asked.landed()
        assert "@" not in str(refused.value)

    def test_an_unknown_member_is_drift_and_changes_nothing_else(self, asked: Asked):
        before = asked.mapped()
        asked.change(lambda records: [record.update(brand_new="x") for record in records])
        mapped, drift = map_rows(asked.landed(), asked.source, asked.stream)
        assert {name.rpartition(".")[2] for name in drift.fields} == {"brand_new"}
        pd.testing.assert_frame_equal(mapped, before)

    def test_what_is_asked_for_a_week_late_says_the_same_of_the_same_records(self, asked: Asked):
        before, folder = asked.mapped(), asked.root / asked.source.name
        late = asked.day + timedelta(days=7)
        (folder / asked.day.isoformat()).rename(folder / late.isoformat())
        asked.day = late
        after = asked.mapped()
        same = ["record_id", "deleted", "source_updated_at", *names(asked.stream.kind, "mapped")]
        pd.testing.assert_frame_equal(after[same], before[same])


def _bytes(path: Path) -> bytes:
    """What is in a file, unpacked."""
    if packing := packing_of(path.name):
        with closing(Unpacked(path.open("rb"), packing)) as file:
            return file.read()
    return path.read_bytes()


def _put(path: Path, data: bytes) -> None:
    """Write a file, packed as its name says."""
    match packing_of(path.name):
        case "gz":
            data = gzip.compress(data)
        case "zst":
            data = pa.compress(data, codec="zstd", asbytes=True)
        case "zip":
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("inside", data)
            return
    path.write_bytes(data)


def _encoding(data: bytes, stream: Stream) -> str:
    if data.startswith(b"\xff\xfe"):
        return "utf-16"
    return stream.encoding if stream.encoding != "detect" else "utf-8"


def _text(path: Path, stream: Stream) -> tuple[str, str]:
    data = _bytes(path)
    encoding = _encoding(data, stream)
    return data.decode(encoding), encoding


def _records(document: Any, stream: Stream) -> list[Any]:
    for step in filter(None, (stream.records or "").split(".")):
        document = document[step]
    return document


def _spoil_csv(path: Path, stream: Stream) -> tuple[int, str]:
    text, encoding = _text(path, stream)
    end = "\r\n" if "\r\n" in text else "\n"
    header, rest = text.split(end, 1)
    _put(path, f"{header}{end}only{_mark(header, stream)}two{end}{rest}".encode(encoding))
    return 2, "wrong_field_count"


def _mark(header: str, stream: Stream) -> str:
    return stream.delimiter if stream.delimiter != "detect" else max(",;\t|", key=header.count)


def _spoil_jsonl(path: Path, stream: Stream) -> tuple[int, str]:
    text, encoding = _text(path, stream)
    _put(path, ('{"id": "half\n' + text).encode(encoding))
    return 1, "bad_json"


def _spoil_json(path: Path, stream: Stream) -> tuple[int, str]:
    document = json.loads(_bytes(path))
    _records(document, stream).insert(1, "not a record")
    _put(path, json.dumps(document).encode())
    return 2, "not_an_object"


def _spoil_xlsx(path: Path, stream: Stream) -> tuple[int, str]:
    book = openpyxl.load_workbook(path)
    sheet = book[stream.sheet] if stream.sheet else book.worksheets[0]
    sheet.insert_rows(2)
    for column in range(1, sheet.max_column + 2):
        sheet.cell(2, column, "x")
    book.save(path)
    return 2, "wrong_field_count"


def _widen_csv(path: Path, stream: Stream) -> int:
    text, encoding = _text(path, stream)
    mark = _mark(text.splitlines()[0], stream)
    frame = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False, sep=mark)
    _put(path, frame.assign(brand_new="x").to_csv(index=False, sep=mark).encode(encoding))
    return len(frame)


def _widen_jsonl(path: Path, stream: Stream) -> int:
    text, encoding = _text(path, stream)
    lines = [json.loads(line) for line in text.splitlines()]
    parents = [line for line in lines if "__parentId" not in line]
    for line in parents:
        line["brand_new"] = {}
    _put(path, "".join(json.dumps(line) + "\n" for line in lines).encode(encoding))
    return len(parents)


def _widen_json(path: Path, stream: Stream) -> int:
    document = json.loads(_bytes(path))
    records = _records(document, stream)
    for record in records:
        record["brand_new"] = None
    _put(path, json.dumps(document).encode())
    return len(records)


def _widen_parquet(path: Path, stream: Stream) -> int:
    table = pq.read_table(path)
    pq.write_table(table.append_column("brand_new", pa.nulls(table.num_rows)), path)
    return table.num_rows


def _widen_xlsx(path: Path, stream: Stream) -> int:
    book = openpyxl.load_workbook(path)
    sheet = book[stream.sheet] if stream.sheet else book.worksheets[0]
    for row in range(1, sheet.max_row + 1):
        sheet.cell(row, sheet.max_column + (row == 1), "brand_new" if row == 1 else "x")
    book.save(path)
    return sheet.max_row - 1


def _empty_csv(path: Path, stream: Stream) -> None:
    text, encoding = _text(path, stream)
    _put(path, text.splitlines(keepends=True)[0].encode(encoding))


def _empty_jsonl(path: Path, stream: Stream) -> None:
    _put(path, b"")


def _empty_json(path: Path, stream: Stream) -> None:
    document = json.loads(_bytes(path))
    _records(document, stream).clear()
    for embed in stream.embed:
        document.pop(embed.list, None)
    _put(path, json.dumps(document).encode())


def _empty_parquet(path: Path, stream: Stream) -> None:
    pq.write_table(pq.read_table(path).slice(0, 0), path)


def _empty_xlsx(path: Path, stream: Stream) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book[stream.sheet] if stream.sheet else book.worksheets[0]
    sheet.delete_rows(2, sheet.max_row)
    book.save(path)


SPOIL = {"csv": _spoil_csv, "jsonl": _spoil_jsonl, "json": _spoil_json, "xlsx": _spoil_xlsx}
WIDEN = {"csv": _widen_csv, "jsonl": _widen_jsonl, "json": _widen_json, "parquet": _widen_parquet, "xlsx": _widen_xlsx}
EMPTY = {"csv": _empty_csv, "jsonl": _empty_jsonl, "json": _empty_json, "parquet": _empty_parquet, "xlsx": _empty_xlsx}
