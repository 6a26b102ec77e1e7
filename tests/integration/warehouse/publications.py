"""A resolve run by hand: a partition of records, given in words, as the publication it would be."""

import hashlib
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any
from uuid import uuid4, uuid5

import pandas as pd

from include.warehouse import snapshot
from include.warehouse.engine import Bind
from include.warehouse.publish import Publication
from include.warehouse.tables import GOLDEN_FIELDS
from tests.integration.warehouse.conftest import NAMESPACE, record


def customer_id(anchor: str) -> str:
    """The customer id of the record of that name."""
    return str(uuid5(NAMESPACE, f"customer of {record(anchor)}"))


def publication(
    engine: Bind,
    groups: Mapping[str, Sequence[str]],
    *,
    aliases: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
    resolve_id: str | None = None,
    marks: Sequence[int] | None = None,
    **changes: Any,
) -> Publication:
    """Customer (named by its anchor record) > its records; everything else follows from that and from the warehouse."""
    known = set(snapshot.ledger(engine)["customer_id"])
    customers = [_customer(anchor, members, (names or {}).get(anchor, anchor)) for anchor, members in groups.items()]
    pairs = [(record(r), customer_id(anchor)) for anchor, members in groups.items() for r in members]
    minted = [(customer_id(anchor), record(anchor)) for anchor in groups if customer_id(anchor) not in known]
    edges = [
        (*sorted((record(a), record(b))), 9.5, 0.998, "match", "email", '{"email": ["same", 9.5]}', "m1")
        for members in groups.values()
        for a, b in pairwise(members)
    ]
    proofs = [(customer_id(a), [record(r) for r in m], f'{{"full_name":["trusted",1,{len(m)},[1]]}}') for a, m in groups.items()]
    claimed = snapshot.claim_dirty(engine)["mark_id"].tolist() if marks is None else list(marks)
    parts: dict[str, Any] = {
        "resolve_id": resolve_id or str(uuid4()),
        "base_resolve_id": snapshot.latest_resolve_id(engine),
        "run_id": "manual__1",
        "model_version": "m1",
        "counts": {"pairs": len(edges)},
        "marks": pd.DataFrame({"mark_id": claimed}, dtype="int64"),
        "customers": pd.DataFrame(customers, columns=["customer_id", *(f.name for f in GOLDEN_FIELDS), *_MORE]),
        "proofs": pd.DataFrame(proofs, columns=["customer_id", "record_ids", "fields"]),
        "memberships": pd.DataFrame(pairs, columns=["record_id", "customer_id"]),
        "minted": pd.DataFrame(minted, columns=["customer_id", "anchor_record_id"]),
        "aliases": pd.DataFrame(
            [(customer_id(a), customer_id(b)) for a, b in (aliases or {}).items()], columns=["customer_id", "became"]
        ),
        "edges": pd.DataFrame(
            edges,
            columns=["record_a", "record_b", "weight", "probability", "band", "rule", "evidence", "model_version"],
        ),
    }
    return Publication(**{**parts, **changes})


_MORE = ("region", "sources", "record_count", "row_hash")


def _customer(anchor: str, members: Sequence[str], name: str) -> dict[str, Any]:
    row: dict[str, Any] = {f.name: [] if f.type == "texts" else None for f in GOLDEN_FIELDS}
    row |= {"customer_id": customer_id(anchor), "full_name": name, "emails": [f"{m}@example.org" for m in members]}
    row |= {"region": "europe", "sources": ["shop"], "record_count": len(members)}
    return {**row, "row_hash": hashlib.sha256(repr(row).encode()).digest()}
