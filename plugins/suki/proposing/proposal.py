"""What an export's fields are, with how sure that is: their names first, then their values, then their neighbours."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from include.customer import CONSENTS
from suki.proposing import doubts, looks
from suki.proposing.names import Reading, is_spaced, read_name, spoken_in, tokens_of, without_shared
from suki.proposing.roles import IGNORED, role_of

FLOOR = 0.7
"""Confidence from which a field is mapped; what is less sure is left to a person."""

_DISTINCTIVE = frozenset({"emails", "phones", "gender", "country", "language"})
"""Fields whose values tell by themselves what they are, or nearly."""

_MANY = frozenset({"emails", "phones", "loyalty_ids", "external_ids"})
_PARTS = ("", "shipping", "billing", "work")
_PLACES = frozenset(
    {"street", "house", "unit", "address_line", "postcode", "city", "subdivision", "country", "district", "postcode_city"}
)
_ANSWERED = tuple(f"{answer}_at" for answer in CONSENTS)
_DATED = frozenset({"birth_date", "first_seen_at", "updated_at", *_ANSWERED})
_UNSURE = {
    "district": "part of an address, or a subdivision",
    "postcode_city": "postcode and city in one",
    "consent": "an answer, but to which question?",
    "consent_at": "when an answer was given, but to which question?",
}


@dataclass
class Column:
    """A raw field of the sample.

    Attributes:
        name: Its path in a declaration.
        values: What it holds, row by row; empty texts where nothing.
        role: What it is taken for; empty if nothing.
        part: Of an address, which one's.
        confidence: How sure that is, from 0 to 1.
        why: Where that comes from, or why it is left.
        number: The number in its name.
        strange: Whether a word of its name is not known here.
        ideas: What its name speaks of, without what most names of the export share.
        said: What its whole name speaks of.
    """

    name: str
    values: Sequence[str]
    role: str = ""
    part: str = ""
    confidence: float = 0.0
    why: str = ""
    number: int | None = None
    strange: bool = False
    ideas: frozenset[str] = frozenset()
    said: frozenset[str] = frozenset()

    @property
    def filled(self) -> list[str]:
        """Its values that are any."""
        return [value for value in self.values if value.strip()]

    @property
    def unique(self) -> bool:
        """Whether it could be a key: always filled, never twice the same."""
        return len(set(self.values)) == len(self.values) == len(self.filled) > 0

    @property
    def sure(self) -> bool:
        """Whether it may be declared without asking a person."""
        return bool(self.role) and self.confidence >= FLOOR

    @property
    def ignored(self) -> str | None:
        """Why it is left out on purpose, if it is."""
        return IGNORED.get(self.role[1:]) if self.role.startswith("-") and self.sure else None


@dataclass
class Proposal:
    """What is proposed of an export as one stream.

    Attributes:
        columns: Its fields, in its order.
        key: The field whose values tell its records apart; None if no field does.
        key_confidence: How sure that is.
        date_order: How its all-numeric dates are written; None if nothing shows it.
        mapping: Canonical field to its mapping as YAML has it.
        sources_of: Canonical field to the columns its mapping reads.
        kind: ``customers`` or ``interactions``.
        customer_stream: Of interactions: the stream that holds their people.
        constants: Canonical field to one fixed value.
        beside: Fields that another stream of the same rows takes.
        note: Which stream that is.
    """

    columns: list[Column]
    key: Column | None = None
    key_confidence: float = 0.0
    updated_at: Column | None = None
    date_order: str | None = None
    mapping: dict[str, Any] = field(default_factory=dict)
    sources_of: dict[str, list[Column]] = field(default_factory=dict)
    kind: str = "customers"
    customer_stream: str | None = None
    constants: dict[str, str] = field(default_factory=dict)
    beside: list[str] = field(default_factory=list)
    note: str = ""

    @property
    def left(self) -> list[Column]:
        """What a person has to decide."""
        used = {id(column) for columns in self.sources_of.values() for column in columns}
        used |= {id(column) for column in (self.key, self.updated_at) if column}
        return [c for c in self.columns if id(c) not in used and not c.ignored and c.name not in self.beside]

    @property
    def ignored(self) -> list[Column]:
        """What is left out on purpose."""
        used = (self.key, self.updated_at)
        return [c for c in self.columns if c.ignored and all(c is not one for one in used) and c.name not in self.beside]


def propose(columns: Iterable[tuple[str, Sequence[str]]], spoken: tuple[str, ...] | None = None) -> Proposal:
    """What the fields of an export are.

    Args:
        columns: Name and values of each.
        spoken: The languages of their names; None for those the names themselves tell.
    """
    told = [Column(name, values) for name, values in columns]
    short = without_shared([column.name for column in told])
    spoken = spoken_in(list(short.values())) if spoken is None else spoken
    for column in told:
        _judge(column, short[column.name], spoken)
    proposal = Proposal(told)
    _whose_names(told)
    doubts.cast(told)
    _one_address(told)
    _choose_key(proposal)
    _choose_clock(proposal)
    _put_together(proposal)
    proposal.date_order = looks.date_order([c.values for c in told if c.role in _DATED])
    return proposal


def _judge(column: Column, told: str, spoken: tuple[str, ...]) -> None:
    """By name (that part of it that tells something) and values, without the neighbours."""
    reading = read_name(told, spoken)
    column.said = read_name(column.name, spoken).ideas
    column.ideas = _settled(reading.ideas, column)
    role = role_of(column.ideas)
    column.number, column.strange = reading.number, reading.strange
    name = role.name
    if not name or doubts.refuses(column):
        _unnamed(column, reading)
        return
    column.role, column.part = name, role.part
    strength = 0.9 if not reading.unread else 0.8 if reading.unread <= 0.25 else 0.62 if reading.unread <= 0.5 else 0.4
    if name.startswith("-"):
        column.confidence, column.why = strength, "its name"
        return
    fits = looks.share(name, column.values)
    if fits is None:
        column.confidence = strength * (0.85 if not column.filled else 0.95)
        column.why = "its name; it is empty" if not column.filled else "its name"
    elif fits >= 0.85:
        column.confidence = min(strength + 0.07 + (0.15 if name in _DISTINCTIVE and strength < 0.9 else 0), 0.97)
        column.why = "its name and its values"
    elif fits >= 0.5:
        column.confidence, column.why = strength * 0.85, f"its name; {fits:.0%} of its values fit"
    else:
        column.confidence, column.why = strength * 0.4, f"its name, but only {fits:.0%} of its values fit"
        if (looks.share("emails", column.values) or 0) >= 0.85:
            column.role, column.confidence, column.why = "emails", 0.6, "its values, but its name says otherwise"
    if name == "subdivision" and looks.rather_countries(column.values):
        column.confidence, column.why = doubts.LEFT, "its name says a region, its values are countries"
    if name in _UNSURE:
        column.confidence, column.why = min(column.confidence, 0.6), _UNSURE[name]


def _unnamed(column: Column, reading: Reading) -> None:
    """A field that its name makes none of the model's."""
    if doubts.refuses(column):
        column.why = doubts.REFUSED
    elif not reading.ideas or reading.unread > _HARDLY:
        _by_values(column)
    else:
        column.why = "its name says what the model has no field for, or what only a person can tell"


