"""Exports and lake on Azure and Google Cloud give what folders give, against the emulators as real processes.

Skipped where ``make stores-check`` has not laid the providers beside the project's environment.
"""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import ObjectStoragePath
from airflow.sdk.exceptions import AirflowFailException
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from include.errors import DeclarationError
from local.ports import choose_port
from suki import connections
from suki.operators.base import TaskFailed
from tests.api_servers.running import Server
from tests.api_servers.serving import LOGIN_PAGE
from tests.integration.flow.test_object_store import StoredWorld, connected, extract, gives_what_folders_give
from tests.integration.flow.world import DAY, NEXT_DAY, World, deliver, order, shopper

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(
        not (find_spec("adlfs") and find_spec("gcsfs")),
        reason="no providers here: make stores-check brings them and runs this",
    ),
]

SHOP = "online_sales"
KEY = "c3VraSdzIG93biBrZXkgb2YgdGhlIGVtdWxhdG9y"
PLACES = ("suki-exports", "suki-lake")


@dataclass(frozen=True)
class Azure:
    """Azurite, Microsoft's own emulator (github.com/Azure/Azurite): it checks the account's key."""

    port: int
    scheme: str = "abfs"

    @property
    def command(self) -> list[str]:
        azurite = Path(sys.prefix) / "node_modules" / ".bin" / "azurite-blob"
        return [str(azurite), "--inMemoryPersistence", "--skipApiVersionCheck", "--silent", "--blobPort", str(self.port)]

    def connection(self, place: str, key: str = KEY) -> str:
        there = f"DefaultEndpointsProtocol=http;AccountName=suki;AccountKey={key};BlobEndpoint=http://127.0.0.1:{self.port}/suki;"
        return json.dumps({"conn_type": "wasb", "extra": {"path": f"abfs://{place}", "connection_string": there}})


@dataclass(frozen=True)
class Google:
    """gcp-storage-emulator: it lets everybody in."""

    port: int
    scheme: str = "gs"

    @property
    def command(self) -> list[str]:
        start = "import sys; from gcp_storage_emulator.__main__ import main; main(sys.argv[1:])"
        return [sys.executable, "-c", start, "start", "--host=127.0.0.1", f"--port={self.port}", "--in-memory"]

    def connection(self, place: str) -> str:
        extra = {"path": f"gs://{place}", "is_anonymous": True, "gcs.endpoint": f"http://127.0.0.1:{self.port}"}
        return json.dumps({"conn_type": "google_cloud_platform", "extra": extra})


Store = Azure | Google


@contextmanager
def running(store: Store, folder: Path) -> Iterator[Store]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(store.command, cwd=folder, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 60
        while not answers(store):
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.1)
        with connected(suki_store=store.connection(PLACES[0])):
            for place in PLACES:
                ObjectStoragePath(f"{store.scheme}://{place}", conn_id="suki_store").fs.mkdir(place)
        yield store
    finally:
        process.kill()
        process.wait()


def answers(store: Store) -> bool:
    try:
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"http://127.0.0.1:{store.port}/", timeout=5)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


