"""How names sound, roughly, in any romanisation."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from include.matching.table import within_runs

_HEARD = (("sch", "s"), ("sh", "s"), ("ch", "k"), ("ck", "k"), ("ph", "f"), ("th", "t"), ("kh", "k"), ("gh", "g"), ("zh", "z"),
          ("cz", "s"), ("tz", "s"), ("ts", "s"), ("x", "ks"))  # fmt: skip
"""What is written in several letters, or heard as several, one after the other."""

_LETTERS = {"q": "k", "c": "k", "z": "s", "w": "v", "j": "y", "d": "t", "b": "p", "g": "k", "m": "n"}
"""Single letters that are heard as another, after those; none makes another."""

_UNHEARD = "aeiouywh"
_LONGEST = 5
_END = ord("\n")


def sound(names: pa.StringArray) -> pa.StringArray:
    """First letter kept, vowels and doublings dropped, like consonants joined, five letters at most; null if nothing is left.

    Coarser than Metaphone on purpose: it only has to bring records together, the comparison decides.

    Args:
        names: Folded names: one line each, in lower case.
    """
    text = "\n".join([*names.to_pylist(), ""]).replace(" ", "")  # all at once: what is done here is done to millions of letters
    for written, heard in _HEARD:
        text = text.replace(written, heard)
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    small = points < len(_AS_HEARD)
    points = np.where(small, _AS_HEARD[np.where(small, points, 0)], points)
    heard_at_all = _begins(points) | ~small | ~_SILENT[np.where(small, points, 0)]
    points = points[heard_at_all]
    once = np.r_[True, points[1:] != points[:-1]][: len(points)] | _begins(points) | (points == _END)
    points = points[once]
    ends = np.flatnonzero(points == _END)
    points = points[(within_runs(np.diff(np.r_[-1, ends])) < _LONGEST) | (points == _END)]
    found = points.tobytes().decode("utf-32-le", "surrogatepass").split("\n")[:-1]
    return pa.array([word or None for word in found], pa.string())


def _begins(points: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Where a name begins, or ends without having begun."""
    begins: npt.NDArray[np.bool_] = np.r_[True, points[:-1] == _END][: len(points)]
    return begins


def _as_heard() -> npt.NDArray[np.uint32]:
    heard = np.arange(128, dtype=np.uint32)
    for written, other in _LETTERS.items():
        heard[ord(written)] = ord(other)
    return heard


_AS_HEARD = _as_heard()
_SILENT = np.isin(np.arange(len(_AS_HEARD)), [ord(letter) for letter in _UNHEARD])
