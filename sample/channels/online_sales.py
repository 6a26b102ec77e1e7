"""The web shop: customers and orders as Shopify's bulk operations hand them out.

Form after the GraphQL Admin API: one JSON object a line, a nested connection's objects on lines of their own with ``__parentId``
(https://shopify.dev/docs/api/usage/bulk-operations/queries, objects Customer, Order and MailingAddress, 2024-10). A customer's
e-mail and phone are unique in a shop, and the phone is kept in E.164; what people type freely is the phone of an address.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from sample import mess
from sample.delivery import Post, iso
from sample.dice import Dice, about, repeats
from sample.dressing import Dresser, Name, Place
from sample.people import Address, Person
from sample.writing import json_line

SOURCE = "online_sales"


@dataclass
class _Account:
    """One customer record while it lives."""

    gid: str
    created: datetime
    dresser: Dresser
    company: str
    name: Name
    email: str
    phone: str
    place: Place | None
    address_phone: str
    note: str
    email_consent: bool
    email_consent_at: datetime
    sms_consent: bool | None
    tags: list[str] = field(default_factory=list)
    orders: int = 0
    spent: float = 0.0


def joins(person: Person, post: Post) -> bool:
    """Whether the person has an account."""
    return post.stream("joins", SOURCE, person.number).random() < post.rates.channels.online_sales.share


def emit(person: Person, post: Post) -> list[str]:
    """Write everything the shop knows of a person.

    Returns:
        The names of the person's orders, which people quote elsewhere.
    """
    rates = post.rates.channels.online_sales
    rng = post.stream(SOURCE, person.number)
    plain = 1 + repeats(rng, rates.second_account)
    hunting = rng.randint(*rates.bargain_accounts) if rng.random() < rates.bargain_hunter else 0
    names: list[str] = []
    begins = sorted(post.begins(rng) for _ in range(plain + hunting))
    for number, created in enumerate(begins):
        account = _open(person, post, post.dice(SOURCE, person.number, number), created, bargain=number >= plain)
        names += _live(account, person, post, post.stream(SOURCE, "life", person.number, number))
    return names


def _open(person: Person, post: Post, dice: Dice, created: datetime, bargain: bool) -> _Account:
    rng, people = dice.rng, post.rates.people
    gid = post.new_id(rng, "customer", created, 6_000_000_000_000, 4096)  # before any mess, so that no rate changes it
    dresser = Dresser(person, dice, created.date(), people.suffix_written)
    company = person.company is not None and dice.chance(people.company_records)
    email, alias = _email(person, post, dice, dresser, bargain, company)
    phone = dresser.phone(always_coded=True)
    if phone and not post.take("shop phone", phone):
        phone = ""
    if not email and not phone:
        email = _tagged(person, post, dice)
        alias = bool(email)
    work = person.company is not None and dice.hit("work_address")
    place = dresser.place(_work_place(person, post) if work else None)
    consents = rng.random()
    account = _Account(
        gid=f"gid://shopify/Customer/{gid}",
        created=created,
        dresser=dresser,
        company=_company(person, dice) if company else "",
        name=_name(dresser),
        email=email,
        phone=phone,
        place=place,
        address_phone=dresser.phone(company) if place and dice.chance(0.75) else "",
        note=_note(person, post, dice, dresser),
        email_consent=consents < 0.45,
        email_consent_at=created,
        sms_consent=(consents < 0.2) if phone else None,
    )
    if bargain or consents < 0.12:
        account.tags.append(rng.choice(("newsletter-coupon", "WELCOME10", "promo")))
    post.truth(SOURCE, "customers", account.gid, person)
    if alias:
        post.alias(SOURCE, "customers", account.gid)
    return account


def _company(person: Person, dice: Dice) -> str:
    return person.company.name if person.company is not None and dice.hit("company_name") else ""


def _work_place(person: Person, post: Post) -> Address:
    rng = post.stream(SOURCE, "work", person.number)
    city = person.country.cities.draw(rng)
    home = person.homes[0][1]
    return Address(home.line, "", city, rng.choice(city.postcodes) if city.postcodes else "", home.country)


def _name(dresser: Dresser) -> Name:
    return Name("", "", "") if dresser.dice.hit("name_missing") else dresser.name()


def _email(person: Person, post: Post, dice: Dice, dresser: Dresser, bargain: bool, company: bool) -> tuple[str, bool]:
    """The account's address, and whether it was made for the occasion: a tag, dots or digits more, or a mailbox to throw away."""
    email = _bargain_email(person, dice) if bargain and person.emails else dresser.email(company)
    candidates: list[str] = [email, *person.emails[1:]] if email else []
    for candidate in candidates:
        if candidate and post.take("shop email", candidate.strip().lower()):
            return candidate, bargain and candidate not in person.emails
    tagged = _tagged(person, post, dice) if email and dice.chance(0.3) else ""
    return tagged, bool(tagged)


