"""The Dags as Airflow reads them: declared sources, tasks in their order, and the assets one Dag tells the next of."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from drawing.graph import PAPER, cluster, edge, graph, node, titled

TITLE = "From the declared sources through the Dags to golden customers"


def read_dags(root: Path) -> dict[str, Any]:
    """Every Dag of the project, read by Airflow itself in a home of its own."""
    home = Path(tempfile.mkdtemp(prefix="suki-pictures-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    os.environ.setdefault("AIRFLOW_HOME", str(home))
    os.environ.setdefault("AIRFLOW__CORE__LOAD_EXAMPLES", "False")
    os.environ.setdefault("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", f"sqlite:///{home}/airflow.db")
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(dag_folder=str(root / "dags"))
    if bag.import_errors:
        raise SystemExit("\n".join(f"{file}: {error}" for file, error in bag.import_errors.items()))
    return dict(bag.dags)


def dot(dags: Mapping[str, Any], sources: Mapping[str, Any]) -> str:
    """The picture's graph. Dags of one shape are drawn once, under all their names."""
    lines = [
        node(f"source {name}", titled(source.title, *source.streams), fillcolor=PAPER["outside"], shape="folder")
        for name, source in sorted(sources.items())
    ]
    listeners: dict[str, set[str]] = {}
    heads: list[str] = []
    for number, alike in enumerate(_alike(dags)):
        dag = alike[0]
        order = [task.task_id for task in dag.topological_sort()]
        name = {task_id: f"{number} {task_id}" for task_id in order}
        chain = [node(name[task_id], task_id, fillcolor=PAPER["airflow"]) for task_id in order]
        chain += [
            edge(name[after], name[task_id], dir="back")  # drawn from below, a column reads downwards
            for task_id in order
            for after in sorted(dag.get_task(task_id).downstream_task_ids)
        ]
        title = _title([dag.dag_id for dag in alike])
        row = f"{{ rank=same; {'; '.join(node(name[t], t) for t in order)} }}"
        heads.append(name[order[0]])
        lines += cluster(str(number), title, [*chain, row])
        for one in alike:
            source = one.dag_id.removeprefix("ingest_")
            if source in sources:
                lines.append(edge(f"source {source}", name[order[0]]))
            for task_id in order:
                for asset in one.get_task(task_id).outlets:
                    lines += [node(asset.name, f"asset {asset.name}", shape="cds"), edge(name[task_id], asset.name, weight="0")]
            for asset in _waited_for(one):
                listeners.setdefault(asset, set()).add(name[order[0]])
    lines += [
        edge(asset, task, style="dashed", weight="0") for asset, tasks in sorted(listeners.items()) for task in sorted(tasks)
    ]
    lines += [edge(left, right, style="invis", weight="100") for left, right in pairwise(heads)]  # columns begin side by side
    return graph(lines, rankdir="LR", nodesep="0.2", ranksep="0.45", newrank="true")


def _alike(dags: Mapping[str, Any]) -> list[list[Any]]:
    """The Dags, those of the same tasks in the same order together; those that wait for assets after the others."""

    def shape(dag: Any) -> tuple[bool, list[tuple[str, list[str]]]]:
        return (bool(_waited_for(dag)), [(task.task_id, sorted(task.downstream_task_ids)) for task in dag.topological_sort()])

    ordered = sorted(dags.values(), key=lambda dag: (shape(dag), dag.dag_id))
    return [list(group) for _, group in groupby(ordered, key=shape)]


def _title(names: list[str]) -> str:
    return titled(names[0]) if len(names) == 1 else titled(f"{len(names)} Dags alike", *names)


def _waited_for(dag: Any) -> list[str]:
    return sorted(_assets(getattr(dag.timetable, "asset_condition", None)))


def _assets(condition: Any) -> Iterator[str]:
    """Names in an asset expression: an asset, or a tree of any and all."""
    for part in getattr(condition, "objects", ()):
        yield from _assets(part)
    if hasattr(condition, "uri"):
        yield condition.name
