"""``suki lookup`` on a resolved sample world: a customer is known, a stranger new, and nothing else is given away."""

import io
import json
import sys
from collections.abc import Callable

import pytest

from suki import cli
from tests.integration.flow.world import World

pytestmark = pytest.mark.integration

Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], synced: World) -> Ask:
    def asked(*words: str) -> tuple[int, str, str]:
        with synced.connected():
            code = cli.main(["lookup", *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return asked


def somebody(world: World) -> tuple[str, str, str, str]:
    """A customer with names, e-mail and several records: id, given name, family name, e-mail."""
    return world.query(
        "SELECT customer_id::text, given_name, family_name, emails[1] FROM golden.customer"
        " WHERE record_count > 3 AND given_name IS NOT NULL AND family_name IS NOT NULL AND cardinality(emails) > 0"
        " AND country = 'US' ORDER BY customer_id LIMIT 1"
    )[0]


def test_a_customer_is_known_by_name_and_mailbox_and_no_value_is_repeated(
    ask: Ask, synced: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer, given, family, email = somebody(synced)
    code, out, err = ask("--given", given, "--family", family, "--email", email)
    assert (code, err) == (0, "")
    assert out.startswith("known: ")
    assert customer in out
    assert not [value for value in (given, family, email) if value.casefold() in out.casefold()]
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{email}\n"))
    told = json.loads(ask("--given", given, "--family", family, "--email", "-", "--country", "US", "--json")[1])
    assert (told["verdict"], told["customer_id"]) == ("known", customer)


def test_a_stranger_is_new(ask: Ask) -> None:
    code, out, _ = ask("--given", "Zebulon", "--family", "Quartermain", "--email", "zebulon.quartermain@gmail.com")
    assert (code, out) == (0, "new: No customer comes near: create one.\n")


def test_one_value_alone_is_refused_in_a_sentence(ask: Ask, synced: World) -> None:
    email = somebody(synced)[3]
    code, out, err = ask("--email", email)
    assert (code, out) == (1, "")
    assert err.startswith("Ask by a name")
    assert email not in err
