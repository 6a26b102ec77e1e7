"""The same content of files and folders, the same fingerprint: whether something is still what it was made from."""

import hashlib
from collections.abc import Callable
from pathlib import Path


def fingerprint(root: Path, *places: str, counts: Callable[[Path], bool] = lambda _: True) -> str:
    """What these places hold.

    Args:
        root: The project.
        places: Files and folders in it.
        counts: Whether a file, named by its path in the project, makes a difference.
    """
    digest = hashlib.sha256()
    for place in places:
        for file in sorted([root / place, *root.joinpath(place).rglob("*")]):
            name = file.relative_to(root)
            if file.is_file() and "__pycache__" not in name.parts and counts(name):
                digest.update(f"{name}\0".encode() + file.read_bytes())
    return digest.hexdigest()
