"""``make docs`` ends with this: every link of the built site leads somewhere, and no page asks a network for its parts."""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_PARTS = {("script", "src"), ("img", "src"), ("link", "href"), ("iframe", "src"), ("source", "src"), ("object", "data")}
"""Tags a page is made of: these load when it opens."""


class _Page(HTMLParser):
    """What a page names, what it loads, and where it leads."""

    def __init__(self) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.parts: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value for name, value in attrs if value}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        for name, value in given.items():
            if (tag, name) in _PARTS and given.get("rel") not in {"canonical", "search"}:
                self.parts.append(value)
            elif (tag, name) == ("a", "href"):
                self.links.append(value)


def problems(site: Path) -> list[str]:
    """A sentence for every link that leads nowhere and every part that lies outside."""
    pages = {file.resolve(): _read(file) for file in sorted(site.rglob("*.html"))}
    if not pages:
        return [f"{site} holds no pages"]
    found = []
    for file, page in pages.items():
        name = file.relative_to(site.resolve())
        found += [f"{name} loads {part}, which is not part of the site" for part in page.parts if _outside(part)]
        for link in {*page.links, *page.parts}:
            address = urlsplit(link)
            if address.scheme or address.netloc:
                continue
            target = (file.parent / unquote(address.path)).resolve() if address.path else file
            if not target.exists():
                found.append(f"{name} leads to {link}, which is not there")
            elif address.fragment and target in pages and unquote(address.fragment) not in pages[target].anchors:
                found.append(f"{name} leads to {link}, and that page has no such heading")
    return sorted(found)


def _read(file: Path) -> _Page:
    page = _Page()
    page.feed(file.read_text(encoding="utf-8"))
    return page


def _outside(part: str) -> bool:
    address = urlsplit(part)
    return bool(address.netloc) or address.scheme not in {"", "data"}


if __name__ == "__main__":
    wrong = problems(Path(sys.argv[1]))
    print("\n".join(wrong), end="\n" if wrong else "", file=sys.stderr)
    sys.exit(bool(wrong))
