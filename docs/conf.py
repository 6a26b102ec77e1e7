"""How the documentation becomes a site: ``make docs`` writes docs/_build/index.html, which opens without a network.

The pages are plain Markdown that a forge shows as well, so what only a site needs (navigation, links that lead out of it) is
added here while they are read.
"""

import re
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]

project = "Suki"
author = copyright = "the Suki authors"  # noqa: A001 - Sphinx's name
extensions = ["myst_parser"]
include_patterns = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/*.md", "docs/adr/*.md"]
root_doc = "docs/index"
html_theme = "furo"
html_title = "Suki"
html_copy_source = False
html_show_sphinx = False
html_theme_options: dict[str, Any] = {"top_of_page_buttons": []}
myst_heading_anchors = 4
myst_links_external_new_tab = False
suppress_warnings = ["misc.highlighting_failure"]  # examples show messages and cut lines, not only whole programs

NAVIGATION = {
    "Begin": ["README", "docs/first-source", "docs/performance"],
    "Operate": ["docs/operations", "docs/cli", "docs/backfill", "docs/configuration", "docs/deployment"],
    "Sources and quality": ["docs/sources", "docs/source-registry", "docs/quality", "docs/audit"],
    "Customers": [
        "docs/cleaning",
        "docs/countries",
        "docs/matching",
        "docs/evaluation",
        "docs/profile",
        "docs/freshness",
        "docs/export",
        "docs/golden",
        "docs/stewards",
        "docs/warehouse",
        "docs/privacy",
    ],
    "Inside": [
        "docs/architecture",
        "docs/glossary",
        "docs/sample-world",
        "docs/adr/README",
        "CONTRIBUTING",
        "CHANGELOG",
    ],
}
"""Pages by what a reader is about; Sphinx refuses one that nobody named here."""

_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?:|mailto:|#)([^)#\s]+)(#[^)]*)?\)")


def _navigation() -> str:
    blocks = []
    for caption, pages in NAVIGATION.items():
        entries = "\n".join(f"/{page}" for page in pages)
        blocks.append(f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{entries}\n```\n")
    return "".join(blocks)


def _decisions() -> str:
    files = sorted(file.stem for file in (PROJECT / "docs" / "adr").glob("0*.md"))
    return "\n```{toctree}\n:hidden:\n\n" + "\n".join(files) + "\n```\n"


def _for_the_site(_app: Any, page: str, source: list[str]) -> None:
    """Add the navigation, and take the links to files that are no pages for the words they stand on."""
    here = (PROJECT / page).parent

    text = _LINK.sub(lambda found: _word(found, here), source[0])
    added = {root_doc: _navigation, "docs/adr/README": _decisions}.get(page)
    source[0] = text + (added() if added else "")


def _word(found: re.Match[str], here: Path) -> str:
    target = (here / found[2]).resolve()
    return found[0] if target.suffix == ".md" or not target.exists() else found[1]


def _front_door(app: Any, problem: Exception | None) -> None:
    """A page at the root of the site, since its map lies in docs/."""
    if problem is None:
        onward = f"0; url={root_doc}.html"
        door = f'<!doctype html><meta charset="utf-8"><title>Suki</title><meta http-equiv="refresh" content="{onward}">'
        Path(app.outdir, "index.html").write_text(door, encoding="utf-8")


def setup(app: Any) -> dict[str, bool]:
    """What Sphinx calls first."""
    app.connect("source-read", _for_the_site)
    app.connect("build-finished", _front_door)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
