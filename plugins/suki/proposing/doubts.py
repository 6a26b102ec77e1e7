"""What speaks against a proposed field: wrong for sure is worse than left, so each doubt takes it below the floor."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from include.cleaning.text import digits_to_ascii
from include.customer import CONSENTS
from suki.proposing import looks
from suki.proposing.names import tokens_of
from suki.proposing.roles import PLACE

if TYPE_CHECKING:
    from suki.proposing.proposal import Column

LEFT = 0.6
"""At most so sure is what is doubted: below ``proposal.FLOOR``."""

REFUSED = "a yes may mean no: the other way round?"

_MANY_ROWS = 20
_MANY_PAIRS = 3
_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d)|^(\d{4})\d{4}$")
_BUDDHIST = 543
_OWN = frozenset({"emails", "phones", "full_name", "loyalty_ids", "external_ids"})
"""Fields whose values are hardly ever those of another customer."""

_FEW = 3
_VARIED = frozenset({"given_name", "family_name", "nickname", "address_line", "street", "birth_date"})
"""Fields that people share, but never so that many rows hold no more than a few values."""

_TOLD_BY_VALUES = frozenset({"emails", "phones", "gender", "country", "language"})
_PERSON = frozenset({"emails", "phones", "given_name", "family_name", "full_name", "company_name", "title"})
_MOMENTS = frozenset({"birth_date", "first_seen_at"})

_WHOSE = frozenset({"customer", "home", "work", "billing", "shipping", "number", "name", "address", "partner", "account"})
_ANSWER = frozenset({
    "consent", "newsletter", "marketing", "status", "email", "sms", "privacy", "phone", "mobile", "active", "call", "letter",
    "postal", "profiling",
})  # fmt: skip
_PLACE = PLACE | {"postal", "code", "id", "full", "given", "status", "other"}
_OF_SALES = frozenset({"item", "currency", "payment", "amount", "shipping", "order"})
_ID = frozenset({"id", "code", "external", "handle", "login"})
_DATED = frozenset({"date", "year", "il"})  # "nato il"
_MAY_SAY: dict[str, frozenset[str]] = {
    "emails": frozenset({"email", "login", "id", "mobile", "other"}),
    "phones": frozenset({"phone", "mobile", "whatsapp", "sms", "id", "other"}),
    "given_name": frozenset({"given", "first", "full"}),
    "family_name": frozenset({"family", "last", "full"}),
    "middle_name": frozenset({"middle", "given", "family"}),
    "full_name": frozenset({"full", "given", "family", "first", "last", "company"}),
    "birth_date": frozenset({"birth"}) | _DATED,
    "gender": frozenset({"gender", "code", "title", "kind"}),
    "title": frozenset({"title", "code", "id", "gender"}),
    "language": frozenset({"language", "code", "id"}),
    "company_name": frozenset({"company"}),
    "first_seen_at": frozenset({"created", "first", "activity", "order", "handle"}) | _DATED,
    "updated_at": frozenset({"updated", "last", "created"}) | _DATED,
    "loyalty_ids": frozenset({"loyalty", "card", "id", "code", "points"}),
    **dict.fromkeys(CONSENTS, _ANSWER),
    **{f"{answer}_at": _ANSWER | _DATED | {"created", "updated", "last", "activity"} for answer in CONSENTS},
    "external_ids": _ID | {"store"},
    "id": _ID | {"full", "technical", "created"},
    "note": frozenset({"note", "body"}),
    **dict.fromkeys(("street", "house", "unit", "address_line", "postcode", "city", "subdivision", "country"), _PLACE),
}
"""By field what its name may speak of, beside whose it is: of anything more, as ``tier updated``, it is perhaps not the field."""


def cast(columns: list["Column"]) -> None:
    """Leave to a person what is doubtful: by its name, by its values, by a rival."""
    doubts = [(column, why) for column in columns if _is_field(column) and (why := _doubt(column, columns))]
    for column, why in doubts:
        column.confidence, column.why = min(column.confidence, LEFT), why


def _is_field(column: "Column") -> bool:
    return column.sure and not column.role.startswith("-")


def _doubt(column: "Column", columns: list["Column"]) -> str:
    found = _negated(column) or _strange(column, columns) or _more(column) or _same_few(column) or _when(column)
    found = found or _rival(column, columns) or _of_another(column, columns) or _of_a_neighbour(column, columns)
    if not found and column.role == "first_seen_at":
        if speaks_of_sales([other.ideas for other in columns]):
            return "of the customer, or of what was bought?"
        if frozenset({"subject", "body"}) <= frozenset[str]().union(*(other.ideas for other in columns)):
            return "of the customer, or of what was written?"
    return found


_OF_SOMEBODY = frozenset({"last", "first", "consent", "email", "phone", "mobile", "fax"})
"""What makes a name tell of a person, whatever goods it names: of their last order, of where their invoices go."""


def speaks_of_sales(names: Iterable[frozenset[str]]) -> bool:
    """Whether field names speak of goods, what they cost and how that was paid, as those of an export of orders do."""
    spoken = frozenset[str]().union(*(ideas for ideas in names if not ideas & _OF_SOMEBODY))
    return len(spoken & _OF_SALES) >= 4


def answers(column: "Column") -> bool:
    """Whether a field holds nothing but yes and no."""
    return bool(column.filled) and all(looks.answer(value) is not None for value in set(column.filled))


def refuses(column: "Column") -> bool:
    """Whether a field's yes is a no, by its name: ``do_not_call``, ``NoMail``, on the Robinson list."""
    if {"unsubscribed", "date"} <= column.ideas or not answers(column):
        return False
    ways = column.ideas & {"email", "phone", "mobile", "call", "sms", "letter", "postal", "address", "marketing", "whatsapp"}
    return "unsubscribed" in column.ideas or bool(ways and any(map(looks.negates, tokens_of(column.name)[:2])))


