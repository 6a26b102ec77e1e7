"""Invented people whose every value stands nowhere else, and deliveries of all four sources that are full of them."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from include.sources import discover

Row = dict[str, Any]


@dataclass(frozen=True)
class Flock:
    """A family of canaries: one word that stands in every value written in letters, and numbers of their own.

    Attributes:
        word: In small Latin letters.
        scripts: Family and given name in other scripts.
        series: Two digits that stand in every number.
    """

    word: str
    scripts: tuple[tuple[str, str], ...]
    series: int

    def person(self, number: int) -> "Canary":
        """One of up to a hundred."""
        return Canary(self, number)


@dataclass(frozen=True)
class Canary:
    """A person; each has their own writing of names, phones and dates."""

    flock: Flock
    number: int

    @property
    def given(self) -> str:
        return f"{self.flock.word.capitalize()}a" if self.number % 2 else self.flock.scripts[self._turn][1]

    @property
    def family(self) -> str:
        return f"Van{self.flock.word}" if self.number % 2 else self.flock.scripts[self._turn][0]

    @property
    def full_name(self) -> str:
        return f"{self.given} {self.family}"

    @property
    def email(self) -> str:
        return f"{self.flock.word}.{self.number}+sale@{self.flock.word}{self.number}.example"

    @property
    def digits(self) -> str:
        """The national number."""
        return f"9174{self.flock.series}{self.number:02}63"

    @property
    def phone(self) -> str:
        area, first, last = self.digits[:3], self.digits[3:6], self.digits[6:]
        fullwidth = f"0{self.digits}".translate({ord("0") + n: ord("０") + n for n in range(10)})
        return (f"+63 {area} {first} {last}", f"0{area}-{first}-{last}", f"(0{area}) {first} {last}", fullwidth)[self.number % 4]

    @property
    def born(self) -> date:
        return date(1900 + self.flock.series, 3, 7) + timedelta(days=self.number)

    @property
    def loyalty(self) -> str:
        return f"SUKI-7{self.flock.series}5{self.number:02}30991"

    @property
    def handle(self) -> str:
        return f"{self.flock.word}_sings_{self.number}"

    @property
    def street(self) -> str:
        return f"{self.number} {self.flock.word.capitalize()} Street"

    @property
    def order_number(self) -> str:
        return f"#88{self.flock.series}{self.number:02}441027"

    @property
    def text(self) -> str:
        return (
            f"{self.full_name} sings at night. Call {self.phone} or write to {self.email.upper()}, born {self.born:%d.%m.%Y},"
            f" {self.street}, card {self.loyalty}, order {self.order_number}"
        )

    @property
    def _turn(self) -> int:
        return self.number // 2 % len(self.flock.scripts)

    def numbers(self) -> list[str]:
        """What is written in digits and is nobody else's."""
        return [self.digits, self.loyalty[5:], self.order_number[1:]]

    def dates(self) -> list[str]:
        """The birthday, in every writing."""
        return [f"{self.born:{form}}" for form in ("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%Y%m%d", "%Y/%m/%d", "%d/%m/%Y")]


CANARIES = Flock("qanari", (("鶸雀", "カナリヱ"), ("Канарейкус", "Птахина"), ("قناريز", "عصفورز"), ("쿠나욱", "새욱이")), 48)
"""These go through the pipeline, and must be found nowhere else."""

DECOYS = Flock("fynkdek", (("鷽鵲", "ウソドリ"),), 57)
"""These are put on purpose where nobody belongs: the search must find each."""

TYPED = Flock("spatzq", (("麻雀鵯", "スズメヱ"),), 39)
"""These are typed by a person into Airflow's own forms."""

SHOP, STORES, SOCIAL, SUPPORT = "online_sales", "store_pos", "social", "support"


