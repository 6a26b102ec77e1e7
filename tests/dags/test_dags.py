"""What Airflow makes of the Dag files."""

import shutil
import subprocess
import sys
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
from jinja2 import Template

from include.resolution import Resolution, shards
from include.sources import discover

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(discover())
CHAIN = ["extract", "gate_landed", "map", "gate_mapped", "clean", "gate_cleaned", "stage"]
ON_REQUEST = ["learn_habits", "promote_match_model", "replay_quarantine", "train_match_model"]
BY_THE_CLOCK = ["audit_quality", "export_crm", "refresh_customers"]
WOKEN = ["publish_held_run"]
RESOLVE = [
    "wait_for_ingest",
    "pairs",
    "score",
    "cluster",
    "gate_clustered",
    "survive",
    "gate_golden",
    "weigh_change",
    "hold",
    "publish",
    "find_households",
]


def test_every_dag_file_loads(dagbag):
    assert dagbag.import_errors == {}
    assert set(dagbag.dags) == {
        *ON_REQUEST,
        *BY_THE_CLOCK,
        *WOKEN,
        "resolve_customers",
        *(f"ingest_{source}" for source in SOURCES),
    }


@pytest.mark.parametrize("source", SOURCES)
def test_no_step_of_an_ingest_can_be_walked_around(dagbag, source):
    dag = dagbag.dags[f"ingest_{source}"]
    assert [task.task_id for task in dag.topological_sort()] == CHAIN
    for before, after in pairwise(CHAIN):
        assert dag.get_task(after).upstream_task_ids == {before}


@pytest.mark.parametrize("source", SOURCES)
def test_an_ingest_dag_carries_its_declaration(dagbag, source):
    declared, dag = discover()[source], dagbag.dags[f"ingest_{source}"]
    assert declared.title in dag.doc_md
    assert declared.description.strip() in dag.doc_md
    assert dag.owner == declared.owner
    assert {"ingest", source, *declared.tags} <= dag.tags
    assert dag.catchup is False
    assert type(dag.timetable).__name__ == "CronDataIntervalTimetable"
    assert all(task.retries > 0 and task.retry_delay > timedelta(0) for task in dag.tasks)
    assert all(task.doc_md for task in dag.tasks)
    assert [asset.name for asset in dag.get_task("stage").outlets] == [f"staged_{source}"]


def test_gates_link_their_report(dagbag):
    gates = [task for dag in dagbag.dags.values() for task in dag.tasks if task.task_id.startswith("gate_")]
    assert len(gates) == 3 * (len(SOURCES) + 1) + 2
    for gate in gates:
        assert "Quality report" in [link.name for link in gate.operator_extra_links]


def test_resolve_runs_one_at_a_time_after_any_source(dagbag):
    dag = dagbag.dags["resolve_customers"]
    assert [task.task_id for task in dag.topological_sort()] == RESOLVE
    assert dag.max_active_runs == 1
    condition = dag.timetable.asset_condition
    assert type(condition).__name__ == "AssetAny"
    assert {asset.name for asset in condition.objects} == {
        "match_model",
        "staged_from_quarantine",
        *(f"staged_{source}" for source in SOURCES),
    }
    assert "who is who" in dag.doc_md


def test_pairs_are_scored_by_as_many_tasks_as_they_are_dealt_to_and_each_says_which_it_is(dagbag):
    score = dagbag.dags["resolve_customers"].get_task("score")
    assert score.is_mapped
    assert score.upstream_task_ids == {"pairs"}
    shard = Resolution("r", None, shard=shards(10, 7, 0)[1]).to_xcom()
    named = Template(score.map_index_template).render(task=SimpleNamespace(resolution=shard))
    assert named == "shard 2 of 7"


def test_dag_files_parse_fast_because_nothing_heavy_is_imported(tmp_path):
    script = """
import sys, time
import airflow.sdk, airflow.dag_processing.dagbag
start = time.process_time()
bag = airflow.dag_processing.dagbag.DagBag(dag_folder="dags")
heavy = ("pandas", "great_expectations", "recordlinkage", "scipy")
print(time.process_time() - start, len(bag.dags), *(name for name in heavy if name in sys.modules))
"""
    home = dict.fromkeys(("AIRFLOW_HOME", "HOME"), str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{ROOT}:{ROOT}/plugins", **home},
    )  # fmt: skip
    seconds, dags, *heavy = done.stdout.strip().splitlines()[-1].split()
    assert heavy == []
    assert int(dags) == len(SOURCES) + 1 + len(ON_REQUEST) + len(BY_THE_CLOCK) + len(WOKEN)
    print(f"parsing took {float(seconds):.2f} s of CPU")


def test_a_wrong_declaration_names_file_key_and_valid_keys_and_the_others_load(tmp_path, monkeypatch):
    from airflow.dag_processing.dagbag import DagBag

    import include.sources.discovery as discovery

    folder = tmp_path / "sources"
    for source in SOURCES:
        shutil.copytree(ROOT / "include" / "sources" / source, folder / source)
    wrong = folder / SOURCES[0] / "source.yml"
    wrong.write_text(wrong.read_text().replace("owner:", "ownr:", 1))
    monkeypatch.setattr(discovery, "HERE", folder)
    bag = DagBag(dag_folder=str(ROOT / "dags"))
    assert set(bag.dags) == {
        *ON_REQUEST,
        *BY_THE_CLOCK,
        *WOKEN,
        "resolve_customers",
        *(f"ingest_{source}" for source in SOURCES[1:]),
    }
    ((file, error),) = bag.import_errors.items()
    assert file.endswith("broken_sources.py")
    assert f"{SOURCES[0]}/source.yml" in error
    assert "ownr" in error
    assert "owner" in error.split("Valid:")[1]