@pytest.fixture(scope="module", params=[Azure, Google], ids=["Azure", "Google Cloud"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AZURITE_ACCOUNTS", f"suki:{KEY}")
        patch.setenv("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")  # asks by another protocol, which the emulator does not speak
        port = choose_port(None, None, range(19200, 19300), "", "an emulator of a store")
        with running(request.param(port), tmp_path_factory.mktemp("store")) as one:
            yield one


@pytest.fixture
def stored(world: World, store: Store) -> StoredWorld:
    places = {"suki_exports": store.connection("suki-exports"), "suki_lake": store.connection("suki-lake")}
    return StoredWorld(world.url, world.exports, world.lake, places=places)


def upload(folder: Path, store: Store) -> None:
    with connected(suki_store=store.connection("suki-exports")):
        root = ObjectStoragePath(f"{store.scheme}://suki-exports", conn_id="suki_store")
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                root.fs.pipe_file((root / file.relative_to(folder).as_posix()).path, file.read_bytes())


def test_a_store_gives_what_folders_give(
    world: World, stored: StoredWorld, copy_of: Callable[[World], World], store: Store
) -> None:
    gives_what_folders_give(world, stored, copy_of, partial(upload, store=store), f"{store.scheme}://suki_lake@suki-lake")


def test_what_is_not_there_is_waited_for(stored: StoredWorld, store: Store) -> None:
    with pytest.raises(TaskFailed, match=r"online_sales/2026-12-24/customers\.jsonl is not there \(yet\)"):
        stored.ingest(SHOP, "2026-12-24", "2026-12-25")


@pytest.mark.parametrize("wrong", ["suki_exports", "suki_lake"])
@pytest.mark.parametrize("below", ["", "/below"])
def test_a_bucket_that_is_not_there_fails_at_once(stored: StoredWorld, store: Store, wrong: str, below: str) -> None:
    deliver(stored.exports, DAY, [shopper(1)], [order(1, 1)])
    upload(stored.exports, store)
    stored.places[wrong] = store.connection(f"suki-nowhere{below}")
    with (
        stored.connected(),
        pytest.raises(AirflowFailException, match=f"connection {wrong}: extra.path: there is no bucket 'suki-nowhere'"),
    ):
        stored.step(extract(), stored.run_of(SHOP, DAY, NEXT_DAY))


def test_an_empty_bucket_is_one_whose_files_are_waited_for(stored: StoredWorld, store: Store) -> None:
    with connected(suki_store=store.connection(PLACES[0])):
        fs = ObjectStoragePath(f"{store.scheme}://{PLACES[0]}", conn_id="suki_store").fs
        if not any("suki-empty" in place for place in fs.ls("")):
            fs.mkdir("suki-empty")
    stored.places["suki_exports"] = store.connection("suki-empty")
    with pytest.raises(TaskFailed, match=rf"{SHOP}/{DAY}/customers\.jsonl is not there \(yet\)"):
        stored.ingest(SHOP, DAY, NEXT_DAY)


@pytest.mark.parametrize("store", [Azure], indirect=True, ids=["Azure"])  # the other lets everybody in
@pytest.mark.parametrize("wrong", ["suki_exports", "suki_lake"])
def test_a_key_that_is_refused_fails_at_once(stored: StoredWorld, store: Azure, wrong: str) -> None:
    deliver(stored.exports, DAY, [shopper(1)], [order(1, 1)])
    upload(stored.exports, store)
    stored.places[wrong] = store.connection(wrong.replace("_", "-"), "d3Jvbmc=")
    with (
        stored.connected(),
        pytest.raises(AirflowFailException, match=f"connection {wrong}: login, password, extra: the store refuses") as caught,
    ):
        stored.step(extract(), stored.run_of(SHOP, DAY, NEXT_DAY))
    assert "d3Jvbmc" not in str(caught.value)


WEB = {"Content-Type": "text/html"}
NO_STORE = r"extra\.gcs\.endpoint: no store answers there but a web page: one to sign in, or a proxy's"
REFUSED = "login, password, extra: the store refuses them, or they may not use gs://suki-exports"


def refusal(status: int, message: str) -> dict[str, Any]:
    """As cloud.google.com/storage/docs/json_api/v1/status-codes has it."""
    return {"status": status, "body": json.dumps({"error": {"code": status, "message": message}})}


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ([{"page": "login"}], NO_STORE),
        ([{"status": 302, "headers": {"Location": "/login"}}, {"page": "login"}], NO_STORE),
        ([{"status": 403, "body": LOGIN_PAGE.decode(), "headers": WEB}], NO_STORE),
        ([refusal(401, "Anonymous caller does not have storage.objects.list access to the bucket.")], rf"{REFUSED} \(401\)"),
        ([refusal(403, "somebody@example.org does not have storage.objects.list access to the bucket.")], rf"{REFUSED} \(403\)"),
    ],
    ids=["a page to sign in", "sent on to one", "a page that forbids", "nobody", "somebody who may not"],
)
def test_what_google_does_not_let_in_and_what_is_no_store_is_told_and_not_tried_again(
    tmp_path: Path, answers: list[dict[str, Any]], says: str
) -> None:
    with Server("pages", tmp_path) as answering:
        answering.fails(*answers * 9)
        port = int(answering.url.rpartition(":")[2])
        with connected(suki_exports=Google(port).connection(PLACES[0])), pytest.raises(DeclarationError, match=says) as caught:
            connections.exports_root()
    assert not caught.value.retry
    assert "somebody@" not in str(caught.value)


def test_a_key_that_google_gives_no_token_for_is_told_and_not_tried_again(tmp_path: Path) -> None:
    """What a withdrawn key is answered with: developers.google.com/identity/protocols/oauth2/service-account#error-codes."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    with Server("pages", tmp_path) as answering:
        answering.fails(
            *[{"status": 400, "body": '{"error": "invalid_grant", "error_description": "Invalid JWT Signature."}'}] * 20
        )
        account = {
            "type": "service_account", "project_id": "suki", "private_key_id": "1", "private_key": pem,
            "client_email": "suki@suki.example", "client_id": "1", "token_uri": f"{answering.url}/token",
        }  # fmt: skip
        extra = {"path": "gs://suki-exports", "keyfile_dict": json.dumps(account), "gcs.endpoint": answering.url}
        there = json.dumps({"conn_type": "google_cloud_platform", "extra": extra})
        with connected(suki_exports=there), pytest.raises(DeclarationError, match=rf"{REFUSED} \(401\)") as caught:
            connections.exports_root()
    assert not caught.value.retry
