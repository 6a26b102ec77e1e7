"""Who imports whom: the rooms of the project, as import-linter's own reader of imports sees them."""

import ast
import inspect
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path

import grimp

from drawing.graph import PAPER, cluster, edge, folded, graph, node, titled

TITLE = "The rooms of Suki and who imports whom"
ROOTS = ("include", "suki", "local", "sample")
_SHARED = "what all rooms share"
_CORE = "include"


def dot(root: Path) -> str:
    """The picture's graph.

    Args:
        root: The project; its ``pyproject.toml`` names the libraries whose users are watched.
    """
    found = grimp.build_graph(*ROOTS, include_external_packages=True, cache_dir=None)
    watched = _watched_libraries(root)
    uses: dict[str, set[str]] = defaultdict(set)
    arrows: set[tuple[str, str]] = set()
    for module in sorted(found.modules):
        if module.split(".")[0] not in ROOTS:
            continue
        for imported in found.find_modules_directly_imported_by(module):
            package = imported.split(".")[0]
            if package in ROOTS:
                arrows.add((_room(module), _room(imported)))
            elif package in watched:
                uses[_room(module)].add(package)
    for imported in _imported_by_dags(root / "dags"):
        arrows.add(("dags", _room(imported)))
    rooms = {_room(module) for module in found.modules if module.split(".")[0] in ROOTS} - {_CORE}
    shared = sorted(module.split(".")[1] for module in found.modules if _room(module) == _SHARED)

    lines = [
        node("dags", titled("dags/", "the Dags, without logic"), fillcolor=PAPER["airflow"]),
        node("suki", _label("suki", "plugins/suki/", uses), fillcolor=PAPER["airflow"]),
        *cluster(
            "core",
            titled("include/", _meaning(_CORE)),
            [
                *(node(room, _label(room, f"{room.split('.')[1]}/", uses), fillcolor=PAPER["core"]) for room in _core(rooms)),
                node(_SHARED, titled("the words", "all rooms share:", *shared), fillcolor=PAPER["core"]),
            ],
        ),
        node("local", _label("local", "local/", uses)),
        node("sample", _label("sample", "sample/", uses)),
    ]
    lines += [edge(tail, head) for tail, head in sorted(arrows) if tail != head]
    lines += [edge("local", "sample", style="invis")]
    return graph(lines, rankdir="LR", nodesep="0.12", ranksep="0.4")


def _room(module: str) -> str:
    package, _, rest = module.partition(".")
    if package != _CORE or not rest:
        return package
    room = f"{package}.{rest.split('.')[0]}"
    return room if hasattr(import_module(room), "__path__") else _SHARED


def _core(rooms: Iterable[str]) -> list[str]:
    return sorted(room for room in rooms if room.startswith(f"{_CORE}."))


def _label(module: str, name: str, uses: dict[str, set[str]]) -> str:
    alone = [f"uses {', '.join(sorted(uses[module]))}"] if uses[module] else []
    return titled(name, *folded(_meaning(module), 38), *alone)


def _meaning(module: str) -> str:
    """The first line of the docstring, without the name it may begin with."""
    first = (inspect.getdoc(import_module(module)) or "").split("\n")[0].rstrip(".")
    name, colon, rest = first.partition(":")
    return rest.strip() if colon and name.split()[-1].lower() in module.lower() else first


def _watched_libraries(root: Path) -> set[str]:
    """Libraries that a contract of import-linter keeps to one room."""
    contracts = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    return {name for contract in contracts for name in contract.get("forbidden_modules", ())} - {*ROOTS}


def _imported_by_dags(folder: Path) -> Iterator[str]:
    """What the Dag files import of ours; they are files, not a package, so grimp does not see them."""
    for file in sorted(folder.glob("*.py")):
        for statement in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(statement, ast.ImportFrom) and (statement.module or "").split(".")[0] in ROOTS:
                yield str(statement.module)
