"""Two plain ways of giving a list in pages.

- ``/link``: a ``Link`` header with ``rel="next"`` (RFC 8288; docs.github.com/rest/using-the-rest-api).
- ``/page?page=n``: numbered from 1; behind the last one the list is empty. Posted as GraphQL, ``page`` is one of its variables.
- ``/cursor?cursor=n``: each page holds the next one's cursor at ``next_cursor``; on the last page stands ``end`` there: an empty
  text (docs.slack.dev/apis/web-api/pagination), null or false. ``/address?after=n``: the same, with the next page's address.
- ``/long?page=n``: the same of a long list; behind the page behind the last one there is nothing at all, as with
  developer.wordpress.org/rest-api/using-the-rest-api/pagination.
"""

import json
from typing import Any

from tests.api_servers.serving import Service, serve

ITEMS = [{"id": n, "name": f"Item {n}", "updatedAt": "2026-08-02T00:00:00Z"} for n in range(1, 11)]

LONG = [{"id": n, "name": f"Item {n}", "updatedAt": "2026-08-02T00:00:00Z"} for n in range(1, 101)]
"""A record a page."""


class Pages(Service):
    """The lists."""

    def answer(self, path: str, query: dict[str, str], body: bytes) -> None:
        self.page(path, query, body)

    def spoil(self, fault: dict[str, Any], path: str, query: dict[str, str], body: bytes) -> None:
        self.page(path, query, body, **fault)

    def page(
        self, path: str, query: dict[str, str], body: bytes, size: int = 4, other_host: bool = False, stuck: bool = False,
        end: Any = None,
    ) -> None:  # fmt: skip
        if path == "/link":
            begin = int(query.get("after", 0))
            host = "elsewhere.example" if other_host else self.headers["Host"]
            more = {"Link": f'<http://{host}/link?after={begin + size}>; rel="next", <http://{host}/link>; rel="first"'}
            self.send_json(200, ITEMS[begin : begin + size], more if begin + size < len(ITEMS) else None)
        elif path in ("/cursor", "/address"):
            begin = int(query.get("cursor") or query.get("after") or 0)
            following = f"{begin + size}" if path == "/cursor" else f"http://{self.headers['Host']}/address?after={begin + size}"
            more = begin + size < len(ITEMS)
            self.send_json(200, {"items": ITEMS[begin : begin + size], "next_cursor": following if more else end})
        elif path == "/page":
            asked = json.loads(body)["variables"] if body else query
            begin = 0 if stuck else (int(asked.get("page", 1)) - 1) * size
            self.send_json(200, {"items": ITEMS[begin : begin + size]})
        elif path == "/long" and int(query["page"]) <= len(LONG) + 1:
            self.send_json(200, {"items": LONG[int(query["page"]) - 1 : int(query["page"])]})
        else:
            self.send_json(404, {"errors": "Not Found"})


if __name__ == "__main__":
    serve(Pages)
