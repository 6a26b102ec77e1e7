"""Which sources there are: every folder here with a ``source.yml``. Nothing anywhere lists them."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

from include.declarations import checked, read_yaml
from include.errors import DeclarationError
from include.sources.checks import NAME, check
from include.sources.declaration import PATTERNS, Source

HERE = Path(__file__).parent
FILE = "source.yml"


def discover(root: Path | None = None) -> dict[str, Source]:
    """Every source that is enabled and whose declaration is sound, by name.

    Args:
        root: Folder of the source folders; ours by default.
    """
    return {name: source for name, source in declared(root).items() if source.enabled}


def declared(root: Path | None = None) -> dict[str, Source]:
    """Every source whose declaration is sound, those that are switched off included."""
    return {folder.name: found for folder, found in _load_all(root) if isinstance(found, Source)}


def broken(root: Path | None = None) -> dict[str, DeclarationError]:
    """Every source whose declaration is wrong, by name, with what is wrong."""
    return {folder.name: found for folder, found in _load_all(root) if isinstance(found, DeclarationError)}


def load(folder: Path) -> Source:
    """One source.

    Raises:
        DeclarationError: Names the file, the key and what would be valid.
    """
    file = _shown(folder / FILE)
    if not NAME.fullmatch(folder.name):
        raise DeclarationError(file, "(folder name)", f"'{folder.name}' cannot name a Dag", ("small letters, digits and _",))
    source = checked(Source, read_yaml(folder / FILE, file), file, PATTERNS)
    check(source.placed(folder), file)
    return source


def fingerprint(source: Source) -> str:
    """Of what decides how the source's rows are mapped and read: its declaration and this package's code; 64 hex digits."""
    amounts: Any = {"streams": {"__all__": {"volume"}}}  # how many rows come decides nothing of how one is read
    told = source.model_dump_json(include={"epoch", "restarts", "default_country", "scopes", "streams"}, exclude=amounts)
    digest = sha256(told.encode())
    for path in sorted(HERE.rglob("*.py")):
        digest.update(path.relative_to(HERE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _load_all(root: Path | None) -> Iterable[tuple[Path, Source | DeclarationError]]:
    for file in sorted((root or HERE).glob(f"*/{FILE}")):
        try:
            yield file.parent, load(file.parent)
        except DeclarationError as error:
            yield file.parent, error


def _shown(path: Path) -> str:
    """The path as it reads from the project's root, where it lies inside it."""
    project = HERE.parent.parent
    return path.relative_to(project).as_posix() if path.is_relative_to(project) else str(path)
