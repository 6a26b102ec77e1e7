"""Blocking: each pair once, at the first rule that finds it; caps hold; regions are kept apart."""

from itertools import combinations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from include.errors import DeclarationError
from include.matching import block, index, load_spec
from include.matching.index import Blocks
from include.matching.keys import _COLUMNS, _HOLDINGS
from include.matching.letters import run_together
from include.matching.sounds import sound
from include.matching.spec import BLOCK_PARTS, SET_PARTS
from include.matching.table import encode
from tests.unit.matching.factory import EVERYWHERE, FAMILY, GIVEN, households, snapshot

SPEC = load_spec()


def pairs_of(frame, spec=SPEC, comparable=EVERYWHERE):
    found = block(frame, spec, comparable).frame
    return {(int(a), int(b)): spec.blocking[rule].rule for a, b, rule in found.itertuples(index=False)}


def test_a_pair_belongs_to_the_first_rule_that_finds_it():
    twice = {"email_keys": ["a@x.org"], "phones": ["+4930111222"], "given_key": "anna", "family_key": "berg"}
    assert pairs_of(snapshot(twice, twice, {"phones": ["+4930111222"]})) == {(0, 1): "e-mail", (0, 2): "phone", (1, 2): "phone"}


def test_who_holds_nothing_to_match_on_is_counted_and_said():
    nothing = [{}, {"gender": "female", "country": "DE"}, {"city": "Berlin", "note": "a regular"}]
    found = block(snapshot(*nothing, {"email_keys": ["a@x.org"]}, {"phones": ["+4930111222"]}), SPEC, EVERYWHERE)
    assert found.keyless == 3  # the other two could be found, though nobody shares with them
    assert "3 records hold nothing to match on, so each of them stays alone" in found.summary()


def test_a_name_without_a_country_to_spell_it_by_finds_it_as_written():
    written = {"given_name": "Chia-hao", "family_name": "Hsu"}
    taiwan = {**written, "given_key": "jiahao", "family_key": "xu", "country": "TW"}
    anywhere = {**written, "given_key": "chia hao", "family_key": "hsu"}
    assert pairs_of(snapshot(taiwan, anywhere)) == {(0, 1): "names as written"}
    assert pairs_of(snapshot(taiwan, taiwan)) == {(0, 1): "names"}


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


@pytest.mark.parametrize("name", ["Delta Plastics", "Delpa Plastics Inc", "Delta Plastics Incorporated", "Plastics Delta GmbH"])
def test_a_company_is_found_under_another_legal_form_or_with_a_slip(name):
    crowd = [{"company_name": f"{word} Works Inc"} for word in FAMILY]
    found = pairs_of(snapshot({"company_name": "Delta Plastics Inc"}, {"company_name": name}, *crowd))
    assert set(found) == {(0, 1)}


def test_a_phone_that_many_people_carry_is_nobodys():
    crowd = [{"phones": ["+4930111222"], "given_key": f"{chr(97 + i)}nna", "family_key": f"{chr(97 + i)}erg"} for i in range(12)]
    assert pairs_of(snapshot(*crowd)) == {}
    assert pairs_of(snapshot(*crowd[:4])) != {}


def test_what_a_thousand_people_carry_is_nobodys_though_their_initials_are_told_apart_no_more():
    crowd = [{"phones": ["+4930111222"], "given_key": given, "family_key": family} for given in GIVEN for family in FAMILY]
    held = encode(snapshot(*crowd), SPEC).sets["phone"]
    assert len(crowd) > 2 * held.counted.persons.max()  # few of them are told apart
    assert len(held.record) == 0


def test_what_a_family_shares_for_years_is_theirs():
    family = [{"phones": ["+4930111222"], "given_key": given, "family_key": "berg"} for given in GIVEN[:9] for _ in range(4)]
    assert len(encode(snapshot(*family), SPEC).sets["phone"].record) == len(family)


