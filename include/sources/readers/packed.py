"""Packed files: gzip, zstd and zip are unpacked as they are read, so that neither memory nor disk ever holds the whole.

What unpacks to very much more than it is was made to fill a disk, or by a broken exporter; it is refused where that shows.
"""

import gzip
import io
import zipfile
import zlib
from typing import Any

from include.sources.readers.rows import Unreadable

PACKINGS = ("gz", "zst", "zip")
"""By the last part of a file's name."""

FREE_BYTES = 256 << 20
"""Unpacked bytes that need no justification."""
MOST_TIMES = 300
"""Unpacked bytes for each packed one, beyond those. Exports shrink to a fiftieth; one byte over and over to a thousandth."""


def packing_of(name: str) -> str | None:
    """How a file is packed, by its name; None if it is not."""
    ending = name.rpartition(".")[2]
    return ending if "." in name and ending in PACKINGS else None


class Unpacked(io.RawIOBase):
    """The bytes inside a packed file.

    Args:
        file: The packed file; a zip file must be able to seek.
        packing: One of ``PACKINGS``.

    Raises:
        Unreadable: It is no such file, is cut off or damaged, or unpacks to far too much.
    """

    def __init__(self, file: Any, packing: str) -> None:
        self._file, self._packing, self._given = file, packing, 0
        self._packed = _Counted(file)
        try:
            self._inside = _INSIDE[packing](self._packed)
        except _DAMAGE as error:
            raise self._damaged(error) from None

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Unpack a little more."""
        try:
            data = self._inside.read(len(buffer))
        except _DAMAGE as error:
            raise self._damaged(error) from None
        self._given += len(data)
        if self._given > max(FREE_BYTES, MOST_TIMES * self._packed.bytes):
            raise Unreadable(f"unpacks to more than {MOST_TIMES} times its size: no export does", 0)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the packed file too."""
        self._file.close()
        super().close()

    def _damaged(self, error: Exception) -> Unreadable:
        """Of the error only its kind is looked at: a zip's names the file inside, which may be named after a person."""
        if isinstance(error, EOFError) or "Truncated" in str(error):
            return Unreadable(f"the {self._packing} file is cut off: it does not unpack to its end", 0)
        if type(error) is RuntimeError:
            return Unreadable("the zip file is locked with a password, and nobody declared one", 0)
        cut = ", or one cut off" if self._packing == "zip" else ""
        return Unreadable(f"is no {self._packing} file{cut}, or it is damaged", 0)


_DAMAGE = (EOFError, OSError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError)


class _Counted(io.RawIOBase):
    """A file that counts what was read of it."""

    def __init__(self, file: Any) -> None:
        self._file, self.bytes = file, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return bool(self._file.seekable())

    def seek(self, offset: int, whence: int = 0) -> int:
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(len(buffer))
        self.bytes += len(data)
        buffer[: len(data)] = data
        return len(data)


def _gzip(file: _Counted) -> Any:
    return gzip.GzipFile(fileobj=file)


def _zstd(file: _Counted) -> Any:
    import pyarrow as pa

    return pa.CompressedInputStream(pa.PythonFile(file, "r"), "zstd")


def _zip(file: _Counted) -> Any:
    archive = zipfile.ZipFile(io.BufferedReader(file))
    entries = [entry for entry in archive.infolist() if not entry.is_dir() and not entry.filename.startswith("__MACOSX/")]
    if len(entries) != 1:
        raise Unreadable(f"the zip file holds {len(entries)} files, and one is expected", 0)
    return archive.open(entries[0])


_INSIDE = {"gz": _gzip, "zst": _zstd, "zip": _zip}
