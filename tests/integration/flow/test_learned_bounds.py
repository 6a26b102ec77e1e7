"""A day is held against earlier days of its weekday, unless it is part of a load that must not depend on them."""

from datetime import date, timedelta

import pytest
from airflow.sdk.api.datamodels._generated import DagRunType
from airflow.sdk.exceptions import AirflowFailException

from include.sources.declaration import Volume
from suki.declared import source_named
from suki.operators import gate
from suki.operators.extract import ExtractOperator
from tests.integration.flow.world import DAY, NEXT_DAY, THIRD_DAY, World, deliver, shopper

pytestmark = pytest.mark.integration

SHOP = "online_sales"


def four_mondays_of(world: World, rows: int) -> None:
    for week in range(1, 5):
        world.execute(
            "INSERT INTO ops.measure (source, stream, suite, measure, day, figure, dag_id, run_id)"
            " VALUES (:source, 'customers', 'landed', 'rows', :day, :rows, 'ingest_online_sales', 'r')",
            source=SHOP, day=date.fromisoformat(DAY) - timedelta(weeks=week), rows=rows,
        )  # fmt: skip


def declares(world: World, monkeypatch: pytest.MonkeyPatch, **volume: int) -> None:
    shop = source_named(SHOP)
    streams = {**shop.streams, "customers": shop.streams["customers"].model_copy(update={"volume": Volume(**volume)})}
    monkeypatch.setattr(gate, "source_named", lambda _: shop.model_copy(update={"streams": streams}))


def first_gate(world: World, *, run_type: str = DagRunType.SCHEDULED, end: str = NEXT_DAY, **params: object) -> None:
    run = world.run_of(SHOP, DAY, end)
    context = run.context() | {"params": params}
    context["dag_run"].run_type = run_type
    with world.connected():
        batches = world.step(ExtractOperator(task_id="extract", source=SHOP), run)
        operator = world.operator(SHOP, "gate_landed", batches)
        operator.execute(context)


def test_half_an_export_closes_the_gate_with_the_owner_and_the_two_commands(world: World) -> None:
    four_mondays_of(world, 200)
    deliver(world.exports, customers=[shopper(n) for n in range(20)])
    with pytest.raises(AirflowFailException) as failed:
        first_gate(world)
    sentence = str(failed.value)
    assert "volume_is_usual (rows = 20, usually 200 (100 to 300, from 4 earlier days of this weekday): -90%)" in sentence
    conf = '{"window_start": "2026-08-03", "window_end": "2026-08-04"'
    assert f"airflow dags trigger ingest_online_sales --conf '{conf}}}'" in sentence
    assert f"airflow dags trigger ingest_online_sales --conf '{conf}, \"learned_bounds\": false}}'" in sentence
    ((owner,),) = world.query(
        "SELECT owner FROM ops.quality_result WHERE expectation = 'volume_is_usual' AND stream = 'customers'"
    )
    assert owner in sentence
    assert "(" in owner, "with where to reach them"
    assert world.query("SELECT count(*) FROM ops.measure WHERE day = '2026-08-03' AND stream = 'customers'") == [(0,)], (
        "what did not go on is not what is usual"
    )


@pytest.mark.parametrize(
    "how", [{"learned_bounds": False}, {"run_type": DagRunType.BACKFILL}, {"end": THIRD_DAY}], ids=["told", "backfill", "bulk"]
)
def test_a_load_that_must_not_depend_on_history_does_not(world: World, how: dict) -> None:
    four_mondays_of(world, 200)
    deliver(world.exports, customers=[shopper(n) for n in range(20)])
    deliver(world.exports, NEXT_DAY, customers=[])
    first_gate(world, **how)
    remembered = world.query(
        "SELECT figure FROM ops.measure WHERE day = '2026-08-03' AND stream = 'customers' AND measure = 'rows'"
    )
    assert remembered == ([] if "end" in how else [(20.0,)]), "a single day is remembered, a bulk load has no weekday"


@pytest.mark.parametrize(
    ("volume", "says"), [({"least": 30}, "30 rows or more"), ({"most": 10}, "0 to 10 rows")], ids=["half an export", "sent twice"]
)
def test_fewer_and_more_rows_than_its_owner_declares_close_the_gate(
    world: World, monkeypatch: pytest.MonkeyPatch, volume: dict, says: str
) -> None:
    declares(world, monkeypatch, **volume)
    deliver(world.exports, customers=[shopper(n) for n in range(20)])
    with pytest.raises(AirflowFailException, match=rf"volume_as_declared \(rows = 20\): .* brings {says}: ") as failed:
        first_gate(world)
    assert '"learned_bounds": false' in str(failed.value)
    first_gate(world, learned_bounds=False)


def test_a_bulk_load_may_bring_as_much_as_all_its_days(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    declares(world, monkeypatch, least=8, most=10)
    deliver(world.exports, customers=[shopper(n) for n in range(20)])
    deliver(world.exports, NEXT_DAY, customers=[])
    first_gate(world, end=THIRD_DAY)
