"""How APIs are read, against servers on real sockets: nothing is skipped, nothing asked too often, no secret is ever said."""

import json
import logging
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import islice, pairwise
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

import httpx
import pytest

from include.batch import Window
from include.errors import DeclarationError, SourceFailed, SourceUnavailable, SukiError
from include.sources import Source
from include.sources.declaration import RateLimit
from include.sources.discovery import load
from include.sources.readers import api, api_ahead, api_pace
from include.sources.readers.api_client import Client, Login
from include.sources.readers.api_failures import asked_to_wait
from include.sources.readers.api_pace import Pace
from tests.api_servers.running import Server
from tests.api_servers.serving import CLIENT, CLIENT_SECRET, LOGIN, REFRESH, SECRET
from tests.unit.sources.factory import declare, source_of

DAY = Window.parse("2026-08-03", "2026-08-04")
BEFORE = datetime(2026, 8, 3, tzinfo=UTC)
SECRETS = (SECRET, CLIENT_SECRET, REFRESH, "access-", "user3", "User 3")

CURSOR = {"by": "cursor", "param": "cursor", "next": "after_cursor", "last": "end_of_stream"}
USERS = {
    "path": "/api/v2/incremental/users/cursor.json", "params": {"per_page": 5}, "records": "users", "pages": CURSOR,
    "since": {"param": "start_time", "form": "unix"}, "overlap_minutes": 0,
}  # fmt: skip
QUERY = """query($cursor: String, $since: String) {
  customers(first: 4, after: $cursor, query: $since) { nodes { id lastName updatedAt } pageInfo { hasNextPage endCursor } }
}"""


PLAIN = {"since": None, "params": {}, "overlap_minutes": 60}
BY_NUMBER = {"pages": {"by": "number", "param": "page"}}


def client(server: Server, limit: RateLimit | None = None, **login: Any) -> Client:
    given = login or {"user": LOGIN, "password": SECRET}
    return Client(Login(server.url, "suki_desk", **given), limit, first_wait=0.01)


@pytest.fixture
def lists(served: Callable[[str], Server]) -> Server:
    return served("pages")


@pytest.fixture
def shop(served: Callable[[str], Server]) -> Server:
    return served("shopify")


def declared(root: Path, request: dict[str, Any] | None = None, **stream: Any) -> Source:
    given = {"updated_at": "updated_at", **stream, "request": {**USERS, **(request or {})}}
    return source_of(root, {"connection": "suki_desk"}, files=..., format=..., **given)


def ids(source: Source, client: Client, window: Window = DAY, read_to: datetime | None = BEFORE) -> list[Any]:
    return [row.raw["id"] for delivery in api.read(source, source.streams["people"], window, client, read_to) for row in delivery]


def failure(source: Source, client: Client) -> SukiError:
    with pytest.raises(SukiError) as caught:
        ids(source, client)
    assert not [secret for secret in SECRETS if secret in f"{caught.value!r} {caught.value.__cause__!r}"]
    assert caught.value.__suppress_context__ or not isinstance(caught.value.__context__, SukiError)
    return caught.value


THIRD_OF_AUGUST = list(range(1024, 1036))


