"""A steward's way in the Airflow UI, in a real browser: sign in, find the closed gate, read why."""

import pytest

from tests.e2e import browser
from tests.e2e.conftest import Troubled
from tests.e2e.driver import Suki
from tests.e2e.people import found_in, masked, personal_values

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(browser.PROGRAM is None, reason="no Chromium here (Debian: apt-get install chromium)"),
]


def test_a_steward_signs_in_and_reads_why_a_gate_closed(suki: Suki, troubled: Troubled):
    with browser.page() as page:
        page.go(suki.settings.ui_url)
        page.type("input[name=username]", "steward")
        page.type("input[name=password]", suki.settings.secret("ui_steward"))
        page.ask("document.querySelector('button[type=submit]').click()")
        page.until("Dags")

        task = f"{suki.settings.ui_url}/dags/ingest_online_sales/runs/{troubled.poisoned}/tasks/gate_landed"
        page.go(f"{task}/details")
        page.until("Extra Links")
        link = page.ask("[...document.querySelectorAll('a')].find(a => a.href.includes('suki/quality/run')).href")
        page.go(link)
        report = page.until("mostly keyed")
        assert masked(found_in(report, personal_values(suki.settings.exports))) == []

        page.go(f"{task}/plugin/quality-task-report")  # the tab beside the task's logs shows the same
        page.until("mostly keyed")


def test_the_menu_leads_to_the_latest_reports(suki: Suki, troubled: Troubled):
    with browser.page() as page:
        page.tell("Network.setCookie", name="_token", value=suki.token("viewer"), url=suki.settings.ui_url)
        page.go(f"{suki.settings.ui_url}/plugin/quality")
        assert troubled.poisoned in page.until(troubled.poisoned)
