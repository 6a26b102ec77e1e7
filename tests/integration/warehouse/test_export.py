"""What leaves the house: everybody, or who changed; contact points only of who allows it; the same run again writes the same."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
import sqlalchemy
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from airflow.sdk.io import store as attached

from include.warehouse import snapshot
from include.warehouse.publish import publish
from local.object_store import CRM
from suki.operators.base import SukiOperator
from suki.operators.export import ExportDatabaseOperator, ExportFilesOperator, ExportValueOperator
from tests import flow
from tests.integration.warehouse.conftest import Warehouse, at, met, said
from tests.integration.warehouse.publications import customer_id, publication
from tests.object_store_fixture import Store

pytestmark = pytest.mark.integration

NAMES = {"a": "=Ana", "b": "Bea", "c": "Cem"}


@pytest.fixture
def crm(warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three customers: a allows e-mail, b allowed it four years ago, c refuses; a folder and a database for them."""
    landed = warehouse.land(1, list("abc"))
    warehouse.stage([said(name, 1, name, emails=[f"{name}@example.org"]) for name in "abc"], landed.manifest_id)
    warehouse.meet([
        met(f"o{name}", 2, "paid", name, occurred_at=at(2), interaction_type="receipt", amount=100, currency="EUR", store="BER01")
        for name in "abc"
    ])  # fmt: skip
    run(warehouse, {"a": "a", "b": "b", "c": "c"})
    folder, database = tmp_path / "crm", tmp_path / "crm.db"
    database.touch()
    monkeypatch.setenv("AIRFLOW_CONN_SUKI_WAREHOUSE", warehouse.url)
    monkeypatch.setenv("AIRFLOW_CONN_SUKI_CRM", json.dumps({"conn_type": "generic", "extra": {"path": str(folder)}}))
    monkeypatch.setenv("AIRFLOW_CONN_THEIRS", json.dumps({"conn_type": "sqlite", "host": str(database)}))
    return folder


def run(warehouse: Warehouse, groups: dict[str, str], names: dict[str, str] | None = None, aliases: Any = None) -> None:
    given = publication(warehouse.resolver, groups, names={**NAMES, **(names or {})}, aliases=aliases)
    consents = {"a": (True, at(1)), "b": (True, at(-1500)), "c": (False, at(1))}
    for anchor in groups:
        at_row = given.customers["customer_id"] == customer_id(anchor)
        given.customers.loc[at_row, ["email_consent", "email_consent_at"]] = consents[anchor]
        given.customers.loc[at_row, "birth_date"] = {"a": "1990-08-12", "b": "--08-01", "c": None}[anchor]
    given.customers["row_hash"] = [repr(row).encode().ljust(32, b".")[-32:] for row in given.customers.to_numpy().tolist()]
    given = type(given)(**{**vars(given), "customers": given.customers.astype(object).where(given.customers.notna(), None)})
    publish(warehouse.resolver, given)


def operator(kind: Any, **given: Any) -> SukiOperator:
    defaults = {"mode": "full", "purpose": "marketing", "segments": []}
    return kind(task_id="write", **{**defaults, **given})


def execute(what: SukiOperator, run_id: str = "first", day: str = "2026-08-20") -> dict[str, Any]:
    run = flow.Run("export_crm", run_id, None, flow.day(day))
    return dict(flow.step(what, run).execute(run.context()))


def files(run_id: str = "first", day: str = "2026-08-20", formats: Any = ("parquet", "csv"), **given: Any) -> dict[str, Any]:
    return execute(operator(ExportFilesOperator, formats=list(formats), **given), run_id, day)


def table(folder: Path, name: str) -> list[dict[str, str]]:
    (path,) = folder.rglob(f"{name}.csv")
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_golden_table_and_every_segment_are_written_twice_alike(crm: Path) -> None:
    told = files()
    assert told["rows"]["customers"] == 3
    first = contents(crm)
    names = {"customers", "segment_win_back", "segment_vip", "segment_birthday_this_month", "segment_stale_contact"}
    assert {Path(name).name for name in first} >= {f"{name}.{form}" for name in names for form in ("csv", "parquet")}
    assert all(name.startswith("2026-08-20/full/") for name in first)
    assert files() == told
    assert contents(crm) == first
    parquet = pq.read_table(io.BytesIO(first["2026-08-20/full/customers.parquet"])).to_pylist()
    assert [row["customer_id"] for row in parquet] == [row["customer_id"] for row in table(crm, "customers")]
    assert "example.org" not in json.dumps(told)
    assert not [name for name in first if name.endswith(".part")]


