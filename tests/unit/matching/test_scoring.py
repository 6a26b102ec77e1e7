"""Training and scoring: anchored, deterministic, explained to the last bit."""

import builtins
import json
import re
import sys

import numpy as np
import pandas as pd
import pytest
import yaml

from include.errors import DeclarationError, SukiError
from include.matching import Weights, block, cluster, explain, load_spec, score, train
from include.matching.explaining import total
from include.matching.spec import MODEL_FILE, ModelSpec
from tests.unit.matching.factory import EVERYWHERE, FAMILY, GIVEN, households, pairwise_f1, resolve, snapshot

SPEC = load_spec()


@pytest.fixture(scope="module")
def homes():
    frame, truth = households()
    weights, edges = resolve(frame)
    return frame, truth, weights, edges


def test_the_evidence_of_an_edge_adds_up_to_its_weight(homes):
    edges = homes[3]
    assert len(edges) > 100
    apart = [abs(total(evidence) - weight) for evidence, weight in zip(edges["evidence"], edges["weight"], strict=True)]
    assert max(apart) < 0.01


def test_the_evidence_can_be_read_and_ends_in_the_sum(homes):
    edge = homes[3].iloc[0]
    lines = explain(edge["evidence"])
    assert lines[0].startswith("prior")
    assert lines[-1] == f"together {edge['weight']:+.1f}"
    said = json.dumps(json.loads(edge["evidence"]))
    record = homes[0].set_index("record_id").loc[edge["record_a"]]
    assert not any(str(record[field]) in said for field in ("given_key", "family_key", "birth_date") if record[field])


def test_edges_are_ordered_pairs_of_match_and_review_with_their_model(homes):
    _, _, weights, edges = homes
    assert (edges["record_a"] < edges["record_b"]).all()
    assert set(edges["band"]) <= {"match", "review"}
    assert set(edges["model_version"]) == {weights.version}
    assert edges["weight"].min() >= SPEC.thresholds.review
    assert np.allclose(edges["probability"], 1 / (1 + 2.0 ** -edges["weight"]))
    assert set(edges["rule"]) <= {rule.rule for rule in SPEC.blocking}


def test_homes_do_not_turn_the_classes_round(homes):
    frame, truth, weights, edges = homes
    assert weights.notes == []
    for name, at_bottom in (("given", 1), ("birth_date", 1)):
        assert weights.chances[name]["match"][at_bottom] < weights.chances[name]["distinct"][at_bottom]
        assert weights.chances[name]["household"][at_bottom] > 5 * weights.chances[name]["match"][at_bottom]
    assert pairwise_f1(truth, cluster(frame, edges, None, SPEC, weights)) > 0.98


def test_one_phone_with_other_names_and_birth_dates_is_a_home_not_a_person(homes):
    _frame, _, weights, _ = homes
    shared = {"phones": ["+49309999999"], "family_key": "barberg", "house_number": "7", "street_key": "ring", "postcode": "10999"}
    mother = {**shared, "given_key": "olga", "birth_date": "1961-03-02"}
    son = {**shared, "given_key": "victor", "birth_date": "1990-11-25"}
    again = {**mother, "family_key": "barburg"}
    edges = score(more := snapshot(mother, son, again), block(more, SPEC, EVERYWHERE).frame, SPEC, weights)
    matched = {(edge.record_a[:8], edge.record_b[:8]) for edge in edges.itertuples() if edge.band == "match"}
    assert matched == {("00000000", "00000002")}


def test_rows_in_another_order_give_the_same_model_and_the_same_edges(homes):
    frame, _, weights, edges = homes
    shuffled = frame.sample(frac=1, random_state=5)
    again, edges_again = resolve(shuffled)
    assert again.version == weights.version
    columns = ["record_a", "record_b", "weight", "band", "rule", "evidence"]
    pd.testing.assert_frame_equal(edges_again[columns], edges[columns])
    clusters = cluster(frame, edges, None, SPEC, weights)
    clusters_again = cluster(shuffled, edges_again, None, SPEC, again)
    assert clusters_again.loc[frame.index].tolist() == clusters.tolist()


