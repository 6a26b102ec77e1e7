"""Bring the warehouse's schema, and the register of sources in it, up to date; running it again does nothing.

It acts as the login of the connection suki_warehouse, who owns the schema. Airflow's own tables are another matter:
airflow db migrate.
"""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """There is nothing to choose."""


def run(_: argparse.Namespace) -> int:
    """Migrate."""
    from include.sources import broken, declared
    from include.sources.registry import rows_of
    from include.warehouse import registry
    from include.warehouse.checkup import revisions
    from include.warehouse.engine import connect, migrate
    from suki import connections

    url = connections.warehouse_url()
    migrate(url)
    with connections.warehouse("suki_ingest", "keeping the register of sources") as warehouse:
        registry.keep(warehouse, *rows_of(declared().values()), whole=not broken())
    print(f"The warehouse is at migration {revisions(connect(url))[0]}.")
    return 0
