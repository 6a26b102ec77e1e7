"""Suki's pages inside the Airflow UI. ``suki_plugin.py`` registers what stands here.

Every scheduler, worker and task reads the plugin; only the API server ever serves a page. So the pages, which need over a second
to import, are imported when the first one is asked for.
"""

from typing import Any


class QualityPages:
    """The app of ``suki.ui.quality``, imported on the first request."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass an ASGI request on."""
        from suki.ui.quality import app

        await app(scope, receive, send)


fastapi_apps: list[dict[str, Any]] = [{"app": QualityPages(), "url_prefix": "/suki/quality", "name": "Suki quality reports"}]

external_views: list[dict[str, Any]] = [
    {
        "name": "Quality",
        "href": "suki/quality/",
        "destination": "nav",
        "category": "browse",
        "url_route": "quality",
    },
    {
        "name": "Quality report",
        "href": "suki/quality/run?dag_id={DAG_ID}&run_id={RUN_ID}",
        "destination": "dag_run",
        "url_route": "quality-report",
    },
    {
        "name": "Quality report",
        "href": "suki/quality/run?dag_id={DAG_ID}&run_id={RUN_ID}&task_id={TASK_ID}",
        "destination": "task_instance",
        "url_route": "quality-task-report",
    },
    {
        "name": "Cleaning",
        "href": "suki/quality/cleaning?dag_id={DAG_ID}&run_id={RUN_ID}",
        "destination": "dag_run",
        "url_route": "cleaning-report",
    },
]
