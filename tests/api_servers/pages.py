"""Two plainer ways of giving a list in pages, and Shopify's.

- ``/link``: a ``Link`` header with ``rel="next"`` (RFC 8288; docs.github.com/rest/using-the-rest-api).
- ``/page?page=n``: numbered from 1; behind the last one the list is empty.
- ``POST /admin/api/2026-07/graphql.json``: Shopify's Admin GraphQL (shopify.dev/docs/api/usage/pagination-graphql, .../limits):
  connections with ``nodes`` and ``pageInfo {hasNextPage endCursor}``; whoever asks too much is answered 200 with an error of code
  ``THROTTLED``, and every answer tells its cost. The token comes in the header ``X-Shopify-Access-Token``.
"""

import json
from typing import Any

from tests.api_servers.serving import SECRET, Service, serve

ITEMS = [{"id": n, "name": f"Item {n}", "updatedAt": "2026-08-02T00:00:00Z"} for n in range(1, 11)]


class Pages(Service):
    """The lists."""

    def known(self) -> bool:
        return self.headers.get("X-Shopify-Access-Token") == SECRET or super().known()

    def answer(self, path: str, query: dict[str, str], body: bytes) -> None:
        self.page(path, query, body)

    def spoil(self, fault: dict[str, Any], path: str, query: dict[str, str], body: bytes) -> None:
        if fault.get("throttled"):
            cost = {"requestedQueryCost": 70, "actualQueryCost": None}
            cost["throttleStatus"] = {"maximumAvailable": 1000.0, "currentlyAvailable": 66, "restoreRate": 50.0}
            self.send_json(200, {
                "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}], "extensions": {"cost": cost},
            })  # fmt: skip
        else:
            self.page(path, query, body, **fault)

    def page(
        self, path: str, query: dict[str, str], body: bytes, size: int = 4, other_host: bool = False, stuck: bool = False
    ) -> None:
        begin = int(query.get("page", 1)) * size - size
        if path == "/link":
            begin = int(query.get("after", 0))
            host = "elsewhere.example" if other_host else self.headers["Host"]
            more = {"Link": f'<http://{host}/link?after={begin + size}>; rel="next", <http://{host}/link>; rel="first"'}
            self.send_json(200, ITEMS[begin : begin + size], more if begin + size < len(ITEMS) else None)
        elif path == "/page":
            begin = 0 if stuck else begin
            self.send_json(200, {"items": ITEMS[begin : begin + size]})
        elif path.startswith("/admin/api/"):
            variables = json.loads(body)["variables"]
            begin = int(variables.get("cursor") or (variables.get("page", 1) - 1) * size)
            info = {"hasNextPage": begin + size < len(ITEMS), "endCursor": str(begin + size)}
            cost = {"requestedQueryCost": 12, "actualQueryCost": 7}
            self.send_json(200, {
                "data": {"customers": {"nodes": ITEMS[begin : begin + size], "pageInfo": info}}, "extensions": {"cost": cost},
            })  # fmt: skip
        else:
            self.send_json(404, {"errors": "Not Found"})


if __name__ == "__main__":
    serve(Pages)
