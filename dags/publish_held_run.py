"""Publish a held run.

A resolve run that would change more than `include/golden/blast_radius.yml` allows ends held: nothing of it is published. This
Dag wakes up then, says what would change, and waits for a person's yes, under *Required Actions*. Who says no, or nothing within
`[suki] approval_wait`, leaves everything as it is. Other Dags go on meanwhile.

After a yes it publishes exactly what was shown. If records changed or another run was published meanwhile it publishes nothing
and says so: the next run of `resolve_customers` takes in both, and asks again where it has to.
"""

import pendulum
from airflow.sdk import DAG, Param

from suki import settings
from suki.assets import GOLDEN_CUSTOMER, HELD_RUN
from suki.defaults import of_tasks
from suki.operators.hold import ApproveHeldOperator, PublishHeldOperator, ShowHeldOperator
from suki.operators.households import HouseholdOperator

with DAG(
    dag_id="publish_held_run",
    dag_display_name="Publish a held run",
    description="What a resolve run would change and may not unasked, with a person's yes",
    doc_md=__doc__,
    schedule=[HELD_RUN],
    start_date=pendulum.datetime(2020, 1, 1, tz="UTC"),
    catchup=False,
    tags=["resolve", "golden"],
    params={"resolve_id": Param("", type="string", description="Id of the held run; empty: the latest")},
    default_args=of_tasks(),
):
    held = ShowHeldOperator(
        task_id="show", resolve_id="{{ params.resolve_id }}",
        doc_md="Finds the held run, and says what it would change and which limits that exceeds.",
    )  # fmt: skip
    approval = ApproveHeldOperator(
        task_id="approve",
        held=held.output,
        subject="Publish the held run {{ ti.xcom_pull(task_ids='show')['run_id'] }}?",
        body=(
            "{% set found = ti.xcom_pull(task_ids='show') %}{{ found['sentences'] | join('\n\n') }}\n\n"
            "[What would change, in full]({{ found['page'] }})."
        ),
        defaults=["Reject"],
        response_timeout=settings.approval_wait(),
        doc_md="Waits for a yes; silence means no.",
    )
    published = PublishHeldOperator(
        task_id="publish", held=held.output, approval=approval.output, outlets=[GOLDEN_CUSTOMER],
        doc_md="Publishes what was approved, if nothing changed since it was shown.",
    )  # fmt: skip
    HouseholdOperator(
        task_id="find_households",
        resolution=published.output,
        doc_md="Finds who lives together and who registered again and again.",
    )
