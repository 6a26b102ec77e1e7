"""Which sources there are: every folder here with a ``source.yml``. Nothing anywhere lists them."""

import re
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from include.declarations import read_yaml
from include.errors import DeclarationError
from include.sources.checks import check
from include.sources.declaration import CODES, Source

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
    if not re.fullmatch(r"[a-z][a-z0-9_]*", folder.name):
        raise DeclarationError(file, "(folder name)", f"'{folder.name}' cannot name a Dag", ("small letters, digits and _",))
    plain = _read(folder / FILE, file)
    try:
        source = Source.model_validate(plain)
    except ValidationError as error:
        raise _translated(error, file) from None
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


def _read(path: Path, shown: str) -> dict[str, Any]:
    plain = read_yaml(path, shown)
    if not isinstance(plain, dict):
        raise DeclarationError(shown, "(whole file)", "must be keys with values", Source.model_fields)
    return plain


def _translated(error: ValidationError, file: str) -> DeclarationError:
    """Pydantic's first error as ours; unknown keys first, since a missing key is often a misspelt one."""
    errors = sorted(error.errors(include_input=False, include_url=False), key=lambda e: e["type"] != "extra_forbidden")
    first = errors[0]
    at = first["loc"]
    key = ".".join(str(part) for part in at) or "(whole file)"
    if first["type"] == "extra_forbidden":
        return DeclarationError(file, key, "is no key here", _keys(at[:-1]))
    if first["type"] == "missing":
        return DeclarationError(file, key, "is missing")
    if first["type"] == "literal_error":
        return DeclarationError(file, key, "is none of the known values", _quoted(first["ctx"]["expected"]))
    if first["type"] == "string_type":
        return DeclarationError(file, key.removesuffix(".[key]"), "must be a text; put it in quotes")
    if first["type"] == "string_pattern_mismatch":
        return DeclarationError(file, key, CODES[first["ctx"]["pattern"]])
    message = first["msg"].removeprefix("Input ").replace(" or instance of Mapping", " of a mapping's keys, or a path")
    return DeclarationError(file, key, message)


def _quoted(expected: str) -> list[str]:
    return re.findall(r"'([^']*)'", expected)


def _keys(at: tuple[str | int, ...]) -> list[str]:
    """The keys that are valid at a place of the declaration."""
    kind: Any = Source
    for part in at:
        kind = _model(kind)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            by_key = {field.alias or name: field.annotation for name, field in kind.model_fields.items()}
            kind = by_key[str(part)]
        else:
            kind = get_args(kind)[-1] if get_origin(kind) is dict else get_args(kind)[0]
    kind = _model(kind)
    return [field.alias or name for name, field in kind.model_fields.items()]


def _model(annotation: Any) -> Any:
    """The annotation without its ``| None``."""
    if get_origin(annotation) in (dict, tuple) or isinstance(annotation, type):
        return annotation
    return next(kind for kind in get_args(annotation) if kind is not type(None))