def test_new_record_ids_give_the_same_model(homes):
    frame, _, weights, _ = homes
    renamed = frame.assign(record_id=frame["record_id"].to_numpy()[::-1]).sort_values("record_id")
    assert train(renamed, SPEC).version == weights.version


def test_the_artefact_survives_json_and_its_version_is_its_content(homes):
    weights = homes[2]
    assert Weights.from_json(json.loads(json.dumps(weights.to_json()))).version == weights.version
    assert "-0.0" not in re.findall(r"-?[0-9.e-]+", json.dumps(weights.to_json()))  # a database has none
    changed = weights.to_json()
    changed["prior"]["match"] += 0.5
    assert Weights.from_json(changed).version != weights.version


@pytest.mark.parametrize("dtype_backend", ["numpy_nullable", "pyarrow", None])
def test_a_snapshot_read_back_from_the_lake_gives_the_same_edges(homes, tmp_path, dtype_backend):
    frame, _, weights, edges = homes
    frame.to_parquet(tmp_path / "snapshot.parquet")
    backend = {"dtype_backend": dtype_backend} if dtype_backend else {}
    read_back = pd.read_parquet(tmp_path / "snapshot.parquet", **backend)
    pairs = block(read_back, SPEC, EVERYWHERE).frame
    pd.testing.assert_frame_equal(score(read_back, pairs, SPEC, weights), edges)
    assert cluster(read_back, edges, None, SPEC, weights).tolist() == cluster(frame, edges, None, SPEC, weights).tolist()


def test_parts_of_any_size_give_the_same_edges(homes):
    frame, _, weights, edges = homes
    small = SPEC.model_copy(update={"pairs_at_once": 500})
    again = score(frame, block(frame, small, EVERYWHERE).frame, small, weights)
    pd.testing.assert_frame_equal(again, edges)


ANNA = {
    "given_key": "anna", "family_key": "berg", "email_keys": ["anna@x.org"], "phones": ["+4930123456"],
    "birth_date": "1980-02-03", "postcode": "10115", "city": "Berlin", "country": "DE",
}  # fmt: skip


@pytest.mark.parametrize(
    ("frame", "why", "customers"),
    [
        (snapshot(ANNA).iloc[:0], "fewer than two records", 0),
        (snapshot(ANNA), "fewer than two records", 1),
        (snapshot(*[{}] * 40), "only 0 pairs agree", 40),
        (snapshot(*[{"given_key": "anna", "family_key": "berg"}] * 5), "only 0 pairs agree", None),
        (snapshot(*[ANNA] * 40), "780 of all 780 pairs agree", 1),
        (snapshot(*[{"gender": "female"}] * 300), "only 0 pairs agree", 300),
    ],
    ids=["no record", "one record", "all null", "too few", "all equal", "nothing that tells people apart"],
)
def test_too_little_to_learn_from_falls_back_says_so_and_still_works(frame, why, customers):
    weights, edges = resolve(frame)
    assert weights.notes[0].startswith("everything, for")
    assert why in weights.notes[0]
    assert any("Declared" in line for line in weights.summary())
    assert weights.fallback == list(SPEC.comparisons)
    assert all(np.isfinite(list(weights.prior.values())))
    if customers is not None:
        assert cluster(frame, edges, None, SPEC, weights).nunique() == customers


def test_a_field_nobody_has_is_among_the_fall_backs_without_a_word(homes):
    weights = homes[2]
    assert weights.notes == []
    assert {"loyalty", "suffix"} <= set(weights.fallback)
    assert not {"given", "birth_date"} & set(weights.fallback)


def test_a_field_in_which_one_person_differs_more_than_strangers_is_not_learned_and_said_so():
    frame, truth = households()
    again = pd.Series(truth).duplicated().to_numpy()
    frame.loc[again, "postcode"] = None
    frame.loc[again, "street_key"] = [f"lane {n}" for n in range(again.sum())]  # each second record is of after a move
    frame.loc[again, "house_number"] = "500"
    weights = train(frame, SPEC)
    assert "address" in weights.fallback
    assert "address, for one person's records seemed to agree on it less than strangers' do" in weights.notes
    assert "given" not in weights.fallback


