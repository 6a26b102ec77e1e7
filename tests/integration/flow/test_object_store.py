"""Exports and lake in an S3 store: the same as in folders, and what is wrong with a store is said as what it is."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import pandas as pd
import pytest
from airflow.sdk import ObjectStoragePath
from airflow.sdk.exceptions import AirflowFailException
from airflow.sdk.io import store as attached

from include.batch import Window
from include.errors import DeclarationError, SourceUnavailable, SukiError
from include.sources import declared, read
from local.object_store import EXPORTS, LAKE
from suki import connections
from suki.doctor import data as doctor
from suki.doctor.finding import Status
from suki.doctor.site import Site
from suki.frames import landed_schema
from suki.lake import Lake
from suki.operators.base import TaskFailed
from tests.api_servers.running import Server
from tests.api_servers.serving import LOGIN_PAGE
from tests.integration.flow.world import DAY, NEXT_DAY, THIRD_DAY, World, deliver, order, shopper
from tests.object_store_fixture import Store

pytestmark = pytest.mark.integration

SHOP = "online_sales"


@contextmanager
def connected(**connection: str) -> Iterator[None]:
    """Suki's connections by environment; a task knows no store that another has attached, and neither does this."""
    attached._STORE_CACHE.clear()
    with mock.patch.dict("os.environ", {f"AIRFLOW_CONN_{name.upper()}": value for name, value in connection.items()}):
        yield
    attached._STORE_CACHE.clear()


@dataclass
class StoredWorld(World):
    """A world whose exports and lake lie in a store, wherever its connections lead."""

    places: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def connected(self) -> Iterator[None]:
        with super().connected(), connected(**self.places):
            yield


def staging(world: World) -> dict[str, str]:
    """State of what was staged."""
    return {table: state for table, state in world.digest().items() if table.startswith("staging.")}


@pytest.fixture
def stored(world: World, object_store: Store) -> StoredWorld:
    places = {"suki_exports": object_store.connection(EXPORTS), "suki_lake": object_store.connection(LAKE)}
    return StoredWorld(world.url, world.exports, world.lake, places=places)


def gives_what_folders_give(
    world: World, stored: StoredWorld, copy_of: Callable[[World], World], upload: Callable[[Path], None], lake: str
) -> None:
    """Days with a copy sent again, from folders and from a store: the same comes of both, and nothing lies on the disk.

    Args:
        world: In folders.
        stored: The same in a store.
        copy_of: Copies a world.
        upload: Takes a folder of exports to the store.
        lake: How addresses in the lake begin there.
    """
    deliver(world.exports, DAY, [shopper(n) for n in range(30)], [order(n, n) for n in range(30)])
    deliver(world.exports, DAY, [shopper(n) for n in range(31)], [], copy=".r2")
    deliver(world.exports, NEXT_DAY, [shopper(n, email=f"SHOPPER{n}@example.org ") for n in range(40)], [])
    upload(world.exports)
    in_folders = copy_of(world)
    in_folders.ingest(SHOP, DAY, THIRD_DAY, run_id="r")
    world.exports.rename(world.exports.with_name("gone"))
    world.lake.rename(world.lake.with_name("gone lake"))
    stored.ingest(SHOP, DAY, THIRD_DAY, run_id="r")
    assert stored.steps() == in_folders.steps()
    assert staging(stored) == staging(in_folders)
    assert not any(file.is_file() for file in stored.lake.rglob("*"))
    uris = [uri for (uri,) in stored.query("SELECT uri FROM ops.manifest")]
    assert uris
    assert all(uri.startswith(f"{lake}/landed/") for uri in uris)


def test_a_store_gives_what_folders_give(world: World, stored: StoredWorld, copy_of, object_store: Store) -> None:
    def upload(folder: Path) -> None:
        object_store.server.upload(folder, EXPORTS, object_store.login)

    gives_what_folders_give(world, stored, copy_of, upload, f"s3://suki_lake@{LAKE}")


def test_a_file_that_is_not_in_the_store_is_told_as_one_that_is_not_in_a_folder(stored: StoredWorld) -> None:
    with pytest.raises(TaskFailed, match=r"online_sales/2026-12-24/customers\.jsonl is not there \(yet\)"):
        stored.ingest(SHOP, "2026-12-24", "2026-12-25")


