"""A million customers as a retailer in the United States has them: names by their share of the census, slips, gaps, moves.

Two persons of three have one record; the others up to a dozen, each written down anew: a letter lost, wrong or swapped, a field
left empty, the address before or after a move. The same seed gives the same file. Runs in the environment of the other systems
(``requirements-bench.txt``), whose package ``names`` has the census' names.
"""

import argparse
import random
from collections.abc import Iterator, Sequence
from functools import partial
from importlib.resources import files
from itertools import accumulate, islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

COLUMNS = ("rid", "truth", "fn", "ln", "dob", "zip", "city", "addr", "email", "phone")

ALONE = 0.68
"""Share of persons with no further record; each further one is as likely to be the last."""

MISSING = {"dob": 0.30, "zip": 0.07, "city": 0.10, "addr": 0.13, "email": 0.25, "phone": 0.25}
SLIPS = {"fn": 0.06, "ln": 0.06, "dob": 0.03, "zip": 0.014, "addr": 0.045, "email": 0.04, "phone": 0.03}
MOVED = 0.13
"""Share of records with another address than the person's first; the town stays as it was written once."""

_ZIPS, _CITIES = 41_000, 10_000
_DOMAINS = ("gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "aol.com")
_TOWNS = ("ville", "ton", "haven", "port", "burgh", "berg", "land", "side", "view", "fort", "mouth", "stad", "shire", "chester")
_ROADS = ("street", "avenue", "drive", "road", "lane", "court", "way", "ridge", "park", "trail", "harbor", "meadow", "terrace")
_DIRECTIONS = ("north", "south", "east", "west", "new", "lake", "port")
_SIGNS = "abcdefghijklmnopqrstuvwxyz0123456789"


class Drawn:
    """Names drawn by their share of the census."""

    def __init__(self, file: str) -> None:
        lines = [line.split() for line in (files("names") / file).read_text(encoding="ascii").splitlines()]
        self.names = [line[0].lower() for line in lines]
        # The file's shares are rounded; a name of rank 80,000 has 0.000 and is drawn all the same, seldom.
        self.shares = list(accumulate(max(float(line[1]), 0.0002) for line in lines))

    def draw(self, dice: random.Random, count: int) -> list[str]:
        """Names, one a person."""
        return dice.choices(self.names, cum_weights=self.shares, k=count)


def records(rows: int, seed: int = 1) -> Iterator[tuple[str | None, ...]]:
    """Records as ``COLUMNS``, in no order of persons."""
    dice = random.Random(seed)  # noqa: S311 - figures of a benchmark
    whole = list(islice(_people(dice, rows), rows))
    dice.shuffle(whole)
    for number, record in enumerate(whole):
        yield (str(number), *record)


def _people(dice: random.Random, most: int) -> Iterator[tuple[str | None, ...]]:
    last, female, male = Drawn("dist.all.last"), Drawn("dist.female.first"), Drawn("dist.male.first")
    surnames, women, men = last.draw(dice, most), female.draw(dice, most), male.draw(dice, most)
    cities = [f"{dice.choice(_DIRECTIONS)} {name}" if dice.random() < 0.4 else name + dice.choice(_TOWNS)
              for name in last.draw(dice, _CITIES)]  # fmt: skip
    zips = [f"{number:05d}" for number in dice.sample(range(500, 99_951), _ZIPS)]
    roads = [f"{name} {dice.choice(_ROADS)}" for name in last.draw(dice, 60_000)]
    home = partial(_home, dice, zips, cities, roads)
    for number, (surname, woman, man) in enumerate(zip(surnames, women, men, strict=True)):
        first = woman if dice.random() < 0.5 else man
        line, code, city = home()
        person = {
            "fn": first, "ln": surname, "dob": _birthday(dice), "zip": code, "city": city, "addr": line,
            "email": f"{first}.{surname}{dice.randrange(1000)}@{dice.choice(_DOMAINS)}",
            "phone": str(dice.randrange(2_000_000_000, 10_000_000_000)),
        }  # fmt: skip
        while True:
            yield (str(number), *_written(dice, person, home()))
            if dice.random() < ALONE:
                break


def _home(dice: random.Random, zips: Sequence[str], cities: Sequence[str], roads: Sequence[str]) -> tuple[str, str, str]:
    place = dice.randrange(_ZIPS)
    return f"{dice.randrange(1, 9999)} {dice.choice(roads)}", zips[place], cities[place % _CITIES]


def _birthday(dice: random.Random) -> str:
    return f"{dice.randrange(1940, 2007)}-{dice.randrange(1, 13):02d}-{dice.randrange(1, 29):02d}"


def _written(dice: random.Random, person: dict[str, str], elsewhere: tuple[str, str, str]) -> Iterator[str | None]:
    """One record of a person."""
    moved = dice.random() < MOVED
    for field, value in person.items():
        if dice.random() < MISSING.get(field, 0.0):
            yield None
            continue
        text = {"addr": elsewhere[0], "zip": elsewhere[1]}.get(field, value) if moved else value
        yield _slip(dice, text) if dice.random() < SLIPS.get(field, 0.0) else text


def _slip(dice: random.Random, text: str) -> str:
    at = dice.randrange(max(len(text) - 1, 1))
    kind = dice.randrange(3)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + dice.choice(_SIGNS) + text[at + 1 :]
    return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]


def main() -> None:
    """Write the file."""
    options = argparse.ArgumentParser(description="Invent customers of the United States.", prog="python -m benchmarks.us_like")
    options.add_argument("file", type=Path)
    options.add_argument("--rows", type=int, default=1_000_000)
    given = options.parse_args()
    columns = zip(*records(given.rows), strict=True)
    table = pa.table({name: pa.array(column, pa.string()) for name, column in zip(COLUMNS, columns, strict=True)})
    pq.write_table(table, given.file)


if __name__ == "__main__":
    main()
