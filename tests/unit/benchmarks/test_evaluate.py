"""`make evaluate` measures any labelled folder, and says what is wrong with one it cannot measure."""

import csv
import json
import random
from pathlib import Path

import pandas as pd
import pytest
import yaml

from benchmarks.datasets import laid_out
from benchmarks.evaluate import evaluate, main
from benchmarks.labelled import Unfit, open_set
from benchmarks.matching import Steps
from benchmarks.mistakes import COLUMNS
from benchmarks.resolving import records_of
from benchmarks.traps import lines, read_traps, sprung
from include.errors import SukiError

HEAD = {"title": "A", "description": "A.", "owner": "a", "contact": "a@suki.example", "purpose": "measurement",
        "default_country": "US", "trust": {"default": 0.5}}  # fmt: skip
GIVEN = ("Ana", "Bruno", "Carla", "Dmitri", "Elena", "Farid", "Greta", "Hugo", "Ines", "Jonas")
FAMILY = ("Abbott", "Bergman", "Castillo", "Dubrovsky", "Eriksen", "Fontaine", "Grabowski", "Hashimoto", "Iglesias", "Jankovic")


def declare(root: Path, name: str, pattern: str, **stream: object) -> None:
    folder = root / "sources" / name
    folder.mkdir(parents=True)
    people = {"kind": "customers", "files": [{"pattern": pattern}], "format": "csv", "key": "ID", "updated_at": None, **stream}
    (folder / "source.yml").write_text(yaml.safe_dump({**HEAD, "streams": {"people": people}}), encoding="utf-8")


