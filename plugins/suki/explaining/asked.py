"""Whom ``suki explain`` is asked about: ids as the warehouse shows them, or a source and the key a record has there."""

import getpass
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from include.errors import SukiError

ASK = "-"
"""In place of a key: it is asked for, so that a person's e-mail need not stand in the shell's history."""


_HOW = "Give one customer id, or two records: each by its record id, or by its source and its key there."


class NotFound(SukiError):
    """What was asked about is not there, or cannot be explained yet: the sentence says why. It never repeats a key."""


@dataclass(frozen=True)
class Named:
    """One thing asked about.

    Attributes:
        ids: The id; for a source's key the id it has in each of the source's streams of customers.
        source: The source, where a key was given.
    """

    ids: tuple[str, ...]
    source: str | None = None


def named(words: Sequence[str], most: int | None = 2, how: str = _HOW) -> list[Named]:
    """The things the words of a command name.

    Args:
        words: Ids, and sources each with a key.
        most: How many things it takes; None: any number.
        how: How to name them, for who did not.

    Raises:
        NotFound: A word is neither an id nor a source, a key is missing, or these are more things than it takes.
    """
    found: list[Named] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if (one := _uuid(word)) is not None:
            found.append(Named((one,)))
        elif rest:
            found.append(_by_key(word, rest.pop(0), how))
        else:
            raise NotFound(f"The last word is no id, and no key follows it. {how}")
    if most and len(found) > most:
        raise NotFound(f"These are {len(found)} things. {how}")
    return found


def two_named(words: Sequence[str], how: str) -> tuple[Named, Named]:
    """The same of a command that takes exactly two things."""
    things = named(words, how=how)
    if len(things) != 2:
        raise NotFound(f"This is one thing. {how}")
    return things[0], things[1]


def _by_key(source: str, key: str, how: str) -> Named:
    from include.sources import declared, discover
    from suki import connections

    sources = declared()  # what a source told before it was switched off is still somebody's
    if source not in sources:
        raise NotFound(f"A word is neither an id nor a source. Sources: {', '.join(discover())}. {how}")
    if key == ASK:
        key = getpass.getpass(f"Key in {source}: ") if sys.stdin.isatty() else sys.stdin.readline()
    meant, tokens = sources[source], connections.tokens()
    streams = [name for name, stream in meant.streams.items() if stream.kind == "customers"]
    ids = (str(tokens.record_id(source, epoch, stream, key.strip())) for stream in streams for epoch in reversed(meant.epochs))
    return Named(tuple(ids), source)


def _uuid(text: str) -> str | None:
    try:
        return str(UUID(text))
    except ValueError:
        return None
