"""``make pictures``: draw every picture anew, and write the register of sources."""

from collections.abc import Callable, Mapping
from pathlib import Path

from drawing import dags, graph, registry, rooms, tables

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "pictures"


def _dags() -> str:
    from include.sources import discover

    return dags.dot(dags.read_dags(ROOT), discover())


def _tables() -> str:
    from include.warehouse.tables import metadata

    return tables.dot(metadata)


PICTURES: Mapping[str, tuple[str, Callable[[], str]]] = {
    "rooms": (rooms.TITLE, lambda: rooms.dot(ROOT)),
    "dags": (dags.TITLE, _dags),
    "tables": (tables.TITLE, _tables),
}
"""File name to title and what draws it."""

REGISTRY = ROOT / "docs" / "source-registry.md"


def register() -> str:
    """The register of sources as the declarations have it."""
    from include.sources import declared

    return registry.page(declared())


if __name__ == "__main__":
    REGISTRY.write_text(register(), encoding="utf-8")
    print("docs/source-registry.md")
    for name, (title, dot) in PICTURES.items():
        graph.render(dot(), title, FOLDER / f"{name}.svg")
        print(f"docs/pictures/{name}.svg")