def test_a_day_of_a_bulk_window_costs_one_listing_and_each_file_one_request(
    stored: StoredWorld, object_store: Store, tmp_path
) -> None:
    days = [f"2027-03-{day:02d}" for day in range(1, 11)]
    for day in days:
        deliver(tmp_path, day, [shopper(1)], [order(1, 1)])
    object_store.server.upload(tmp_path, EXPORTS, object_store.login)
    before = len(object_store.requests())
    stored.ingest(SHOP, days[0], "2027-03-11", until="extract")
    asked = [line for line in object_store.requests()[before:] if f"/{EXPORTS}" in line]
    assert len([line for line in asked if "list-type=2" in line]) <= 2 * len(days) + 4  # a folder a stream, and the root
    assert len([line for line in asked if "list-type=2" not in line]) <= 2 * len(days) + 4


# --- what can be wrong with a store ---


IMPATIENT = {"retries": {"max_attempts": 0}}
"""Botocore's own tries, beside those of the file system."""


def elsewhere(good: str, **changes: Any) -> str:
    """The connection with some of its keys changed, or of its extra's."""
    connection = json.loads(good)
    for key, value in changes.items():
        (connection if key in connection else connection["extra"])[key] = value
    return json.dumps(connection)


WRONG = {
    "no bucket": ({"path": "s3://suki-nowhere"}, "extra.path: there is no bucket 'suki-nowhere'; make it, or name another"),
    "a bucket of somebody else": ({"path": "s3://theirs"}, "extra.path: the login may not use s3://theirs"),
    "a key nobody has": ({"login": "AKIANOBODY"}, "login, password: the store refuses them"),
    "another's secret": ({"password": "another"}, "login, password: the store refuses them"),
    "no such store": ({"path": "gs3://bucket"}, "extra.path: Airflow knows no store for gs3://"),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize(("connection_id", "bucket"), [("suki_exports", EXPORTS), ("suki_lake", LAKE)])
def test_a_wrong_connection_fails_at_once_and_says_which_key(
    stored: StoredWorld, object_store: Store, connection_id: str, bucket: str, wrong: str
) -> None:
    changes, sentence = WRONG[wrong]
    deliver(stored.exports)
    object_store.server.upload(stored.exports, EXPORTS, object_store.login)
    wrong_one = elsewhere(object_store.connection(bucket), **changes)
    with (
        stored.connected(),
        connected(**{connection_id: wrong_one}),
        pytest.raises(AirflowFailException, match=f"connection {connection_id}: ") as caught,
    ):
        stored.step(extract(), stored.run_of(SHOP, DAY, NEXT_DAY))
    assert sentence in str(caught.value)
    assert object_store.login.secret not in str(caught.value)


@pytest.mark.parametrize(
    ("connection_id", "bucket", "may"),
    [
        ("suki_exports", EXPORTS, ["s3:PutObject"]),
        ("suki_exports", EXPORTS, ["s3:PutObject", "s3:ListBucket"]),
        ("suki_lake", LAKE, ["s3:GetObject", "s3:ListBucket"]),
    ],
    ids=["may not list", "may list and not read", "may not write"],
)
def test_a_right_that_is_missing_fails_at_once(
    stored: StoredWorld, object_store: Store, connection_id: str, bucket: str, may: list[str]
) -> None:
    deliver(stored.exports, DAY, [shopper(1)], [order(1, 1)])
    object_store.server.upload(stored.exports, EXPORTS, object_store.login)
    short = object_store.server.connection(bucket, object_store.login_that_may(*may))
    with (
        stored.connected(),
        connected(**{connection_id: short}),
        pytest.raises(AirflowFailException, match=f"connection {connection_id}: extra.path: the login may not use s3://{bucket}"),
    ):
        stored.step(extract(), stored.run_of(SHOP, DAY, NEXT_DAY))


@pytest.mark.parametrize(
    ("status", "code", "kind", "says"),
    [
        (400, "ExpiredToken", DeclarationError, r"extra.aws_session_token: it has expired \(ExpiredToken\)"),
        (400, "TokenRefreshRequired", DeclarationError, r"extra.aws_session_token: it has expired \(TokenRefreshRequired\)"),
        (400, "InvalidToken", DeclarationError, r"login, password: the store refuses them \(InvalidToken\)"),
        (503, "SlowDown", SourceUnavailable, r"cannot be reached or failed at s3://suki-exports \(SlowDown\)"),
        (500, "InternalError", SourceUnavailable, r"cannot be reached or failed at s3://suki-exports \(InternalError\)"),
    ],
)
def test_what_a_store_answers_says_whether_to_try_again(
    object_store: Store, tmp_path, status: int, code: str, kind: type[SukiError], says: str
) -> None:
    """The test's S3 server lets no token expire, so another answers as S3 does: AmazonS3/latest/API/ErrorResponses.html."""
    said = f"<Error><Code>{code}</Code><Message>told without a person in it</Message></Error>"
    with Server("pages", tmp_path) as answering:
        answering.fails(*[{"status": status, "body": said, "headers": {"Content-Type": "application/xml"}}] * 9)
        changes = {"endpoint_url": answering.url, "aws_session_token": "token-s3cret", "config_kwargs": IMPATIENT}
        there = elsewhere(object_store.connection(EXPORTS), **changes)
        with connected(suki_exports=there), pytest.raises(kind, match=says) as caught:
            connections.exports_root()
    assert "token-s3cret" not in str(caught.value)
    assert caught.value.retry is (kind is SourceUnavailable)


WEB = {"Content-Type": "text/html"}
PAGE = LOGIN_PAGE.decode()
NO_STORE = r"extra.endpoint_url: no store answers there but a web page: one to sign in, or a proxy's"


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        ({"status": 200, "body": PAGE, "headers": WEB}, DeclarationError, NO_STORE),
        ({"status": 302, "headers": {"Location": "/login"}}, DeclarationError, NO_STORE),
        ({"status": 403, "body": PAGE, "headers": WEB}, DeclarationError, NO_STORE),
        ({"status": 404, "body": PAGE, "headers": WEB}, DeclarationError, NO_STORE),
        (
            {"status": 503, "body": PAGE, "headers": WEB},
            SourceUnavailable,
            r"cannot be reached or failed at s3://suki-exports \(503\)",
        ),
        (
            {"status": 301, "body": "<Error><Code>PermanentRedirect</Code></Error>", "headers": {"Content-Type": "text/xml"}},
            DeclarationError,
            r"extra.region_name: the bucket 'suki-exports' lies in another region",
        ),
    ],
    ids=["a page to sign in", "sent on to one", "a page that forbids", "a page of nothing", "a gateway's page", "another region"],
)
def test_what_is_no_store_is_told_as_that(
    object_store: Store, tmp_path, answer: dict[str, Any], kind: type[SukiError], says: str
) -> None:
    with Server("pages", tmp_path) as answering:
        answering.fails(*[answer] * 9)
        there = elsewhere(object_store.connection(EXPORTS), endpoint_url=answering.url, config_kwargs=IMPATIENT)
        with connected(suki_exports=there), pytest.raises(kind, match=says) as caught:
            connections.exports_root()
    assert caught.value.retry is (kind is SourceUnavailable)