class TestZendesk:
    def test_a_window_takes_what_changed_in_it_page_by_page(self, tmp_path: Path, desk: Server):
        assert ids(declared(tmp_path), client(desk)) == THIRD_OF_AUGUST
        first, *others = [request["query"] for request in desk.asked]
        assert first == {"start_time": "1785715200", "per_page": "5"}
        assert all(set(query) == {"cursor", "per_page"} for query in others)
        assert len(others) == 4, "24 users changed since, 12 of them in the window"

    def test_the_first_run_takes_everything_before_its_end(self, tmp_path: Path, desk: Server):
        assert ids(declared(tmp_path, {"params": {}}), client(desk), read_to=None) == list(range(1000, 1036))

    def test_a_gap_and_the_overlap_are_read_too(self, tmp_path: Path, desk: Server):
        source = declared(tmp_path, {"overlap_minutes": 120})
        assert ids(source, client(desk), read_to=datetime(2026, 8, 2, tzinfo=UTC)) == list(range(1011, 1036))

    def test_it_is_called_and_counted_like_a_file(self, tmp_path: Path, desk: Server):
        source = declared(tmp_path)
        (delivery,) = api.read(source, source.streams["people"], DAY, client(desk), BEFORE)
        list(delivery)
        assert (delivery.file, delivery.mode, delivery.rows) == ("kiosk/2026-08-03/people.api", "changes", 12)
        before = delivery.sha256
        list(delivery)
        assert delivery.sha256 == before

    @pytest.mark.parametrize(
        "faults",
        [
            [{"status": 429, "headers": {"Retry-After": "1"}}],
            [{}, {"status": 503}, {"status": 502, "body": "<html>"}],
            [{}, {"cut": True}],
            [{}, {"body": '{"users": [{"id"'}],
        ],
        ids=["too often", "down for a moment", "cut off in a page", "half a page"],
    )
    def test_what_passes_is_asked_again_and_nothing_is_lost_or_doubled(self, tmp_path: Path, desk: Server, faults: list[dict]):
        desk.fails(*faults)
        assert ids(declared(tmp_path), client(desk)) == THIRD_OF_AUGUST
        assert len(desk.asked) == 5 + sum(fault != {} for fault in faults)

    def test_a_service_that_asks_to_be_left_alone_is(self, tmp_path: Path, desk: Server):
        desk.fails({"status": 429, "headers": {"Retry-After": "1"}})
        ids(declared(tmp_path), client(desk))
        first, second, *_ = [request["at"] for request in desk.asked]
        assert second - first >= 1

    @pytest.mark.parametrize(
        ("asks", "seconds"), [("", 0), ("2", 2), ("-1", 0), ("nan", 0), ("soon", 0), ("Wed, 21 Oct 2015 07:28:00 GMT", 0)]
    )
    def test_how_long_that_is(self, asks: str, seconds: float):
        assert asked_to_wait(httpx.Response(429, headers={"Retry-After": asks})) == seconds

    def test_pages_of_another_size_are_read_all_the_same(self, tmp_path: Path, desk: Server):
        desk.fails({}, {"per_page": 2}, {"per_page": 1})
        assert ids(declared(tmp_path), client(desk)) == THIRD_OF_AUGUST


def long(root: Path) -> Source:
    """A hundred pages by number, of a record each."""
    return declared(root, {**PLAIN, **BY_NUMBER, "path": "/long", "records": "items"}, updated_at=None)


class TestAskingAhead:
    def test_what_is_asked_for_behind_the_end_counts_for_nothing(self):
        def ask(number: int) -> list[int]:
            if number > 4:
                raise SourceFailed("no such page")
            return [number] if number < 4 else []

        assert list(api_ahead.numbered(ask, 1, lambda: 8, lambda page: not page)) == [[1], [2], [3]]

    def test_what_fails_before_the_end_is_told_in_its_place(self):
        def ask(number: int) -> list[int]:
            if number == 3:
                raise SourceFailed("broken")
            return [number]

        pages = api_ahead.numbered(ask, 1, lambda: 8, lambda page: not page)
        assert [next(pages), next(pages)] == [[1], [2]]
        with pytest.raises(SourceFailed, match="broken"):
            next(pages)

    def test_a_page_is_asked_for_while_the_one_before_it_is_worked_off(self):
        asked = [Event() for _ in range(3)]

        def pages() -> Iterator[int]:
            for number, event in enumerate(asked):
                event.set()
                yield number

        given = api_ahead.one_ahead(pages())
        assert next(given) == 0
        assert asked[1].wait(10)
        assert not asked[2].is_set()
        assert list(given) == [1, 2]

    def test_who_wants_no_more_does_not_wait_for_what_is_asked(self, tmp_path: Path, lists: Server):
        lists.fails({}, *[{"status": 429, "headers": {"Retry-After": "500"}}] * 9)
        asking = client(lists)
        source = declared(tmp_path, {**PLAIN, **BY_NUMBER, "path": "/page", "records": "items"}, updated_at=None)
        (delivery,) = api.read(source, source.streams["people"], DAY, asking, BEFORE)
        assert next(iter(delivery)).raw["id"] == 1
        asking.close()
        for thread in threading.enumerate():
            if thread.name.startswith("asking"):
                thread.join(10)
                assert not thread.is_alive()

    def test_reading_goes_on_behind_the_last_page_that_was_given(self, tmp_path: Path, lists: Server):
        lists.takes(0.05)
        source, limit = long(tmp_path), RateLimit(requests=60, seconds=1)
        (delivery,) = api.read(source, source.streams["people"], DAY, client(lists, limit), BEFORE)
        *_, (_, place) = islice(delivery.pages(), 30)
        assert [row.raw["id"] for page, _ in delivery.pages(place) for row in page] == list(range(31, 101))


