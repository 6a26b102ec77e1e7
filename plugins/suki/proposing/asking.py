"""The first page of an API's list, asked by the client of every source; an invented sample as the answer that gives it."""

import json
from collections import deque
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from include.errors import DeclarationError
from suki.proposing.sample import ROWS, Sample, columns_of

if TYPE_CHECKING:
    from include.sources.readers.api_client import Answer


def read_page(connection: str, asked: str, most: int = ROWS) -> Sample:
    """The records of one answer of an Airflow connection's service.

    Args:
        connection: The connection.
        asked: Path below its host, with parameters if it needs any: ``/v1/customers?limit=100``.
        most: Records looked at.

    Raises:
        DeclarationError: There is no such connection or path, or the answer holds no list of records.
        SourceUnavailable: The service cannot be reached.
        SourceFailed: It answers what is no JSON.
    """
    from include.sources.readers.api_client import Client
    from suki.services import service

    split = urlsplit(asked)
    if not split.path.startswith("/") or split.netloc:
        raise DeclarationError("suki new-source", "--path", f"'{asked}' is no path below the host", ("/v1/customers",))
    params = dict(parse_qsl(split.query))
    with closing(Client(service(connection), None)) as client:
        content = client.ask(split.path, params).content
    found = _records(content)
    if found is None:
        raise DeclarationError("suki new-source", "--path", f"'{split.path}' gives no list of records", ("a list of objects",))
    at, rows = found
    request = {"path": split.path, **({"params": params} if params else {}), **({"records": at} if at else {})}
    kept = rows[:most]
    shown = f"an answer of {connection}, " + (f"records at {at}" if at else "which is the list")
    return Sample({"request": request}, shown, ".json", kept, columns_of(kept, flat=False), 0)


def document(rows: list[dict[str, Any]], at: str) -> str:
    """The JSON that holds these records at a path."""
    answer: Any = rows
    for step in reversed([part for part in at.split(".") if part]):
        answer = {step: answer}
    return json.dumps(answer, ensure_ascii=False, indent=1) + "\n"


class Kept:
    """A service that gives an answer out of a file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def ask(self, *_: Any, **__: Any) -> "Answer":
        """That answer, whatever is asked."""
        from include.sources.readers.api_client import Answer

        return Answer(json.loads(self._file.read_text(encoding="utf-8")), None)


def _records(content: Any) -> tuple[str, list[dict[str, Any]]] | None:
    """Where the list of records lies, and they: the uppermost list of objects."""
    nodes = deque([("", content)])
    while nodes:
        at, node = nodes.popleft()
        if isinstance(node, list) and node and all(isinstance(item, dict) for item in node):
            return at, node
        if isinstance(node, dict):
            nodes.extend((f"{at}.{name}" if at else name, child) for name, child in node.items() if "." not in name)
    return None
