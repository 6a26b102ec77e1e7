"""Where values could be told, and the search for a person there in every form a value takes on its way."""

import base64
import html
import json
import re
import threading
import unicodedata
import urllib.parse
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psutil
from psycopg import sql

from include.customer import FIELDS
from include.warehouse.tables import metadata
from tests.e2e.canaries import Flock
from tests.e2e.driver import Suki

# --- the search -------------------------------------------------------------------------------------------------------------

_ESCAPES = {
    re.compile(r"\\+u([0-9a-fA-F]{4})"): lambda code: chr(int(code[1], 16)),
    re.compile(r"(?:\\+x[0-9a-fA-F]{2})+"): lambda code: _decoded(bytes.fromhex(re.sub(r"\\+x", "", code[0]))),
    re.compile(r"(?:\\+[0-3][0-7]{2})+"): lambda code: _decoded(bytes(int(n, 8) for n in re.findall(r"[0-3][0-7]{2}", code[0]))),
}
_SEPARATORS = r"[\s().\-/–]{0,2}"


class Search:
    """Finds anything of a flock in a text.

    The text is read as it is and with its escapes undone (JSON, Python, PostgreSQL's octal, URL, HTML), in NFKC and folded case.
    Words are found alone, so parts of a value and names in any order are; numbers with any separators or none; and all of it in
    base64 and in hexadecimal.

    Args:
        flock: Whose values.
        people: How many of it there are.
        more: Values the pipeline made of theirs, such as a romanised name.
    """

    def __init__(self, flock: Flock, people: int, more: Iterable[str] = ()) -> None:
        members = [flock.person(number) for number in range(people)]
        words = {flock.word, *(part for name in flock.scripts for part in name)}
        plain = {re.escape(plainly(text)) for text in words | set(more) | {d for person in members for d in person.dates()}}
        numbers = {_SEPARATORS.join(number) for person in members for number in person.numbers()}
        self._open = re.compile("|".join(sorted(plain | numbers)))
        self._hidden = re.compile("|".join(re.escape(text) for text in sorted(set(_hidden(words)) | set(_hidden(set(more))))))

    def in_text(self, text: str) -> Counter[str]:
        """What was found, and how often."""
        lines = "\n".join(dict.fromkeys(text.splitlines()))  # services say the same thing many times
        found = Counter(hit for form in _readings(lines) for hit in self._open.findall(form))
        return found + Counter(self._hidden.findall(lines))


def plainly(text: str) -> str:
    """The form in which texts are compared."""
    return unicodedata.normalize("NFKC", text).casefold()


