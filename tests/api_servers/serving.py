"""What the servers share: a log of the requests, a list of faults to be answered with first, and who may ask.

A server is told what to do by a folder: ``faults.json`` lists what to answer the next requests with in place of what they ask
for, and is worked off from its front; ``limit.json`` says how many may be asked in how many seconds; ``requests.jsonl`` gets a
line for each request. ``takes.json`` holds how many seconds each answer takes.
"""

import base64
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

LOGIN = "agent@suki.example/token"
SECRET = "s3cret-of-the-desk"
CLIENT, CLIENT_SECRET, REFRESH = "suki", "client-s3cret", "refresh-s3cret"
LOGIN_PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><form><input type=password></form></body></html>"


class Service(BaseHTTPRequestHandler):
    """A service; subclasses answer."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else an answer's body waits for the client's word of its head, 40 ms of each
    folder: Path
    tokens: ClassVar[dict[str, int]] = {"access-1": 10**9}
    """Access tokens and how many requests each is still good for."""
    made = 1
    lock = threading.Lock()

    def do_GET(self) -> None:
        self._do()

    def do_POST(self) -> None:
        self._do()

    def _do(self) -> None:
        with self.lock:
            type(self).under_way += 1
        try:
            self._answer_or_fail()
        finally:
            with self.lock:
                type(self).under_way -= 1

    def _answer_or_fail(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        with self.lock, (self.folder / "requests.jsonl").open("a") as log:
            asked = {"at": time.time(), "path": parts.path, "query": query, "body": body.decode()}
            log.write(json.dumps({**asked, "range": self.headers.get("Range"), "under_way": self.under_way}) + "\n")
        too_often = self.too_often()
        takes = self.folder / "takes.json"
        if takes.exists():
            time.sleep(json.loads(takes.read_text()))
        if parts.path in ("/login", "/access/unauthenticated"):
            self.send(200, LOGIN_PAGE, {"Content-Type": "text/html; charset=utf-8"})
        elif parts.path == "/oauth/tokens":
            self.grant(body)
        elif too_often:
            self.send_json(429, {"error": "Too many requests"}, {"Retry-After": "1"})
        elif fault := self.next_fault():
            self.fail(fault, parts.path, query, body)
        elif not self.known():
            self.refuse()
        else:
            self.answer(parts.path, query, body)

    def answer(self, path: str, query: dict[str, str], body: bytes) -> None:
        """What the service is asked for."""
        raise NotImplementedError

    def refuse(self) -> None:
        """To whoever it does not know. Zendesk: developer.zendesk.com/api-reference/introduction/security-and-auth"""
        self.send_json(401, {"error": "Couldn't authenticate you"})

    def known(self) -> bool:
        kind, _, given = self.headers.get("Authorization", "").partition(" ")
        if kind == "Basic":
            return base64.b64decode(given).decode() == f"{LOGIN}:{SECRET}"
        with self.lock:
            left = self.tokens.get(given, 0)
            self.tokens[given] = left - 1
        return kind == "Bearer" and left > 0

    def grant(self, body: bytes) -> None:
        """RFC 6749, sections 4.4 and 6: an access token for client credentials or for a refresh token."""
        given = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        client = (given.get("client_id"), given.get("client_secret")) == (CLIENT, CLIENT_SECRET)
        if not client or (given.get("grant_type") == "refresh_token" and given.get("refresh_token") != REFRESH):
            self.send_json(401, {"error": "invalid_client"})
            return
        with self.lock:
            type(self).made += 1
            token = f"access-{self.made}"
            self.tokens[token] = 3  # requests, so that a test sees one expire in the middle
        self.send_json(200, {"access_token": token, "token_type": "bearer", "expires_in": 300})

    arrivals: ClassVar[list[float]] = []
    under_way: ClassVar[int] = 0
    """Requests that are not answered yet, this one included."""

    def too_often(self) -> bool:
        """Whether more were asked than ``limit.json`` allows in any stretch of its seconds; each such request gets a line in
        ``exceeded``."""
        file = self.folder / "limit.json"
        if not file.exists():
            return False
        limit, now = json.loads(file.read_text()), time.monotonic()
        with self.lock:
            self.arrivals[:] = [at for at in self.arrivals if now - at < limit["seconds"]]
            self.arrivals.append(now)
            exceeded = len(self.arrivals) > int(limit["requests"])
            if exceeded:
                with (self.folder / "exceeded").open("a") as log:
                    log.write(f"{now}\n")
        return exceeded

    def next_fault(self) -> dict[str, Any] | None:
        with self.lock:
            file = self.folder / "faults.json"
            faults = json.loads(file.read_text()) if file.exists() else []
            if faults:
                file.write_text(json.dumps(faults[1:]))
        return faults[0] if faults and faults[0] != {} else None

    def fail(self, fault: dict[str, Any], path: str, query: dict[str, str], body: bytes) -> None:
        """Answer with what the fault says."""
        if "status" in fault:
            self.send(
                fault["status"],
                fault.get("body", "{}").encode(),
                {"Content-Type": "application/json", **fault.get("headers", {})},
            )
        elif fault.get("page") == "login":  # 200, as proxies and single sign-on answer
            self.send(200, LOGIN_PAGE, {"Content-Type": "text/html; charset=utf-8"})
        elif "body" in fault:
            self.send(200, fault["body"].encode(), {"Content-Type": "application/json"})
        elif fault.get("cut"):  # the line goes dead in the middle of the answer
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", "100000")
            self.end_headers()
            self.wfile.write(b'{"users": [{"id": 1')
            self.wfile.flush()
            self.close_connection = True
        else:
            self.spoil(fault, path, query, body)

    def spoil(self, fault: dict[str, Any], path: str, query: dict[str, str], body: bytes) -> None:
        """Answer what is asked, but wrongly."""
        raise NotImplementedError

    def send_json(self, status: int, content: Any, headers: dict[str, str] | None = None) -> None:
        self.send(status, json.dumps(content).encode(), {"Content-Type": "application/json; charset=utf-8", **(headers or {})})

    def send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """The log is requests.jsonl."""


def serve(service: type[Service]) -> None:
    """Serve until killed; the port is written into the folder given as the first argument."""
    service.folder = Path(sys.argv[1])
    server = ThreadingHTTPServer(("127.0.0.1", 0), service)
    (service.folder / "port.part").write_text(str(server.server_port))
    (service.folder / "port.part").rename(service.folder / "port")
    server.serve_forever()
