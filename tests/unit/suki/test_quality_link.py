"""The buttons on tasks lead to the reports of that run."""

from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

from suki.ui import external_views, fastapi_apps
from suki.ui.links import CleaningReportLink, DeliveryProfileLink, ModelComparisonLink, QualityReportLink

KEY = SimpleNamespace(dag_id="ingest_store_pos", run_id="manual__2026-09-29T00:00:00+00:00", task_id="gate_landed", map_index=-1)


def test_the_link_names_dag_run_and_task():
    address = urlsplit(QualityReportLink().get_link(None, ti_key=KEY))
    assert parse_qs(address.query) == {"dag_id": [KEY.dag_id], "run_id": [KEY.run_id], "task_id": [KEY.task_id]}
    assert address.path.endswith(fastapi_apps[0]["url_prefix"] + "/run")


def test_what_was_delivered_and_what_became_of_it_is_shown_for_the_whole_run():
    for link, page in (
        (DeliveryProfileLink(), "/profile"),
        (CleaningReportLink(), "/cleaning"),
        (ModelComparisonLink(), "/model"),
    ):
        address = urlsplit(link.get_link(None, ti_key=KEY))
        assert parse_qs(address.query) == {"dag_id": [KEY.dag_id], "run_id": [KEY.run_id]}
        assert address.path.endswith(fastapi_apps[0]["url_prefix"] + page)


def test_every_view_lies_under_the_app():
    assert {view["href"].startswith("suki/quality/") for view in external_views} == {True}
