"""The post office between channels and files: which folder a row goes to, what comes late or twice, whose record it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

import yaml

from sample.dice import Dice, Tally, by_channel, stream
from sample.people import Person
from sample.rates import FOLDER, Rates, Store, stores
from sample.writing import Spool

STREAMS = ("online_sales", "store_pos", "leads", "profiles", "support")


@dataclass(frozen=True)
class Item:
    """Something the chain sells."""

    sku: str
    title: str
    dollars: float


class Catalogue:
    """What is sold, what a dollar is worth, and what people say, from catalogue.yml and phrases.yml."""

    def __init__(self) -> None:
        plain = yaml.safe_load((FOLDER / "catalogue.yml").read_text(encoding="utf-8"))
        self.items = [Item(sku, title, price) for sku, (title, price) in plain["items"].items()]
        self.dollar: Mapping[str, float] = plain["dollar"]
        self.companies: dict[str, list[str]] = plain["companies"]
        self.country_names: Mapping[str, str] = plain["country_names"]
        self._languages: Mapping[str, str] = plain["languages"]
        self._phrases = yaml.safe_load((FOLDER / "phrases.yml").read_text(encoding="utf-8"))

    def basket(self, rng: Random) -> list[tuple[Item, int]]:
        """What somebody buys at once: one to four things, mostly one of each."""
        chosen = rng.sample(self.items, rng.choice((1, 1, 1, 2, 2, 3, 4)))
        return [(item, rng.choice((1, 1, 1, 2))) for item in chosen]

    def say(self, rng: Random, country: str, kind: str) -> str:
        """Something people of the country write: one of the ``comments``, ``memos`` or ``contact`` phrases."""
        return str(rng.choice(self._phrases[self._language(rng, country)][kind]))

    def ticket(self, rng: Random, country: str) -> tuple[str, str]:
        """A ticket's subject and body."""
        subject, body = rng.choice(self._phrases[self._language(rng, country)]["tickets"])
        return str(subject), str(body)

    def _language(self, rng: Random, country: str) -> str:
        language = self._languages[country]
        return "en" if language == "tl" and rng.random() < 0.4 else language


