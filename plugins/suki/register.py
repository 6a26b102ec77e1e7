"""The register of all records in the lake, beside the run that wrote it: what lets the next run compare only what changed.

It is a cache. Whatever is amiss with it - it is not there, cannot be read, was written by other code or under another
declaration - the run compares everything and writes it anew.
"""

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from include.errors import SukiError
from suki.lake import Lake

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from include.matching import ModelSpec
    from include.matching.keeping import Fresh, Layer
    from include.matching.register import Register, Sizes
    from include.matching.table import Table

_HEAD = "head"
Regions = frozenset[tuple[str, str]] | None


class NotKept(Exception):  # no error: a reason to compare everything
    """Why there is no register to go on from, as the end of a sentence."""


@dataclass(frozen=True)
class Head:
    """What a kept register consists of.

    Attributes:
        format: Of the files.
        made_by: What it follows from beside the records: code, declaration, regions that may be compared.
        layers: By layer, the uri of each file and the number of its ``rows``.
        sizes: Blocking rule > how many keys 0, 1, 2 ... records hold.
        decisions: Uri of the steward decisions that the run grouped by.
    """

    format: int
    made_by: str
    layers: list[dict[str, str | int]]
    sizes: dict[str, list[int]]
    decisions: str


def folder(resolve_id: str) -> tuple[str, ...]:
    """Where a run keeps its register; every run has a folder of its own, so nothing is overwritten."""
    return ("resolve", resolve_id, "register")


def made_by(spec: "ModelSpec", comparable: Regions) -> str:
    """What keys and counts follow from, beside the records."""
    from include.matching.keeping import code_version

    regions = None if comparable is None else sorted(comparable)
    return json.dumps([code_version(), spec.fingerprint, regions])


def keep_whole(
    lake: Lake, resolve_id: str, table: "Table", decisions: "pd.DataFrame", spec: "ModelSpec", comparable: Regions
) -> None:
    """Write the register of a whole snapshot as one layer."""
    from include.matching.keeping import of_table

    sizes: dict[str, Sizes] = {}
    layers = [_put(lake, resolve_id, of_table(table, spec, sizes))]
    _write(lake, resolve_id, layers, sizes, decisions, made_by(spec, comparable))


def keep_change(
    lake: Lake, resolve_id: str, base: Head, before: "Register", after: "Register", decisions: "pd.DataFrame",
    forgotten: frozenset[str] = frozenset(),
) -> None:  # fmt: skip
    """Write what a change brought as a layer upon those there are, or all as one once the later ones weigh too much.

    All as one, too, where a record of the ``forgotten`` went: a layer only passes over what an earlier one holds.
    """
    from include.matching.keeping import is_thin, newest, whole

    layer = newest(before, after)
    rows = [int(one["rows"]) for one in base.layers]
    gone = before.record_id[layer.retired.column("number").to_numpy()]
    if is_thin([*rows, len(layer)]) and forgotten.isdisjoint(gone):
        layers = [*base.layers, _put(lake, resolve_id, layer)]
    else:
        layers = [_put(lake, resolve_id, whole(after))]
    _write(lake, resolve_id, layers, after.sizes, decisions, base.made_by)


def head_of(lake: Lake, resolve_id: str, spec: "ModelSpec", comparable: Regions) -> Head:
    """What a run kept.

    Raises:
        NotKept: It cannot be gone on from.
    """
    from include.matching.keeping import FORMAT

    try:
        head = Head(**json.loads(str(lake.get(lake.named(_HEAD, *folder(resolve_id)))["head"].iloc[0])))
    except (SukiError, OSError, ValueError, KeyError, TypeError):
        raise NotKept("the last run left no register of the records in the lake") from None
    if head.format != FORMAT or head.made_by != made_by(spec, comparable):
        raise NotKept("the matching code, model.yml or the regions that may be compared have changed since the last run")
    return head


def register_of(lake: Lake, head: Head, spec: "ModelSpec", *, keys: bool = True) -> "Register":
    """The register itself.

    Args:
        lake: Where it lies.
        head: What it consists of.
        spec: The declared model.
        keys: Whether to read the keys and ids too, which are most of it; without, it says how common values are.

    Raises:
        NotKept: A part of it cannot be read.
    """
    from include.matching.keeping import assembled

    try:
        return assembled([_layer(lake, one, spec, keys=keys) for one in head.layers], head.sizes, spec)
    except (SukiError, OSError, ValueError, KeyError):
        raise NotKept("the register of the records in the lake cannot be read") from None


def _layer(lake: Lake, one: dict[str, str | int], spec: "ModelSpec", *, keys: bool) -> "Layer":
    """One layer; without keys nobody is looked up by them, so neither are the names of the records read."""
    from include.matching.keeping import Layer

    counted, (retired,) = lake.batches(str(one["counted"])), lake.batches(str(one["retired"]))
    if keys:
        (records,) = lake.batches(str(one["records"]))
        return Layer(records, lake.batches(str(one["keys"])), counted, retired)
    return Layer.without_keys(int(one["rows"]) - len(retired), spec, counted, retired)


def _put(lake: Lake, resolve_id: str, layer: "Fresh") -> dict[str, str | int]:
    parts = {"records": [layer.records], "keys": layer.keys, "counted": layer.counted, "retired": [layer.retired]}
    uris = {name: lake.put_batches(batches, *folder(resolve_id), name) for name, batches in parts.items()}
    return {**uris, "rows": len(layer)}


def _write(
    lake: Lake,
    resolve_id: str,
    layers: list[dict[str, str | int]],
    sizes: "Mapping[str, Sizes]",
    decisions: "pd.DataFrame",
    of: str,
) -> None:
    """The head comes last: without it there is no register."""
    import pandas as pd

    from include.matching.keeping import FORMAT

    told = {rule: held.tolist() for rule, held in sizes.items()}
    head = Head(FORMAT, of, layers, told, lake.put(decisions, *folder(resolve_id), "decisions"))
    lake.put(pd.DataFrame({"head": [json.dumps(asdict(head))]}), *folder(resolve_id), name=_HEAD)
