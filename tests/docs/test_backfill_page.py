"""docs/backfill.md is true: every command on it is understood as it stands there."""

import re
import shlex
from pathlib import Path

import pytest
import yaml
from airflow import api_fastapi
from airflow.cli.cli_parser import get_parser

from include.sources import discover
from local.backfill import AGAIN, WORDS, Request
from local.demo import INGESTS
from tests.docs.pages import ROOT, Page

PAGE = Page(ROOT / "docs" / "backfill.md")
COMMANDS = [line for block in PAGE.blocks("bash") for line in block.splitlines()]
MAKE = [line for line in COMMANDS if line.startswith("make backfill ")]
AIRFLOW = [line for line in COMMANDS if line.startswith("airflow ")]


def test_every_command_of_the_page_is_tested_here():
    assert sorted(COMMANDS) == sorted(MAKE + AIRFLOW)
    assert len(MAKE) >= 5
    assert len(AIRFLOW) >= 5


@pytest.mark.parametrize("line", MAKE)
def test_make_understands_its_recipes(line: str):
    request = Request.parse(shlex.split(line)[2:], discover())
    assert (request.last - request.first).days == 30, "a month, both ends included"


@pytest.mark.parametrize("line", AIRFLOW)
def test_airflow_understands_its_recipes(line: str):
    asked = get_parser().parse_args(shlex.split(line)[1:])
    assert asked.dag_id in INGESTS
    assert asked.func


def test_every_word_and_every_choice_is_explained():
    explained = re.findall(r"^\| (`.*?`) \|", PAGE.text, re.MULTILINE)
    assert {name for cell in explained for name in re.findall(r"`(\w+)`", cell)} == set(WORDS)
    (again,) = re.findall(r"^\| `AGAIN` \| (.*) \|$", PAGE.text, re.MULTILINE)
    assert set(AGAIN) <= set(re.findall(r"`(\w+)`", again))


def test_the_rest_calls_are_airflows():
    spec = Path(api_fastapi.__file__).parent / "core_api" / "openapi" / "v2-rest-api-generated.yaml"
    paths = yaml.load(spec.read_text(), yaml.CSafeLoader)["paths"]
    calls = re.findall(r"`(GET|PUT) (/api/v2/backfills[^`?]*)", PAGE.text)
    assert len(calls) == 4
    for method, path in calls:
        assert method.lower() in paths[re.sub(r"/\d+", "/{backfill_id}", path)]
