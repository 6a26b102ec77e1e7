"""A block of CSV lines at once, where each of its lines is one sound row: then pyarrow and the csv module read the same.

What is not plain is not taken here but read row by row, where each problem row is told by its line: a row of another length,
bytes that are no text, quotes that do not fit together or that hold a line's end, a line that ends like no other.
"""

import codecs
import csv
from typing import Any

_MOST_BYTES = 1 << 24
_QUOTE, _LF, _CR = b'"\n\r'


class Blocks:
    """Makes tables of the blocks of one file.

    Args:
        header: A name for each column, none twice.
        delimiter: Between fields.
        encoding: One that writes ASCII as ASCII.
    """

    def __init__(self, header: list[str], delimiter: str, encoding: str) -> None:
        import pyarrow as pa
        from pyarrow import csv as arrow

        self._delimiter, self._encoding = delimiter, encoding
        self._read = arrow.ReadOptions(column_names=header, use_threads=False, block_size=_MOST_BYTES)
        self._parse = arrow.ParseOptions(delimiter=delimiter)
        self._convert = arrow.ConvertOptions(column_types=dict.fromkeys(header, pa.string()))

    def table(self, block: bytes) -> Any | None:
        """The rows of some whole lines as a ``pyarrow.Table`` of texts; None if they are not plain."""
        import pyarrow as pa
        from pyarrow import csv as arrow

        plain = _in_utf8(block, self._encoding)
        if plain is None or not plain.endswith(b"\n") or plain.startswith(codecs.BOM_UTF8) or b"\0" in plain:
            return None
        if len(plain) >= _MOST_BYTES or (b"\r" in plain and plain.count(b"\r") != plain.count(b"\r\n")):
            return None
        if b'"' in plain and not _fit(plain, self._delimiter):
            return None
        try:
            found = arrow.read_csv(pa.BufferReader(plain), self._read, self._parse, self._convert)
        except pa.ArrowException:  # a row of another length, or bytes that are no text
            return None
        return found if found.num_rows == plain.count(b"\n") and not _is_long(found) else None


def _is_long(table: Any) -> bool:
    """Whether a field is longer than the csv module takes."""
    from pyarrow import compute

    most = csv.field_size_limit()
    return any(column.nbytes > most and compute.max(compute.binary_length(column)).as_py() > most for column in table.columns)


def _in_utf8(block: bytes, encoding: str) -> bytes | None:
    """The block as UTF-8; None if it is no text. What is UTF-8 already, pyarrow looks at."""
    if encoding in ("utf-8", "utf-8-sig"):
        return block
    try:
        return block.decode(encoding).encode()
    except UnicodeError:
        return None


def _fit(block: bytes, delimiter: str) -> bool:
    """Whether each quote begins a field, ends it, or is one of two that stand for one.

    Counted through, quotes with an even number open and those with an odd one close: also of two that stand for one, of which the
    first seems to close and the second to open again.
    """
    import numpy as np

    signs = np.frombuffer(block, np.uint8)
    at = np.flatnonzero(signs == _QUOTE)
    if len(at) % 2:
        return False
    mark, opening, closing = ord(delimiter), at[0::2], at[1::2]
    before, behind = signs[opening - 1], signs[closing + 1]  # what stands before the first sign of all is the last: a line's end
    opens = (before == mark) | (before == _LF) | ((before == _QUOTE) & _follows(opening, closing))
    closes = (behind == mark) | (behind == _LF) | (behind == _CR) | (behind == _QUOTE)
    return bool(opens.all() and closes.all())


def _follows(opening: Any, closing: Any) -> Any:
    """Which opening quotes stand right behind the closing one before them."""
    import numpy as np

    return np.concatenate(([False], opening[1:] == closing[:-1] + 1))