def _readings(text: str) -> Iterator[str]:
    yield plainly(text)
    undone = html.unescape(text)
    for _ in range(2):  # JSON within JSON
        for escape, character in _ESCAPES.items():
            undone = escape.sub(character, undone)
    undone = urllib.parse.unquote_plus(undone.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))
    yield plainly(undone)


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _hidden(words: Iterable[str]) -> Iterator[str]:
    """Base64 and hexadecimal of each word, wherever in a longer text it begins."""
    for word in words:
        for form in {word, word.capitalize(), word.upper()}:
            raw = form.encode()
            if len(raw) < 6:
                continue
            for encoding in ("utf-8", "utf-16-le"):
                digits = form.encode(encoding).hex()
                yield from (digits, digits.upper())
            for shift in range(3):
                coded = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
                kept = coded[(shift * 8 + 5) // 6 : len(coded) - 1]  # characters that hold bits of the word alone
                yield from {kept, kept.replace("+", "-").replace("/", "_")}


def masked(found: Counter[str]) -> list[str]:
    """What a failed test says of it: these people are invented, but the sample's tests say no more either."""
    return sorted(f"{text} ({times} times)" for text, times in found.items())


# --- the places -------------------------------------------------------------------------------------------------------------


WATCHED = ("command lines", "environments", "statements")


@dataclass
class Watch:
    """Looks at processes and sessions while things happen: command lines, environments, running statements.

    Use as a context manager.
    """

    suki: Suki
    seen: dict[str, set[str]] = field(
        default_factory=lambda: {"command lines": set(), "environments": set(), "statements": set()}
    )
    _ended: threading.Event = field(default_factory=threading.Event)
    _looking: Future[None] | None = None

    def __enter__(self) -> "Watch":
        pool = ThreadPoolExecutor(1)
        self._looking = pool.submit(self._look)
        pool.shutdown(wait=False)
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._looking is not None:
            self._looking.result()  # a look that failed has seen nothing since, and says so

    def _look(self) -> None:
        with self.suki.platform.postgres.superuser() as connection:
            while not self._ended.wait(0.7):
                rows = connection.execute("SELECT query || ' ' || application_name FROM pg_stat_activity").fetchall()
                self.seen["statements"] |= {str(row[0]) for row in rows}
                for process in self.suki.processes():
                    with suppress(psutil.Error):
                        self.seen["command lines"].add(" ".join(process.cmdline()))
                        self.seen["environments"].update(f"{name}={value}" for name, value in process.environ().items())


def everything_told(suki: Suki) -> dict[str, str]:
    """Place > all that can be read there, of everything but the exports, the lake and what the warehouse keeps of people."""
    return {
        **dict(_files(suki)),
        "server log": suki.platform.postgres.log.read_text(errors="replace"),
        "paths of the lake": "\n".join(str(path) for path in suki.settings.lake.rglob("*")),
        **dict(_tables(suki, "airflow", {})),
        **dict(_tables(suki, "warehouse", _columns_about_people())),
        **dict(_pages(suki)),
    }


def _files(suki: Suki) -> Iterator[tuple[str, str]]:
    """Every file the platform wrote: logs of tasks and services, and whatever else there is."""
    state, kept = suki.settings.state, {suki.settings.exports, suki.settings.lake, suki.settings.truth}
    for file in sorted(state.rglob("*")):
        if file.is_file() and not kept & set(file.parents):
            kind = "task log" if file.name.startswith("attempt=") else "file"
            yield f"{kind} {file.relative_to(state)}", file.read_text(errors="replace")


def _columns_about_people() -> dict[str, set[str]]:
    """Table > its columns that hold what sources say; every other column of the warehouse is Suki's own and holds nobody.

    A canonical field is the source's word whatever its classification: who writes a name where a status belongs, finds it there.
    """
    canonical = {field.name for fields in FIELDS.values() for field in fields}
    return {
        f"{table.schema}.{table.name}": {
            column.name for column in table.columns if column.info["classification"] != "internal" or column.name in canonical
        }
        for table in metadata.tables.values()
        if table.schema != "ops"
    }


def _tables(suki: Suki, database: str, without: dict[str, set[str]]) -> Iterator[tuple[str, str]]:
    listing = (
        "SELECT c.table_schema, c.table_name, array_agg(c.column_name::text) FROM information_schema.columns c"
        " JOIN information_schema.tables t USING (table_schema, table_name)"
        " WHERE t.table_type = 'BASE TABLE' AND c.table_schema NOT IN ('pg_catalog', 'information_schema') GROUP BY 1, 2"
    )
    with suki.platform.postgres.superuser(database) as connection:
        for schema, table, columns in connection.execute(listing).fetchall():
            told = [column for column in columns if column not in without.get(f"{schema}.{table}", set())]  # type: ignore[attr-defined]
            query = sql.SQL("SELECT {} FROM {}").format(
                sql.SQL(", ").join(map(sql.Identifier, told)), sql.Identifier(str(schema), str(table))
            )
            rows = connection.execute(query).fetchall() if told else []
            yield f"{database} {schema}.{table}", "\n".join(" ".join(map(_cell, row)) for row in rows)


def _cell(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        raw = bytes(value)
        with suppress(zlib.error):
            raw = zlib.decompress(raw)
        return raw.decode("utf-8", "replace") + bytes(value).hex()
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else str(value)


def _pages(suki: Suki) -> Iterator[tuple[str, str]]:
    """The pages of the UI that are ours, for every run there was."""
    root = f"{suki.settings.ui_url}/suki/quality"
    yield "page of the latest reports", _page(suki, f"{root}/")
    for dag_id, run_id in suki.ask("SELECT DISTINCT dag_id, run_id FROM ops.quality_result"):
        query = urllib.parse.urlencode({"dag_id": dag_id, "run_id": run_id})
        texts = [_page(suki, f"{root}/{name}?{query}") for name in ("run", "profile", "cleaning")]
        yield f"page of {dag_id} {run_id}", "\n".join(texts)
    for dag_id, run_id in suki.ask("SELECT dag_id, run_id FROM ops.model_comparison"):
        query = urllib.parse.urlencode({"dag_id": dag_id, "run_id": run_id})
        yield f"page of {dag_id} {run_id}", _page(suki, f"{root}/model?{query}")


def _page(suki: Suki, address: str) -> str:
    answer = suki.browse(address)
    assert answer.status == 200, f"{address} answers {answer.status}: nothing was looked at"
    return answer.text


def made_of(suki: Suki, flock: Flock) -> set[str]:
    """What the pipeline made of a flock's values and keeps in the warehouse: romanised names, keys of names and streets."""
    found = suki.ask(
        "SELECT full_name, given_name, family_name, given_key, family_key, street_key, email_keys, handles"
        " FROM staging.record_version v WHERE to_jsonb(v)::text ~* %s",
        "|".join((flock.word, *(part for name in flock.scripts for part in name))),
    )
    texts = {text for row in found for value in row for text in (value if isinstance(value, list) else [value]) if text}
    return {text for text in texts if len(text) >= 7 and any(map(str.isalpha, text))}
