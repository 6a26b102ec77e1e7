"""Put a match model in force.

Takes the candidate that `train_match_model` compared last, or the one you name, and puts it in force. Where it would merge or
split more than `[suki] promotion_share` of all customers the run waits for the yes of somebody else than who triggered it, under
*Required Actions*. Who says no, or nothing within `[suki] approval_wait`, leaves everything as it is. Other Dags go on meanwhile.

Then the next resolve run compares everything by the new model and publishes what differs. Customer ids live on where their first
record is, and whoever kept another one finds its successor: what merged and split stands in the change feed.
"""

import pendulum
from airflow.sdk import DAG, Param

from suki import settings
from suki.assets import MATCH_MODEL
from suki.defaults import of_tasks
from suki.operators.promote import ApprovePromotionOperator, JudgePromotionOperator, PromoteOperator

with DAG(
    dag_id="promote_match_model",
    dag_display_name="Put a match model in force",
    description="A candidate model takes the place of the one in force, with a person's yes where that changes much",
    doc_md=__doc__,
    schedule=None,
    start_date=pendulum.datetime(2020, 1, 1, tz="UTC"),
    catchup=False,
    tags=["resolve", "model"],
    params={
        "candidate": Param("", type="string", description="First characters of its version; empty: the one compared last"),
        "reason": Param("", type="string", description="Why it shall be in force; kept for ever"),
    },
    default_args=of_tasks(),
):
    judged = JudgePromotionOperator(
        task_id="judge", candidate="{{ params.candidate }}", reason="{{ params.reason }}", free_share=settings.promotion_share(),
        doc_md="Finds the candidate, says what it would change, and whether somebody has to approve that.",
    )  # fmt: skip
    approval = ApprovePromotionOperator(
        task_id="approve",
        judged=judged.output,
        subject="Put match model {{ ti.xcom_pull(task_ids='judge')['version'][:12] }} in force?",
        body=(
            "{% set found = ti.xcom_pull(task_ids='judge') %}{{ found['sentences'] | join('\n\n') }}\n\n"
            "[What would change, in full]({{ found['page'] }}).\n\n"
            "Publications since that was measured: {{ found['publications_since'] }}."
        ),
        defaults=["Reject"],
        response_timeout=settings.approval_wait(),
        doc_md="Waits for a yes where the change is large; silence means no. A small change passes at once.",
    )
    PromoteOperator(
        task_id="promote", judged=judged.output, approval=approval.output, reason="{{ params.reason }}", outlets=[MATCH_MODEL],
        doc_md="Puts it in force if the model it was held against still is, and wakes resolve, which weighs everything anew.",
    )  # fmt: skip
