"""Meta's Graph API: the leads of a form.

- ``GET /{version}/{form id}/leads`` (developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving, bulk read):
  ``fields``, ``limit``, ``after`` and ``filtering``, a JSON list such as
  ``[{"field": "time_created", "operator": "GREATER_THAN", "value": 1785542400}]``.
  A lead has ``field_data``, a list of ``{"name", "values"}``.
- Pages (developers.facebook.com/docs/graph-api/results): ``paging.next`` is the next page's address, and is only
  there where there is more.
- Errors (developers.facebook.com/docs/graph-api/guides/error-handling): status 400 with ``{"error": {"message", "type", "code",
  "fbtrace_id"}}``: 190 a token that is no more, 4, 17, 32, 341, 613 and 80000 to 80014 too many calls, 1 and 2 a passing failure,
  10 and 200 to 299 a permission that is missing.
"""

import calendar
import json
import time
from typing import Any
from urllib.parse import urlencode

from tests.api_servers.serving import Service, serve

FORMS = {"1001": 7, "1002": 3}
"""Leads by form, one a day from the first of August."""


def _leads(form: str) -> list[dict[str, Any]]:
    return [
        {
            "id": f"{form}{n:03}", "created_time": f"2026-08-{n:02}T10:00:00+0000", "form_id": form, "is_organic": False,
            "platform": "ig", "field_data": [
                {"name": "full_name", "values": [f"Lead {form} {n}"]}, {"name": "email", "values": [f"lead{n}@suki.example"]},
            ],
        }
        for n in range(1, FORMS[form] + 1)
    ]  # fmt: skip


class Meta(Service):
    """The platform."""

    def refuse(self) -> None:
        self.problem(190, "Error validating access token")

    def spoil(self, fault: dict[str, Any], path: str, query: dict[str, str], body: bytes) -> None:
        self.problem(fault["code"], "(#code) told without a person in it")

    def problem(self, code: int, message: str) -> None:
        error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A1b2C3"}
        self.send_json(400, {"error": error})

    def answer(self, path: str, query: dict[str, str], body: bytes) -> None:
        _, _, form, what = (*path.split("/"), "", "")[:4]
        if what != "leads" or form not in FORMS:
            self.problem(100, "Unsupported get request")
            return
        since = 0
        for condition in json.loads(query.get("filtering", "[]")):
            assert (condition["field"], condition["operator"]) == ("time_created", "GREATER_THAN")
            since = int(condition["value"])
        found = [lead for lead in _leads(form) if _seconds(lead["created_time"]) > since]
        begin, size = int(query.get("after") or 0), int(query.get("limit", 25))
        paging: dict[str, Any] = {"cursors": {"before": str(begin), "after": str(begin + size)}}
        if begin + size < len(found):
            paging["next"] = f"http://{self.headers['Host']}{path}?{urlencode({**query, 'after': begin + size})}"
        self.send_json(200, {"data": found[begin : begin + size], **({"paging": paging} if found else {})})


def _seconds(text: str) -> int:
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%S+0000"))


if __name__ == "__main__":
    serve(Meta)