def test_the_artefact_says_under_which_declaration_it_was_trained(homes):
    weights = homes[2]
    assert weights.declaration == SPEC.fingerprint
    assert not weights.departs_from(SPEC)
    other = SPEC.model_copy(update={"pairs_at_once": 7})
    assert weights.departs_from(other)
    weights.must_fit(other)  # what was learned fits all the same


def test_another_owner_of_the_declaration_is_no_other_declaration():
    other = SPEC.model_copy(update={"owner": "somebody-else"})
    assert other.fingerprint == SPEC.fingerprint


def test_an_artefact_of_before_keeps_the_version_it_is_stored_under(homes):
    old = {name: value for name, value in homes[2].to_json().items() if name not in {"declaration", "fallback"}}
    weights = Weights.from_json(old, SPEC)
    assert weights.to_json() == old
    assert not weights.departs_from(SPEC)


def without_levels(declared):
    declared["comparisons"]["email"]["levels"] = [
        level for level in declared["comparisons"]["email"]["levels"] if level["level"] != "local"
    ]


@pytest.mark.parametrize(
    ("change", "key", "valid"),
    [
        (without_levels, "comparisons.email.levels", "local"),
        (lambda declared: declared["comparisons"].pop("gender"), "comparisons.gender", "gender"),
        (lambda declared: declared["comparisons"].update(sex=declared["comparisons"].pop("gender")), "comparisons.sex", "gender"),
        (lambda declared: declared["comparisons"]["email"].pop("frequency"), "comparisons.email.frequency", None),
    ],
    ids=["level gone", "comparison gone", "comparison renamed", "frequency gone"],
)
def test_a_declaration_changed_since_the_training_is_told_in_a_sentence(homes, change, key, valid):
    declared = yaml.safe_load(MODEL_FILE.read_text(encoding="utf-8"))
    change(declared)
    spec = ModelSpec.parse(declared, "model.yml")
    frame, _, weights, _ = homes
    for use in (
        lambda: Weights.from_json(weights.to_json(), spec),
        lambda: score(frame, block(frame, spec).frame, spec, weights),
    ):
        with pytest.raises(DeclarationError) as error:
            use()
        assert error.value.key == key
        assert weights.version[:12] in str(error.value)
        assert valid is None or valid in error.value.valid


@pytest.mark.parametrize("broken", ["[]", '{"prior": {}}', '{"prior": 1, "shoe_size": 2}', "null"])
def test_what_is_no_match_model_is_refused_in_a_sentence(broken):
    with pytest.raises(SukiError, match="Retire it and train again"):
        Weights.from_json(broken)


def test_the_fall_back_still_knows_a_person_from_a_stranger():
    anna = {"given_key": "anna", "family_key": "berg", "email_keys": ["anna.berg@x.org"], "birth_date": "1980-02-03"}
    frame = snapshot(anna, anna, {**anna, "given_key": "otto", "birth_date": "1955-07-19", "email_keys": ["o@x.org"]})
    _, edges = resolve(frame)
    assert edges.loc[edges["band"] == "match", ["record_a", "record_b"]].map(lambda text: text[7]).to_numpy().tolist() == [
        ["0", "1"]
    ]


def test_two_neighbours_are_no_person_because_there_are_only_two_records():
    """Of two records each pair is half of what there is; what was never learned must not lean on that."""
    frame = snapshot(
        *(
            {
                "given_key": "ana", "family_key": family, "email_keys": [f"shopper{number}@example.org"],
                "house_number": number, "street_key": "main street", "postcode": "1200", "city": "Makati", "country": "PH",
            }
            for family, number in (("reyes", "1"), ("reyas", "3"))
        )
    )  # fmt: skip
    weights, edges = resolve(frame)
    assert cluster(frame, edges, None, SPEC, weights).nunique() == 2


def test_that_two_people_share_a_country_proves_nothing(homes):
    weights = homes[2]
    chances = weights.chances["country"]
    assert chances["match"][2] == chances["distinct"][2]
    assert chances["match"][1] < chances["distinct"][1]


