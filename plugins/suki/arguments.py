"""What the words after a command may be: each turns one word into its value, or says what would be valid."""

import argparse
from collections.abc import Callable
from datetime import date
from uuid import UUID

_MOST = 2**31 - 1
"""What PostgreSQL takes for a count of rows."""


def whole_number(text: str) -> int:
    """A count, from 1 on."""
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:20]) <= _MOST:
        raise argparse.ArgumentTypeError("give a whole number, at least 1")
    return int(text)


def day(text: str) -> date:
    """A calendar day; the last one there is has no day after it, so nothing can be asked of it."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.max
    if found == date.max:
        raise argparse.ArgumentTypeError("a day looks like 2026-09-30")
    return found


def uuid(named: str, example: str) -> Callable[[str], str]:
    """An id in its canonical form.

    Args:
        named: What the id is of, with its article: ``a customer``.
        example: One to show whoever gave something else.
    """

    def parsed(text: str) -> str:
        try:
            return str(UUID(text))
        except ValueError:
            raise argparse.ArgumentTypeError(f"{named} id looks like {example}") from None

    return parsed


customer_id = uuid("a customer", "0b6f5d3e-7a61-5b57-9a0f-3f5d2c8e4b10")
