"""The snapshot in codes: a frame and an Arrow table say the same, and numbers tell apart what words would tell apart."""

import numpy as np
import pyarrow as pa

from include.matching import block, encode, load_spec
from include.matching.letters import bags
from include.matching.table import MATCHED_COLUMNS, SET_COLUMNS, TEXT_COLUMNS, hashes
from tests.unit.matching.factory import EVERYWHERE, households, snapshot

SPEC = load_spec()


def of_rows(table, name):
    """Which rows hold the same value, by the first of them."""
    codes = table.column(name)
    return [int(np.flatnonzero(codes == code)[0]) if code >= 0 else -1 for code in codes]


def test_a_frame_and_an_arrow_table_are_read_alike():
    frame, _ = households(40)
    frame["flags"] = [[]] * len(frame)
    frame.loc[3:5, "birth_date"] = None
    frame.at[7, "email_keys"] = ["b@x.org", "a@x.org", "b@x.org"]
    arrow = pa.Table.from_pandas(frame[list(MATCHED_COLUMNS)], preserve_index=False)
    # Written in chunks, as a file of several row groups is read.
    arrow = pa.concat_tables([arrow.slice(0, 30), arrow.slice(30)])
    one, other = encode(frame, SPEC), encode(arrow, SPEC)
    assert one.record_id.tolist() == other.record_id.tolist()
    for name in (*TEXT_COLUMNS, *SET_COLUMNS):
        assert of_rows(one, name) == of_rows(other, name), name
    assert block(one, SPEC, EVERYWHERE).frame.equals(block(other, SPEC, EVERYWHERE).frame)


def test_a_whole_name_is_one_however_it_is_split_and_a_bag_one_in_any_order():
    table = encode(
        snapshot(
            {"given_key": "ana maria", "family_key": "berg"},
            {"given_key": "ana", "family_key": "maria berg"},
            {"given_key": "berg", "family_key": "ana maria"},
            {"full_name": "Ana Maria Berg"},
            {"given_key": "ana"},
            {"company_name": "Ana"},
            {},
        ),
        SPEC,
    )
    assert of_rows(table, "whole") == [0, 0, 2, 0, 4, 4, -1]
    assert of_rows(table, "bag") == [0, 0, 0, 0, 4, 4, -1]
    assert [table.words["whole"][code] for code in table.column("whole")[[0, 2, 4]]] == [
        "ana maria berg",
        "berg ana maria",
        "ana",
    ]


def test_a_home_is_a_number_and_street_in_a_postcode_or_else_a_town():
    street = {"street_key": "main st", "house_number": "12"}
    table = encode(
        snapshot(
            {**street, "postcode": "10115", "city": "berlin"},
            {**street, "postcode": "10115", "city": "potsdam"},
            {**street, "city": "berlin"},
            {**street, "city": "berlin", "postcode": ""},
            street,
            {"street_key": "main st", "postcode": "10115"},
        ),
        SPEC,
    )
    assert of_rows(table, "home") == [0, 0, 2, 2, 4, -1]


def test_a_value_has_one_hash_whatever_records_it_comes_with():
    home = {"street_key": "main st", "house_number": "12", "postcode": "10115", "given_key": "ana", "family_key": "berg"}
    town = {**home, "city": "berlin", "given_key": "ana berg", "family_key": None}
    one, other = encode(snapshot(home, town), SPEC), encode(snapshot({"full_name": "Berg"}, town), SPEC)
    for name in ("home", "whole"):
        assert hashes(one, name)[one.column(name)[0]] == hashes(other, name)[other.column(name)[1]], name
    assert one.column("bag")[0] == other.column("bag")[1]


def test_sets_of_the_same_items_are_one_set_in_any_order():
    table = encode(
        snapshot(
            {"phones": ["+4930111222", "+4930111333"]},
            {"phones": ["+4930111333", "+4930111222", "+4930111333"]},
            {"phones": ["+4930111222"]},
            {"phones": []},
            {"phones": ["+4930111333", "+4930111444"]},
        ),
        SPEC,
    )
    assert of_rows(table, "phone") == [0, 0, 2, -1, 4]
    held = table.sets["phone"]
    found = [
        sorted(table.words["phone"][held.items[held.start[s] : held.start[s + 1]]]) for s in table.column("phone")[[0, 2, 4]]
    ]
    assert found == [["+4930111222", "+4930111333"], ["+4930111222"], ["+4930111333", "+4930111444"]]


def test_a_value_that_only_echoes_another_is_read_as_missing():
    frame = snapshot(
        {"country": "DE", "flags": ["country:from_phone"]}, {"country": "DE", "flags": ["other:flag"]}, {"country": "DE"}
    )
    assert of_rows(encode(frame, SPEC), "country") == [-1, 1, 1]


def test_letters_in_any_order_have_one_number_and_that_of_two_words_is_the_sum():
    found = bags(pa.array(["anna", "berg", "berg anna", "gre bnana", "anne"]))
    assert found[0] + found[1] == found[2] == found[3]
    assert len({*found.tolist()}) == 4