def test_pairs_of_regions_that_may_not_be_compared_never_come_about():
    twin = {"email_keys": ["a@x.org"], "given_key": "anna", "family_key": "berg"}
    frame = snapshot({**twin, "region": "eu"}, {**twin, "region": "us"}, {**twin, "region": "eu"}, {**twin, "region": "apac"})
    assert set(pairs_of(frame, comparable=frozenset({("eu", "eu"), ("us", "us")}))) == {(0, 2)}
    assert set(pairs_of(frame, comparable=frozenset({("us", "eu")}))) == {(0, 1), (0, 2), (1, 2)}


def test_expansion_is_every_pair_of_every_block_within_the_cap():
    random = np.random.default_rng(3)
    record, key = np.arange(300, dtype=np.int32), random.integers(0, 60, 300)
    blocks = Blocks.of(record, key.astype(np.uint64) << np.uint64(32), 300)
    a, b = blocks.within(6).pairs((0, 300))
    sizes = np.bincount(key)
    expected = {
        pair
        for value in np.flatnonzero((sizes > 1) & (sizes <= 6))
        for pair in combinations(np.flatnonzero(key == value).tolist(), 2)
    }
    assert {(int(x), int(y)) for x, y in zip(a, b, strict=True)} == expected
    assert blocks.pairs_by_size()[:7].sum() == len(expected)


def test_names_that_sound_alike_have_one_key_in_any_romanisation():
    alike = [("schmidt", "smit"), ("catherine", "kathryn"), ("phan", "fan"), ("max", "maks"), ("aaron", "aron"), ("li", "ly")]
    for one, other in alike:
        first, second = sound(pa.array([one, other])).to_pylist()
        assert first == second, (one, other)
    assert sound(pa.array(["", "anna", "o brien"])).to_pylist() == [None, "an", "oprn"]


def test_an_account_is_read_in_any_script_and_a_short_one_is_nobodys():
    frame = snapshot(
        {"email_keys": ["Müller.Änne+7@x.org"]},
        {"handles": ["x:müllerÄnne_7"]},
        {"email_keys": ["ab.c1@x.org"]},
        {"handles": ["x:abc"]},
    )
    assert pairs_of(frame) == {(0, 1): "account"}


def test_nothing_to_block_is_no_error():
    for frame in (snapshot({"given_key": "anna"}), snapshot({}, {}), snapshot({}).iloc[:0]):
        assert len(block(frame, SPEC, EVERYWHERE).frame) == 0


def test_a_value_on_half_the_records_makes_no_more_pairs_than_its_cap_allows():
    frame, _ = households(150)
    usual = len(block(frame, SPEC, EVERYWHERE).frame)
    for column, value in (("postcode", "00000"), ("birth_date", "1900-01-01"), ("family_key", "unknown"), ("street_key", "x")):
        skewed = frame.copy()
        skewed.loc[skewed.index[::2], column] = value
        assert len(block(skewed, SPEC, EVERYWHERE).frame) < 3 * usual, column


def crowded(**budget):
    """Twenty records a given name; caps far above, so that only the budget holds."""
    frame = snapshot(*[{"given_key": f"name{i % 10}x", "family_key": f"berg{i}"} for i in range(200)])
    rules = tuple(rule.model_copy(update={"cap": 50}) for rule in SPEC.blocking if rule.rule in ("a rare name", "names"))
    return frame, SPEC.model_copy(update={"blocking": rules, "budget": SPEC.budget.model_copy(update={"always": 0, **budget})})


def test_beyond_the_budget_the_largest_blocks_are_left_out_and_the_log_says_so():
    frame, spec = crowded(pairs_per_record=20)
    within = block(frame, spec, EVERYWHERE)
    assert len(within.frame) == 10 * 190
    assert not any("lowered" in line for line in within.summary())
    frame, spec = crowded(pairs_per_record=2)
    short = block(frame, spec, EVERYWHERE)
    (count,) = (count for count in short.counts if count["rule"] == "a rare name")
    assert (count["estimated"], count["pairs"], count["cap"], count["capped_keys"]) == (1900, 0, 19, 10)
    assert any("a rare name" in line and "cap lowered from 50" in line for line in short.summary())


