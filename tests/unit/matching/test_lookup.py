"""A lookup finds whom a resolve run would find, with the same weights, reading only who shares a key."""

import pandas as pd
import pytest

from include.matching import block, encode, load_spec, score, train
from include.matching.lookup import Likely, Standing
from include.matching.register import Register
from tests.unit.matching.factory import households, snapshot
from tests.unit.matching.test_incremental import tight

SPEC = load_spec()
RECORDS = households(homes=40)[0]
RECORDS["mentioned_email_keys"] = [[] if n % 5 else emails for n, emails in enumerate([[], *RECORDS["email_keys"]][:-1])]
WEIGHTS = train(RECORDS, SPEC)


def looked_up(asked: pd.DataFrame, others: pd.DataFrame, **more: object) -> tuple[list[Likely], int]:
    """The likely records, and how many were read."""
    spec = more.pop("spec", SPEC)
    standing = Standing(Register.of_table(encode(others, spec), spec), spec, WEIGHTS, **more)
    read = 0

    def reading(ids: pd.Index) -> pd.DataFrame:
        nonlocal read
        rows = others[others["record_id"].isin(ids)].reset_index(drop=True)
        read += len(rows)
        return rows

    return standing.likely(asked, reading), read


@pytest.mark.parametrize("spec", [SPEC, tight()], ids=["declared", "tight caps"])
def test_the_weights_are_those_of_a_run_that_holds_the_record(spec):
    table = encode(RECORDS, spec)
    edges = score(table, block(table, spec).frame, spec, WEIGHTS)
    compared = 0
    for place in range(0, len(RECORDS), 7):
        asked, others = RECORDS.iloc[[place]], RECORDS.drop(index=place).reset_index(drop=True)
        one = RECORDS["record_id"].iloc[place]
        at = edges[(edges["record_a"] == one) | (edges["record_b"] == one)]
        of_run = {b if a == one else a: (w, band) for a, b, w, band in at[["record_a", "record_b", "weight", "band"]].to_numpy()}
        likely, read = looked_up(asked, others, spec=spec)
        assert {found.record_id: (found.weight, found.band) for found in likely} == of_run
        assert read < len(others)
        compared += len(of_run)
    assert compared > 10


def test_a_stranger_has_nobody_near():
    stranger = snapshot({"given_key": "zebulon", "family_key": "quartermain", "email_keys": ["zq@nowhere.example"]})
    assert looked_up(stranger, RECORDS) == ([], 0)


def test_who_is_asked_for_need_not_have_what_the_records_have():
    """Nobody who is asked for has written anything yet."""
    asked, others = RECORDS.iloc[[0]], RECORDS.drop(index=0).reset_index(drop=True)
    less = asked.drop(columns=["mentioned_email_keys", "handles"])
    with_all, with_less = ([(one.record_id, one.weight) for one in looked_up(who, others)[0]] for who in (asked, less))
    assert with_less == with_all
    assert with_all


def test_records_of_a_region_that_may_not_be_compared_are_not_read():
    asked, others = RECORDS.iloc[[0]].assign(region="us"), RECORDS.drop(index=0).reset_index(drop=True)
    assert looked_up(asked, others, comparable=frozenset({("eu", "eu"), ("us", "us")})) == ([], 0)
    assert looked_up(asked, others, comparable=frozenset({("eu", "us")}))[1] > 0


def test_what_speaks_for_it_names_comparisons_and_no_value():
    asked = RECORDS.iloc[[0]]
    standing = Standing(Register.of_table(encode(RECORDS, SPEC), SPEC), SPEC, WEIGHTS)
    likely = standing.likely(asked, lambda ids: RECORDS[RECORDS["record_id"].isin(ids)].reset_index(drop=True))
    told = standing.because(likely[0])
    assert told
    assert all(line.split()[0] in SPEC.comparisons for line in told)
