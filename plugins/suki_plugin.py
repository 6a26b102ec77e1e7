"""What Suki adds to Airflow. The only file under plugins/ that Airflow loads by itself (see .airflowignore)."""

from airflow.plugins_manager import AirflowPlugin

from suki import ui
from suki.lateness import WhenScheduled
from suki.listeners import warm_start
from suki.timetable import DaysUntil


class SukiPlugin(AirflowPlugin):
    """Registers Suki's listeners, pages, schedule and deadlines."""

    name = "suki"
    listeners = [warm_start]  # noqa: RUF012 - Airflow's own form
    timetables = [DaysUntil]  # noqa: RUF012
    deadline_references = [WhenScheduled]  # noqa: RUF012
    fastapi_apps = ui.fastapi_apps
    external_views = ui.external_views