class TestRateLimit:
    def test_it_is_used_to_the_full_and_never_exceeded(self, monkeypatch: pytest.MonkeyPatch):
        now, sent = [100.0], []
        monkeypatch.setattr(api_pace.time, "monotonic", lambda: now[0])
        monkeypatch.setattr(Pace, "_rest", lambda _, seconds: now.__setitem__(0, now[0] + seconds))
        limit = RateLimit(requests=10, seconds=60)
        for busy in (0.0, 0.0, 7.0, 25.0):  # runs one behind the other are one to the service; its answers take their time
            pace = Pace(limit)
            for _ in range(15):
                pace.wait()
                sent.append(now[0])
                now[0] += busy
        assert max(sum(begin <= at < begin + 60 for at in sent) for begin in sent) == 10

    def test_a_service_that_counts_never_counts_too_many(self, tmp_path: Path, desk: Server):
        desk.allows(20, 1)
        source = declared(tmp_path, {"params": {"per_page": 1}})
        for _ in range(2):  # runs one behind the other
            assert ids(source, client(desk, RateLimit(requests=20, seconds=1))) == THIRD_OF_AUGUST
        assert len(desk.asked) == 48
        assert desk.exceeded == 0

    def test_a_service_that_counts_would_see_who_asks_too_often(self, tmp_path: Path, desk: Server):
        desk.allows(3, 1)
        assert ids(declared(tmp_path), client(desk, RateLimit(requests=50, seconds=1))) == THIRD_OF_AUGUST
        assert desk.exceeded > 0

    def test_pages_that_are_known_by_number_are_asked_for_at_once_where_answers_take_long(self, tmp_path: Path, lists: Server):
        lists.allows(40, 1)
        lists.takes(0.1)
        assert ids(long(tmp_path), client(lists, RateLimit(requests=40, seconds=1))) == list(range(1, 101))
        assert lists.exceeded == 0
        assert max(request["under_way"] for request in lists.asked) > 2

    def test_no_more_at_once_than_the_limit_wants(self, tmp_path: Path, lists: Server):
        slow = RateLimit(requests=1, seconds=0.05)
        source = declared(tmp_path, {**PLAIN, **BY_NUMBER, "path": "/page", "records": "items"}, updated_at=None)
        assert ids(source, client(lists, slow)) == list(range(1, 11))
        assert {request["under_way"] for request in lists.asked} == {1}
        assert len(lists.asked) == 4, "none is asked for behind the one that is empty"

    def test_a_page_that_names_the_next_is_asked_for_alone(self, tmp_path: Path, desk: Server):
        desk.takes(0.05)
        source = declared(tmp_path, {"params": {"per_page": 1}})
        assert ids(source, client(desk, RateLimit(requests=100, seconds=1))) == THIRD_OF_AUGUST
        assert {request["under_way"] for request in desk.asked} == {1}

    def test_one_that_is_told_to_wait_is_not_overtaken_by_others(self, tmp_path: Path, lists: Server):
        lists.takes(0.1)
        lists.fails(*[{}] * 20, {"status": 429, "headers": {"Retry-After": "1"}})
        assert ids(long(tmp_path), client(lists, RateLimit(requests=60, seconds=1))) == list(range(1, 101))
        times = [request["at"] for request in lists.asked]
        assert max(later - before for before, later in pairwise(times)) > 0.8, "under way were some; then it is left alone"

    @pytest.mark.parametrize("at_once", [1, 3, 8])
    def test_whatever_comes_back_when_no_stretch_holds_too_many(self, at_once: int):
        """Threads that send, and answers that arrive at any time behind it: a service counts by when requests reach it."""
        limit, arrived, random = RateLimit(requests=7, seconds=0.1), list[float](), Random(at_once)
        pace, chances = Pace(limit), iter([random.random() for _ in range(200)])

        def ask(_: int) -> None:
            pace.wait()
            time.sleep(next(chances) * 0.02)
            arrived.append(time.monotonic())
            time.sleep(next(chances) * 0.02)
            pace.ended()

        with ThreadPoolExecutor(at_once) as threads:
            list(threads.map(ask, range(60)))
        assert max(sum(begin <= at < begin + 0.1 for at in arrived) for begin in arrived) <= 7

    def test_it_holds_for_whatever_is_asked(self, tmp_path: Path, desk: Server):
        ids(declared(tmp_path), client(desk, RateLimit(requests=10, seconds=1)))
        times = [request["at"] for request in desk.asked]
        assert len(times) == 5
        assert times[-1] - times[0] > 0.3  # four tenths, but for what the way to the server takes


