"""Shopify's Admin GraphQL: customers and orders in pages, and bulk operations.

- Pages: shopify.dev/docs/api/usage/pagination-graphql: connections with ``nodes`` and ``pageInfo {hasNextPage endCursor}``.
- Searching: shopify.dev/docs/api/usage/search-syntax: ``updated_at:>='2026-08-01T00:00:00Z'``.
- Limits: shopify.dev/docs/api/usage/limits: who asks too much is answered 200 with an error of code ``THROTTLED``,
  and a page tells its cost.
- Bulk: shopify.dev/docs/api/usage/bulk-operations/queries: ``bulkOperationRunQuery`` answers an operation's id or
  ``userErrors``; its ``status`` is asked for until it is ``COMPLETED``; ``url`` then names a JSONL file on another host, signed,
  where no token is sent; it is null where nothing was found. A nested connection's objects follow their parent with
  ``__parentId``. Counts are given as texts.
- The token comes in the header ``X-Shopify-Access-Token``.
"""

import json
import re
from typing import Any, ClassVar

from tests.api_servers.serving import SECRET, Service, serve


def _customer(n: int) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/Customer/{9000 + n}", "firstName": "Shop", "lastName": f"Buyer {n}",
        "email": f"buyer{n}@suki.example", "phone": None, "locale": "en",
        "createdAt": "2026-01-05T00:00:00Z", "updatedAt": f"2026-08-{n:02}T06:00:00Z",
    }  # fmt: skip


def _order(n: int, items: int) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/Order/{7000 + n}", "name": f"#{n}", "createdAt": f"2026-08-{n:02}T06:00:00Z",
        "updatedAt": f"2026-08-{n:02}T07:00:00Z", "customer": {"id": f"gid://shopify/Customer/{9000 + n}"},
        "lineItems": [
            {"id": f"gid://shopify/LineItem/{n}{i:03}", "title": f"Thing {i}", "quantity": 1, "sku": f"T-{i}"}
            for i in range(items)
        ],
    }  # fmt: skip


ENTITIES = {"customers": [_customer(n) for n in range(1, 13)], "orders": [_order(n, items=n % 4) for n in range(1, 13)]}
"""Twelve days with a customer and an order each."""


