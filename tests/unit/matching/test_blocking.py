"""Blocking: each pair once, at the first rule that finds it; caps hold; regions are kept apart."""

from itertools import combinations

import numpy as np

from include.matching import block, load_spec
from include.matching.index import expand
from tests.unit.matching.factory import EVERYWHERE, households, snapshot

SPEC = load_spec()


def pairs_of(frame, spec=SPEC, comparable=EVERYWHERE):
    found = block(frame, spec, comparable).frame
    return {(int(a), int(b)): spec.blocking[rule].rule for a, b, rule in found.itertuples(index=False)}


def test_a_pair_belongs_to_the_first_rule_that_finds_it():
    twice = {"email_keys": ["a@x.org"], "phones": ["+4930111222"], "given_key": "anna", "family_key": "berg"}
    assert pairs_of(snapshot(twice, twice, {"phones": ["+4930111222"]})) == {(0, 1): "e-mail", (0, 2): "phone", (1, 2): "phone"}


def test_each_pair_stands_once_with_the_lesser_position_first():
    frame = block(households(60)[0], SPEC, EVERYWHERE).frame
    assert (frame["a"] < frame["b"]).all()
    assert not frame.duplicated(["a", "b"]).any()
    assert len(frame) > 100


def test_a_key_over_its_cap_is_left_out_for_that_rule_only():
    crowd = [{"phones": ["+4930111222"], "given_key": f"{chr(97 + i % 20)}name{i}", "email_keys": []} for i in range(201)]
    crowd[0]["email_keys"] = crowd[1]["email_keys"] = ["both@x.org"]
    spec = SPEC.model_copy(update={"nobodys": SPEC.nobodys.model_copy(update={"persons": 10_000})})
    found = block(snapshot(*crowd), spec, EVERYWHERE)
    by_rule = {count["rule"]: count for count in found.counts}
    assert by_rule["phone"]["pairs"] == 0
    assert (by_rule["phone"]["capped_keys"], by_rule["phone"]["capped_records"]) == (1, 201)
    assert by_rule["e-mail"]["pairs"] == 1


def test_a_phone_that_many_people_carry_is_nobodys():
    crowd = [{"phones": ["+4930111222"], "given_key": f"{chr(97 + i)}nna", "family_key": f"{chr(97 + i)}erg"} for i in range(12)]
    assert pairs_of(snapshot(*crowd)) == {}
    assert pairs_of(snapshot(*crowd[:4])) != {}


def test_pairs_of_regions_that_may_not_be_compared_never_come_about():
    twin = {"email_keys": ["a@x.org"], "given_key": "anna", "family_key": "berg"}
    frame = snapshot({**twin, "region": "eu"}, {**twin, "region": "us"}, {**twin, "region": "eu"}, {**twin, "region": "apac"})
    assert set(pairs_of(frame, comparable=frozenset({("eu", "eu"), ("us", "us")}))) == {(0, 2)}
    assert set(pairs_of(frame, comparable=frozenset({("us", "eu")}))) == {(0, 1), (0, 2), (1, 2)}


def test_expansion_is_every_pair_of_every_block_within_the_cap():
    random = np.random.default_rng(3)
    record, key = np.arange(300), random.integers(0, 60, 300)
    a, b, capped, _ = expand(record, key, 6)
    sizes = np.bincount(key)
    expected = {
        pair
        for value in np.flatnonzero((sizes > 1) & (sizes <= 6))
        for pair in combinations(np.flatnonzero(key == value).tolist(), 2)
    }
    assert {(int(x), int(y)) for x, y in zip(a, b, strict=True)} == expected
    assert capped == (sizes > 6).sum()


def test_nothing_to_block_is_no_error():
    for frame in (snapshot({"given_key": "anna"}), snapshot({}, {}), snapshot({}).iloc[:0]):
        assert len(block(frame, SPEC, EVERYWHERE).frame) == 0
