"""What another partition does to customers."""

import pandas as pd
import pytest

from include.golden.partition import concerned, partition_change


def customers(text: str) -> pd.Series:
    """``a:1 b:1 c:2``: record a belongs to customer 1 ..."""
    return pd.Series(dict(part.split(":") for part in text.split()), dtype=object)


def test_the_same_groups_under_other_labels_change_nothing():
    change = partition_change(customers("a:1 b:1 c:2"), customers("c:x b:y a:y"))
    assert (change.merges, change.splits) == ((), ())
    assert (change.customers_now, change.customers_then, change.largest_now, change.largest_then) == (2, 2, 2, 2)


def test_who_would_share_records_merges_and_who_would_be_parted_splits():
    change = partition_change(customers("a:1 b:1 c:2 d:3 e:4 f:4 g:4"), customers("a:x b:x c:x d:x e:y f:z g:w"))
    assert change.merges == (("1", "2", "3"),)
    assert change.splits == (("4", 3),)
    assert change.to_json(at_most=0)["merging"] == 3
    assert change.to_json(at_most=0)["merges"] == []
    assert (change.customers_now, change.customers_then, change.largest_now, change.largest_then) == (4, 4, 3, 4)


def test_a_record_that_changes_its_company_splits_one_customer_and_merges_two():
    change = partition_change(customers("a:1 b:1 c:2 d:2"), customers("a:x b:y c:y d:y"))
    assert (change.merges, change.splits) == ((("1", "2"),), (("1", 2),))


def test_no_records_are_no_customers():
    change = partition_change(pd.Series(dtype=object), pd.Series(dtype=object))
    assert (change.customers_now, change.largest_then, change.merges) == (0, 0, ())


def test_other_records_are_no_partition_of_these():
    with pytest.raises(ValueError, match="not of the same records"):
        partition_change(customers("a:1"), customers("b:1"))


def of(text: str) -> pd.DataFrame:
    """``record_id, customer_id`` of "record:customer ..."."""
    return pd.DataFrame([pair.split(":") for pair in text.split()], columns=["record_id", "customer_id"], dtype=object)


def test_concerned_are_all_records_of_customers_that_say_otherwise_or_whom_a_record_joined_or_left():
    before = of("a:1 b:1 c:2 d:3 e:3 f:4 g:5 h:5 i:6")
    after = of("a:1 b:2 c:2 d:3 e:3 f:4 g:5 j:7 i:6")  # b moved, h is gone, j came; e and f say something else
    found = concerned(pd.Index(["e", "f", "h", "j"]), before, after)
    assert list(found) == ["a", "b", "c", "d", "e", "f", "g", "h", "j"]


def test_where_nothing_moved_only_they_and_who_is_one_with_them_are_concerned():
    members = of("a:1 b:1 c:2")
    assert list(concerned(pd.Index([], dtype=object), members, members)) == []
    assert list(concerned(pd.Index(["a", "z"]), members, members)) == ["a", "b", "z"], "z is no customer"
