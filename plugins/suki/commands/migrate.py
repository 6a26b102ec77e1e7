"""Bring the warehouse's schema up to date; running it again does nothing.

It acts as the login of the connection suki_warehouse, who owns the schema. Airflow's own tables are another matter:
airflow db migrate.
"""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """There is nothing to choose."""


def run(_: argparse.Namespace) -> int:
    """Migrate."""
    from include.warehouse.checkup import revisions
    from include.warehouse.engine import connect, migrate
    from suki import connections

    url = connections.warehouse_url()
    migrate(url)
    print(f"The warehouse is at migration {revisions(connect(url))[0]}.")
    return 0