_HARDLY = 0.25
"""Share of a name not understood from which it says nothing."""


def _settled(ideas: frozenset[str], column: Column) -> frozenset[str]:
    """The ideas without one of two that the same word means: a ``cep`` is a Brazilian postcode or a Turkish mobile."""
    if {"kind", "gender"} <= ideas:
        return ideas - {"kind" if (looks.share("gender", column.values) or 0) >= 0.85 else "gender"}
    if "prefix_word" in ideas and (looks.share("title", column.values) or 0) >= 0.85:
        return frozenset({"title"})  # a prefix of a name is a Mr, or a van
    if ideas == {"partner"} and (looks.share("loyalty_ids", column.values) or 0) >= 0.85:
        return frozenset({"customer"})
    if ideas and ideas <= {"letter", "postal"} and doubts.answers(column):
        return ideas | {"consent"}  # whether letters may come, and no postcode
    if {"postcode", "mobile"} <= ideas:
        return ideas - {"mobile" if (looks.share("postcode", column.values) or 0) >= 0.85 else "postcode"}
    return _settled_place(ideas, column)


def _settled_place(ideas: frozenset[str], column: Column) -> frozenset[str]:
    """The same of places: an ``estado`` is a country's or a lead's, a ``country/region`` one of the two."""
    if {"region", "status"} <= ideas:
        named = looks.share("state", column.values)
        few = len(set(column.filled)) <= max(1, 0.4 * len(column.filled))
        placed = named is None or named >= 0.3 or (named > 0 and not few)
        return ideas - {"status"} if placed else (ideas - {"status", "region"}) | {"unsettled"}
    if {"country", "region"} <= ideas and (looks.share("country", column.values) or 0) >= 0.85:
        return ideas - {"region"}
    if ideas == {"customer"} and (looks.share("full_name", column.values) or 0) >= 0.85 and _words_each(column) >= 1.5:
        return frozenset({"customer", "name"})  # who it is, and no number
    if (
        {"address", "number"} <= ideas
        and not ideas & {"phone", "mobile", "email"}
        and (looks.share("house", column.values) or 0) >= 0.85
    ):
        return ideas | {"house"}
    return ideas


