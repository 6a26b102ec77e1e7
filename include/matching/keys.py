"""Blocking keys: what two records must share to be compared, as one 64-bit number per key and record."""

import re
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from include.matching.table import Ints, Table, postcode_area

Holdings = tuple[Ints, Ints]
"""Records and, beside them, the code each holds."""


def key_holdings(table: Table, parts: tuple[str, ...]) -> Holdings:
    """Every (record, key) of a rule, each once; a record that lacks one part has no key."""
    record, key = _holdings(table, parts[0])
    key = _mixed(key, parts[0])
    for part in parts[1:]:
        record, key = _combined((record, key), part, _holdings(table, part), len(table))
    distinct = pd.DataFrame({"record": record, "key": key}).drop_duplicates()
    return distinct["record"].to_numpy(), distinct["key"].to_numpy()


def _combined(held: Holdings, part: str, other: Holdings, n: int) -> Holdings:
    """Each record's keys so far crossed with its values of one more part."""
    sizes = np.bincount(other[0], minlength=n)
    begin = np.r_[0, np.cumsum(sizes)]
    order = np.argsort(other[0], kind="stable")
    times = sizes[held[0]]
    record, key = np.repeat(held[0], times), np.repeat(held[1], times)
    at = np.arange(len(record)) - np.repeat(np.cumsum(times) - times, times) + np.repeat(begin[held[0]], times)
    with np.errstate(over="ignore"):
        return record, key * np.uint64(0x9E3779B97F4A7C15) ^ _mixed(other[1][order[at]], part)


def _mixed(codes: Ints, part: str) -> npt.NDArray[np.uint64]:
    """splitmix64 of a code, salted with its part's name, so that equal codes of two parts are not equal keys."""
    salt = np.uint64(sum(ord(letter) * 131**i for i, letter in enumerate(part)) % 2**61)
    with np.errstate(over="ignore"):
        x = codes.astype(np.uint64) + salt + np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))


def _holdings(table: Table, part: str) -> Holdings:
    if part in _TEXT_PARTS:
        codes = table.column(_TEXT_PARTS[part])
        record = np.flatnonzero(codes >= 0)
        return record, codes[record]
    if part in _SET_PARTS:
        held = table.sets[part]
        return held.record, held.held
    return _MADE_PARTS[part](table)


_TEXT_PARTS = {name: name for name in ("given", "family", "birth_date", "postcode", "city", "street", "house_number", "country")}
_TEXT_PARTS["whole_name"] = "bag"
_SET_PARTS = ("email", "phone", "handle", "loyalty_id", "external_id")


def _derived(codes: Ints, words: npt.NDArray[np.object_], function: Callable[[str], str | None]) -> Holdings:
    """A function of the word behind each code, as codes again; None has no key."""
    lookup = pd.factorize(np.array([*(function(str(word)) for word in words), None], dtype=object), use_na_sentinel=True)[0]
    made = lookup[codes]
    record = np.flatnonzero(made >= 0)
    return record, made[record]


def _of_items(table: Table, name: str, function: Callable[[str], str | None]) -> Holdings:
    held = table.sets[name]
    at, made = _derived(held.held, table.words[name], function)
    return held.record[at], made


def _names(table: Table) -> Holdings:
    """Both names, in either order."""
    given, family = table.column("given").astype(np.int64), table.column("family").astype(np.int64)
    record = np.flatnonzero((given >= 0) & (family >= 0))
    low, high = np.minimum(given, family)[record], np.maximum(given, family)[record]
    return record, low * len(table.words["name"]) + high


def _either(*holdings: Holdings) -> Holdings:
    return np.concatenate([record for record, _ in holdings]), np.concatenate([code for _, code in holdings])


def _name_words(table: Table) -> Holdings:
    """Each word of either name, so that neither order nor a dropped second name hides a record."""
    words = [str(word).split() for word in table.words["name"]]
    lengths = np.fromiter((len(parts) for parts in words), dtype=np.int64, count=len(words))
    codes = pd.factorize(np.array([part for parts in words for part in parts], dtype=object))[0]
    begin = np.r_[0, np.cumsum(lengths)]
    found = []
    for column in ("given", "family"):
        name = table.column(column)
        record = np.flatnonzero(name >= 0)
        times = lengths[name[record]]
        at = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times) + np.repeat(begin[name[record]], times)
        found.append((np.repeat(record, times), codes[at]))
    return _either(*found)