def _bargain_email(person: Person, dice: Dice) -> str:
    rng, own, draw = dice.rng, dice.rng.choice(person.emails), dice.rng.random()
    if draw < 0.38 and own.endswith("@gmail.com"):
        return mess.gmail_dots(rng, own)
    if draw < 0.80:
        return mess.plus_tag(rng, own)
    if draw < 0.90:
        return mess.disposable(rng)
    local, _, domain = own.partition("@")
    return f"{local}{rng.randint(1, 99)}@{domain}"


def _tagged(person: Person, post: Post, dice: Dice) -> str:
    own = person.emails[0] if person.emails else person.shared_mailbox
    while own:
        email = mess.plus_tag(dice.rng, own)
        if post.take("shop email", email.lower()):
            return email
        own = f"{own.partition('@')[0]}{dice.rng.randint(1, 99)}@{own.partition('@')[2]}"
    return ""


def _note(person: Person, post: Post, dice: Dice, dresser: Dresser) -> str:
    if not dice.hit("note"):
        return ""
    note = post.catalogue.say(dice.rng, person.country.code, "memos")
    if dice.hit("note_contact"):
        note += ". " + post.catalogue.say(dice.rng, person.country.code, "contact").format(
            email=person.emails[0] if person.emails else person.shared_mailbox,
            phone=dresser.write_phone(person.mobile(dresser.at)),
            name=person.given.native,
        )
    return note


# --- a record's life ---


def _live(account: _Account, person: Person, post: Post, rng: Random) -> list[str]:
    moments: list[tuple[datetime, str]] = [(account.created, "created"), *post.tells(rng, person, account.created)]
    mean = post.rates.channels.online_sales.orders
    orders = about(rng, mean)
    moments += [
        (
            account.created + timedelta(minutes=rng.randint(1, 20))
            if i == 0 and rng.random() < 0.6
            else post.later(rng, account.created),
            "order",
        )
        for i in range(orders)
    ]
    if rng.random() < post.rates.delivery.consent_changed and post.days > 1:
        first = max(account.created, post.clock(rng, post.start + timedelta(days=1)))
        moments.append((post.later(rng, first), "consent"))
    moments.sort()
    names, end = [], post.end
    moments = [(moment, kind) for moment, kind in moments if moment.date() < end]
    for i, (moment, kind) in enumerate(moments):
        if kind == "order":
            names.append(_order(account, post, rng, moment))
        else:
            _change(account, person, kind, moment)
        last_of_day = i + 1 == len(moments) or post.day(moments[i + 1][0]) != post.day(moment)
        if last_of_day:
            text = json_line(_customer(account, post, moment))
            post.send(rng, SOURCE, post.day(moment), "customers.jsonl", f"{iso(moment)} {account.gid}", [("", text)])
    return names


def _change(account: _Account, person: Person, kind: str, moment: datetime) -> None:
    dresser = account.dresser
    dresser.at = moment.date()
    if kind == "name":
        account.name = dresser.name()
    elif kind == "home" and account.place is not None:
        account.place = dresser.write_place(person.home(dresser.at))
    elif kind == "mobile" and account.address_phone:
        account.address_phone = dresser.write_phone(person.mobile(dresser.at))
    elif kind == "consent":
        account.email_consent, account.email_consent_at = not account.email_consent, moment


