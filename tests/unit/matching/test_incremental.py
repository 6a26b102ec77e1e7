"""Resolving what changed ends where resolving everything does, whatever arrived in whatever order."""

from typing import Any

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.standing import Standing, at_once, differences, no_decisions
from include.matching import ModelSpec, load_spec, train
from tests.unit.matching.factory import households, snapshot


def tight(**changes: Any) -> ModelSpec:
    """The declared model with caps, budget and nobody's so low that a handful of records crosses them."""
    declared = load_spec()
    rules = tuple(rule.model_copy(update={"cap": 2 + number % 4}) for number, rule in enumerate(declared.blocking))
    return declared.model_copy(
        update={
            "blocking": rules,
            "nobodys": declared.nobodys.model_copy(update={"persons": 3}),
            "budget": declared.budget.model_copy(update={"always": 250, "pairs_per_record": 12, "least_cap": 2}),
            "clustering": declared.clustering.model_copy(update={"largest": 4}),
            **changes,
        }
    )


SPEC = tight()
WEIGHTS = train(households(homes=60)[0], load_spec())
ROOMY = load_spec()

_NAMES = ["anna", "anne marie", "annemarie", "ben", "bea"]
_PEOPLE = st.fixed_dictionaries(
    {},
    optional={
        "given_key": st.sampled_from(_NAMES),
        "family_key": st.sampled_from(["berg", "anna", "santos", "de la cruz", "delacruz"]),
        "given_name": st.sampled_from(["Anna", "Bea"]),
        "country": st.sampled_from(["DE", "EG"]),
        "nickname": st.sampled_from(["ann", "ben"]),
        "full_name": st.sampled_from(["berg gmbh", "gmbh berg", "santos trading"]),
        "birth_date": st.sampled_from(["1990-05-03", "1990-03-05", "1990-05-04", "1990"]),
        "email_keys": st.lists(st.sampled_from(["a@x.org", "b@x.org", "annaberg@x.org", "bensantos@y.org"]), max_size=2),
        "mentioned_email_keys": st.lists(st.sampled_from(["a@x.org", "b@x.org", "annaberg@x.org"]), max_size=2),
        "phones": st.lists(st.sampled_from(["+4930111222", "+4930111223", "+4930999000"]), max_size=2),
        "handles": st.lists(st.sampled_from(["ig:annaberg", "x:annaberg", "ig:bensantos"]), max_size=1),
        "loyalty_ids": st.lists(st.sampled_from(["C100", "C101"]), max_size=1),
        "street_key": st.sampled_from(["main street", "hill road"]),
        "house_number": st.sampled_from(["1", "2"]),
        "postcode": st.sampled_from(["10115", "10116"]),
        "city": st.sampled_from(["berlin", "bonn"]),
        "region": st.sampled_from(["eu", "us"]),
    },
)
_RECORD = st.integers(0, 19)
_STEP = st.lists(st.tuples(_RECORD, st.one_of(st.none(), _PEOPLE)), min_size=1, max_size=8)
_DECISION = st.tuples(_RECORD, _RECORD, st.sampled_from(["must_link", "cannot_link"])).filter(lambda one: one[0] < one[1])


def record_id(number: int) -> str:
    return f"{number * 7919 % 65536:08x}-0000-8000-8000-000000000000"  # in another order than that of arrival


def rows_of(people: dict[int, dict[str, Any]]) -> pd.DataFrame:
    held = sorted((record_id(number), person) for number, person in people.items())
    return snapshot(*[{"record_id": one, "region": "eu", **person} for one, person in held])


def decided(pairs: list[tuple[int, int, str]]) -> pd.DataFrame:
    told = {tuple(sorted((record_id(a), record_id(b)))): decision for a, b, decision in pairs}
    rows = [(*pair, decision) for pair, decision in told.items()]
    return pd.DataFrame(rows, columns=["record_a", "record_b", "decision"]) if rows else no_decisions()


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(
    first=st.dictionaries(_RECORD, _PEOPLE, min_size=2, max_size=14),
    steps=st.lists(st.tuples(_STEP, st.lists(_DECISION, max_size=2)), min_size=1, max_size=4),
    roomy=st.booleans(),
)
def test_any_history_ends_where_all_at_once_does(
    first: dict[int, dict[str, Any]], steps: list[tuple[list[tuple[int, Any]], list[tuple[int, int, str]]]], roomy: bool
) -> None:
    """Records come, change, go and come back, and stewards decide and take back; after each step all is as at once."""
    spec = ROOMY if roomy else SPEC
    people = dict(first)
    standing = Standing(spec, WEIGHTS, rows_of(people), frozenset({("eu", "eu"), ("us", "us")}))
    for changes, decisions in steps:
        for number, person in changes:
            if person is None:
                people.pop(number, None)
            else:
                people[number] = person
        if not people:
            continue
        rows, told = rows_of(people), decided(decisions)
        marked = pd.Index([record_id(number) for number, _ in changes], dtype=object).unique()
        standing.resolve(rows, marked, told)
        assert differences(standing, at_once(rows, spec, WEIGHTS, told, standing.comparable)) == {"edges": 0, "records": 0}


