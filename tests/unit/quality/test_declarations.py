"""A suite that is wrong says where, what and what would be right."""

import pytest
import yaml

from include.errors import DeclarationError
from include.quality import Gate, check_additions, load_suite, of_readings
from include.quality.declared import ROW_TYPES
from include.quality.frames import GOLDEN_COLUMNS
from tests.unit.quality.factory import FACTS

GOOD = {
    "id": "card_form",
    "type": "expect_column_values_to_match_regex",
    "kwargs": {"column": "loyalty_ids", "regex": "^L"},
    "level": "row",
    "reason": "Cards that are not ours match nobody",
}


def load_with(folder, **sections):
    (folder / "cleaned_customers.yml").write_text(yaml.safe_dump({"suite": "cleaned_customers", **sections}, sort_keys=False))
    return load_suite("cleaned_customers", folder)


def error_of(folder, **sections) -> DeclarationError:
    with pytest.raises(DeclarationError) as caught:
        load_with(folder, **sections)
    return caught.value


def test_additions_join_the_shared_suite(tmp_path):
    suite = load_with(tmp_path, expectations=[GOOD], max_quarantined_share=0.2)
    shared = load_suite("cleaned_customers")
    assert {e.id for e in suite.expectations} - {e.id for e in shared.expectations} == {"card_form"}
    assert {e.id for e in shared.expectations} <= {e.id for e in suite.expectations}
    assert suite.expectations[-1].kwargs["max_value"] == 0.2


def test_a_source_without_additions_has_the_shared_suite(tmp_path):
    assert load_suite("golden", tmp_path / "none") == load_suite("golden")


def test_an_expectation_for_another_stream_is_left_out(tmp_path):
    (tmp_path / "landed.yml").write_text(
        yaml.safe_dump(
            {"suite": "landed", "expectations": [{**GOOD, "kwargs": {"column": "scope", "regex": "x"}, "streams": ["leads"]}]}
        )
    )
    assert "card_form" in {e.id for e in load_suite("landed", tmp_path, stream="leads").expectations}
    assert "card_form" not in {e.id for e in load_suite("landed", tmp_path, stream="profiles").expectations}


@pytest.mark.parametrize(
    ("change", "key", "valid"),
    [
        ({"sevrity": "warning"}, "expectations.card_form.sevrity", "severity"),
        ({"severity": "fatal"}, "expectations.card_form.severity", "warning"),
        ({"level": "table"}, "expectations.card_form.level", "batch"),
        ({"type": "expect_column_values_to_be_unique"}, "expectations.card_form.type", "expect_column_values_to_be_between"),
        ({"kwargs": {"column": "loyalty_id", "regex": "x"}}, "expectations.card_form.kwargs", "loyalty_ids"),
        ({"where": {"colum": "deleted"}}, "expectations.card_form.where.colum", "column"),
        ({"broken_by": {"value": {"country": None}}}, "expectations.card_form.broken_by.value", "values"),
        ({"broken_by": {"values": {"contry": None}}}, "expectations.card_form.broken_by", "country"),
        ({"level": "batch"}, "expectations.card_form.kwargs", "quarantined_share"),
        ({"kwargs": {"regex": "^L"}}, "expectations.card_form.kwargs", "column"),
        ({"kwargs": {"column": ["country"], "regex": "^L"}}, "expectations.card_form.kwargs", ""),
        ({"kwargs": {"column_A": {}, "column_B": "country"}}, "expectations.card_form.kwargs", ""),
        ({"kwargs": {"column_list": "country"}}, "expectations.card_form.kwargs", ""),
        ({"kwargs": {"column_list": [["country"]]}}, "expectations.card_form.kwargs", ""),
        ({"kwargs": {"column": "country", "regex": {"fact": "moon"}}}, "expectations.card_form.kwargs", ""),
    ],
)
def test_a_wrong_key_or_value_is_named_with_the_valid_ones(tmp_path, change, key, valid):
    error = error_of(tmp_path, expectations=[{**GOOD, **change}])
    assert error.file.endswith("cleaned_customers.yml")
    assert error.key == key
    assert valid in ("", *error.valid)