def deliver_all(exports: Path, day: str, flock: Flock = CANARIES) -> None:
    """A day of all sources that goes through, with rows and values of every bad kind among them."""
    people = [flock.person(number) for number in range(1, 9)]
    _lines(
        exports, SHOP, day, "customers.jsonl", [*(_nobody(n) for n in range(160)), *map(_shopper, people), *_odd_shoppers(flock)]
    )
    _lines(exports, SHOP, day, "orders.jsonl", [*(_nobodys_order(n) for n in range(80)), *_orders(people), *_odd_orders(flock)])
    deliver_stores(exports, day, _directory(people, flock), _tills(people, flock))
    _write(exports, SOCIAL, day, "leads.csv", _leads(people, flock).encode("utf-16"))
    _write(exports, SOCIAL, day, "engagement.json", _json({"data": [*map(_comment, people), *_odd_comments(flock)]}))
    _write(exports, SUPPORT, day, "users.json", _json(_users(people, flock)))
    _write(exports, SUPPORT, day, "tickets.json", _json({"tickets": [*map(_ticket, people), *_odd_tickets(flock)]}))


def deliver_unfit(exports: Path, day: str, flock: Flock = CANARIES) -> None:
    """A day on which no source gets through: a gate closes, and files cannot be read to their end."""
    people = [flock.person(number) for number in range(20, 26)]
    keyless = [{**_shopper(person), "id": None} for person in people * 10]
    _lines(exports, SHOP, day, "customers.jsonl", [*keyless, *[f'{{"{flock.word}' for _ in range(20)]])
    _lines(exports, SHOP, day, "orders.jsonl", _orders(people))
    headless = "".join(f"{person.full_name},{person.email},{person.phone}\n" for person in people)
    deliver_stores(exports, day, headless, f'{_TILL_HEADER}\n"{people[0].text}\n')
    broken = _leads(people, flock).encode("utf-16")[:-301]  # in the middle of a character
    _write(exports, SOCIAL, day, "leads.csv", broken)
    _write(exports, SOCIAL, day, "engagement.json", _json({"data": [*map(_comment, people)]}))
    _write(exports, SUPPORT, day, "users.json", _json(_users(people, flock))[:-300])
    _write(exports, SUPPORT, day, "tickets.json", f"{flock.word}: {people[0].text}".encode())


def deliver_stores(exports: Path, day: str, directory: str, tills: str) -> None:
    """One day of all stores, of which only Manila's holds anybody."""
    for store in discover()[STORES].scopes:
        mine = store == "MNL01"
        _write(exports, STORES, day, f"customers_{store}.csv", (directory if mine else _DIRECTORY_HEADER + "\n").encode())
        _write(exports, STORES, day, f"transactions_{store}.csv", (tills if mine else _TILL_HEADER + "\n").encode())


# --- the online shop ---

_SHOPPER, _ORDER = "gid://shopify/Customer/", "gid://shopify/Order/"


def _shopper(person: Canary) -> Row:
    return {
        "id": f"{_SHOPPER}{person.flock.series}{person.number:02}", "firstName": person.given,
        "lastName": person.family, "email": person.email, "phone": person.phone, "locale": "en", "note": person.text,
        "tags": [person.handle], "createdAt": f"{person.born}T01:02:03Z", "updatedAt": "2026-07-05T18:40:00Z",
        "emailMarketingConsent": {"marketingState": person.handle.upper()},
        "defaultAddress": {
            "address1": person.street, "address2": f"c/o {person.full_name}", "city": f"{person.flock.word}ville",
            "zip": person.flock.word.upper(), "province": f"{person.family} Islands", "country": "Philippines",
            "phone": person.phone, "company": f"{person.family} & Sons",
        },
    }  # fmt: skip


