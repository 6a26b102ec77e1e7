"""The loop is closed: what is missing most is asked, the answer comes back as a source, and the question is gone."""

import csv
import shutil
from pathlib import Path

import pytest

from include.sources import declared, discover, discovery
from include.warehouse import profile
from include.warehouse.engine import connect, transaction
from tests.integration.flow.world import DAY, NEXT_DAY, THIRD_DAY, World, deliver, shopper, unbalanced

pytestmark = pytest.mark.integration


@pytest.fixture
def asked(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A shop whose customers left no number, with the source of answers switched on."""
    root = tmp_path / "include" / "sources"
    for source in (*discover().values(), declared()["touchpoint_answers"]):
        shutil.copytree(source.folder, root / source.name)
    file = root / "touchpoint_answers" / "source.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("enabled: false", "enabled: true"), encoding="utf-8")
    monkeypatch.setattr(discovery, "HERE", root)
    with transaction(connect(world.url), "declaring") as connection:
        profile.declare(connection)
    said = {"emailMarketingConsent": {"marketingState": "SUBSCRIBED", "consentUpdatedAt": "2026-07-01T00:00:00Z"}}
    deliver(world.exports, DAY, [shopper(n, **said) for n in range(1, 9)])
    world.ingest("online_sales", DAY, NEXT_DAY)
    world.resolve("first")
    return world


def picture(world: World) -> tuple[str, str, list[str], float]:
    ((who, question, missing, completeness),) = world.query(
        "SELECT p.customer_id::text, p.next_question, p.missing, p.completeness FROM golden.v_profile p"
        " JOIN golden.customer c USING (customer_id) WHERE 'shopper3@example.org' = ANY (c.emails)"
    )
    return str(who), str(question), list(missing), float(completeness)


def answer(world: World, **given: str) -> None:
    folder = declared()["touchpoint_answers"].folder / "sample"
    columns = next(csv.reader((folder / DAY / "answers.csv").open(encoding="utf-8")))
    assert not given.keys() - set(columns)
    delivery = world.exports / "touchpoint_answers" / NEXT_DAY
    delivery.mkdir(parents=True)
    with (delivery / "answers.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerow(given)


def test_an_answer_comes_back_as_a_source_and_its_question_is_gone(asked: World) -> None:
    who, question, missing, before = picture(asked)
    assert question == "Under which number can we reach you?"
    answer(asked, **{
        "Answer ID": "T-1", "Asked at": "2026-08-04 10:00:00", "Store": "MNL01", "Customer ID": who, "Question": question,
        "Name": "Name3 Family3", "Found by e-mail": "shopper3@example.org", "Mobile confirmed by code": "0917 555 0142",
        "Country": "PH",
        "May we text you?": "Yes", "Proof": "slip 4711",
    })  # fmt: skip
    people, answers = asked.ingest("touchpoint_answers", NEXT_DAY, THIRD_DAY)
    assert (people["staged"], answers["staged"]) == (1, 1)
    assert unbalanced(asked) == []
    asked.resolve("answered")

    after, question, still, completeness = picture(asked)
    assert after == who, "the answer found its customer"
    assert set(missing) - set(still) == {"phone", "sms_consent"}
    assert question != "Under which number can we reach you?"
    assert completeness > before
    ((phones, sources),) = asked.query("SELECT phones, sources FROM golden.customer WHERE customer_id = :c", c=who)
    assert (phones, sources) == (["+639175550142"], ["online_sales", "touchpoint_answers"])
    told = asked.query("SELECT channel, state, source, proof FROM golden.v_consent WHERE customer_id = :c ORDER BY 1", c=who)
    assert told == [
        ("email", "granted", "online_sales", f"online_sales/{DAY}/customers.jsonl"),
        ("sms", "granted", "touchpoint_answers", f"touchpoint_answers/{NEXT_DAY}/answers.csv"),
    ]


def test_what_was_confirmed_by_code_comes_before_what_others_only_said(asked: World) -> None:
    deliver(asked.exports, NEXT_DAY, [shopper(3, phone="+639171234567", updatedAt="2026-08-04T01:00:00Z")])
    asked.ingest("online_sales", NEXT_DAY, THIRD_DAY)
    who, *_ = picture(asked)
    answer(asked, **{
        "Answer ID": "T-1", "Asked at": "2026-08-04 10:00:00", "Customer ID": who, "Name": "Name3 Family3",
        "Found by e-mail": "shopper3@example.org", "Mobile confirmed by code": "0917 555 0142", "Country": "PH",
    })  # fmt: skip
    asked.ingest("touchpoint_answers", NEXT_DAY, THIRD_DAY)
    asked.resolve("answered")
    assert asked.query("SELECT phones, full_name FROM golden.customer WHERE customer_id = :c", c=who) == [
        (["+639175550142", "+639171234567"], "Name3 Family3")
    ]
