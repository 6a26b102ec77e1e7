"""A bought list adds to customers who are known, and does nothing else: on the real pipeline, whole runs and runs of a part."""

import io
import shutil
import sys
from pathlib import Path

import pytest
from airflow.sdk.exceptions import AirflowFailException

from include.sources import declared, discover, discovery
from suki import believing, cli
from tests.integration.flow.world import DAY, NEXT_DAY, THIRD_DAY, World, deliver, shopper, unbalanced

pytestmark = pytest.mark.integration

EXPIRED, AFTER = "2026-08-20", "2026-08-21"
HEADER = (
    "ref,salutation,first_name,last_name,birth_date,email,mobile,landline,street,house_no,postcode,town,country,collected_on,nick"
)
STRANGER = (
    ",,Zacharina,Quillfeather,1950-01-02,z.quillfeather@fastmail.com,+436645550177,,Zeltgasse,99,1080,Wien,AT,2026-08-03,Zaza"
)
OF_LIST = (
    "SELECT count(*) FROM golden.crosswalk WHERE source = 'third_party_list'",
    "SELECT count(*) FROM golden.customer WHERE 'third_party_list' = ANY (sources)",
    "SELECT count(*) FROM golden.customer WHERE sources = '{third_party_list}'",
)


@pytest.fixture
def listed(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Nine customers of one shop, and our third-party list switched on, which may be used until the 19th."""
    root = tmp_path / "include" / "sources"
    for folder in (source.folder for source in discover().values()):
        shutil.copytree(folder, root / folder.name)
    shutil.copytree(declared()["third_party_list"].folder, root / "third_party_list")
    file = root / "third_party_list" / "source.yml"
    text = file.read_text(encoding="utf-8").replace("enabled: false", "enabled: true").replace("2027-06-30", "2026-08-19")
    file.write_text(text.replace("      country: country\n", "      country: country\n      nickname: nick\n"), encoding="utf-8")
    monkeypatch.setattr(discovery, "HERE", root)
    maria = {"firstName": "Maria", "lastName": "Santos", "email": "maria@example.org", "phone": "+639171234567"}
    others = ("Ines Moreau", "Karl Voss", "Oyelaran Ade", "Bjarne Holt", "Tuulia Salo", "Rosa Lindt", "Piet Kuyper", "Dagny Vik")
    names = [dict(zip(("firstName", "lastName"), name.split(), strict=True)) for name in others]
    deliver(world.exports, DAY, [shopper(1, **maria), *(shopper(n, **name) for n, name in enumerate(names, 2))])
    world.ingest("online_sales", DAY, NEXT_DAY)
    return world


def people(world: World, day: str, *rows: str) -> None:
    folder = world.exports / "third_party_list" / day
    folder.mkdir(parents=True)
    (folder / "people.csv").write_text("".join(f"{row}\n" for row in (HEADER, *rows)), encoding="utf-8")


def counts(world: World) -> list[int]:
    """Records of the list with a customer; customers it is part of; customers of nothing else."""
    return [world.query(asked)[0][0] for asked in OF_LIST]


def test_while_its_declaration_is_broken_a_source_is_believed_as_before_and_the_others_go_on(
    listed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(believing.alerts, "send", lambda subject, message, context: told.append(message))
    world, file = listed, discovery.HERE / "third_party_list" / "source.yml"
    known = "Maria,Santos,1980-02-03,maria@example.org,+639171234567,+639998887777,Wrong Street,77,1000,Manila,PH,2026-08-03,Mari"
    people(world, DAY, f"XD-1,,{known}", f"XD-2{STRANGER}")
    world.ingest("third_party_list", DAY, NEXT_DAY)
    world.resolve("with the list")
    file.write_text(file.read_text(encoding="utf-8").replace("owner:", "onwer:"), encoding="utf-8")
    maria = {"firstName": "Maria", "lastName": "Santos", "email": "maria@example.org", "updatedAt": "2026-08-03T10:00:00Z"}
    deliver(world.exports, NEXT_DAY, [shopper(1, **maria, phone="+639171234599")])
    world.ingest("online_sales", NEXT_DAY, THIRD_DAY)
    world.execute(
        "INSERT INTO staging.dirty_record (record_id, reason)"
        " SELECT record_id, 'test' FROM staging.current_record WHERE source = 'third_party_list'"
    )
    believed = "SELECT fingerprint FROM ops.belief WHERE in_force_since IS NOT NULL"
    before = world.query(believed)
    assert world.resolve("the list's declaration is broken") is not None
    assert counts(world) == [1, 1, 0], "it may still make nobody"
    said = "SELECT nickname, phones[1] FROM golden.customer WHERE 'maria@example.org' = ANY (emails)"
    assert world.query(said) == [("Mari", "+639171234599")]
    assert world.query(believed) == before, "nothing is chosen otherwise"
    (sentence,) = told
    assert "third_party_list/source.yml: onwer: is no key here" in sentence
    assert "third_party_list is believed as before" in sentence


def test_a_day_in_the_past_is_told_by_what_publication_believes_not_by_what_is_declared_meanwhile(
    listed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, file = listed, discovery.HERE / "third_party_list" / "source.yml"
    known = "Maria,Santos,1980-02-03,maria@example.org,+639171234567,+639998887777,Wrong Street,77,1000,Manila,PH,2026-08-04,Mari"
    people(world, DAY, f"XD-1,,{known.replace('Maria', 'Marianna')}")
    world.ingest("third_party_list", DAY, NEXT_DAY)
    world.resolve("with the list")
    ((maria,),) = world.query("SELECT customer_id::text FROM golden.customer WHERE 'maria@example.org' = ANY (emails)")
    told = values_of(world, maria, monkeypatch)
    assert (told["given_name"], told["nickname"]) == ("Maria", "Mari")
    file.write_text(file.read_text(encoding="utf-8").replace("owner:", "onwer:"), encoding="utf-8")
    assert values_of(world, maria, monkeypatch) == told, "its declaration is broken, and it wins no field"
    shop = discovery.HERE / "online_sales" / "source.yml"
    shop.write_text(shop.read_text(encoding="utf-8").replace("owner:", "onwer:"), encoding="utf-8")
    assert values_of(world, maria, monkeypatch) == told, "the shop is believed as it was"


def values_of(world: World, customer: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The golden values that ``suki as-of`` shows on a terminal."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    with monkeypatch.context() as patched, world.connected():
        patched.setattr(sys, "stdout", seen := Terminal())
        assert cli.main(["as-of", customer, "2026-08-31", "--values"]) == 0
    lines = seen.getvalue().split("\n\n")[1].splitlines()
    return {name: value.strip() for name, value in (line.split(maxsplit=1) for line in lines)}


def test_a_source_whose_declaration_broke_before_it_was_ever_believed_stops_the_run(listed: World) -> None:
    file = discovery.HERE / "third_party_list" / "source.yml"
    people(listed, DAY, f"XD-2{STRANGER}")
    listed.ingest("third_party_list", DAY, NEXT_DAY)
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole.replace("owner:", "onwer:"), encoding="utf-8")
    with pytest.raises(AirflowFailException, match=r"third_party_list/source\.yml: onwer: is no key here"):
        listed.resolve("nobody knows how far to believe it")
    file.write_text(whole, encoding="utf-8")
    assert listed.resolve("mended") is not None


def test_a_broken_folder_of_which_nothing_ever_came_stops_nothing(listed: World) -> None:
    (discovery.HERE / "third_party_list" / "source.yml").write_text("onwer: nobody\n", encoding="utf-8")
    assert listed.resolve("without it") is not None


@pytest.mark.parametrize("together", [True, False], ids=["in one whole run", "after the customers"])
def test_a_list_fills_what_nobody_holds_wins_nothing_makes_nobody_and_lapses(listed: World, together: bool) -> None:
    world = listed
    if not together:
        world.resolve("without the list")
    known = "Maria,Santos,1980-02-03,maria@example.org,+639171234567,+639998887777,Wrong Street,77,1000,Manila,PH,2026-08-03,Mari"
    people(world, DAY, f"XD-1,,{known}", f"XD-2{STRANGER}", f"XD-3{STRANGER}")
    (batch,) = world.ingest("third_party_list", DAY, NEXT_DAY)
    assert batch["staged"] == 3
    assert world.resolve("with the list") is not None
    assert unbalanced(world) == []
    assert counts(world) == [1, 1, 0], "who is on the list alone, though twice, is no customer"
    said = "SELECT nickname, birth_date, phones, sources FROM golden.customer WHERE 'maria@example.org' = ANY (emails)"
    assert world.query(said) == [("Mari", "1980-02-03", ["+639171234567"], ["online_sales", "third_party_list"])]
    of_list = (
        "SELECT p.field FROM golden.provenance p JOIN staging.record r ON r.record_id = ANY (p.record_ids)"
        " WHERE r.source = 'third_party_list' ORDER BY 1"
    )
    gave = {field for (field,) in world.query(of_list)}
    assert {"nickname", "birth_date"} <= gave
    assert not gave & {"given_name", "family_name", "full_name", "emails", "phones"}, "what the shop holds it does not win"

    people(world, NEXT_DAY, f"XD-2{STRANGER}")
    world.ingest("third_party_list", NEXT_DAY, THIRD_DAY)
    world.resolve("somebody left the list")
    assert counts(world) == [0, 0, 0]
    assert world.query(said) == [(None, None, ["+639171234567"], ["online_sales"])]

    world.ingest("third_party_list", EXPIRED, AFTER)
    world.resolve("the list expired")
    live = "SELECT count(*) FROM staging.current_record WHERE source = 'third_party_list'"
    assert world.query(live) == [(0,)], "from the day after it expired it counts as empty, with no file for it"
