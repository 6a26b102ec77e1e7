"""Zendesk's incremental exports of users and tickets, cursor based.

After developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/ (cursor based):

- ``GET /api/v2/incremental/users/cursor.json?start_time={unix}`` gives what changed at or after that time, and every later page
  is asked for with ``?cursor={after_cursor}``; ``per_page`` is at most 1000.
- The answer has ``users``, ``after_cursor``, ``after_url``, ``before_cursor``, ``before_url`` and ``end_of_stream``; the last
  page has ``end_of_stream: true`` and still a cursor, with which a later export goes on.
- The same for ``tickets``. ``include=identities`` lays the users' identities beside them, in a list of its own
  (developer.zendesk.com/documentation/ticketing/using-the-zendesk-api/side_loading/).
- A ``start_time`` less than a minute ago is refused.
- Too many requests: 429 with ``Retry-After`` in seconds (developer.zendesk.com/api-reference/introduction/rate-limits/).
"""

import base64
import binascii
import time
from typing import Any

from tests.api_servers.serving import Service, serve

FIRST = 1785542400  # 2026-08-01T00:00:00Z
USERS = [
    {
        "id": 1000 + n, "name": f"User {n}", "email": f"user{n}@suki.example", "active": True,
        "created_at": "2026-07-01T00:00:00Z", "updated_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(FIRST + n * 7200)),
        "_changed": FIRST + n * 7200,
    }
    for n in range(48)
]  # fmt: skip
"""Four days, a user every other hour."""
IDENTITIES = [
    {"id": 5000 + n, "user_id": 1000 + n, "type": "email", "value": f"other{n}@suki.example", "primary": False, "verified": True}
    for n in range(0, 48, 3)
]
TICKETS = [
    {
        "id": 2000 + n, "requester_id": 1000 + n, "subject": "Where is it?", "status": "open",
        "created_at": user["updated_at"], "updated_at": user["updated_at"], "_changed": user["_changed"],
    }
    for n, user in enumerate(USERS)
]  # fmt: skip


class Zendesk(Service):
    """The desk."""

    def answer(self, path: str, query: dict[str, str], body: bytes) -> None:
        self.page(path, query)

    def spoil(self, fault: dict[str, Any], path: str, query: dict[str, str], body: bytes) -> None:
        self.page(path, query, **fault)

    def page(self, path: str, query: dict[str, str], per_page: int | None = None, same_cursor: bool = False) -> None:
        kind = path.removeprefix("/api/v2/incremental/").removesuffix("/cursor.json")
        if kind not in ("users", "tickets"):
            self.send_json(404, {"error": "RecordNotFound", "description": "Not found"})
            return
        if "cursor" in query:
            try:
                since, begin = map(int, base64.b64decode(query["cursor"], validate=True).decode().split(":"))
            except (ValueError, binascii.Error):
                self.send_json(400, {"error": "InvalidPaginationParameter", "description": "cursor is invalid"})
                return
        elif "start_time" in query and int(query["start_time"]) < time.time() - 60:
            since, begin = int(query["start_time"]), 0
        else:
            self.send_json(
                422,
                {"error": "StartTimeTooRecent", "description": "Too recent start_time. Use a start_time older than 60 seconds"},
            )
            return
        size = per_page or min(int(query.get("per_page", 1000)), 1000)
        changed = [record for record in (USERS if kind == "users" else TICKETS) if record["_changed"] >= since]
        end = begin if same_cursor else begin + size
        cursor = base64.b64encode(f"{since}:{min(end, len(changed))}".encode()).decode()
        records = [
            {name: value for name, value in record.items() if name != "_changed"} for record in changed[begin : begin + size]
        ]
        beside = {}
        if kind == "users" and query.get("include") == "identities":
            ids = {record["id"] for record in records}
            beside = {"identities": [identity for identity in IDENTITIES if identity["user_id"] in ids]}
        self.send_json(200, {
            kind: records, **beside,
            "after_url": f"http://{self.headers['Host']}{path}?cursor={cursor}", "after_cursor": cursor,
            "before_url": None, "before_cursor": None, "end_of_stream": not same_cursor and end >= len(changed),
        })  # fmt: skip


if __name__ == "__main__":
    serve(Zendesk)
