"""A steward's way in the Airflow UI, in a real browser: sign in, find the closed gate, read why."""

import pytest

from tests.e2e import browser
from tests.e2e.conftest import Troubled
from tests.e2e.driver import Suki
from tests.e2e.people import found_in, masked, personal_values

pytestmark = [pytest.mark.e2e, browser.needed]


def test_a_steward_signs_in_and_reads_why_a_gate_closed(suki: Suki, troubled: Troubled):
    with browser.page() as page:
        browser.sign_in(page, suki, "steward")
        task = f"{suki.settings.ui_url}/dags/ingest_online_sales/runs/{troubled.poisoned}/tasks/gate_landed"
        page.goto(f"{task}/details")
        browser.until(page, "Extra Links")
        page.goto(page.locator("a[href*='suki/quality/run']").first.evaluate("link => link.href"))
        report = browser.until(page, "mostly keyed")
        assert masked(found_in(report, personal_values(suki.settings.exports))) == []

        page.goto(f"{task}/plugin/quality-task-report")  # the tab beside the task's logs shows the same
        browser.until(page, "mostly keyed")


def test_the_menu_leads_to_the_latest_reports(suki: Suki, troubled: Troubled):
    with browser.page() as page:
        page.context.add_cookies([{"name": "_token", "value": suki.token("viewer"), "url": suki.settings.ui_url}])
        page.goto(f"{suki.settings.ui_url}/plugin/quality")
        browser.until(page, troubled.poisoned)