def test_contact_points_leave_only_where_the_consent_stands(crm: Path) -> None:
    files()
    told = {row["full_name"]: (row["emails"], row["email_consent"]) for row in table(crm, "customers")}
    assert told == {"'=Ana": ("a@example.org", "true"), "Bea": ("", ""), "Cem": ("", "false")}
    assert [row["display_name"] for row in table(crm, "segment_birthday_this_month")] == ["'=Ana"], "b's consent is over"


def answered(warehouse: Warehouse, anchor: str, **answers: Any) -> None:
    known = {"phones": ["+491701234567"], "address_line": "Ring 1", "email_consent": True, "email_consent_at": at(1), **answers}
    wanted = ", ".join(f"{name} = :{name}" for name in known)
    warehouse.query(f"UPDATE golden.customer SET {wanted} WHERE customer_id = :c RETURNING 1", c=customer_id(anchor), **known)


@pytest.mark.parametrize(
    ("answers", "leaves"),
    [
        ({}, ("", "")),
        ({"sms_consent": True, "sms_consent_at": at(1)}, ("+491701234567", "")),
        ({"phone_consent": True, "phone_consent_at": at(1)}, ("+491701234567", "")),
        ({"phone_consent": True, "phone_consent_at": at(-1500)}, ("", "")),
        ({"post_consent": True, "post_consent_at": at(1)}, ("", "Ring 1")),
        ({"post_consent": False, "profiling_consent": True}, ("", "")),
    ],
)
def test_a_number_and_a_street_leave_only_where_a_channel_of_theirs_is_allowed(
    crm: Path, warehouse: Warehouse, answers: dict[str, Any], leaves: tuple[str, str]
) -> None:
    answered(warehouse, "a", **answers)
    files()
    (told,) = [row for row in table(crm, "customers") if row["customer_id"] == customer_id("a")]
    assert (told["phones"], told["address_line"]) == leaves
    files("again", purpose="service", day="2026-08-21")
    (served,) = [
        row for row in csv.DictReader(next(crm.glob("2026-08-21/*/customers.csv")).open(newline=""))
        if row["customer_id"] == customer_id("a")
    ]  # fmt: skip
    assert (served["phones"], served["address_line"]) == ("+491701234567", "Ring 1")


@pytest.mark.parametrize(("profiling", "members"), [(None, 1), (True, 1), (False, 0)])
def test_who_refused_to_be_profiled_is_in_no_segment_by_what_they_bought(
    crm: Path, warehouse: Warehouse, profiling: bool | None, members: int
) -> None:
    answered(warehouse, "a", profiling_consent=profiling)
    files()
    assert len(table(crm, "segment_vip")) == members


def test_for_service_all_contact_points_leave_and_segments_still_ask_for_consent(crm: Path) -> None:
    files(purpose="service")
    assert all(row["emails"] for row in table(crm, "customers"))
    assert len(table(crm, "segment_birthday_this_month")) == 1


def test_changes_alone_go_on_where_the_last_export_ended_and_a_retry_writes_the_same(crm: Path, warehouse: Warehouse) -> None:
    first = files()
    run(warehouse, {"a": "ab", "c": "c"}, aliases={"b": "a"})
    told = files("second", mode="changes", segments=["vip"])
    assert told["rows"] == {"customers": 1, "gone": 1, "segment_vip": 1}
    folder = crm / "2026-08-20" / f"changes_{first['upto_change']}_{told['upto_change']}"
    assert [row["customer_id"] for row in table(folder, "customers")] == [customer_id("a")]
    assert table(folder, "gone") == [{"customer_id": customer_id("b"), "became": customer_id("a")}]
    before = contents(crm)
    run(warehouse, {"a": "ab", "c": "c"}, names={"c": "Cemile"})
    assert files("second", mode="changes", segments=["vip"])["upto_change"] == told["upto_change"]
    assert contents(crm).keys() == before.keys()
    third = files("third", mode="changes", segments=["vip"])
    assert third["rows"]["customers"] == 1
    assert files("fourth", mode="changes", segments=["vip"])["rows"]["customers"] == 0