class TestLogin:
    def oauth(self, desk: Server, **changes: Any) -> Client:
        given = {"user": CLIENT, "password": CLIENT_SECRET, "token_url": f"{desk.url}/oauth/tokens", "refresh_token": REFRESH}
        return client(desk, **{**given, **changes})

    @pytest.mark.parametrize("refresh", [REFRESH, None])
    def test_a_token_that_expires_in_the_middle_is_renewed(self, tmp_path: Path, desk: Server, refresh: str | None):
        assert ids(declared(tmp_path), self.oauth(desk, refresh_token=refresh)) == THIRD_OF_AUGUST
        assert [request["path"] for request in desk.asked].count("/oauth/tokens") == 2

    @pytest.mark.parametrize("login", [{"user": LOGIN, "password": "wrong"}, {"token": "expired"}, {"headers": {"X-Key": "1"}}])
    def test_a_login_that_is_refused(self, tmp_path: Path, desk: Server, login: dict):
        said = failure(declared(tmp_path), client(desk, **login))
        assert str(said) == "connection suki_desk: login, password: the service refuses them (401), or their token has expired."
        assert not said.retry

    def test_a_client_that_gets_no_token(self, tmp_path: Path, desk: Server):
        said = failure(declared(tmp_path), self.oauth(desk, refresh_token="wrong"))
        assert "no access token is given for them (401)" in str(said)
        assert not said.retry