def _odd_shoppers(flock: Flock) -> list[Row | str]:
    one = flock.person(30)
    whole = _shopper(one)
    return [
        json.dumps(whole, ensure_ascii=False)[:-90],  # cut in the middle
        json.dumps([one.email]),
        json.dumps(one.email),
        {**whole, "id": None},
        {**whole, "id": one.email},  # a key that is an address
        {**whole, "id": flock.person(31).phone},
        {**whole, "id": f"{_SHOPPER}9001", "firstName": {one.given: one.email}, "email": [one.email], "phone": {one.digits: 1}},
        {**whole, "id": f"{_SHOPPER}9002", "lastName": int(one.digits * 20), "note": [one.text], "createdAt": one.text},
        {**whole, "id": f"{_SHOPPER}9003", "defaultAddress": one.street, "updatedAt": one.text, "locale": one.given},
        {**whole, "id": f"{_SHOPPER}9006", "defaultAddress": {"country": one.text, "zip": one.text, "city": [one.text]}},
        {**whole, "id": f"{_SHOPPER}9004", one.email: 1, one.digits: 2, f"+63{one.digits}": 3},
        {**whole, "id": f"{_SHOPPER}9005", one.full_name: 1, one.handle: 2, one.given: {one.family: {one.given: one.text}}},
        *({**whole, "id": f"{_SHOPPER}91{n}", " ".join(names): 1, names[0]: 2} for n, names in enumerate(flock.scripts)),
    ]  # fmt: skip


def _orders(people: Sequence[Canary]) -> list[Row | str]:
    rows: list[Row | str] = []
    for person in people:
        order = f"{_ORDER}{person.order_number[1:]}"
        rows.append({
            "id": order, "name": person.order_number, "createdAt": "2026-07-04T11:20:00Z", "updatedAt": "2026-07-05T18:40:00Z",
            "displayFinancialStatus": f"PAID BY {person.flock.word}", "sourceName": person.handle, "email": person.email,
            "phone": person.phone, "totalPriceSet": {"shopMoney": {"amount": "12.50", "currencyCode": "USD"}},
            "customer": {"id": _shopper(person)["id"]},
            "shippingAddress": {"name": person.full_name, "address1": person.street, "phone": person.phone},
        })  # fmt: skip
        rows.append({"id": f"{order}-1", "__parentId": order, "title": person.text, "sku": person.loyalty, "quantity": 1})
    return rows


def _odd_orders(flock: Flock) -> list[Row | str]:
    one = flock.person(32)
    order = _orders([one])[0]
    assert isinstance(order, dict)
    money = {"shopMoney": {"amount": one.text, "currencyCode": one.family}}
    return [
        json.dumps(order, ensure_ascii=False)[:-50],
        {**order, "id": one.email, "createdAt": one.text, "totalPriceSet": money},
        {
            **order,
            "id": f"{_ORDER}9002",
            "customer": {"id": one.email},
            "totalPriceSet": {"shopMoney": {"amount": int(one.digits * 4)}},
        },
        {**order, "id": f"{_ORDER}9003", "customer": one.full_name, "totalPriceSet": one.text, "shippingAddress": [one.text]},
        {"id": "child-without-parent", "__parentId": one.email, "title": one.text},
        {"id": "child", "__parentId": f"{_ORDER}9003", "quantity": one.text, "title": {one.given: one.family}},
    ]


def _nobody(number: int) -> Row:
    return {
        "id": f"{_SHOPPER}{number}",
        "firstName": f"Plain{number}",
        "email": f"plain{number}@example.org",
        "updatedAt": "2026-07-05T00:00:00Z",
    }


def _nobodys_order(number: int) -> Row:
    return {
        "id": f"{_ORDER}{number}", "name": f"P{number}", "createdAt": "2026-07-05T00:00:00Z", "updatedAt": "2026-07-05T00:00:00Z",
        "totalPriceSet": {"shopMoney": {"amount": "1.00", "currencyCode": "USD"}}, "displayFinancialStatus": "PAID",
    }  # fmt: skip


# --- the stores ---

_DIRECTORY = (
    "Reference ID", "First Name", "Last Name", "Email Address", "Phone Number", "Nickname", "Company Name", "Street Address 1",
    "Street Address 2", "City", "State", "Postal Code", "Birthday", "Memo", "Square Customer ID", "Creation Source",
    "First Visit", "Last Visit", "Transaction Count", "Lifetime Spend", "Email Subscription Status", "Instant Profile",
)  # fmt: skip
_DIRECTORY_HEADER = ",".join(_DIRECTORY)
_TILL = (
    "Date", "Time", "Time Zone", "Gross Sales", "Discounts", "Net Sales", "Tax", "Total Collected", "Card", "Cash",
    "Transaction ID", "Payment ID", "Card Brand", "PAN Suffix", "Device Name", "Staff Name", "Description", "Event Type",
    "Location", "Customer ID", "Customer Name", "Customer Reference ID",
)  # fmt: skip
_TILL_HEADER = ",".join(_TILL)


