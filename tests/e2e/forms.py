"""The form in which the UI asks for a backfill, filled in as a person does."""

from playwright.sync_api import Page

from local.backfill import dag_of, under_way
from tests.e2e import browser
from tests.e2e.driver import Suki, wait

AT_ONCE = 4


def backfill(suki: Suki, source: str, first: str, last: str) -> list[bool | None]:
    """Begin a backfill of these days, newest first, pause it and go on; returns whether it was paused after each click.

    Where there is no browser `make backfill` begins it, so that the rest is shown all the same; nothing is paused then.
    """
    if browser.unavailable():
        began = suki.make_backfill(
            f"SOURCE={source}", f"FROM={first}", f"TO={last}", "REVERSE=yes", f"AT_ONCE={AT_ONCE}", "BACKGROUND=yes"
        )
        assert began.returncode == 0, began.stderr
        return [None, None]
    # Until Airflow notes that an earlier one has ended, it shows that one's banner, refuses the form and leaves it open above.
    wait(lambda: under_way(suki.platform, dag_of(source)) is None, "Airflow to note that the backfill before has ended")
    with browser.page() as page:
        browser.sign_in(page, suki, "admin")
        page.goto(f"{suki.settings.ui_url}/dags/{dag_of(source)}")
        page.get_by_role("button", name="Trigger").first.click()
        page.get_by_text("Backfill", exact=True).last.click()
        _choose(page, 0, first)
        _choose(page, 1, last)
        page.locator("input[name=max_active_runs]").fill(str(AT_ONCE))
        page.get_by_text("Run Backwards").click()
        browser.until(page, "30 runs will be triggered")
        send = page.get_by_role("button", name="Run Backfill")
        send.click()
        wait(lambda: under_way(suki.platform, dag_of(source)) is not None, "Airflow to take the backfill", patience=40)
        send.wait_for(state="hidden")  # as long as the form is open, nothing beside it can be clicked
        browser.until(page, "Backfill in progress")
        return [
            _click(page, suki, source, name, paused) for name, paused in (("Pause backfill", True), ("Unpause backfill", False))
        ]


def _choose(page: Page, number: int, day: str) -> None:
    page.get_by_test_id("datetime-input").nth(number).click()
    date = page.locator("input[placeholder='YYYY/MM/DD']:visible")
    date.fill(day.replace("-", "/"))
    page.locator("input[placeholder='HH:mm']:visible").fill("00:00")
    page.get_by_text("Date Range", exact=True).first.click()
    date.wait_for(state="hidden")  # or the next one to open stands beside it for a moment


def _click(page: Page, suki: Suki, source: str, name: str, paused: bool) -> bool:
    page.get_by_role("button", name=name, exact=True).click()

    def is_paused() -> bool:
        found = under_way(suki.platform, dag_of(source))
        assert found is not None, "the backfill ended before the click"
        return bool(found["is_paused"])

    wait(lambda: is_paused() is paused, f"the backfill to be {'paused' if paused else 'resumed'}", patience=20)
    return is_paused()
