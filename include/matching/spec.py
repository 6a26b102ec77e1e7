"""The match model's declaration: blocking rules, comparisons as ladders, vetoes, thresholds and caps, read from ``model.yml``.

The declaration says what is compared and in which steps; what each step weighs is learned (``include.matching.training``) and
kept apart, as ``Weights``. A wrong key, field or level fails here, with the valid names, never in the middle of a run.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from include.customer import CUSTOMER_FIELDS
from include.declarations import checked, read_yaml
from include.errors import DeclarationError

MODEL_FILE = Path(__file__).parent / "model.yml"

_NAME = ("exact", "nickname", "close", "part", "weak", "initial", "different")
_ITEM = ("exact", "close", "different")

LADDERS: dict[str, tuple[str, ...]] = {
    "given_name": _NAME,
    "family_name": _NAME,
    "whole_name": ("exact", "close", "part", "weak", "different"),
    "birth_date": ("exact", "slip", "partial", "two_parts", "year", "one_part", "different"),
    "emails": ("exact", "close", "local", "different"),
    "phones": ("exact", "tail", "close", "different"),
    "accounts": ("exact", "handle", "different"),
    "account_names": ("both_names", "one_name", "absent"),
    "loyalty_ids": _ITEM,
    "external_ids": ("exact", "different"),
    "mentioned_emails": ("only", "among", "absent"),
    "address": ("home", "street", "number", "postcode", "quarter", "area", "city", "different"),
    "name_suffix": ("exact", "one_side", "different"),
    "gender": ("exact", "different"),
    "country": ("exact", "different"),
}
"""Every comparison the code can make, with the levels it can find, the strongest agreement first. ``null`` (nothing to compare)
is always there and never declared: missing is not disagreement."""

BLOCK_PARTS: tuple[str, ...] = (
    "email", "any_email", "email_local", "phone", "phone_tail", "handle", "account", "loyalty_id", "external_id",
    "names", "names_as_written", "whole_name", "whole_word", "whole_words", "name", "given", "family",
    "given_initial", "family_initial", "name_start", "name_sound",
    "birth_date", "birth_year", "birth_day", "birth_swapped", "postcode", "postcode_area", "city", "street",
    "house_number", "country",
)  # fmt: skip
"""What a blocking key can be made of. Those in ``SET_PARTS`` can have several values in one record."""

SET_PARTS = frozenset(
    {
        "email",
        "any_email",
        "email_local",
        "phone",
        "phone_tail",
        "handle",
        "account",
        "loyalty_id",
        "external_id",
        "whole_word",
        "whole_words",
        "name",
        "name_start",
        "name_sound",
    }
)


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True)


_Some = Annotated[tuple[str, ...], Field(min_length=1)]


class Level(_Table):
    """One rung: its name and what to believe of it until the data have spoken.

    ``m`` is the share of pairs of one person that stand on it, ``u`` the share of pairs of two people, among pairs with both
    values.
    """

    level: str
    m: float = Field(gt=0, lt=1)
    u: float = Field(gt=0, lt=1)


class Comparison(_Table):
    """One comparison: a ladder read from the top.

    Attributes:
        compare: Which of ``LADDERS``.
        tells: ``person``: differs inside a household. ``household``: shared inside it.
        namesake: Two strangers of one name agree here more than by chance.
        frequency: How the top level heeds how common the agreed value is: by its ``share`` of all persons (names, dates), or as
            learned for each number of ``holders`` (what one person should hold alone).
        only_against: Agreement proves nothing, only disagreement speaks.
        identifier: Held by one person as a rule, so its chance agreement is counted from pairs whose names conflict.
        different_at_most: Ceiling on the share of one person's pairs on the bottom level; without it the match class drifts.
        different_at_least: Floor of that share: what the data never showed is rare, not impossible.
        household_exact_at_most: Ceiling on how often two people of one home agree, or agree but for a slip; twins are rare, and
            so are father and son of one name. Such pairs make up no more of the class, either.
        household_at_least: Level to a floor on how often two people of one home stand on it; couples are of an age.
        levels: From the top; a level left out falls to the next one below it.
    """

    compare: str
    tells: Literal["person", "household"]
    namesake: bool = False
    frequency: Literal["share", "holders"] | None = None
    only_against: bool = False
    identifier: bool = False
    different_at_most: float | None = Field(default=None, gt=0, lt=1)
    different_at_least: float = Field(default=0.005, gt=0, lt=1)
    household_exact_at_most: float | None = Field(default=None, gt=0, lt=1)
    household_at_least: dict[str, Annotated[float, Field(gt=0, lt=1)]] = Field(default_factory=dict)
    levels: tuple[Level, ...] = Field(min_length=1)


class BlockingRule(_Table):
    """Records that share this key are compared, unless more than ``cap`` records share it."""

    rule: str
    keys: _Some
    cap: int = Field(ge=2)


class PairBudget(_Table):
    """How many pairs the rules together may make.

    Attributes:
        pairs_per_record: Beyond so many the largest blocks are left out, down to ``least_cap``.
        always: So many are affordable however few the records.
        least_cap: Blocks as small as this stay in, whatever the budget ...
        refused_above: ... unless they alone hold more pairs a record than this: then nothing is compared.
    """

    pairs_per_record: float = Field(gt=0)
    always: int = Field(ge=0)
    least_cap: int = Field(ge=2)
    refused_above: float = Field(gt=0)


class Veto(_Table):
    """A contradiction: a pair on these levels never joins one customer by itself, whatever else agrees."""

    veto: str
    when: dict[str, _Some] = Field(min_length=1)
    unless: dict[str, _Some] = {}
    if_reliable: bool = False


class Nobodys(_Table):
    """A shared identifier carried by so many people is nobody's (the shop's own phone, a placeholder) and is not used at all.

    Attributes:
        persons: So many people, told apart by their initials ...
        share: ... on at least this share of its records. One person's own may be written under several names here and there.
        any_share: So many people, on whatever share. There are only so many initials: of a thousand people few more are told
            apart than of a hundred, so what very many carry would never reach the share.
    """

    persons: int = Field(ge=2)
    share: float = Field(gt=0, le=1)
    any_share: int = Field(ge=2)


class Thresholds(_Table):
    """Bands of the weight (log2 odds): match at or above ``match``, review at or above ``review``, distinct below."""

    match: float
    review: float


class Training(_Table):
    """How the weights are learned."""

    seed: int
    random_pairs: int = Field(ge=1000)
    most_pairs: int = Field(ge=1000)
    iterations: int = Field(ge=1)
    least_certain_pairs: int = Field(ge=1)
    certain_recall: float = Field(gt=0, le=1)
    prior_at_most: float = Field(ge=1)
    certain: tuple[_Some, ...]
    declared_pairs_per_record: float = Field(gt=0)
    declared_among: int = Field(ge=2)
    reliable_conflicts_below: float = Field(gt=0, lt=1)


class Clustering(_Table):
    """How scored pairs become customers.

    Attributes:
        largest: A component larger than this is cut first.
        merge_above: Two groups are joined while the mean weight between them is above this.
        strangers_rarer: Inside a component two records are this many doublings less likely to be just any two strangers than
            among all pairs: each has evidence in common with a third. That they are a household or namesakes is as likely as
            ever.
        silence: Weight of two records with nothing to compare.
        unscored: Weight of a pair that is no edge, where it cannot be weighed.
        ceiling: No weight counts for more.
        floor: Nor against by more.
    """

    largest: int = Field(ge=2)
    merge_above: float
    strangers_rarer: float = Field(ge=0)
    silence: float
    unscored: float
    ceiling: float = Field(gt=0)
    floor: float = Field(lt=0)


class ModelSpec(_Table):
    """The whole declaration.

    Attributes:
        owner: Who answers for it, and is named where a model is to be put in force.
        echoes: Flags, as ``field:flag``, of values that only repeat another value of the record.
    """

    owner: str = Field(min_length=1)
    comparisons: dict[str, Comparison] = Field(min_length=1)
    blocking: tuple[BlockingRule, ...] = Field(min_length=1)
    budget: PairBudget
    nobodys: Nobodys
    echoes: tuple[Annotated[str, Field(pattern=r"^[a-z_]+:[a-z_]+$")], ...] = ()
    vetoes: tuple[Veto, ...]
    thresholds: Thresholds
    training: Training
    clustering: Clustering
    pairs_at_once: int = Field(ge=1)

    @property
    def fingerprint(self) -> str:
        """sha256 of what is declared, whatever its owner, the order of its keys and the comments beside them; 64 hex digits."""
        return hashlib.sha256(self.model_dump_json(exclude={"owner"}).encode()).hexdigest()

    @classmethod
    def parse(cls, declared: Any, file: str) -> Self:
        """Build from parsed YAML; every problem is a ``DeclarationError`` that names ``file``, the key and the valid names."""
        spec = checked(cls, declared, file)
        _check(spec, file)
        return spec


@cache
def load(path: Path = MODEL_FILE) -> ModelSpec:
    """The declared model."""
    return ModelSpec.parse(read_yaml(path, path.name), path.name)


def _check(spec: ModelSpec, file: str) -> None:
    """Names that only make sense together: levels of their ladder, parts of a key, comparisons of a veto."""
    for name, comparison in spec.comparisons.items():
        _check_ladder(f"comparisons.{name}", comparison, file)
    kinds = [comparison.compare for comparison in spec.comparisons.values()]
    if len(set(kinds)) < len(kinds):
        raise DeclarationError(file, "comparisons", "each comparison can be made once", LADDERS)
    _check_once(file, "blocking", [rule.rule for rule in spec.blocking])
    for rule in spec.blocking:
        _check_key(f"blocking.{rule.rule}", rule.keys, file)
    for number, parts in enumerate(spec.training.certain):
        _check_key(f"training.certain.{number}", parts, file)
    fields = [field.name for field in CUSTOMER_FIELDS]
    for echo in spec.echoes:
        if (field := echo.partition(":")[0]) not in fields:
            raise DeclarationError(file, "echoes", f"{field!r} is no field of a customer", fields)
    _check_once(file, "vetoes", [veto.veto for veto in spec.vetoes])
    for veto in spec.vetoes:
        _check_veto(veto, spec, file)
    if spec.thresholds.review > spec.thresholds.match:
        raise DeclarationError(file, "thresholds.review", "must not lie above the match threshold")


def _check_once(file: str, where: str, names: list[str]) -> None:
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise DeclarationError(file, f"{where}.{twice}", "stands twice; names must differ")


def _check_ladder(where: str, comparison: Comparison, file: str) -> None:
    if comparison.compare not in LADDERS:
        raise DeclarationError(file, f"{where}.compare", f"{comparison.compare!r} is no comparison", LADDERS)
    ladder, declared = LADDERS[comparison.compare], [level.level for level in comparison.levels]
    if unknown := [level for level in declared if level not in ladder]:
        raise DeclarationError(file, f"{where}.levels", f"{unknown[0]!r} is no level of {comparison.compare}", ladder)
    if declared != [level for level in ladder if level in declared]:
        raise DeclarationError(file, f"{where}.levels", "levels must stand once each, strongest first", ladder)
    if len(declared) < 2 or declared[-1] != ladder[-1]:
        raise DeclarationError(file, f"{where}.levels", f"a ladder needs its bottom level {ladder[-1]!r} and one above", ladder)
    if comparison.different_at_most is not None and comparison.different_at_least > comparison.different_at_most:
        raise DeclarationError(file, f"{where}.different_at_least", "must not lie above different_at_most")
    if unknown := [level for level in comparison.household_at_least if level not in declared]:
        raise DeclarationError(file, f"{where}.household_at_least", f"{unknown[0]!r} is no declared level", declared)


def _check_key(where: str, parts: tuple[str, ...], file: str) -> None:
    if unknown := [part for part in parts if part not in BLOCK_PARTS]:
        raise DeclarationError(file, where, f"{unknown[0]!r} is no part of a key", BLOCK_PARTS)
    if len(set(parts)) < len(parts):
        raise DeclarationError(file, where, "a part of a key can stand in it once", BLOCK_PARTS)
    if sum(part in SET_PARTS for part in parts) > 2:
        raise DeclarationError(file, where, "a key can hold at most two parts with several values", sorted(SET_PARTS))


def _check_veto(veto: Veto, spec: ModelSpec, file: str) -> None:
    for name, levels in [*veto.when.items(), *veto.unless.items()]:
        if name not in spec.comparisons:
            raise DeclarationError(file, f"vetoes.{veto.veto}", f"{name!r} is no declared comparison", spec.comparisons)
        valid = [level.level for level in spec.comparisons[name].levels]
        if unknown := [level for level in levels if level not in valid]:
            raise DeclarationError(file, f"vetoes.{veto.veto}", f"{unknown[0]!r} is no level of {name}", valid)
