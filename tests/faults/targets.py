"""The files that are broken: one of each form that the sample world delivers, and the packed and binary forms of a survey."""

import csv
import gzip
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from include.sources import discovery
from sample.rates import load
from sample.world import make

DAY, NEXT_DAY = "2026-08-03", "2026-08-04"


@dataclass(frozen=True)
class Target:
    """A file that is broken.

    Attributes:
        name: What the table calls it.
        source: Who delivers it.
        path: Where, below the exports root.
        form: ``csv``, ``jsonl``, ``json``, ``packed``, ``xlsx`` or ``parquet``.
        fields: Which of its fields is the ``key``, ``name``, ``email``, ``phone`` and ``moment``.
        encoding: Of its text.
        delimiter: Between the fields of a CSV file.
        records: Name of the list of records in a JSON document.
    """

    name: str
    source: str
    path: str
    form: str
    fields: dict[str, str]
    encoding: str = "utf-8"
    delimiter: str = ","
    records: str = ""

    def text(self, content: bytes) -> str:
        return content.decode(self.encoding)

    def encoded(self, text: str) -> bytes:
        return text.encode(self.encoding)

    def rows(self, content: bytes) -> list[dict[str, object]]:
        """The records of a sound file."""
        if self.form == "csv":
            return list(csv.DictReader(io.StringIO(self.text(content), newline=""), delimiter=self.delimiter))
        if self.form == "json":
            return list(json.loads(content)[self.records])
        return [json.loads(line) for line in self.text(content).split("\n") if line.strip()]

    def written(self, rows: list[dict[str, object]], content: bytes) -> bytes:
        """A file of these records, otherwise like ``content``."""
        if self.form == "csv":
            out = io.StringIO()
            writer = csv.DictWriter(out, list(rows[0]), delimiter=self.delimiter, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
            return self.encoded(out.getvalue())
        if self.form == "json":
            return self.encoded(json.dumps({**json.loads(content), self.records: rows}))
        return self.encoded("".join(f"{json.dumps(row)}\n" for row in rows))


_SURVEY = {
    "key": "Response ID", "name": "Your name", "email": "Your e-mail", "phone": "Your mobile number", "moment": "Submitted"
}  # fmt: skip
_PACKED = {"gz": "csv.gz", "zst": "csv.zst", "zip": "csv.zip", "xlsx": "xlsx", "parquet": "parquet", "detect": "csv"}

TARGETS = {target.name: target for target in (
    Target("csv", "store_pos", f"store_pos/{DAY}/customers_BER01.csv", "csv", {
        "key": "Square Customer ID", "name": "First Name", "email": "Email Address", "phone": "Phone Number",
        "moment": "Last Visit",
    }),
    Target("tsv of UTF-16", "social", f"social/{DAY}/leads.csv", "csv", {
        "key": "id", "name": "full_name", "email": "email", "phone": "phone_number", "moment": "created_time",
    }, encoding="utf-16", delimiter="\t"),
    Target("jsonl", "online_sales", f"online_sales/{DAY}/customers.jsonl", "jsonl", {
        "key": "id", "name": "firstName", "email": "email", "phone": "phone", "moment": "updatedAt",
    }),
    Target("json", "support", f"support/{DAY}/users.json", "json", {
        "key": "id", "name": "name", "email": "email", "phone": "phone", "moment": "updated_at",
    }, records="users"),
    *(Target(name, f"survey_{name}", f"survey_{name}/{DAY}/responses.{ending}", "packed" if "csv." in ending else name, _SURVEY)
      for name, ending in _PACKED.items()),
)}  # fmt: skip


def deliver(root: Path) -> tuple[Path, Path]:
    """A sound day of every target below ``root``; returns the exports root and the folder of the sources that read it."""
    exports, sources = root / "exports", root / "sources"
    make(load(), exports, root / "truth", people=150, seed=7, days=3)
    for name in {target.source for target in TARGETS.values()}:
        ours = discovery.HERE / name
        if ours.exists():
            shutil.copytree(ours, sources / name, ignore=shutil.ignore_patterns("sample", "expected"))
    survey = discovery.HERE / "survey"
    sample = next((survey / "sample").iterdir()) / "responses.csv"
    for name, ending in _PACKED.items():
        folder, file = sources / f"survey_{name}", exports / TARGETS[name].path
        folder.mkdir(parents=True)
        text = (survey / "source.yml").read_text(encoding="utf-8").replace("enabled: false ", "enabled: true ")
        text = text.replace("responses.csv", f"responses.{ending}")
        if name in ("xlsx", "parquet"):
            text = text.replace("format: csv", f"format: {name}")
        if name == "detect":
            text = text.replace("format: csv", "format: csv\n    encoding: detect\n    delimiter: detect")
        (folder / "source.yml").write_text(text, encoding="utf-8")
        file.parent.mkdir(parents=True)
        file.write_bytes(PACK[name](sample.read_bytes()))
    return exports, sources


def table(content: bytes) -> list[list[str]]:
    """Header and rows of a CSV file."""
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


def workbook(rows: list[list[str]], sheet: str = "Sheet1") -> bytes:
    """A workbook of one sheet."""
    import openpyxl

    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.title = sheet
    for row in rows:
        book.active.append([cell or None for cell in row])
    book.save(out)
    return out.getvalue()


def parquet(rows: list[list[object]], **types: pa.DataType) -> bytes:
    """A Parquet file of text columns, but for those of another type."""
    header, *values = rows
    columns = {
        str(name): pa.array([row[at] if row[at] != "" else None for row in values], types.get(str(name), pa.string()))
        for at, name in enumerate(header)
    }
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def zipped(content: bytes, *names: str) -> bytes:
    """A zip file with the same under each name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in names or ("responses.csv",):
            packed.writestr(name, content)
    return out.getvalue()


PACK: dict[str, Callable[[bytes], bytes]] = {
    "gz": lambda content: gzip.compress(content, mtime=0),
    "zst": lambda content: pa.Codec("zstd").compress(content, asbytes=True),
    "zip": zipped,
    "xlsx": lambda content: workbook(table(content)),
    "parquet": lambda content: parquet(table(content)),
    "detect": lambda content: content,
}
