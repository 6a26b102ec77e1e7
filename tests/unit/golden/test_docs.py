import doctest
from pathlib import Path

from include.golden.rules import RULES

PAGE = Path(__file__).parents[3] / "docs" / "golden.md"


def test_the_examples_of_the_page_are_true():
    failed, tried = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert tried > 10
    assert failed == 0


def test_the_page_explains_every_rule():
    table = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert {rule for rule in RULES if not any(f"`{rule}`" in line.split("|")[1] for line in table)} == set()
