"""How often two strangers bear one name is told from the company names keep, not from pairs that bear it."""

import numpy as np
import pandas as pd
import pytest

from include.matching.namesakes import names_in_common
from tests.unit.matching.factory import resolve, snapshot

_WALKS = 100_000


def _drawn(people: int, cultures: int, names: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Given and family name of each person: a culture's own names, each as common as the next."""
    dice = np.random.default_rng(4)
    culture = dice.integers(0, cultures, people)
    return tuple(culture * names + dice.integers(0, names, people) for _ in range(2))


def test_names_that_go_together_by_country_are_told_apart_from_names_drawn_alone():
    found = names_in_common(*_drawn(20_000, cultures=10), _WALKS, 1)
    assert found.given == pytest.approx(1 / 400, rel=0.05)
    assert found.family == pytest.approx(1 / 40, rel=0.15), "one in four hundred if the names were independent"


def test_where_few_walks_come_back_nothing_is_said():
    given, family = np.repeat(np.arange(40), 2), np.repeat(np.arange(40), 2)
    assert names_in_common(given, family, 200, 1) is None


def test_names_drawn_alone_are_as_common_as_their_share():
    found = names_in_common(*_drawn(20_000, cultures=1), _WALKS, 1)
    assert found.family == pytest.approx(1 / 40, rel=0.15)


def test_more_records_of_each_person_make_no_namesakes():
    given, family = _drawn(20_000, cultures=10)
    once = names_in_common(given, family, _WALKS, 1)
    thrice = names_in_common(np.repeat(given, 3), np.repeat(family, 3), _WALKS, 1)
    assert thrice.family == pytest.approx(once.family, rel=0.15)


def test_the_numbers_that_stand_for_names_do_not_matter():
    given, family = _drawn(5_000, cultures=5)
    other = np.random.default_rng(9).permutation(given.max() + 1)
    assert names_in_common(other[given], family, _WALKS, 1) == names_in_common(given, family, _WALKS, 1)


def test_records_without_one_of_the_names_are_passed_over():
    given, family = _drawn(5_000, cultures=5)
    nobody = np.full(1000, -1)
    with_them = names_in_common(np.r_[given, nobody, given[:1000]], np.r_[family, family[:1000], nobody], _WALKS, 1)
    assert with_them == names_in_common(given, family, _WALKS, 1)


@pytest.mark.parametrize("people", [0, 1])
def test_who_is_alone_says_nothing(people: int):
    given, family = _drawn(people, cultures=1)
    assert names_in_common(given, family, 200, 1) is None


def _word(number: int) -> str:
    """A name, like no other."""
    return "".join(np.random.default_rng(number).choice(list("abdefghiklmnoprstuvz"), 7))


def _crowd(people: int = 3_000, cultures: int = 8) -> tuple[pd.DataFrame, list[int]]:
    """Two or three of each name, mailboxes made of the names; half of the people are known by two records."""
    dice, taken, rows, truth = np.random.default_rng(2), set(), [], []
    for person, (first, last) in enumerate(zip(*_drawn(people, cultures, names=12), strict=True)):
        names = _word(first), _word(1000 + last)
        shape = dice.choice([".", "_", "", "-", ".x."]).join(names[:: dice.choice((1, -1))])
        tries = (f"{shape}{n // 5 or ''}@{_PROVIDERS[(person + n) % 5]}" for n in range(1000))
        address = next(mailbox for mailbox in tries if mailbox not in taken)
        taken.add(address)
        street = dice.integers(900)
        home = {"street_key": f"street {street}", "house_number": str(dice.integers(200)), "postcode": str(10_000 + street)}
        parts = ((0.8, {"email_keys": [address]}), (0.7, home), (0.6, {"phones": [f"+4915{person:08d}"]}))
        for _ in range(dice.integers(1, 3)):
            told = {"given_name": names[0], "family_name": names[1]}
            for share, part in parts:
                told |= part if dice.random() < share else {}
            rows.append(told)
            truth.append(person)
    return snapshot(*rows), truth


_PROVIDERS = ("one.example", "two.example", "three.example", "four.example", "five.example")


def test_among_many_of_one_name_neither_it_nor_a_mailbox_called_alike_makes_two_people_one():
    frame, truth = _crowd()
    _, edges = resolve(frame)
    person = dict(zip(frame["record_id"], truth, strict=True))
    matched = edges[edges["band"] == "match"]
    right = (matched["record_a"].map(person) == matched["record_b"].map(person)).sum()
    assert right / len(matched) > 0.7, "one in seven before namesakes were held to their number"
    assert right > 0.8 * (pd.Series(truth).value_counts() == 2).sum()