class TestOtherPages:
    def listed(self, root: Path, path: str, pages: dict | None, records: str | None) -> Source:
        return declared(root, {**PLAIN, "path": path, "pages": pages, "records": records}, updated_at=None)

    def test_links_are_followed(self, tmp_path: Path, lists: Server):
        assert ids(self.listed(tmp_path, "/link", {"by": "link"}, None), client(lists)) == list(range(1, 11))

    def test_a_link_to_another_host_is_not_followed(self, tmp_path: Path, lists: Server):
        lists.fails({"other_host": True})
        said = failure(self.listed(tmp_path, "/link", {"by": "link"}, None), client(lists))
        assert "names a next page on another host" in str(said)
        assert not said.retry

    @pytest.mark.parametrize("end", ["", None, False], ids=["empty", "null", "false"])
    @pytest.mark.parametrize(
        ("path", "pages"),
        [("/cursor", {"by": "cursor", "param": "cursor"}), ("/address", {"by": "link"})],
        ids=["cursor", "address"],
    )
    def test_a_page_that_names_nothing_as_the_next_is_the_last(
        self, tmp_path: Path, lists: Server, path: str, pages: dict, end: str | bool | None
    ):
        lists.fails(*[{"end": end}] * 4)
        source = self.listed(tmp_path, path, {**pages, "next": "next_cursor"}, "items")
        assert ids(source, client(lists)) == list(range(1, 11))
        assert len(lists.asked) == 3

    def test_numbers_are_counted_until_a_page_is_empty_however_long_pages_are(self, tmp_path: Path, lists: Server):
        source = self.listed(tmp_path, "/page", {"by": "number", "param": "page"}, "items")
        assert ids(source, client(lists)) == list(range(1, 11))
        assert len(lists.asked) == 4

    def test_a_service_that_gives_one_page_for_ever_is_left(self, tmp_path: Path, lists: Server):
        lists.fails({}, {"stuck": True}, {"stuck": True})
        said = failure(self.listed(tmp_path, "/page", {"by": "number", "param": "page"}, "items"), client(lists))
        assert "it would never end" in str(said)

    def test_without_pages_one_answer_is_all(self, tmp_path: Path, lists: Server):
        assert ids(self.listed(tmp_path, "/page", None, "items"), client(lists)) == [1, 2, 3, 4]

    def test_a_list_that_knows_no_changes_is_a_snapshot_of_now(self, tmp_path: Path, lists: Server):
        source = self.listed(tmp_path, "/page", None, "items")
        (delivery,) = api.read(source, source.streams["people"], DAY, client(lists), None)
        assert delivery.mode == "snapshot"
        assert ids(source, client(lists), read_to=datetime(2026, 8, 9, tzinfo=UTC)) == []


SHOPIFY = {
    "path": "/admin/api/2026-07/graphql.json", "graphql": "customers.graphql", "records": "data.customers.nodes",
    "since": {"param": "since", "template": "updated_at:>='{since}'"}, "overlap_minutes": 0,
    "pages": {"by": "cursor", "param": "cursor", "next": "data.customers.pageInfo.endCursor",
              "more": "data.customers.pageInfo.hasNextPage"},
}  # fmt: skip


SINCE = Window.parse("2026-08-03", "2026-08-13")
"""Ten of the shop's days."""


class TestShopify:
    def declared(self, root: Path, **changes: Any) -> Source:
        stream = {
            "kind": "customers",
            "request": {**SHOPIFY, **changes},
            "key": "id",
            "updated_at": "updatedAt",
            "map": {"full_name": "lastName"},
        }
        folder = root / "declared" / "kiosk"
        folder.mkdir(parents=True)
        (folder / "customers.graphql").write_text(QUERY)
        declare(root / "declared", {"connection": "suki_shop"}, people=stream)
        return load(folder)

    def client(self, shop: Server) -> Client:
        return client(shop, headers={"X-Shopify-Access-Token": SECRET})

    def test_a_query_is_asked_page_by_page(self, tmp_path: Path, shop: Server):
        found = ids(self.declared(tmp_path), self.client(shop), SINCE)
        assert found == [f"gid://shopify/Customer/{n}" for n in range(9003, 9013)]
        bodies = [json.loads(request["body"]) for request in shop.asked]
        assert [body["variables"] for body in bodies] == [
            {"since": "updated_at:>='2026-08-03T00:00:00Z'"},
            {"since": "updated_at:>='2026-08-03T00:00:00Z'", "cursor": "4"},
            {"since": "updated_at:>='2026-08-03T00:00:00Z'", "cursor": "8"},
        ]
        assert {body["query"] for body in bodies} == {QUERY}

    def test_a_query_is_asked_by_numbers_too(self, tmp_path: Path, lists: Server):
        by_number = {"path": "/page", "records": "items", "pages": {"by": "number", "param": "page"}}
        assert ids(self.declared(tmp_path, **by_number), client(lists)) == list(range(1, 11))
        assert {json.loads(request["body"])["query"] for request in lists.asked} == {QUERY}

    def test_who_is_throttled_waits_until_the_points_are_back(self, tmp_path: Path, shop: Server):
        shop.fails({"throttled": True})
        assert len(ids(self.declared(tmp_path), self.client(shop), SINCE)) == 10
        first, second, *_ = [request["at"] for request in shop.asked]
        assert second - first >= (70 - 66) / 50

    def test_a_query_that_is_wrong(self, tmp_path: Path, shop: Server):
        shop.fails({"body": json.dumps({"errors": [{"message": "Field 'User 3' doesn't exist"}]})})
        said = failure(self.declared(tmp_path), self.client(shop))
        assert "answers the query with errors" in str(said)
        assert not said.retry


