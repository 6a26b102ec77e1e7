"""Looks the pictures share: a graph in Graphviz's language, and its rendering with a stamp of what it was drawn from."""

import hashlib
import html
import re
from collections.abc import Iterable
from pathlib import Path

INK, FAINT = "#1f2933", "#7b8794"
PAPER = {"core": "#e3f2ec", "airflow": "#e6eefb", "outside": "#fdf1dc", "plain": "#f5f7fa"}
"""Fills by meaning: the core, what speaks Airflow, what lies outside, everything else."""

_STAMP = re.compile(r"<!-- drawn from ([0-9a-f]{64}) -->")


def graph(lines: Iterable[str], **looks: str) -> str:
    """A whole graph: the lines of it under the common looks."""
    settings = {"bgcolor": "white", "fontname": "Helvetica", "fontsize": "11", "pad": "0.15", **looks}
    text = {"fontcolor": INK, "fontname": "Helvetica"}
    box = {"shape": "box", "style": "filled,rounded", "color": FAINT, "fillcolor": PAPER["plain"], "margin": "0.12,0.06"}
    head = [
        f"graph [{_attributes(settings)}]",
        f"node [{_attributes({**box, **text, 'fontsize': '11'})}]",
        f"edge [{_attributes({**text, 'color': FAINT, 'fontsize': '9', 'arrowsize': '0.6'})}]",
    ]
    return "digraph suki {\n" + "".join(f"  {line}\n" for line in (*head, *lines)) + "}\n"


def node(name: str, label: str, **looks: str) -> str:
    """A node; a label in angle brackets is Graphviz's HTML."""
    return f"{quoted(name)} [{_attributes({'label': label, **looks})}]"


def edge(tail: str, head: str, **looks: str) -> str:
    """An arrow."""
    return f"{quoted(tail)} -> {quoted(head)} [{_attributes(looks)}]"


def cluster(name: str, label: str, lines: Iterable[str], **looks: str) -> list[str]:
    """A frame around some lines."""
    settings = {"label": label, "style": "rounded", "color": FAINT, "fontcolor": INK, "labeljust": "l", **looks}
    return [
        f"subgraph {quoted('cluster_' + name)} {{",
        *(f"  {key}={_value(value)}" for key, value in settings.items()),
        *(f"  {line}" for line in lines),
        "}",
    ]


def titled(title: str, *lines: str) -> str:
    """A label with a bold first line and small ones under it, flush left: readers' fonts differ in width from ours."""
    small = "".join(f'<font point-size="9">{_plain(line)}</font><br align="left"/>' for line in lines)
    return f'<<b>{_plain(title)}</b><br align="left"/>{small}>'


def folded(text: str, width: int) -> list[str]:
    """A sentence in lines of about this many letters."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + len(word) < width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def quoted(text: str) -> str:
    """A text as Graphviz takes it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def stamp(dot: str) -> str:
    """What tells one drawing's subject from another's: fonts and versions of Graphviz move lines, and do not change it."""
    return hashlib.sha256(dot.encode()).hexdigest()


def stamp_of(file: Path) -> str | None:
    """The stamp a picture carries."""
    found = _STAMP.search(file.read_text(encoding="utf-8")) if file.exists() else None
    return found[1] if found else None


def render(dot: str, title: str, file: Path) -> None:
    """Draw a graph into an SVG file."""
    import pygraphviz

    drawn = pygraphviz.AGraph(string=dot).draw(format="svg", prog="dot").decode("utf-8")
    body = drawn[drawn.index("<svg") :]
    body = body.replace("<title>suki</title>", f"<title>{_plain(title)}</title>", 1)
    body = body.replace('font-family="Helvetica', 'font-family="Helvetica,Arial,sans-serif')
    file.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- drawn from {stamp(dot)} -->\n{body}', encoding="utf-8")


def _plain(text: str) -> str:
    return html.escape(text, quote=False)


def _attributes(looks: dict[str, str]) -> str:
    return ", ".join(f"{key}={_value(value)}" for key, value in looks.items())


def _value(value: str) -> str:
    return value if value.startswith("<") and value.endswith(">") else quoted(value)
