"""How much a resolve run may change before a person has to say yes: the declared limits, held against what it would change."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from include.declarations import checked, read_yaml
from include.errors import DeclarationError
from include.golden.fields import GOLDEN

DECLARATION = Path(__file__).with_name("blast_radius.yml")

Change = Literal["created", "updated", "merged", "split", "retired", "consent_lost"]


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, populate_by_name=True)


class Limit(_Declared):
    """How many customers are too many: a share of those published, if it is at least so many, or a count."""

    share: float | None = Field(default=None, ge=0, le=1)
    least: int = Field(default=0, ge=0, alias="from")
    count: int | None = Field(default=None, ge=0)

    def exceeded(self, found: int, customers: int) -> str | None:
        """What is too much about it, as the end of a sentence; None where nothing is."""
        if self.count is not None and found > self.count:
            return f"{found:,}, more than {self.count:,}"
        if self.share is not None and found >= self.least and found > self.share * customers:
            return f"{found:,} of {customers:,} customers ({found / customers:.1%}), more than {self.share:.1%}"
        return None


class BlastRadius(_Declared):
    """The whole declaration."""

    limits: dict[Change, Limit] = Field(default_factory=dict)
    any_field: Limit = Limit()
    fields: dict[str, Limit] = Field(default_factory=dict)

    def exceeded(self, diff: Mapping[str, Any]) -> list[str]:
        """Which limits a run would exceed, each as a sentence; none for the first publication.

        Args:
            diff: As ``include.warehouse.diffs`` counts it: ``customers_before``, ``changes``, ``fields``, ``consent_lost``.
        """
        before = int(diff["customers_before"])
        if not before:
            return []
        counted = {**diff["changes"], "consent_lost": max(diff["consent_lost"].values(), default=0)}
        asked = [(f"customers {name.replace('_', ' ')}", limit, counted.get(name, 0)) for name, limit in self.limits.items()]
        asked += [
            (f"customers with another {name}", self.fields.get(name, self.any_field), found)
            for name, found in sorted(diff["fields"].items())
        ]
        return [f"{what}: {told}" for what, limit, found in asked if (told := limit.exceeded(found, before))]


@cache
def load(path: Path = DECLARATION) -> BlastRadius:
    """Read a declaration.

    Raises:
        DeclarationError: It is not there; an unknown key, change or field, a share that is none.
    """
    radius = checked(BlastRadius, read_yaml(path, str(path)), path.name)
    for name in radius.fields:
        if name not in GOLDEN:
            raise DeclarationError(path.name, f"fields.{name}", "no such golden field", GOLDEN)
    return radius