@pytest.mark.parametrize(
    ("address", "kind", "says"),
    [
        ("http://no-such-host.invalid", SourceUnavailable, "its host's name is not known here"),
        ("http://127.0.0.1:1", SourceUnavailable, "nothing listens at that host and port"),
        ("https://{ours}", DeclarationError, "extra.endpoint_url: what answers there speaks no TLS"),
        ("nonsense", DeclarationError, "extra.endpoint_url: is no address of a store"),
    ],
)
def test_an_address_where_no_store_is_says_why(object_store: Store, address: str, kind: type[SukiError], says: str) -> None:
    ours = json.loads(object_store.connection(EXPORTS))["extra"]["endpoint_url"].removeprefix("http://")
    changes = {"endpoint_url": address.format(ours=ours), "config_kwargs": IMPATIENT}
    there = elsewhere(object_store.connection(EXPORTS), **changes)
    with connected(suki_exports=there), pytest.raises(kind, match=says) as caught:
        connections.exports_root()
    assert caught.value.retry is (kind is SourceUnavailable)


def test_a_file_that_is_moved_away_once_it_was_listed_is_named_and_waited_for(stored: StoredWorld, object_store: Store) -> None:
    day, source = "2027-05-01", declared()[SHOP]
    deliver(stored.exports, day, [shopper(1)], [order(1, 1)])
    object_store.server.upload(stored.exports, EXPORTS, object_store.login)
    with stored.connected():
        window = Window.parse(day, "2027-05-02")
        (delivery,) = read(source, source.streams["customers"], window, connections.exports_root())
        delivery.path.fs.rm_file(delivery.path.path)
        with pytest.raises(SourceUnavailable, match=rf"{SHOP}/{day}/customers.jsonl was listed and is not there.*moved away"):
            list(delivery)


