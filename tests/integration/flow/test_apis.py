"""A source that is asked from an API lands like any other, and how far it was asked is kept with it."""

import json
from pathlib import Path

import pytest
from airflow.sdk.exceptions import AirflowFailException

from include.sources import discovery
from suki.operators.base import TaskFailed
from tests.api_servers.running import Server
from tests.api_servers.serving import LOGIN, SECRET
from tests.integration.flow.world import World
from tests.unit.sources.factory import declare, stream

pytestmark = pytest.mark.integration

REQUEST = {
    "path": "/api/v2/incremental/users/cursor.json", "params": {"per_page": 9}, "records": "users",
    "since": {"param": "start_time", "form": "unix"},
    "pages": {"by": "cursor", "param": "cursor", "next": "after_cursor", "last": "end_of_stream"},
}  # fmt: skip


def test_users_land_and_the_next_run_goes_on(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    users = stream(request=REQUEST, files=..., format=..., updated_at="updated_at")
    monkeypatch.setattr(discovery, "HERE", declare(tmp_path / "sources", {"connection": "suki_desk"}, "desk", users=users).parent)
    with Server("zendesk", tmp_path) as server:
        login = {"conn_type": "http", "host": server.url, "login": LOGIN, "password": SECRET}
        monkeypatch.setenv("AIRFLOW_CONN_SUKI_DESK", json.dumps(login))
        (batch,) = world.ingest("desk", "2026-08-02", "2026-08-03", until="extract")
        assert batch["rows"] == 24, "the first run takes all there was before its end"
        (batch,) = world.ingest("desk", "2026-08-03", "2026-08-04", until="extract")
        assert batch["rows"] == 36, "what landed but was never staged is asked for again"
        world.execute("INSERT INTO ops.watermark (source, stream, read_to, run_id) VALUES ('desk', 'users', '2026-08-03Z', 'r')")
        (batch,) = world.ingest("desk", "2026-08-03", "2026-08-04", until="extract")
        assert batch["rows"] == 12, "and then what changed since; the overlap of an hour holds nobody"

        monkeypatch.setenv("AIRFLOW_CONN_SUKI_DESK", json.dumps({**login, "password": "wrong"}))
        with pytest.raises(AirflowFailException, match="connection suki_desk: login, password: the service refuses them") as said:
            world.ingest("desk", "2026-08-04", "2026-08-05", until="extract")
        assert "wrong" not in str(said.value)
        server.fails({"status": 429, "headers": {"Retry-After": "3600"}})
        with pytest.raises(TaskFailed, match="asks to be left alone for 3,600 seconds"):
            world.ingest("desk", "2026-08-04", "2026-08-05", until="extract")
        monkeypatch.setenv("AIRFLOW_CONN_SUKI_DESK", json.dumps({**login, "extra": {"tokn": "x"}}))
        with pytest.raises(AirflowFailException, match=r"extra\.tokn: is nothing an API is asked with\. Valid: token, token_url"):
            world.ingest("desk", "2026-08-04", "2026-08-05", until="extract")
    assert world.query("SELECT count(*) FROM ops.manifest") == [(3,)]
