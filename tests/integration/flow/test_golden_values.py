"""Golden values are those of the sample's people: how many, field by field, is printed."""

import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from local.summary import people_of
from sample.delivery import Post
from sample.people import Person, Population
from sample.rates import load
from sample.writing import Spool
from tests.integration.flow.world import World

pytestmark = pytest.mark.integration

AT_LEAST = 0.97


def letters(text: str) -> str:
    """The letters of a name in no order: whose family name stands first is no matter of truth."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))
    return "".join(sorted(sign for sign in plain.replace("ß", "ss").replace("ł", "l").replace("ı", "i") if sign.isalnum()))


def names(person: Person) -> set[str]:
    """Every way the person truly writes their name: in either script, with a middle name or without."""
    middle = person.middle
    written = [(person.given.native, family.native, middle.native if middle else "") for _, family in person.families]
    written += [
        (given, roman, middle.romans[0] if middle else "")
        for _, family in person.families for given in person.given.romans for roman in family.romans
    ]  # fmt: skip
    return {
        letters(given + family + between + suffix)
        for given, family, second in written for between in ("", second, second[:1]) for suffix in ("", person.suffix)
    }  # fmt: skip


def digits(numbers: Iterable[str]) -> set[str]:
    return {re.sub(r"\D", "", number) for number in numbers if number}


def truths(person: Person, post: Post) -> dict[str, Callable[[str], bool]]:
    """Whether a value is the person's, by field."""
    known, company = names(person), person.company
    mailboxes = {box.lower() for box in (*person.emails, person.shared_mailbox, company.mailbox if company else "")}
    lines = (person.mobile(post.end), person.second_mobile, person.landline, person.borrowed_mobile)
    numbers = digits((*lines, company.phone if company else ""))
    return {
        "full_name": lambda value: letters(value) in known,
        "birth_date": lambda value: value == person.born.isoformat(),
        "emails": lambda value: value.lower() in mailboxes,
        "phones": lambda value: not digits([value]).isdisjoint(numbers),
        "country": lambda value: value == person.home(post.end).country,
    }


def listed(value: Any) -> list[str]:
    return [] if value is None else value if isinstance(value, list) else [value]


def test_of_what_a_source_tells_truly_97_of_100_golden_values_are_true(
    synced: World, sample_truth: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    world, rates = json.loads((sample_truth / "world.json").read_text(encoding="utf-8")), load()
    with Spool(tmp_path / "spool.sqlite") as spool:
        post = Post(rates, world["seed"], world["days"], spool)
    span = (post.history, post.start, post.end)
    drawn = Population(rates, world["seed"], world["people"], span, post.catalogue.companies)
    people = {person.person_id: person for person in drawn}
    whose = people_of(sample_truth / "truth.csv")
    of: dict[str, Counter[str]] = defaultdict(Counter)
    for source, stream, key, customer in synced.query(
        "SELECT record.source, record.stream, record.source_key, customer_id::text"
        " FROM golden.crosswalk JOIN staging.record USING (record_id)"
    ):
        of[customer][whose[source, stream, key]] += 1
    fields = ("full_name", "birth_date", "emails", "phones", "country")
    said: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for customer, *row in synced.query(
        f"SELECT customer_id::text, {', '.join(fields)} FROM golden.crosswalk JOIN staging.current_record USING (record_id)"
    ):
        said[customer].append(tuple(row))
    true, known = Counter[str](), Counter[str]()
    for customer, *row in synced.query(f"SELECT customer_id::text, {', '.join(fields)} FROM golden.customer"):
        person = people[of[customer].most_common(1)[0][0]]
        for place, (field, holds) in enumerate(truths(person, post).items()):
            if any(holds(value) for record in said[customer] for value in listed(record[place])):
                known[field] += 1
                true[field] += bool(listed(row[place])) and holds(listed(row[place])[0])
    shares = {field: true[field] / known[field] for field in fields}
    everybody = len(said)
    with capsys.disabled():
        print("\ngolden values that are true, of those some source tells truly:", end=" ")
        print(", ".join(f"{field} {true[field]:,} of {known[field]:,} ({share:.1%})" for field, share in shares.items()))
        print(f"of all {everybody:,} customers, of whom some say nothing of it:", end=" ")
        print(", ".join(f"{field} {true[field] / everybody:.1%}" for field in fields))
    assert min(known.values()) > 30
    assert {field: share for field, share in shares.items() if share < AT_LEAST} == {}


def test_what_came_back_in_the_sample_marks_the_address_and_the_home(synced: World) -> None:
    came_back = dict(
        synced.query("SELECT channel, count(*) FROM golden.customer_interaction WHERE interaction_type = 'bounce' GROUP BY 1")
    )
    assert set(came_back) == {"email", "post"}
    states = """
        SELECT
            count(*) FILTER (WHERE emails @> '[{"state": "bounced"}]'),
            count(*) FILTER (WHERE addresses @> '[{"state": "bounced"}]')
        FROM golden.v_profile
    """
    ((mail, post),) = synced.query(states)
    assert mail + post > 0, "not all were told or used again since"
    assert mail <= came_back["email"]
    assert post <= came_back["post"]
