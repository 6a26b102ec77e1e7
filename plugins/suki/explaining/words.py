"""A story as lines of text: aligned columns, short words, ids and numbers, and nobody's values."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from include.matching import ModelSpec
from include.matching.cohesion import Tie
from include.matching.explaining import Part, Weighed, adding_up
from include.matching.nearness import Meeting, Nearness
from include.matching.wording import PARTS
from suki.explaining.stories import CustomerStory, Decision, PairStory, Place, Rift, Step

_INDENT = "  "
_SEEN = 0.0005
"""The least chance that is told: less would read as 0.0 %."""
_DECIDED = {"must_link": "are one person", "cannot_link": "are two people"}


def pair_lines(story: PairStory, spec: ModelSpec) -> Iterator[str]:
    """A pair: the verdict, why, and the sum."""
    yield from table([(place.record_id, place.stream) for place in story.records])
    yield ""
    yield from _verdict(story, spec)
    yield from _customers(story, spec)
    yield ""
    if (told := story.weighed) is not None:
        yield from sum_lines(told, spec)
        yield ""
        if told.silent:
            yield f"Not compared, for a side has no value or another comparison speaks for it: {', '.join(told.silent)}."
            yield ""
        yield _chances(told.shares)
        yield ""
    yield _provenance(story)


def customer_lines(story: CustomerStory, spec: ModelSpec) -> Iterator[str]:
    """A customer: its records, what holds them together, where it would break, what was kept apart."""
    number = {place.record_id: str(i) for i, place in enumerate(story.records, start=1)}
    head = f"Customer {story.customer_id}: {many(len(story.records), 'record')}."
    yield f"{head} You asked about {story.asked}." if story.asked else head
    yield ""
    yield from table([(number[place.record_id], place.record_id, place.stream) for place in story.records])
    if story.cohesion is None:
        yield ""
        yield "A single record: there is nothing to hang together."
    else:
        yield from _together(story, number, spec)
    for told in story.decisions:
        yield ""
        yield _decision(told, number)
    yield ""
    yield from _rifts(story, number, spec)
    if story.reviews:
        wait = "waits" if story.reviews == 1 else "wait"
        yield ""
        yield f"{many(story.reviews, 'pair')} with other customers, between review and match, {wait} for a steward."
    yield ""
    gone = f"{many(story.deleted, 'record')} deleted since the last run: left out. " if story.deleted else ""
    yield (
        gone
        + _changed(story.records)
        + f"Weighed by model {story.model_version[:12]}, on the records as they stand now."
        + _since(declared=story.declared_since)
    )


# --- a pair -----------------------------------------------------------------------------------------------------------------


def _verdict(story: PairStory, spec: ModelSpec) -> Iterator[str]:
    if story.decision:
        yield _decision(story.decision, {})
    told, limits = story.weighed, spec.thresholds
    if story.rule is None or told is None:
        yield from _never_compared(story)
        return
    weight, contradict = _signed(told.weight), " and ".join(told.vetoes)
    if told.band == "match":
        yield f"They match: {weight}, and pairs match from {limits.match:g}."
    elif contradict and told.weight >= limits.match:
        yield f"They do not match, in spite of {weight}: they contradict each other ({contradict})."
    elif told.band == "review":
        yield f"They may be one person: {weight} lies between review ({limits.review:g}) and match ({limits.match:g})."
    else:
        yield f"They do not match: {weight}, and pairs below {limits.review:g} are held to be two people."
    if contradict and told.weight < limits.match:
        yield f"They contradict each other as well ({contradict})."
    yield f"They were compared by the rule '{story.rule}'."


def _never_compared(story: PairStory) -> Iterator[str]:
    near: Nearness | None = story.nearness
    if near is None:
        return
    if near.regions:
        yield f"They were never compared: records of {near.regions[0]} and {near.regions[1]} may not be (regions.yml)."
        return
    yield "They were never compared: they share no key of any blocking rule that few enough records hold."
    for side in near.keyless:
        yield f"Record {sorted(place.record_id for place in story.records)[side]} has nothing to be found by."
    if near.nearest:
        yield "Nearest came:"
        yield from table([(f"'{meeting.rule}'", _missed(meeting)) for meeting in near.nearest])


def _missed(meeting: Meeting) -> str:
    same = _and(PARTS[part] for part in meeting.same)
    if meeting.holders is not None:
        return f"same {same}, but {meeting.holders:,} records hold it and the rule stops at {meeting.cap:,}"
    if meeting.other:
        return f"same {same}; other {_and(PARTS[part] for part in meeting.other)}"
    return f"same {same}; no {_and(PARTS[part] for part in meeting.missing)} on one side"


def _customers(story: PairStory, spec: ModelSpec) -> Iterator[str]:
    a, b = story.records
    if a.customer_id == b.customer_id:
        if not story.chain:
            yield f"They are one customer, {a.customer_id}."
            return
        yield f"They are one customer, {a.customer_id}, {_how_one(story.chain, spec)}:"
        yield from _chain(story, a.record_id)
    elif story.rift:
        yield f"Yet they are two customers, {a.customer_id} and {b.customer_id}:"
        for reason in _why_apart(story.rift, {}, spec):
            yield _INDENT + reason
    else:
        yield f"They are two customers, {a.customer_id} and {b.customer_id}."


def _how_one(chain: Sequence[Step], spec: ModelSpec) -> str:
    if len(chain) > 1:
        return "through others"
    if chain[0].tie.decided == "must_link":
        return "by a steward's decision"
    return f"for the pairs of their whole group count for more than {spec.clustering.merge_above:g} on average"


def _chain(story: PairStory, start: str) -> Iterator[str]:
    here = start
    yield f"{_INDENT}{here}  {story.streams[here]}"
    for step in story.chain:
        yield f"{_INDENT * 2}{_tie(step.tie):>9}  {_because(step)}"
        (here,) = set(step.tie.records) - {here}
        yield f"{_INDENT}{here}  {story.streams[here]}"


def sum_lines(told: Weighed, spec: ModelSpec) -> Iterator[str]:
    """The addends of a weight to two decimals, rounded so that they add up to what stands below the line."""
    rounded = adding_up([part.weight for part in told.parts], told.weight)
    rows = [(*_named(part), _signed(weight)) for part, weight in zip(told.parts, rounded, strict=True)]
    ends = f"match from {spec.thresholds.match:g}, review from {spec.thresholds.review:g}"
    yield from table([*rows, ("together", "", ends, _signed(told.weight))], right=3, rule=True)


def _named(part: Part) -> tuple[str, str, str]:
    if part.kind == "level":
        return part.comparison, part.level, part.says
    if part.kind == "frequency":
        return "", "frequency", part.says
    return part.comparison, "", part.says


def _chances(shares: dict[str, float]) -> str:
    kinds = (
        ("match", "one person"), ("household", "two people of one home"), ("namesake", "two strangers of one name"),
        ("distinct", "any two strangers"),
    )  # fmt: skip
    return f"Chances: {', '.join(f'{name} {_percent(shares[kind])}' for kind, name in kinds if shares[kind] >= _SEEN)}."


def _percent(share: float) -> str:
    return "over 99.9 %" if share > 1 - _SEEN else f"{100 * share:.1f} %"


def _provenance(story: PairStory) -> str:
    by = f"by model {story.model_version[:12]}"
    if story.stored:
        told = f"As stored by the last run, weighed {by}."
    elif story.weighed is None:
        told = "So nothing is weighed here either."
    elif story.rule is None:
        told = f"What they would weigh: computed now {by}, on the records as they stand now."
    elif story.weighed.band == "distinct":
        told = f"Not stored, for it lies below review: weighed now {by}, on the records as they stand now."
    else:
        told = f"Not stored, for the last run did not see them so: weighed now {by}, on the records as they stand now."
    return _changed(story.records) + told + _since(declared=story.declared_since)


# --- a customer -------------------------------------------------------------------------------------------------------------


def _together(story: CustomerStory, number: dict[str, str], spec: ModelSpec) -> Iterator[str]:
    held = story.cohesion
    if held is None:
        return
    yield ""
    pairs = (
        f"Its {held.pairs:,} pairs count for {_signed(held.mean)} on average"
        if held.pairs > 1
        else f"Its pair counts for {_signed(held.mean)}"
    )
    yield f"{pairs}; groups join above {spec.clustering.merge_above:g}."
    yield ""
    yield "Held together by, the strongest first:"
    yield from table([(_numbers(step.tie, number), _tie(step.tie), _because(step)) for step in story.because], right=1)
    if held.pairs > 1:
        side = _and(sorted((number[record] for record in held.side), key=int))
        between = len(held.side) * (len(story.records) - len(held.side))
        yield ""
        yield (
            f"Weakest link: {_numbers(held.weakest, number)}. It holds {side} to the rest; "
            + (f"the {between:,} pairs" if between > 1 else "the one pair")
            + f" between the two sides count{'' if between > 1 else 's'} for {_signed(held.across)} on average."
        )
    if held.contradictions:
        yield ""
        yield "One customer in spite of:"
        inside = [(" – ".join(number[record] for record in both), veto) for both, veto in story.contradictions]
        decided = [
            (_numbers(tie, number), "a steward's cannot link") for tie in held.contradictions if tie.decided == "cannot_link"
        ]
        yield from table([*inside, *decided])


def _rifts(story: CustomerStory, number: dict[str, str], spec: ModelSpec) -> Iterator[str]:
    if not story.rifts:
        yield "Nothing that would match was kept apart from it."
        return
    yield "Kept apart from:"
    for rift in story.rifts:
        best = rift.apart.best
        who = f"customer {rift.customer_id}, {many(len(rift.records), 'record')}"
        yield f"{_INDENT}{who}: at best {_numbers(best, number)}, {_tie(best)}"
        for reason in _why_apart(rift, number, spec):
            yield _INDENT * 2 + reason


def _why_apart(rift: Rift, number: dict[str, str], spec: ModelSpec) -> Iterator[str]:
    for both in rift.apart.decided:
        yield f"a steward decided that {_two(both, number)} are two people"
    by_veto: dict[str, list[tuple[str, str]]] = {}
    for both, veto in rift.reasons:
        by_veto.setdefault(veto, []).append(both)
    for veto, pairs in by_veto.items():
        more = f" and {many(len(pairs) - 1, 'pair')} more" if len(pairs) > 1 else ""
        yield f"{veto}: {_two(pairs[0], number)}{more}"
    if rift.apart.mean <= spec.clustering.merge_above:
        mean = f"between all their records the pairs count for {_signed(rift.apart.mean)} on average"
        yield f"{mean}; groups join above {spec.clustering.merge_above:g}"
    if not rift.apart.decided and not rift.reasons and rift.apart.mean > spec.clustering.merge_above:
        yield (
            "neither a contradiction nor the average parts them as they stand now: their records changed since the last run, or"
            " clustering cut a large group of linked records at its weakest links"
        )


# --- words of both ----------------------------------------------------------------------------------------------------------


def _decision(told: Decision, number: dict[str, str]) -> str:
    who = f"{_two(told.records, number)} {_DECIDED[told.decision]}" if number else f"they {_DECIDED[told.decision]}"
    later = "" if told.heeded else " The next run heeds it."
    return f"On {told.day} a steward decided that {who} (decision {told.decision_id}).{later}"


def _tie(tie: Tie) -> str:
    return "must link" if tie.decided == "must_link" else _signed(tie.weight)


def _signed(weight: float | Decimal) -> str:
    """To two decimals; by the decimal number, for in binary +0.355 is a little less than that and would be rounded down."""
    return f"{Decimal(str(weight)):+.2f}"


def _because(step: Step) -> str:
    told = ", ".join(step.because) or "nothing speaks for it by itself"
    return f"a steward decided it; {told}" if step.tie.decided == "must_link" else told


def _numbers(tie: Tie, number: dict[str, str]) -> str:
    return _two(tie.records, number)


def _two(both: tuple[str, str], number: dict[str, str]) -> str:
    """Two records, by their numbers on this screen where they have one; these first."""
    told = sorted((number.get(record, record) for record in both), key=lambda name: (len(name), name))
    return " – ".join(told)


def _changed(places: Sequence[Place]) -> str:
    n = sum(place.changed for place in places)
    return f"{many(n, 'record')} changed since the last run. " if n else ""


def _since(*, declared: bool) -> str:
    return (
        " Since that model was trained model.yml was changed; its rules and thresholds are told as they stand now."
        if declared
        else ""
    )


def many(n: int, what: str) -> str:
    """So many of something."""
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"


def _and(words: Iterable[str]) -> str:
    *most, last = list(words)
    return f"{', '.join(most)} and {last}" if most else last


def table(rows: Sequence[Sequence[str]], right: int | None = None, *, rule: bool = False) -> Iterator[str]:
    """Rows in aligned columns, one of them to the right; ``rule`` draws a line above the last row."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for i, row in enumerate(rows):
        cells = [
            cell.rjust(width) if place == right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        if rule and i == len(rows) - 1:
            yield _INDENT + "-" * (sum(widths) + 2 * (len(widths) - 1))
        yield (_INDENT + "  ".join(cells)).rstrip()
