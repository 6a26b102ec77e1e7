"""What reading costs: a large CSV and Parquet file beside pyarrow's own readers, a table beside COPY, an API beside its limit.

What is timed of Suki is what the task ``extract`` reads with, from the file to the tables that it lands: hashed, each row's
position known, rows that are unfit told one by one. What is timed of pyarrow is a file to a table in memory. Each is done in a
process of its own, once to warm up the file and once for the clock; landing is timed apart, for pyarrow does nothing like it.
"""

import argparse
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from benchmarks.measured import forked
from include.privacy.tokens import Tokens
from include.sources import Delivery, FileDelivery, Source, Stream
from include.sources.discovery import load

if TYPE_CHECKING:
    from local.postgres import Server

_ROWS = 10_000_000
_GIVEN = ("Ana", "Bo", "José", "渡辺 健", "Maria", "John", "Łukasz", "Siti")
_FAMILY = ("Cruz", "Müller", "Santos", "Kim", "O'Brien", "Nguyễn", "de la Cruz")
_HEAD = """title: Bench
description: Invented people.
owner: nobody
contact: nobody@suki.example
purpose: contract
trust: {default: 0.5}
connection: bench
streams:
  people:
    kind: customers
"""
_FILE = """
    files: [{{pattern: "people.{form}"}}]
    format: {form}
    key: id
    updated_at: null
    map: {{given_name: given, family_name: family, emails: email, phones: phone, address_line: street, city: city}}
"""
_LINE = "{:34}{:>9}{:>9}{:>14}{:>10}"


def main() -> int:
    """Measure and print."""
    options = argparse.ArgumentParser(description="Time the readers.", prog="python -m benchmarks.readers")
    options.add_argument("--rows", type=int, default=_ROWS)
    options.add_argument("--parts", nargs="+", choices=_PARTS, default=list(_PARTS))
    options.add_argument("--folder", help="where the files are made (a temporary one); 1.6 GB for ten million rows")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-readers-", dir=given.folder) as folder:
        for part in given.parts:
            _PARTS[part](Path(folder), given.rows)
    return 0


def files(folder: Path, rows: int) -> None:
    """CSV and Parquet beside pyarrow."""
    print(f"Drawing {rows:,} rows: a field in four is in quotes and holds a comma", flush=True)
    csv, parquet = folder / "people.csv", folder / "people.parquet"
    _draw(csv, rows)
    forked(lambda: _to_parquet(csv, parquet))
    for file, own in ((csv, pyarrow.csv.read_csv), (parquet, pq.read_table)):
        form = file.suffix[1:]
        print(
            f"\n{form.upper()}, {file.stat().st_size / 1e6:,.0f} MB\n"
            + _LINE.format("", "wall", "CPU", "rows a second", "memory")
        )
        source = _source(folder, form, _FILE.format(form=form))
        theirs = _timed("pyarrow, to a table", rows, lambda file=file, own=own: own(file).num_rows)  # type: ignore[misc]
        ours = _timed("Suki, to tables of its landing", rows, lambda file=file, source=source: _read(source, file))  # type: ignore[misc]
        _timed("Suki, landed as Parquet", rows, lambda file=file, source=source: _landed(source, file, folder), first=False)  # type: ignore[misc]
        print(f"Suki reads at {theirs[0] / ours[0]:.2f} of pyarrow's speed by the clock, {theirs[1] / ours[1]:.2f} by its work.")


def _timed(what: str, rows: int, job: Callable[[], int], first: bool = True) -> tuple[float, float]:
    """Wall time and CPU of a job in a process of its own, the second time it is done; it must find every row."""

    def clocked() -> tuple[int, float, float]:
        wall, work = time.perf_counter(), time.process_time()
        count = job()
        return count, time.perf_counter() - wall, time.process_time() - work

    if first:
        forked(clocked)
    (count, wall, work), peak = forked(clocked)
    if count != rows:
        raise SystemExit(f"{what}: {count:,} of {rows:,} rows")
    print(_LINE.format(what, f"{wall:.1f} s", f"{work:.1f} s", f"{rows / wall:,.0f}", f"{peak:,} MB"), flush=True)
    return wall, work


def _delivery(source: Source, file: Path) -> tuple[Stream, FileDelivery]:
    stream = source.streams["people"]
    return stream, FileDelivery(f"bench/{file.name}", date(2026, 8, 3), "changes", None, stream, file)


def _read(source: Source, file: Path) -> int:
    return _rows_of(_delivery(source, file)[1])


def _rows_of(delivery: Delivery) -> int:
    """Rows of a delivery that is read to its end."""
    return sum(map(len, delivery.pieces()))


def _landed(source: Source, file: Path, folder: Path) -> int:
    """Land a file as ``extract`` does, into one file; returns the rows."""
    from suki.frames import landed_schema
    from suki.operators.extract import _Landing

    stream, delivery = _delivery(source, file)
    into = folder / "landed.parquet"
    with pq.ParquetWriter(into, landed_schema(), compression="zstd") as writer:
        file_of: Any = SimpleNamespace(append=writer.write_table)
        one = _Landing(source, stream, file_of, Tokens(b"0123456789abcdef", "1"))
        one.take(delivery)
        one.flush()
    return int(pq.read_metadata(into).num_rows)


