"""Files sent again: ``customers.r2.jsonl`` is the second copy of ``customers.jsonl``, ``.r2.csv.gz`` that of ``.csv.gz``."""

import re

from include.sources.readers.packed import PACKINGS, packing_of

COPY = r"(?:\.r(?P<copy>\d+))?"
"""Stands before a file's extension where it was sent again."""

_COPY = re.compile(rf"\.r(\d+)(?:\.[^./]*)?(?:\.(?:{'|'.join(PACKINGS)}))?$")


def extension_of(name: str) -> str:
    """A file's extension with its dot, that of a packed file in both parts: ``.csv.gz``."""
    packing = packing_of(name)
    packed = f".{packing}" if packing else ""
    stem, dot, extension = name.removesuffix(packed).rpartition(".")
    return f"{dot}{extension}{packed}" if stem and dot else packed


def copy_number(file: str) -> int:
    """How often the file had been sent before: 0 for the first copy, 1 for ``.r2``."""
    found = _COPY.search(file)
    return int(found[1]) - 1 if found else 0
