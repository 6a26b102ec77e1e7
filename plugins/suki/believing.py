"""A changed trust or survivorship is held against a sample of customers before golden values are chosen by it.

Where it would choose more than a declared share of them otherwise, somebody has to approve it first who does not own what was
changed. Until then values are chosen as before: nothing waits for the approval but the change itself.

It comes into force with the publication that chose by it, and that one goes over every customer: all golden values are chosen by
what is in force.
"""

import json
import logging
from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from include.sources import Source, broken, declared
from suki import alerts, settings
from suki.approving import LEAST, SAMPLE
from suki.declared import only_adding

if TYPE_CHECKING:
    import pandas as pd
    from sqlalchemy import Connection

    from include.golden.rules import Survivorship

log = logging.getLogger(__name__)


class Belief(NamedTuple):
    """What chooses golden values.

    Attributes:
        rules: The survivorship.
        trust: How far each source is believed.
    """

    rules: "Survivorship"
    trust: dict[str, Any]

    @classmethod
    def declared_now(cls) -> "Belief":
        """As it is declared now."""
        from include.cleaning.reasons import table
        from include.golden.rules import check_flags, load

        rules = load()
        check_flags(rules, table()["rules"])
        # What a source told before it was switched off is believed as ever.
        return cls(rules, {name: source.trust.model_dump(mode="json") for name, source in sorted(declared().items())})

    @classmethod
    def of(cls, declared: Mapping[str, Any]) -> "Belief":
        """As it was declared once."""
        from include.golden.rules import Survivorship

        return cls(Survivorship.model_validate(declared["rules"]), dict(declared["trust"]))

    @property
    def declared(self) -> dict[str, Any]:
        """To be kept."""
        return {"rules": self.rules.model_dump(mode="json"), "trust": self.trust}

    @property
    def fingerprint(self) -> str:
        """The same for the same declarations."""
        return sha256(json.dumps(self.declared, sort_keys=True).encode()).hexdigest()

    def only_adds_to(self, before: "Belief") -> bool:
        """Whether it says of all that was declared before what was said of it then: what was chosen by that still stands."""
        return self.rules == before.rules and before.trust.items() <= self.trust.items()


class Settled(NamedTuple):
    """By what a run chooses golden values.

    Attributes:
        belief: That.
        anew: Whether customers may get other values by it whom nothing else touched.
    """

    belief: Belief
    anew: bool


class Effect(NamedTuple):
    """What a change would do to a sample of customers.

    Attributes:
        customers: How many were looked at.
        differing: How many would get another value.
        fields: Field > how many would get another one.
        examples: Opaque ids of the first of them.
    """

    customers: int
    differing: int
    fields: dict[str, int]
    examples: list[str]


def settle(warehouse: "Connection", context: Any) -> Settled:
    """By what golden values are chosen in this run: what is declared, or what was before while a change of much waits.

    It is kept, and comes into force when the run is published.

    Args:
        warehouse: As ``suki_resolve``.
        context: The task's.

    Raises:
        DeclarationError: That of a source is broken, and how far to believe what it told is not known from before.
    """
    from include.warehouse import beliefs

    row = beliefs.in_force(warehouse)
    now = _with_broken(warehouse, Belief.declared_now(), {} if row is None else row["declared"]["trust"], context)
    if row is not None and row["fingerprint"] == now.fingerprint:
        return Settled(now, anew=False)
    if row is None:
        _keep_unmeasured(warehouse, now)
        return Settled(now, anew=True)
    stands = Belief.of(row["declared"])
    # A source that came since is believed as it is declared: there is nothing else to believe it by.
    before = stands._replace(trust={**now.trust, **stands.trust})
    found, owners = effect(warehouse, before, now), owners_of(before, now, declared())
    share = found.differing / found.customers if found.customers >= LEAST else 0.0
    asks = share > settings.standards_share()
    report = {"fields": found.fields, "customers": found.examples}
    news = beliefs.keep(
        warehouse, now.fingerprint, now.declared, owners=owners, sampled=found.customers, differing=found.differing, asks=asks,
        report=report,
    )  # fmt: skip
    if not asks or beliefs.approved(warehouse, now.fingerprint):
        log.info(
            "A changed survivorship takes effect once this run is published: of %s sampled customers %s differ.",
            found.customers, found.differing,
        )  # fmt: skip
        return Settled(now, anew=not now.only_adds_to(stands))
    sentence = waits(found, owners)
    if news:
        alerts.send("A change of trust or survivorship waits for an approval", sentence, context)
    else:
        log.warning("%s", sentence)
    _keep_unmeasured(warehouse, before)
    return Settled(before, anew=False)


