"""The pictures of the documentation show the code as it is."""

import pytest

from drawing.__main__ import FOLDER, PICTURES, REGISTRY, register
from drawing.graph import render, stamp, stamp_of


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_what_the_code_gives(name: str):
    _, dot = PICTURES[name]
    assert stamp_of(FOLDER / f"{name}.svg") == stamp(dot()), f"docs/pictures/{name}.svg is out of date: run `make pictures`"


def test_a_picture_is_drawn_and_carries_its_stamp(tmp_path):
    dot = 'digraph { "a" -> "b" [label="from a to b"] }'
    render(dot, "Two letters", tmp_path / "letters.svg")
    drawn = (tmp_path / "letters.svg").read_text(encoding="utf-8")
    assert stamp_of(tmp_path / "letters.svg") == stamp(dot) != stamp(dot.replace("b", "c"))
    assert "from a to b" in drawn


def test_the_register_of_sources_is_what_the_declarations_say():
    assert REGISTRY.read_text(encoding="utf-8") == register(), "docs/source-registry.md is out of date: run `make pictures`"
