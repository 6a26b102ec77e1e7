"""What docker-compose.yaml would run, run without containers: its scripts and its environment, with real users signing in."""

import json
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

NEEDS = {
    "viewer": {"quality pages", "quality report", "see Dags"},
    "steward": {"quality pages", "quality report", "see Dags", "run a Dag"},
}


@pytest.fixture(scope="module")
def answers(prepared) -> dict:
    said = prepared.run("init", sys.executable, Path(__file__).with_name("fab_server.py"))
    return json.loads(said.splitlines()[-1])


def test_nobody_gets_in_without_signing_in(answers):
    assert set(answers["anonymous"].values()) <= {401, 403}
    assert answers["wrong password"] == 401


@pytest.mark.parametrize("user", ["viewer", "steward"])
def test_a_role_may_do_what_it_needs_and_nothing_else(answers, user):
    forbidden = {what for what, status in answers[user].items() if status == 403}
    assert forbidden == set(answers[user]) - NEEDS[user]
    assert answers[user]["quality report"] == 200


def test_the_first_administrator_may_do_everything(answers):
    assert 403 not in answers["admin"].values()


def test_the_session_travels_over_tls_alone(answers):
    assert answers["cookies"]
    assert all("secure" in cookie.lower() for cookie in answers["cookies"])
    assert any(cookie.startswith("_token=") for cookie in answers["cookies"])
    for user in ("admin", "viewer"):
        assert all(address.startswith(("/", "https://suki.example.com/")) for address in answers[f"{user} is sent to"])
