"""A source is one folder; a wrong one says what is wrong, and stands in nobody's way."""

import json
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from include.customer import names
from include.errors import DeclarationError
from include.sources import Source, broken, discover, discovery, fingerprint
from include.sources.discovery import load
from tests.unit.sources.factory import DAY, declare, deliver, deliveries, mapped, stream


def wrong(root: Path, head: dict | None = None, **changes) -> DeclarationError:
    with pytest.raises(DeclarationError) as caught:
        load(declare(root, head, people=stream(**changes)))
    assert caught.value.file.endswith("kiosk/source.yml")
    return caught.value


def test_a_fifth_source_is_one_new_folder(tmp_path: Path):
    declare(tmp_path / "sources", people=stream(map={"full_name": "name", "phones": "tel"}))
    found = discover(root=tmp_path / "sources")
    assert list(found) == ["kiosk"]
    deliver(tmp_path, "people.csv", "id,name,tel\n7,Ana Cruz,0917 123 4567\n")
    (delivery,) = deliveries(tmp_path, found["kiosk"])
    (row,) = delivery
    frame, drift = mapped(found["kiosk"], dict(row.raw))
    assert delivery.file == f"kiosk/{DAY}/people.csv"
    assert frame.loc[0, ["record_id", "full_name", "phones"]].tolist() == ["7", "Ana Cruz", ["0917 123 4567"]]
    assert drift.fields == {}


def test_a_broken_source_is_named_and_the_others_still_load(tmp_path: Path):
    declare(tmp_path, name="sound")
    declare(tmp_path, name="cracked", people=stream(fromat="csv"))
    assert list(discover(tmp_path)) == ["sound"]
    assert list(broken(tmp_path)) == ["cracked"]


def test_a_folder_without_a_declaration_is_no_source(tmp_path: Path):
    (tmp_path / "readers").mkdir()
    assert discover(tmp_path) == {}
    assert broken(tmp_path) == {}


def test_a_wrong_key_names_file_key_and_the_valid_keys(tmp_path: Path):
    error = wrong(tmp_path, head={"ownr": "x"})
    assert error.key == "ownr"
    assert {"owner", "contact", "trust"} <= set(error.valid)
    assert "ownr: is no key here. Valid: title, description, owner" in str(error)


def test_trust_in_an_unknown_field_is_named_with_the_fields_there_are(tmp_path: Path):
    error = wrong(tmp_path, head={"trust": {"default": 0.5, "fields": {"shoe_size": 0.9}}})
    assert error.key == "trust.fields.shoe_size"
    assert {"full_name", "emails", "birth_date"} <= set(error.valid)


@pytest.mark.parametrize(
    ("head", "key", "says"),
    [
        ({"schedule": "at midnight"}, "schedule", "no cron expression. Valid: '0 3 * * *'"),
        ({"channel": "shop"}, "channel", "none of the known values. Valid: store, online"),
        ({"freshness_hours": 0}, "freshness_hours", "greater than or equal to 1"),
        ({"freshness_hours": "a day"}, "freshness_hours", "valid integer"),
        ({"lawful_basis": "marketing"}, "lawful_basis", "none of the known values. Valid: consent, contract"),
        ({"steward": ""}, "steward", "at least 1 character"),
    ],
)
def test_what_the_register_tells_of_a_source_has_a_form(tmp_path: Path, head: dict, key: str, says: str):
    error = wrong(tmp_path, head=head)
    assert error.key == key
    assert says in str(error)


