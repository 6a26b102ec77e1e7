import csv
import hashlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from math import sqrt
from pathlib import Path

import pytest

from sample import rates, world
from sample.channels import social, store_pos

ROOT = Path(__file__).parents[3]


def digests(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def json_lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def csv_rows(path: Path, encoding: str = "utf-8", delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode(encoding), newline=""), delimiter=delimiter))


def dicts(path: Path, encoding: str = "utf-8", delimiter: str = ",") -> list[dict[str, str]]:
    header, *rows = csv_rows(path, encoding, delimiter)
    return [dict(zip(header, row, strict=True)) for row in rows if len(row) == len(header)]


def exported_keys(made) -> Iterator[tuple[str, str, str]]:
    broken = made.oddity("truncated file")["file"], made.oddity("broken line")["file"]
    for path in made.exports.rglob("*.*"):
        name = str(path.relative_to(made.exports))
        if path.name.startswith("customers") and path.suffix == ".jsonl" and name not in broken:
            yield from (("online_sales", "customers", row["id"]) for row in json_lines(path))
        elif path.name.startswith("customers_"):
            yield from (("store_pos", "customers", row["Square Customer ID"]) for row in dicts(path))
        elif path.name.startswith("leads"):
            yield from (("social", "leads", row["id"]) for row in dicts(path, "utf-16", "\t"))
        elif path.name.startswith("engagement"):
            yield from (("social", "profiles", row["from"]["id"]) for row in json.loads(path.read_text("utf-8"))["data"])
        elif path.name.startswith("users"):
            yield from (("support", "users", str(row["id"])) for row in json.loads(path.read_text("utf-8"))["users"])
    whole = (made.exports / broken[1]).read_text(encoding="utf-8").splitlines()
    del whole[made.oddity("broken line")["line"] - 1]
    yield from (("online_sales", "customers", json.loads(line)["id"]) for line in whole)


# --- the same again ---


def test_the_same_seed_gives_the_same_bytes_whatever_the_machine_is_set_to(small, tmp_path):
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "99",
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "C",
        "LANG": "C",
        "PYTHONUTF8": "0",
    }
    command = [
        sys.executable,
        "-m",
        "sample",
        "--exports",
        tmp_path / "e",
        "--truth",
        tmp_path / "t",
        "--people",
        "300",
        "--days",
        "6",
        "--seed",
        "7",
    ]
    subprocess.run(command, check=True, cwd=ROOT, env=environment, capture_output=True)
    assert digests(tmp_path / "e") == digests(small.exports)
    assert digests(tmp_path / "t") == digests(small.truth)


def test_another_seed_gives_another_world(small, tmp_path):
    world.make(rates.load(), tmp_path / "e", tmp_path / "t", 300, 8, 6)
    assert digests(tmp_path / "t")["truth.csv"] != digests(small.truth)["truth.csv"]


def test_a_changed_rate_leaves_everybody_else_as_they_were(small, tmp_path):
    declared = rates.load()
    typos = declared.mess.name_typo.model_copy(update={"store_pos": 0.5})
    changed = declared.model_copy(update={"mess": declared.mess.model_copy(update={"name_typo": typos})})
    world.make(changed, tmp_path / "e", tmp_path / "t", 300, 7, 6)
    old, new = digests(small.exports), digests(tmp_path / "e")
    changed_files = {name for name in old if old[name] != new[name]}
    assert changed_files
    assert all(name.startswith("store_pos/") for name in changed_files)
    assert digests(tmp_path / "t")["truth.csv"] == digests(small.truth)["truth.csv"]
    mnl = "store_pos/2026-08-01/customers_MNL01.full.csv"
    visits = [
        [(row["Square Customer ID"], row["Lifetime Spend"]) for row in dicts(root / mnl)]
        for root in (small.exports, tmp_path / "e")
    ]
    assert visits[0] == visits[1]


