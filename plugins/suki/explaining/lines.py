"""The lineage of a customer's golden values: gathered from the warehouse, and told in aligned lines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from include.golden.fields import GOLDEN
from include.golden.lineage import Held, Lineage, lineage
from include.golden.pins import PINNED
from include.warehouse import examining, pins, snapshot
from suki.explaining.asked import NotFound
from suki.explaining.finding import answering
from suki.explaining.values import plain
from suki.explaining.words import table

if TYPE_CHECKING:
    from sqlalchemy import Connection

_CHANGED = "not as stored: a record changed since the last run"


@dataclass(frozen=True)
class Story:
    """A customer's golden values and where they come from.

    Attributes:
        customer_id: The customer.
        asked: The id asked about, where it is an older one.
        records: Record id > source and stream, in the order they are numbered.
        fields: The lineage of each golden value.
        pinned: Field > who pinned it and why, of those whose value a steward gave.
    """

    customer_id: str
    asked: str | None
    records: dict[str, str]
    fields: list[Lineage]
    pinned: dict[str, Mapping[str, Any]]

    @classmethod
    def of(cls, connection: "Connection", published_id: str, field: str | None) -> Self:
        """Read it, at one moment.

        Raises:
            NotFound: There is no such field, or nobody answers to the id.
        """
        if field is not None and field not in GOLDEN:
            raise NotFound(f"There is no golden field '{field}'. Fields: {', '.join(GOLDEN)}.")
        examining.stand_still(connection)
        customer = answering(connection, published_id)
        golden, provenance = examining.golden(connection, customer)
        places = {one["record_id"]: f"{one['source']}.{one['stream']}" for one in snapshot.records_of(connection, customer)}
        order = {name: place for place, name in enumerate(GOLDEN)}
        rows = sorted((row for row in provenance if field in (None, row["field"])), key=lambda row: order[row["field"]])
        found = lineage(golden, rows, examining.contents(connection, places))
        standing = [row for row in pins.pinned(connection, customer) if row["state"] in ("stands", "waits for a run")]
        pinned = {field: row for row in standing for field in row["given"]}
        by: dict[str, Mapping[str, Any]] = {
            one.field: pinned[one.field] for one in found if one.rule == PINNED and one.field in pinned
        }
        return cls(customer, published_id if published_id != customer else None, places, found, by)


def lines(story: Story, *, values: bool) -> Iterator[str]:
    """The story for people; ``values`` shows theirs."""
    number = {record: str(n) for n, record in enumerate(story.records, start=1)}
    many = f"{len(number)} record{'' if len(number) == 1 else 's'}"
    yield f"Customer {story.customer_id}: {many}." + (f" You asked about {story.asked}." if story.asked else "")
    yield from table([(number[record], record, stream) for record, stream in story.records.items()])
    yield ""
    if not story.fields:
        yield "Nothing of that is known of them."
        return
    rows = [_row(one, number, story.pinned.get(one.field)) for one in story.fields]
    if not values:
        yield from table([("field", "from", "rule", "agree", "confidence", ""), *rows])
        return
    for one, row in zip(story.fields, rows, strict=True):
        yield "  ".join(row).rstrip()
        if by := story.pinned.get(one.field):
            yield f"  pinned by {plain(by['actor'])}: {plain(by['reason'])}"
        yield from table([(_mark(one, held), plain(held.value), _numbers(held.record_ids, number)) for held in one.held])


def _row(one: Lineage, number: dict[str, str], pinned: Mapping[str, Any] | None) -> tuple[str, ...]:
    lost = len(one.lost)
    rest = one.holding - one.agreeing
    told = f"{lost} other value{'' if lost == 1 else 's'} in {rest} record{'' if rest == 1 else 's'} lost" if lost else ""
    if one.is_set:
        told = f"{len(one.value)} value{'' if len(one.value) == 1 else 's'}; the counts are of the first"
    elif one.value is None:
        told = f"left empty: {lost} values contradict one another"
    if pinned:
        told = f"pin {pinned['pin_id']} of {pinned['recorded_at'].date()}; {told or 'nothing else is said'}"
    return (
        one.field, _numbers(one.record_ids, number), one.rule, f"{one.agreeing} of {one.holding}", f"{one.confidence:.0%}",
        told if one.adds_up else _CHANGED,
    )  # fmt: skip


def _mark(one: Lineage, held: Held) -> str:
    return "holds" if one.is_set or held.value == one.value else "lost"


def _numbers(records: Sequence[str], number: dict[str, str]) -> str:
    return ",".join(sorted((number.get(record, "?") for record in records), key=lambda told: (len(told), told))) or "-"


def for_machines(story: Story) -> dict[str, Any]:
    """The story as JSON: ids, rules and counts, no values."""
    return {
        "customer_id": story.customer_id, "asked": story.asked or story.customer_id, "records": story.records,
        "fields": [
            {
                "field": one.field, "rule": one.rule, "record_ids": list(one.record_ids), "agreeing": one.agreeing,
                "holding": one.holding, "confidence": round(one.confidence, 4), "adds_up": one.adds_up,
                "lost": [list(held.record_ids) for held in one.lost],
                "pin": story.pinned[one.field]["pin_id"] if one.field in story.pinned else None,
            }
            for one in story.fields
        ],
    }  # fmt: skip
