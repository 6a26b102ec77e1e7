"""Files sent again: ``customers.r2.jsonl`` is the second copy of ``customers.jsonl``."""

import re

COPY = r"(?:\.r(?P<copy>\d+))?"
"""Stands before a file's extension where it was sent again."""

_COPY = re.compile(r"\.r(\d+)(?:\.[^./]*)?$")


def copy_number(file: str) -> int:
    """How often the file had been sent before: 0 for the first copy, 1 for ``.r2``."""
    found = _COPY.search(file)
    return int(found[1]) - 1 if found else 0
