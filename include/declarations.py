"""How every declaration is read: as YAML whose mistakes are named by file and line, before anything looks at its keys."""

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from include.errors import DeclarationError


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # the C one is ten times as fast
    """YAML that takes no key twice: the second would silently win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key '{key}' stands twice", key_node.start_mark)
            seen.add(key)
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return mapping


def read_yaml(path: Path, shown: str) -> Any:
    """What stands in a declaration, parsed and not yet understood.

    Args:
        path: The file.
        shown: What a sentence calls it.

    Raises:
        DeclarationError: It is no YAML in UTF-8, or has a key twice; names the line.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506  # a SafeLoader by descent
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}" if error.problem_mark else "(whole file)"
        is_yaml = isinstance(error, yaml.constructor.ConstructorError)
        raise DeclarationError(shown, line, f"{error.problem}" if is_yaml else f"is no YAML: {error.problem}") from None
    except (yaml.YAMLError, UnicodeDecodeError, TypeError):  # TypeError: a key that is a list
        raise DeclarationError(shown, "(whole file)", "is no YAML in UTF-8") from None
