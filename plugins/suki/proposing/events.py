"""Exports whose rows are events (orders, payments, visits, tickets): an interactions stream, and one of the people in them."""

from collections.abc import Iterable, Sequence

from suki.proposing import looks
from suki.proposing.doubts import speaks_of_sales
from suki.proposing.names import Reading, read_name, spoken_in, tokens_of, without_shared
from suki.proposing.proposal import Column, Proposal, propose

_EVENT = frozenset({"order", "payment", "activity"})
_NUMBERED = frozenset({"id", "number", "code"})
_NOT_THIS = frozenset({"last", "first", "other_person", "birth", "consent", "newsletter", "secret", "external", "loyalty", "tax"})
"""What makes a name tell of something else: of the latest order, of whoever served."""

_ROLES: tuple[tuple[str, str | None, frozenset[str], frozenset[str]], ...] = (
    ("occurred_at", "updated_at", frozenset({"date", "created"}), _EVENT),
    ("occurred_at", "updated_at", frozenset({"payment", "activity"}), frozenset({"order"})),
    ("updated_at", "updated_at", frozenset({"updated"}), _EVENT | {"date"}),
    ("amount", "amount", frozenset({"amount", "payment"}), frozenset({"order"})),
    ("currency", "currency", frozenset({"currency"}), frozenset({"code", "order", "payment"})),
    ("item_count", "count", frozenset({"count"}), frozenset({"item", "number"})),
    ("status", None, frozenset({"status"}), frozenset({"order", "payment"})),
    ("channel", None, frozenset({"channel"}), frozenset({"order"})),
    ("store", None, frozenset({"store"}), _NUMBERED | {"name"}),
    ("subject", None, frozenset({"subject"}), frozenset({"order"})),
    ("body", None, frozenset({"body"}), frozenset({"order"})),
    ("body", None, frozenset({"note"}), frozenset({"order", "customer"})),
)
"""A field of an event, the look its values must have, the ideas one of which its name must hold, and what else it may hold."""

_PLACED = 0.3
"""Share of states among values of a field that is a state or a status, from which it is a state."""

_TYPES = {"payment": "payment", "activity": "visit", "order": "order"}


def propose_events(columns: Iterable[tuple[str, Sequence[str]]], stream: str) -> dict[str, Proposal] | None:
    """The streams of an export whose rows are events; None where nothing shows that they are.

    Rows are events where an id that is theirs tells them apart, a moment stands beside it, and somebody it happened to: by a
    customer's number, or else by an e-mail address or phone number.

    Args:
        columns: Name and values of each field.
        stream: What the stream is called.

    Returns:
        By name the stream of the events and that of their people, who are read from the same rows.
    """
    told = [Column(name, values) for name, values in columns]
    short = without_shared([column.name for column in told])
    spoken = spoken_in(list(short.values()))
    readings = {column.name: read_name(short[column.name], spoken) for column in told}
    for column in told:
        reading = readings[column.name]
        column.number, column.ideas = reading.number, reading.ideas
        role, fits = _role(reading.ideas, column)
        if role:
            column.role, column.why = role, "its name and its values" if fits else "its name"
            column.confidence = (0.97 if fits else 0.86) if not reading.unread else 0.75 if reading.unread <= 0.25 else 0.5
    whose = _whose_key(told, readings)
    key = _own_key(told, readings, whose)
    moment = _best(told, "occurred_at")
    if key is None or moment is None or not moment.sure:
        return None
    people = f"{stream}_customers"
    taken = [column for column in told if column.role and column is not whose]
    persons = propose([(c.name, c.values) for c in told if c not in taken], spoken)
    if whose is None:
        if not persons.mapping.keys() & {"emails", "phones"}:
            return None
        whose = key
    events = _events(told, key, moment, whose, people, _type(readings, key))
    return {stream: events, people: _people(persons, told, whose, moment, events, stream)}


def _role(ideas: frozenset[str], column: Column) -> tuple[str, bool]:
    """What a column is of an event by its name, and whether its values show it; empty where its values speak against it."""
    if ideas & _NOT_THIS:
        return "", False
    if ideas == {"region", "status"} and (looks.share("state", column.values) or 0) < _PLACED:
        ideas = frozenset({"status"})  # the "etat" of an order
    for role, fitting, some, further in _ROLES:
        if not ideas & some or ideas - some - further:
            continue
        share = looks.share(fitting, column.values) if fitting else None
        if fitting is None or (share is not None and share >= 0.85):
            return role, fitting is not None
    return "", False


def _whose_key(told: list[Column], readings: dict[str, Reading]) -> Column | None:
    """The column that says whose an event is: a customer's number."""
    for column in told:
        ideas, unread = readings[column.name][:2]
        if "customer" in ideas and ideas & _NUMBERED and not ideas - {"customer", *_NUMBERED} and unread < 0.1 and column.filled:
            column.role, column.confidence, column.why = "customer_key", 0.95, "its name, beside an id of the event's own"
            return column
    return None


def _own_key(told: list[Column], readings: dict[str, Reading], whose: Column | None) -> Column | None:
    """The id of the event: by its name; one that says less needs customers who come again, and what was paid or said."""
    again = whose is not None and len(set(whose.filled)) < len(whose.filled)
    of_events = again and any(column.role in ("amount", "subject", "body") and "note" not in column.ideas for column in told)
    for column in told:
        ideas, unread = readings[column.name][:2]
        if column is whose or not column.unique or not ideas or (looks.share("id", column.values) or 0) < 0.85:
            continue
        named = bool(ideas & _EVENT and ideas & _NUMBERED) and not ideas - {*_EVENT, *_NUMBERED} and not unread
        half = unread <= 0.25 and (ideas <= _NUMBERED or ideas <= _EVENT) and not column.role
        if named or (of_events and half):
            column.role, column.confidence = "key", 0.95 if named else 0.8
            column.why = "its name; unique in the sample" + ("" if named else ", while customers come again")
            return column
    return _number_in_front(told[0], readings) if told[0] is not whose else None


