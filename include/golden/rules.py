"""The survivorship declaration: which rule picks each golden field, checked whole when it is loaded."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator

from include.customer import CUSTOMER_FIELDS
from include.declarations import checked, read_yaml
from include.errors import DeclarationError
from include.golden.fields import GOLDEN, GOLDEN_FIELDS

DECLARATION = Path(__file__).with_name("survivorship.yml")

Rule = Literal[
    "most_trusted",
    "most_recent",
    "most_frequent",
    "most_supported",
    "most_complete",
    "longest",
    "min",
    "max",
    "unanimous",
    "union",
    "most_restrictive",
]
RULES: tuple[str, ...] = get_args(Rule)

_ALONE = frozenset({"unanimous", "union", "most_restrictive"})
"""Rules that decide by themselves, so they cannot be a rung of a ladder."""

_BY_TYPE: dict[str, frozenset[str]] = {
    "text": frozenset({"most_trusted", "most_recent", "most_frequent", "most_supported", "longest", "unanimous"}),
    "date": frozenset({"most_trusted", "most_recent", "most_frequent", "most_supported", "most_complete", "unanimous"}),
    "timestamp": frozenset({"most_trusted", "most_recent", "most_frequent", "min", "max", "unanimous"}),
    "boolean": frozenset({"most_trusted", "most_recent", "most_frequent", "unanimous"}),
    "texts": frozenset({"union"}),
}
_BY_GROUP = frozenset({"most_trusted", "most_recent", "most_frequent", "most_supported", "most_complete", "most_restrictive"})

_CANONICAL: dict[str, str] = {field.name: field.type for field in CUSTOMER_FIELDS}
_TYPES: dict[str, str] = {field.name: field.type for field in GOLDEN_FIELDS}


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class FieldRule(_Declared):
    """How one field, or each field of a group, is chosen."""

    rule: tuple[Rule, ...] = Field(min_length=1)
    half_life: float | None = Field(default=None, gt=0)
    same_by: tuple[str, ...] = ()

    @field_validator("rule", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value


class Group(FieldRule):
    """Fields that come from one record, and the core that makes such a record worth choosing."""

    fields: tuple[str, ...] = Field(min_length=1)
    core: tuple[str, ...] = Field(min_length=1)


class Flags(_Declared):
    """What a validation flag leaves of a value's trust: by name, else the default.

    Attributes:
        damaged: Flags of values that have lost something: these stand only where there is no whole one.
        inferred: Flags of values that cleaning made of others: these stand only where no record states one.
    """

    damaged: tuple[str, ...] = ()
    inferred: tuple[str, ...] = ()
    default: float = Field(ge=0, le=1)
    named: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)

    def factor(self, flag: str) -> float:
        """The share of trust a value with this flag keeps."""
        return self.named.get(flag, self.default)


class Survivorship(_Declared):
    """The whole declaration: every golden field stands in exactly one group or under ``fields``; ``owner`` answers for it."""

    owner: str = Field(min_length=1)
    groups: dict[str, Group]
    fields: dict[str, FieldRule]
    flags: Flags


@cache
def load(path: Path = DECLARATION) -> Survivorship:
    """Read a declaration and prove it whole.

    Raises:
        DeclarationError: An unknown key, field or rule, a field without a rule or with two, or a rule that does not suit
            its field.
    """
    rules = checked(Survivorship, read_yaml(path, path.name), path.name)
    _check_fields(path.name, rules)
    _check_groups(path.name, rules)
    _check_rules(path.name, rules)
    return rules


def check_flags(rules: Survivorship, known: Iterable[str]) -> None:
    """See that every flag that is named is one that can be on a value.

    Raises:
        DeclarationError: One is not among ``known``, so that what is said of it would never be used.
    """
    valid = sorted(known)
    for key in ("named", "damaged", "inferred"):
        for flag in getattr(rules.flags, key):
            if flag not in valid:
                raise DeclarationError(DECLARATION.name, f"flags.{key}.{flag}", "no value gets this flag", valid)


def _check_fields(file: str, rules: Survivorship) -> None:
    placed = [(f"groups.{name}.fields", field) for name, group in rules.groups.items() for field in group.fields]
    placed += [("fields", field) for field in rules.fields]
    for key, field in placed:
        if field not in _TYPES:
            raise DeclarationError(file, f"{key}.{field}", "no such golden field", GOLDEN)
    for field, times in Counter(field for _, field in placed).items():
        if times > 1:
            raise DeclarationError(file, field, f"has {times} rules; a field stands in one group or under fields, once")
    missing = [name for name in GOLDEN if name not in {field for _, field in placed}]
    if missing:
        raise DeclarationError(file, "fields", f"no rule for {', '.join(missing)}; every golden field needs one")


def _check_groups(file: str, rules: Survivorship) -> None:
    for name, group in rules.groups.items():
        for field in group.core:
            if field not in group.fields:
                raise DeclarationError(file, f"groups.{name}.core.{field}", "is not a field of the group", group.fields)
        if group.rule == ("most_restrictive",):
            shape = [_TYPES[field] for field in group.fields]
            if shape != ["boolean", "timestamp"] or group.core != group.fields[:1]:
                raise DeclarationError(
                    file, f"groups.{name}", "most_restrictive needs an answer and its date as fields and the answer alone as core"
                )
        for field in group.fields:
            if _TYPES[field] == "texts":
                raise DeclarationError(file, f"groups.{name}.fields.{field}", "a set of values cannot move with a group")


def _check_rules(file: str, rules: Survivorship) -> None:
    suits: list[tuple[str, FieldRule, frozenset[str]]] = [
        (f"groups.{name}", group, _BY_GROUP) for name, group in rules.groups.items()
    ]
    suits += [(f"fields.{name}", rule, _BY_TYPE[_TYPES[name]]) for name, rule in rules.fields.items()]
    for key, rule, valid in suits:
        for rung in rule.rule:
            if rung not in valid:
                raise DeclarationError(file, f"{key}.rule", f"{rung} does not suit it", sorted(valid))
            if rung in _ALONE and len(rule.rule) > 1:
                raise DeclarationError(file, f"{key}.rule", f"{rung} stands alone, it is no rung of a ladder")
    for key, rule, _ in suits:
        _check_same_by(file, key, rule)


def _check_same_by(file: str, key: str, rule: FieldRule) -> None:
    for name in rule.same_by:
        if name not in _CANONICAL:
            raise DeclarationError(file, f"{key}.same_by.{name}", "no such field", list(_CANONICAL))
    sets = [name for name in rule.same_by if _CANONICAL[name] == "texts"]
    if rule.rule == ("union",) and rule.same_by and (len(rule.same_by), len(sets)) != (1, 1):
        raise DeclarationError(file, f"{key}.same_by", "a set needs one set beside it", ["email_keys"])
    if rule.rule != ("union",) and rule.same_by and (sets or "most_supported" not in rule.rule):
        raise DeclarationError(
            file, f"{key}.same_by", "says which values support one another: it wants most_supported, and texts"
        )


def units(rules: Survivorship) -> list[tuple[tuple[str, ...], tuple[str, ...], FieldRule]]:
    """The decisions a declaration asks for, as (fields, core, rule): a group is one decision, a field alone is one."""
    decisions: list[tuple[tuple[str, ...], tuple[str, ...], FieldRule]] = [
        (group.fields, group.core, group) for group in rules.groups.values()
    ]
    decisions += [((name,), (name,), rule) for name, rule in rules.fields.items()]
    return decisions


Trust = Any
"""A source's trust as its declaration gives it: a mapping or object with ``default`` and ``fields`` (field > trust)."""


def trust_in(declared: Trust, field: str) -> float:
    """A source's trust for a field; the source's default where the field is not named."""
    if isinstance(declared, Mapping):
        default, fields = declared["default"], declared.get("fields")
    else:
        default, fields = declared.default, declared.fields
    return float(fields[field]) if fields and field in fields else float(default)