def test_how_many_pairs_there_will_be_is_said_before_any_is_made(monkeypatch):
    """Each pair of one phone has one e-mail too, so two rules find it: at most twice as many as there are."""
    frame = snapshot(*[{"phones": [f"+4930{i % 50:07d}"], "email_keys": [f"{i % 50}@x.org"]} for i in range(100)])
    said, made = [], []
    added = index.Found.add
    monkeypatch.setattr(index.Found, "add", lambda *given: made.append(len(said)) or added(*given))
    found = block(frame, SPEC, EVERYWHERE, said.append)
    (sentence,) = said
    assert sentence.startswith("At most 150 pairs are about to be made, 1.5 a record,")  # by phone, its tail and e-mail
    assert sentence.endswith("; 10,000,000 are affordable")
    assert set(made) == {1}, "no pair was made before it was said"
    assert (found.estimated, len(found.frame)) == (150, 50)
    assert found.summary()[0] == "50 pairs of 100 records (0.5 a record; at most 150 were estimated)"


def test_a_rule_no_lower_cap_can_tame_is_refused_by_name():
    frame, spec = crowded(pairs_per_record=2, least_cap=25, refused_above=9)
    estimated = r"would make 1,900 pairs, 10 a record,"
    with pytest.raises(DeclarationError, match=rf"blocking\.a rare name: .*{estimated} .* share each name"):
        block(frame, spec, EVERYWHERE)


def test_small_blocks_that_are_no_more_than_a_run_can_bear_stay_in_beyond_the_budget():
    frame, spec = crowded(pairs_per_record=2, least_cap=25, refused_above=10)
    (count,) = (count for count in block(frame, spec, EVERYWHERE).counts if count["rule"] == "a rare name")
    assert (count["pairs"], count["cap"], count["capped_keys"]) == (1900, 25, 0)


def test_the_recall_of_blocking_is_counted_on_what_stewards_joined():
    frame = snapshot({"phones": ["+4930111222"]}, {"phones": ["+4930111222"]}, {"email_keys": ["a@x.org"]})
    ids = frame["record_id"]
    decisions = pd.DataFrame(
        [
            (ids[1], ids[0], "must_link"),
            (ids[0], ids[2], "must_link"),
            (ids[0], "gone", "must_link"),
            (ids[1], ids[2], "cannot_link"),
        ],
        columns=["record_a", "record_b", "decision"],
    )
    assert block(frame, SPEC, EVERYWHERE).joined_by_stewards(ids, decisions) == (1, 2)


def test_every_declared_part_of_a_key_can_be_made():
    assert set(_HOLDINGS) == SET_PARTS
    assert {*_HOLDINGS, *_COLUMNS} == set(BLOCK_PARTS)


def test_two_names_run_together_are_the_account_they_are_written_as():
    words = ["maria", "", "santos", "mariasantos", "santosmaria"]
    found, shift = run_together(pa.array(words))
    with np.errstate(over="ignore"):
        joined = [found[a] * shift[b] + found[b] for a, b in ((0, 2), (2, 0), (0, 1))]
    assert joined == [found[3], found[4], found[0]]
    assert len({*found.tolist()}) == len(words)


def test_rows_in_another_order_are_paired_alike():
    frame, _ = households(80)
    order = np.random.default_rng(2).permutation(len(frame))
    straight = pairs_of(frame)
    shuffled = pairs_of(frame.iloc[order].reset_index(drop=True))
    assert {(*sorted((int(order[a]), int(order[b]))),): rule for (a, b), rule in shuffled.items()} == straight


def test_pairs_made_span_by_span_are_the_pairs_made_at_once(monkeypatch):
    frame, _ = households(80)
    at_once = block(frame, SPEC, EVERYWHERE)
    monkeypatch.setattr(index, "_PAIRS_OF_SPAN", 100)
    by_span = block(frame, SPEC, EVERYWHERE)
    assert by_span.frame.equals(at_once.frame)
    assert by_span.counts == at_once.counts
