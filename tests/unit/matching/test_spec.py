"""The model's declaration fails at load, by file, key and valid names."""

import copy

import pytest
import yaml

from include.errors import DeclarationError
from include.matching.spec import LADDERS, MODEL_FILE, ModelSpec, load


@pytest.fixture
def declared():
    return copy.deepcopy(yaml.safe_load(MODEL_FILE.read_text(encoding="utf-8")))


def refused(declared):
    with pytest.raises(DeclarationError) as error:
        ModelSpec.parse(declared, "model.yml")
    return error.value


def test_the_shipped_model_compares_all_it_can():
    assert {comparison.compare for comparison in load().comparisons.values()} == set(LADDERS)


def test_an_unknown_key_is_named_with_the_valid_ones(declared):
    declared["comparisons"]["given"]["frequncy"] = "records"
    error = refused(declared)
    assert (error.file, error.key) == ("model.yml", "comparisons.given.frequncy")
    assert "frequency" in error.valid


def test_an_unknown_top_key_is_named_with_the_valid_ones(declared):
    declared["treshold"] = {}
    assert "thresholds" in refused(declared).valid


def test_an_unknown_level_is_named_with_the_ladder(declared):
    declared["comparisons"]["email"]["levels"][0]["level"] = "equal"
    error = refused(declared)
    assert error.key == "comparisons.email.levels"
    assert error.valid == LADDERS["emails"]


def test_an_unknown_comparison_is_named_with_the_valid_ones(declared):
    declared["comparisons"]["email"]["compare"] = "shoe_size"
    assert "phones" in refused(declared).valid


def test_a_ladder_out_of_order_is_refused(declared):
    declared["comparisons"]["email"]["levels"].reverse()
    assert "strongest first" in str(refused(declared))


def test_an_unknown_part_of_a_key_is_named_with_the_valid_ones(declared):
    declared["blocking"][0]["keys"] = ["shoe_size"]
    assert "loyalty_id" in refused(declared).valid


def test_a_veto_on_an_unknown_level_is_refused(declared):
    declared["vetoes"][0]["when"] = {"suffix": ["other"]}
    assert refused(declared).valid == ("exact", "one_side", "different")


def test_a_wrong_value_is_refused_without_being_repeated(declared):
    declared["thresholds"]["match"] = "high"
    error = refused(declared)
    assert error.key == "thresholds.match"
    assert "high" not in str(error)


def test_a_level_left_out_falls_to_the_next_below(declared):
    from tests.unit.matching.factory import levels

    declared["comparisons"]["given"]["levels"] = [
        level for level in declared["comparisons"]["given"]["levels"] if level["level"] not in {"nickname", "close"}
    ]
    spec = ModelSpec.parse(declared, "model.yml")
    one, other = {"given_key": "michael", "family_key": "berg"}, {"given_key": "micheal", "family_key": "berg"}
    assert levels(one, other, spec)["given"] == "part"