@pytest.mark.parametrize("source", SOURCES)
def test_a_clean_task_links_what_was_delivered_and_what_became_of_it(dagbag, source):
    links = [link.name for link in dagbag.dags[f"ingest_{source}"].get_task("clean").operator_extra_links]
    assert links == ["Delivery profile", "Cleaning report"]


def test_every_source_is_cleaned_by_the_same_operator(dagbag):
    cleaners = [dagbag.dags[f"ingest_{source}"].get_task("clean") for source in SOURCES]
    assert {type(task).__name__ for task in cleaners} == {"CleanOperator"}
    assert {tuple(sorted(task.template_fields)) for task in cleaners} == {("batches",)}


def test_every_task_tells_when_it_fails_for_good_and_airflow_can_store_that(dagbag):
    from airflow.serialization.serialized_objects import DagSerialization

    tasks = [task for dag in dagbag.dags.values() for task in dag.tasks]
    assert [task.task_id for task in tasks if not task.has_on_failure_callback] == []
    for dag in dagbag.dags.values():
        stored = DagSerialization.from_dict(DagSerialization.to_dict(dag))
        assert all(task.has_on_failure_callback for task in stored.tasks)


@pytest.mark.parametrize("dag_id", BY_THE_CLOCK)
def test_what_looks_after_quality_runs_by_the_clock_and_never_twice_at_once(dagbag, dag_id):
    dag = dagbag.dags[dag_id]
    assert type(dag.timetable).__name__ == "CronTriggerTimetable"
    assert (dag.max_active_runs, dag.catchup, dag.owner) == (1, False, "customer-data")
    assert dag.tags
    assert dag.doc_md


def test_an_export_asks_in_its_form_what_to_write_and_for_which_purpose(dagbag):
    dag = dagbag.dags["export_crm"]
    assert {task.task_id for task in dag.tasks} == {"write_files", "write_database", "write_value"}
    assert (dag.params["mode"], dag.params["purpose"]) == ("full", "marketing")
    assert all(task.doc_md and task.retries > 0 for task in dag.tasks)


def test_a_held_run_wakes_the_dag_that_asks_and_silence_means_no(dagbag):
    resolve, dag = dagbag.dags["resolve_customers"], dagbag.dags["publish_held_run"]
    assert resolve.get_task("weigh_change").downstream_task_ids == {"hold", "publish"}
    assert [asset.name for asset in resolve.get_task("hold").outlets] == ["held_run"]
    assert {asset.name for asset in dag.timetable.asset_condition.objects} == {"held_run"}
    assert [task.task_id for task in dag.topological_sort()] == ["show", "approve", "publish", "find_households"]
    assert dag.get_task("publish").upstream_task_ids == {"show", "approve"}
    assert dag.get_task("approve").defaults == ["Reject"]
    assert dag.get_task("approve").response_timeout == timedelta(days=2)
    assert dag.max_active_runs > 1  # one that waits for a person holds back no other
    assert all(task.doc_md and task.retries > 0 for task in dag.tasks)


@pytest.mark.parametrize("dag_id", ON_REQUEST)
def test_what_is_learned_is_learned_only_when_somebody_asks(dagbag, dag_id):
    dag = dagbag.dags[dag_id]
    assert type(dag.timetable).__name__ == "NullTimetable"
    assert dag.max_active_runs == 1 or dag_id == "promote_match_model"  # one that waits for a person holds back no other
    assert dag.owner == "customer-data"
    assert dag.doc_md
    assert dag.tags
    assert all(task.doc_md and task.retries > 0 for task in dag.tasks)


def test_a_candidate_is_frozen_trained_rehearsed_and_compared_and_says_what_would_change(dagbag):
    dag = dagbag.dags["train_match_model"]
    chain = ["freeze", "train", "rehearse", "compare"]
    assert [task.task_id for task in dag.topological_sort()] == chain
    for before, after in pairwise(chain):
        assert dag.get_task(after).upstream_task_ids == {before}
    assert [link.name for link in dag.get_task("compare").operator_extra_links] == ["What would change"]
    assert not any(task.outlets or task.inlets for task in dag.tasks)  # it wakes nobody


def test_a_model_is_put_in_force_only_after_it_was_judged_and_where_needed_approved(dagbag):
    dag = dagbag.dags["promote_match_model"]
    chain = ["judge", "approve", "promote"]
    assert [task.task_id for task in dag.topological_sort()] == chain
    assert dag.get_task("promote").upstream_task_ids == {"judge", "approve"}
    assert dag.get_task("approve").defaults == ["Reject"], "silence means no"
    assert dag.get_task("approve").response_timeout == timedelta(days=2)
    assert [asset.name for asset in dag.get_task("promote").outlets] == ["match_model"]


def test_what_comes_back_from_quarantine_goes_the_way_of_any_ingest(dagbag):
    dag, ingest = dagbag.dags["replay_quarantine"], dagbag.dags[f"ingest_{SOURCES[0]}"]
    assert [task.task_id for task in dag.topological_sort()] == ["select", *CHAIN[1:]]
    for before, after in pairwise(["select", *CHAIN[1:]]):
        assert dag.get_task(after).upstream_task_ids == {before}
    assert [dag.get_task(step).task_type for step in CHAIN[1:]] == [ingest.get_task(step).task_type for step in CHAIN[1:]]
    assert [dag.get_task(step).map_index_template is not None for step in CHAIN[1:]] == [True] * 6