@pytest.mark.parametrize(
    ("changes", "key", "valid"),
    [
        ({"fromat": "csv", "format": ...}, "streams.people.fromat", "format"),
        ({"files": [{"patern": "x"}]}, "streams.people.files.0.patern", "pattern"),
        ({"map": {"emails": {"pth": "mail"}}}, "streams.people.map.emails.pth", "path"),
        ({"map": {"emails": {"all_of": ["a", {"pth": "mail"}]}}}, "streams.people.map.emails.all_of.1.pth", "with"),
        ({"fold": {"children": "x"}}, "streams.people.fold.children", "parent"),
        ({"embed": [{"from": "x"}]}, "streams.people.embed.0.from", "list"),
        ({"deleted": {"pth": "x"}}, "streams.people.deleted.pth", "equals"),
    ],
)
def test_a_wrong_key_is_named_at_any_depth(tmp_path: Path, changes: dict, key: str, valid: str):
    error = wrong(tmp_path, **changes)
    assert error.key == key
    assert valid in error.valid


@pytest.mark.parametrize(
    ("value", "key", "says"),
    [
        ({"path": "name", "values": {"n/a": []}}, "streams.people.map.full_name.values.n/a", "must be a text; put it in quotes"),
        ({"path": "name", "values": [1]}, "streams.people.map.full_name.values", "must be keys with values"),
        (7, "streams.people.map.full_name", "must be keys with values. Valid: path, first_of,"),
    ],
)
def test_a_value_of_another_kind_is_named_where_it_stands(tmp_path: Path, value: Any, key: str, says: str):
    error = wrong(tmp_path, map={"full_name": value})
    assert error.key == key
    assert says in str(error)


def test_a_mapping_to_an_unknown_field_lists_the_fields(tmp_path: Path):
    error = wrong(tmp_path, map={"e_mail": "mail"})
    assert error.key == "streams.people.map.e_mail"
    assert list(error.valid) == names("customers", "mapped")


@pytest.mark.parametrize("name", ["No Name", "People", "../people", "7"])
def test_a_stream_that_can_stand_in_no_name_is_refused(tmp_path: Path, name: str):
    with pytest.raises(DeclarationError) as caught:
        load(declare(tmp_path, **{name: stream()}))
    assert caught.value.key == f"streams.{name}"
    assert "cannot name a stream. Valid: small letters, digits and _" in str(caught.value)


def test_what_only_a_cleaner_fills_cannot_be_mapped(tmp_path: Path):
    assert wrong(tmp_path, map={"email_keys": "mail"}).key == "streams.people.map.email_keys"


@pytest.mark.parametrize(
    ("changes", "key", "says"),
    [
        ({"format": "xml"}, "format", "none of the known values"),
        ({"files": []}, "files", "needs one of files, table and request"),
        ({"updated_at": ...}, "updated_at", "is missing"),
        ({"required": ["x"], "format": "jsonl"}, "required", "csv, parquet and xlsx"),
        ({"space_after_delimiter": True, "format": "jsonl"}, "space_after_delimiter", "only for format csv"),
        ({"files": [{"pattern": "{date:%Y}/{shop}.csv"}]}, "files.0.pattern", "placeholder"),
        ({"files": [{"pattern": "../{date:%Y}/x.csv"}]}, "files.0.pattern", "below the source's folder"),
        ({"files": [{"pattern": "{date:%Y}/p_{scope}.csv"}]}, "files", "declares no scopes"),
        ({"encoding": "utf-9"}, "encoding", "no encoding"),
        ({"timezone": "Manila"}, "timezone", "no time zone"),
        ({"records": "users"}, "records", "format json"),
        ({"volume": {"least": 5, "most": 4}}, "volume.most", "less than volume.least"),
        ({"volume": {"least": -1}}, "volume.least", "greater than or equal to 0"),
        ({"map": {"full_name": {"path": "a", "value": "b"}}}, "map.full_name", "exactly one form"),
        ({"map": {"full_name": {"prefix": "b"}}}, "map.full_name", "exactly one form"),
        ({"format": "jsonl", "map": {"full_name": "a..b"}}, "map.full_name", "is no path"),
        ({"ignore": ["name"]}, "ignore.0", "mapped too"),
        ({"constants": {"full_name": "x"}}, "constants.full_name", "mapped too"),
        ({"map": {"full_name": {"path": "a", "values": {True: "x"}}}}, "map.full_name.values.1", "quotes"),
        ({"customer_stream": "people"}, "customer_stream", "only for interactions"),
        ({"kind": "interactions", "map": {"customer_key": "id"}}, "customer_stream", "go together"),
        (
            {"kind": "interactions", "map": {"customer_key": "id"}, "customer_stream": "x"},
            "customer_stream",
            "names no customers",
        ),
    ],
)
def test_what_does_not_fit_together_is_said(tmp_path: Path, changes: dict, key: str, says: str):
    error = wrong(tmp_path, **changes)
    assert error.key == f"streams.people.{key}"
    assert says in error.problem


