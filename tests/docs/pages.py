"""Every page of the documentation, and what stands on it: blocks, commands, names, links."""

import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).resolve().parents[2]

_BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)  # one that belongs to an item of a list is indented
_SPAN = re.compile(r"(?<!`)`([^`]+)`(?!`)")
_LINK = re.compile(r"\]\((?!\w+:)([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
SHELL = ("sh", "bash", "console")


@dataclass(frozen=True)
class Page:
    """A Markdown file of the documentation."""

    file: Path

    def __str__(self) -> str:
        return self.file.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        return self.file.read_text(encoding="utf-8")

    @cached_property
    def prose(self) -> str:
        """The page without its blocks."""
        return _BLOCK.sub("", self.text)

    def blocks(self, *languages: str) -> list[str]:
        return [dedent(text) for _, language, text in _BLOCK.findall(self.text) if language in languages]

    def languages(self) -> set[str]:
        """What its blocks say they are in; "" where one says nothing."""
        return {language for _, language, _ in _BLOCK.findall(self.text)}

    def spans(self) -> list[str]:
        """What stands between backticks in its sentences and tables."""
        return [" ".join(span.split()) for span in _SPAN.findall(self.prose)]

    def links(self) -> list[str]:
        """The links that stay inside the project."""
        return _LINK.findall(self.prose)

    def anchors(self) -> set[str]:
        """Its headings as a link names them."""
        plain = (re.sub(r"[`*]|\]\([^)]*\)|\[", "", heading).strip().lower() for heading in _HEADING.findall(self.prose))
        return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}

    def typed(self, program: str) -> Iterator[list[str]]:
        """The words of every use of a program in its blocks."""
        lines = (line for block in self.blocks(*SHELL) for line in block.replace("\\\n", " ").splitlines())
        return _uses(program, lines)

    def named(self, program: str) -> Iterator[list[str]]:
        """The words of every use of a program in its sentences."""
        return _uses(program, self.spans())


def _uses(program: str, lines: Iterable[str]) -> Iterator[list[str]]:
    """What is left open with …, <word> or WORD is no use yet."""
    for line in lines:
        plain = line.removeprefix("$ ").partition("  #")[0].partition(" <<")[0].strip()
        if re.match(rf"{re.escape(program)} \S", plain) and not re.search(r"…|\.\.\.|<\w| [A-Z_]{3,}(?![=\w])", plain):
            yield shlex.split(plain)[1:]


def pages() -> list[Page]:
    """Every page there is."""
    top = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    return [Page(file) for file in (*top, *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs" / "adr").glob("*.md")))]
