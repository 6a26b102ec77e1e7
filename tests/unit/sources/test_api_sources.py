"""The sources that are asked by an API, as they are shipped, against servers that answer as the services do."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from include.batch import Window
from include.errors import DeclarationError, SourceFailed, SourceUnavailable, SukiError
from include.sources import RawRow, Source, declared
from include.sources.readers import api
from include.sources.readers.api_client import Client, Login
from tests.api_servers.running import Server
from tests.api_servers.serving import LOGIN, SECRET

SOURCES = declared()
WINDOW = Window.parse("2026-08-04", "2026-08-06")
WINDOW_OF_SIX = Window.parse("2026-08-05", "2026-08-07")
READ_TO = datetime(2026, 8, 4, tzinfo=UTC)


@pytest.fixture
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server("shopify", tmp_path_factory.mktemp("shopify")) as running:  # one a test: it remembers its operations
        yield running


@pytest.fixture
def tills(served: Callable[[str], Server]) -> Server:
    return served("square")


@pytest.fixture
def platform(served: Callable[[str], Server]) -> Server:
    return served("meta")


def client(server: Server, **login: Any) -> Client:
    return Client(Login(server.url, "suki_api", **login), None, first_wait=0.01)


def rows(name: str, stream: str, asked: Client, read_to: datetime | None = READ_TO, source: Source | None = None) -> list[RawRow]:
    source = source or SOURCES[name]
    return [row for delivery in api.read(source, source.streams[stream], WINDOW, asked, read_to) for row in delivery]


def keys(found: list[RawRow]) -> list[str]:
    return [str(row.raw["id"]).rpartition("/")[2] for row in found]


class TestShopify:
    def asked(self, shop: Server) -> Client:
        return client(shop, headers={"X-Shopify-Access-Token": SECRET})

    def test_a_day_is_asked_page_by_page_and_lines_are_a_list(self, shop: Server):
        orders = rows("shopify", "orders", self.asked(shop))
        assert keys(orders) == ["7004", "7005"], "the overlap of an hour holds none"
        assert [item["title"] for item in orders[1].raw["lineItems"]] == ["Thing 0"]
        assert json.loads(shop.asked[0]["body"])["variables"] == {"since": "updated_at:>='2026-08-03T23:00:00Z'"}

    def test_an_order_with_more_lines_than_are_asked_for_is_set_aside_whole(self, shop: Server, tmp_path: Path):
        folder = SOURCES["shopify"].folder
        (tmp_path / "shopify").mkdir()
        for file in folder.glob("*.graphql"):
            short_of = file.read_text().replace("lineItems(first: 100)", "lineItems(first: 1)")
            (tmp_path / "shopify" / file.name).write_text(short_of)
        short = SOURCES["shopify"].model_copy().placed(tmp_path / "shopify")
        found = api.read(short, short.streams["orders"], WINDOW_OF_SIX, self.asked(shop), READ_TO)
        problems = [(row.problem, row.position) for delivery in found for row in delivery]
        assert problems == [(None, 1), (None, 2), ("list_cut", 3)], (
            "order 4 has no line, 5 one, 6 two, and 7 is not of the window"
        )

    def test_the_first_run_is_asked_at_once_and_lines_follow_their_order(self, shop: Server):
        orders = rows("shopify", "orders", self.asked(shop), read_to=None)
        assert keys(orders) == ["7001", "7002", "7003", "7004", "7005"], "what changed after the window is left to its own"
        assert [len(order.raw.get("lineItems", [])) for order in orders] == [1, 2, 3, 0, 1]
        assert [request["path"] for request in shop.asked].count("/bulk/1.jsonl") == 1
        assert "first:" not in json.loads(shop.asked[0]["body"])["variables"]["query"]

    def test_a_file_and_pages_give_the_same_records(self, shop: Server):
        at_once = rows("shopify", "orders", self.asked(shop), read_to=datetime(2026, 7, 1, tzinfo=UTC))
        paged = rows("shopify", "orders", self.asked(shop), read_to=datetime(2026, 8, 1, tzinfo=UTC))

        def plain(row: RawRow) -> dict[str, Any]:
            lines = [{k: v for k, v in line.items() if k != "__parentId"} for line in row.raw.get("lineItems", [])]
            return {**row.raw, "lineItems": lines}

        assert [plain(row) for row in at_once] == [plain(row) for row in paged]
        assert "/bulk/1.jsonl" in {request["path"] for request in shop.asked}

    def test_nothing_found_is_no_file(self, shop: Server):
        late = Window.parse("2027-01-01", "2027-02-01")
        source = SOURCES["shopify"]
        (delivery,) = api.read(source, source.streams["customers"], late, self.asked(shop), datetime(2027, 1, 1, tzinfo=UTC))
        assert list(delivery) == []

    def test_a_file_that_breaks_off_is_fetched_again(self, shop: Server):
        shop.fails({}, {}, {}, {"short": True})
        assert len(rows("shopify", "orders", self.asked(shop), read_to=None)) == 5

    @pytest.mark.parametrize(
        ("faults", "kind", "says"),
        [
            ([{"busy": True}], SourceUnavailable, "another bulk operation is under way"),
            ([{"ends": "FAILED"}], SourceUnavailable, r"ended as FAILED \(TIMEOUT\)"),
            ([{"ends": "CANCELED"}], SourceUnavailable, "ended as CANCELED"),
            (
                [{"body": '{"errors": [{"extensions": {"code": "ACCESS_DENIED"}}]}'}],
                DeclarationError,
                "may not read",
            ),
        ],
        ids=["busy", "failed", "cancelled", "denied"],
    )
    def test_an_operation_that_comes_to_nothing(self, shop: Server, faults: list[dict], kind: type[SukiError], says: str):
        shop.fails(*faults)
        with pytest.raises(kind, match=says) as caught:
            rows("shopify", "orders", self.asked(shop), read_to=None)
        assert SECRET not in str(caught.value)
        assert "s3cret" not in str(caught.value)

    def test_a_query_the_shop_refuses(self, shop: Server, tmp_path: Path):
        folder = tmp_path / "shopify"
        folder.mkdir()
        for file in SOURCES["shopify"].folder.glob("*.graphql"):
            (folder / file.name).write_text(file.read_text().replace('orders(query: "', 'orders(first: 5, query: "'))
        wrong = SOURCES["shopify"].model_copy().placed(folder)
        with pytest.raises(SourceFailed, match=r"refuses the query of request\.bulk"):
            rows("shopify", "orders", self.asked(shop), None, wrong)


class TestZendesk:
    def test_identities_go_into_their_user(self, desk: Server):
        users = rows("zendesk", "users", client(desk, user=LOGIN, password=SECRET), datetime(2026, 8, 1, 1, tzinfo=UTC))
        assert len(users) == 48
        assert [row.raw["identities"][0]["value"] for row in users[:4] if "identities" in row.raw] == [
            "other0@suki.example", "other3@suki.example",
        ]  # fmt: skip
        assert all(row.problem is None for row in users)

    def test_tickets_are_asked_the_same_way(self, desk: Server):
        assert (
            len(rows("zendesk", "tickets", client(desk, user=LOGIN, password=SECRET), datetime(2026, 8, 4, 1, tzinfo=UTC))) == 12
        )

    def test_an_identity_of_nobody_is_set_aside(self, desk: Server):
        answer = {"users": [{"id": 1, "updated_at": "2026-08-04T01:00:00Z"}], "identities": [{"id": 9, "user_id": 2}]}
        desk.fails({"body": json.dumps({**answer, "after_cursor": "x", "end_of_stream": True})})
        found = rows("zendesk", "users", client(desk, user=LOGIN, password=SECRET))
        assert [row.problem for row in found] == [None, "orphan_child"]


class TestSquare:
    def test_a_search_is_posted_and_its_cursor_goes_on_with_it(self, tills: Server):
        found = rows("square", "customers", client(tills, token="access-1"))
        assert keys(found) == ["SQ04", "SQ05"]
        assert json.loads(tills.asked[0]["body"]) == {
            "limit": 100, "query": {"filter": {"updated_at": {"start_at": "2026-08-03T23:00:00Z"}}},
        }  # fmt: skip

    @pytest.mark.parametrize("stream", ["customers", "payments"])
    def test_every_page_is_asked_with_the_whole_query(self, tills: Server, stream: str):
        source = SOURCES["square"]
        request = source.streams[stream].request
        assert request is not None
        smaller = request.model_copy(update={"params": {**request.params, "limit": 2}})
        source = source.model_copy(update={"streams": {stream: source.streams[stream].model_copy(update={"request": smaller})}})
        for name, each in source.streams.items():
            each.placed(name, source.scopes)
        assert len(rows("square", stream, client(tills, token="access-1"), datetime(2026, 8, 1, tzinfo=UTC), source)) == 5
        assert len(tills.asked) == 6, "twelve since, two a page"

    def test_an_empty_answer_is_nobody(self, tills: Server):
        late = Window.parse("2027-01-01", "2027-01-02")
        source = SOURCES["square"]
        asked = client(tills, token="access-1")
        for stream in source.streams.values():
            (delivery,) = api.read(source, stream, late, asked, datetime(2027, 1, 1, tzinfo=UTC))
            assert list(delivery) == []


class TestMeta:
    @pytest.fixture
    def leads(self) -> Source:
        source = SOURCES["meta_leads"]
        form = source.scopes["1001"]
        both = source.model_copy(update={"scopes": {"1001": form, "1002": form}}).placed(source.folder)
        for name, stream in both.streams.items():
            assert stream.request is not None
            small = stream.request.model_copy(update={"params": {**stream.request.params, "limit": 2}})
            both.streams[name] = stream.model_copy(update={"request": small})
            both.streams[name].placed(name, both.scopes)
        return both

    def test_every_form_is_asked_page_by_page(self, platform: Server, leads: Source):
        asked = client(platform, token="access-1")
        found = api.read(leads, leads.streams["leads"], WINDOW, asked, datetime(2026, 8, 1, tzinfo=UTC))
        assert [(d.scope, d.file, keys(list(d))) for d in found] == [
            ("1001", "meta_leads/2026-08-05/leads_1001.api", [f"1001{n:03}" for n in range(1, 6)]),
            ("1002", "meta_leads/2026-08-05/leads_1002.api", [f"1002{n:03}" for n in range(1, 4)]),
        ]
        assert {json.loads(r["query"]["filtering"])[0]["value"] for r in platform.asked} == {1785538800}, "on every page"

    @pytest.mark.parametrize("code", [4, 17, 613, 80005, 2])
    def test_too_many_calls_are_made_again(self, platform: Server, leads: Source, code: int):
        platform.fails({"code": code}, {"code": code})
        assert keys(rows("meta_leads", "leads", client(platform, token="access-1"), source=leads)) == ["1001004", "1001005"]

    @pytest.mark.parametrize(
        ("code", "says"), [(190, "wrong or has expired"), (200, r"may not read /v25\.0/1001/leads"), (10, "may not read")]
    )
    def test_a_token_that_does_not_serve(self, platform: Server, leads: Source, code: int, says: str):
        platform.fails({"code": code})
        with pytest.raises(DeclarationError, match=says) as caught:
            rows("meta_leads", "leads", client(platform, token="access-1"), source=leads)
        assert "access-1" not in str(caught.value)

    def test_a_form_that_is_not_there(self, platform: Server, leads: Source):
        platform.fails({"code": 100})
        with pytest.raises(SourceFailed, match=r"refuses what is asked of /v25\.0/1001/leads"):
            rows("meta_leads", "leads", client(platform, token="access-1"), source=leads)

    def test_a_refusal_of_nothing_but_brackets_is_one_all_the_same(self, platform: Server, leads: Source):
        platform.fails({"status": 400, "body": '{"error": ' + "[" * 50_000})
        with pytest.raises(SourceFailed, match="refuses what is asked of"):
            rows("meta_leads", "leads", client(platform, token="access-1"), source=leads)
