"""A source is added to a platform that runs: proposed from a file, finished by a person, and its people are golden customers.

Nothing is restarted: Airflow lists its Dag when it next looks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from subprocess import CompletedProcess
from typing import Any

import pytest

from local.demo import RESOLVE, SOURCES, day, wait_parsed
from tests.e2e.driver import Suki, running, wait

pytestmark = [pytest.mark.e2e, pytest.mark.long]

DAY = day("2026-08-03")
MEMBERS = """\
N° adhérent;Nom;Prénom;Courriel;Portable;CP;Ville;Né(e) le;Infolettre;Inscription;Parrain;Code X
4711;Lefèvre;Inès;ines.lefevre@laposte.net;06 12 34 56 78;69001;Lyon;04/05/1986;oui;12/03/2024;Luc Petit;k1
4712;Petit;Luc;luc.petit@laposte.net;06 98 76 54 32;59000;Lille;23/11/1971;non;07/09/2023;;k2
4713;Moreau;Zoé;zoe.moreau@laposte.net;07 11 22 33 44;13100;Aix-en-Provence;30/01/1999;oui;28/06/2025;Inès Lefèvre;k3
"""
FINISHED = {
    "owner: crm ": "owner: crm-team ",
    "contact: undecided": "contact: crm@suki.example",
    "steward: undecided": "steward: crm-team",
    "      first_seen_at: ": '      external_ids: {path: Code X, prefix: "club:"}\n      first_seen_at: ',
    "    # Left to you": "    ignore:\n      - Parrain\n    # Left to you",
}
"""What a person writes into the declaration: who answers for it, and the two fields that were left to them."""


@dataclass(frozen=True)
class Added:
    """How a ninth source came to a platform that ran."""

    before: set[str]
    proposed: CompletedProcess[str]
    unfinished: CompletedProcess[str]
    finished: CompletedProcess[str]
    after: set[str]
    restarted: set[int]
    """Services' processes that were not there before."""
    state: str
    customers: list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def added() -> Iterator[Added]:
    """A platform of this chapter's own, with declarations of its own, to which a club's members come."""
    with running(people=20, days=1, own_project=True) as suki:
        wait_parsed(suki.platform, {*(f"ingest_{source}" for source in SOURCES), RESOLVE})
        before, services = suki.platform.api.dags(), _services(suki)
        file = suki.home / "members.csv"
        file.write_text(MEMBERS, encoding="utf-8")
        head = ("--owner", "crm", "--country", "FR", "--purpose", "contract", "--channel", "store")
        proposed = suki.command("new-source", "club", "--from", str(file), *head)
        assert proposed.returncode == 0, proposed.stderr
        delivered = suki.settings.exports / "club" / f"{DAY.start:%Y-%m-%d}" / file.name
        delivered.parent.mkdir(parents=True)
        file.rename(delivered)
        check = ("sources", "check", "club", "--day", f"{DAY.start:%Y-%m-%d}")
        unfinished = suki.command(*check)
        _finish(suki)
        finished = suki.command(*check)
        wait_parsed(suki.platform, {"ingest_club"})
        after = suki.platform.api.dags()
        run_id = suki.run("club", DAY, "first")
        wait(lambda: suki.state("ingest_club", run_id) in ("success", "failed"), "the club's first day to end")
        state = suki.state("ingest_club", run_id)
        if state == "success":
            wait(lambda: suki.published() > 0, "the club's members to be published")
        customers = suki.ask(
            "SELECT given_name, family_name, emails, birth_date, sources FROM golden.customer ORDER BY family_name"
        )
        yield Added(before, proposed, unfinished, finished, after, _services(suki) - services, state, customers)


def _services(suki: Suki) -> set[int]:
    registry = suki.platform.registry
    found = (registry.running(name) for name in ("scheduler", "dag-processor", "api-server"))
    return {process.pid for process in found if process is not None}


def _finish(suki: Suki) -> None:
    file = suki.settings.root / "include" / "sources" / "club" / "source.yml"
    text = file.read_text(encoding="utf-8")
    for proposed, decided in FINISHED.items():
        assert text.count(proposed) == 1, proposed
        text = text.replace(proposed, decided)
    file.write_text(text, encoding="utf-8")


def test_what_is_sure_is_mapped_and_the_rest_is_named_until_a_person_decided_it(added: Added):
    assert "2 left to you" in added.proposed.stdout
    assert "neither mapped nor ignored: Code X, P" in added.unfinished.stdout, added.unfinished.stderr
    assert added.unfinished.returncode == 1
    assert added.finished.returncode == 0, added.finished.stdout + added.finished.stderr
    assert "neither mapped nor ignored" not in added.finished.stdout


def test_its_dag_appears_and_nothing_is_restarted(added: Added):
    assert added.after - added.before == {"ingest_club"}
    assert added.restarted == set()


def test_its_people_are_golden_customers(added: Added):
    assert added.state == "success"
    assert added.customers == [
        ("Inès", "Lefèvre", ["ines.lefevre@laposte.net"], "1986-05-04", ["club"]),
        ("Zoé", "Moreau", ["zoe.moreau@laposte.net"], "1999-01-30", ["club"]),
        ("Luc", "Petit", ["luc.petit@laposte.net"], "1971-11-23", ["club"]),
    ]
