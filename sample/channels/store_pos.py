"""The stores: Square's customer directory and transactions, as their CSV exports.

Columns after the CSV exports of Square's Dashboard; Instant Profiles and the birthday without a year (MM-DD) after its help pages
(https://squareup.com/help/us/en/article/6217 and https://squareup.com/help/au/en/article/5498). Each store exports its own
directory: a full one every fourteen days, on the other days what changed; a removed customer is simply not in the next full one.
The tills write dates and money as their country does. (Square names time zones in its own words; ours are IANA names.)
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sample import mess
from sample.delivery import Post
from sample.dice import Dice, about
from sample.dressing import Dresser, Name, Place
from sample.people import Person
from sample.rates import Store
from sample.writing import csv_line

SOURCE = "store_pos"
FULL_EVERY = 14
DIRECTORY = (
    "Reference ID",
    "First Name",
    "Last Name",
    "Email Address",
    "Phone Number",
    "Nickname",
    "Company Name",
    "Street Address 1",
    "Street Address 2",
    "City",
    "State",
    "Postal Code",
    "Birthday",
    "Memo",
    "Square Customer ID",
    "Creation Source",
    "First Visit",
    "Last Visit",
    "Transaction Count",
    "Lifetime Spend",
    "Email Subscription Status",
    "Instant Profile",
)
TRANSACTIONS = (
    "Date",
    "Time",
    "Time Zone",
    "Gross Sales",
    "Discounts",
    "Net Sales",
    "Tax",
    "Total Collected",
    "Card",
    "Cash",
    "Transaction ID",
    "Payment ID",
    "Card Brand",
    "PAN Suffix",
    "Device Name",
    "Staff Name",
    "Description",
    "Event Type",
    "Location",
    "Customer ID",
    "Customer Name",
    "Customer Reference ID",
)
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ0123456789"
_STAFF = ("Ana", "Ben", "Chris", "Dana", "Emi", "Farah", "Gil", "Hana")


@dataclass
class _Entry:
    """One directory entry while it lives."""

    key: str
    code: str
    dresser: Dresser
    company: str
    instant: bool
    name: Name
    email: str
    phone: str
    nickname: str
    place: Place | None
    birthday: str
    memo: str
    loyalty: str
    source: str
    first_visit: datetime
    last_visit: datetime
    subscribed: str
    visits: int = 0
    spent: float = 0.0


def joins(person: Person, post: Post) -> bool:
    """Whether the person is in some store's directory."""
    rng = post.stream("joins", SOURCE, person.number)
    return bool(_stores(person, post, rng)) and rng.random() < post.rates.channels.store_pos.share


def _stores(person: Person, post: Post, rng: Random) -> list[str]:
    near = [code for code, store in post.stores.items() if store.country == person.country.code]
    rng.shuffle(near)
    return near or ([rng.choice(list(post.stores))] if rng.random() < post.rates.people.travels else [])


def emit(person: Person, post: Post) -> None:
    """Write everything the stores know of a person."""
    rates = post.rates.channels.store_pos
    near = _stores(person, post, post.stream("joins", SOURCE, person.number))
    rng = post.stream(SOURCE, person.number)
    visited = [near[0]]
    if rng.random() < rates.same_store_again:
        visited.append(near[0])
    if len(near) > 1 and rng.random() < rates.other_store:
        visited.append(near[1])
    kinds = [(code, False) for code in visited]
    if rng.random() < rates.instant_profile:
        kinds.append((rng.choice(near), True))
    for number, (code, instant) in enumerate(kinds):
        entry = _enter(person, post, post.dice(SOURCE, person.number, number), code, instant)
        _live(entry, person, post, post.stream(SOURCE, "life", person.number, number))


