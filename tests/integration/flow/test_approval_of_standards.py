"""A changed reading that changes much takes effect when a second person approved it; one that changes little, at once."""

import pytest
from airflow.sdk.exceptions import AirflowFailException

from suki import cli
from tests.integration.flow.club import Club, member, on

pytestmark = pytest.mark.integration

PHONES = {"full_name": "name", "emails": "mail", "phones": "phone"}


@pytest.fixture
def loaded(club: Club, monkeypatch: pytest.MonkeyPatch) -> Club:
    monkeypatch.setenv("AIRFLOW_CONN_SUKI_WAREHOUSE", club.world.url)
    club.declare(ignore=["phone", "nick"])
    rows = [member(n, f"Ana {n}", on(0), phone=f"0917 555 {n:04}", nick="Anita" if n < 4 else None) for n in range(1, 61)]
    club.send(0, *rows)
    club.sync(0)
    club.send(1, member(1, "Ana One", on(1), phone="0917 555 0001"))
    return club


def test_a_change_of_much_waits_for_a_second_person_and_is_kept(loaded: Club, capsys: pytest.CaptureFixture[str]) -> None:
    loaded.declare(map=PHONES, ignore=["nick"])
    with pytest.raises(AirflowFailException, match=r"sample of 60 rows 100% would be read otherwise.*phones: 60 filled"):
        loaded.sync(1)
    assert loaded.current()["1"] == "Ana 1", "nothing is staged by it"
    approve = ["standards", "approve", "club", "--why", "phones were forgotten", "--actor"]
    assert cli.main([*approve, "club"]) == 1
    assert "a second person" in capsys.readouterr().err
    assert cli.main(["standards", "list"]) == 0
    assert "waits for an approval" in capsys.readouterr().out
    assert cli.main([*approve, "mara"]) == 0
    loaded.sync(1)
    assert loaded.current()["1"] == "Ana One"
    assert loaded.world.query("SELECT sampled, differing, approved_by, why FROM ops.reading_change") == [
        (60, 60, "mara", "phones were forgotten")
    ]
    assert cli.main([*approve, "mara"]) == 1, "none waits any more"


def test_a_change_of_little_takes_effect_at_once_and_is_kept_too(loaded: Club) -> None:
    loaded.declare(map={"full_name": "name", "emails": "mail", "nickname": "nick"}, ignore=["phone"])
    loaded.sync(1)
    assert loaded.current()["1"] == "Ana One"
    assert loaded.world.query("SELECT sampled, differing, asks FROM ops.reading_change") == [(60, 3, False)]


def test_a_preview_needs_no_approval(loaded: Club) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    loaded.declare(map=PHONES, ignore=["nick"])
    with pytest.raises(AirflowSkipException):
        loaded.sync(0, from_landing=True, preview=True)
    with pytest.raises(AirflowFailException, match="needs somebody's approval"):
        loaded.sync(0, from_landing=True)