@pytest.mark.parametrize(("country", "currency", "says"), [("Japan", "JPY", "such as PH."), ("JP", "yen", "such as PHP.")])
def test_a_code_that_is_none_is_told_what_one_looks_like(tmp_path: Path, country: str, currency: str, says: str):
    shop = {"name": "One", "country": country, "currency": currency, "timezone": "Asia/Tokyo", "date_order": "ymd"}
    assert str(wrong(tmp_path, head={"scopes": {"A1": shop}})).endswith(says)


@pytest.mark.parametrize(
    ("country", "currency", "key", "says"),
    [
        ("UK", "GBP", "scopes.S1.country", "is no country. Valid: a code of ISO 3166-1 such as PH; the United Kingdom's is GB"),
        ("GB", "UKP", "scopes.S1.currency", "is no currency"),
    ],
)
def test_a_code_of_nothing_is_refused_for_its_numbers_would_silently_be_nobodys(
    tmp_path: Path, country: str, currency: str, key: str, says: str
):
    scope = {"name": "S", "country": country, "currency": currency, "timezone": "Europe/London", "date_order": "dmy"}
    error = wrong(tmp_path, head={"scopes": {"S1": scope}}, files=[{"pattern": "{date:%Y-%m-%d}/p_{scope}.csv"}])
    assert error.key == key
    assert says in str(error)
    if key.endswith("country"):
        assert wrong(tmp_path, head={"default_country": country}).key == "default_country"


def test_a_yaml_slip_names_file_and_line(tmp_path: Path):
    file = declare(tmp_path) / "source.yml"
    file.write_text("title: Kiosk\nowner: [retail\ncontact: x\n", encoding="utf-8")
    (error,) = broken(tmp_path).values()
    assert error.file.endswith("kiosk/source.yml")
    assert error.key == "line 3"


def test_a_key_given_twice_is_an_error_not_a_silent_choice(tmp_path: Path):
    file = declare(tmp_path) / "source.yml"
    file.write_text(file.read_text() + "owner: somebody else\n", encoding="utf-8")
    (error,) = broken(tmp_path).values()
    assert "'owner' stands twice" in str(error)


@pytest.mark.parametrize("moment", ["2026-02-30", "2026-01-01T25:00:00Z"])
def test_a_date_that_is_none_names_file_and_line_and_stops_nobody(tmp_path: Path, moment: str):
    declare(tmp_path, name="sound")
    file = declare(tmp_path, name="cracked") / "source.yml"
    lines = file.read_text().count("\n")
    file.write_text(f"{file.read_text()}since: {moment}\n", encoding="utf-8")
    assert list(discover(tmp_path)) == ["sound"]
    (error,) = broken(tmp_path).values()
    assert error.key == f"line {lines + 1}"
    assert f"'{moment}' is no date or time" in str(error)


@pytest.mark.parametrize("number", [".nan", "-.inf"])
def test_a_number_without_an_end_is_none(tmp_path: Path, number: str):
    file = declare(tmp_path) / "source.yml"
    lines = file.read_text().count("\n")
    file.write_text(f"{file.read_text()}freshness_hours: {number}\n", encoding="utf-8")
    (error,) = broken(tmp_path).values()
    assert error.key == f"line {lines + 1}"
    assert f"'{number}' is no finite number" in str(error)


