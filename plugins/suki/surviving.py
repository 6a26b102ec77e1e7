"""Golden values of a run whose records are more than memory should hold: dealt out by customer, judged a part at a time.

A customer's records stand together in one part. Parts are ranges of customer ids, so what comes out is sorted by id whatever the
number of parts, and is the same.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from include.golden import proof
from include.golden.content_hash import row_hashes
from include.golden.fields import GOLDEN
from include.golden.pins import PINNED, Pin, apply
from include.golden.rules import Survivorship, load, units
from include.golden.survivorship import survive
from include.heap import give_back
from include.warehouse.errors import DoesNotAddUp
from include.workers import in_order, of_a_task
from suki.frames import from_table, golden_schema, proof_schema, to_table
from suki.lake import Lake

AT_ONCE = 25_000
"""Records judged together: about 200 MB in each process at the most."""

_READ = 200_000
"""Records dealt out together: each time the place of every member is looked up in a table of them all."""


_ALWAYS = ("record_id", "source", "region", "source_time", "flags")


@dataclass(frozen=True)
class Judge:
    """What a part of the records is judged by.

    Attributes:
        rules: The survivorship.
        trust: Trust by source.
        lists: The match-only sources.
        pins: The pinned values in force.
    """

    rules: Survivorship | None
    trust: Mapping[str, Any]
    lists: Collection[str]
    pins: Sequence[Pin]

    @property
    def columns(self) -> frozenset[str]:
        """Columns of a snapshot that it looks at."""
        same_by = chain.from_iterable(rule.same_by for _, _, rule in units(self.rules or load()))
        return frozenset((*_ALWAYS, *GOLDEN, *same_by))

    def __call__(self, part: pa.Table) -> "Part":
        """Golden values of all customers of a part."""
        customers, proofs = self.chosen(from_table(part))
        customers["row_hash"] = row_hashes(customers)
        counts = (proof.values(proofs), proof.values(proofs, PINNED) if self.pins else 0)
        return Part(to_table(customers, golden_schema()), to_table(proofs, proof_schema()), *counts)

    def chosen(self, records: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Golden customers of some records with ``customer_id``, and where every value comes from."""
        return apply(*survive(records, self.trust, self.rules, self.lists), records, self.pins)


@dataclass(frozen=True)
class Part:
    """Golden values of a part: customers, proofs, how many values, and how many of them are pinned."""

    customers: pa.Table
    proofs: pa.Table
    proven: int
    pinned: int


@dataclass(frozen=True)
class Survived:
    """What survived, in the lake, and its counts."""

    artefacts: Mapping[str, str]
    customers: int
    proven: int
    pinned: int


def survived(lake: Lake, snapshot: str, memberships: str, judge: Judge, *folder: str) -> Survived:
    """Judge all records that have a customer, in as many processes as a task may.

    Raises:
        DoesNotAddUp: A record with a customer is not in the snapshot.
    """
    parts = _dealt(lake, snapshot, judge.columns, memberships, *folder)
    proven = pinned = 0
    with (
        lake.writing(golden_schema(), *folder, "customers") as customers,
        lake.writing(proof_schema(), *folder, "proofs") as proofs,
    ):
        for part in in_order(parts, judge, of_a_task()):
            customers.append(part.customers)
            proofs.append(part.proofs)
            proven, pinned = proven + part.proven, pinned + part.pinned
    return Survived({"customers": customers.uri, "proofs": proofs.uri}, customers.rows, proven, pinned)


def _dealt(lake: Lake, snapshot: str, columns: Collection[str], memberships: str, *folder: str) -> Iterator[pa.Table]:
    """The records with the customer of each, part by part; nothing is written where one part holds them all."""
    members = lake.table(memberships, ("record_id", "customer_id")).combine_chunks()
    parts = max(1, -(-members.num_rows // AT_ONCE))
    with_customers = (_with_customer(table, members) for table in lake.tables(snapshot, _READ, columns))
    first = next(with_customers, None)
    if first is None or parts == 1:
        whole = pa.concat_tables([first, *with_customers]) if first is not None else None
        _check(whole.num_rows if whole is not None else 0, members.num_rows)
        if whole is not None and whole.num_rows:
            yield whole
        return
    groups: list[list[int]] = [[] for _ in range(parts)]
    with lake.writing(first.schema, *folder, "by_customer", repeating=False) as file:  # read once, so not worth making small
        for table in chain([first], with_customers):
            of = _parts_of(table.column("customer_id"), parts)
            for number in np.unique(of).tolist():
                groups[number].append(sum(map(len, groups)))
                file.append(table.filter(pa.array(of == number)))
    _check(file.rows, members.num_rows)
    del first, table, with_customers, members
    give_back()  # before there are workers, who would each have a share of it
    yield from lake.groups(file.uri, filter(None, groups))


def _with_customer(table: pa.Table, members: pa.Table) -> pa.Table:
    """The records of a table that have a customer, with its id."""
    places = pc.index_in(table.column("record_id"), value_set=members.column("record_id").combine_chunks())
    customers = members.column("customer_id").take(places.drop_null())
    return table.filter(places.is_valid()).append_column(pa.field("customer_id", pa.string()), customers)


def _parts_of(customers: pa.ChunkedArray, parts: int) -> npt.NDArray[np.int64]:
    """The part of each customer: ids begin with four hexadecimal digits, as often each as any other."""
    begins = pc.dictionary_encode(pc.utf8_slice_codeunits(customers, 0, 4).combine_chunks())
    numbers = np.array([int(digits, 16) for digits in begins.dictionary.to_pylist()], dtype=np.int64)
    of: npt.NDArray[np.int64] = numbers[begins.indices.to_numpy()] * parts >> 16
    return of


def _check(found: int, members: int) -> None:
    if found != members:
        raise DoesNotAddUp(f"{members:,} records have a customer, and the snapshot holds {found:,} of them.")
