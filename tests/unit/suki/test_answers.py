"""What is answered before somebody is created tells nothing of who the customers are."""

import pytest

from include.lookup import TooLittle, TooOften, admit, answer, must_tell


def test_one_matching_customer_is_known_by_id_and_reason():
    told = answer(["c1", "c1"], 3, ["email exact"])
    assert (told.verdict, told.customer_id, told.because) == ("known", "c1", ("email exact",))


@pytest.mark.parametrize(("matching", "waiting"), [([], 1), (["c1", "c2"], 0)])
def test_who_is_only_possible_is_told_without_id_and_without_what_agreed(matching: list[str], waiting: int):
    told = answer(matching, waiting, ["email exact"])
    assert (told.verdict, told.customer_id, told.because) == ("possible", None, ())
    assert "c1" not in told.reason
    assert "email" not in told.reason


def test_nobody_near_is_new():
    assert answer([], 0, []).verdict == "new"


@pytest.mark.parametrize(
    "asked", [{"emails": ["ana@example.org"]}, {"full_name": "Ana Reyes"}, {"full_name": "", "phones": ["+63281"]}, {}]
)
def test_a_value_alone_is_not_answered(asked: dict[str, object]):
    with pytest.raises(TooLittle) as refused:
        must_tell(asked)
    assert "ana" not in str(refused.value)


def test_a_name_and_something_beside_it_may_be_asked():
    must_tell({"family_name": "Reyes", "phones": ["+63281"], "emails": []})


def test_a_caller_who_asks_too_often_waits():
    admit("anybody")
    with pytest.raises(TooOften):
        admit("till 7", lambda caller: caller != "till 7")