def _enter(person: Person, post: Post, dice: Dice, code: str, instant: bool) -> _Entry:
    rng, people, store = dice.rng, post.rates.people, post.stores[code]
    created = post.begins(rng)
    key = "".join(rng.choice(_LETTERS) for _ in range(26))  # before any mess, so that no rate changes it
    dresser = Dresser(person, dice, created.date(), people.suffix_written, abroad=store.country != person.country.code)
    company = not instant and person.company is not None and dice.chance(people.company_records)
    name = _card_name(person, created) if instant else Name("", "", "") if dice.hit("name_missing") else dresser.name()
    email, phone = ("", "") if instant and dice.chance(0.6) else _reach(dice, dresser, store, company)
    nickname = dresser.person.nickname if dice.chance(0.06) else None
    entry = _Entry(
        key=key,
        code=code,
        dresser=dresser,
        company=_company(person, dice) if company else "",
        instant=instant,
        name=name,
        email=email,
        phone=phone,
        nickname=nickname.native if nickname and not instant else "",
        place=None if instant else dresser.place(),
        birthday="" if instant else dresser.birthday(store.date),
        memo="" if instant else _memo(person, post, dice, dresser),
        loyalty=person.loyalty if person.loyalty and not instant and dice.hit("loyalty_written") else "",
        source="Instant Profile"
        if instant
        else rng.choice(("Directory", "Directory", "Loyalty", "Import", "Invoices", "Feedback")),
        first_visit=created,
        last_visit=created,
        subscribed=rng.choice(("subscribed", "unsubscribed", "")) if email else "",
    )
    post.truth(SOURCE, "customers", entry.key, person)
    return entry


def _card_name(person: Person, created: datetime) -> Name:
    given, family = person.given.romans[0].upper(), person.family(created.date()).romans[0].upper()
    return Name(given, family, f"{given} {family}")


def _reach(dice: Dice, dresser: Dresser, store: Store, company: bool) -> tuple[str, str]:
    rng = dice.rng
    email = store.email if dice.hit("store_email") else dresser.email(company)
    if dice.hit("store_phone"):
        phone = store.phone
    elif dice.hit("excel_phone"):
        e164 = dresser.true_phone(company)
        phone = mess.excel_phone(rng, e164, dresser.write_phone(e164))
    else:
        phone = dresser.phone(company)
    return (phone, email) if dice.hit("swapped_fields") else (email, phone)


def _company(person: Person, dice: Dice) -> str:
    return person.company.name if person.company is not None and dice.hit("company_name") else ""


def _memo(person: Person, post: Post, dice: Dice, dresser: Dresser) -> str:
    if not dice.hit("note"):
        return ""
    memo = post.catalogue.say(dice.rng, person.country.code, "memos")
    if dice.hit("note_contact"):
        phrase = post.catalogue.say(dice.rng, person.country.code, "contact")
        email = person.emails[0] if person.emails else person.shared_mailbox
        memo += "\n" + phrase.format(email=email, phone=dresser.write_phone(person.mobile(dresser.at)), name=person.given.native)
    return memo


# --- an entry's life ---


def _live(entry: _Entry, person: Person, post: Post, rng: Random) -> None:
    created = entry.first_visit
    gone = post.deleted(rng, created)
    mean = post.rates.channels.store_pos.receipts - 1
    visits = [created, *(post.later(rng, created) for _ in range(about(rng, mean)))]
    moments = sorted([(moment, "visit") for moment in visits] + post.tells(rng, person, created))
    moments = [(moment, kind) for moment, kind in moments if gone is None or moment < gone]
    states: dict[int, str] = {}
    for moment, kind in moments:
        if kind == "visit":
            _visit(entry, post, rng, moment)
        else:
            _change(entry, person, kind, moment)
        states[post.day(moment)] = csv_line(_row(entry, post))
    _deliver(entry, post, rng, states, post.days if gone is None else post.day(gone))


def _deliver(entry: _Entry, post: Post, rng: Random, states: dict[int, str], gone: int) -> None:
    """Put each state in its day's changes, and the standing one in every full directory until the entry is gone."""
    first = min(states)
    seen = first if first == 0 or len(states) > 1 or gone < post.days else post.delay(rng, first)
    for due, text in states.items():
        day = max(due, seen)
        if day % FULL_EVERY == 0:
            continue
        post.put(SOURCE, day, f"customers_{entry.code}.csv", entry.key, text)
        again = post.again(rng, day)
        if again is not None and again % FULL_EVERY and again < gone and not any(day < other <= again for other in states):
            post.put(SOURCE, again, f"customers_{entry.code}.csv", entry.key, text)
    for day in range(0, min(post.days, gone), FULL_EVERY):
        standing = [text for since, text in states.items() if since <= day]
        if standing and day >= seen:
            post.put(SOURCE, day, f"customers_{entry.code}.full.csv", entry.key, standing[-1])


