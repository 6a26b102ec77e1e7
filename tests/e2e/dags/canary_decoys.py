"""Tells what nobody may tell, in every place a task can reach: the search for people must find each."""

import base64
import json
import logging
from typing import Any

from airflow.sdk import DAG, Asset, BaseOperator

from suki import connections

TOLD = Asset("decoys_told", uri="suki://tests/decoys")


class Tells(BaseOperator):
    """Puts each decoy in its place."""

    template_fields = ("rendered",)

    def __init__(self, *, rendered: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rendered = rendered

    def execute(self, context: Any) -> Any:
        """Tell."""
        decoys = json.loads((connections.lake_root() / "decoys.json").read_text())
        logging.getLogger("decoys").info("Here is %s", ascii(decoys["task log"]))
        context["ti"].xcom_push("decoy", base64.b64encode(f"xy{decoys['xcom']}".encode()).decode())
        context["outlet_events"][TOLD].extra = {"decoy": decoys["asset event"]}


class Fails(BaseOperator):
    """Tells in its error; not one of Suki's operators, so nobody stops it."""

    def execute(self, context: Any) -> Any:
        """Fail."""
        raise RuntimeError(json.loads((connections.lake_root() / "decoys.json").read_text())["exception"])


def rendered() -> str:
    """Read while fields are rendered, not while this file is."""
    return str(json.loads((connections.lake_root() / "decoys.json").read_text())["rendered field"])


with DAG("canary_decoys", schedule=None, user_defined_macros={"rendered": rendered}, default_args={"owner": "tests"}):
    Tells(task_id="tells", rendered="{{ rendered() }}", outlets=[TOLD])
    Fails(task_id="fails")
