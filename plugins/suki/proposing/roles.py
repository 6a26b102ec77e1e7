"""Which field of the canonical model the ideas of a name make: a ladder of rules, the more telling ones first."""

from typing import NamedTuple

IGNORED = {
    "secret": "a secret or an official number: it has no business in the warehouse",
    "figure": "a count or an amount: it would make a customer who did nothing look changed",
    "recent": "when somebody came last: it would make a customer look changed each time, and comes from interactions",
    "technical": "of the system, not of the person",
    "fax": "nobody is reached by fax",
    "shop": "of the shop's own sorting: the model of a customer has no field for it",
    "second": "of a second address: a golden customer has one",
}
"""Why a field is left out, by what it is."""

HANDLES = ("instagram", "facebook", "tiktok", "x", "wechat", "line", "kakao", "telegram")
PLACE = frozenset(
    {"street", "house", "unit", "address", "address_line", "postcode", "city", "district", "region", "il", "country"}
)


class Role(NamedTuple):
    """What a field may be.

    Attributes:
        name: A canonical field; or ``id``, ``updated_at``, ``name`` (whose, its neighbours tell), ``house``, ``unit``,
            ``district``; or ``-`` and a key of ``IGNORED``; empty where its name tells nothing, or what the model does not hold.
        part: Of an address: whose of several, else empty.
    """

    name: str
    part: str = ""


NOBODY = Role("")


def role_of(ideas: frozenset[str]) -> Role:
    """What a field of these ideas may be."""
    if "other_person" in ideas or ("partner" in ideas and not _has(ideas, "id", "number", "code")):
        return NOBODY  # of somebody else; a partner is a spouse, or in an ERP the customer
    if "partner" in ideas:
        ideas = ideas - {"partner"} | {"customer"}
    if _has(ideas, "store", "company") and "customer" not in ideas and _has(ideas, "email", "phone", "mobile", "birth", "gender"):
        return NOBODY  # how the shop or the employer is reached
    for rule in (_secret, _answer, _reach, _moment, _person, _place, _ids):
        role = rule(ideas)
        if role is not None:
            return role
    return _shop(ideas)


def _has(ideas: frozenset[str], *wanted: str) -> bool:
    return any(idea in ideas for idea in wanted)


def _secret(ideas: frozenset[str]) -> Role | None:
    if "followers" in ideas:
        return Role("-figure")
    if "secret" in ideas and "consent" not in ideas:
        return Role("-secret")
    return None


def _answer(ideas: frozenset[str]) -> Role | None:
    """What somebody allowed, and when."""
    if not _has(ideas, "consent", "newsletter", "unsubscribed", "profiling") and not (
        "marketing" in ideas and not _has(ideas, "id", "code") and not ideas & PLACE
    ):
        return None
    if "unsubscribed" in ideas and "consent" not in ideas:
        return NOBODY  # the other way round: a person says what its values mean
    if {"consent", "handle"} <= ideas:
        ideas = ideas - {"handle"} | {"profiling"}  # agreed to a profile
    asked = {answer for answer, told in _ASKED.items() if told & ideas}
    of_terms = "privacy" in ideas and not asked & {"profiling_consent"} and not ("marketing" in ideas and asked)
    if of_terms or len(asked) > 1 or _has(ideas, "channel", "kind", "count", "amount", "push", "verified", "technical"):
        return NOBODY
    if _has(ideas, "mobile", "fax", "whatsapp") and not asked & {"email_consent", "sms_consent"}:
        return NOBODY  # by which of the ways that a mobile can be reached?
    moment = _has(ideas, "date", "created", "updated", "year") or ("activity" in ideas and "last" in ideas)
    if not asked and "newsletter" not in ideas:  # advertising, by which way?
        return Role("consent_at" if moment else "consent")
    of = next(iter(asked), "email_consent")
    return Role(f"{of}_at" if moment else of)


_ASKED = {
    "email_consent": frozenset({"email"}), "sms_consent": frozenset({"sms"}), "phone_consent": frozenset({"phone", "call"}),
    "post_consent": frozenset({"postal", "letter"}), "profiling_consent": frozenset({"profiling"}),
}  # fmt: skip
"""By answer what a question for it speaks of."""


def _reach(ideas: frozenset[str]) -> Role | None:  # noqa: PLR0911 - a ladder, read from the top
    for platform in HANDLES:
        if platform in ideas:
            return Role("-figure") if _has(ideas, "count", "points") else Role(f"handle:{platform}")
    if "sms" in ideas and not _has(ideas, "number", "phone", "mobile"):
        return Role("sms_consent", "")
    if "email" in ideas:
        if _has(ideas, "verified", "status", "count", "active", "activity", "kind", "last") or "date" in ideas:
            return NOBODY
        return Role("emails")
    if _has(ideas, "fax"):
        return Role("-fax")
    if _has(ideas, "phone", "mobile") or ("whatsapp" in ideas and not _has(ideas, "push", "marketing", "channel")):
        if _has(ideas, "verified", "status", "kind", "created", "updated", "count") or ("code" in ideas and "country" in ideas):
            return NOBODY
        if "country" in ideas:
            return NOBODY
        return Role("phones")
    return None