def _number_in_front(first: Column, readings: dict[str, Reading]) -> Column | None:
    """The first column of an export of orders whose numbers are called a name, as Shopify's are."""
    numbered = not first.role and first.unique and (looks.share("loyalty_ids", first.values) or 0) >= 0.85
    if not numbered or not speaks_of_sales(reading.ideas for reading in readings.values()):
        return None
    first.role, first.confidence, first.why = "key", 0.75, "a number in front of what was bought; unique in the sample"
    return first


def _best(told: list[Column], role: str) -> Column | None:
    """The surest column of a role; of equals the fullest, then the one that is not of the payment, then the one named first."""
    found = [column for column in told if column.role == role]
    return max(found, key=lambda c: (c.confidence, len(c.filled), "payment" not in c.ideas, -told.index(c)), default=None)


def _type(readings: dict[str, Reading], key: Column) -> str:
    """What kind of event it is: what its id is of, else what any name speaks of."""
    spoken = frozenset[str]().union(*(reading.ideas for reading in readings.values()))
    if {"subject", "body"} & spoken:
        return "ticket"
    every = readings[key.name].ideas & _EVENT or spoken & _EVENT
    return next((kind for idea, kind in _TYPES.items() if idea in every), "order")


def _events(told: list[Column], key: Column, moment: Column, whose: Column, people: str, kind: str) -> Proposal:
    found = Proposal(told, key, key.confidence, kind="interactions", customer_stream=people)
    found.constants["interaction_type"] = kind
    found.mapping["customer_key"], found.sources_of["customer_key"] = whose.name, [whose]
    found.mapping["occurred_at"], found.sources_of["occurred_at"] = moment.name, [moment]
    clock = _best(told, "updated_at")
    found.updated_at = clock if clock and clock.sure else moment
    for role in ("channel", "store", "status", "amount", "currency", "item_count", "subject", "body"):
        same = [column for column in told if column.role == role]
        if role == "amount" and len(same) > 1:
            total = _total(same)
            for column in same:  # a net, a tax and a total: which of them counts, a person says where nothing shows it
                if column is not total:
                    column.confidence, column.why = 0.5, "one of several amounts: which is what was paid?"
        best = _best(told, role)
        if best is not None and best.sure:
            found.mapping[role], found.sources_of[role] = best.name, [best]
        for column in same:
            if column is not best and column.sure:
                column.confidence, column.why = 0.5, f"{best.name if best else ''} is taken for it already"
    found.date_order = looks.date_order([moment.values, *([clock.values] if clock else [])])
    return found


def _total(amounts: list[Column]) -> Column | None:
    """The amount whose name says a total and that no other exceeds in any row; None if that is not one."""
    read = {column.name: [looks.figure(value) for value in column.values] for column in amounts}
    found = []
    for column in amounts:
        own = read[column.name]
        others = [read[other.name] for other in amounts if other is not column]
        pairs = [(a, b) for other in others for a, b in zip(own, other, strict=True) if a is not None and b is not None]
        above = sum(a > b for a, b in pairs) >= _LARGER * len(pairs) and all(a >= b for a, b in pairs)
        if looks.says_total(tokens_of(column.name)) and len(pairs) >= _MANY_PAIRS and above:
            found.append(column)
    return found[0] if len(found) == 1 else None


_LARGER, _MANY_PAIRS = 0.5, 3
"""Share of rows in which a total is more than each of its parts, and how many pairs must show it."""


def _people(persons: Proposal, told: list[Column], whose: Column, moment: Column, events: Proposal, stream: str) -> Proposal:
    """The people of the events as a stream of their own, of what the same rows say of them."""
    ignored = {c.name for c in persons.ignored}
    own = {column.name: column for column in persons.columns}
    used = {column.name for columns in events.sources_of.values() for column in columns}
    used |= {c.name for c in (events.key, events.updated_at) if c}
    columns = [whose if column.name == whose.name else column for column in persons.columns]
    found = Proposal(columns, whose, whose.confidence, moment, persons.date_order or events.date_order)
    for name, mapping in persons.mapping.items():
        if name not in ("first_seen_at", "note") and all(column is not whose for column in persons.sources_of[name]):
            found.mapping[name], found.sources_of[name] = mapping, persons.sources_of[name]
    read = {column.name for columns in found.sources_of.values() for column in columns}
    if not found.mapping:  # nothing else says who they are
        found.mapping["external_ids"] = {"path": whose.name, "prefix": "other:"}
        found.sources_of["external_ids"] = [whose]
    found.beside = [c.name for c in told if c.name not in read and c.name not in (whose.name, moment.name)]
    for column in told:
        if column.name in read:
            events.beside.append(column.name)
        elif column.name in ignored and column.name not in used:
            column.role, column.confidence = own[column.name].role, own[column.name].confidence
    for column in told:  # what neither takes is left once, in the stream of the events
        if not column.role and column.name in own and column.name not in read:
            column.why = "an event has no field for it, or only a person can tell which"
    found.note, events.note = f"of the event: stream {stream}", f"of the person: stream {events.customer_stream}"
    return found