def test_a_world_is_made_anew_over_its_own_files_only(tmp_path):
    world.make(rates.load(), tmp_path / "e", tmp_path / "t", 20, 1, 8)
    world.make(rates.load(), tmp_path / "e", tmp_path / "t", 20, 1, 3)
    assert len(list((tmp_path / "e" / "support").iterdir())) == 3
    with pytest.raises(FileExistsError, match="choose another folder"):
        world.make(rates.load(), tmp_path / "e", tmp_path / "elsewhere", 20, 1, 3)


# --- the files ---


def test_every_file_parses_but_for_what_is_declared_broken(small):
    broken = {(o["file"], o["line"]) for o in small.summary["oddities"]}
    found = set()
    for path in small.exports.rglob("*.*"):
        name = str(path.relative_to(small.exports))
        if path.suffix == ".jsonl":
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                try:
                    json.loads(line)
                except ValueError:
                    found.add((name, number))
        elif path.suffix == ".json":
            json.loads(path.read_text(encoding="utf-8"))
        else:
            header, *rows = csv_rows(path, "utf-16", "\t") if path.name == "leads.csv" else csv_rows(path)
            found |= {(name, None) for row in rows if len(row) != len(header)}
    truncated = small.oddity("truncated file")["file"]
    assert {name for name, _ in found} == {name for name, line in broken if line or name == truncated}
    assert (small.oddity("broken line")["file"], small.oddity("broken line")["line"]) in found


def test_every_day_has_every_file(small):
    days = sorted(p.name for p in (small.exports / "support").iterdir())
    assert days == [f"2026-08-{day:02d}" for day in range(1, 7)]
    for day in days:
        assert {"customers.jsonl", "orders.jsonl"} <= {p.name for p in (small.exports / "online_sales" / day).iterdir()}
        assert {"leads.csv", "engagement.json"} <= {p.name for p in (small.exports / "social" / day).iterdir()}
        tills = {p.name for p in (small.exports / "store_pos" / day).iterdir()}
        kind = ".full" if day == days[0] else ""
        assert {f"customers_{code}{kind}.csv" for code in rates.stores()} <= tills
        assert {f"transactions_{code}.csv" for code in rates.stores()} <= tills


def test_truth_covers_exactly_the_customer_keys_in_the_exports(small, long):
    for made in (small, long):
        rows = dicts(made.truth / "truth.csv")
        keys = [(row["source"], row["stream"], row["source_key"]) for row in rows]
        assert len(keys) == len(set(keys))
        assert set(keys) == set(exported_keys(made))


def test_the_truncated_file_has_a_whole_one_beside_it_inside_the_bulk_window(small, long):
    for made in (small, long):
        file = made.exports / made.oddity("truncated file")["file"]
        days = sorted(p.name for p in (made.exports / "online_sales").iterdir())
        assert file.parent.name in days[1:-2]
        cut, whole = file.read_bytes(), (file.parent / "customers.r2.jsonl").read_bytes()
        assert whole.startswith(cut)
        assert not cut.endswith(b"\n")
        assert json_lines(file.parent / "customers.r2.jsonl")


def test_the_unexpected_column_stands_on_one_day_only(long):
    headers = {p.parent.name: csv_rows(p, "utf-16", "\t")[0] for p in long.exports.rglob("leads.csv")}
    with_it = [day for day, header in headers.items() if social.UNEXPECTED_COLUMN in header]
    assert with_it == ["2026-09-15"]


@pytest.mark.parametrize("days", [1, 2, 3])
def test_a_world_of_a_few_days_has_files_as_sound_as_a_long_ones(tmp_path: Path, days: int):
    """Every lead has as many fields as the header over it; where no day is left for the unexpected column, none has it."""
    world.make(rates.load(), tmp_path / "exports", tmp_path / "truth", 40, 7, days)
    for path in (tmp_path / "exports").rglob("leads.csv"):
        header, *rows = csv_rows(path, "utf-16", "\t")
        assert {len(row) for row in rows} <= {len(header)}