def _moment(ideas: frozenset[str]) -> Role | None:  # noqa: C901, PLR0911 - a ladder, read from the top
    if _has(ideas, "birthplace", "nationality"):
        return NOBODY
    if "birth" in ideas:
        if _has(ideas, "name", "family", "city", "country", "region"):
            return NOBODY
        return Role("birth_date")
    if "age" in ideas:
        return Role("-figure")
    if _has(ideas, "points", "count") and not _has(ideas, "created", "updated", "card"):
        return Role("-figure")
    if "updated" in ideas and "id" not in ideas:
        return Role("updated_at")
    if "activity" in ideas and _has(ideas, "last", "date") and "first" not in ideas:
        return Role("-recent")
    if "order" in ideas and _has(ideas, "last", "date") and "first" not in ideas:
        return Role("-recent")
    if {"created", "id"} <= ideas and not _has(ideas, "date", "first"):
        return None  # the number of a record
    if "created" in ideas or ("first" in ideas and _has(ideas, "activity", "order")):
        return NOBODY if _has(ideas, "store", "channel", "order") and not _has(ideas, "date", "first") else Role("first_seen_at")
    return None


def _person(ideas: frozenset[str]) -> Role | None:  # noqa: C901, PLR0911, PLR0912 - a ladder, read from the top
    if _has(ideas, "reading"):
        return NOBODY
    if "gender" in ideas:
        return Role("gender")
    if "language" in ideas:
        return Role("language")
    if "job" in ideas:
        return NOBODY
    if "login" in ideas:
        return NOBODY
    if "prefix_word" in ideas:
        return Role("family_prefix")
    if "suffix" in ideas and not ideas & PLACE:
        return Role("name_suffix")
    if "middle" in ideas:
        return Role("middle_name")
    if "nick" in ideas:
        return Role("nickname")
    if {"company", "shipping"} <= ideas:
        return NOBODY  # who goods go to, or who brings them
    if "company" in ideas and not _has(ideas, "id", "tax", "number", "code", "kind"):
        return None if ideas & PLACE - {"address"} else Role("company_name")
    if ideas & PLACE or _has(ideas, "store", "item", "channel", "tax", "loyalty", "card", "currency", "status"):
        return None
    if "full" in ideas and (_has(ideas, "name", "given", "family") or ideas <= {"full", "customer"}):
        return Role("full_name")
    if ideas - {"customer"} in ({"first"}, {"last"}):
        return Role("given_name" if "first" in ideas else "family_name")
    if "second_family" in ideas:
        return Role("second_family")
    if "given" in ideas and "family" in ideas:
        return Role("full_name") if "name" in ideas or not ("first" in ideas or "last" in ideas) else NOBODY
    if "family" in ideas or ("last" in ideas and "name" in ideas):
        return Role("family_name")
    if "given" in ideas or ("first" in ideas and "name" in ideas):
        return Role("given_name")
    if "title" in ideas and "name" not in ideas:
        return Role("title")
    if "name" in ideas and not _has(ideas, "order", "kind", "code", "id", "amount"):
        return Role("name")
    return None


def _place(ideas: frozenset[str]) -> Role | None:  # noqa: C901, PLR0911, PLR0912 - a ladder, read from the top
    if "postal" in ideas and not ideas & (PLACE - {"postcode"}):
        return Role("postcode")
    if not ideas & PLACE:
        return None
    if "billing" in ideas:
        ideas = ideas - {"order"}  # an invoice's address is where bills go
    if _has(ideas, "store", "technical", "tax", "company", "item", "order"):
        return NOBODY
    whose = next((part for part in ("other", "shipping", "billing", "work") if part in ideas), "")
    several = ideas & {"street", "postcode", "city", "region", "country", "house"}
    if len(several) > 1 and not several <= {"street", "house"}:
        # one field of several: "PLZ/Ort"; but "municipality code", "address country code" are of one
        if several == {"postcode", "city"}:
            return Role("postcode_city", whose)
        if several == {"city", "region"}:
            return Role("city", whose)
        return NOBODY if several != {"country", "region"} else Role("country" if "code" in ideas else "subdivision", whose)
    for name, field in (
        ("postcode", "postcode"), ("country", "country"), ("region", "subdivision"), ("city", "city"), ("il", "il"),
        ("house", "house"), ("street", "street"), ("unit", "unit"), ("district", "district"),
    ):  # fmt: skip
        if name in ideas:
            if name == "house" and "street" in ideas:
                return Role("street", whose)
            if name == "house" and not _has(ideas, "number", "address") and ideas - {"house", whose, "customer"}:
                continue
            return Role(field, whose)
    if "code" in ideas:
        return Role("postcode", whose)
    if _has(ideas, "kind", "status", "verified", "date") or ("id" in ideas and "address" in ideas):
        return NOBODY
    return Role("address_line", whose)


def _ids(ideas: frozenset[str]) -> Role | None:  # noqa: PLR0911 - a ladder, read from the top
    if _has(ideas, "loyalty", "card"):
        if _has(ideas, "kind", "status", "amount", "store"):
            return Role("-shop")
        return Role("loyalty_ids") if _has(ideas, "id", "number", "code", "card") else NOBODY
    if "tax" in ideas:
        return NOBODY  # a number that all people of a company share, or an official one: a person says which
    if _has(ideas, "id") or ("customer" in ideas and _has(ideas, "number", "code")):
        if _has(ideas, "store", "item", "channel", "kind", "status", "technical", "company"):
            return Role("-shop")
        if "order" in ideas:
            return Role("-figure")
        if "external" in ideas:
            return Role("external_ids")
        return Role("id")
    return None


def _shop(ideas: frozenset[str]) -> Role:  # noqa: PLR0911 - a ladder, read from the top
    if "verified" in ideas or "deleted" in ideas or "active" in ideas:
        return NOBODY
    if "note" in ideas:
        return Role("note")
    if _has(ideas, "amount", "order", "currency", "item"):
        return Role("-figure")
    if _has(ideas, "technical"):
        return Role("-technical")
    if _has(ideas, "store", "status", "kind", "channel"):
        return Role("-shop")
    if ideas in ({"number"}, {"code"}, {"customer"}):
        return Role("id")
    return NOBODY