def test_a_declaration_that_cannot_be_read_says_so_and_stops_nobody(tmp_path: Path):
    declare(tmp_path, name="sound")
    (tmp_path / "cracked" / "source.yml").mkdir(parents=True)
    assert list(discover(tmp_path)) == ["sound"]
    (error,) = broken(tmp_path).values()
    assert str(error).endswith("cracked/source.yml: (whole file): is not there, or cannot be read.")


@pytest.mark.parametrize("content", ["", "- a\n", "just words\n"])
def test_a_file_that_is_no_declaration_says_so(tmp_path: Path, content: str):
    (declare(tmp_path) / "source.yml").write_text(content)
    assert [error.key for error in broken(tmp_path).values()] == ["(whole file)"]


def test_a_folder_that_cannot_name_a_dag_is_refused(tmp_path: Path):
    declare(tmp_path, name="Kiosk-2")
    assert [error.key for error in broken(tmp_path).values()] == ["(folder name)"]


def test_a_source_knows_its_folder_and_its_streams_their_scopes(tmp_path: Path):
    shop = {"name": "One", "country": "PH", "currency": "PHP", "timezone": "Asia/Manila", "date_order": "mdy"}
    folder = declare(
        tmp_path,
        {"scopes": {"A1": shop}},
        people=stream(files=[{"pattern": "{date:%Y-%m-%d}/p_{scope}.csv"}]),
        others=stream(),
    )
    source = load(folder)
    assert (source.name, source.folder, source.expectations) == ("kiosk", folder, folder / "expectations")
    assert {name: list(found.scopes) for name, found in source.streams.items()} == {"people": ["A1"], "others": []}
    assert [found.name for found in source.streams.values()] == ["people", "others"]


def test_a_declaration_cannot_be_changed_after_it_was_read(tmp_path: Path):
    with pytest.raises(ValueError, match="frozen"):
        load(declare(tmp_path)).title = "Other"


def test_a_dag_file_may_import_the_sources(tmp_path: Path):
    """Parsing a Dag file must stay quick: nothing heavy comes in with the declarations, and reading them takes no time."""
    code = (
        "import yaml, pydantic, sys, time, json; start = time.process_time()\n"
        "import include.sources; include.sources.discover(); include.sources.broken()\n"
        "heavy = {'pandas', 'numpy', 'pyarrow', 'ijson', 'airflow', 'sqlalchemy'} & set(sys.modules)\n"
        "print(json.dumps([time.process_time() - start, sorted(heavy)]))"
    )
    project = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True)
    seconds, heavy = json.loads(done.stdout)
    assert heavy == []
    assert seconds < 0.5  # 0.1 on an idle machine; a pandas import alone would take longer than this


@pytest.mark.parametrize(
    ("repair", "problem"),
    [
        ({"repair": "guess", "fields": ["phones"]}, "strip_prefix"),
        ({"repair": "placeholder", "fields": ["phnes"], "values": ["x"]}, "'phnes' is no canonical field of customers"),
        ({"repair": "placeholder", "fields": ["phones"]}, "placeholder needs values"),
        ({"repair": "strip_prefix", "fields": ["phones"], "values": ["p:"], "to": "left"}, "takes no when and no to"),
        ({"repair": "shifted", "fields": ["city"]}, "shifted needs two or more fields in the order of the file, when and to"),
        (
            {"repair": "shifted", "fields": ["city", "phones"], "to": "left", "when": {"field": "city", "matches": "x"}},
            "'phones' holds several texts",
        ),
        (
            {"repair": "shifted", "fields": ["city", "postcode"], "to": "left", "when": {"field": "city", "matches": "("}},
            "is no regular expression",
        ),
    ],
)
def test_a_wrong_repair_is_refused_with_its_key(tmp_path: Path, repair: dict, problem: str):
    error = wrong(tmp_path, repairs=[repair])
    assert error.key.startswith("streams.people.repairs.0")
    assert problem in str(error)


