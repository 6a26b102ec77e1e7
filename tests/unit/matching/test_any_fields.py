"""Training works on any part of the fields: what can be learned is learned, what cannot is named, and people are found."""

import numpy as np
import pytest

from include.matching import cluster, load_spec
from tests.unit.matching.factory import pairwise_f1, resolve, snapshot

SPEC = load_spec()
ALWAYS = {"record_id", "region"}
NAMES, ADDRESS = ("given_key", "family_key"), ("house_number", "street_key", "postcode", "city")


def people(count=900, seed=11):
    """People who live alone, two thirds of them on record twice, each time with at most one field amiss."""
    random = np.random.default_rng(seed)
    syllables = ["ba", "co", "di", "fe", "gu", "ha", "jo", "ka", "li", "mo", "nu", "pe", "ri", "so", "tu", "ve"]

    def word(length, pool):
        return "".join(syllables[i] for i in random.integers(0, pool, length))

    rows, truth = [], []
    for number in range(count):
        one = {
            "given_key": word(2, 8), "family_key": word(3, 12),
            "birth_date": f"{random.integers(1940, 2005)}-{random.integers(1, 13):02d}-{random.integers(1, 29):02d}",
            "phones": [f"+4930{random.integers(10**6, 10**7)}"], "email_keys": [f"{word(4, 16)}{number}@example.org"],
            "house_number": str(random.integers(1, 90)), "street_key": f"{word(2, 6)} street",
            "postcode": f"{10000 + 7 * random.integers(0, 120)}", "city": word(2, 3),
        }  # fmt: skip
        for copy in range(2 if number % 3 else 1):
            record = dict(one)
            if copy and (amiss := random.choice(list(one))) and random.random() < 0.4:
                value = record[amiss]
                record[amiss] = [value[0][:4] + "9" + value[0][4:]] if isinstance(value, list) else value[:-1] + "9"
            rows.append(record)
            truth.append(number)
    return snapshot(*rows), truth


EVERYONE, TRUTH = people()


@pytest.mark.parametrize(
    ("fields", "compared", "reached"),
    [
        ((*NAMES, *ADDRESS), {"given", "family", "address"}, 0.9),
        (("email_keys", "phones"), {"email", "phone"}, 0.75),
        ((*NAMES, "birth_date"), {"given", "family", "birth_date"}, 0.9),
        ((*NAMES, "email_keys"), {"given", "family", "email"}, 0.9),
        (("birth_date", "phones", "postcode"), {"birth_date", "phone", "address"}, 0.75),
        (tuple(EVERYONE.columns), {"given", "family", "birth_date", "email", "phone", "address"}, 0.95),
    ],
    ids=["names and address", "e-mail and phone", "names and birth date", "names and e-mail", "no name", "all"],
)
def test_whatever_fields_there_are_are_learned_and_find_people(fields, compared, reached):
    frame = EVERYONE[[*dict.fromkeys((*ALWAYS, *fields))]]
    weights, edges = resolve(frame)
    if everything := [note for note in weights.notes if note.startswith("everything")]:
        assert set(weights.fallback) == set(SPEC.comparisons), everything
    else:
        named = {note.partition(",")[0] for note in weights.notes}
        assert compared & set(weights.fallback) <= named, "what is there and was not learned is said"
    for name in compared:
        chances, top = weights.chances[name], len(weights.levels[name])
        assert chances["match"][top] - chances["distinct"][top] > 3, name
        assert chances["match"][1] < chances["distinct"][1], name
    assert weights.prior["match"] < -5
    assert pairwise_f1(TRUTH, cluster(frame, edges, None, SPEC, weights)) > reached


def test_where_a_near_certain_rule_can_be_asked_nothing_that_is_there_is_declared_only():
    for fields in ((*NAMES, *ADDRESS), (*NAMES, "birth_date"), (*NAMES, "email_keys"), ("email_keys", "phones")):
        weights, _ = resolve(EVERYONE[[*ALWAYS, *fields]])
        assert weights.notes == []
