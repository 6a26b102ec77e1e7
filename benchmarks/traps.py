"""How many people were taken for one whom a set names as easily confused: twins, father and son, who got another's number."""

import csv
from collections import defaultdict
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.labelled import Unfit

FILE = "traps.csv"
_HEADER = ["trap", "entity", "other"]
_LINE = "{:18}{:>8}{:>9}{:>20}{:>9}"


def read_traps(folder: Path) -> list[tuple[str, str, str]]:
    """The pairs of entities a set warns of, by what they are; none where it has no ``traps.csv``.

    Raises:
        Unfit: A line is not trap, entity and other.
    """
    file = folder / FILE
    if not file.is_file():
        return []
    with file.open(encoding="utf-8-sig", newline="") as text:
        rows = csv.reader(text)
        if next(rows, []) != _HEADER:
            raise Unfit(f"{file}, line 1: the header is {','.join(_HEADER)}")
        found = []
        for row in rows:
            if len(row) != len(_HEADER):
                raise Unfit(f"{file}, line {rows.line_num}: has {len(row)} cells, the header has {len(_HEADER)}")
            found.append((row[0], row[1], row[2]))
    return found


def sprung(traps: list[tuple[str, str, str]], snapshot: pd.DataFrame, person: pd.Series, cluster: pd.Series) -> dict[str, Any]:
    """Of each trap how many pairs of people have a record in one cluster; and the same of pairs of records that tell them apart.

    Args:
        traps: What ``read_traps`` returned. A pair of which one has no record is passed over.
        snapshot: The records.
        person: Entity of each record, null where nobody knows it.
        cluster: What matching made of each record.

    Returns:
        By trap ``people`` and ``merged``; and ``told`` and ``told_merged``: pairs of records, one of each person, that both
        have a generation or both have a birth date.
    """
    said = pd.DataFrame(
        {
            "person": person.to_numpy(),
            "cluster": cluster.to_numpy(),
            "suffix": snapshot["name_suffix"].notna().to_numpy(),
            "born": snapshot["birth_date"].notna().to_numpy(),
        }
    ).dropna(subset="person")
    records = dict(iter(said[said["person"].isin({one for _, *both in traps for one in both})].groupby("person")))
    found: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(("people", "merged", "told", "told_merged"), 0))
    for trap, one, other in traps:
        if one not in records or other not in records:
            continue
        pairs = records[one].merge(records[other], how="cross")
        together = pairs["cluster_x"] == pairs["cluster_y"]
        told = (pairs["suffix_x"] & pairs["suffix_y"]) | (pairs["born_x"] & pairs["born_y"])
        counted = (1, int(together.any()), int(told.sum()), int((together & told).sum()))
        for name, count in zip(found[trap], counted, strict=True):
            found[trap][name] += count
    return dict(found)


def lines(found: dict[str, Any]) -> list[str]:
    """As a table."""
    if not found:
        return []
    head = _LINE.format("pairs of people", "", "merged", "records that tell", "merged")
    return [head, *(_LINE.format(trap, *(f"{count:,}" for count in counts.values())) for trap, counts in sorted(found.items()))]
