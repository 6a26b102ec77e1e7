"""What records say, live from the warehouse, for a steward's eyes: printed on a terminal and kept nowhere."""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from include.errors import SukiError
from include.warehouse import examining

if TYPE_CHECKING:
    from sqlalchemy import Connection

_SHOWN = (
    "full_name", "given_name", "family_name", "name_suffix", "nickname", "company_name", "birth_date", "gender", "emails",
    "phones", "handles", "loyalty_ids", "external_ids", "address_line", "postcode", "city", "country",
)  # fmt: skip
"""What is compared, as the source says it."""


def value_lines(connection: "Connection", records: Sequence[str]) -> Iterator[str]:
    """The records in the order given, two side by side, more one after the other; and who decided what of them, and why."""
    said = examining.contents(connection, records).set_index("record_id")
    told = [{name: plain(said.loc[record_id][name]) for name in _SHOWN} for record_id in records]
    if len(records) == 2:
        yield from _beside(*told)
    else:
        for number, (record_id, values) in enumerate(zip(records, told, strict=True), start=1):
            yield f"{number}  {record_id}"
            yield from (f"   {name:13}  {value}" for name, value in values.items() if value)
    for decision in examining.decisions(connection, records).values():
        yield f"Decision {decision['decision_id']} is by {_plain(decision['actor'])}: {_plain(decision['reason'])}"


def _beside(one: dict[str, str], other: dict[str, str]) -> Iterator[str]:
    width = max(map(_width, one.values()))
    for name in _SHOWN:
        if one[name] or other[name]:
            yield f"  {name:13}  {one[name]}{' ' * (width - _width(one[name]))}  {other[name]}".rstrip()


def _width(text: str) -> int:
    """Places a text takes on a terminal: a Han character takes two, a mark over a letter none."""
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text
    )


class OnlyOnATerminal(SukiError):
    """Values of people are shown to somebody who looks, and written nowhere."""


def only_on_a_terminal(option: str, output: TextIO, shows: str = "people") -> None:
    """Refuse to show people, or their words, anywhere else.

    Raises:
        OnlyOnATerminal: The output is a file or a pipe.
    """
    if not output.isatty():
        raise OnlyOnATerminal(f"{option} shows {shows}, so it writes to a terminal and into no file or pipe.")


def plain(value: Any) -> str:
    """A value as a terminal may show it; empty where there is none."""
    if value is None or value != value:  # noqa: PLR0124 (NaN)
        return ""
    return ", ".join(map(_plain, value)) if isinstance(value, list) else _plain(str(value))


def _plain(value: str) -> str:
    """Without what would command the terminal: a customer can write anything into a name."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in value)
