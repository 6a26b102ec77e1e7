"""A register is written a kind at a time, and read again as it was."""

import numpy as np
import pandas as pd
import pytest

from include.matching import encode, load_spec
from include.matching.holdings import Part
from include.matching.keeping import Fresh, Layer, assembled, newest, of_table, whole
from include.matching.register import Register, keys_of
from tests.unit.matching.factory import households
from tests.unit.matching.test_incremental import tight

RECORDS = households(homes=30)[0]


def read(fresh: Fresh) -> Layer:
    return Layer(fresh.records, list(fresh.keys), list(fresh.counted), fresh.retired)


def told(part: Part) -> list[tuple[int, ...]]:
    beside = np.zeros(len(part), dtype=np.uint64) if part.apart is None else part.apart
    return list(zip(part.key.tolist(), part.number.tolist(), beside.tolist(), strict=True))


def alike(one: Register, other: Register) -> bool:
    holdings = [
        {kind: [told(part) for part in parts] for held in (register.keys, register.counted) for kind, parts in held.items()}
        for register in (one, other)
    ]
    sizes = [{rule: held.tolist() for rule, held in register.sizes.items()} for register in (one, other)]
    lists = [(list(register.record_id), list(register.region), register.live.tolist()) for register in (one, other)]
    return holdings[0] == holdings[1] and sizes[0] == sizes[1] and lists[0] == lists[1]


@pytest.mark.parametrize("spec", [load_spec(), tight()], ids=["declared", "tight caps"])
def test_the_register_of_a_snapshot_is_read_as_it_would_have_been_made(spec):
    table, sizes = encode(RECORDS, spec), {}
    fresh = of_table(table, spec, sizes)
    assert sizes == {}, "nothing is made before it is asked for"
    layer = read(fresh)
    assert alike(assembled([layer], sizes, spec), Register.of_table(table, spec))


def test_a_change_is_a_layer_upon_the_first_and_both_can_be_written_as_one():
    spec = load_spec()
    before = Register.of_table(encode(RECORDS.iloc[10:], spec), spec)
    first, more = len(before.live), encode(RECORDS.iloc[:10], spec)
    after = before.retired(before.numbers_of(pd.Index(RECORDS["record_id"].iloc[10:13]))).with_values(more)
    after = after.with_keys(keys_of(more, spec, first))
    layered = assembled([read(whole(before)), read(newest(before, after))], after.sizes, spec)
    assert alike(layered, after)
    as_one = assembled([read(whole(after))], after.sizes, spec)
    assert sorted(as_one.record_id) == sorted(after.record_id[after.live])
    assert len(as_one) == len(RECORDS) - 3