def _by_values(column: Column) -> None:
    """A name that says nothing: the values may."""
    if len(column.filled) >= 3 and (looks.share("emails", column.values) or 0) >= 0.9:
        column.role, column.confidence, column.why = "emails", 0.8, "its values"
        return
    column.why = "its name is not known here"
    for role in ("country", "birth_date", "phones"):
        if len(column.filled) >= 3 and (looks.share(role, column.values) or 0) >= 0.9:
            column.role, column.confidence, column.why = role, 0.5, "its values alone"
            return


def _whose_names(columns: list[Column]) -> None:
    """A bare ``name`` is the family's beside given names, the given one beside a family name, and else the whole."""
    roles = {column.role for column in columns if column.confidence >= 0.5}
    given = [column for column in columns if column.role == "given_name"]
    _more_than_part(columns, given, roles)
    bare = [column for column in columns if column.role == "name"]
    for place, column in enumerate(bare):
        if place or (column.number or 1) > 1:
            column.confidence, column.why = min(column.confidence, 0.5), "a further name: of whom?"
            column.role = "full_name"
        elif ("given_name" in roles and "family_name" in roles) or any(_holds(column, one) for one in given):
            column.role = "full_name"
            column.confidence = min(column.confidence, 0.85)
        elif "given_name" in roles:
            column.role = "family_name"
        elif "family_name" in roles:
            column.role = "given_name"
        else:
            column.role = "full_name"
            if 0 < _words_each(column) < 1.5 and all(is_spaced(c) for v in column.filled for c in v if c.isalpha()):
                column.confidence, column.why = 0.5, "single words: the given name?"


def _more_than_part(columns: list[Column], given: list[Column], roles: set[str]) -> None:
    """Doubt a given or family name whose values are rather whole names."""
    for column in columns:
        if column.role == "family_name" and any(_holds(column, one) for one in given):
            column.confidence, column.why = 0.5, "the given name stands in it too: the whole name?"
        if column.role == "given_name" and "family_name" not in roles and _words_each(column) >= 1.5:
            column.confidence, column.why = 0.5, "several words, and no family name in the export: the whole name?"
        if column.role == "family_name" and not roles & {"given_name", "name"} and _words_each(column) >= 1.5:
            column.confidence, column.why = 0.5, "several words, and no given name in the export: the whole name?"


