"""What the documentation names is there, and what it tells to type is understood."""

import argparse
import re
from functools import partial
from pathlib import Path

import pytest
import yaml

from include.quality import load_suite, suite_names
from include.sources.discovery import load
from local.settings import VARIABLES
from suki.doctor.checks import CHECKS
from tests.docs.pages import ROOT, SHELL, Page, pages

PAGES = pages()
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
VERBS = set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))
INVENTED = ("include/sources/kiosk", "include/sources/newsletter")
"""Sources that pages invent to show how one is made."""

every_page = pytest.mark.parametrize("page", PAGES, ids=str)


def test_what_is_looked_up_is_found_on_the_pages():
    """Else every test below had nothing to look at."""
    kinds = {
        "links": Page.links, "spans": Page.spans,
        "yaml": lambda page: page.blocks("yaml"), "sql": lambda page: page.blocks("sql"),
        **{f"typed {name}": partial(Page.typed, program=name) for name in ("make", "bin/suki", "airflow")},
        **{f"named {name}": partial(Page.named, program=name) for name in ("make", "suki", "airflow")},
    }  # fmt: skip
    assert [kind for kind, read in kinds.items() if not any(list(read(page)) for page in PAGES)] == []


@every_page
def test_every_link_leads_somewhere(page: Page):
    lost = []
    for link in page.links():
        path, _, anchor = link.partition("#")
        target = (page.file.parent / path).resolve() if path else page.file
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in Page(target).anchors()):
            lost.append(link)
    assert lost == []


@every_page
def test_every_file_it_names_is_there(page: Page):
    tops = "|".join(re.escape(entry.name) for entry in ROOT.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    named = [span for span in page.spans() if re.fullmatch(rf"(?:{tops})/[\w./*-]*", span) and not span.startswith(INVENTED)]
    assert [name for name in named if not list(ROOT.glob(name.rstrip("/")))] == []


@every_page
def test_every_verb_of_make_is_one(page: Page):
    known = {*VARIABLES, "PYTHON", *re.findall(r"\$\((\w+)\)", MAKEFILE), *_variables_of_backfill()}
    for words in [*page.typed("make"), *page.named("make")]:
        names = [word.partition("=")[0] for word in words if re.match(r"\w+=", word)]
        verbs = [word for word in words if not re.match(r"\w+=", word)]
        assert set(verbs) <= VERBS, f"make {' '.join(words)}: there is no such verb"
        assert set(names) <= known, f"make {' '.join(words)}: nothing reads that variable"


def _variables_of_backfill() -> set[str]:
    from local.backfill import WORDS

    return set(WORDS)


@every_page
def test_every_command_of_ours_is_understood(page: Page):
    from suki.cli import parser

    for program in ("suki", "bin/suki"):
        for words in page.typed(program):
            _understood(parser(), words)
        for words in page.named(program):
            _understood(parser(), [*words, "--help"])


@every_page
def test_every_command_of_airflow_is_understood(page: Page):
    checks = {check.name for check in CHECKS}  # `suki doctor` has some that look like commands
    typed = list(page.typed("airflow"))
    named = [[*words, "--help"] for words in page.named("airflow") if f"airflow {' '.join(words)}" not in checks]
    if typed or named:
        from airflow.cli.cli_parser import get_parser

        for words in [*typed, *named]:
            _understood(get_parser(), words)


def _understood(parser: argparse.ArgumentParser, words: list[str]) -> None:
    """An incomplete command that a sentence names is asked for its help, which is there for any that exists."""
    try:
        parser.parse_args(words)
    except SystemExit as end:
        if end.code:
            pytest.fail(f"`{' '.join(words)}` is not understood")


@every_page
def test_every_yaml_on_it_is_valid(page: Page, tmp_path: Path):
    for number, block in enumerate(page.blocks("yaml", "yml")):
        content = yaml.safe_load(block)
        if isinstance(content, dict) and "suite" in content:
            _add_to_suites(tmp_path / str(number), block, [content["suite"]])
        elif isinstance(content, list) and "level" in content[0]:
            _add_to_suites(tmp_path / str(number), f"expectations:\n{block}", suite_names())
        elif isinstance(content, dict) and "streams" in content and "onwer" not in content:
            folder = tmp_path / str(number) / "example"
            folder.mkdir(parents=True)
            (folder / "source.yml").write_text(block, encoding="utf-8")
            load(folder)


def _add_to_suites(folder: Path, addition: str, names: list[str]) -> None:
    """An addition that some of these suites take as it stands."""
    problems = []
    for name in names:
        place = folder / name
        place.mkdir(parents=True)
        head = "" if addition.startswith("suite:") else f"suite: {name}\n"
        (place / f"{name}.yml").write_text(head + addition, encoding="utf-8")
        try:
            load_suite(name, place)
        except Exception as problem:
            problems.append(str(problem))
        else:
            return
    pytest.fail("\n".join(problems))


@every_page
def test_a_block_says_what_language_it_is_in(page: Page):
    """One without a language is looked at by nobody: drawings and outputs are `text`."""
    assert page.languages() <= {"text", "sql", "yaml", "json", "csv", "python", *SHELL}


def test_the_map_leads_to_every_page():
    index = ROOT / "docs" / "index.md"
    linked = {(index.parent / link.partition("#")[0]).resolve() for link in Page(index).links()}
    assert {
        str(page) for page in PAGES if page.file not in linked and page.file != index and page.file.parent.name != "adr"
    } == set()


def test_the_decisions_are_all_listed_in_their_order():
    index = Page(ROOT / "docs" / "adr" / "README.md")
    assert index.links() == [file.name for file in sorted(index.file.parent.glob("0*.md"))]
