"""How the pairs of a resolve run are dealt to shards and gathered again."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.errors import Conflict
from include.resolution import Resolution, gathered, shards


def parts(n: int, resolve_id: str = "r", pairs: int = 10) -> list[Resolution]:
    return [Resolution(resolve_id, None, shard=shard) for shard in shards(pairs, n, 0)]


@given(pairs=st.integers(0, 10**9), most=st.integers(1, 64), least=st.integers(0, 10**7))
def test_every_pair_is_in_one_shard_and_shards_are_even(pairs, most, least):
    dealt = shards(pairs, most, least)
    assert (dealt[0].start, dealt[-1].stop) == (0, pairs)
    assert all(before.stop == after.start for before, after in pairwise(dealt))
    sizes = [shard.stop - shard.start for shard in dealt]
    assert max(sizes) - min(sizes) <= 1
    assert [(shard.number, shard.of) for shard in dealt] == [(k + 1, len(dealt)) for k in range(len(dealt))]


@given(pairs=st.integers(0, 10**9), most=st.integers(1, 64), least=st.integers(1, 10**7))
def test_a_shard_holds_what_is_worth_a_task_or_is_the_only_one(pairs, most, least):
    dealt = shards(pairs, most, least)
    assert len(dealt) <= most
    assert len(dealt) == 1 or min(shard.stop - shard.start for shard in dealt) >= least


def test_a_shard_comes_back_from_xcom_as_it_went_in():
    for part in parts(3):
        assert Resolution.from_xcom(part.to_xcom()) == part
    assert str(parts(7)[1].shard) == "shard 2 of 7"


def test_shards_are_gathered_in_their_order_whichever_came_first():
    dealt = parts(3)
    assert gathered(reversed(dealt)) == dealt


def test_what_an_earlier_deal_of_a_cleared_run_left_is_left_out():
    now, earlier = parts(2, "now"), parts(7, "earlier")
    assert gathered([*now, *earlier[2:]]) == now


def test_a_missing_shard_is_refused():
    with pytest.raises(Conflict, match="Not every shard"):
        gathered(parts(3)[:2])
