"""Two partitions of records: which customers of the one merge or split in the other, and whom else it is about."""

from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class PartitionChange:
    """What becomes of customers under another partition.

    A record that only changes its company makes its old customer split and its new one merge: both are counted.

    Attributes:
        customers_now: Customers, and what there would be.
        customers_then: The same, then.
        largest_now: Records of the largest.
        largest_then: The same, then.
        merges: Ids of the customers that would have records in one customer together, a tuple for each, the longest first.
        splits: Ids of the customers whose records would be in several, with how many, the most first.
    """

    customers_now: int
    customers_then: int
    largest_now: int
    largest_then: int
    merges: tuple[tuple[str, ...], ...]
    splits: tuple[tuple[str, int], ...]

    def sentences(self) -> list[str]:
        """What would become of customers, in counts."""
        merging = sum(map(len, self.merges))
        return [
            f"Of {self.customers_now:,} customers there would be {self.customers_then:,}.",
            f"{merging:,} would share records in {len(self.merges):,} customers, and {len(self.splits):,} would split.",
            f"The largest has {self.largest_now:,} records, and would have {self.largest_then:,}.",
        ]

    def to_json(self, at_most: int) -> dict[str, Any]:
        """JSON-ready form: all counts, and at most so many merges and splits by their ids."""
        return {
            "customers": {"now": self.customers_now, "then": self.customers_then},
            "largest": {"now": self.largest_now, "then": self.largest_then},
            "merging": sum(map(len, self.merges)),
            "merges": [list(ids) for ids in self.merges[:at_most]],
            "merges_in_all": len(self.merges),
            "splits": [list(split) for split in self.splits[:at_most]],
            "splits_in_all": len(self.splits),
        }


def partition_change(customers: "pd.Series[str]", then: "pd.Series[Any]") -> PartitionChange:
    """What another partition does to customers.

    Args:
        customers: Customer id by record id (the index).
        then: Any label of its group by record id; the same records.

    Raises:
        ValueError: They are not partitions of the same records.
    """
    if not (customers.index.is_unique and then.index.is_unique) or set(customers.index) != set(then.index):
        raise ValueError("the two partitions are not of the same records")
    cells = pd.DataFrame({"customer": customers, "group": then.reindex(customers.index)})
    distinct = cells.drop_duplicates()
    shared = distinct[distinct["group"].duplicated(keep=False)]
    merges = [tuple(sorted(ids)) for _, ids in shared.groupby("group")["customer"]]
    parts = distinct["customer"].value_counts()
    return PartitionChange(
        customers_now=int(cells["customer"].nunique()),
        customers_then=int(cells["group"].nunique()),
        largest_now=int(cells["customer"].value_counts().max()) if len(cells) else 0,
        largest_then=int(cells["group"].value_counts().max()) if len(cells) else 0,
        merges=tuple(sorted(merges, key=lambda ids: (-len(ids), ids))),
        splits=tuple(sorted(((str(c), int(n)) for c, n in parts[parts > 1].items()), key=lambda split: (-split[1], split[0]))),
    )


def concerned(records: "pd.Index[str]", before: pd.DataFrame, after: pd.DataFrame) -> "pd.Index[str]":
    """Some records, and every record of a customer that holds or held one of them, or that others have joined or left.

    Args:
        records: Ids of records that say something else, are gone, or of which something else is said.
        before: ``record_id, customer_id`` of records as they were; all records of a customer, or none.
        after: The same as they are.
    """
    was, now = (frame.set_index("record_id")["customer_id"] for frame in (before, after))
    both = pd.concat([was.rename("was"), now.rename("now")], axis=1)
    stirred = both[(both["was"] != both["now"]).to_numpy() | both.index.isin(records)]
    customers = pd.Index(stirred.to_numpy(dtype=object).ravel()).dropna().unique()
    theirs = both.index[both["was"].isin(customers) | both["now"].isin(customers)]
    return pd.Index(records, dtype=object).union(pd.Index(theirs, dtype=object))