def _source(folder: Path, what: str, stream: str) -> Source:
    declared = folder / what / "bench"
    declared.mkdir(parents=True)
    (declared / "source.yml").write_text(_HEAD + stream, encoding="utf-8")
    return load(declared)


def _lines(rows: int) -> Iterator[str]:
    for n in range(rows):
        street = f'"{n % 999} High Street, Apt {n % 30}"' if n % 4 == 0 else f"{n % 999} High Street"
        yield (
            f"{n},{_GIVEN[n % 8]},{_FAMILY[n % 7]},c{n}@example.com,0917 {n % 10_000_000:07},{street},Manila,"
            f"{n % 100_000:05},PH,2026-0{1 + n % 9}-1{n % 10}\n"
        )


def _draw(file: Path, rows: int) -> None:
    with file.open("w", encoding="utf-8", buffering=1 << 20) as out:
        out.write("id,given,family,email,phone,street,city,postcode,country,joined\n")
        out.writelines(_lines(rows))


def _to_parquet(csv: Path, parquet: Path) -> None:
    with pyarrow.csv.open_csv(csv) as table, pq.ParquetWriter(parquet, table.schema) as out:
        for batch in table:
            out.write_batch(batch)


def sql(folder: Path, rows: int) -> None:
    """A table of PostgreSQL through the reader, beside COPY of the same rows by the same driver: thrown away, and to a table."""
    import psycopg
    from sqlalchemy import make_url

    from benchmarks.database import cpu_seconds
    from include.batch import Window
    from include.sources.readers import sql as reader
    from local.postgres import Server

    rows = min(rows, _TABLE_ROWS)
    source = _source(folder, "sql", _TABLE)
    folder.chmod(0o755)  # PostgreSQL runs as a user of its own
    server = Server(folder / "postgres", secrets.token_hex(16))
    server.start(with_parent=True)
    try:
        password = secrets.token_hex(16)
        server.ensure_login("bench", password)
        server.ensure_database("bench", "bench")
        url = server.url("bench", "bench", password)
        with psycopg.connect(url) as made:
            made.execute(_MADE, {"rows": rows})
        print(f"\nSQL, {rows:,} rows of PostgreSQL\n" + _LINE.format("", "wall", "CPU", "rows a second", "memory"))

        def copied() -> int:
            with psycopg.connect(url) as connection, connection.cursor().copy(_COPY) as copy:
                return sum(1 for _ in copy)

        def tabled() -> int:
            with psycopg.connect(url) as connection, connection.cursor().copy(f"{_COPY} (FORMAT csv)") as copy:
                text = b"".join(copy)
            names = pyarrow.csv.ReadOptions(column_names=_NAMES, use_threads=False)
            return int(pyarrow.csv.read_csv(pa.BufferReader(text), names).num_rows)

        def read() -> int:
            engine = reader.engine(make_url(url).set(drivername="postgresql+psycopg"), "bench")
            window = Window.parse("2026-08-03", "2026-08-04")
            found = reader.read(source, source.streams["people"], window, engine, None)
            return sum(_rows_of(delivery) for delivery in found)

        before = cpu_seconds(server)
        theirs = _timed("COPY, thrown away", rows, copied)
        between = cpu_seconds(server)
        whole = _timed("COPY, to a table", rows, tabled)
        behind = cpu_seconds(server)
        ours = _timed("Suki, to tables of its landing", rows, read)
        end = cpu_seconds(server)
        work = ours[1] + (end - behind) / 2
        for what, other, served in (("thrown away", theirs, between - before), ("to a table", whole, behind - between)):
            print(
                f"Suki reads at {other[0] / ours[0]:.2f} of the speed of COPY {what} by the clock, "
                f"{(other[1] + served / 2) / work:.2f} by the work of both sides."
            )
        _with_children(folder, server, url, rows)
    finally:
        server.stop()


def _with_children(folder: Path, server: "Server", url: str, rows: int) -> None:
    """The same table with a child table, of which each row has two, beside COPY of the one and then of the other."""
    import psycopg
    from sqlalchemy import make_url

    from benchmarks.database import cpu_seconds
    from include.batch import Window
    from include.sources.readers import sql as reader

    with psycopg.connect(url) as made:
        made.execute(_HOMES, {"rows": rows})
    source = _source(folder, "family", _WITH_HOMES)

    def copied() -> int:
        with psycopg.connect(url) as connection:
            for text in (_COPY, _COPY_HOMES):
                with connection.cursor().copy(text) as copy:
                    sum(1 for _ in copy)
        return rows

    def read() -> int:
        engine = reader.engine(make_url(url).set(drivername="postgresql+psycopg"), "bench")
        found = reader.read(source, source.streams["people"], Window.parse("2026-08-03", "2026-08-04"), engine, None)
        return sum(_rows_of(delivery) for delivery in found)

    before = cpu_seconds(server)
    theirs = _timed("COPY of it and its children", rows, copied)
    between = cpu_seconds(server)
    ours = _timed("Suki, each with its children", rows, read)
    work = ours[1] + (cpu_seconds(server) - between) / 2
    print(
        f"Suki reads at {theirs[0] / ours[0]:.2f} of the speed of COPY thrown away by the clock, "
        f"{(theirs[1] + (between - before) / 2) / work:.2f} by the work of both sides."
    )


