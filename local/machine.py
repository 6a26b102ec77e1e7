"""The name of the machine that a service of the cluster takes itself to run on: Airflow's ``hostname_callable`` there."""

import os

VARIABLE = "SUKI_MACHINE"


def name() -> str:
    """Told by the environment: all of them run on one machine in truth."""
    return os.environ[VARIABLE]
