"""An e-mail in the text of somebody's tickets speaks for whose it is, less than one on record does, and never for two."""

import pandas as pd
import pytest

from include.matching import block, cluster, load_spec, score, train
from tests.unit.matching.factory import EVERYWHERE, households, levels, snapshot

SPEC = load_spec()
JANE = {"given_key": "jane", "family_key": "doe", "email_keys": ["jane@example.org"], "postcode": "99001", "country": "DE"}
WROTE = {"given_key": "jane", "family_key": "doe", "mentioned_email_keys": ["jane@example.org"]}


@pytest.fixture(scope="module")
def weights():
    return train(households()[0], SPEC)


def who_is_who(weights, *people):
    """Cluster of each of these people, who stand beside the homes."""
    frame = pd.concat([households()[0].assign(record_id=lambda homes: "9" + homes["record_id"].str[1:]), snapshot(*people)])
    edges = score(frame, block(frame, SPEC, EVERYWHERE).frame, SPEC, weights)
    found = cluster(frame, edges, None, SPEC, weights)
    return dict(zip(frame["record_id"], found, strict=True)), edges


def name(number):
    return f"{number:08x}-0000-8000-8000-000000000000"


def of(edges, one, other):
    return edges[(edges["record_a"] == name(one)) & (edges["record_b"] == name(other))]


def test_a_mention_stands_on_a_ladder_of_its_own_below_an_email_on_record():
    assert levels(WROTE, JANE)["mention"] == "only"
    assert levels(JANE, WROTE)["mention"] == "only"
    assert levels(WROTE, JANE)["email"] == "null"
    assert levels({"mentioned_email_keys": ["other@example.org"]}, JANE)["mention"] == "absent"
    assert levels({"mentioned_email_keys": ["jane@example.org", "john@example.org"]}, JANE)["mention"] == "among"


def test_what_is_on_record_anyhow_is_not_counted_twice():
    own = {**JANE, "mentioned_email_keys": ["jane@example.org"]}
    assert levels(own, JANE)["mention"] == "null"
    assert levels(own, {"email_keys": ["john@example.org"]})["mention"] == "null"
    both = {"email_keys": ["jane@example.org"], "mentioned_email_keys": ["janes.second@example.org"]}
    second = {"email_keys": ["jane@example.org", "janes.second@example.org"]}
    assert levels(both, second)["mention"] == "null"
    assert (
        levels({"email_keys": ["j@work.example"], "mentioned_email_keys": ["jane@example.org", "j@work.example"]}, JANE)[
            "mention"
        ]
        == "only"
    )


def test_that_two_mention_one_address_says_nothing():
    assert levels(WROTE, {**WROTE})["mention"] == "null"


def test_a_ticket_without_a_senders_email_finds_its_customer_by_the_one_in_its_text(weights):
    first_name = {"given_key": "jane"}
    of_person, edges = who_is_who(weights, JANE, {**first_name, "mentioned_email_keys": ["jane@example.org"]}, first_name)
    assert of_person[name(0)] == of_person[name(1)] != of_person[name(2)]
    assert of(edges, 0, 1)["rule"].tolist() == ["e-mail"]


def test_it_weighs_less_than_the_same_address_on_record(weights):
    stated = {**WROTE, "email_keys": WROTE["mentioned_email_keys"], "mentioned_email_keys": []}
    by_mention, by_record = who_is_who(weights, JANE, WROTE)[1], who_is_who(weights, JANE, stated)[1]
    assert of(by_mention, 0, 1)["weight"].item() < of(by_record, 0, 1)["weight"].item()


@pytest.mark.parametrize("writer", [{}, {"given_key": "kim", "family_key": "lee"}, {"phones": ["+493012345678"]}])
def test_a_ticket_that_mentions_two_peoples_emails_merges_nobody(weights, writer):
    john = {"given_key": "john", "family_key": "smith", "email_keys": ["john@example.org"]}
    wrote = {**writer, "mentioned_email_keys": ["jane@example.org", "john@example.org"]}
    of_person, _ = who_is_who(weights, JANE, john, wrote)
    assert len({of_person[name(number)] for number in range(3)}) == 3


def test_who_writes_of_their_partners_address_is_not_their_partner(weights):
    home = {"family_key": "doe", "house_number": "7", "street_key": "ring", "postcode": "99001"}
    jane, john = {**JANE, **home}, {**home, "given_key": "john", "mentioned_email_keys": ["jane@example.org"]}
    of_person, _ = who_is_who(weights, jane, john)
    assert of_person[name(0)] != of_person[name(1)]


def test_the_shops_own_mailbox_weighs_nothing(weights):
    shop = {"given_key": "shop", "family_key": "team", "email_keys": ["help@shop.example"]}
    writers = [
        {"given_key": f"{letter}ira", "family_key": f"{letter}olt", "mentioned_email_keys": ["help@shop.example"]}
        for letter in "abcdefghij"
    ]
    of_person, edges = who_is_who(weights, shop, *writers)
    assert len({of_person[name(number)] for number in range(11)}) == 11
    assert of(edges, 0, 1).empty
    among_them = snapshot(shop, *writers)
    assert not len(block(among_them, SPEC, EVERYWHERE).frame.query("rule == 3"))


def test_an_address_that_more_people_write_of_weighs_less(weights):
    def weight(*others):
        found = of(who_is_who(weights, JANE, WROTE, *others)[1], 0, 1)
        return found["weight"].item()

    others = [
        {"given_key": f"{letter}ira", "family_key": f"{letter}olt", "mentioned_email_keys": ["jane@example.org"]}
        for letter in "abcd"
    ]
    assert weight(*others) < weight()
