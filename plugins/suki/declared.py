"""The declaration a step works by, read anew in every task: whoever mends it need not restart anything."""

from include.errors import DeclarationError
from include.sources import Source, broken, discover


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