def _negated(column: "Column") -> str:
    """No e-mail, yes: whose word that is taken for has agreed to what they refused."""
    if column.role not in CONSENTS:
        return ""
    words = set(tokens_of(column.name))
    offered = any(looks.answer(word) for word in words)  # "Newsletter (yes/no)"
    negated = any(map(looks.negates, words)) or any(mark in column.name for mark in "不拒")
    return REFUSED if negated and not offered else ""


def _strange(column: "Column", columns: list["Column"]) -> str:
    """A word nobody knows may be the word for a cashier: only values that are each customer's own outweigh it."""
    if not column.strange or (column.role == "id" and column.unique and column is columns[0]):
        return ""
    alone = sum(other.role == column.role for other in columns) == 1
    told = column.role in _TOLD_BY_VALUES and "values" in column.why and (column.role not in _OWN or _each_their_own(column))
    return "" if alone and told else "a word of its name is not known here: it may say whose it is"


def _each_their_own(column: "Column") -> bool:
    filled = column.filled
    return len(filled) >= 0.4 * len(column.values) and len(set(filled)) >= 0.8 * len(filled)


def _more(column: "Column") -> str:
    may = _MAY_SAY.get(column.role)
    spoken = column.ideas - ({"order"} if "billing" in column.ideas else set())  # of an invoice: where bills go
    return "" if may is None or spoken <= may | _WHOSE else "its name speaks of something more"


def _same_few(column: "Column") -> str:
    filled = column.filled
    if len(filled) < _MANY_ROWS:
        return ""
    if (column.role in _OWN and len(set(filled)) < 0.3 * len(filled)) or (column.role in _VARIED and len(set(filled)) <= _FEW):
        return "the same few values again and again: of the staff or the shop?"
    return ""


def _when(column: "Column") -> str:
    """Births lie a life back and in no order; what is created is not as old as people."""
    years = years_of(column.filled) if column.role in _MOMENTS else []
    if len(years) < 3:
        return ""
    middle, now = median(years), datetime.now(UTC).year
    if column.role == "first_seen_at":
        return "its dates look like births" if middle < now - 35 else ""
    if middle > now - 14:
        return "its dates are not those of births"
    rising = sum(later >= before for before, later in pairwise(years)) >= 0.97 * (len(years) - 1)
    told = len(years) >= _MANY_ROWS and len(set(years)) > 1
    return "its dates rise from row to row, as no births do" if told and rising else ""


def years_of(values: Sequence[str]) -> list[int]:
    """The years that dates name, row by row; those of the Buddhist calendar in ours."""
    found = []
    for value in values:
        if told := _YEAR.search(digits_to_ascii(value.strip())):
            year = int(told[1] or told[2])
            year -= _BUDDHIST if 2400 < year < 2600 else 0
            if 1850 <= year <= 2100:
                found.append(year)
    return found


def _rival(column: "Column", columns: list["Column"]) -> str:
    """Two fields for one without a lead; or one of an addressee where the customer's own is there."""
    same = [other for other in columns if other is not column and other.role == column.role and other.sure]
    if column.role in _MOMENTS and any(_lead(other) >= _lead(column) for other in same):
        return "another field says the same: which counts?"
    if column.role in _PERSON and _of_addressee(column) and not all(map(_of_addressee, same)):
        return "of whom goods or bills go to, beside one of the customer's"
    if column.role in _PERSON and _is_shipped(column) and not all(map(_is_shipped, same)):
        return "of whom goods go to, beside one of who pays"
    return ""


def _of_another(column: "Column", columns: list["Column"]) -> str:
    """A whole name that does not hold the given name beside it, row by row, is that of somebody else."""
    given = next((other for other in columns if other.role == "given_name" and other.sure), None)
    if column.role != "full_name" or given is None:
        return ""
    pairs = [(w.casefold(), g.casefold()) for w, g in zip(column.values, given.values, strict=False) if w.strip() and g.strip()]
    held = sum(g.split()[0] in w for w, g in pairs)
    return "another name than the given one beside it: of whom?" if len(pairs) >= _MANY_PAIRS and held < 0.5 * len(pairs) else ""


def _of_a_neighbour(column: "Column", columns: list["Column"]) -> str:
    """A phone or an address right behind the field of somebody else, whose name says more than what it is: theirs."""
    place = columns.index(column)
    if column.role not in ("phones", "emails") or not place or "other_person" not in columns[place - 1].ideas:
        return ""
    bare = not column.strange and column.ideas <= {"phone", "mobile", "email", "number", "home", "address"}
    alone = sum(other.role == column.role for other in columns) == 1
    return "" if bare or alone else "it stands behind somebody else's field: theirs?"


def addressed_to_others(columns: list["Column"]) -> bool:
    """Whether who goods go to is named apart from who pays: it may be somebody else."""
    of_names = ("given_name", "family_name", "full_name", "name")
    named = [c for c in columns if c.role in of_names or c.ideas >= {"shipping", "name"}]
    return any(map(_is_shipped, named)) and not all(map(_is_shipped, named))


def _is_shipped(column: "Column") -> bool:
    return "shipping" in column.ideas


def _lead(column: "Column") -> tuple[float, bool]:
    return round(column.confidence, 1), not column.ideas & {"first", "order", "activity"}


def _of_addressee(column: "Column") -> bool:
    return bool(column.said & {"shipping", "billing"})
