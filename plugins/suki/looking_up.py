"""Asks the warehouse for a person before they are created: found and weighed as a resolve run would, on records kept warm."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from include import lookup
from include.cleaning.frames import clean_customers
from include.cleaning.habits import Habits
from include.customer import CUSTOMER_FIELDS, ROW_COLUMNS, names
from include.errors import SukiError
from include.matching import Weights, encode, load_spec
from include.matching.lookup import Standing
from include.matching.register import Register
from include.privacy.regions import comparable, region_of
from include.warehouse import examining

if TYPE_CHECKING:
    from sqlalchemy import Connection

_SETS = frozenset(field.name for field in CUSTOMER_FIELDS if field.type == "texts")


class NothingToAsk(SukiError):
    """Nothing was resolved yet, or not by a model that is kept."""


class Desk:
    """Every record of the last publication, ready to be asked among; made once, asked often.

    Args:
        connection: A connection acting as ``suki_steward``.
        admits: Says whether a caller may ask now; None: always.
    """

    def __init__(self, connection: "Connection", admits: lookup.Admits | None = None) -> None:
        published = examining.last_publication(connection)
        artefact = published and examining.model(connection, published["model_version"])
        if not published or artefact is None:
            raise NothingToAsk("Nothing was resolved yet. The Dag resolve_customers does it, once something was staged.")
        self.sequence: int = published["sequence"]
        self._admits, spec = admits, load_spec()
        register = Register.of_table(encode(examining.contents(connection), spec), spec)
        self._standing = Standing(register, spec, Weights.from_json(artefact, spec), comparable())

    def is_stale(self, connection: "Connection") -> bool:
        """Whether something was published since: make a new desk then."""
        published = examining.last_publication(connection)
        return published is None or published["sequence"] != self.sequence

    def ask(self, connection: "Connection", person: Mapping[str, Any], caller: str) -> lookup.Answer:
        """Whether a person is a customer.

        Args:
            connection: As before.
            person: Canonical field (``include.lookup.ASKABLE``) > value as somebody wrote it; a list for a set of values.
            caller: Who asks.

        Raises:
            TooOften: The caller must wait.
            TooLittle: This would not tell people apart.
        """
        lookup.admit(caller, self._admits)
        asked = cleaned(person)
        lookup.must_tell({name: asked[name].iloc[0] for name in lookup.ASKABLE})
        likely = self._standing.likely(asked, lambda ids: examining.contents(connection, ids))
        matching = [one for one in likely if one.band == "match"]
        customer = examining.customers_of(connection, [one.record_id for one in matching])
        placed = [one for one in matching if one.record_id in customer]
        because = self._standing.because(placed[0]) if placed else []
        return lookup.answer([customer[one.record_id] for one in placed], len(likely) - len(placed), because)


def cleaned(person: Mapping[str, Any]) -> pd.DataFrame:
    """The asked record, cleaned as one of a source without habits."""
    unknown = sorted(set(person) - set(lookup.ASKABLE))
    if unknown:
        raise lookup.TooLittle(f"Nobody can be asked for by {', '.join(unknown)}. Ask by: {', '.join(lookup.ASKABLE)}.")
    row: dict[str, Any] = {name: [] if name in _SETS else None for name in names("customers", "mapped")}
    row |= {"record_id": "asked", "file": "asked", "position": 1, "scope": None, "deleted": False}
    row |= {"delivered_on": (now := datetime.now(UTC)).date(), "source_updated_at": now}
    row |= {name: _as_list(value) if name in _SETS else value for name, value in person.items()}
    mapped = pd.DataFrame([row], columns=[*ROW_COLUMNS, *names("customers", "mapped")], dtype=object)
    mapped["source_updated_at"] = pd.to_datetime(mapped["source_updated_at"], utc=True)
    asked = clean_customers(mapped, Habits())
    return asked.assign(region=region_of(asked["country"], None), source="asked", stream="asked")


def _as_list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