@pytest.mark.parametrize(
    ("sections", "key"),
    [
        ({"derived": {"late": {"days_between": ["a"]}}}, "derived.late.days_between.1"),
        ({"measures": {"bare": {"value_share": {"column": "country", "values": [[]]}}}}, "measures.bare.value_share.values.0"),
        ({"expectation": []}, "expectation"),
        ({"measures": {"m": {"null_shre": "country"}}}, "measures.m.null_shre"),
        ({"measures": {"m": {"null_share": "contry"}}}, "measures.m"),
        ({"measures": {"m": {"null_share": "country", "distinct": "country"}}}, "measures.m"),
        ({"measures": {"m": {"share_of": ["later", "rows"]}, "later": {"distinct": "country"}}}, "measures.m"),
        ({"measures": {"rows": {"distinct": "country"}}}, "measures.rows"),
        ({"measures": {"regionless": {"distinct": "country"}}}, "measures.regionless"),
        ({"derived": {"city": {"length": "city"}}}, "derived.city"),
        ({"derived": {"d": {"length": "ctiy"}}}, "derived.d"),
        ({"expectations": [GOOD, GOOD]}, "expectations.card_form"),
        ({"expectations": [{**GOOD, "learned": {"tolerance": 0.5}}]}, "expectations.card_form.learned"),
        ({"expectations": [{**GOOD, "learned": {"tolerence": 0.5}}]}, "expectations.card_form.learned.tolerence"),
        ({"expectations": [{**GOOD, "id": "phone_e164"}]}, "expectations.phone_e164"),
        ({"expectations": [{**GOOD, "id": "columns_present"}]}, "expectations.columns_present"),
        ({"expectations": [{**GOOD, "kwargs": {**GOOD["kwargs"], "mostly": 0.9}}]}, "expectations.card_form.kwargs.mostly"),
        ({"expectations": [{**GOOD, "type": "expect_column_values_to_not_be_null", "kwargs": {"column": "emails"}}]},
         "expectations.card_form.kwargs"),
        ({"expectations": [{**GOOD, "level": "batch", "kwargs": {"column": "rows", "regex": "x"}, "mostly": 0.5}]},
         "expectations.card_form"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_refused(tmp_path, sections, key):
    assert error_of(tmp_path, **sections).key == key


def test_broken_yaml_is_named_by_line(tmp_path):
    (tmp_path / "golden.yml").write_text("suite: golden\nexpectations: [\n")
    with pytest.raises(DeclarationError, match=r"golden\.yml: line \d"):
        load_suite("golden", tmp_path)


def test_a_key_that_stands_twice_is_refused(tmp_path):
    (tmp_path / "golden.yml").write_text("suite: golden\nmax_quarantined_share: 0.1\nmax_quarantined_share: 0.9\n")
    with pytest.raises(DeclarationError, match="line 3: the key 'max_quarantined_share' stands twice"):
        load_suite("golden", tmp_path)


def test_a_file_that_no_gate_reads_is_told(tmp_path):
    (tmp_path / "clean_customers.yml").write_text("suite: cleaned_customers\n")
    with pytest.raises(DeclarationError, match=r"clean_customers\.yml.*no gate reads this file.*cleaned_customers\.yml"):
        check_additions(tmp_path)


def test_an_unknown_suite_names_the_known_ones():
    with pytest.raises(DeclarationError, match="cleaned_customers"):
        load_suite("clean_customers")


def test_an_argument_great_expectations_refuses_is_named_before_a_row_is_judged(tmp_path):
    suite = load_with(tmp_path, expectations=[{**GOOD, "kwargs": {"column": "loyalty_ids", "regx": "^L"}}])
    with pytest.raises(DeclarationError, match=r"expectations\.card_form\.kwargs\.regx") as caught:
        Gate(suite, facts=FACTS)
    assert "regex" in caught.value.valid


def test_every_type_a_suite_may_name_is_one_great_expectations_has():
    from great_expectations.expectations.expectation import (
        ColumnMapExpectation,
        ColumnPairMapExpectation,
        MulticolumnMapExpectation,
    )
    from great_expectations.expectations.registry import get_expectation_impl

    row_wise = (ColumnMapExpectation, ColumnPairMapExpectation, MulticolumnMapExpectation)
    assert [name for name in ROW_TYPES if not issubclass(get_expectation_impl(name), row_wise)] == []


def test_the_golden_frame_is_the_golden_table():
    from include.warehouse.tables import customer

    assert set(GOLDEN_COLUMNS) == {column.name for column in customer.columns} - {"row_hash"}


def test_several_readings_are_held_to_everything_but_one_row_a_line():
    suite = load_suite("landed")
    kept = {rule.id for rule in of_readings(suite).expectations}
    assert kept == {rule.id for rule in suite.expectations} - {"one_row_a_line"}
    assert "one_row_a_line" in {rule.id for rule in suite.expectations}, "else nothing is left out"
