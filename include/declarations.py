"""How every declaration is read: as YAML whose mistakes are named by file and line, then as a model whose are by file and key."""

import re
from collections.abc import Hashable, Mapping
from math import isfinite
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, TypeVar, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from include.errors import DeclarationError

Model = TypeVar("Model", bound=BaseModel)

_CODES = {
    r"^[A-Z]{2}$": "must be a country's code of two capitals (ISO 3166-1 alpha-2), such as PH",
    r"^[A-Z]{3}$": "must be a currency's code of three capitals (ISO 4217), such as PHP",
}


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # the C one is ten times as fast
    """YAML that takes no key twice, since the second would silently win, and no date or number that is none."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key '{key}' stands twice", key_node.start_mark)
            seen.add(key)
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return mapping

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        told = None
        try:
            found = super().construct_object(node, deep)
        except ValueError:  # what looks like a date is taken for one, and 30 February then fails without a line
            told = f"'{node.value}' is no date or time; a text stands in quotes"
        else:
            if isinstance(found, float) and not isfinite(found):  # it passes many a bound, and spoils every sum it enters
                told = f"'{node.value}' is no finite number"
        if told:
            raise yaml.constructor.ConstructorError(None, None, told, node.start_mark)
        return found


def read_yaml(path: Path, shown: str) -> Any:
    """What stands in a declaration, parsed and not yet understood.

    Args:
        path: The file.
        shown: What a sentence calls it.

    Raises:
        DeclarationError: It cannot be read, is no YAML in UTF-8, or has a key twice, a date or a number that is none.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506  # a SafeLoader by descent
    except OSError:
        raise DeclarationError(shown, "(whole file)", "is not there, or cannot be read") from None
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}" if error.problem_mark else "(whole file)"
        is_yaml = isinstance(error, yaml.constructor.ConstructorError)
        raise DeclarationError(shown, line, f"{error.problem}" if is_yaml else f"is no YAML: {error.problem}") from None
    except (yaml.YAMLError, UnicodeDecodeError, TypeError):  # TypeError: a key that is a list
        raise DeclarationError(shown, "(whole file)", "is no YAML in UTF-8") from None


def checked(model: type[Model], plain: Any, shown: str, patterns: Mapping[str, str] | None = None) -> Model:
    """What a declaration says, as its model.

    Of several mistakes an unknown key is told first: a misspelt key also leaves one missing, and is the cause.

    Args:
        model: Takes no key but its own.
        plain: As ``read_yaml`` gives it.
        shown: What a sentence calls the file.
        patterns: Regular expression of the model > what it asks for, in words; beside those of country and currency codes.

    Raises:
        DeclarationError: Names the key and what would be valid there.
    """
    if not isinstance(plain, dict):
        raise DeclarationError(shown, "(whole file)", "must be keys with values", _keys(model, ()))
    try:
        return model.model_validate(plain)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
    first = min(found, key=lambda problem: problem["type"] != "extra_forbidden")
    at = tuple(part for part in first["loc"] if part != "[key]")
    problem, valid = _told(model, first, at, _CODES | dict(patterns or {}))
    raise DeclarationError(shown, _place(plain, at), problem, valid)


def _told(
    model: type[Model], first: Mapping[str, Any], at: tuple[str | int, ...], patterns: Mapping[str, str]
) -> tuple[str, list[str]]:
    """What pydantic found (one of its errors, at a place in the model), in words, and what would be valid there."""
    valid: list[str] = []
    match first["type"]:
        case "extra_forbidden":
            problem, valid = "is no key here", _keys(model, at[:-1])
        case "missing":
            problem = "is missing"
        case "literal_error":
            problem, valid = "is none of the known values", re.findall(r"'([^']*)'", first["ctx"]["expected"])
        case "string_type":
            problem = "must be a text; put it in quotes"
        case "dict_type" | "mapping_type" | "model_type" | "model_attributes_type":
            problem, valid = "must be keys with values", _keys(model, at)
        case "list_type" | "tuple_type" | "set_type" | "frozen_set_type":
            problem = "must be a list"
        case "too_short":
            problem = f"needs at least {first['ctx']['min_length']}"
        case "string_pattern_mismatch" if first["ctx"]["pattern"] in patterns:
            problem = patterns[first["ctx"]["pattern"]]
        case _:
            problem = first["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return problem, valid


def _place(plain: Any, at: tuple[str | int, ...]) -> str:
    """Where in the file: keys with dots between; an entry of a list by its id, where it has one.

    Of a value that may be of several kinds pydantic tells the kind it tried last too: that stands nowhere in the file.
    """
    told = []
    for part in at:
        if isinstance(plain, dict):
            plain = plain.get(part)
        elif isinstance(plain, list) and isinstance(part, int):
            plain = plain[part] if part < len(plain) else None
        else:
            continue
        named = plain.get("id") if isinstance(part, int) and isinstance(plain, dict) else None
        told.append(str(named or part))
    return ".".join(told) or "(whole file)"


def _keys(kind: Any, at: tuple[str | int, ...]) -> list[str]:
    """The keys that are valid at a place of a declaration, none where its values are no models."""
    for part in at:
        kind = _plain(kind)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            kind = {field.alias or name: field.annotation for name, field in kind.model_fields.items()}.get(str(part))
        else:
            kind = get_args(kind)[-1] if get_origin(kind) in (dict, Mapping) else next(iter(get_args(kind)), None)
    kind = _plain(kind)
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return []
    return [field.alias or name for name, field in kind.model_fields.items()]


def _plain(annotation: Any) -> Any:
    """An annotation without its constraints and its ``| None``."""
    while get_origin(annotation) not in (None, dict, Mapping, tuple, list):
        options = get_args(annotation)[:1] if get_origin(annotation) is Annotated else get_args(annotation)
        annotation = next((option for option in options if option is not NoneType), None)
    return annotation
