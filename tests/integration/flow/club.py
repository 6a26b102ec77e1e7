"""A source of its own with a world around it: what tests of change declare, deliver and look at."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from tests.integration.flow.world import World

DAYS = [f"2026-08-{n:02}" for n in range(3, 10)]
CLUB = {
    "title": "Club", "description": "Members of the club.", "owner": "club", "contact": "club@suki.example",
    "purpose": "contract", "default_country": "PH", "trust": {"default": 0.5},
}  # fmt: skip
MEMBERS = {
    "kind": "customers", "format": "jsonl", "key": "id", "updated_at": "at",
    "files": [
        {"pattern": "{date:%Y-%m-%d}/members.jsonl"},
        {"pattern": "{date:%Y-%m-%d}/members.full.jsonl", "mode": "snapshot"},
    ],
    "deleted": {"path": "gone", "equals": True},
    "map": {"full_name": "name", "emails": "mail"},
}  # fmt: skip
VISITS = {
    "kind": "interactions", "format": "jsonl", "key": "id", "updated_at": "at", "customer_stream": "members",
    "files": [{"pattern": "{date:%Y-%m-%d}/visits.jsonl", "optional": True}],
    "constants": {"interaction_type": "visit"},
    "map": {"customer_key": "member", "occurred_at": "at"},
}  # fmt: skip


class Club:
    """A source of its own with a world around it."""

    def __init__(self, world: World, root: Path) -> None:
        self.world, self._root, self._runs = world, root, 0
        self.declare()

    def declare(self, head: dict[str, Any] | None = None, *, visits: bool | dict[str, Any] = False, **members: Any) -> None:
        """Declare it, with these keys of the source and of its stream of members."""
        told = {"visits": VISITS if visits is True else visits} if visits else {}
        streams = {"members": {**MEMBERS, **members}, **told}
        (self._root / "club").mkdir(parents=True, exist_ok=True)
        (self._root / "club" / "source.yml").write_text(
            yaml.safe_dump({**CLUB, **(head or {}), "streams": streams}), encoding="utf-8"
        )

    def send(self, day: int, *rows: dict[str, Any], file: str = "members.jsonl") -> None:
        """Lay a file down."""
        path = self.world.exports / "club" / DAYS[day] / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    def sync(self, *days: int, **params: Any) -> list[dict[str, Any]]:
        """Run days, in the order given and with these parameters; what the last one staged."""
        for day in days:
            self._runs += 1
            staged = self.world.ingest("club", DAYS[day], DAYS[day + 1], run_id=f"club {self._runs}", **params)
        return staged

    def current(self) -> dict[str, str]:
        """Source key, with its epoch if it is not the first, to the name it has now."""
        rows = self.world.query(
            "SELECT source_key || CASE epoch WHEN 1 THEN '' ELSE '/' || epoch END, full_name FROM staging.current_record"
            " JOIN staging.record USING (record_id) WHERE record.source = 'club'"
        )
        return dict(rows)


def member(key: int, name: str, at: str = "", **more: Any) -> dict[str, Any]:
    return {"id": key, "name": name, "mail": f"m{key}@clubmail.com", "at": at, **more}


def on(day: int, hour: int = 9) -> str:
    return f"{DAYS[day]}T{hour:02}:00:00Z"


def the_day(day: int) -> Any:
    """A day as YAML has it."""
    return date.fromisoformat(DAYS[day])
