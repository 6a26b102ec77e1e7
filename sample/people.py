"""The people: who they are, whom they live with, and what is truly theirs. No channel and no mess here.

Homes are drawn first, each from its own stream; then each person from theirs. What two people cannot both have (a mailbox,
a number) is kept in a registry, so that what is shared in the world is shared on purpose.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import TypeVar

from sample.country import City, Country, Sex, Spelling, fold, load, number
from sample.dice import Urn, stream
from sample.rates import Rates


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody lives, in the native script and in Latin letters."""

    line: Spelling
    unit: str
    city: City
    postcode: str
    country: str


@dataclass(frozen=True, slots=True)
class Company:
    """A business somebody buys for."""

    name: str
    domain: str
    mailbox: str
    phone: str


@dataclass(slots=True)
class Person:
    """One true person.

    What changes over time is a list of (from when, what) in order of time; the first entry holds since ever.
    """

    number: int
    household: int
    country: Country
    sex: Sex
    born: date
    given: Spelling
    families: list[tuple[date, Spelling]]
    homes: list[tuple[date, Address]]
    mobiles: list[tuple[date, str]] = field(default_factory=list)
    middle: Spelling | None = None
    suffix: str = ""
    nickname: Spelling | None = None
    passport: int = 0
    second_mobile: str = ""
    landline: str = ""
    borrowed_mobile: str = ""
    emails: list[str] = field(default_factory=list)
    shared_mailbox: str = ""
    instagram: str = ""
    facebook: str = ""
    loyalty: str = ""
    company: Company | None = None

    @property
    def person_id(self) -> str:
        """The id that truth.csv knows the person by."""
        return f"P{self.number:06d}"

    @property
    def household_id(self) -> str:
        """The id that homes.csv knows those by who live with the person."""
        return f"H{self.household:06d}"

    def family(self, at: date) -> Spelling:
        """The family name borne on a day."""
        return latest(self.families, at)

    def home(self, at: date) -> Address:
        """The home on a day."""
        return latest(self.homes, at)

    def mobile(self, at: date) -> str:
        """The main mobile number on a day."""
        return latest(self.mobiles, at)

    def changes(self) -> list[tuple[date, str]]:
        """When which of name, home and mobile changed."""
        parts = (
            ("name", [d for d, _ in self.families]),
            ("home", [d for d, _ in self.homes]),
            ("mobile", [d for d, _ in self.mobiles]),
        )
        return sorted((day, kind) for kind, days in parts for day in days[1:])


Thing = TypeVar("Thing")


def latest(dated: list[tuple[date, Thing]], at: date) -> Thing:
    """What holds on a day, of things that hold from a day on."""
    return next(thing for since, thing in reversed(dated) if since <= at)


