"""Parts of identifiers that tell people apart when the whole does not: read once a table, as numbers."""

import numpy as np
import numpy.typing as npt

from include.matching.letters import Hashes, hashed_parts
from include.matching.table import Table
from include.matching.texts import laid, letters_of, up_to

Part = tuple[Hashes, npt.NDArray[np.bool_]]
"""A hash of a part of each value, the same in every table, and which values have one."""

LEAST_OF_ACCOUNT = 5
"""Letters an account's name must have to be one person's."""


def local_parts(table: Table) -> Part:
    """What stands before the @ of each e-mail address; none of one that is too short to be one person's."""

    def read() -> Part:
        addresses = laid(table.texts["email"])
        lengths = up_to(addresses, "@")
        return hashed_parts(addresses.data, addresses.begin, lengths), letters_of(addresses, lengths) >= LEAST_OF_ACCOUNT

    return table.kept("local parts", read)


def tails(table: Table, digits: int) -> Part:
    """The last digits of each phone number; none of one that has fewer."""

    def read() -> Part:
        numbers = laid(table.texts["phone"])
        before = np.maximum(numbers.lengths - digits, 0)
        return hashed_parts(numbers.data, numbers.begin + before, numbers.lengths - before), numbers.lengths >= digits

    return table.kept(f"last {digits} digits", read)
