"""The standard is declared: a steward reads it, a mistake in it is a sentence, and whatever changes a value has a reason."""

import csv
import json
from pathlib import Path

import pytest
import yaml

from include.cleaning import reasons, standards
from include.cleaning.frames import clean_rows
from include.customer import FIELDS
from include.errors import DeclarationError

from .factory import HABITS, mapped

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "cleaning.md").read_text(encoding="utf-8")
DECLARED = yaml.safe_load(standards.FILE.read_text(encoding="utf-8"))


def wrong(tmp_path, change):
    declared = json.loads(json.dumps(DECLARED))
    change(declared)
    file = tmp_path / "standards.yml"
    file.write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")
    with pytest.raises(DeclarationError) as caught:
        standards.load(file)
    return str(caught.value)


def put(declared, kind, n, **changes):
    declared[kind][n] |= changes


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda d: d.update(onwer="me"), "onwer: is no key here. Valid: owner, version"),
        (lambda d: d.pop("owner"), "owner: is missing"),
        (lambda d: put(d, "customers", 0, cleanr="x"), "customers.0.cleanr: is no key here. Valid: cleaner, fields"),
        (lambda d: put(d, "customers", 0, cleaner="x"), "customers.0.cleaner: there is no cleaner 'x'. Valid: address"),
        (lambda d: put(d, "interactions", 0, fields=["x"]), "interactions.0.fields: 'x' is no canonical field of inter"),
        (lambda d: put(d, "customers", 6, fields=["gender"]), "birthday cannot clean 'gender'. Valid: birth_date"),
        (lambda d: put(d, "customers", 2, fields=["phones"]), "contacts fills these together. Valid: emails, phones"),
        (lambda d: put(d, "customers", 3, evidence={"phones": 1}), "needs a confidence for each kind of evidence"),
        (lambda d: put(d, "customers", 3, evidence={"phones": 2}), "evidence.phones: should be less than or equal"),
        (lambda d: d["customers"].insert(0, d["customers"].pop(4)), "names needs what infer_country settles; put it below"),
        (lambda d: put(d, "customers", 2, cleaner="mentions"), "mentions is only for interactions"),
        (lambda d: d["customers"].pop(), "customers: no cleaner for note; every canonical field needs one"),
    ],
)
def test_a_mistake_in_the_standard_is_one_sentence(tmp_path, change, sentence):
    said = wrong(tmp_path, change)
    assert sentence in said
    assert said.startswith("cleaning/standards.yml: ")


def test_the_page_shows_the_standard_as_it_is():
    standard = standards.load()
    assert f"Version {standard.version}, owned by `{standard.owner}`." in PAGE
    for kind in FIELDS:
        rows = [
            f"| {n} | {', '.join(f'`{name}`' for name in step.fields)} | `{step.cleaner}` | {step.does} |"
            for n, step in enumerate(standard.steps(kind), start=1)
        ]
        assert "\n".join(rows) in PAGE, kind


def test_the_page_explains_every_class_of_reasons():
    for name, meaning in reasons.table()["classes"].items():
        assert f"| `{name}` | {meaning} |" in PAGE


def test_whatever_is_changed_or_flagged_has_a_reason_in_plain_words():
    """Every value of the tables of cases in every field: a rule without a line in reasons.yml would be stored without one."""
    tables = (
        csv.DictReader(file.open(encoding="utf-8")) for file in (ROOT / "tests" / "unit" / "cleaning" / "tables").glob("*.csv")
    )
    texts = sorted({row["input"] for table in tables for row in table})
    unnamed = set()
    for kind in FIELDS:
        fields = [field for field in FIELDS[kind] if field.origin == "mapped"]
        rows = [
            {"scope": scope, **{field.name: [text] if field.type == "texts" else text for field in fields}}
            for text in texts
            for scope in ("MNL01", None)
        ]
        for entries in clean_rows(mapped(kind, *rows), kind, HABITS).frame["changes"].dropna():
            unnamed |= {(entry["field"], entry["rule"]) for entry in json.loads(entries) if entry["reason"] is None}
    assert unnamed == set(), "give each of these rules a line in include/cleaning/reasons.yml"


def test_a_changed_cleaner_is_another_cleaning(tmp_path, monkeypatch):
    before = standards.fingerprint()
    (tmp_path / "cleaning").mkdir()
    monkeypatch.setattr(standards, "HERE", tmp_path / "cleaning")
    (tmp_path / "cleaning" / "names.py").write_text("one", encoding="utf-8")
    standards.fingerprint.cache_clear()
    one = standards.fingerprint()
    (tmp_path / "cleaning" / "names.py").write_text("other", encoding="utf-8")
    standards.fingerprint.cache_clear()
    other = standards.fingerprint()
    standards.fingerprint.cache_clear()
    assert len({before, one, other}) == 3