class Post:
    """One world's deliveries."""

    def __init__(self, rates: Rates, seed: int, days: int, spool: Spool) -> None:
        self.rates, self.seed, self.days = rates, seed, days
        self.start = rates.world.start
        self.history = self.start - timedelta(days=rates.world.history_days)
        self.end = self.start + timedelta(days=days)
        self.stores: dict[str, Store] = stores()
        self.catalogue = Catalogue()
        self.tally = Tally()
        self.counts: dict[str, int] = {}
        self._spool = spool
        self._mess = {name: by_channel(rates.mess, name) for name in STREAMS}
        self._taken: set[tuple[str, object]] = set()

    # --- chance ---

    def dice(self, channel: str, *words: object) -> Dice:
        """The chances of one record."""
        return Dice(stream(self.seed, channel, *words), channel, self._mess[channel], self.tally)

    def stream(self, *words: object) -> Random:
        """A random stream of this world."""
        return stream(self.seed, *words)

    def take(self, kind: str, thing: object) -> bool:
        """Claim what only one record may have; false if it is taken."""
        if (kind, thing) in self._taken:
            return False
        self._taken.add((kind, thing))
        return True

    def new_id(self, rng: Random, kind: str, moment: datetime, base: int, step: int) -> int:
        """An id that grows with time, as the platforms' own do, and belongs to one record only."""
        seconds = int((moment - datetime(self.history.year, 1, 1, tzinfo=UTC)).total_seconds())
        drawn = base + seconds * step + rng.randrange(step)
        while not self.take(kind, drawn):
            drawn += 1
        return drawn

    # --- time ---

    def begins(self, rng: Random) -> datetime:
        """When a record begins: in the history (more of it recent, as shops grow), or on one of the days after the first."""
        if self.days < 2 or rng.random() < self.rates.world.day_one:
            span = (self.start - self.history).days
            return self.clock(rng, self.history + timedelta(days=int(span * rng.random() ** 0.7)))
        return self.clock(rng, self.start + timedelta(days=rng.randint(1, self.days - 1)))

    def later(self, rng: Random, after: datetime, until: datetime | None = None) -> datetime:
        """A moment between another and the end (or ``until``)."""
        end = until or datetime(self.end.year, self.end.month, self.end.day, tzinfo=UTC)
        return after + timedelta(seconds=int(max((end - after).total_seconds() - 1, 0) * rng.random()))

    @staticmethod
    def clock(rng: Random, day: date) -> datetime:
        """A moment of a day, to the second."""
        return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=rng.randrange(86400))

    def day(self, moment: datetime) -> int:
        """Which day's delivery a change belongs to; the first holds the history."""
        return max((moment.date() - self.start).days, 0)

    def tells(self, rng: Random, person: Person, since: datetime) -> list[tuple[datetime, str]]:
        """When, and of which changes, the person tells the keeper of a record that began at ``since``."""
        told = []
        for day, kind in person.changes():
            if since.date() < day < self.end and rng.random() < self.rates.people.tells_of_changes:
                moment = self.clock(rng, day) + timedelta(days=rng.randint(0, 9))
                if since < moment and moment.date() < self.end:
                    told.append((moment, kind))
        return told

    def deleted(self, rng: Random, since: datetime) -> datetime | None:
        """When the source removes the record, if it does: on a day after its first delivery."""
        first = self.day(since) + 1
        if rng.random() >= self.rates.delivery.deleted or first >= self.days:
            return None
        return self.clock(rng, self.start + timedelta(days=rng.randint(first, self.days - 1)))

    # --- delivery ---

    def file(self, source: str, day: int, name: str) -> str:
        """A file's path under the exports root."""
        return f"{source}/{self.start + timedelta(days=day):%Y-%m-%d}/{name}"

    def put(self, source: str, day: int, name: str, place: str, text: str, part: str = "") -> None:
        """Deliver a row on a day, as it is."""
        self._spool.add(self.file(source, day, name), place, text, part)

    def delay(self, rng: Random, day: int) -> int:
        """The day a row really arrives: the same, or late."""
        delivery = self.rates.delivery
        if rng.random() < delivery.late:
            late = day + rng.randint(*delivery.late_days)
            if late < self.days:
                self.tally.count("late", "delivery", hit=True)
                return late
        self.tally.count("late", "delivery", hit=False)
        return day

    def again(self, rng: Random, day: int) -> int | None:
        """The day a row arrives a second time, if it does."""
        resent = day + rng.randint(1, 3)
        happens = rng.random() < self.rates.delivery.resent and resent < self.days
        self.tally.count("resent", "delivery", hit=happens)
        return resent if happens else None

    def send(self, rng: Random, source: str, day: int, name: str, place: str, rows: Sequence[tuple[str, str]]) -> None:
        """Deliver a row (or a row and its parts) with the declared lateness and repetition.

        Args:
            rng: The record's stream.
            source: The source.
            day: The day it is due.
            name: The file's name.
            place: What orders it in its file.
            rows: Part and text of each piece that travels together.
        """
        arrives = self.delay(rng, day)
        again = self.again(rng, arrives)
        for part, text in rows:
            self.put(source, arrives, name, place, text, part)
            if again is not None:
                self.put(source, again, name, place, text, part)

    def truth(self, source: str, stream_name: str, key: str, person: Person) -> None:
        """Remember whose record it is."""
        self.count(f"{source}.{stream_name}")
        self._spool.add("truth", f"{source},{stream_name},{key}", f"{source},{stream_name},{key},{person.person_id}")

    def lives(self, person: Person) -> None:
        """Remember with whom the person lives."""
        self._spool.add("homes", person.person_id, f"{person.person_id},{person.household_id}")

    def alias(self, source: str, stream_name: str, key: str) -> None:
        """Remember an account that was opened under an address made for the occasion."""
        self._spool.add("aliases", f"{source},{stream_name},{key}", f"{source},{stream_name},{key}")

    def count(self, stream_name: str) -> None:
        """Count one record of a stream."""
        self.counts[stream_name] = self.counts.get(stream_name, 0) + 1


def iso(moment: datetime) -> str:
    """A moment as most interfaces write it."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