def _holds(whole: Column, part: Column) -> bool:
    """Whether the values of a column stand in those of another, row by row, with more beside them."""
    pairs = [(w.casefold().split(), p.casefold().split()) for w, p in zip(whole.values, part.values, strict=False) if w and p]
    held = sum(set(p) < set(w) for w, p in pairs)
    return len(pairs) >= 3 and held >= 0.8 * len(pairs)


def _words_each(column: Column) -> float:
    """Of how many words its values are; 0 where there is none."""
    return sum(len(value.split()) for value in column.filled) / max(len(column.filled), 1)


def _one_address(columns: list[Column]) -> None:
    """A golden customer has one address: of several the one told most of, then the home, then where goods go.

    Not where goods go to somebody who is named apart.
    """
    places = [column for column in columns if column.role in _PLACES]
    _in_context(columns, places)
    told = {part: len({c.role for c in places if c.part == part}) for part in _PARTS}
    parts = _PARTS if not doubts.addressed_to_others(columns) else tuple(part for part in _PARTS if part != "shipping")
    main = max(parts, key=lambda part: (told[part], -_PARTS.index(part)))
    roles = {column.role for column in places if column.part == main}
    line = {"street", "address_line"} & roles
    if not line:  # the street of the address whose city is told without saying whose
        own = {c.part for c in places if c.role in ("postcode", "city")}  # with a place of its own it is another address
        streets = [c.part for c in places if c.role in ("street", "address_line")]
        other = next((part for part in streets if part in parts and (part not in own or not roles)), main)
        for column in places:
            if column.part == other and column.role not in roles:
                column.part = main
        line = roles = {column.role for column in places if column.part == main}
    for column in places:
        if column.part == main or (
            column.part == "" and column.role not in roles and not (line and column.role == "address_line")
        ):
            continue
        column.role, column.why = "-second", "its name"


def _in_context(columns: list[Column], places: list[Column]) -> None:
    """What only the neighbours tell: a bare number behind a street; a Turkish province, a city where none is named."""
    for column, before in zip(columns[1:], columns, strict=False):
        bare = column.role in ("id", "") and "number" in column.said and column.said <= {"number", "id", "billing", "shipping"}
        behind = before.role in ("street", "address_line") and column.said & {"billing", "shipping"} <= before.said
        behind = behind and not any(c.role == "house" for c in columns)
        if bare and behind and (looks.share("house", column.values) or 0) >= 0.8:
            column.role, column.confidence, column.why = "house", 0.85, "its name, behind a street, and its values"
            places.append(column)
    roles = {column.role for column in columns}
    for column in columns:
        bare = column.role == "id" and column.said == {"code"}
        if bare and "city" in roles and "postcode" not in roles and (looks.share("postcode", column.values) or 0) >= 0.85:
            column.role, column.confidence, column.why = "postcode", 0.8, "its name, beside a city, and its values"
            places.append(column)
            roles.add("postcode")
    for column in columns:
        if column.role == "il":
            column.role = "subdivision" if any(c.role == "city" for c in columns) else "city"
            places.append(column)


