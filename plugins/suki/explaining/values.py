"""What records say, live from the warehouse, for a steward's eyes: printed on a terminal and kept nowhere."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from include.warehouse import examining

if TYPE_CHECKING:
    from sqlalchemy import Connection

_SHOWN = (
    "full_name", "given_name", "family_name", "name_suffix", "nickname", "company_name", "birth_date", "gender", "emails",
    "phones", "handles", "loyalty_ids", "external_ids", "address_line", "postcode", "city", "country",
)  # fmt: skip
"""What is compared, as the source says it."""


def value_lines(connection: "Connection", records: Sequence[str]) -> Iterator[str]:
    """The records one after the other, in the order given, and who decided what of them and why."""
    said = examining.contents(connection, records).set_index("record_id")
    for number, record_id in enumerate(records, start=1):
        row = said.loc[record_id]
        yield f"{number}  {record_id}  {row['source']}.{row['stream']}"
        for name in _SHOWN:
            if told := _told(row[name]):
                yield f"   {name:13}  {told}"
    for decision in examining.decisions(connection, records).values():
        yield f"Decision {decision['decision_id']} is by {_plain(decision['actor'])}: {_plain(decision['reason'])}"


def _told(value: Any) -> str:
    if value is None or value != value:  # noqa: PLR0124 (NaN)
        return ""
    return ", ".join(map(_plain, value)) if isinstance(value, list) else _plain(str(value))


def _plain(value: str) -> str:
    """Without what would command the terminal: a customer can write anything into a name."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in value)
