"""Other histories of what a platform's sources delivered, each in a warehouse of its own, and what two are compared by."""

from dataclasses import replace

import pandas as pd

from benchmarks.naming import Named
from tests.e2e.driver import Suki

BEGIN = """
import json
import os
from include.matching import Weights
from include.warehouse import snapshot
from include.warehouse.engine import connect, migrate
from tests.flow import ingest_all, resolve

own, daily = os.environ["AIRFLOW_CONN_SUKI_WAREHOUSE"], os.environ["DAILY"]
migrate(own)
model = snapshot.active_model(connect(daily, "suki_resolve"))  # parity pins it
snapshot.save_model(connect(own, "suki_resolve"), Weights.from_json(model).version, json.dumps(model))
"""
"""Begins a history: an empty warehouse with the match model of the platform's own."""


def twin(suki: Suki, database: str, code: str) -> Suki:
    """A second warehouse beside the platform's, filled by this code."""
    suki.platform.postgres.ensure_database(database, "suki_app")
    other = replace(suki, database=database)
    done = suki.python(code, AIRFLOW_CONN_SUKI_WAREHOUSE=other.warehouse_url, DAILY=suki.warehouse_url)
    assert done.returncode == 0, done.stderr[-3000:]
    return other


def ids_of(suki: Suki) -> Named:
    """Every customer id a warehouse ever published, and who answers to it."""

    def frame(query: str, *columns: str) -> pd.DataFrame:
        return pd.DataFrame(suki.ask(query), columns=list(columns), dtype=object)

    return Named(
        frame("SELECT record_id::text, customer_id::text FROM golden.crosswalk ORDER BY 1", "record_id", "customer_id"),
        frame("SELECT customer_id::text, anchor_record_id::text FROM identity.customer_id_ledger ORDER BY 1",
              "customer_id", "anchor_record_id"),
        frame("SELECT published_id::text, customer_id::text FROM golden.v_customer_id"
              " WHERE customer_id IS NOT NULL AND published_id <> customer_id ORDER BY 1", "customer_id", "became"),
    )  # fmt: skip