LONG = {"status": 429, "headers": {"Retry-After": "86400"}}


class TestWhatIsWrong:
    """Each says what to mend and whether trying again helps."""

    @pytest.mark.parametrize(
        ("faults", "kind", "says"),
        [
            ([{"page": "login"}], DeclarationError, "answers with a web page: its own to sign in, or a proxy's"),
            (
                [{"status": 302, "headers": {"Location": "/login"}}],
                DeclarationError,
                "sends .* on to another page .302.: to sign in",
            ),
            ([{"status": 403}], DeclarationError, r"it may not read /api/v2/incremental/users/cursor.json \(403\)"),
            ([{"status": 404}], DeclarationError, "the service has nothing at /api/v2"),
            ([{"status": 422, "body": '{"error": "User 3"}'}], SourceFailed, "refuses what is asked"),
            ([{"body": '{"error": "User 3"}'}], SourceFailed, "an answer has no list of records at 'users'"),
            ([{"body": '{"users": []}'}], SourceFailed, "is not the last page and names no next one at 'after_cursor'"),
            ([{}, *[{"same_cursor": True}] * 3], SourceFailed, "a page as the next one that was read already"),
            ([{"status": 500}] * 6, SourceUnavailable, "answers 500, 6 times in a row"),
            ([{"body": "{"}] * 6, SourceUnavailable, "answers what is no JSON, 6 times in a row"),
            ([LONG], SourceUnavailable, "asks to be left alone for 86,400 seconds"),
        ],
    )
    def test_an_answer_that_is_none(self, tmp_path: Path, desk: Server, faults: list[dict], kind: type, says: str):
        desk.fails(*faults)
        said = failure(declared(tmp_path), client(desk))
        assert type(said) is kind
        assert said.retry == (kind is SourceUnavailable)
        with pytest.raises(kind, match=says):
            raise said

    @pytest.mark.parametrize(
        ("url", "says"),
        [
            ("http://127.0.0.1:1", "host: nothing listens at that host and port"),
            (
                "http://no-such-host.invalid",
                "host: its host's name is not known here; if that stays so, look at how it is spelled",
            ),
        ],
    )
    def test_a_service_that_cannot_be_reached(self, tmp_path: Path, desk: Server, url: str, says: str):
        said = failure(declared(tmp_path), Client(Login(url, "suki_desk"), None, first_wait=0.001))
        assert str(said) == f"the service of connection suki_desk cannot be reached ({says}), 6 times in a row"
        assert said.retry
        token_url = failure(declared(tmp_path), client(desk, user="u", password="p", token_url=f"{url}/token"))
        assert str(token_url) == str(said).replace("host:", "extra.token_url:", 1)
        assert token_url.retry

    def test_a_service_without_tls_where_it_is_asked_for(self, tmp_path: Path, desk: Server):
        said = failure(declared(tmp_path), Client(Login(desk.url.replace("http:", "https:"), "suki_desk"), None))
        assert str(said) == "connection suki_desk: host: what answers there speaks no TLS, which the connection asks for."
        assert not said.retry

    @pytest.mark.parametrize(
        ("token_url", "says"),
        [
            ("{}/login", "extra.token_url: gives no tokens but a web page or nothing (200)"),
            ("{}/oauth/moved", "extra.token_url: gives no tokens but a web page or nothing (302)"),
            ("{}/nothing", "login, password, extra.refresh_token: no access token is given for them (401)"),
            ("oauth/tokens", "extra.token_url: lacks http:// or https://"),
        ],
    )
    def test_a_place_for_tokens_that_is_none(self, tmp_path: Path, desk: Server, token_url: str, says: str):
        if token_url.endswith("moved"):
            desk.fails({"status": 302, "headers": {"Location": "/login"}})
        said = failure(declared(tmp_path), client(desk, user="u", password="p", token_url=token_url.format(desk.url)))
        assert str(said).startswith(f"connection suki_desk: {says}")
        assert not said.retry

    def test_a_web_page_in_place_of_a_file_the_service_laid_down(self, desk: Server):
        with tempfile.TemporaryFile() as file, pytest.raises(SourceUnavailable, match="gives a web page in place of its file"):
            client(desk).fetch(f"{desk.url}/login", file, None)

    def test_an_address_that_is_none(self, tmp_path: Path):
        said = failure(declared(tmp_path), Client(Login("desk.example", "suki_desk"), None))
        assert "host: lacks http:// or https://" in str(said)
        assert not said.retry

    def test_an_element_that_is_no_record_suffers_alone(self, tmp_path: Path, desk: Server):
        desk.fails({"body": '{"users": [7, {"id": 1}], "end_of_stream": true}'})
        source = declared(tmp_path)
        (delivery,) = api.read(source, source.streams["people"], DAY, client(desk), BEFORE)
        assert [(row.position, row.problem) for row in delivery] == [(1, "not_an_object"), (2, None)]

    @pytest.mark.parametrize(
        ("request_", "says"),
        [
            ({"path": "users"}, "request.path: must begin with /"),
            ({"pages": {"by": "cursor", "param": "cursor"}}, "request.pages.next: is needed"),
            ({"pages": {"by": "number"}}, "request.pages.param: is needed to ask for pages by number"),
            ({"pages": {"by": "number", "param": "page", "next": "x"}}, "last and more are of cursors, next of links too"),
            ({"pages": {"by": "link", "last": "x"}}, "request.pages: last and more are of cursors"),
            ({"bulk": {"graphql": "none.graphql"}}, "request.bulk.graphql: names no file beside source.yml"),
            ({"path": "/{scope}/users"}, r"request.path: holds \{scope\}, but the source declares no scopes"),
            ({"graphql": "none.graphql"}, "request.graphql: names no file beside source.yml"),
            ({"since": {"param": "q", "template": "updated_at"}}, r"request.since.template: must hold \{since\}"),
        ],
    )
    def test_a_wrong_declaration(self, tmp_path: Path, request_: dict, says: str):
        with pytest.raises(DeclarationError, match=says):
            declared(tmp_path, request_)

    def test_an_api_needs_a_connection(self, tmp_path: Path):
        with pytest.raises(DeclarationError, match="the source declares no connection"):
            source_of(tmp_path, files=..., format=..., request=USERS)


def test_no_secret_and_no_customer_is_logged(tmp_path: Path, desk: Server, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    ids(declared(tmp_path), client(desk))
    desk.fails(*[{"status": 500}] * 6)
    failure(declared(tmp_path), client(desk))
    assert not [secret for secret in (*SECRETS, "start_time") if secret in caplog.text]
    assert SECRET not in repr(Login("https://x.example", "c", user="u", password=SECRET, token=SECRET, headers={"k": SECRET}))