def test_a_name_of_many_people_weighs_less_than_a_rare_one():
    given = ["maria"] * 30 + [f"rare{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(90)]
    people = [
        {"given_key": name, "family_key": f"house{i:03d}", "birth_date": f"19{i % 90 + 10}-03-1{i % 9}"}
        for i, name in enumerate(given)
    ]
    frame = snapshot(*people, *people)
    _, edges = resolve(frame)
    ids = frame["record_id"]
    again = dict(zip(ids, ids[len(people) :], strict=False))
    same = edges[edges["record_b"] == edges["record_a"].map(again)]
    said = {edge.record_a: json.loads(edge.evidence)["given frequency"][1] for edge in same.itertuples()}
    assert said[ids[0]] < said[ids[60]] - 3


def test_an_account_that_spells_a_common_name_makes_its_owner_nobody_in_particular():
    people = [{"given_key": given, "family_key": family} for given in GIVEN for family in FAMILY[:30]]
    marias = [{"given_key": "maria", "family_key": "santos", "email_keys": [f"maria.santos{i}@mail.com"]} for i in range(40)]
    ticket = {"email_keys": ["mariasantos9579@mail.com"]}
    _, edges = resolve(snapshot(*people, *marias, ticket))
    assert not (edges["band"] == "match").any()


def test_a_couple_of_one_home_and_one_birth_year_are_two_people():
    random = np.random.default_rng(3)
    rows = []
    for home in range(300):
        family, born = FAMILY[random.integers(len(FAMILY))], int(random.integers(1840, 1900))
        place = {
            "family_key": family,
            "house_number": str(home % 4 * 30 + 7),
            "street_key": f"{FAMILY[home // 4]} road",
            "city": "Troy",
        }
        for given in random.choice(GIVEN, size=2, replace=False):
            rows += [
                {**place, "given_key": str(given), "birth_date": str(born)} for _ in range(2 if random.random() < 0.7 else 1)
            ]
            born += int(random.integers(-4, 5))
    frame = snapshot(*rows)
    _, edges = resolve(frame)
    matched = edges[edges["band"] == "match"]
    names = frame.set_index("record_id")["given_key"]
    assert (names[matched["record_a"]].to_numpy() == names[matched["record_b"]].to_numpy()).all()


def test_two_generations_never_match_by_themselves(homes):
    weights = homes[2]
    father = {
        "given_key": "paul", "family_key": "barberg", "phones": ["+49309999999"], "house_number": "7", "street_key": "ring",
        "postcode": "10999", "email_keys": ["paul@x.org"],
    }  # fmt: skip
    frame = snapshot({**father, "name_suffix": "Sr"}, {**father, "name_suffix": "Jr"})
    edges = score(frame, block(frame, SPEC, EVERYWHERE).frame, SPEC, weights)
    assert edges["band"].tolist() == ["review"]


def test_who_leaves_out_the_generation_is_told_by_the_phone_not_by_the_home_father_and_son_share(homes):
    weights = homes[2]
    home = {"given_key": "paul", "family_key": "barberg", "house_number": "7", "street_key": "ring", "postcode": "10999"}
    frame = snapshot(
        {**home, "name_suffix": "Sr", "phones": ["+49309999999"]}, {**home, "phones": ["+49309999999"]},
        {**home, "name_suffix": "Jr", "phones": ["+49308888888"]}, {**home, "phones": ["+49308888888"]},
    )  # fmt: skip
    edges = score(frame, block(frame, SPEC, EVERYWHERE).frame, SPEC, weights)
    assert cluster(frame, edges, None, SPEC, weights).tolist() == [0, 0, 1, 1]


def _clusters(homes, *records):
    weights, frame = homes[2], snapshot(*records)
    edges = score(frame, block(frame, SPEC, EVERYWHERE).frame, SPEC, weights)
    return cluster(frame, edges, None, SPEC, weights).tolist()


_ANNA = {"given_key": "anna", "family_key": "barberg", "birth_date": "1986-05-04", "phones": ["+49309999999"]}
_HERS = {"email_keys": ["a.barberg@x.org"], "house_number": "7", "street_key": "ring", "postcode": "10999"}


def test_a_record_without_a_birth_date_is_no_bridge_between_two_of_them(homes):
    without = {**_ANNA, **_HERS, "birth_date": None}
    found = _clusters(homes, {**_ANNA, "postcode": "10999"}, without, {**without, "birth_date": "1991-11-23", "phones": []})
    assert found[0] != found[2]


def test_whoever_moved_is_found_by_number_and_birth_date(homes):
    elsewhere = {"house_number": "22", "street_key": "mabini street", "postcode": "20095", "city": "hamburg"}
    assert _clusters(homes, {**_ANNA, **_HERS}, {**_ANNA, **elsewhere}) == [0, 0]


def test_whoever_took_another_family_name_is_found_by_home_mailbox_and_birth_date(homes):
    assert _clusters(homes, {**_ANNA, **_HERS}, {**_ANNA, **_HERS, "family_key": "lindqvist", "phones": []}) == [0, 0]


def test_a_mailbox_of_several_names_weighs_less_the_more_there_are(homes):
    weights = homes[2]

    def told(holders):
        shared = {"email_keys": ["office@x.org"]}
        others = [{"given_key": GIVEN[n], "family_key": FAMILY[n], **shared} for n in range(holders - 1)]
        frame = snapshot(*[{"given_key": "anna", "family_key": "barberg", **shared}] * 2, *others)
        edges = score(frame, block(frame, SPEC, EVERYWHERE).frame, SPEC, weights)
        ids = frame["record_id"]
        (edge,) = edges[(edges["record_a"] == ids[0]) & (edges["record_b"] == ids[1])].itertuples()
        evidence = json.loads(edge.evidence)
        return sum(weight for name, (_, weight) in evidence.items() if name in ("email", "email frequency"))

    said = [told(holders) for holders in (1, 3, 5, 12)]
    assert said[0] > said[1] > said[2] > said[3] == 0


def test_a_record_with_nothing_to_say_stays_alone(homes):
    weights = homes[2]
    frame = snapshot({}, {}, {"gender": "female"}, {"gender": "female"})
    edges = score(frame, block(frame, SPEC, EVERYWHERE).frame, SPEC, weights)
    assert edges.empty
    assert cluster(frame, edges, None, SPEC, weights).tolist() == [0, 1, 2, 3]


def test_without_recordlinkage_nothing_is_blocked_scored_or_trained(homes, monkeypatch):
    frame, _, weights, _ = homes
    pairs = block(frame, SPEC, EVERYWHERE).frame
    for name in [name for name in sys.modules if name.split(".")[0] == "recordlinkage"]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("index", "features", "ecm", "learning"):
        monkeypatch.delitem(sys.modules, f"include.matching.{name}", raising=False)
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.split(".")[0] == "recordlinkage":
            raise ModuleNotFoundError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    for step in (lambda: block(frame, SPEC, EVERYWHERE), lambda: score(frame, pairs, SPEC, weights), lambda: train(frame, SPEC)):
        with pytest.raises(ModuleNotFoundError, match="recordlinkage"):
            step()


def test_importing_the_room_does_not_import_recordlinkage():
    import subprocess

    code = "import sys, include.matching; sys.exit('recordlinkage' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(("wrong", "reliable"), [(0.0, True), (0.2, False)])
def test_birth_dates_contradict_each_other_only_where_those_of_sure_pairs_agree(wrong, reliable):
    frame, _ = households()
    random = np.random.default_rng(3)
    mistaken = random.random(len(frame)) < wrong
    frame.loc[mistaken, "birth_date"] = [f"{random.integers(1900, 1939)}-12-31" for _ in range(mistaken.sum())]
    assert train(frame, load_spec()).reliable is reliable


def test_fathers_and_sons_of_one_name_and_home_do_not_make_birth_dates_unreliable():
    frame, _ = households(500)
    sons = frame.drop_duplicates("house_number").head(80).copy()
    sons["record_id"] = [f"50{i:06x}-0000-8000-8000-000000000000" for i in range(len(sons))]
    sons["birth_date"] = [f"2010-{i % 12 + 1:02d}-{i % 27 + 1:02d}" for i in range(len(sons))]
    sons["email_keys"] = [[] for _ in range(len(sons))]
    assert train(pd.concat([frame, sons], ignore_index=True), SPEC).reliable
