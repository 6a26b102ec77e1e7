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


def test_a_floor_for_a_level_that_is_none_is_refused(declared):
    declared["comparisons"]["birth_date"]["household_at_least"] = {"decade": 0.5}
    error = refused(declared)
    assert (error.key, "year" in error.valid) == ("comparisons.birth_date.household_at_least", True)


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


NAMED_WRONGLY = [
    # what somebody writes, the key the error names, one of the valid names it gives
    (lambda m: m["vetoes"][0].update(when={"sufix": ["different"]}), "vetoes.two generations", "suffix"),
    (lambda m: m["vetoes"][1].update(unless={"email": ["equal"]}), "vetoes.a generation on one side only", "exact"),
    (lambda m: m["training"]["certain"].append(["names", "shoe_size"]), "training.certain.8", "birth_date"),
    (lambda m: m.update(echoes=["contry:from_phone"]), "echoes", "country"),
    (lambda m: m["comparisons"]["given"].update(tells="family"), "comparisons.given.tells", "household"),
    (lambda m: m["comparisons"]["given"].update(frequency="often"), "comparisons.given.frequency", "holders"),
    (lambda m: m["comparisons"]["given"]["levels"][0].update(n=0.1), "comparisons.given.levels.0.n", "m"),
    (lambda m: m["vetoes"][0].update(wen={}), "vetoes.0.wen", "when"),
    (lambda m: m["blocking"][0].update(caps=9), "blocking.0.caps", "cap"),
    (lambda m: m["training"].update(sed=1), "training.sed", "seed"),
    (lambda m: m["clustering"].update(biggest=1), "clustering.biggest", "largest"),
    (lambda m: m["nobodys"].update(people=1), "nobodys.people", "persons"),
]


@pytest.mark.parametrize(("wrong", "key", "valid"), NAMED_WRONGLY)
def test_whatever_is_named_wrongly_is_told_with_the_names_there_are(declared, wrong, key, valid):
    wrong(declared)
    error = refused(declared)
    assert error.key == key
    assert valid in error.valid


SENSELESS = [
    (lambda m: m["blocking"][0].update(cap=-50), "blocking.0.cap"),
    (lambda m: m["blocking"][0].update(keys=[]), "blocking.0.keys"),
    (lambda m: m["blocking"][0].update(keys=["city", "city"]), "blocking.loyalty card"),
    (lambda m: m["blocking"][1].update(rule="loyalty card"), "blocking.loyalty card"),
    (lambda m: m.update(blocking=[]), "blocking"),
    (lambda m: m.update(comparisons={}), "comparisons"),
    (lambda m: m["comparisons"]["given"].update(levels=[]), "comparisons.given.levels"),
    (lambda m: m["comparisons"]["given"]["levels"][0].update(m=0), "comparisons.given.levels.0.m"),
    (lambda m: m["comparisons"]["given"]["levels"][0].update(m=float("nan")), "comparisons.given.levels.0.m"),
    (lambda m: m["comparisons"]["given"].update(different_at_least=0.2), "comparisons.given.different_at_least"),
    (lambda m: m["vetoes"][0].update(when={}), "vetoes.0.when"),  # it would part every pair
    (lambda m: m["vetoes"][0].update(when={"suffix": []}), "vetoes.0.when.suffix"),
    (lambda m: m["vetoes"][1].update(veto="two generations"), "vetoes.two generations"),
    (lambda m: m["training"]["certain"].append([]), "training.certain.8"),
    (lambda m: m["training"].update(iterations=-1), "training.iterations"),
    (lambda m: m["thresholds"].update(match=float("inf")), "thresholds.match"),
    (lambda m: m["clustering"].update(largest=-300), "clustering.largest"),
    (lambda m: m["clustering"].update(merge_above=float("nan")), "clustering.merge_above"),
    (lambda m: m["clustering"].pop("floor"), "clustering.floor"),
    (lambda m: m["nobodys"].update(persons=-8), "nobodys.persons"),
    (lambda m: m.update(pairs_at_once=-1), "pairs_at_once"),
    (lambda m: m.update(vetoes="none"), "vetoes"),
]


@pytest.mark.parametrize(("wrong", "key"), SENSELESS)
def test_what_makes_no_sense_is_refused_where_it_stands(declared, wrong, key):
    wrong(declared)
    assert refused(declared).key == key


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("comparisons: [\n", "line 2"),
        ("pairs_at_once: 1\npairs_at_once: 2\n", "line 2"),
        ("", "(whole file)"),
        ("- a\n", "(whole file)"),
    ],
)
def test_a_file_that_is_no_declaration_says_where(tmp_path, text, where):
    file = tmp_path / "model.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DeclarationError) as error:
        load(file)
    assert (error.value.file, error.value.key) == ("model.yml", where)


def test_every_declared_echo_is_a_flag_that_cleaning_sets():
    """The rooms do not know one another, so only here can the two declarations be held against each other."""
    from include.cleaning.reasons import table

    assert {echo.partition(":")[2] for echo in load().echoes} <= set(table()["rules"])
