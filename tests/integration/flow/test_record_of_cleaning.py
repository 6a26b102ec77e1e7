"""What cleaning did is kept with the run and with every record, and a changed cleaner takes the place of the older one."""

from collections import Counter
from typing import Any

import pytest

from include.cleaning import standards, steps
from include.cleaning.result import Cleaned
from suki.operators.learn import LearnHabitsOperator
from tests import flow
from tests.integration.flow.world import DAY, NEXT_DAY, World, deliver, shopper

pytestmark = pytest.mark.integration

PEOPLE = [
    shopper(1),
    shopper(2, email="ana@gmial.com", phone="0917 555 0142"),
    shopper(3, email="noemail@gmail.com", firstName="N/A"),
    shopper(4, defaultAddress={"zip": "10115", "countryCodeV2": "DE"}),
    shopper(5, defaultAddress=None, phone="+81 80 4321 8765"),
]


def cities(world: World) -> list[str | None]:
    return [row[0] for row in world.query("SELECT city FROM staging.current_record ORDER BY given_name")]


def told_of_people(world: World, table: str, *columns: str) -> dict[str, list[Any]]:
    """Field > what a table says of it once PEOPLE are in."""
    deliver(world.exports, customers=PEOPLE)
    world.ingest("online_sales", DAY, NEXT_DAY, run_id="r")
    rows = world.query(f"SELECT field, {', '.join(columns)} FROM {table} WHERE stream = 'customers'")
    return {field: figures for field, *figures in rows}


def test_the_sums_of_a_run_are_those_of_its_records(world: World) -> None:
    of_run = told_of_people(world, "ops.field_quality", "kept", "emptied", "inferred", "delivered", "rows")
    assert {counts[-1] for counts in of_run.values()} == {len(PEOPLE)}
    of_records = Counter(world.query("SELECT DISTINCT field, outcome, record_id FROM staging.value_outcome"))
    told = Counter((field, outcome) for field, outcome, _ in of_records)
    for field, (n_kept, emptied, inferred, delivered, _) in of_run.items():
        assert told[field, "inferred"] == inferred, field
        assert told[field, "emptied"] == emptied, field
        assert told[field, "missing"] <= len(PEOPLE) - delivered, field
        assert told[field, "kept"] >= n_kept, field
    assert (of_run["country"][2], of_run["city"][2]) == (1, 1)
    assert world.query("SELECT DISTINCT cleaning_version FROM staging.record_version") == [(1,)]
    assert world.query("SELECT standards_version, standards_owner FROM ops.cleaning") == [
        (standards.load().version, standards.load().owner)
    ]


def test_a_profile_is_kept_and_holds_nobodys_value(world: World) -> None:
    found = told_of_people(world, "ops.field_profile", "rows", "filled", "distinct_values", "patterns")
    assert found["emails"][:3] == [5, 5, 5]
    assert found["city"] == [5, 3, 1, {"other": 3}]
    assert {shape for *_, shapes in found.values() for shape in shapes} == {"other"}  # what few have may be somebody's


@pytest.mark.parametrize("better", ["Aardvark City", "Zebra City"])  # whichever of the two hashes is the larger
def test_a_window_ingested_again_is_what_the_changed_cleaner_reads(
    world: World, monkeypatch: pytest.MonkeyPatch, better: str
) -> None:
    deliver(world.exports, customers=[shopper(1)])
    world.ingest("online_sales", DAY, NEXT_DAY, run_id="first")
    before = cities(world)
    with monkeypatch.context() as changed:
        changed.setattr(steps, "clean_city", lambda text, *_: Cleaned(better, "city_name"))
        changed.setattr(standards, "fingerprint", lambda: "another")
        world.ingest("online_sales", DAY, NEXT_DAY, run_id="again")
        assert cities(world) == [better]
        assert world.ingest("online_sales", DAY, NEXT_DAY, run_id="a third time")[0]["staged"] == 0
    world.ingest("online_sales", DAY, NEXT_DAY, run_id="by a worker with the old code")
    assert cities(world) == [better] != before


def test_a_habit_is_frozen_when_somebody_asks_and_makes_another_cleaning(world: World) -> None:
    deliver(world.exports, customers=[shopper(1)])
    world.ingest("online_sales", DAY, NEXT_DAY, run_id="first")
    world.execute(
        "INSERT INTO ops.date_order_seen (dag_id, run_id, source, stream, scope, day_first, month_first, either)"
        " VALUES ('d', 'r', 'online_sales', 'customers', '', 400, 1, 90), ('d', 'r', 'store_pos', 'customers', 'MNL01', 99, 0, 9)"
    )
    news = [_learn(world, run_id) for run_id in ("ask", "ask again")]
    learned = {"order": "DMY", "evidence": {"day_first": 400, "month_first": 1, "either": 90}}
    assert news == [{"online_sales.customers": learned}, {}]  # the store declares its own
    world.ingest("online_sales", DAY, NEXT_DAY, run_id="second")
    assert world.query("SELECT max(cleaning_version) FROM ops.cleaning") == [(2,)]
    assert world.query("SELECT cleaning_version FROM staging.record_version") == [(2,)]


def _learn(world: World, run_id: str) -> dict[str, object]:
    with world.connected():
        return dict(world.step(LearnHabitsOperator(task_id="learn"), flow.Run("learn_habits", run_id)))
