"""docs/sources.md is true: its example works as it stands there, and it explains every key there is."""

import json
import re
from pathlib import Path

import pytest

from include.batch import Window
from include.customer import CUSTOMER_FIELDS
from include.sources import discover, map_rows, read
from include.sources.declaration import (
    FORMS,
    Admission,
    Bulk,
    Child,
    Condition,
    Embed,
    FilePattern,
    Fold,
    Mapping,
    Pages,
    RateLimit,
    Request,
    Scope,
    Since,
    Source,
    Stream,
    Table,
    Trust,
    Volume,
)
from tests.unit.sources.factory import landed, plain

TEXT = (Path(__file__).parents[3] / "docs" / "sources.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", TEXT, flags=re.DOTALL)
    return found


def test_the_example_gives_what_the_page_says(tmp_path: Path):
    folder = tmp_path / "sources" / "kiosk"
    folder.mkdir(parents=True)
    (folder / "source.yml").write_text(block("yaml"), encoding="utf-8")
    file = tmp_path / "exports" / "kiosk" / "2026-08-03" / "members.csv"
    file.parent.mkdir(parents=True)
    file.write_text(block("csv"), encoding="utf-8")
    source = discover(tmp_path / "sources")["kiosk"]
    stream = source.streams["members"]
    deliveries = list(read(source, stream, Window.parse("2026-08-03", "2026-08-04"), tmp_path / "exports"))
    mapped, drift = map_rows(landed(deliveries, stream), source, stream)
    assert plain(mapped) == [json.loads(line) for line in block("json").splitlines()]
    assert (drift.fields, drift.notes) == ({}, {})


@pytest.mark.parametrize(
    "model",
    [
        *(Source, Admission, Trust, Scope, Stream, FilePattern, Fold, Embed, Condition, Mapping),
        *(Volume, Table, Child, Since, Pages, Bulk, Request, RateLimit),
    ],
)
def test_every_key_is_explained(model: type):
    keys = {field.alias or name for name, field in model.model_fields.items()}
    assert {key for key in keys if not re.search(rf"`{key}(: \w+)?`", TEXT)} == set()


def test_every_field_a_source_may_map_is_listed():
    listed = re.findall(r"^\| `(\w+)` \| (\w+) \| (.+) \|$", TEXT[TEXT.index("### Canonical fields") :], flags=re.MULTILINE)
    assert listed == [(field.name, field.type, field.meaning) for field in CUSTOMER_FIELDS if field.origin == "mapped"]


def test_every_form_of_mapping_has_its_line():
    forms = TEXT[TEXT.index("### Mappings") : TEXT.index("### Canonical fields")]
    assert re.findall(r"^\| `(\w+)` \|", forms, flags=re.MULTILINE) == list(FORMS)
