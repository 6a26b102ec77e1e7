from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from include.customer import CUSTOMER_FIELDS
from include.errors import DeclarationError
from include.golden.fields import GOLDEN, GOLDEN_COLUMNS
from include.golden.rules import DECLARATION, RULES, load, trust_in, units
from include.warehouse import tables
from suki.believing import Belief


def declared(tmp_path: Path, **changes: object) -> Path:
    raw = yaml.safe_load(DECLARATION.read_text())
    for place, value in changes.items():
        *parents, last = place.split("__")
        target = raw
        for parent in parents:
            target = target[parent]
        if value is None:
            del target[last]
        else:
            target[last] = value
    path = tmp_path / "survivorship.yml"
    path.write_text(yaml.safe_dump(raw))
    return path


def test_every_golden_field_has_exactly_one_rule():
    chosen = [field for fields, _, _ in units(load()) for field in fields]
    assert sorted(chosen) == sorted(GOLDEN)


def test_golden_fields_are_the_columns_of_the_golden_table():
    assert set(GOLDEN_COLUMNS) == {column.name for column in tables.customer.columns} - {"row_hash"}


def test_comparison_keys_and_staff_notes_do_not_survive():
    dropped = [field.name for field in CUSTOMER_FIELDS if field.name not in GOLDEN]
    assert dropped == ["given_key", "family_key", "email_keys", "house_number", "street_key", "note"]


@pytest.mark.parametrize("share", [-0.1, 1.5])
def test_a_flag_cannot_take_more_than_all_trust_or_add_to_it(tmp_path, share):
    with pytest.raises(DeclarationError, match=r"flags\.named\.lossy: should be (greater|less) than or equal to [01]"):
        load(declared(tmp_path, flags__named={"lossy": share}))


def test_every_flag_with_a_share_of_its_own_is_one_that_cleaning_gives():
    assert Belief.declared_now().rules == load()


def test_a_flag_that_no_value_gets_is_told_with_those_there_are(monkeypatch, tmp_path):
    changed = load(declared(tmp_path, flags__named={"lossy": 0.2, "order_swaped": 0.8}))
    monkeypatch.setattr("include.golden.rules.load", lambda: changed)
    with pytest.raises(
        DeclarationError, match=r"survivorship.yml: flags\.named\.order_swaped: no value gets this flag.*order_swapped"
    ):
        Belief.declared_now()


def test_name_parts_and_address_lines_are_declared_to_move_together():
    groups = load().groups
    assert set(groups["name"].fields) == {"full_name", "title", "given_name", "middle_name", "family_name", "name_suffix"}
    assert set(groups["address"].fields) == {"address_line", "city", "subdivision", "postcode", "country"}


@pytest.mark.parametrize(
    ("changes", "key", "valid"),
    [
        ({"extra": {}}, "extra", "groups"),
        ({"groups__name__weight": 3}, "groups.name.weight", "half_life"),
        ({"fields__nickname__rules": "longest"}, "fields.nickname.rules", "rule"),
        ({"flags__strict": True}, "flags.strict", "default"),
        ({"fields__shoe_size": {"rule": "longest"}}, "fields.shoe_size", "nickname"),
        ({"groups__name__fields": ["full_name", "shoe_size"]}, "groups.name.fields.shoe_size", "nickname"),
        ({"fields__nickname": {"rule": "loudest"}}, "fields.nickname.rule", "most_trusted"),
        ({"fields__nickname": {"rule": "union"}}, "fields.nickname.rule", "longest"),
        ({"fields__emails": {"rule": "longest"}}, "fields.emails.rule", "union"),
        ({"groups__address__core": ["nickname"]}, "groups.address.core.nickname", "postcode"),
        ({"groups__name__same_by": ["shoe_size"]}, "groups.name.same_by.shoe_size", "given_key"),
        ({"fields__emails": {"rule": "union", "same_by": ["given_key"]}}, "fields.emails.same_by", "email_keys"),
    ],
)
def test_a_wrong_declaration_names_file_key_and_valid_values(tmp_path, changes, key, valid):
    with pytest.raises(DeclarationError) as error:
        load(declared(tmp_path, **changes))
    assert error.value.file == "survivorship.yml"
    assert error.value.key == key
    assert valid in error.value.valid


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"fields__gender": None}, "no rule for gender"),
        ({"fields__city": {"rule": "longest"}}, "has 2 rules"),
        ({"fields__gender": {"rule": ["unanimous", "most_recent"]}}, "stands alone"),
        ({"fields__nickname": {"rule": "longest", "half_life": 0}}, "greater than 0"),
        ({"groups__name__rule": "most_restrictive"}, "needs an answer and its date"),
        ({"fields__nickname": {"rule": []}}, "at least 1"),
        ({"fields__nickname": {"rule": "longest", "same_by": ["given_key"]}}, "wants most_supported"),
    ],
)
def test_a_declaration_that_leaves_a_field_undecided_is_refused(tmp_path, changes, words):
    with pytest.raises(DeclarationError, match=words):
        load(declared(tmp_path, **changes))


def test_a_file_that_is_no_yaml_is_refused_by_line(tmp_path):
    path = tmp_path / "survivorship.yml"
    path.write_text("groups:\n  name: [\n")
    with pytest.raises(DeclarationError, match="line 3: is no YAML: did not find expected node content"):
        load(path)


def test_every_rule_is_explained_where_rules_are_declared():
    header = DECLARATION.read_text().split("groups:\n")[0]
    assert [rule for rule in RULES if f"# {rule}" not in header.replace("min, max", "min\n# max")] == []


def test_trust_falls_back_to_the_sources_default():
    declared = SimpleNamespace(default=0.5, fields={"emails": 0.9})
    assert trust_in({"default": 0.5, "fields": {"emails": 0.9}}, "emails") == 0.9
    assert trust_in({"default": 0.5}, "emails") == 0.5
    assert trust_in(declared, "emails") == 0.9
    assert trust_in(declared, "phones") == 0.5
