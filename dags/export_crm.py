"""Export customers to other systems.

Writes the golden table and the segments of `include/warehouse/segments.yml` (win-back, VIP, birthdays, stale contacts ...) as
Parquet and CSV to the store of the connection `suki_crm`, and into another SQL database if you name its connection. A run daily
writes everything as files; start it by hand for the changes since the last export, for some segments, or for a database.
Beside them it writes what the last month that is over brought, and what that is worth (`value/2026-08.csv`).

Contact points leave the house only of customers whose consent to that channel stands, unless the purpose is `service`. The same
run again writes the same. Logs and XCom hold counts alone.
"""

import pendulum
from airflow.sdk import DAG, CronTriggerTimetable, Param

from suki import settings
from suki.defaults import of_tasks
from suki.export_files import FORMATS
from suki.operators.export import MODES, PURPOSES, ExportDatabaseOperator, ExportFilesOperator, ExportValueOperator

with DAG(
    dag_id="export_crm",
    dag_display_name="Export customers",
    description="The golden table and declared segments, as files and into another database",
    doc_md=__doc__,
    schedule=CronTriggerTimetable(settings.export_schedule(), timezone="UTC"),
    start_date=pendulum.datetime(2020, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    render_template_as_native_obj=True,
    tags=["golden", "export"],
    params={
        "mode": Param("full", type="string", enum=list(MODES), description="Everything, or who changed since the last export"),
        "purpose": Param(
            "marketing", type="string", enum=list(PURPOSES),
            description="marketing: contact points only of who allows to be written to; service: all",
        ),
        "segments": Param([], type="array", items={"type": "string"}, description="Names of segments; empty: all"),
        "formats": Param(
            list(FORMATS), type="array", items={"type": "string", "enum": list(FORMATS)}, description="Of the files"
        ),
        "database": Param(
            "", type="string", description="Airflow connection of another SQL database to write into; empty: none"
        ),
    },
    default_args=of_tasks(),
):  # fmt: skip
    given = {"mode": "{{ params.mode }}", "purpose": "{{ params.purpose }}", "segments": "{{ params.segments }}"}
    ExportFilesOperator(
        task_id="write_files", formats="{{ params.formats }}", **given,
        doc_md="Writes Parquet and CSV to the store of `suki_crm`; skipped where there is no such connection.",
    )  # fmt: skip
    ExportDatabaseOperator(
        task_id="write_database", database="{{ params.database }}", **given,
        doc_md="Takes the same rows over into another database; skipped where none is named.",
    )  # fmt: skip
    ExportValueOperator(
        task_id="write_value",
        doc_md="Writes the value report of the last month that is over; skipped where there is no connection `suki_crm`.",
    )