def _of_names(function: Callable[[str], str | None], *columns: str) -> Callable[[Table], Holdings]:
    def made(table: Table) -> Holdings:
        return _either(*(_derived(table.column(column), table.words["name"], function) for column in columns))

    return made


def sound(name: str) -> str | None:
    """How a name sounds, roughly, in any romanisation: first letter kept, vowels and doublings dropped, like consonants joined.

    Coarser than Metaphone on purpose: it only has to bring records together, the comparison decides.
    """
    letters = name.replace(" ", "")
    for written, heard in _HEARD:
        letters = letters.replace(written, heard)
    if not letters:
        return None
    kept = letters[0] + "".join(letter for letter in letters[1:] if letter not in "aeiouywh")
    return "".join(letter for i, letter in enumerate(kept) if i == 0 or letter != kept[i - 1])[:5]


_HEARD = (("sch", "s"), ("sh", "s"), ("ch", "k"), ("ck", "k"), ("ph", "f"), ("th", "t"), ("kh", "k"), ("gh", "g"), ("zh", "z"),
          ("cz", "s"), ("tz", "s"), ("ts", "s"), ("x", "ks"), ("q", "k"), ("c", "k"), ("z", "s"), ("w", "v"), ("j", "y"),
          ("d", "t"), ("b", "p"), ("g", "k"), ("m", "n"))  # fmt: skip


def _account(table: Table) -> Holdings:
    """Account names (of five letters or more, without trailing digits) beside both names run together in either order."""
    made: list[tuple[Ints, list[str | None]]] = []
    for name in ("email", "handle"):
        held, words = table.sets[name], table.words["account"]
        of_word = [_without_digits(str(word)) for word in words] + [None]
        made.append((held.record, [of_word[code] for code in table.account[name][held.held]]))
    given, family, names = table.column("given"), table.column("family"), table.words["name"]
    record = np.flatnonzero((given >= 0) & (family >= 0))
    squashed = [str(word).replace(" ", "") for word in names]
    made.append((record, [squashed[given[i]] + squashed[family[i]] for i in record]))
    made.append((record, [squashed[family[i]] + squashed[given[i]] for i in record]))
    records = np.concatenate([rows for rows, _ in made])
    flat = np.array([text for _, texts in made for text in texts], dtype=object)
    codes = pd.factorize(flat, use_na_sentinel=True)[0] if len(flat) else np.zeros(0, dtype=np.int64)
    return records[codes >= 0], codes[codes >= 0]


def _without_digits(account: str) -> str | None:
    stem = account.rstrip("0123456789")
    return stem if len(stem) >= 5 else None


def _birth(function: Callable[[str], str | None]) -> Callable[[Table], Holdings]:
    return lambda table: _derived(table.column("birth_date"), table.words["birth_date"], function)


def _year(date: str) -> str | None:
    return date[:4] if date[:4].isdigit() else None


def _day(date: str) -> str | None:
    """Month and day, also of a birthday without a year."""
    found = _DATE.fullmatch(date)
    return found["day"] if found else None


def _swapped(date: str) -> str | None:
    """The same key for 1990-05-03 and 1990-03-05."""
    found = _DATE.fullmatch(date)
    if not found or found["year"] == "-":
        return None
    return found["year"] + "".join(sorted(found["day"].split("-")))


_DATE = re.compile(r"(?P<year>\d{4}|-)-(?P<day>\d\d-\d\d)")
"""A full date, or a birthday without its year."""


_MADE_PARTS: dict[str, Callable[[Table], Holdings]] = {
    "names": _names,
    "name": _name_words,
    "account": _account,
    "email_local": lambda table: _of_items(
        table, "email", lambda text: text.split("@")[0] if len(text.split("@")[0]) >= 5 else None
    ),
    "phone_tail": lambda table: _of_items(table, "phone", lambda text: text[-7:] if len(text) >= 7 else None),
    "given_initial": _of_names(lambda name: name[0], "given"),
    "family_initial": _of_names(lambda name: name[0], "family"),
    "name_start": _of_names(lambda name: name[:3], "given", "family"),
    "name_sound": _of_names(sound, "given", "family"),
    "postcode_area": lambda table: _derived(table.column("postcode"), table.words["postcode"], postcode_area),
    "birth_year": _birth(_year),
    "birth_day": _birth(_day),
    "birth_swapped": _birth(_swapped),
}