def test_a_consent_that_ends_is_a_change_though_nothing_was_published(crm: Path) -> None:
    files()
    told = files("years later", "2029-10-01", mode="changes", segments=["vip"])
    assert told["rows"]["customers"] == 1
    (folder,) = crm.glob("2029-10-01/*")
    assert table(folder, "customers")[0]["emails"] == ""


@pytest.fixture
def bucket(crm: Path, object_store: Store, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A real S3 server in the folder's place; what its bucket holds, as name > content."""
    monkeypatch.setattr(attached, "_STORE_CACHE", {})  # a task knows no store that another has attached, and neither does this
    monkeypatch.setenv("AIRFLOW_CONN_SUKI_CRM", object_store.connection(CRM))
    client = object_store.server.client("s3", object_store.login)

    def held() -> dict[str, bytes]:
        names = [name for name, _ in object_store.server.objects(CRM, object_store.login)]
        return {name: client.get_object(Bucket=CRM, Key=name)["Body"].read() for name in names}

    yield held
    for name in held():
        client.delete_object(Bucket=CRM, Key=name)


def cells(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_a_bucket_holds_the_same_objects_after_the_same_run_again_in_full_and_by_changes(
    crm: Path, bucket: Any, warehouse: Warehouse
) -> None:
    told = files()
    first = bucket()
    assert {f"2026-08-20/full/{name}.{form}" for name in told["rows"] for form in ("csv", "parquet")} == set(first)
    assert files() == told
    assert bucket() == first
    run(warehouse, {"a": "ab", "c": "c"}, aliases={"b": "a"})
    changed = files("second", mode="changes")
    folder = f"2026-08-20/changes_{told['upto_change']}_{changed['upto_change']}"
    second = bucket()
    assert {name: content for name, content in second.items() if name in first} == first, "the full export is left as it was"
    assert {name.rpartition("/")[0] for name in second.keys() - first.keys()} == {folder}
    assert [row["customer_id"] for row in cells(second[f"{folder}/customers.csv"])] == [customer_id("a")]
    assert cells(second[f"{folder}/gone.csv"]) == [{"customer_id": customer_id("b"), "became": customer_id("a")}]
    assert files("second", mode="changes") == changed
    assert bucket() == second
    assert not crm.exists(), "nothing was written beside the bucket"


def test_what_a_bucket_holds_is_what_a_folder_holds_without_formulas_and_without_who_refused(
    crm: Path, bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    files()
    in_bucket = bucket()
    told = {row["full_name"]: row["emails"] for row in cells(in_bucket["2026-08-20/full/customers.csv"])}
    assert told == {"'=Ana": "a@example.org", "Bea": "", "Cem": ""}
    attached._STORE_CACHE.clear()
    monkeypatch.setenv("AIRFLOW_CONN_SUKI_CRM", json.dumps({"conn_type": "generic", "extra": {"path": str(crm)}}))
    files()
    assert contents(crm) == in_bucket


def theirs(name: str, engine: sqlalchemy.Engine) -> pd.DataFrame:
    with engine.connect() as connection:
        return pd.read_sql(sqlalchemy.text(f"SELECT * FROM {name} ORDER BY customer_id"), connection)


@pytest.mark.parametrize("make", ["sqlite", "postgresql"])
def test_another_database_is_brought_to_the_same_state_in_full_or_by_changes(
    crm: Path, warehouse: Warehouse, make: str, fresh_database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{crm.parent / 'crm.db'}"
    if make == "postgresql":
        given = fresh_database()
        monkeypatch.setenv("AIRFLOW_CONN_THEIRS", given)
        url = sqlalchemy.make_url(given).set(drivername="postgresql+psycopg")
    engine = sqlalchemy.create_engine(url)

    def write(run_id: str, **given: Any) -> dict[str, Any]:
        return execute(operator(ExportDatabaseOperator, database="theirs", **given), run_id)

    assert write("first")["rows"]["customers"] == 3
    before = theirs("suki_customers", engine)
    assert write("first")["rows"]["customers"] == 3
    pd.testing.assert_frame_equal(theirs("suki_customers", engine), before)
    assert list(before["emails"].map(bool)) == [one == customer_id("a") for one in before["customer_id"]]
    run(warehouse, {"a": "ab", "c": "c"}, names={"c": "Cemile"}, aliases={"b": "a"})
    assert write("second", mode="changes")["rows"]["customers"] == 2
    by_changes = theirs("suki_customers", engine)
    write("third")
    pd.testing.assert_frame_equal(theirs("suki_customers", engine), by_changes)
    assert set(by_changes["customer_id"]) == {customer_id("a"), customer_id("c")}
    assert list(theirs("suki_segment_birthday_this_month", engine)["customer_id"]) == [customer_id("a")]
    engine.dispose()


def test_a_replica_kept_by_changes_from_the_first_is_what_stands(crm: Path, warehouse: Warehouse) -> None:
    told = files("from the first", mode="changes", segments=["vip"])
    assert told["rows"]["customers"] == len(snapshot.crosswalk(warehouse.resolver)["customer_id"].unique())


def test_without_a_place_to_write_to_the_run_ends_and_says_so(crm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_SUKI_CRM")
    with pytest.raises(AirflowSkipException, match="nowhere to write"):
        files()
    with pytest.raises(AirflowSkipException, match="no database is named"):
        execute(operator(ExportDatabaseOperator, database=""))


def test_before_the_first_publication_nothing_is_written(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SUKI_WAREHOUSE", warehouse.url)
    monkeypatch.setenv("AIRFLOW_CONN_SUKI_CRM", json.dumps({"conn_type": "generic", "extra": {"path": str(tmp_path / "crm")}}))
    with pytest.raises(AirflowSkipException, match="nothing was published yet"):
        files()
    assert not (tmp_path / "crm").exists()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"mode": "all"}, "the run's parameters: mode: 'all' is none. Valid: full, changes."),
        ({"purpose": "spam"}, "the run's parameters: purpose: 'spam' is none. Valid: marketing, service."),
        ({"segments": ["vips"]}, "the run's parameters: segments: there is no segment 'vips'. Valid: win_back, vip"),
        ({"formats": ["xlsx"]}, "the run's parameters: formats: names no known form. Valid: parquet, csv."),
    ],
)
def test_a_wrong_parameter_is_told_with_what_would_be_valid(crm: Path, given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(AirflowFailException) as wrong:
        files(**given)
    assert str(wrong.value).startswith(sentence)


def test_a_database_that_cannot_take_a_row_is_told_without_its_values(crm: Path) -> None:
    engine = sqlalchemy.create_engine(f"sqlite:///{crm.parent / 'crm.db'}")
    execute(operator(ExportDatabaseOperator, database="theirs"))
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("DELETE FROM suki_customers"))
        connection.execute(sqlalchemy.text("CREATE UNIQUE INDEX one_region ON suki_customers (region)"))
    with pytest.raises(AirflowFailException) as wrong:
        execute(operator(ExportDatabaseOperator, database="theirs"), "second")
    assert str(wrong.value).startswith("The database of connection theirs refused (IntegrityError)")
    assert "Bea" not in str(wrong.value)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("DROP TABLE suki_customers"))
        connection.execute(sqlalchemy.text("CREATE TABLE suki_customers (customer_id TEXT PRIMARY KEY)"))
    with pytest.raises(AirflowFailException, match="The table suki_customers there lacks full_name, title"):
        execute(operator(ExportDatabaseOperator, database="theirs"), "third")
    engine.dispose()


SEGMENTED = {
    # Who, how many days before the export they bought, and how many before it their address was told last.
    "gone": {"bought": 400},          # bought before, not for a year
    "lately": {"bought": 30},          # bought this year
    "exactly": {"bought": 365, "told": 400},       # a year ago to the day: not longer
    "never": {"bought": None},         # bought nothing
    "refused": {"bought": 400},       # as gone, and refuses e-mail
    "unasked": {"bought": 400},       # as gone, and was never asked
    "stale": {"bought": 30, "told": 900},    # bought this year, by an address nobody gave for years
    "bounced": {"bought": 30, "told": 100},  # bought this year, and mail came back since
    "lapsed": {"bought": 800, "told": 900},  # stale too, but not heard of for long
}  # fmt: skip


@pytest.fixture
def segmented(warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Customers of whom each is in a segment, or out of it for one reason."""

    def back(days: float) -> Any:
        return at(20 - days)

    told = {
        name: back(about.get("told", 1000 if about["bought"] and about["bought"] > 300 else 40))
        for name, about in SEGMENTED.items()
    }
    rows = [
        said(name, 1, name, emails=[f"{name}@example.org"]) | {"source_updated_at": told[name], "delivered_on": told[name].date()}
        for name in SEGMENTED
    ]  # fmt: skip
    warehouse.stage(rows, warehouse.land(1, list(SEGMENTED)).manifest_id)
    bought = {"interaction_type": "receipt", "amount": 100, "currency": "EUR", "store": "BER01"}
    warehouse.meet([
        met(f"o{name}", 1, "paid", name, occurred_at=back(about["bought"]), **bought)
        for name, about in SEGMENTED.items() if about["bought"]
    ])  # fmt: skip
    warehouse.meet([met("b", 1, "", "bounced", occurred_at=back(5), interaction_type="bounce", emails=["bounced@example.org"])])
    given = publication(warehouse.resolver, {name: [name] for name in SEGMENTED})
    given.customers["email_consent"] = [{"refused": False, "unasked": None}.get(name, True) for name in SEGMENTED]
    given.customers["email_consent_at"] = [None if name == "unasked" else at(1) for name in SEGMENTED]
    given.customers["row_hash"] = [repr(row).encode().ljust(32, b".")[-32:] for row in given.customers.to_numpy().tolist()]
    given = type(given)(**{**vars(given), "customers": given.customers.astype(object).where(given.customers.notna(), None)})
    publish(warehouse.resolver, given)
    folder = tmp_path / "crm"
    monkeypatch.setenv("AIRFLOW_CONN_SUKI_WAREHOUSE", warehouse.url)
    monkeypatch.setenv("AIRFLOW_CONN_SUKI_CRM", json.dumps({"conn_type": "generic", "extra": {"path": str(folder)}}))
    return folder


def members(folder: Path, segment: str) -> set[str]:
    whose = {customer_id(name): name for name in SEGMENTED}
    return {whose[row["customer_id"]] for row in table(folder, f"segment_{segment}")}


def test_win_back_is_who_bought_and_not_for_a_year_and_allows_to_be_written_to(segmented: Path) -> None:
    files(formats=["csv"])
    assert members(segmented, "win_back") == {"gone", "lapsed"}


def test_stale_contact_is_who_is_still_a_customer_and_whose_address_is_stale_or_bounces(segmented: Path) -> None:
    files(formats=["csv"])
    assert members(segmented, "stale_contact") == {"stale", "bounced"}
    assert {row["email_state"] for row in table(segmented, "segment_stale_contact")} == {"stale", "bounced"}
    assert "example.org" not in json.dumps(table(segmented, "segment_stale_contact")), "it names nobody's contact point"


def reported(day: str) -> dict[str, Any]:
    return execute(ExportValueOperator(task_id="write_value"), run_id=f"of {day}", day=day)


def test_every_run_writes_what_the_last_month_that_is_over_brought(crm: Path, warehouse: Warehouse) -> None:
    warehouse.query("UPDATE ops.resolve_run SET recorded_at = '2026-08-10' RETURNING 1")
    assert reported("2026-09-01")["month"] == "2026-08"
    first = contents(crm)
    assert list(first) == ["value/2026-08.csv"]
    lines = {row["name"]: row for row in csv.DictReader(io.StringIO(first["value/2026-08.csv"].decode(), newline=""))}
    assert (lines["reachable_email"]["count"], lines["reachable_email"]["worth"]) == ("1", "0.10"), "b's is over, c refuses"
    assert {row["currency"] for row in lines.values()} == {"EUR"}
    reported("2026-09-15")
    assert contents(crm) == first
    assert reported("2026-10-01")["month"] == "2026-09"
    assert sorted(contents(crm)) == ["value/2026-08.csv", "value/2026-09.csv"]


def test_without_a_place_to_write_to_no_report_is_written(crm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_SUKI_CRM")
    with pytest.raises(AirflowSkipException):
        execute(ExportValueOperator(task_id="write_value"))
