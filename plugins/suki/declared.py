"""The declaration a step works by, read anew in every task: whoever mends it need not restart anything."""

from typing import TYPE_CHECKING

from include.errors import DeclarationError
from include.sources import Source, broken, declared, discover
from suki import connections

if TYPE_CHECKING:
    from sqlalchemy import Connection


def source_named(name: str) -> Source:
    """The declared source.

    Raises:
        DeclarationError: It is gone, or became wrong after the Dag was made; says which key of which file.
    """
    sources = discover()
    if name in sources:
        return sources[name]
    problem = broken().get(name)
    raise problem or DeclarationError(f"include/sources/{name}/source.yml", "(whole file)", "is not there", sources)


def only_adding() -> list[str]:
    """The same, for a step that holds no connection."""
    with connections.warehouse("suki_resolve", "reading what the sources were declared to be") as warehouse:
        return lists_among(warehouse)


def lists_among(warehouse: "Connection") -> list[str]:
    """Which sources may only add to customers who are known; of one whose declaration is broken, what it was when it last ran."""
    from include.warehouse import registry

    lists = [name for name, source in declared().items() if source.match_only]
    if wrong := set(broken()):
        lists += sorted(wrong & registry.match_only(warehouse))
    return lists