def test_a_home_is_one_value_in_whatever_town_it_is_said_to_be():
    """Three at one number, street and postcode, their town written otherwise: the third makes the home no longer one person's."""
    home = {"street_key": "main street", "house_number": "1", "postcode": "10115", "family_key": "berg"}
    people = {0: {**home, "given_key": "anna", "city": "berlin"}, 1: {**home, "given_key": "anna", "city": "berlin mitte"}}
    standing = Standing(ROOMY, WEIGHTS, rows_of(people))
    people[2] = {**home, "given_key": "ben", "city": "berlin mitte"}
    standing.resolve(rows_of(people), pd.Index([record_id(2)]))
    assert differences(standing, at_once(rows_of(people), ROOMY, WEIGHTS)) == {"edges": 0, "records": 0}


def test_a_cap_that_the_budget_lowers_takes_away_pairs_nobody_touched():
    """Four of one name are pairs while they are alone; four of another are too many beside them, so neither four are."""
    rules = tuple(rule for rule in ROOMY.blocking if rule.rule == "names")
    budget = ROOMY.budget.model_copy(update={"pairs_per_record": 0.001, "always": 10, "least_cap": 2})
    spec = ROOMY.model_copy(update={"blocking": rules, "budget": budget})
    anna = {"given_key": "anna", "family_key": "berg", "birth_date": "1990-05-03", "email_keys": ["a@x.org"]}
    ben = {"given_key": "ben", "family_key": "santos", "birth_date": "1980-01-02", "email_keys": ["b@x.org"]}
    people = dict.fromkeys(range(4), anna)
    standing = Standing(spec, WEIGHTS, rows_of(people))
    assert len(standing.edges) == 6
    people |= dict.fromkeys(range(4, 8), ben)
    took = standing.resolve(rows_of(people), pd.Index([record_id(number) for number in range(4, 8)]))
    assert took["keys_crossing"] > 0
    assert len(standing.edges) == 0
    assert differences(standing, at_once(rows_of(people), spec, WEIGHTS)) == {"edges": 0, "records": 0}


def test_a_key_that_becomes_common_reaches_a_pair_whose_names_agree_only_as_written() -> None:
    """The keys differ, the names as written do not: how common it is, the keys say, and the other record holds not this one."""
    people: dict[int, dict[str, Any]] = {
        1: {"email_keys": ["a@x.org"], "given_key": "annemarie", "given_name": "Bea"},
        2: {"email_keys": ["a@x.org"], "given_key": "ben", "given_name": "Bea", "family_key": "berg"},
    }
    standing = Standing(ROOMY, WEIGHTS, rows_of(people))
    people[3] = {"given_key": "ben"}
    standing.resolve(rows_of(people), pd.Index([record_id(3)], dtype=object))
    assert differences(standing, at_once(rows_of(people), ROOMY, WEIGHTS)) == {"edges": 0, "records": 0}


def test_an_address_that_more_people_write_of_or_hold_weighs_anew_where_it_was_mentioned() -> None:
    """First two others write of it, then another holds it: both times the pair of two records nobody touched weighs less."""
    jane = {"given_key": "jane", "family_key": "doe", "mentioned_email_keys": ["a@x.org"]}
    people = {0: {"given_key": "jane", "email_keys": ["a@x.org"]}, 1: jane}
    standing = Standing(ROOMY, WEIGHTS, rows_of(people))
    weights = [standing.edges["weight"].max()]
    for more in (
        {2: {"given_key": "ben", "family_key": "berg", "mentioned_email_keys": ["a@x.org"]}},
        {
            3: {"given_key": "olga", "family_key": "holt", "email_keys": ["a@x.org"]},
            4: {"given_key": "ivo", "email_keys": ["a@x.org"]},
        },
    ):
        people |= more
        standing.resolve(rows_of(people), pd.Index([record_id(number) for number in more]))
        assert differences(standing, at_once(rows_of(people), ROOMY, WEIGHTS)) == {"edges": 0, "records": 0}
        pair = {record_id(0), record_id(1)}
        weights.append(next(e.weight for e in standing.edges.itertuples() if {e.record_a, e.record_b} == pair))
    assert weights[0] > weights[1] >= weights[2]
