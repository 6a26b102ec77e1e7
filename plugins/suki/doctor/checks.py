"""What the doctor looks at, in the order it tells: what is here, Airflow, the data, the warehouse."""

from collections.abc import Sequence

from include.errors import DeclarationError
from suki import cli
from suki.doctor import configuration, data, machine, services, warehouse
from suki.doctor.examination import Check
from suki.doctor.finding import Finding, Status, ok
from suki.doctor.site import Site
from suki.doctor.warehouse import on_warehouse


def platform(site: Site) -> Finding:
    """Whose Airflow this is. A clone that was never started is not broken: there is only nothing more to look at."""
    if site.local:
        return ok(f"the local platform of {site.root}")
    if cli.deployed():
        return ok("the deployment that this environment belongs to")
    says = "there is none here yet: neither a deployment's settings nor a local platform"
    return Finding(Status.SKIPPED, says, "make up, or run it in a container of the deployment")


_AIRFLOW = ("packages", "platform")
_TABLES = (*_AIRFLOW, "airflow database", "airflow tables")
_WAREHOUSE = (*_AIRFLOW, "suki_warehouse", "warehouse")
_STAGED = (*_WAREHOUSE, "roles", "schema")

CHECKS = (
    Check("python", machine.python),
    Check("packages", machine.packages),
    Check("bytecode", machine.bytecode),
    Check("cores", machine.cores),
    Check("memory", machine.memory),
    Check("disk", machine.disk),
    Check("sources", data.sources, ("packages",)),
    Check("platform", platform),
    Check("airflow", configuration.airflow, _AIRFLOW),
    Check("executor", configuration.executor, _AIRFLOW),
    Check("parallelism", configuration.parallelism, _AIRFLOW),
    Check("folders", configuration.folders, _AIRFLOW),
    Check("settings", configuration.own_section, _AIRFLOW),
    Check("time zone", configuration.time_zone, _AIRFLOW),
    Check("airflow database", services.database, _AIRFLOW),
    Check("airflow tables", services.migrations, (*_AIRFLOW, "airflow database")),
    Check("scheduler", services.component("scheduler", "scheduler"), _TABLES),
    Check("dag-processor", services.component("dag-processor", "dag_processor"), _TABLES),
    Check("triggerer", services.component("triggerer", "triggerer"), _TABLES),
    Check("api-server", services.api_server, _TABLES),
    Check("workers", services.workers, _AIRFLOW),
    Check("dags", services.dags, (*_TABLES, "dag-processor")),
    Check("paused", services.paused, _TABLES),
    Check("pool", services.pool, _TABLES),
    Check("open runs", services.open_runs, _TABLES),
    Check("suki_exports", data.exports_connection, _AIRFLOW),
    Check("suki_lake", data.lake_connection, _AIRFLOW),
    Check("suki_warehouse", data.warehouse_connection, _AIRFLOW),
    Check("suki_record_key", data.key_connection, _AIRFLOW),
    Check("exports", data.exports, (*_AIRFLOW, "suki_exports")),
    Check("lake", data.lake, (*_AIRFLOW, "suki_lake")),
    Check("warehouse", on_warehouse(warehouse.reachable), (*_AIRFLOW, "suki_warehouse")),
    Check("encoding", on_warehouse(warehouse.encoding), _WAREHOUSE),
    Check("clock", on_warehouse(warehouse.clock), _WAREHOUSE),
    Check("server log", on_warehouse(warehouse.server_log), _WAREHOUSE),
    Check("roles", on_warehouse(warehouse.roles), _WAREHOUSE),
    Check("schema", on_warehouse(warehouse.schema), (*_WAREHOUSE, "roles")),
    Check("record key", warehouse.record_key, (*_STAGED, "suki_record_key")),
    Check("deliveries", data.deliveries, _STAGED),
    Check("waiting", on_warehouse(warehouse.waiting), _STAGED),
    Check("golden hash", on_warehouse(warehouse.golden_hash), _STAGED),
    Check("quarantine", on_warehouse(warehouse.quarantine), _STAGED),
)


def with_needs(name: str) -> Sequence[Check]:
    """One check with those it needs.

    Raises:
        DeclarationError: There is no such check; names those there are.
    """
    known = {check.name: check for check in CHECKS}
    if name not in known:
        raise DeclarationError("suki doctor", "--only", f"there is no check '{name}'", known)
    return [check for check in CHECKS if check.name in {name, *known[name].needs}]
