"""Square: customers searched for by when they changed, and payments listed.

- ``POST /v2/customers/search`` (developer.squareup.com/reference/square/customers-api/search-customers): the body holds ``limit``
  (at most 100), ``cursor`` and ``query.filter.updated_at.start_at``, in RFC 3339; ``cursor`` in the answer only where there is
  more; an answer without customers is an empty object. A cursor goes on with its own query: sent with another, it is refused
  (developer.squareup.com/docs/build-basics/common-api-patterns/pagination).
- ``GET /v2/payments`` (developer.squareup.com/reference/square/payments-api/list-payments): ``updated_at_begin_time`` with
  ``sort_field=UPDATED_AT``, ``cursor``, ``limit``.
- Errors (developer.squareup.com/docs/build-basics/handling-errors): ``{"errors": [{"category", "code", "detail"}]}``; 401
  ``UNAUTHORIZED``, 429 ``RATE_LIMITED``.
"""

import json
from typing import Any

from tests.api_servers.serving import Service, serve

CUSTOMERS = [
    {
        "id": f"SQ{n:02}", "given_name": "Till", "family_name": f"Guest {n}", "email_address": f"guest{n}@suki.example",
        "created_at": "2026-01-05T00:00:00Z", "updated_at": f"2026-08-{n:02}T06:00:00.123Z", "version": 1,
    }
    for n in range(1, 13)
]  # fmt: skip
PAYMENTS = [
    {
        "id": f"PAY{n:02}", "customer_id": f"SQ{n:02}", "location_id": "L1", "status": "COMPLETED",
        "created_at": f"2026-08-{n:02}T06:00:00.5Z", "updated_at": f"2026-08-{n:02}T06:01:00.5Z",
        "amount_money": {"amount": 1000 + n, "currency": "USD"}, "total_money": {"amount": 1000 + n, "currency": "USD"},
    }
    for n in range(1, 13)
]  # fmt: skip


class Square(Service):
    """The tills' service."""

    def refuse(self) -> None:
        problem = {"category": "AUTHENTICATION_ERROR", "code": "UNAUTHORIZED", "detail": "This request could not be authorized."}
        self.send_json(401, {"errors": [problem]})

    def answer(self, path: str, query: dict[str, str], body: bytes) -> None:
        if path == "/v2/customers/search" and self.command == "POST":
            asked = json.loads(body)
            since = asked.get("query", {}).get("filter", {}).get("updated_at", {}).get("start_at", "")
            self.page("customers", CUSTOMERS, since, asked)
        elif path == "/v2/payments" and self.command == "GET":
            if query.get("sort_field") != "UPDATED_AT":
                problem = {"category": "INVALID_REQUEST_ERROR", "code": "INVALID_VALUE", "field": "sort_field"}
                self.send_json(400, {"errors": [problem]})
                return
            self.page("payments", PAYMENTS, query.get("updated_at_begin_time", ""), query)
        else:
            self.send_json(404, {"errors": [{"category": "INVALID_REQUEST_ERROR", "code": "NOT_FOUND"}]})

    def page(self, name: str, records: list[dict[str, Any]], since: str, asked: dict[str, Any]) -> None:
        found = [record for record in records if record["updated_at"] >= since]
        of, _, place = str(asked.get("cursor") or f"{since}|0").rpartition("|")
        if of != since:
            self.send_json(400, {"errors": [{"category": "INVALID_REQUEST_ERROR", "code": "INVALID_CURSOR"}]})
            return
        begin, size = int(place), min(int(asked.get("limit", 100)), 100)
        more = {"cursor": f"{since}|{begin + size}"} if begin + size < len(found) else {}
        self.send_json(200, {name: found[begin : begin + size], **more} if found else {})


if __name__ == "__main__":
    serve(Square)