def three_sources(root: Path) -> Path:
    """Twenty people, each once in a CSV, a Parquet and a dated JSON lines file; each file knows other fields."""
    dice = random.Random(1)
    people = [
        {"given": GIVEN[i % 10], "family": FAMILY[(i * 3 + i // 10) % 10], "mail": f"{GIVEN[i % 10].lower()}{i}@gmail.com",
         "phone": f"212555{i:04d}", "street": f"{10 + i} Main Street", "zip": f"100{i:02d}",
         "born": f"19{60 + i}-0{1 + i % 9}-1{i % 9}"}
        for i in range(20)
    ]  # fmt: skip
    declare(root, "shop", "customers.csv", map={"full_name": "NAME", "emails": "E-MAIL", "phones": "PHONE"})
    declare(root, "till", "members.parquet", format="parquet",
            map={"given_name": "GIVEN", "family_name": "FAMILY", "address_line": "STREET", "postcode": "ZIP",
                 "phones": "PHONE"})  # fmt: skip
    declare(root, "leads", "{date:%Y/%m}/leads_{date:%d}.jsonl", format="jsonl", key="id",
            map={"full_name": "name", "birth_date": "born", "postcode": "zip", "emails": "mail"})  # fmt: skip
    with (root / "sources" / "shop" / "customers.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("ID", "NAME", "E-MAIL", "PHONE"))
        rows.writerows((f"s{i}", f"{p['given']} {p['family']}", p["mail"], p["phone"]) for i, p in enumerate(people))
    (root / "till").mkdir()
    pd.DataFrame(
        [{"ID": i, "GIVEN": p["given"], "FAMILY": p["family"], "STREET": p["street"], "ZIP": p["zip"], "PHONE": p["phone"]}
         for i, p in enumerate(people)]
    ).to_parquet(root / "till" / "members.parquet")  # fmt: skip
    leads = root / "exports" / "leads" / "2026" / "03" / "leads_07.jsonl"
    leads.parent.mkdir(parents=True)
    order = dice.sample(range(20), 20)
    leads.write_text("".join(
        json.dumps({"id": f"l{i}", "name": f"{people[i]['given']} {people[i]['family']}", "born": people[i]["born"],
                    "zip": people[i]["zip"], "mail": people[i]["mail"]}) + "\n"
        for i in order
    ))  # fmt: skip
    truth(
        root,
        [
            (source, f"{prefix}{i}", f"p{i}")
            for source, prefix in (("shop", "s"), ("till", ""), ("leads", "l"))
            for i in range(20)
        ],
    )
    return root


def truth(root: Path, rows: list[tuple[str, ...]], header: str = "source,key,entity") -> None:
    (root / "truth.csv").write_text("\n".join([header, *map(",".join, rows), ""]))


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict:
    return evaluate(open_set(three_sources(tmp_path_factory.mktemp("three"))))


def test_three_sources_of_three_formats_are_resolved_and_judged(measured: dict):
    assert (measured["sources"], measured["records"], measured["judged"], measured["entities"], measured["true_pairs"]) == (
        3,
        60,
        60,
        20,
        60,
    )
    assert measured["pairwise"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    assert measured["b_cubed"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    assert (measured["blocking_recall"], measured["clusters"], measured["largest_cluster"]) == (1.0, 20, 3)
    assert measured["pairs_estimated"] >= measured["pairs"] >= measured["matches"] >= 40


def test_emails_in_what_customers_wrote_take_part_and_the_latest_word_counts(tmp_path: Path):
    """Ticket 2 was written anew without its e-mail, and 3 is by nobody known."""
    root = three_sources(tmp_path)
    declare(root, "desk", "users.csv", map={"full_name": "NAME"})
    file = root / "sources" / "desk" / "source.yml"
    declared = yaml.safe_load(file.read_text(encoding="utf-8"))
    declared["streams"]["tickets"] = {
        "kind": "interactions", "files": [{"pattern": "tickets.csv"}], "format": "csv", "key": "ID", "updated_at": "AT",
        "customer_stream": "people", "repeats": True, "map": {"customer_key": "USER", "body": "SAID"},
    }  # fmt: skip
    file.write_text(yaml.safe_dump(declared), encoding="utf-8")
    desk = root / "sources" / "desk"
    (desk / "users.csv").write_text("ID,NAME\nu1,Ana\nu2,Bruno\n", encoding="utf-8")
    (desk / "tickets.csv").write_text(
        "ID,USER,SAID,AT\n1,u1,I am ana0@gmail.com,2026-01-01\n2,u2,bruno1@gmail.com,2026-01-01\n2,u2,nothing,2026-01-02\n"
        "3,,carla2@gmail.com,2026-01-01\n",
        encoding="utf-8",
    )
    snapshot = records_of(open_set(root), Steps()).snapshot
    wrote = snapshot[snapshot["source"] == "desk"].set_index("full_name")["mentioned_email_keys"].to_dict()
    assert wrote == {"Ana": ["ana0@gmail.com"], "Bruno": []}
    assert not snapshot.loc[snapshot["source"] != "desk", "mentioned_email_keys"].any()


def test_every_step_is_timed_and_memory_watched(measured: dict):
    steps = ["read", "map", "clean", "encode", "block", "train", "score", "cluster"]
    assert list(measured["seconds"]) == [*steps, "all"]
    assert measured["seconds"]["all"] == pytest.approx(sum(measured["seconds"][step] for step in steps), abs=0.05)
    assert measured["peak_memory_mb"] > 0


def test_the_output_is_one_line_and_a_mistake_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    root = three_sources(tmp_path / "set")
    truth(root, [("shop", "s1", "one"), ("till", "1", "one"), ("leads", "l1", "one"), ("leads", "l2", "")], "SOURCE,Key,Entity")
    assert main([str(root), ""]) == 0
    output = capsys.readouterr().out
    figures = json.loads(output)
    assert output.count("\n") == 1
    assert figures["data"] == "set"
    assert (figures["records"], figures["judged"], figures["not_judged"], figures["true_pairs"]) == (60, 3, 57, 3)
    assert "traps" not in figures
    (root / "traps.csv").write_text("trap,entity\n")
    assert main([str(root)]) == 1
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"{root / 'traps.csv'}, line 1: the header is trap,entity,other\n")


def test_people_easily_taken_for_one_are_counted_and_so_are_the_records_that_tell_them_apart(tmp_path: Path):
    (tmp_path / "traps.csv").write_text("trap,entity,other\ntwins,a,b\ngenerations,b,c\ntwins,a,gone\n")
    snapshot = pd.DataFrame(
        {"name_suffix": [None, None, "Sr", None, "Jr", "Jr"], "birth_date": ["1990", None, None, "1990-05-17", None, None]}
    )
    person, cluster = pd.Series(["a", "a", "b", "b", "c", "c"]), pd.Series([1, 2, 3, 1, 3, 4])
    found = sprung(read_traps(tmp_path), snapshot, person, cluster)
    assert found == {
        "twins": {"people": 1, "merged": 1, "told": 1, "told_merged": 1},
        "generations": {"people": 1, "merged": 1, "told": 2, "told_merged": 1},
    }
    assert lines(found)[1].split() == ["generations", "1", "1", "2", "1"]


def no_truth(root: Path) -> None:
    (root / "truth.csv").unlink()


def no_file(root: Path) -> None:
    (root / "till" / "members.parquet").unlink()


def no_source(root: Path) -> None:
    for file in root.glob("sources/*/source.yml"):
        file.unlink()


def key_twice_in_a_file(root: Path) -> None:
    with (root / "sources" / "shop" / "customers.csv").open("a") as file:
        file.write("s3,Somebody Else,,\n")


def nobody_is_told(root: Path) -> None:
    truth(root, [("shop", "s1", "")])


def told(*lines: str, header: str = "source,key,entity"):
    """Write a truth whose first line is sound."""
    return lambda root: (root / "truth.csv").write_text("\n".join([header, "shop,s1,a", *lines, ""]))


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (no_truth, "truth.csv is not there"),
        (no_file, "the source till: no file members.parquet lies in"),
        (no_source, "sources holds no source"),
        (key_twice_in_a_file, "shop/customers.csv, lines 5 and 22: one key twice in a file"),
        (told("kiosk,1,a"), "truth.csv, line 3: names no source of the set. Valid: leads, shop, till"),
        (told("shop,t99,a"), "truth.csv, line 3: no record of this key was read"),
        (told("till,1,a", "shop,s1,b"), "truth.csv, line 4: the key of line 2 stands here again"),
        (told("shop,s2"), "truth.csv, line 3: has 2 cells, the header has 3"),
        (nobody_is_told, "truth.csv names the entity of no record"),
        (told(header="source,key,person"), "truth.csv, line 1: the header lacks the column 'entity'"),
    ],
)
def test_a_mistake_in_a_set_is_told_with_file_and_line(tmp_path: Path, spoil, says: str):
    root = three_sources(tmp_path)
    spoil(root)
    with pytest.raises(SukiError) as caught:
        evaluate(open_set(root))
    assert says in str(caught.value)


def test_rows_left_out_are_told_a_line_for_each_reason_however_many(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    declare(tmp_path, "people", "people.csv", map={"full_name": "NAME"})
    bad = b"".join(b"%d,M\xfcller\n" % number for number in range(3, 53))
    (tmp_path / "sources" / "people" / "people.csv").write_bytes(b"ID,NAME\n1,Ana Cruz\n2,Ana\n" + bad + b"60,Bo,Li\n,\n")
    truth(tmp_path, [("people", "1", "a")])
    evaluate(open_set(tmp_path))
    assert [line for line in capsys.readouterr().err.splitlines() if "left out" in line] == [
        "people/people.csv, line 4, 5, 6 and 47 more: holds bytes that are not in the declared encoding; left out",
        "people/people.csv, line 54: has more or fewer fields than the header; left out",
        "people/people.csv, line 55: has no key; left out",
    ]


def test_a_set_whose_files_lie_elsewhere_is_laid_out(tmp_path: Path):
    declared, raw = tmp_path / "declared", tmp_path / "raw"
    declare(declared, "people", "people.csv", map={"full_name": "NAME"}, ignore=["WHO"])
    (declared / "dataset.yml").write_text("title: P\norigin: invented\nfiles: {people/people.csv: p/raw.csv}\n"
                                          "truth: {people: {column: WHO, matches: 'p(\\d+)'}}\n")  # fmt: skip
    with pytest.raises(Unfit, match="say where they lie by FILES"), laid_out(declared):
        pass
    with pytest.raises(Unfit, match=r"p/raw\.csv is not there under"), laid_out(declared, raw):
        pass
    raw.mkdir()
    (raw / "raw.csv").write_text("ID,NAME,WHO\n1,Ana Cruz,p7\n2,Anna Cruz,p7\n3,Bo Li,p8")  # no last line end: whole all the same
    with laid_out(declared, raw) as folder:
        assert (folder / "truth.csv").read_text().split() == ["source,key,entity", "people,1,7", "people,2,7", "people,3,8"]
        assert evaluate(open_set(folder))["records"] == 3


def test_the_declarations_of_public_sets_are_sound():
    from benchmarks.datasets import load
    from include.sources import broken, discover

    folders = [file.parent for file in Path("bench/datasets").glob("*/dataset.yml")]
    assert len(folders) >= 9
    for folder in folders:
        assert broken(folder / "sources") == {}
        assert set(discover(folder / "sources")) == set(load(folder).truth)


def test_pairs_that_came_out_wrong_are_listed_with_what_was_weighed(tmp_path: Path) -> None:
    root = three_sources(tmp_path)
    wrong = (root / "truth.csv").read_text().replace("shop,s0,p0", "shop,s0,another")
    (root / "truth.csv").write_text(wrong)
    assert main([str(root), "", str(tmp_path / "wrong.csv")]) == 0
    listed = pd.read_csv(tmp_path / "wrong.csv")
    joined = listed[listed["mistake"] == "joined"]
    assert {*joined["key_a"], *joined["key_b"]} >= {"s0"}
    assert set(joined["entity_a"]) | set(joined["entity_b"]) == {"another", "p0"}
    weighed = joined[joined["weight"].notna()]
    assert len(weighed)
    assert weighed["evidence"].str.contains("given exact").any()


def test_a_set_without_a_wrong_pair_has_an_empty_list(tmp_path: Path) -> None:
    assert main([str(three_sources(tmp_path)), "", str(tmp_path / "wrong.csv")]) == 0
    assert list(pd.read_csv(tmp_path / "wrong.csv").columns) == list(COLUMNS)
    assert len(pd.read_csv(tmp_path / "wrong.csv")) == 0


def test_a_missed_pair_says_why_it_was_missed(tmp_path: Path) -> None:
    root = three_sources(tmp_path)
    told = (root / "truth.csv").read_text().replace("shop,s1,p1\n", "shop,s1,p2\n")  # two who are nothing alike
    (root / "truth.csv").write_text(told)
    main([str(root), "", str(tmp_path / "wrong.csv")])
    missed = pd.read_csv(tmp_path / "wrong.csv").query("mistake == 'missed'")
    assert "s1" in {*missed["key_a"], *missed["key_b"]}
    unscored = missed[missed["weight"].isna()]
    assert len(unscored)
    assert set(unscored["compared_by"]) <= {"never compared", "below review"}


def test_the_wrong_pairs_cannot_go_where_no_folder_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "", str(tmp_path / "nowhere" / "wrong.csv")]) == 1
    assert "is no folder" in capsys.readouterr().err