def _with_broken(warehouse: "Connection", now: Belief, in_force: Mapping[str, Any], context: Any) -> Belief:
    """What is declared, and of each source whose declaration is broken what is in force: one wrong folder stops no other's."""
    from include.warehouse import registry

    wrong = broken()
    known = {name: in_force[name] for name in wrong if name in in_force}
    if strange := wrong.keys() - known:
        for name in sorted(strange & registry.landed(warehouse)):
            raise wrong[name]
    for name in known:
        sentence = f"{wrong[name]} Until that is mended, {name} is believed as before, and nothing new comes of it."
        alerts.send("The declaration of a source is broken", sentence, context)
    return now._replace(trust=now.trust | known)


def standing(warehouse: "Connection") -> Belief:
    """What the published golden values were chosen by; before there are any, what is declared."""
    from include.warehouse import beliefs

    row = beliefs.in_force(warehouse)
    return Belief.declared_now() if row is None else Belief.of(row["declared"])


def kept(warehouse: "Connection", fingerprint: str) -> Belief:
    """What a run settled."""
    from include.warehouse import beliefs

    return Belief.of(beliefs.declared(warehouse, fingerprint))


def _keep_unmeasured(warehouse: "Connection", belief: Belief) -> None:
    """Keep what was not held against anything, if it is not kept already."""
    from include.warehouse import beliefs

    if not beliefs.known(warehouse, belief.fingerprint):
        beliefs.keep(warehouse, belief.fingerprint, belief.declared, owners=[], sampled=0, differing=0, asks=False, report={})


def effect(warehouse: "Connection", before: Belief, after: Belief) -> Effect:
    """What two beliefs make of the same records of a sample of customers, judged as a run judges them."""
    import pandas as pd

    from include.golden.fields import GOLDEN
    from include.golden.pins import Pin
    from include.warehouse import beliefs, pins
    from suki.surviving import Judge

    records = beliefs.sample(warehouse, SAMPLE)
    if records.empty:
        return Effect(0, 0, {}, [])
    given = tuple(Pin(**row) for row in pins.in_force(warehouse))
    lists = tuple(only_adding())
    judges = (Judge(belief.rules, belief.trust, lists, given) for belief in (before, after))
    one, other = (judge.chosen(records)[0].set_index("customer_id") for judge in judges)
    differs = {name: _differs(one[name], other.loc[one.index, name]) for name in GOLDEN}
    anywhere = pd.DataFrame(differs).any(axis=1)
    return Effect(
        len(one), int(anywhere.sum()), {name: int(n) for name, found in differs.items() if (n := found.sum())},
        [str(customer) for customer in one.index[anywhere][:3]],
    )  # fmt: skip


def owners_of(before: Belief, after: Belief, sources: Mapping[str, Source]) -> list[str]:
    """Who answers for what was changed: of the rules their owner, of a source's trust the source's."""
    changed = [name for name, trust in after.trust.items() if before.trust.get(name) != trust]
    owners = {sources[name].owner for name in changed if name in sources}
    if before.rules != after.rules:
        owners |= {before.rules.owner, after.rules.owner}
    return sorted(owners)


def waits(found: Effect, owners: list[str]) -> str:
    """Why a change waits, and what to do."""
    fields = ", ".join(f"{name} of {count:,}" for name, count in sorted(found.fields.items(), key=lambda one: -one[1])[:4])
    return (
        f"What decides which values are golden was changed (trust or survivorship, owned by {', '.join(owners)}): of "
        f"{found.customers:,} sampled customers {found.differing / found.customers:.0%} would get another value ({fields}), and "
        f"more than {settings.standards_share():.0%} needs somebody's approval. Until then values are chosen as before. "
        f"Look: suki standards list. Approve: suki standards approve survivorship --why ... --actor ..."
    )


def _differs(one: "pd.Series[Any]", other: "pd.Series[Any]") -> "pd.Series[bool]":
    """Which values differ; of a list its texts, in their order."""
    import pandas as pd

    told = [column.map(lambda value: repr(list(value) if isinstance(value, tuple) else value)) for column in (one, other)]
    both = one.map(_absent) & other.map(_absent)
    return pd.Series(told[0].to_numpy() != told[1].to_numpy(), index=one.index) & ~both


def _absent(value: Any) -> bool:
    import pandas as pd

    return value is None or (not isinstance(value, list | tuple) and bool(pd.isna(value)))