def test_a_changed_declaration_reads_otherwise_and_a_changed_contact_does_not(tmp_path: Path):
    first = fingerprint(load(declare(tmp_path / "a", people=stream())))
    assert fingerprint(load(declare(tmp_path / "b", {"contact": "other@suki.example"}, people=stream()))) == first
    assert fingerprint(load(declare(tmp_path / "c", people=stream(map={"full_name": "who"})))) != first


@pytest.mark.parametrize("changed", ["mapping.py", "readers/json_lines.py"])
def test_changed_code_reads_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str):
    source = load(declare(tmp_path / "a", people=stream()))
    shutil.copytree(discovery.HERE, tmp_path / "code")
    monkeypatch.setattr(discovery, "HERE", tmp_path / "code")
    before = fingerprint(source)
    with (tmp_path / "code" / changed).open("a") as code:
        code.write("# changed\n")
    assert fingerprint(source) != before


def test_the_repairs_shown_in_the_documentation_are_sound(tmp_path: Path):
    page = (Path(__file__).parents[3] / "docs" / "cleaning.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    repairs = yaml.safe_load(shown)["repairs"]
    loaded = load(declare(tmp_path, people=stream(repairs=repairs))).streams["people"].repairs
    assert {repair.repair for repair in loaded} == {"strip_prefix", "placeholder", "shifted"}


ADMISSION = {
    "provenance": "Example Data Ltd, order 7",
    "lawful_basis": "consent",
    "expires": date(2027, 6, 30),
    "suppression_checked": date(2026, 7, 28),
}
LISTED = {"files": [{"pattern": "{date:%Y-%m-%d}/people.csv", "mode": "snapshot"}]}


def listed(root: Path, admission: dict | None, **changes: Any) -> Source:
    head = {"origin": "third_party"} | ({"admission": admission} if admission is not None else {})
    return load(declare(root, head, people=stream(**{**LISTED, **changes})))


def test_a_third_partys_list_is_let_in_with_all_that_must_be_known_of_it(tmp_path: Path):
    assert listed(tmp_path, ADMISSION).match_only
    assert not listed(tmp_path, ADMISSION | {"match_only": False}).match_only


@pytest.mark.parametrize("missing", sorted(ADMISSION))
def test_a_third_partys_list_without_one_of_it_stays_outside(tmp_path: Path, missing: str):
    with pytest.raises(DeclarationError, match=rf"source\.yml: admission\.{missing}: is missing\."):
        listed(tmp_path, {key: value for key, value in ADMISSION.items() if key != missing})


@pytest.mark.parametrize(
    ("admission", "changes", "says"),
    [
        (None, {}, r"admission: is needed before a third party's list is let in\. Valid: provenance, lawful_basis, expires"),
        (ADMISSION | {"lawful_basis": "interest"}, {}, r"admission\.lawful_basis: is none of the known values\. Valid: consent"),
        (ADMISSION | {"expires": "next year"}, {}, r"admission\.expires: should be a valid date"),
        (ADMISSION | {"suppression_checked": date(2028, 1, 1)}, {}, r"suppression_checked: lies behind the day the list expires"),
        (ADMISSION, {"files": [{"pattern": "{date:%Y-%m-%d}/people.csv"}]}, r"files\.0\.mode: must be snapshot"),
        (ADMISSION, {"map": {"email_consent": "name"}}, r"map\.email_consent: cannot come from a third party's list"),
    ],
)
def test_what_a_third_partys_list_may_not_do_is_said(tmp_path: Path, admission: dict | None, changes: dict, says: str):
    with pytest.raises(DeclarationError, match=says):
        listed(tmp_path, admission, **changes)


def test_an_admission_is_only_for_a_third_partys_list(tmp_path: Path):
    with pytest.raises(DeclarationError, match="admission: is only for origin third_party"):
        load(declare(tmp_path, {"admission": ADMISSION}))
