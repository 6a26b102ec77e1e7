"""What is answered to who asks for a person before creating them: known, possible or new, and no more than that.

An answer must not let its asker learn who the customers are. So it names a customer only where what was asked already tells
who it is; of one who is only possible it says nothing, neither an id nor what agreed; and it never repeats a value. Whoever
asks is named, so that how often they may ask can be limited.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from include.errors import SukiError

NAMES = ("full_name", "given_name", "family_name", "company_name")
BESIDE = ("emails", "phones", "birth_date", "address_line", "loyalty_ids")
ASKABLE = (*NAMES, *BESIDE, "city", "subdivision", "postcode", "country", "gender", "name_suffix")
"""Canonical fields that may be asked by."""

Admits = Callable[[str], bool]
"""Whether a caller may ask now."""


class TooLittle(SukiError):
    """What was asked is too little to tell people apart, and would only probe whether a value is known."""


class TooOften(SukiError):
    """This caller must wait."""


@dataclass(frozen=True)
class Answer:
    """Whether the asked person is a customer.

    Attributes:
        verdict: ``known``: this customer, create nobody. ``possible``: somebody may be, have it looked at. ``new``: nobody is.
        reason: Why, in a sentence.
        customer_id: Of a known one; None else.
        because: Of a known one, what agreed most: names of comparisons and levels, no values.
    """

    verdict: Literal["known", "possible", "new"]
    reason: str
    customer_id: str | None = None
    because: tuple[str, ...] = ()


def admit(caller: str, admits: Admits | None = None) -> None:
    """Let a caller ask.

    Raises:
        TooOften: Not now.
    """
    if admits is not None and not admits(caller):
        raise TooOften("You asked too often: wait a while.")


def must_tell(cleaned: Mapping[str, Any]) -> None:
    """Refuse what cannot tell one person from another.

    Args:
        cleaned: The asked record's canonical fields, after cleaning.

    Raises:
        TooLittle: There is no name, or nothing beside it.
    """
    if not any(_said(cleaned.get(name)) for name in NAMES) or not any(_said(cleaned.get(name)) for name in BESIDE):
        raise TooLittle(
            "Ask by a name and by at least one of e-mail, phone, birth date, street address or loyalty card that is"
            " well-formed: less would not tell people apart."
        )


def answer(matching: Sequence[str], waiting: int, because: Sequence[str]) -> Answer:
    """The answer that the likely records make.

    Args:
        matching: The customers of the records in the match band, the weightiest first.
        waiting: How many records are in the review band.
        because: What speaks most for the weightiest match.
    """
    customers = list(dict.fromkeys(matching))
    if len(customers) == 1:
        return Answer("known", "A resolve run would make this record part of that customer.", customers[0], tuple(because))
    if customers:
        return Answer("possible", "More than one customer matches: have it looked at before creating one.")
    if waiting:
        return Answer("possible", "A customer may be this person: have it looked at before creating one.")
    return Answer("new", "No customer comes near: create one.")


def _said(value: Any) -> bool:
    return len(value) > 0 if isinstance(value, (list, tuple, str)) else value is not None
