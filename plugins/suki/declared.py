"""The declaration a step works by, read anew in every task: whoever mends it need not restart anything."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from include.errors import DeclarationError
from include.sources import Source, broken, declared, discover
from suki import connections

if TYPE_CHECKING:
    from include.sources.declaration import Trust


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
    """Which sources may only add to customers who are known; of one whose declaration is broken, what it was when it last ran."""
    from include.warehouse import registry

    _, lists = standing(declared())
    if wrong := set(broken()):
        with connections.warehouse("suki_resolve", "reading what the sources were declared to be") as warehouse:
            lists += sorted(wrong & registry.match_only(warehouse))
    return lists


def standing(sources: Mapping[str, Source]) -> "tuple[dict[str, Trust], list[str]]":
    """How far each source is trusted, and which of them may only add to customers who are known."""
    trust = {name: source.trust for name, source in sources.items()}
    return trust, [name for name, source in sources.items() if source.match_only]