@pytest.mark.parametrize(("connection_id", "bucket"), [("suki_exports", EXPORTS), ("suki_lake", LAKE)])
def test_a_store_that_does_not_answer_is_tried_again(
    stored: StoredWorld, object_store: Store, connection_id: str, bucket: str
) -> None:
    deliver(stored.exports)
    object_store.server.upload(stored.exports, EXPORTS, object_store.login)
    nobody = elsewhere(object_store.connection(bucket), endpoint_url="http://127.0.0.1:1", config_kwargs=IMPATIENT)
    with (
        stored.connected(),
        connected(**{connection_id: nobody}),
        pytest.raises(TaskFailed, match=f"the store of connection {connection_id} cannot be reached") as caught,
    ):
        stored.step(extract(), stored.run_of(SHOP, DAY, NEXT_DAY))
    assert not isinstance(caught.value, AirflowFailException)


def test_a_reference_whose_file_is_gone_says_so(object_store: Store) -> None:
    gone = f"s3://suki_lake@{LAKE}/x/gone.parquet"
    with connected(suki_lake=object_store.connection(LAKE)), pytest.raises(SourceUnavailable, match=f"{gone} is not there"):
        Lake(connections.lake_root()).get(gone)


@pytest.mark.parametrize("rows", [10, 200_000])
def test_a_writer_that_fails_leaves_nothing_in_the_store(object_store: Store, rows: int) -> None:
    """Small: nothing was sent yet. Large: parts were, and are withdrawn."""
    frame = pd.DataFrame({name: [f"{name}{n * 7919 % 1_000_003}" * 12 for n in range(rows)] for name in landed_schema().names})
    frame["position"], frame["delivered_on"] = range(rows), pd.Timestamp("2026-08-01").date()
    place = f"broken{rows}"
    with connected(suki_lake=object_store.connection(LAKE)):
        lake = Lake(connections.lake_root())
        with pytest.raises(ZeroDivisionError), lake.writing(landed_schema(), place) as writer:  # noqa: PT012
            writer.write(frame)
            raise ZeroDivisionError
        assert not [key for key, _ in object_store.server.objects(LAKE, object_store.login) if key.startswith(place)]
        fs = ObjectStoragePath(f"s3://{LAKE}", conn_id="suki_lake").fs
        assert not fs.list_multipart_uploads(LAKE)


def extract():
    from suki.operators.extract import ExtractOperator

    return ExtractOperator(task_id="extract", source=SHOP)


def test_the_doctor_says_what_it_may_write_and_not_remove(object_store: Store) -> None:
    keeps = object_store.login_that_may("s3:PutObject", "s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation")
    with connected(suki_lake=object_store.connection(LAKE)):
        assert doctor.lake(Site()).status is Status.OK
        assert not [key for key, _ in object_store.server.objects(LAKE, object_store.login) if key.startswith("doctor")]
    with connected(suki_lake=object_store.server.connection(LAKE, keeps)):
        found = doctor.lake(Site())
    assert found.status is Status.FAIL
    assert "cannot be removed: connection suki_lake: extra.path: the login may not use s3://suki-lake" in found.says