def _change(entry: _Entry, person: Person, kind: str, moment: datetime) -> None:
    dresser = entry.dresser
    dresser.at = moment.date()
    if entry.instant:
        return
    if kind == "name" and entry.name.full:
        entry.name = dresser.name()
    elif kind == "home" and entry.place is not None:
        entry.place = dresser.write_place(person.home(dresser.at))
    elif kind == "mobile" and entry.phone:
        entry.phone = dresser.write_phone(person.mobile(dresser.at))


def _row(entry: _Entry, post: Post) -> list[str]:
    store, place = post.stores[entry.code], entry.place
    zone = ZoneInfo(store.timezone)
    return [
        entry.loyalty,
        entry.name.given,
        entry.name.family,
        entry.email,
        entry.phone,
        entry.nickname,
        entry.company,
        place.line1 if place else "",
        place.line2 if place else "",
        place.city if place else "",
        place.province if place else "",
        place.postcode if place else "",
        entry.birthday,
        entry.memo,
        entry.key,
        entry.source,
        entry.first_visit.astimezone(zone).strftime(store.date),
        entry.last_visit.astimezone(zone).strftime(store.date),
        str(entry.visits),
        money(store, entry.spent),
        entry.subscribed,
        "Yes" if entry.instant else "No",
    ]


# --- transactions ---


def money(store: Store, amount: float) -> str:
    """An amount as the store's country writes it."""
    whole, _, cents = f"{abs(amount):.2f}".partition(".")
    if not store.decimal:
        whole = str(round(abs(amount)))
    groups: list[str] = []
    while len(whole) > 3:
        whole, tail = whole[:-3], whole[-3:]
        groups.insert(0, tail)
    text = store.thousands.join([whole, *groups]) + (f"{store.decimal}{cents}" if store.decimal else "")
    return ("-" if amount < 0 else "") + store.money.format(text)


def _visit(entry: _Entry, post: Post, rng: Random, moment: datetime) -> None:
    total = _receipt(entry, post, rng, moment, anonymous=False)
    entry.visits += 1
    entry.spent += total
    entry.last_visit = moment
    share = post.rates.channels.store_pos.anonymous_receipts
    if rng.random() < share / (1 - share):
        _receipt(entry, post, rng, moment + timedelta(seconds=rng.randint(60, 600)), anonymous=True)


def _receipt(entry: _Entry, post: Post, rng: Random, moment: datetime, anonymous: bool) -> float:
    store = post.stores[entry.code]
    if moment.date() >= post.end:
        moment -= timedelta(hours=1)
    basket = post.catalogue.basket(rng)
    gross = sum(item.dollars * count for item, count in basket) * post.catalogue.dollar[store.currency]
    gross = float(round(gross)) if not store.decimal else round(gross, 2)
    off = round(gross * rng.choice((0, 0, 0, 0, 0.1)), 2 if store.decimal else 0)
    refund = -1 if rng.random() < 0.03 else 1
    net, card = gross - off, rng.random() < 0.62
    tax = round(net * 0.08, 2 if store.decimal else 0)
    total = refund * (net + tax)
    local = moment.astimezone(ZoneInfo(store.timezone))
    ident = "".join(rng.choice(_LETTERS) for _ in range(22))
    name = "" if anonymous else entry.name.full
    row = [
        local.strftime(store.date),
        local.strftime("%H:%M:%S"),
        store.timezone,
        money(store, refund * gross),
        money(store, -refund * off),
        money(store, refund * net),
        money(store, refund * tax),
        money(store, total),
        money(store, total if card else 0.0),
        money(store, 0.0 if card else total),
        ident,
        ident[::-1],
        rng.choice(("Visa", "MasterCard", "JCB")) if card else "",
        f"{rng.randrange(10000):04d}" if card else "",
        f"{entry.code} Till {rng.randint(1, 3)}",
        rng.choice(_STAFF),
        ", ".join(f"{count} x {item.title}" if count > 1 else item.title for item, count in basket),
        "Refund" if refund < 0 else "Payment",
        store.name,
        "" if anonymous else entry.key,
        name,
        "" if anonymous else entry.loyalty,
    ]
    place = f"{moment:%Y-%m-%dT%H:%M:%S} {ident}"
    post.send(rng, SOURCE, post.day(moment), f"transactions_{entry.code}.csv", place, [("", csv_line(row))])
    post.count("store_pos.transactions")
    return total