def _choose_key(proposal: Proposal) -> None:
    columns = proposal.columns
    ids = [column for column in columns if column.role == "id"]
    unique = [column for column in ids if column.unique]
    named = [column for column in unique if "customer" in column.said]
    if unique := named or unique:  # a bare number beside a customer's is the number of something else
        best = max(unique, key=lambda c: (c.confidence, -columns.index(c)))
        of_company = "account" in best.ideas and any(c.unique for c in ids if c is not best)
        proposal.key, proposal.key_confidence = best, min(best.confidence, doubts.LEFT) if of_company else best.confidence
    elif other := [c for c in columns if c.role in ("loyalty_ids", "external_ids", "emails") and c.unique and c.sure]:
        best = next((c for c in other if c.role == "external_ids"), other[0])  # the id of the system that wrote the file
        told = best.role != "loyalty_ids" or "customer" in best.said  # the number of a customer's card
        rival = any(
            c.unique and c is not best and not c.role and "id" in c.ideas for c in columns
        )  # an id, but perhaps not theirs
        proposal.key, proposal.key_confidence = best, 0.75 if told and not rival else 0.6
    elif ids:
        proposal.key, proposal.key_confidence = ids[0], 0.5
    elif plain := [
        c for c in columns if c.unique and not c.role.startswith("-") and c.role not in ("full_name", "note", "updated_at")
    ]:
        proposal.key, proposal.key_confidence = plain[0], 0.5
    for column in ids:
        if column is not proposal.key:
            column.confidence, column.why = min(column.confidence, 0.5), "a further id: of what?"
    if proposal.key and proposal.key in ids:
        state = "unique in the sample" if proposal.key.unique else "not unique in the sample"
        proposal.key.why = f"{proposal.key.why}; {state}"


def _choose_clock(proposal: Proposal) -> None:
    clocks = [column for column in proposal.columns if column.role == "updated_at" and column.sure]
    if clocks:
        proposal.updated_at = max(clocks, key=lambda column: column.confidence)


def _put_together(proposal: Proposal) -> None:
    """The mappings, of what is sure enough."""
    sure: dict[str, list[Column]] = {}
    for column in proposal.columns:
        if column.sure and not column.role.startswith("-") and column is not proposal.updated_at:
            sure.setdefault(column.role, []).append(column)
    for role in list(sure):
        if role.startswith("handle:"):
            _add(
                proposal,
                "handles",
                sure.pop(role),
                [{"path": c.name, "prefix": f"{role[7:]}:"} for c in proposal.columns if c.role == role],
            )
    _external(proposal, sure)
    _names(proposal, sure)
    _address(proposal, sure)
    _answered_at(proposal, sure)
    for role, columns in sure.items():
        if role in _MANY:
            _add(proposal, role, columns, [c.name for c in columns])
        elif role in _SINGLE:
            best = max(columns, key=lambda c: (c.confidence, len(c.filled) > 0))
            _take(proposal, role, best.name, [best])
            for other in columns:
                if other is not best:
                    other.why = f"{best.name} is taken for it already"


def _answered_at(proposal: Proposal, sure: dict[str, list[Column]]) -> None:
    """One moment for all the answers of a row, where none of them has its own and no other question is asked.

    Its name speaks of advertising, or of consents: *the* consent may as well be one to what nobody exported.
    """
    asked = [answer for answer in CONSENTS if answer in sure]
    moments = [column for column in proposal.columns if column.role == "consent_at"]
    others = [c for c in proposal.columns if c.role == "consent" or c.ideas & {"privacy", "push", "whatsapp", "unsubscribed"}]
    if len(moments) != 1 or len(asked) < _SEVERAL or others or sure.keys() & set(_ANSWERED) or moments[0].strange:
        return
    of_all = moments[0].ideas & {"marketing", "newsletter"} or looks.says_consents(tokens_of(moments[0].name))
    if of_all and moments[0].ideas <= _OF_ANSWERS and (looks.share(f"{asked[0]}_at", moments[0].values) or 0) >= _FITTING:
        for answer in asked:
            _take(proposal, f"{answer}_at", moments[0].name, moments)


_SEVERAL = 2
"""Answers that one moment must stand for."""

_OF_ANSWERS, _FITTING = frozenset({"consent", "date", "marketing", "newsletter", "created"}), 0.85
"""What the name of such a moment may speak of, and the share of its values that must be dates."""

_SINGLE = frozenset({
    "birth_date", "gender", "language", "title", "name_suffix", "nickname", "company_name", "postcode", "city", "subdivision",
    "country", *CONSENTS, *_ANSWERED, "first_seen_at", "note", "middle_name", "full_name",
})  # fmt: skip