_COPY = "COPY (SELECT * FROM people ORDER BY id) TO STDOUT"
_NAMES = ["id", "given", "family", "email", "phone", "street", "city", "changed"]
_TABLE_ROWS = 1_000_000
_MADE = """CREATE TABLE people AS
    SELECT n AS id, 'Ana ' || n AS given, 'Cruz' AS family, 'c' || n || '@example.com' AS email, '0917 ' || n AS phone,
        n %% 999 || ' High Street' AS street, 'Manila' AS city, TIMESTAMP '2026-08-01' + n * INTERVAL '1 second' AS changed
    FROM generate_series(1, %(rows)s) n"""
_TABLE = """
    table: {name: people, key: id, mode: snapshot}
    key: id
    updated_at: changed
    map: {given_name: given, family_name: family, emails: email, phones: phone, address_line: street, city: city}
"""


_COPY_HOMES = "COPY (SELECT * FROM home ORDER BY person, no) TO STDOUT"
_HOMES = """CREATE TABLE home AS
    SELECT n %% %(rows)s + 1 AS person, n AS no, n %% 999 || ' High Street' AS street, 'Manila' AS city,
        TIMESTAMP '2026-08-01' + n * INTERVAL '1 second' AS changed
    FROM generate_series(1, 2 * %(rows)s) n"""
_WITH_HOMES = _TABLE.replace("mode: snapshot}", "mode: snapshot, children: [{table: home, child: person}]}")


def http(folder: Path, rows: int) -> None:  # noqa: ARG001 - as many as its pages hold
    """An API beside its limit: a real server that counts, and answers 429 to what is too much in any stretch of time."""
    from include.batch import Window
    from include.sources.declaration import RateLimit
    from include.sources.readers import api
    from include.sources.readers.api_client import Client, Login
    from tests.api_servers.running import Server
    from tests.api_servers.serving import LOGIN, SECRET

    print(
        "\nHTTP, pages of an API that counts its requests and takes its time for each answer\n"
        + _LIMITS.format("pages by", "limit", "an answer takes", "asked a second", "of the limit", "too many")
    )
    for by, (service, records, declared) in _ASKED.items():
        place = folder / "http" / by / "bench"
        place.mkdir(parents=True)
        (place / "source.yml").write_text(_API.format(request=declared), encoding="utf-8")
        source = load(place)
        for requests, seconds, takes in ((10, 1, 0.0), (50, 1, 0.02), (50, 1, 0.1), (100, 10, 0.2)):
            with tempfile.TemporaryDirectory(dir=folder) as served, Server(service, Path(served)) as server:
                server.allows(requests, seconds)
                server.takes(takes)
                login = Login(server.url, "bench", user=LOGIN, password=SECRET)
                asking = Client(login, RateLimit(requests=requests, seconds=seconds))
                window = Window.parse("2026-08-01", "2026-08-09")
                (delivery,) = api.read(source, source.streams["people"], window, asking, None)
                if sum(1 for _ in delivery) != records:
                    raise SystemExit("some records are missing")
                times = [request["at"] for request in server.asked][: records + 1]
                rate = (len(times) - 1) / (times[-1] - times[0])
                asking.close()
                share = f"{rate / requests * seconds:.2f}"
                limit, answer = f"{requests} in {seconds} s", f"{takes * 1000:.0f} ms"
                print(_LIMITS.format(by, limit, answer, f"{rate:.1f}", share, server.exceeded), flush=True)


_LIMITS = "{:>10}{:>13}{:>17}{:>16}{:>14}{:>10}"
_API = """title: Bench
description: Invented users.
owner: nobody
contact: nobody@suki.example
purpose: contract
trust: {{default: 0.5}}
connection: bench
streams:
  people:
    kind: customers
    request: {request}
    key: id
    updated_at: null
    map: {{full_name: name}}
"""
_ASKED = {
    "number": ("pages", 100, "{path: /long, records: items, pages: {by: number, param: page}}"),
    "cursor": (
        "zendesk",
        48,
        """
      path: /api/v2/incremental/users/cursor.json
      params: {per_page: 1}
      records: users
      since: {param: start_time, form: unix}
      pages: {by: cursor, param: cursor, next: after_cursor, last: end_of_stream}""",
    ),
}
"""By how the next page is known: the server, its records, one a page, and what is declared of the request."""
_PARTS: dict[str, Callable[[Path, int], None]] = {"files": files, "sql": sql, "http": http}


if __name__ == "__main__":
    sys.exit(main())