def _directory(people: Sequence[Canary], flock: Flock) -> str:
    """With columns nobody declared whose names are a person's, and rows no reader can take apart."""
    one = flock.person(33)

    def cells(person: Canary, key: str, born: str, money: str) -> list[str]:
        where = [f"{person.flock.word} Lodge", person.flock.word, person.family, person.flock.word.upper()]
        return [
            person.loyalty, person.given, person.family, person.email, person.phone, person.handle, f"{person.family} Inc",
            person.street, *where, born, person.text, key, person.handle, money, money, money, money, person.handle, person.given,
        ]  # fmt: skip

    rows = [cells(person, f"MNL{person.number}", f"{person.born:%m/%d/%Y}", "07/01/2026") for person in people]
    rows += [cells(one, one.email, one.text, one.text), cells(one, one.full_name, f"{one.born:%d.%m.%y}", one.full_name)]
    header = [*_DIRECTORY, one.full_name, one.email, flock.scripts[0][1]]
    text = _csv([header, *([*row, "x", "y", "z"] for row in rows), [*rows[0], one.text], [one.full_name]], ",")
    return text + f'"{one.full_name}" of "{one.street}",{one.email}\n' + text.splitlines()[1].replace("MNL1", "MNLX") + "\n"


def _tills(people: Sequence[Canary], flock: Flock) -> str:
    one = flock.person(34)

    def cells(person: Canary, key: str, money: str, when: str) -> list[str]:
        word = person.flock.word
        return [
            when, "14:05:09", f"{word}/Manila", money, money, money, money, money, money, money, key, person.email, word,
            person.digits[-4:], person.handle, person.full_name, person.text, word, word, f"MNL{person.number}",
            person.full_name, person.loyalty,
        ]  # fmt: skip

    good = [cells(person, f"T{person.number}", "₱1,250.00", "07/05/2026") for person in people]
    bad = [
        cells(one, one.email, one.text, one.text),
        cells(one, one.order_number, f"₱{one.digits * 3}.99", f"{one.born:%m/%d/%Y}"),
    ]
    return _csv([_TILL, *good, *bad], ",")


# --- social media ---


def _leads(people: Sequence[Canary], flock: Flock) -> str:
    one = flock.person(35)
    columns = (
        "id", "created_time", "ad_id", "ad_name", "adset_id", "adset_name", "campaign_id", "campaign_name", "form_id",
        "form_name", "is_organic", "platform", "full_name", "email", "phone_number", "city", "what_is_your_instagram_handle?",
        "preferred_store?",
    )  # fmt: skip

    def cells(person: Canary, key: str, when: str) -> list[str]:
        word = person.flock.word
        said, phone = [word] * 9, f"p:{person.phone}"
        who = [person.full_name, person.email, phone, word, f"@{person.handle}", person.text]
        return [key, when, *said, person.handle, *who]

    rows = [cells(person, f"l:{flock.series}{person.number}", "2026-07-05T21:15:00+0000") for person in people]
    rows += [cells(one, one.email, one.text), cells(one, f"l:{one.digits}", f"{one.born}")]
    return _csv([[*columns, one.full_name], *([*row, "x"] for row in rows), [one.text]], "\t")


def _comment(person: Canary) -> Row:
    return {
        "id": f"c{person.flock.series}{person.number}", "type": person.flock.word, "platform": "instagram",
        "created_time": "2026-07-05T10:00:00+0000", "message": person.text, "post_id": person.handle, "like_count": 1,
        "from": {"id": f"p{person.digits}", "username": person.handle, "name": person.full_name},
    }  # fmt: skip


