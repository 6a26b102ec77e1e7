"""A source made in a folder, with its deliveries: what the tests of this room share."""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from include.batch import Window
from include.sources import Drift, FileDelivery, RawRow, Source, Stream, key_of, map_rows, read
from include.sources.discovery import load

DAY = "2026-08-03"
WINDOW = Window.parse(DAY, "2026-08-04")

HEAD = {
    "title": "Kiosk",
    "description": "A kiosk.",
    "owner": "retail",
    "contact": "retail@suki.example",
    "purpose": "contract",
    "trust": {"default": 0.5},
}


def stream(**changes: Any) -> dict[str, Any]:
    """A sound customers stream of ``people.csv``, changed."""
    plain = {
        "kind": "customers",
        "files": [{"pattern": "{date:%Y-%m-%d}/people.csv"}],
        "format": "csv",
        "key": "id",
        "updated_at": None,
        "map": {"full_name": "name"},
    }
    return {name: value for name, value in {**plain, **changes}.items() if value is not ...}


def declare(root: Path, head: dict[str, Any] | None = None, name: str = "kiosk", **streams: dict[str, Any]) -> Path:
    """Write a ``source.yml`` with these streams."""
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    plain = {**HEAD, **(head or {}), "streams": streams or {"people": stream()}}
    (folder / "source.yml").write_text(yaml.safe_dump(plain, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return folder


def source_of(root: Path, head: dict[str, Any] | None = None, **changes: Any) -> Source:
    """A source of one stream ``people``."""
    return load(declare(root / "declared", head, people=stream(**changes)))


def deliver(root: Path, name: str, content: bytes | str, day: str = DAY, source: str = "kiosk") -> Path:
    """Put a file where the source delivers it."""
    path = root / "exports" / source / day / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def deliveries(root: Path, source: Source, window: Window = WINDOW, name: str = "people") -> list[FileDelivery]:
    return list(read(source, source.streams[name], window, root / "exports"))


def rows(root: Path, source: Source) -> list[RawRow]:
    return [row for delivery in deliveries(root, source) for row in delivery]


def mapped(source: Source, *raws: dict[str, Any], scope: str | None = None, name: str = "people") -> tuple[pd.DataFrame, Drift]:
    """These raw records, mapped."""
    found = source.streams[name]
    frame = pd.DataFrame(
        [
            {
                "record_id": key_of(raw, found),
                "file": f"kiosk/{DAY}/people.csv",
                "position": n,
                "delivered_on": date.fromisoformat(DAY),
                "scope": scope,
                "problem": None,
                "raw": json.dumps(raw),
            }
            for n, raw in enumerate(raws, 1)
        ]
    )
    return map_rows(frame, source, found)


def landed(deliveries: Iterable[FileDelivery], stream: Stream) -> pd.DataFrame:
    """As extract lands them, with the source's key in the record id's place."""
    rows = [
        {
            "record_id": None if row.problem else key_of(row.raw, stream),
            "file": delivery.file,
            "position": row.position,
            "delivered_on": delivery.delivered_on,
            "scope": delivery.scope,
            "problem": row.problem,
            "raw": json.dumps(row.raw, ensure_ascii=False),
        }
        for delivery in deliveries
        for row in delivery
    ]
    return pd.DataFrame(rows, columns=["record_id", "file", "position", "delivered_on", "scope", "problem", "raw"], dtype=object)


def plain(mapped: pd.DataFrame) -> list[dict]:
    """Mapped rows as the expected files hold them: what is empty is left out."""
    rows = []
    for row in mapped.to_dict("records"):
        row["delivered_on"], row["source_updated_at"] = row["delivered_on"].isoformat(), row["source_updated_at"].isoformat()
        rows.append({name: value for name, value in row.items() if value is not None and value != []})
    return rows