class Registry:
    """What can be given out only once, and what was given back."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self.given_up: dict[str, list[str]] = {}
        self.companies: dict[str, list[Company]] = {}

    def take(self, thing: str) -> bool:
        """Claim a mailbox, number or handle; false if somebody has it."""
        if thing in self._taken:
            return False
        self._taken.add(thing)
        return True


EVER = date(1900, 1, 1)
_ADULT_CHILD = (1985, 2006)
_MEMBERS = {"couple": 2, "couple_and_child": 3, "parent_and_child": 2, "siblings": 2, "couple_and_two_children": 4}


@dataclass(frozen=True, slots=True)
class _Member:
    """One member of a home before it becomes a person."""

    sex: Sex
    born: date
    family: Spelling
    given: Spelling | None = None
    suffix: str = ""
    birth_family: Spelling | None = None


class Population:
    """Draws the people of a world, home by home."""

    def __init__(
        self, rates: Rates, seed: int, people: int, span: tuple[date, date, date], companies: dict[str, list[str]]
    ) -> None:
        """Prepare to draw.

        Args:
            rates: The declared rates.
            seed: The world's seed.
            people: How many to draw.
            span: When the history, the deliveries, and the world begin, begin and end.
            companies: Patterns of company names by country.
        """
        self._rates, self._seed, self._people, self._span = rates.people, seed, people, span
        self._countries = Urn(rates.world.countries.items())
        self._kinds = Urn(rates.people.home_kinds.model_dump().items())
        self._company_names = companies
        self._registry = Registry()

    def __iter__(self) -> Iterator[Person]:
        drawn, home = 0, 0
        while drawn < self._people:
            members = self._home(home, drawn)[: self._people - drawn]
            yield from members
            drawn += len(members)
            home += 1

    # --- homes ---

    def _home(self, no: int, first: int) -> list[Person]:
        rng = stream(self._seed, "home", no)
        country = load(self._countries.draw(rng))
        family = country.family_name(rng)
        kind = self._kinds.draw(rng) if rng.random() < self._rates.shares_home else "alone"
        members = self._members(rng, country, family, kind)
        homes = [(EVER, self._address(rng, country))]
        homes += [(day, self._address(rng, country)) for day in self._days(rng, self._rates.moved_before, self._rates.moved_now)]
        landline = self._number(rng, homes[-1][1].city.landline) if rng.random() < self._rates.landline else ""
        people = [self._person(first + i, no, country, member, homes, landline) for i, member in enumerate(members)]
        if len(people) > 1:
            self._share(rng, people)
        return people

    def _members(self, rng: Random, country: Country, family: Spelling, kind: str) -> list[_Member]:
        if kind == "alone":
            sex: Sex = "female" if rng.random() < 0.52 else "male"
            return [_Member(sex, self._birthday(rng, 1945, 2006), family)]
        if kind == "siblings":
            return self._children(rng, country, family, 2, None)
        children = _MEMBERS[kind] - (2 if kind.startswith("couple") else 1)
        decade = (1948, 1974) if children else (1950, 2001)
        father = _Member("male", self._birthday(rng, *decade), family, country.given_name(rng, "male", decade[1] > 1990))
        born = date(min(max(father.born.year + rng.randint(-6, 6), 1945), 2004), rng.randint(1, 12), rng.randint(1, 28))
        maiden = country.family_name(rng)
        keeps = country.pack.family_custom != "shared" or rng.random() < 0.15
        mother = _Member("female", born, maiden if keeps else family, birth_family=maiden)
        if kind == "parent_and_child":
            parent = father if rng.random() < 0.45 else mother
            return self._with_children(rng, country, family, [parent], children)
        return self._with_children(rng, country, family, [father, mother], children)

    def _with_children(
        self, rng: Random, country: Country, family: Spelling, parents: list[_Member], count: int
    ) -> list[_Member]:
        father = next((parent for parent in parents if parent.sex == "male"), None)
        children = self._children(rng, country, family, count, father)
        if father is not None and country.pack.juniors and any(child.suffix for child in children):
            senior = _Member("male", father.born, father.family, father.given, country.pack.juniors.senior)
            parents = [senior if parent is father else parent for parent in parents]
        return parents + children

    def _children(self, rng: Random, country: Country, family: Spelling, count: int, father: _Member | None) -> list[_Member]:
        twins = count > 1 and rng.random() < self._rates.twins
        born = self._birthday(rng, *_ADULT_CHILD)
        children = []
        for i in range(count):
            sex: Sex = "female" if rng.random() < 0.5 else "male"
            if i and not twins:
                born = self._birthday(rng, *_ADULT_CHILD)
            given, suffix = None, ""
            if father is not None and country.pack.juniors and sex == "male" and i == 0 and rng.random() < self._rates.junior:
                given, suffix = father.given, country.pack.juniors.junior
            children.append(_Member(sex, born, family, given, suffix))
        return children

    def _share(self, rng: Random, people: list[Person]) -> None:
        if rng.random() < self._rates.shared_mailbox:
            family = plain(people[0].family(date.max).romans[0])
            mailbox = self._mailbox(
                rng, people[0].country, [f"{family}family", f"familie.{family}", f"the{family}s", f"{family}.home"]
            )
            for person in people:
                person.shared_mailbox = mailbox
        if rng.random() < self._rates.shared_mobile:
            people[-1].borrowed_mobile = people[0].mobile(date.max)

    def _address(self, rng: Random, country: Country) -> Address:
        pack, city, street = country.pack, country.cities.draw(rng), country.streets.draw(rng)
        blanks = {
            "no": rng.randint(1, 180),
            "no2": rng.randint(1, 30),
            "no3": rng.randint(2, 1200),
            "chome": rng.randint(1, 6),
            "unit": rng.randint(1, 15) * 100 + rng.randint(1, 9),
            "unit1": rng.randint(1, 40),
            "floor": rng.randint(1, 12),
            "letter": rng.choice("ABCDEF"),
            "family": "Schulz",
        }
        line = Spelling(
            pack.line.format(street=street.native, **blanks),
            tuple((pack.line_roman or pack.line).format(street=roman, **blanks) for roman in street.romans[:1]),
        )
        unit = rng.choice(pack.unit).format(**blanks) if rng.random() < 0.35 else ""
        return Address(line, unit, city, rng.choice(city.postcodes) if city.postcodes else "", country.code)

    # --- persons ---

    def _person(
        self, no: int, household: int, country: Country, member: _Member, homes: list[tuple[date, Address]], landline: str
    ) -> Person:
        rng = stream(self._seed, "person", no)
        rates = self._rates
        given = member.given or country.given_name(rng, member.sex, member.born.year >= 1980)
        person = Person(
            number=no,
            household=household,
            country=country,
            sex=member.sex,
            born=member.born,
            given=given,
            homes=homes,
            landline=landline,
            suffix=member.suffix,
            families=[(EVER, country.feminine(member.family, member.sex))],
            passport=0 if rng.random() < 0.75 else rng.randint(0, 5),
        )
        person.nickname = self._nickname(rng, country, person)
        person.middle = self._middle(rng, country, person)
        self._marry(rng, country, person, member)
        self._phones(rng, country, person)
        self._emails(rng, country, person)
        self._handles(rng, person)
        if rng.random() < rates.loyalty_card:
            person.loyalty = f"SUKI-{stream(self._seed, 'card', no).randrange(10**7):07d}{no % 10}"
        if rng.random() < rates.company:
            person.company = self._company(rng, country, person)
        return person

    def _nickname(self, rng: Random, country: Country, person: Person) -> Spelling | None:
        western = country.pack.western
        if western and rng.random() < western.share:
            name = rng.choice(getattr(western, person.sex).split(", "))
            return Spelling(name, (name,))
        return country.nickname(person.given, person.given.romans[0])

    def _middle(self, rng: Random, country: Country, person: Person) -> Spelling | None:
        custom = country.pack.family_custom
        if custom.startswith("double"):
            return country.family_name(rng)
        kind = country.pack.middle
        if kind == "mother":
            return country.family_name(rng)
        if kind == "father":
            return country.given_name(rng, "male", younger=False)
        if kind == "given" and rng.random() < self._rates.middle_name:
            return country.given_name(rng, person.sex, person.born.year >= 1980)
        return None

    def _marry(self, rng: Random, country: Country, person: Person, member: _Member) -> None:
        days = self._days(
            rng, self._rates.married_before * 2, self._rates.married_now * 2
        )  # of women, so that it is the rate of all
        if country.pack.family_custom != "shared" or person.sex != "female" or not days or person.born.year < 1965:
            return
        now = person.families[-1][1]
        if member.birth_family is not None and member.family is not member.birth_family:
            person.families = [(EVER, country.feminine(member.birth_family, person.sex)), (days[-1], now)]
            return
        spouse = country.feminine(country.family_name(rng), person.sex)
        if rng.random() < self._rates.hyphenates:
            spouse = Spelling(f"{now.native}-{spouse.native}", (f"{now.romans[0]}-{spouse.romans[0]}",))
        person.families.append((days[-1], spouse))

    def _phones(self, rng: Random, country: Country, person: Person) -> None:
        rates = self._rates
        given_up = self._registry.given_up.setdefault(country.code, [])
        first = (
            given_up.pop(0)
            if given_up and rng.random() < rates.recycled_mobile
            else self._number(rng, rng.choice(country.pack.mobile))
        )
        person.mobiles = [(EVER, first)]
        for day in self._days(rng, rates.changed_mobile_before, rates.changed_mobile_now):
            if day < self._span[1]:
                given_up.append(person.mobiles[-1][1])
            person.mobiles.append((day, self._number(rng, rng.choice(country.pack.mobile))))
        if rng.random() < rates.second_mobile:
            person.second_mobile = self._number(rng, rng.choice(country.pack.mobile))

    def _emails(self, rng: Random, country: Country, person: Person) -> None:
        rates = self._rates
        if rng.random() < rates.no_email:
            return
        count = 1 + (rng.random() < rates.second_email) + (rng.random() < rates.third_email)
        given, family = plain(person.given.romans[0]), plain(person.families[0][1].romans[0])
        nick = plain(person.nickname.romans[0]) if person.nickname else given
        year, initial = f"{person.born.year}", given[:1]
        shapes = [
            f"{given}.{family}",
            f"{given}{family}",
            f"{initial}{family}",
            f"{given}_{family}",
            f"{family}.{given}",
            f"{given}{year[2:]}",
            f"{nick}{family}",
            f"{nick}{year}",
            f"{given}.{family}{year[2:]}",
            f"{initial}.{family}",
            f"{family}{given}{rng.randint(1, 99)}",
        ]
        for _ in range(count):
            person.emails.append(self._mailbox(rng, country, rng.sample(shapes, 4)))

    def _mailbox(self, rng: Random, country: Country, shapes: list[str]) -> str:
        domain = country.mail.draw(rng)
        for local in shapes:
            if len(local) > 5 and self._registry.take(f"{local.replace('.', '')}@{domain}"):
                return f"{local}@{domain}"
        while True:
            local = f"{shapes[0]}{rng.randint(1, 9999)}"
            if self._registry.take(f"{local.replace('.', '')}@{domain}"):
                return f"{local}@{domain}"

    def _handles(self, rng: Random, person: Person) -> None:
        given, family = plain(person.given.romans[0]), plain(person.families[-1][1].romans[0])
        nick = plain(person.nickname.romans[0]) if person.nickname else given
        shapes = [
            f"{given}.{family}",
            f"{nick}_{family}",
            f"{given}{family}",
            f"its{nick}",
            f"{nick}{person.born.year % 100:02d}",
            f"{family}.{nick}",
        ]
        if rng.random() < self._rates.instagram:
            person.instagram = self._handle(rng, "ig", shapes)
        if rng.random() < self._rates.facebook:
            person.facebook = self._handle(rng, "fb", shapes)

    def _handle(self, rng: Random, platform: str, shapes: list[str]) -> str:
        handle = rng.choice(shapes)
        while not self._registry.take(f"{platform}:{handle}"):
            handle = f"{rng.choice(shapes)}{rng.choice(['_', '.', ''])}{rng.randint(1, 999)}"
        return handle

    def _company(self, rng: Random, country: Country, person: Person) -> Company:
        known = self._registry.companies.setdefault(country.code, [])
        if known and rng.random() < self._rates.colleagues:
            return rng.choice(known)
        family, city = person.families[-1][1], person.homes[-1][1].city
        name = rng.choice(self._company_names[country.code]).format(family=family.native, city=city.name.native)
        top = {
            "US": "com",
            "GB": "co.uk",
            "BR": "com.br",
            "JP": "co.jp",
            "KR": "co.kr",
            "TH": "co.th",
            "MX": "com.mx",
            "TW": "com.tw",
        }
        stem = plain(family.romans[0]) + rng.choice(["", "group", "shop", "trade", "studio"])
        domain = f"{stem}.{top.get(country.code, country.code.lower())}"
        while not self._registry.take(domain):
            domain = f"{stem}{rng.randint(1, 999)}.{top.get(country.code, country.code.lower())}"
        box = rng.choice(
            {"DE": ["info", "kontakt"], "ES": ["info", "ventas"], "BR": ["contato", "vendas"]}.get(
                country.code, ["info", "sales", "office"]
            )
        )
        company = Company(name, domain, f"{box}@{domain}", self._number(rng, city.landline))
        known.append(company)
        return company

    # --- what they draw with ---

    def _number(self, rng: Random, pattern: str) -> str:
        while True:
            drawn = number(pattern, rng)
            if self._registry.take(drawn):
                return drawn

    def _days(self, rng: Random, before: float, now: float) -> list[date]:
        history, start, end = self._span
        days = []
        if rng.random() < before:
            days.append(history + timedelta(days=rng.randrange((start - history).days)))
        if rng.random() < now:
            days.append(start + timedelta(days=rng.randrange(max((end - start).days, 1))))
        return days

    @staticmethod
    def _birthday(rng: Random, first: int, last: int) -> date:
        return date(first, 1, 1) + timedelta(days=rng.randrange((date(last, 12, 31) - date(first, 1, 1)).days))


def plain(text: str) -> str:
    """A romanised name as it stands in a mailbox or handle: small letters and digits only."""
    return "".join(c for c in fold(text)[0].lower() if c.isascii() and c.isalnum())
