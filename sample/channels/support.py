"""Support: users with their identities, and tickets, as Zendesk's incremental exports hand them out.

Form after the cursor-based incremental exports of users and tickets
(https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/) with identities side-loaded. A
user removed by an agent stays in the export with ``active`` false. Zendesk names an unknown mailer after the mailbox and an
unknown caller after the number.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sample.delivery import Post, iso
from sample.dice import Dice, about, repeats
from sample.dressing import Dresser
from sample.people import Person
from sample.writing import json_line

SOURCE = "support"
_VIA = ("email", "email", "web", "web", "chat", "voice", "api")
_ASKED, _ANSWERED = 0.35, 0.8
_CAME_BACK = {"mail_came_back": 0.03, "post_came_back": 0.015}  # of users: judgement
_SAY_YES = {"may_we_call": 0.3, "may_we_send_post": 0.55, "may_we_profile": 0.6}


@dataclass
class _User:
    """One user while it lives."""

    ident: int
    created: datetime
    dresser: Dresser
    name: str
    email: str
    phone: str
    others: list[tuple[str, str]]
    notes: str
    details: str
    loyalty: str
    tags: list[str]
    answers: dict[str, str | None]
    active: bool = True


def joins(person: Person, post: Post) -> bool:
    """Whether the person ever writes to support."""
    return post.stream("joins", SOURCE, person.number).random() < post.rates.channels.support.share


def emit(person: Person, post: Post, orders: list[str]) -> None:
    """Write everything support knows of a person who may quote these orders."""
    rng = post.stream(SOURCE, person.number)
    for number in range(1 + repeats(rng, post.rates.channels.support.another_user)):
        dice = post.dice(SOURCE, person.number, number)
        user = _meet(person, post, dice, again=number > 0)
        _live(user, person, post, post.stream(SOURCE, "life", person.number, number), orders)


def _meet(person: Person, post: Post, dice: Dice, again: bool) -> _User:
    rng, created, people = dice.rng, post.begins(dice.rng), post.rates.people
    ident = post.new_id(rng, "user", created, 360_000_000_000, 97)  # before any mess, so that no rate changes it
    dresser = Dresser(person, dice, created.date(), people.suffix_written)
    company = person.company is not None and dice.chance(people.company_records)
    email, phone = dresser.email(company), dresser.phone(company)
    if again and len(person.emails) > 1 and email == person.emails[0]:
        email = rng.choice(person.emails[1:])
    if not email and not phone:
        phone = dresser.write_phone(person.mobile(created.date()))
    user = _User(
        ident=ident,
        created=created,
        dresser=dresser,
        name=_name(dice, dresser, email, phone),
        email=email,
        phone=phone,
        others=_identities(person, dice, dresser, email),
        notes=_notes(person, post, dice, dresser),
        details=_details(person, dice, company),
        loyalty=person.loyalty if person.loyalty and dice.hit("loyalty_written") else "",
        tags=["vip"] if dice.chance(0.03) else [],
        answers=_answers(post.stream("answers", SOURCE, ident), created),
    )
    post.truth(SOURCE, "users", str(user.ident), person)
    return user


def _answers(rng: Random, created: datetime) -> dict[str, str | None]:
    """What an agent asked them they may do: a list to pick from each, and the day; most are not asked."""
    answers: dict[str, str | None] = dict.fromkeys(("may_we_call", "may_we_send_post", "may_we_profile"))
    if rng.random() < _ASKED:
        answers |= {asked: "yes" if rng.random() < yes else "no" for asked, yes in _SAY_YES.items() if rng.random() < _ANSWERED}
    return {**answers, "asked_on": f"{created:%Y-%m-%d}" if any(answers.values()) else None}


def _name(dice: Dice, dresser: Dresser, email: str, phone: str) -> str:
    if dice.hit("name_missing"):
        return email.partition("@")[0] if email else f"Caller {phone}"
    return dresser.name().full


def _identities(person: Person, dice: Dice, dresser: Dresser, email: str) -> list[tuple[str, str]]:
    others = [("email", other) for other in person.emails if other != email.strip().lower() and dice.chance(0.12)]
    if person.second_mobile and dice.chance(0.3):
        others.append(("phone_number", dresser.write_phone(person.second_mobile)))
    if person.facebook and dice.hit("handle_written"):
        others.append(("facebook", person.facebook))
    if person.instagram and dice.hit("handle_written"):
        others.append(("twitter", person.instagram.replace(".", "_")))
    return others


def _notes(person: Person, post: Post, dice: Dice, dresser: Dresser) -> str:
    if not dice.hit("note"):
        return ""
    notes = post.catalogue.say(dice.rng, person.country.code, "memos")
    if dice.hit("note_contact"):
        notes += ". " + _contact(person, post, dice, dresser)
    return notes


def _contact(person: Person, post: Post, dice: Dice, dresser: Dresser) -> str:
    phrase = post.catalogue.say(dice.rng, person.country.code, "contact")
    mailbox = person.emails[0] if person.emails else person.shared_mailbox
    return phrase.format(email=mailbox, phone=dresser.write_phone(person.mobile(dresser.at)), name=person.given.native)


def _details(person: Person, dice: Dice, company: bool) -> str:
    if company and person.company is not None and dice.hit("company_name"):
        return person.company.name
    return ""


# --- a user's life ---


def _live(user: _User, person: Person, post: Post, rng: Random, orders: list[str]) -> None:
    gone = post.deleted(rng, user.created)
    moments = [(user.created, "created"), *post.tells(rng, person, user.created)]
    moments = sorted((moment, kind) for moment, kind in moments if gone is None or moment < gone)
    if gone is not None:
        moments.append((gone, "deleted"))
    for i, (moment, kind) in enumerate(moments):
        _change(user, person, kind, moment)
        if i + 1 == len(moments) or post.day(moments[i + 1][0]) != post.day(moment):
            rows = [
                ("users", json_line(_record(user, moment))),
                *(("identities", json_line(row)) for row in _identity_rows(user, moment)),
            ]
            post.send(rng, SOURCE, post.day(moment), "users.json", f"{iso(moment)} {user.ident}", rows)
    tickets = [
        user.created,
        *(post.later(rng, user.created, gone) for _ in range(about(rng, post.rates.channels.support.tickets - 1))),
    ]
    for moment in sorted(tickets):
        _ticket(user, person, post, rng, moment, orders)
    for kind, share in _CAME_BACK.items():
        # A stream of its own: what comes back changes nothing else of the world.
        chance = post.stream(kind, SOURCE, user.ident)
        if chance.random() < share and gone is None and (user.email or kind != "mail_came_back"):
            _came_back(user, post, chance, kind, post.later(chance, max(user.created, post.clock(chance, post.start))))


def _change(user: _User, person: Person, kind: str, moment: datetime) -> None:
    user.dresser.at = moment.date()
    if kind == "name":
        user.name = user.dresser.name().full
    elif kind == "mobile" and user.phone:
        user.phone = user.dresser.write_phone(person.mobile(moment.date()))
    elif kind == "deleted":
        user.active = False


def _record(user: _User, moment: datetime) -> dict[str, object]:
    return {
        "id": user.ident,
        "url": f"https://suki.zendesk.com/api/v2/users/{user.ident}.json",
        "name": user.name,
        "email": user.email or None,
        "phone": user.phone or None,
        "created_at": iso(user.created),
        "updated_at": iso(moment),
        "active": user.active,
        "verified": bool(user.email),
        "locale": user.dresser.person.country.pack.locale,
        "time_zone": "Hong Kong",
        "notes": user.notes,
        "details": user.details,
        "tags": user.tags,
        "role": "end-user",
        "suspended": False,
        "user_fields": {"loyalty_card": user.loyalty or None, **user.answers},
    }


def _identity_rows(user: _User, moment: datetime) -> list[dict[str, object]]:
    mine = ([("email", user.email)] if user.email else []) + ([("phone_number", user.phone)] if user.phone else []) + user.others
    return [
        {
            "id": user.ident * 10 + i,
            "user_id": user.ident,
            "type": kind,
            "value": value,
            "primary": i == 0,
            "verified": i == 0,
            "created_at": iso(user.created),
            "updated_at": iso(moment),
        }
        for i, (kind, value) in enumerate(mine)
    ]


def _came_back(user: _User, post: Post, rng: Random, kind: str, moment: datetime) -> None:
    """An agent files what the mail server or the carrier brought back, as a ticket of who should have had it."""
    ident = post.new_id(rng, "came back", moment, 5_000_000_000, 3)
    mail = kind == "mail_came_back"
    ticket: dict[str, object] = {
        "id": ident,
        "url": f"https://suki.zendesk.com/api/v2/tickets/{ident}.json",
        "requester_id": user.ident,
        "submitter_id": 360000000001,
        "subject": "Undeliverable mail" if mail else "Undeliverable parcel",
        "description": "The mail server says there is no such mailbox." if mail else "The carrier brought the parcel back.",
        "status": "solved",
        "priority": None,
        "via": {"channel": "api"},
        "created_at": iso(moment),
        "updated_at": iso(moment),
        "tags": [],
        "custom_fields": [{"id": 360001234568, "value": kind}, {"id": 360001234569, "value": user.email if mail else None}],
    }
    post.put(SOURCE, post.day(moment), "tickets.json", f"{iso(moment)} {ident}", json_line(ticket), "tickets")
    post.count("support.tickets")


def _ticket(user: _User, person: Person, post: Post, rng: Random, moment: datetime, orders: list[str]) -> None:
    dice = user.dresser.dice
    subject, body = post.catalogue.ticket(rng, person.country.code)
    quoted = rng.choice(orders) if orders else f"#{rng.randint(1001, 999999)}"
    body = body.format(order=quoted, name=user.name.strip() or person.given.native)
    if dice.hit("contact_in_text"):
        body += "\n" + _contact(person, post, dice, user.dresser)
    ident = post.new_id(rng, "ticket", moment, 1, 3)
    ticket: dict[str, object] = {
        "id": ident,
        "url": f"https://suki.zendesk.com/api/v2/tickets/{ident}.json",
        "requester_id": user.ident,
        "submitter_id": user.ident,
        "subject": subject,
        "description": body,
        "status": rng.choice(("new", "open", "pending")),
        "priority": rng.choice((None, "normal", "normal", "high", "low")),
        "via": {"channel": rng.choice(_VIA)},
        "created_at": iso(moment),
        "updated_at": iso(moment),
        "tags": rng.sample(["shipping", "return", "size", "refund"], rng.randint(0, 2)),
        "custom_fields": [{"id": 360001234567, "value": quoted if "{order}" in body or quoted in body else None}],
    }
    place = f"{iso(moment)} {ident}"
    post.send(rng, SOURCE, post.day(moment), "tickets.json", place, [("tickets", json_line(ticket))])
    post.count("support.tickets")
    solved = moment + timedelta(hours=rng.randint(2, 120))
    if rng.random() < 0.8 and solved.date() < post.end:
        ticket |= {"status": rng.choice(("solved", "closed")), "updated_at": iso(solved)}
        post.send(rng, SOURCE, post.day(solved), "tickets.json", f"{iso(solved)} {ident}", [("tickets", json_line(ticket))])
