"""The register of sources in the warehouse: what the declarations say, for whoever asks in SQL."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from include.warehouse.bulk import run
from include.warehouse.engine import Bind, transaction

Rows = Sequence[Mapping[str, Any]]


def keep(bind: Bind, sources: Rows, streams: Rows, fields: Rows, *, whole: bool) -> None:
    """Bring the register up to date with these sources.

    Args:
        bind: As ``suki_ingest``.
        sources: Rows of the sources themselves.
        streams: Rows of their streams.
        fields: Rows of the fields these give.
        whole: Whether these are all sources there are, so that any other is forgotten.
    """
    given = {
        "sources": json.dumps(list(sources)), "streams": json.dumps(list(streams)), "fields": json.dumps(list(fields)),
        "names": [row["source"] for row in sources], "whole": whole,
    }  # fmt: skip
    with transaction(bind, "keeping the register of sources") as connection:
        run(connection, "registry", given)
