"""Steps that break in every way a library can: each with a person's values in what it says."""

import json
import logging
import sys
import traceback
import warnings
from typing import Any

from airflow.sdk import DAG

from suki import connections
from suki.operators.base import SukiOperator


def value() -> str:
    """A person's whole row, as the shop delivered it: it must not stand in this file, for Airflow keeps a copy of that."""
    path = connections.lake_root() / "trips.json"
    return str(json.loads(path.read_text())["value"])


def told(context: Any) -> None:
    """What a callback tells of a failure."""
    problem = context["exception"]
    logging.getLogger("callback").error("%r %s %s", problem, vars(problem), traceback.format_exception(problem))


class Trip(SukiOperator):
    """Breaks, in the way its id says."""

    def run(self, context: Any) -> Any:
        """Break."""
        getattr(self, f"_{self.task_id}")(value())

    def _chained(self, text: str) -> None:
        try:
            int(text)
        except ValueError as problem:
            problem.add_note(text)
            raise KeyError(text) from problem

    def _group(self, text: str) -> None:
        raise ExceptionGroup(text, [ValueError(text), KeyError(text)])

    def _pandas(self, text: str) -> None:
        import pandas as pd

        pd.to_datetime(pd.Series([text]), format="%Y-%m-%d")

    def _arrow(self, text: str) -> None:
        import pyarrow as pa

        pa.array([text]).cast(pa.int64())

    def _pydantic(self, text: str) -> None:
        from pydantic import TypeAdapter

        from include.batch import Window

        TypeAdapter(dict[str, Window]).validate_python({text: text})

    def _database(self, text: str) -> None:
        import psycopg
        from airflow.sdk import Connection

        with psycopg.connect(Connection.get("suki_warehouse").get_uri().replace("postgres://", "postgresql://")) as connection:
            connection.execute("SELECT %s::text::integer", (text,))

    def _expectation(self, text: str) -> None:
        import great_expectations as gx
        import pandas as pd

        data = gx.get_context(mode="ephemeral").data_sources.pandas_default
        batch = (
            data.add_dataframe_asset("a")
            .add_batch_definition_whole_dataframe("b")
            .get_batch({"dataframe": pd.DataFrame({"a": [text]})})
        )
        batch.validate(gx.expectations.ExpectColumnValuesToBeBetween(column="a", min_value=1))
        raise RuntimeError(str(batch.validate(gx.expectations.ExpectColumnValuesToBeInSet(column="a", value_set=[]))))

    def _airflow(self, text: str) -> None:
        from airflow.sdk.exceptions import AirflowException

        raise AirflowException(text)

    def _exits(self, text: str) -> None:
        sys.exit(text)

    def _chatters(self, text: str) -> None:
        warnings.warn(text, stacklevel=1)
        logging.getLogger("vendor.client").warning("cannot read %s", text)
        logging.getLogger("vendor.client").error("cannot read it", extra={"value": text}, exc_info=ValueError(text))


with DAG("canary_trips", schedule=None, default_args={"owner": "tests", "on_failure_callback": told}):
    for name in ("chained", "group", "pandas", "arrow", "pydantic", "database", "expectation", "airflow", "exits", "chatters"):
        Trip(task_id=name)