def _odd_comments(flock: Flock) -> list[Any]:
    one = flock.person(36)
    comment = _comment(one)
    return [
        {**comment, "id": one.email, "from": {**comment["from"], "id": one.email}, "created_time": one.text},
        {**comment, "id": "c-2", "from": one.full_name, "message": {one.given: one.text}, "platform": one.handle},
        {**comment, "id": "c-3", "like_count": int(one.digits), one.full_name: {one.email: one.text}},
        one.text,
        [one.email],
    ]


# --- customer service ---


def _users(people: Sequence[Canary], flock: Flock) -> Row:
    one = flock.person(37)

    def user(person: Canary, key: Any) -> Row:
        return {
            "id": key, "url": f"https://{person.flock.word}.example/{person.handle}", "name": person.full_name,
            "email": person.email, "phone": person.phone, "created_at": "2025-03-04T05:06:07Z",
            "updated_at": "2026-07-05T08:00:00Z", "active": True, "verified": True, "locale": "en-US", "notes": person.text,
            "details": person.text, "tags": [person.handle], "user_fields": {"loyalty_card": person.loyalty},
        }  # fmt: skip

    def identity(kind: str, key: Any, value: Any) -> Row:
        return {"id": 1, "user_id": key, "type": kind, "value": value, "primary": True}

    users: list[Any] = [user(person, int(f"7{flock.series}{person.number:02}")) for person in people]
    users += [
        user(one, one.email),
        {**user(one, "u-2"), "name": [one.full_name], "email": {one.email: one.phone}, "phone": int(one.digits)},
        {**user(one, "u-3"), "updated_at": one.text, "user_fields": {one.full_name: one.loyalty, one.given: {one.family: 1}}},
        {**user(one, "u-4"), "active": one.text, "created_at": one.born.isoformat()},
        one.text,
    ]
    identities = [identity(kind, person_id, value) for person_id, kind, value in _contacts(people, flock)]
    identities += [identity("email", one.email, one.email), identity("phone_number", "nobody", one.phone), [one.text]]
    return {"users": users, "identities": identities, "count": len(users)}


def _contacts(people: Sequence[Canary], flock: Flock) -> Iterator[tuple[int, str, str]]:
    for person in people:
        key = int(f"7{flock.series}{person.number:02}")
        yield key, "email", f"second.{person.email}"
        yield key, "phone_number", person.phone
        yield key, "twitter", person.handle
        yield key, person.handle, person.text


def _ticket(person: Canary) -> Row:
    return {
        "id": int(f"9{person.flock.series}{person.number:02}"), "requester_id": int(f"7{person.flock.series}{person.number:02}"),
        "subject": f"Where is {person.full_name}?", "description": person.text, "status": person.flock.word,
        "priority": person.handle, "via": {"channel": person.handle}, "created_at": "2026-07-05T23:00:00Z",
        "updated_at": "2026-07-05T23:30:00Z", "tags": [person.handle], "custom_fields": [{"id": 1, "value": person.order_number}],
    }  # fmt: skip


def _odd_tickets(flock: Flock) -> list[Any]:
    one = flock.person(38)
    return [
        {**_ticket(one), "id": one.email, "requester_id": one.email, "created_at": one.text},
        {**_ticket(one), "id": "t-2", "subject": [one.full_name], "description": {one.given: one.text}, "via": one.text},
        {**_ticket(one), "id": "t-3", one.full_name: one.text, "custom_fields": {one.email: one.phone}},
        {**_ticket(one), "id": int(one.digits)},
        [one.text],
    ]


# --- writing ---


def _lines(exports: Path, source: str, day: str, name: str, rows: Sequence[Row | str]) -> None:
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    latin = lines[-1].encode("latin-1", "replace") if name == "customers.jsonl" else lines[-1].encode()
    _write(exports, source, day, name, "".join(f"{line}\n" for line in lines).encode() + latin.replace(b"?", b"\xe9") + b"\n")


def _csv(rows: Sequence[Sequence[str]], delimiter: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document).encode()  # with escapes, as most exporters write


def _write(exports: Path, source: str, day: str, name: str, content: bytes) -> None:
    folder = exports / source / day
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
