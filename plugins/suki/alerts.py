"""One message for one incident, to wherever it is declared: the log always, a webhook (Slack's too) and mail by connection.

A run fails at one task, whatever number of checks failed in it, and the tasks after it do not run: so what is told is the failed
task, with the sentence it failed with, which names all that is wrong and holds no customer's value. What is down for all
(the warehouse, a store, a connection) makes many runs fail: they are told of together.
"""

import logging
from collections.abc import Mapping
from typing import Any

from airflow.sdk import BaseNotifier
from airflow.sdk.exceptions import AirflowException

from include.errors import DeclarationError
from suki import connections, incidents, settings
from suki.ui.links import address

log = logging.getLogger(__name__)

_LONGEST = 3_000
"""Characters of a message: a chat cuts longer ones, often in the middle of the command that would help."""


class IncidentNotifier(BaseNotifier):
    """Tell of a task that failed for good. Airflow calls it after the last try."""

    def notify(self, context: Any) -> None:
        """Tell it once, everywhere."""
        task = context["ti"]
        failure = incidents.Failure(task.dag_id, task.run_id, task.task_id)
        report = address("suki/quality/run", failure._asdict())
        raised = context.get("exception")
        # Errors of Suki's steps are sentences without values; of any other only the kind may leave the log.
        problem = str(raised) if isinstance(raised, AirflowException) else f"{type(raised).__name__}: its log says more."
        if raised is None:
            problem = "Its process was lost before it could say why; the machine's memory and the service's log may tell."
        subject, whose = f"{task.dag_id} failed at {task.task_id}", f"Run: {task.run_id}\nReport: {report}"
        cause = getattr(raised, "cause", None)
        failures = incidents.gather(cause, failure) if cause else [failure]
        if not failures:
            log.error("%s. %s\nIt is told of with the others that fail of %s.", subject, problem, cause)
            return
        if len(failures) > 1:
            subject = f"{len(failures)} tasks failed of one cause: {cause}"
            whose = "\n".join(f"{one.dag_id} at {one.task_id}, run {one.run_id}" for one in failures)
        if cause:
            minutes = int(incidents.OVER.total_seconds() / 60)
            failed = address("task_instances", {"task_state": "failed"})
            whose += f"\nWhat else fails of {cause} within {minutes} minutes is not told one by one: {failed}"
        send(subject, f"{problem}\n\n{whose}", context)


def send(subject: str, message: str, context: Any) -> bool:
    """Send a message to every connection of ``[suki] alert_connections``.

    One that cannot be reached, or is declared wrong, keeps no other from being told, and fails no task: it is logged.

    Args:
        subject: In a few words, what happened.
        message: All there is to say. It must hold no customer's value.
        context: The task's.

    Returns:
        False where there are connections and none of them took it.
    """
    log.error("%s. %s", subject, message)
    if len(message) > _LONGEST:
        message = message[:_LONGEST].rsplit("\n", 1)[0] + "\n... (the task's log has all of it)"
    names, told = settings.alert_connections(), False
    for name in names:
        try:
            _notifier(name, subject, message)(context)
            told = True
            log.info("Told by connection %s.", name)
        except DeclarationError as problem:
            log.warning("Not told: %s", problem)
        except Exception as problem:  # noqa: BLE001  # an alert that fails must not take the task's own failure away
            log.warning("Not told by connection %s: %s.", name, type(problem).__name__)
    return told or not names


def _notifier(name: str, subject: str, message: str) -> BaseNotifier:
    connection = connections.named(name)
    extra: Mapping[str, Any] = connection.extra_dejson
    if connection.conn_type in ("http", "slackwebhook"):
        from airflow.providers.http.notifications.http import HttpNotifier

        # What Slack, Mattermost and Teams' workflows take; {% raw %}: nothing in a message is a template.
        return HttpNotifier(http_conn_id=name, json={"text": _as_it_is(f"{subject}\n{message}")})
    if connection.conn_type == "smtp":
        from airflow.providers.smtp.notifications.smtp import SmtpNotifier

        if not extra.get("to"):
            raise DeclarationError(f"connection {name}", "extra.to", "does not say whom to mail", ('{"to": "data@example.org"}',))
        lines = _as_it_is(message.replace("&", "&amp;").replace("<", "&lt;"))
        return SmtpNotifier(
            to=extra["to"], from_email=extra.get("from_email"), subject=_as_it_is(subject), html_content=f"<pre>{lines}</pre>",
            smtp_conn_id=name,
        )  # fmt: skip
    raise DeclarationError(f"connection {name}", "conn_type", f"'{connection.conn_type}' takes no alerts", ("http", "smtp"))


def _as_it_is(text: str) -> str:
    """Text that Airflow's templates leave alone."""
    return "{% raw %}" + text.replace("{%", "{ %") + "{% endraw %}"
