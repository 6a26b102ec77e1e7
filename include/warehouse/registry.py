"""The register of sources in the warehouse: what the declarations say, for whoever asks in SQL."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text

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


def match_only(bind: Bind) -> set[str]:
    """Sources that were declared to add only to customers who are known, when they last ran.

    Args:
        bind: Engine or connection that may read ``ops.source_registry``.
    """
    with transaction(bind, "reading which sources only add") as connection:
        return set(connection.execute(text("SELECT source FROM ops.source_registry WHERE match_only")).scalars())


def landed(bind: Bind) -> set[str]:
    """Every source of which anything ever landed, declared or not.

    Args:
        bind: Engine or connection that may read ``ops.manifest``.
    """
    with transaction(bind, "reading which sources there were") as connection:
        return set(connection.execute(text("SELECT DISTINCT source FROM ops.manifest")).scalars())