def _add(proposal: Proposal, name: str, columns: list[Column], mappings: list[Any]) -> None:
    """Another column of a field of several texts."""
    before = proposal.sources_of.get(name, [])
    _take(proposal, name, mappings, [*before, *columns], many=True)


def _take(proposal: Proposal, name: str, mapping: Any, columns: list[Column], many: bool = False) -> None:
    if many:
        held = proposal.mapping.get(name)
        parts = ([*held["all_of"]] if isinstance(held, dict) and "all_of" in held else [held] if held else []) + mapping
        mapping = parts[0] if len(parts) == 1 else {"all_of": parts}
    elif name in (*CONSENTS, "gender"):
        mapping = _with_words(mapping, columns[0], looks.genders(columns[0].values) if name == "gender" else looks.answer)
    proposal.mapping[name] = mapping
    proposal.sources_of[name] = columns


def _with_words(path: str, column: Column, read: Callable[[str], Any]) -> Any:
    """A field of few words, with what each of them means."""
    words = {word: read(word) for word in sorted({value.strip() for value in column.filled})}
    known = {word: meaning for word, meaning in words.items() if meaning is not None}
    return {"path": path, "values": known} if known and len(words) <= 8 else path


def _external(proposal: Proposal, sure: dict[str, list[Column]]) -> None:
    mappings = []
    columns = sure.pop("external_ids", [])
    for column in columns:
        ideas = [word for word in tokens_of(column.name) if word in SYSTEMS]
        mappings.append({"path": column.name, "prefix": f"{ideas[0] if ideas else 'other'}:"})
    if mappings:
        _add(proposal, "external_ids", columns, mappings)


SYSTEMS = frozenset({
    "shopify", "hubspot", "salesforce", "sap", "magento", "zendesk", "stripe", "mailchimp", "erp", "shop", "webshop", "wordpress",
    "woocommerce", "square", "klaviyo", "legacy", "old",
})  # fmt: skip
"""Words of a name that say whose id it is."""


def _names(proposal: Proposal, sure: dict[str, list[Column]]) -> None:
    given, family = sure.pop("given_name", []), sure.pop("family_name", [])
    prefix, second = sure.pop("family_prefix", []), sure.pop("second_family", [])
    if given:
        _take(proposal, "given_name", given[0].name, given[:1])
        if len(given) > 1 and given[1].number == 2 and "middle_name" not in sure:
            sure["middle_name"] = given[1:2]
    further = [column for column in family[1:] if (column.number or 0) > 1][:1]
    parts = [*(prefix[:1] if family else []), *family[:1], *(further or second[:1])]
    if parts and family:
        _take(proposal, "family_name", parts[0].name if len(parts) == 1 else {"join": [c.name for c in parts]}, parts)


def _address(proposal: Proposal, sure: dict[str, list[Column]]) -> None:
    street, house = sure.pop("street", []), sure.pop("house", [])
    unit, lines = sure.pop("unit", []), sure.pop("address_line", [])
    if street and lines:
        further = [c for c in lines if (c.number or 0) > 1]
        for column in lines:
            if column not in further:
                column.confidence, column.why = 0.5, f"an address beside {street[0].name}"
        lines = further
    order = {id(column): n for n, column in enumerate(proposal.columns)}
    first = sorted([*street[:1], *(house[:1] if street or lines else [])], key=lambda c: order[id(c)])
    if house and lines and not street:
        first = sorted([lines[0], house[0]], key=lambda c: order[id(c)])
        lines = lines[1:]
    rest = [*street[1:], *lines, *unit]
    if not first and not lines and not street:
        return
    if not first:
        first, rest = lines[:1], [*lines[1:], *unit]
    head: Any = first[0].name if len(first) == 1 else {"join": [c.name for c in first]}
    mapping = head if not rest else {"join": [head, *(c.name for c in rest)], "with": ", "}
    _take(proposal, "address_line", mapping, [*first, *rest])
