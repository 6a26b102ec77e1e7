"""The customer ids of a history of partitions: what the warehouse keeps of them, in memory."""

from dataclasses import dataclass, field

import pandas as pd

from include.golden.identity import assign, customer_id


def _ids(*columns: str) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=object) for name in columns})


@dataclass
class Named:
    """The ids as the last run left them.

    Attributes:
        memberships: ``record_id, customer_id`` of the live records.
        ledger: ``customer_id, anchor_record_id`` of every id ever published, oldest first.
        aliases: ``customer_id, became`` of those that are not current.
    """

    memberships: pd.DataFrame = field(default_factory=lambda: _ids("record_id", "customer_id"))
    ledger: pd.DataFrame = field(default_factory=lambda: _ids("customer_id", "anchor_record_id"))
    aliases: pd.DataFrame = field(default_factory=lambda: _ids("customer_id", "became"))

    def take(self, rows: pd.DataFrame, members: pd.DataFrame) -> None:
        """Give the groups of a run their ids.

        Args:
            rows: ``record_id, first_source_time`` of the live records.
            members: ``record_id, customer_id``: the group of each, by any label.
        """
        label = members.set_index("record_id")["customer_id"]
        clusters = rows[["record_id", "first_source_time"]].assign(cluster=label.reindex(rows["record_id"]).to_numpy())
        found = assign(clusters, self.memberships, self.ledger, self.aliases)
        self.memberships, self.aliases = found.memberships, found.aliases
        self.ledger = pd.concat([self.ledger, found.minted], ignore_index=True)

    def resolved(self) -> dict[str, frozenset[str] | None]:
        """Every id ever published > the records of who answers to it now; None: nobody."""
        records = self.memberships.groupby("customer_id")["record_id"].agg(frozenset).to_dict()
        became = dict(zip(self.aliases["customer_id"], self.aliases["became"], strict=True))
        return {one: records.get(became.get(one, one)) for one in self.ledger["customer_id"]}

    def as_written(self) -> list[list[tuple[object, ...]]]:
        """All of it, to be held against another history's."""
        return [[tuple(row) for row in frame.to_numpy()] for frame in (self.memberships, self.ledger, self.aliases)]


def partition_differences(one: Named, other: Named) -> int:
    """Records whose customer consists of other records in the one than in the other."""
    here, there = (_fellows(named) for named in (one, other))
    return sum(here.get(record) != there.get(record) for record in {*here, *there})


def resolve_differences(one: Named, other: Named) -> int:
    """Ids of live records that answer otherwise, published or not: one that never was means whoever holds its record.

    What the id of a record that is gone answers is no function of the records: who was one customer with it while it was there
    bears its id on, and that depends on what was published when.
    """
    fellows = [_fellows(named) for named in (one, other)]
    resolved = [named.resolved() for named in (one, other)]
    wrong = 0
    for record in {*fellows[0], *fellows[1]}:
        name = customer_id(record)
        answers = [told.get(name, known.get(record)) for told, known in zip(resolved, fellows, strict=True)]
        wrong += answers[0] != answers[1]
    return wrong


def _fellows(named: Named) -> dict[str, frozenset[str]]:
    """Live record > all records of its customer."""
    groups = named.memberships.groupby("customer_id")["record_id"].agg(frozenset)
    return {record: records for records in groups for record in records}