def _customer(account: _Account, post: Post, moment: datetime) -> dict[str, object]:
    address = _address(account, post)
    return {
        "id": account.gid,
        "firstName": account.name.given or None,
        "lastName": account.name.family or None,
        "email": account.email or None,
        "phone": account.phone or None,
        "locale": account.dresser.person.country.pack.locale,
        "createdAt": iso(account.created),
        "updatedAt": iso(moment),
        "numberOfOrders": str(account.orders),
        "amountSpent": {"amount": f"{account.spent:.2f}", "currencyCode": "USD"},
        "note": account.note or None,
        "tags": account.tags,
        "verifiedEmail": bool(account.email) and not account.email.endswith(mess.DISPOSABLE),
        "emailMarketingConsent": {
            "marketingState": "SUBSCRIBED"
            if account.email_consent
            else "NOT_SUBSCRIBED"
            if account.email_consent_at == account.created
            else "UNSUBSCRIBED",
            "marketingOptInLevel": "SINGLE_OPT_IN",
            "consentUpdatedAt": iso(account.email_consent_at),
        }
        if account.email
        else None,
        "smsMarketingConsent": {
            "marketingState": "SUBSCRIBED" if account.sms_consent else "NOT_SUBSCRIBED",
            "consentUpdatedAt": iso(account.created),
            "consentCollectedFrom": "SHOPIFY",
        }
        if account.sms_consent is not None
        else None,
        "defaultAddress": address,
        "addresses": [address] if address else [],
    }


def _address(account: _Account, post: Post) -> dict[str, object] | None:
    place = account.place
    if place is None:
        return None
    return {
        "address1": place.line1 or None,
        "address2": place.line2 or None,
        "city": place.city or None,
        "province": place.province or None,
        "provinceCode": place.province_code or None,
        "zip": place.postcode or None,
        "country": post.catalogue.country_names[place.country],
        "countryCodeV2": place.country,
        "phone": account.address_phone or None,
        "firstName": account.name.given or None,
        "lastName": account.name.family or None,
        "company": account.company or None,
    }


def _order(account: _Account, post: Post, rng: Random, moment: datetime) -> str:
    guest = rng.random() < post.rates.channels.online_sales.guest_orders
    number = post.new_id(rng, "order", moment, 5_000_000_000_000, 2048)
    gid, name = f"gid://shopify/Order/{number}", f"#{1000 + (number - 5_000_000_000_000) // 2048 // 60}"
    basket = post.catalogue.basket(rng)
    total = sum(item.dollars * count for item, count in basket) * rng.choice((1, 1, 1, 0.9)) + rng.choice((0, 4.9, 7.9))
    state = rng.random()
    order: dict[str, object] = {
        "id": gid,
        "name": name,
        "createdAt": iso(moment),
        "updatedAt": iso(moment + timedelta(seconds=rng.randint(2, 90))),
        "cancelledAt": None,
        "displayFinancialStatus": "PENDING" if state > 0.97 else "PAID",
        "email": account.email or None,
        "phone": account.phone or None,
        "totalPriceSet": {"shopMoney": {"amount": f"{total:.2f}", "currencyCode": "USD"}},
        "customer": None if guest else {"id": account.gid},
        "shippingAddress": _address(account, post),
        "sourceName": rng.choice(("web", "web", "web", "iphone", "android", "shopify_draft_order")),
    }
    lines = [
        {
            "id": f"gid://shopify/LineItem/{number * 4 + i}",
            "title": item.title,
            "quantity": count,
            "sku": item.sku,
            "__parentId": gid,
        }
        for i, (item, count) in enumerate(basket)
    ]
    if not guest:
        account.orders += 1
        account.spent += total
    _send_order(post, rng, order, lines, moment)
    post.count("online_sales.orders")
    later = post.later(rng, moment, moment + timedelta(days=12))
    if state < 0.06 and later.date() < post.end:
        order |= {"updatedAt": iso(later), "displayFinancialStatus": "REFUNDED"}
        order |= {"cancelledAt": iso(later)} if state < 0.02 else {}
        _send_order(post, rng, order, lines, later)
    return name


def _send_order(post: Post, rng: Random, order: dict[str, object], lines: list[dict[str, object]], moment: datetime) -> None:
    text = "\n".join([json_line(order), *map(json_line, lines)])
    post.send(rng, SOURCE, post.day(moment), "orders.jsonl", f"{iso(moment)} {order['id']}", [("", text)])
