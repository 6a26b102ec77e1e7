"""``suki explain`` on a resolved sample world: what it prints adds up to what is stored, and names nobody."""

import io
import json
import math
import os
import re
import sys
from collections.abc import Callable
from decimal import Decimal

import pytest

from include.matching import load_spec
from include.matching.explaining import weighed
from suki import cli
from suki.explaining.words import sum_lines
from tests.integration.flow.world import World

pytestmark = pytest.mark.integration

SPEC = load_spec()
Ask = Callable[..., tuple[int, str, str]]

PAIRS = (
    "SELECT e.record_a::text, e.record_b::text, e.band, a.customer_id::text, b.customer_id::text FROM identity.edge e"
    " JOIN golden.crosswalk a ON a.record_id = e.record_a JOIN golden.crosswalk b ON b.record_id = e.record_b"
    " JOIN staging.current_record x ON x.record_id = e.record_a JOIN staging.current_record y ON y.record_id = e.record_b"
)


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    def asked(world: World, *words: str) -> tuple[int, str, str]:
        with world.connected():
            code = cli.main(["explain", *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return asked


def pairs(world: World, where: str) -> list[tuple[str, ...]]:
    """Stored pairs: both record ids, the band, both customers."""
    return world.query(f"{PAIRS} WHERE {where} ORDER BY e.record_a, e.record_b")


def strangers(world: World) -> tuple[str, str]:
    """Two records that nothing brings together."""
    a, b = world.query(
        "SELECT x.record_id::text, y.record_id::text FROM staging.current_record x JOIN staging.current_record y"
        " ON x.country = 'JP' AND y.country = 'DE' WHERE x.given_key IS NOT NULL AND y.given_key IS NOT NULL ORDER BY 1, 2"
    )[0]
    return a, b


def printed(lines: list[str]) -> list[Decimal]:
    """The numbers at the ends of the lines of a sum, the total last."""
    return [Decimal(found[1]) for line in lines if (found := re.search(r"([+-]\d+\.\d\d)$", line))]


def from_the_artefact(artefact: dict, evidence: dict) -> float:
    """The weight of a pair out of the trained chances, from nothing but the levels the evidence names."""
    joint = {kind: artefact["prior"][kind] for kind in ("match", "distinct", "household", "namesake")}
    for name, levels in artefact["levels"].items():
        if name not in evidence:
            continue
        code = levels.index(evidence[name][0]) + 1
        if f"{name} frequency" in evidence:
            held = int(re.match(r"held by ([\d,]+) to", evidence[f"{name} frequency"][0])[1].replace(",", ""))
            code += round(math.log2(held))
        for kind in joint:
            joint[kind] += artefact["chances"][name][kind][code]
    others = sum(2.0 ** joint[kind] for kind in ("distinct", "household", "namesake"))
    return joint["match"] - math.log2(others)


def test_what_is_printed_of_every_stored_pair_adds_up_to_its_stored_weight(synced: World) -> None:
    ((artefact, version),) = synced.query("SELECT artefact, model_version FROM identity.match_model WHERE active")
    edges = synced.query("SELECT weight, band, evidence, model_version FROM identity.edge")
    assert len(edges) > 500
    for weight, band, evidence, by in edges:
        told = weighed(evidence, weight, SPEC, reliable=artefact["reliable"])
        assert sum(Decimal(repr(part.weight)) for part in told.parts) == Decimal(repr(weight))
        *parts, together = printed(list(sum_lines(told, SPEC)))
        assert sum(parts) == together == round(Decimal(repr(weight)), 2)
        assert by == version
        assert from_the_artefact(artefact, evidence) == pytest.approx(weight, abs=1e-3)
        assert told.band == band


def test_a_match_across_scripts_is_explained(synced: World, ask: Ask) -> None:
    a, b, _, customer, _ = pairs(
        synced,
        "e.band = 'match' AND a.customer_id = b.customer_id AND x.family_name ~ '^[A-Za-z]+$' AND y.family_name ~ '[一-龥가-힣]'",
    )[0]
    code, said, _ = ask(synced, a, b)
    ((weight, rule),) = synced.query("SELECT weight, rule FROM identity.edge WHERE record_a = :a AND record_b = :b", a=a, b=b)
    assert code == 0
    assert f"They match: {Decimal(repr(weight)):+.2f}" in said
    assert f"compared by the rule '{rule}'" in said
    assert f"They are one customer, {customer}." in said
    assert re.search(r"^  family     +(exact|close|weak) ", said, re.MULTILINE), "their names are compared across scripts"
    assert "As stored by the last run" in said


def test_two_people_of_one_home_are_explained_with_what_speaks_against_them(synced: World, ask: Ask) -> None:
    home = (
        "SELECT x.record_id::text, y.record_id::text FROM staging.current_record x JOIN staging.current_record y"
        " ON (x.street_key, x.house_number, x.family_key) = (y.street_key, y.house_number, y.family_key)"
        " AND x.record_id < y.record_id AND left(x.given_key, 1) <> left(y.given_key, 1)"
        " JOIN golden.crosswalk a ON a.record_id = x.record_id JOIN golden.crosswalk b ON b.record_id = y.record_id"
        " WHERE a.customer_id <> b.customer_id AND length(x.given_key) > 2 AND length(y.given_key) > 2"
        " AND NOT EXISTS (SELECT FROM identity.edge WHERE record_a = x.record_id AND record_b = y.record_id) ORDER BY 1, 2"
    )
    a, b = synced.query(home)[0]
    code, said, _ = ask(synced, b, a)
    assert code == 0
    assert "They do not match" in said
    assert "They were compared by the rule" in said, "pairs below review are weighed anew, not called never compared"
    assert re.search(r"^  given +different +different +-\d", said, re.MULTILINE)
    assert re.search(r"^  household +less: two of one home may agree so +[+-]\d", said, re.MULTILINE)
    assert "two customers" in said
    *parts, together = printed(said.splitlines())
    assert sum(parts) == together < SPEC.thresholds.review


def test_a_pair_never_compared_is_told_from_one_that_was_and_says_what_it_would_weigh(synced: World, ask: Ask) -> None:
    a, b = strangers(synced)
    code, said, _ = ask(synced, a, b)
    assert code == 0
    assert "They were never compared" in said
    assert "They do not match" not in said
    assert "What they would weigh" in said
    *parts, together = printed(said.splitlines())
    assert sum(parts) == together


def test_two_records_that_are_one_customer_through_others_are_led_from_one_to_the_other(synced: World, ask: Ask) -> None:
    a, b, *_ = pairs(synced, "e.band = 'review' AND a.customer_id = b.customer_id")[0]
    code, said, _ = ask(synced, a, b)
    assert code == 0
    assert "They may be one person" in said
    way = said.partition("through others:\n")[2].partition("\n\n")[0].splitlines()
    records = [line.split()[0] for line in way[::2]]
    assert (records[0], records[-1]) == (a, b)
    assert len(records) > 2
    assert all(re.match(r" +[+-]\d+\.\d\d  \w+ \w+", line) for line in way[1::2])


def test_a_customer_is_explained_by_what_holds_it_together(synced: World, ask: Ask) -> None:
    ((customer, n),) = synced.query(
        "SELECT customer_id::text, count(*) FROM golden.crosswalk GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1"
    )
    code, said, _ = ask(synced, customer)
    assert code == 0
    assert f"Customer {customer}: {n} records." in said
    links = said.partition("strongest first:\n")[2].partition("\n\n")[0].splitlines()
    weights = [float(line.split()[3]) for line in links]
    assert len(links) == n - 1
    assert weights == sorted(weights, reverse=True)
    weakest = re.search(r"Weakest link: (\d+ – \d+)\.", said)
    assert weakest
    assert links[-1].startswith(f"  {weakest[1]} ")
    record = synced.query("SELECT record_id::text FROM golden.crosswalk WHERE customer_id = :id LIMIT 1", id=customer)[0][0]
    _, by_record, _ = ask(synced, record)
    assert f"You asked about {record}" in by_record
    _, as_json, _ = ask(synced, customer, "--json")
    assert len(json.loads(as_json)["cohesion"]["links"]) == n - 1


def test_a_match_in_two_customers_says_what_keeps_them_apart(synced: World, ask: Ask) -> None:
    a, b, _, one, other = pairs(synced, "e.band = 'match' AND a.customer_id <> b.customer_id")[0]
    _, of_pair, _ = ask(synced, a, b)
    assert (
        f"Yet they are two customers, {min(one, other)}" in of_pair or f"Yet they are two customers, {max(one, other)}" in of_pair
    )
    reason = of_pair.partition("two customers,")[2].splitlines()[1]
    assert "on average; groups join above" in reason or " – " in reason
    _, of_customer, _ = ask(synced, one)
    assert f"customer {other}, " in of_customer.partition("Kept apart from:")[2]


def test_what_a_steward_decided_is_named(synced: World, copy_of: Callable[[World], World], ask: Ask) -> None:
    world = copy_of(synced)
    a, b, _, customer, _ = pairs(
        world, "e.band = 'match' AND a.customer_id = b.customer_id AND"
        " (SELECT count(*) FROM golden.crosswalk c WHERE c.customer_id = a.customer_id) = 2"
    )[0]  # fmt: skip
    c, d = strangers(world)
    decision, other = "0b6f5d3e-7a61-4b57-9a0f-3f5d2c8e4b10", "1b6f5d3e-7a61-4b57-9a0f-3f5d2c8e4b10"
    for decided, (x, y), what in ((decision, (b, a), "cannot_link"), (other, (c, d), "must_link")):
        world.execute(
            "INSERT INTO identity.steward_decision (decision_id, record_a, record_b, decision, actor, reason)"
            f" VALUES ('{decided}', '{x}', '{y}', '{what}', 'Zenobia Actor', 'Not the Xanthippe I know')"
        )
        world.execute(f"INSERT INTO staging.dirty_record (record_id, reason) VALUES ('{x}', 'decision')")
    _, before, _ = ask(world, a, b)
    assert f"a steward decided that they are two people (decision {decision}). The next run heeds it." in before
    assert f"They are one customer, {customer}" in before
    world.resolve("after the decisions")
    code, said, _ = ask(world, a, b)
    assert code == 0
    assert f"a steward decided that they are two people (decision {decision}).\n" in said
    assert "a steward decided that" in said.partition("Yet they are two customers")[2]
    _, of_customer, _ = ask(world, customer)
    assert "are two people" in of_customer.partition("Kept apart from:")[2]
    _, linked, _ = ask(world, c, d)
    assert f"a steward decided that they are one person (decision {other})." in linked
    assert re.search(r"They are one customer, \S+, (by a steward's decision|through others):", linked)
    assert re.search(r"^ +must link  a steward decided it", linked, re.MULTILINE)
    assert "Zenobia" not in before + said + of_customer + linked
    assert "Xanthippe" not in before + said + of_customer + linked


def test_ids_levels_and_weights_are_printed_and_nobodys_values(synced: World, ask: Ask) -> None:
    customers = synced.query("SELECT customer_id::text FROM golden.crosswalk GROUP BY 1 HAVING count(*) > 4 ORDER BY 1 LIMIT 4")
    a, b, *_ = pairs(synced, "e.band = 'match'")[0]
    said = "".join(ask(synced, *words)[1] for words in [*customers, (a, b), (a, b, "--json"), (customers[0][0], "--json")])
    values = synced.query(
        "SELECT DISTINCT unnest(emails || phones || handles || loyalty_ids"
        " || ARRAY[full_name, birth_date, address_line, postcode]) FROM staging.current_record"
    )
    ids = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{64}\b|model [0-9a-f]{12}"  # any five digits stand in some
    without_ids = re.sub(ids, "", said)
    assert len(without_ids) > 1000
    assert [value for (value,) in values if value and len(value) > 4 and value in without_ids] == []


def test_values_are_shown_on_a_terminal_alone_and_cannot_command_it(
    synced: World, copy_of: Callable[[World], World], ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = copy_of(synced)
    a, b, *_ = pairs(world, "e.band = 'match'")[0]
    world.execute(f"UPDATE staging.record_version SET full_name = E'山田 \\x1b[2J太郎', city = NULL WHERE record_id = '{a}'")
    world.execute(f"UPDATE staging.record_version SET full_name = 'Taro Yamada', city = 'Kyoto' WHERE record_id = '{b}'")
    code, out, err = ask(world, a, b, "--values")
    assert (code, out) == (1, "")
    assert "a terminal" in err
    mine, theirs = os.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as terminal, monkeypatch.context() as there:
        there.setattr(sys, "stdout", terminal)
        assert ask(world, a, b, "--values")[0] == 0
        terminal.flush()
        shown = os.read(mine, 65536).decode()
    os.close(mine)
    assert re.search(r"^  full_name +山田 \N{REPLACEMENT CHARACTER}\[2J太郎 +Taro Yamada\r?$", shown, re.MULTILINE)
    assert re.search(r"^  city +Kyoto\r?$", shown, re.MULTILINE)
    assert "\x1b" not in shown


def test_a_record_is_found_by_its_source_and_key_and_the_key_is_never_repeated(
    synced: World, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, key = synced.query(
        "SELECT c.record_id::text, r.source_key FROM golden.crosswalk c JOIN staging.record r USING (record_id)"
        " WHERE r.source = 'support' ORDER BY 1 LIMIT 1"
    )[0]
    by_id, by_key = ask(synced, record)[1], ask(synced, "support", key)[1]
    assert by_key.splitlines()[2:] == by_id.splitlines()[2:]
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{key}\n"))
    assert ask(synced, "support", "-")[1] == by_key
    code, out, err = ask(synced, "support", "zzz@example.org")
    assert (code, out, err) == (1, "", "support has no customer of that key.\n")
    code, _, err = ask(synced, "zzz@example.org", "x")
    assert code == 1
    assert "Sources: online_sales, social, store_pos, support" in err
    assert "zzz" not in err


def test_who_cannot_be_explained_is_said_in_a_sentence(synced: World, copy_of: Callable[[World], World], ask: Ask) -> None:
    broken = copy_of(synced)
    a, b, _, customer, _ = pairs(broken, "e.band = 'match' AND a.customer_id = b.customer_id")[0]
    nobody = "11111111-e38d-8f27-bc2a-ba85af538b90"
    waiting, deleted = (row[0] for row in broken.query("SELECT record_id::text FROM golden.crosswalk WHERE record_id NOT IN"
                                                       f" ('{a}', '{b}') ORDER BY 1 LIMIT 2"))  # fmt: skip
    c, d = strangers(broken)
    broken.execute(f"UPDATE staging.record_version SET region = 'elsewhere' WHERE record_id = '{c}'")
    _, said, _ = ask(broken, c, d)
    assert re.search(r"never compared: records of (elsewhere and \w+|\w+ and elsewhere) may not be", said)
    assert "together" not in said, "what may not be compared is not compared for an explanation either"
    ((large, gone),) = broken.query(
        "SELECT customer_id::text, min(record_id::text) FROM golden.crosswalk"
        f" WHERE record_id NOT IN ('{waiting}', '{deleted}') AND customer_id <> '{customer}'"
        " GROUP BY customer_id HAVING count(*) > 3 ORDER BY 1 LIMIT 1"
    )
    broken.execute(f"UPDATE staging.record_version SET deleted = true WHERE record_id = '{gone}'")
    _, said, _ = ask(broken, large)
    assert "1 record deleted since the last run: left out." in said
    assert gone not in said
    broken.execute(f"DELETE FROM golden.crosswalk WHERE record_id IN ('{waiting}', '{deleted}')")
    broken.execute(f"UPDATE staging.record_version SET deleted = true WHERE record_id = '{deleted}'")
    sentences = {
        (nobody,): f"There is no record and no customer of the id {nobody}.",
        (a, nobody): f"There is no record and no customer of the id {nobody}.",
        (a, a): "one record, given twice",
        (a, customer): f"{customer} is a customer, not a record.",
        (a, b, customer): "These are 3 things.",
        (a, "online_sales"): "no key follows it",
        (a, waiting): f"Record {waiting} is not resolved yet",
        (deleted, a): f"Record {deleted} was deleted by its source",
    }
    for words, sentence in sentences.items():
        code, out, err = ask(broken, *words)
        assert (code, out) == (1, ""), words
        assert sentence in err
        assert "Traceback" not in err
    broken.execute("DELETE FROM identity.match_model")
    code, out, err = ask(broken, a, b)
    assert (code, out) == (1, "")
    assert "is not in identity.match_model any more" in err
    broken.execute("DELETE FROM ops.household_run")
    broken.execute("DELETE FROM ops.resolve_run")
    assert "Nothing was resolved yet" in ask(broken, a, b)[2]