def test_a_record_a_store_removed_is_missing_from_its_next_full_directory(long):
    fulls: dict[str, list[set[str]]] = {}
    for path in sorted(long.exports.rglob("customers_*.full.csv")):
        fulls.setdefault(path.name, []).append({row["Square Customer ID"] for row in dicts(path)})
    gone = [key for snapshots in fulls.values() for old, new in pairwise(snapshots) for key in old - new]
    back = [key for snapshots in fulls.values() for key in gone if key in snapshots[-1]]
    assert gone
    assert not back
    assert [len(snapshots) for snapshots in fulls.values()] == [5] * len(fulls)


def test_records_are_updated_and_removed_and_come_late_and_twice(long):
    versions: dict[str, set[str]] = {}
    late = twice = 0
    seen = set()
    for path in sorted(long.exports.rglob("users.json")):
        for user in json.loads(path.read_text(encoding="utf-8"))["users"]:
            versions.setdefault(user["id"], set()).add(user["updated_at"])
            late += path.parent.name > max(user["updated_at"][:10], "2026-08-01")
            twice += (user["id"], user["updated_at"]) in seen
            seen.add((user["id"], user["updated_at"]))
    assert max(map(len, versions.values())) > 1
    assert late
    assert twice


def test_a_line_break_in_a_memo_stays_inside_its_field(long):
    memos = [row["Memo"] for path in long.exports.rglob("customers_*.full.csv") for row in dicts(path)]
    assert any("\n" in memo for memo in memos)


# --- counts and rates ---


def test_the_world_has_the_size_that_is_declared(long):
    records = long.summary["records"]
    customers = sum(
        records[name]
        for name in ("online_sales.customers", "store_pos.customers", "social.leads", "social.profiles", "support.users")
    )
    interactions = sum(
        records[name]
        for name in ("online_sales.orders", "store_pos.transactions", "social.lead_forms", "social.engagement", "support.tickets")
    )
    assert customers / 1000 == pytest.approx(25_000 / 6000, rel=0.10)
    assert interactions / 1000 == pytest.approx(60_000 / 6000, rel=0.12)
    assert len({row["person_id"] for row in dicts(long.truth / "truth.csv")}) == 1000


def test_every_declared_rate_is_met(long):
    for kind, channels in long.summary["chances"].items():
        for channel, (declared, hits, of) in channels.items():
            slack = 4.5 * sqrt(declared * (1 - declared) * of) + 1
            assert abs(hits - declared * of) <= slack, f"{kind} in {channel}: {hits} of {of}, declared {declared}"


def test_no_declared_rate_is_idle(long):
    chances = long.summary["chances"]
    idle = [
        f"{kind} in {channel}"
        for kind, by in rates.load().mess
        for channel, declared in by
        if declared > 0 and channel not in chances.get(kind, {})
    ]
    assert idle == []


def test_what_the_dice_count_is_what_stands_in_the_files(long):
    rows = [
        row
        for path in long.exports.rglob("2026-08-01/customers_*.full.csv")
        for row in dicts(path)
        if row["Instant Profile"] == "No"
    ]
    mess = rates.load().mess
    no_phone = sum(not row["Phone Number"] for row in rows) / len(rows)
    assert no_phone == pytest.approx(mess.phone_missing.store_pos, abs=0.08)
    birthdays = sum(bool(row["Birthday"]) for row in rows) / len(rows)
    assert birthdays == pytest.approx(mess.birthday_given.store_pos, abs=0.08)
    fives = [row["Birthday"] for row in rows if row["Birthday"].isdigit()]
    assert fives  # spreadsheet serials


def test_money_is_written_as_the_till_s_country_does():
    stores = rates.stores()
    assert store_pos.money(stores["BER01"], 1234.5) == "1.234,50 €"
    assert store_pos.money(stores["TYO01"], -12345.0) == "-¥12,345"
    assert store_pos.money(stores["SAO01"], 1234567.891) == "R$ 1.234.567,89"
    assert store_pos.money(stores["WAW01"], 999.0) == "999,00 zł"
