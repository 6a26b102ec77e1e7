"""What Suki adds to Airflow. The only file under plugins/ that Airflow loads by itself (see .airflowignore)."""

from airflow.plugins_manager import AirflowPlugin

from suki import ui
from suki.listeners import warm_start


class SukiPlugin(AirflowPlugin):
    """Registers Suki's listeners and pages."""

    name = "suki"
    listeners = [warm_start]  # noqa: RUF012 - Airflow's own form
    fastapi_apps = ui.fastapi_apps
    external_views = ui.external_views