class Shopify(Service):
    """The shop."""

    operations: ClassVar[dict[str, dict[str, Any]]] = {}
    ends: ClassVar[str] = "COMPLETED"
    looks: ClassVar[int] = 2

    def known(self) -> bool:
        signed = self.path.startswith("/bulk/")  # the file's address is its own key
        return signed or self.headers.get("X-Shopify-Access-Token") == SECRET

    def refuse(self) -> None:
        self.send_json(401, {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"})

    def spoil(self, fault: dict[str, Any], path: str, query: dict[str, str], body: bytes) -> None:
        if "ends" in fault or "looks" in fault:  # what becomes of every operation from now on, and after how many looks
            type(self).ends, type(self).looks = fault.get("ends", self.ends), fault.get("looks", self.looks)
            self.answer(path, query, body)
        elif fault.get("busy"):
            problem = {"field": None, "message": "A bulk query operation for this app and shop is already in progress."}
            self.send_json(200, {"data": {"bulkOperationRunQuery": {"bulkOperation": None, "userErrors": [problem]}}})
        elif fault.get("throttled"):
            cost = {"requestedQueryCost": 70, "actualQueryCost": None}
            cost["throttleStatus"] = {"maximumAvailable": 1000.0, "currentlyAvailable": 66, "restoreRate": 50.0}
            self.send_json(200, {
                "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}], "extensions": {"cost": cost},
            })  # fmt: skip
        elif fault.get("short"):  # the file's connection ends too early
            self.answer(path, query, body, short=True)

    def answer(self, path: str, query: dict[str, str], body: bytes, short: bool = False) -> None:
        if path.startswith("/bulk/"):
            self.file(path, short)
            return
        if not path.startswith("/admin/api/"):
            self.send_json(404, {"errors": "Not Found"})
            return
        asked = json.loads(body)
        text, variables = asked["query"], asked.get("variables") or {}
        if "bulkOperationRunQuery" in text:
            self.run(variables["query"])
        elif "... on BulkOperation" in text:
            self.status(variables["id"])
        else:
            self.page(text, variables)

    def page(self, text: str, variables: dict[str, Any]) -> None:
        found = re.search(r"(customers|orders)\(first: (\d+)", text)
        assert found
        kind, size = found[1], int(found[2])
        records = _since(kind, str(variables.get("since") or ""))
        begin = int(variables.get("cursor") or 0)
        nodes = [_connected(record, text) for record in records[begin : begin + size]]
        info = {"hasNextPage": begin + size < len(records), "endCursor": str(begin + size)}
        cost = {"requestedQueryCost": 12, "actualQueryCost": 7}
        self.send_json(200, {"data": {kind: {"nodes": nodes, "pageInfo": info}}, "extensions": {"cost": cost}})

    def run(self, text: str) -> None:
        kind = "orders" if "orders" in text else "customers"
        if "first:" in text:
            problem = {"field": ["query"], "message": "Bulk queries cannot contain 'first'"}
            self.send_json(200, {"data": {"bulkOperationRunQuery": {"bulkOperation": None, "userErrors": [problem]}}})
            return
        name = f"gid://shopify/BulkOperation/{len(self.operations) + 1}"
        lines = []
        for record in _since(kind, text):
            children = record.get("lineItems", [])
            lines.append(json.dumps({key: value for key, value in record.items() if key != "lineItems"}))
            lines += [json.dumps({**child, "__parentId": record["id"]}) for child in children]
        content = "".join(f"{line}\n" for line in lines).encode()
        self.operations[name] = {"content": content, "count": len(lines), "looked": 0, "ends": self.ends}
        answer = {"bulkOperation": {"id": name, "status": "CREATED"}, "userErrors": []}
        self.send_json(200, {"data": {"bulkOperationRunQuery": answer}})

    def status(self, name: str) -> None:
        operation = self.operations[name]
        operation["looked"] += 1
        status = "RUNNING" if operation["looked"] < self.looks else operation["ends"]
        done = status == "COMPLETED" and operation["count"] > 0
        url = f"http://{self.headers['Host']}/bulk/{name.rpartition('/')[2]}.jsonl?signature=s3cret" if done else None
        self.send_json(200, {"data": {"node": {
            "id": name, "status": status, "errorCode": "TIMEOUT" if status == "FAILED" else None, "url": url,
            "objectCount": str(operation["count"]), "fileSize": str(len(operation["content"])) if done else None,
        }}})  # fmt: skip

    def file(self, path: str, short: bool) -> None:
        if self.headers.get("X-Shopify-Access-Token") or self.headers.get("Authorization"):
            self.send_json(400, {"error": "a signed address takes no login"})
            return
        name = path.removeprefix("/bulk/").removesuffix(".jsonl")
        content = self.operations[f"gid://shopify/BulkOperation/{name}"]["content"]
        if part := re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or ""):  # as cloud stores do (RFC 9110, section 14.2)
            begin, size = int(part[1]), len(content)
            told = {"Content-Type": "application/jsonl", "Content-Range": f"bytes {begin}-{size - 1}/{size}"}
            self.send(206, content[begin:], told)
            return
        self.send(200, content[: len(content) // 2] if short else content, {"Content-Type": "application/jsonl"})


def _since(kind: str, text: str) -> list[dict[str, Any]]:
    found = re.search(r"updated_at:>='([^']+)'", text)
    return [record for record in ENTITIES[kind] if record["updatedAt"] >= (found[1] if found else "")]


def _connected(record: dict[str, Any], text: str) -> dict[str, Any]:
    """The record as a query gives it: what is many is a connection, cut at what was asked for."""
    if "lineItems" not in record:
        return record
    found = re.search(r"lineItems\(first: (\d+)\)", text)
    assert found
    items, size = record["lineItems"], int(found[1])
    return {**record, "lineItems": {"nodes": items[:size], "pageInfo": {"hasNextPage": len(items) > size}}}


if __name__ == "__main__":
    serve(Shopify)
