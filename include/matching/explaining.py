"""A score in words: every comparison's level and weight, adding up to what was stored.

What is told of a pair follows from its evidence alone, so a stored edge is explained without its records. Comparisons, levels,
rule names and numbers only: nothing here holds a customer's value.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from include.matching.spec import ModelSpec, Veto
from include.matching.wording import meaning

Evidence = str | Mapping[str, Sequence[Any]]
"""``{line: [level, weight]}`` as ``score`` stores it, or its JSON."""

_FREQUENCY = " frequency"
_OTHERS = ("household", "namesake")
_ONE_HOLDER = {"held by 1 to 1 persons": "held by one person"}


@dataclass(frozen=True)
class Part:
    """One addend of a weight.

    Attributes:
        comparison: As declared; ``prior``, ``household`` and ``namesake`` are no comparisons and are told apart by their names.
        kind: ``prior``, ``level``, ``frequency`` (of the value a comparison agrees on) or ``explained_by``.
        level: The level of a ladder; of a frequency how many persons hold the value.
        weight: log2 odds, to four decimals.
        says: The level in plain words.
    """

    comparison: str
    kind: str
    level: str
    weight: float
    says: str


@dataclass(frozen=True)
class Weighed:
    """What speaks for and against two records being one person.

    Attributes:
        weight: log2 odds, as stored; ``parts`` add up to it.
        band: ``match``, ``review`` or ``distinct``.
        parts: The prior, the comparisons with the loudest first, and what others explain as well.
        silent: Comparisons that say nothing: a side has no value, or another comparison speaks for them.
        vetoes: Declared contradictions that keep the pair from matching, whatever its weight.
        shares: The chance of each thing the pair can be: ``match``, ``household``, ``namesake``, ``distinct``; together 1.
    """

    weight: float
    band: str
    parts: tuple[Part, ...]
    silent: tuple[str, ...]
    vetoes: tuple[str, ...]
    shares: dict[str, float]


def weighed(evidence: Evidence, weight: float, spec: ModelSpec, *, reliable: bool) -> Weighed:
    """A pair's evidence explained.

    Args:
        evidence: The edge's.
        weight: The edge's.
        spec: The declared model.
        reliable: ``Weights.reliable`` of the model that weighed it, which some vetoes ask for.
    """
    said = _read(evidence)
    levels = {name: str(said[name][0]) for name in spec.comparisons if name in said}
    vetoes = tuple(veto.veto for veto in spec.vetoes if _contradicts(veto, levels, reliable=reliable))
    lines = _parts(said, spec)
    exact = adding_up([part.weight for part in lines], weight, decimals=4)
    parts = tuple(
        Part(part.comparison, part.kind, part.level, float(to), part.says) for part, to in zip(lines, exact, strict=True)
    )
    silent = tuple(name for name in spec.comparisons if name not in said)
    return Weighed(weight, band(weight, spec, vetoed=bool(vetoes)), parts, silent, vetoes, _shares(said, weight))


def band(weight: float, spec: ModelSpec, *, vetoed: bool) -> str:
    """Which band a weight falls into; a contradiction keeps it out of the match band."""
    if weight < spec.thresholds.review:
        return "distinct"
    return "match" if weight >= spec.thresholds.match and not vetoed else "review"


def adding_up(parts: Sequence[float], total: float, decimals: int = 2) -> list[Decimal]:
    """The parts rounded so that they add up to the rounded total: whoever adds them up gets what stands below the line.

    What rounding each by itself leaves over is given, one unit each, to the parts that it moves the least from what they are.

    Raises:
        ValueError: The parts do not add up to the total, by more than rounding explains.
    """
    whole = [Decimal(repr(float(part))).scaleb(decimals) for part in parts]
    units = [int(part.to_integral_value()) for part in whole]
    left = int(Decimal(repr(float(total))).scaleb(decimals).to_integral_value()) - sum(units)
    if abs(left) > len(parts):
        raise ValueError("the parts of this weight do not add up to it")
    step = 1 if left > 0 else -1
    # Of those equally near the largest: a hundredth more is least seen where much is.
    nearest = sorted(range(len(parts)), key=lambda i: (abs(units[i] + step - whole[i]), -abs(whole[i]), i))
    for i in nearest[: abs(left)]:
        units[i] += step
    return [Decimal(unit).scaleb(-decimals) for unit in units]


def loudest(pair: Weighed, most: int = 3) -> list[str]:
    """The comparisons that speak most for a pair, the loudest first, as ``email exact``."""
    levels = {part.comparison: part.level for part in pair.parts if part.kind == "level"}
    spoken = {name: sum(part.weight for part in pair.parts if part.comparison == name) for name in levels}
    ranked = sorted((name for name in levels if spoken[name] > 0), key=lambda name: (-spoken[name], name))
    return [f"{name} {levels[name]}" for name in ranked[:most]]


def explain(evidence: Evidence) -> list[str]:
    """Lines of an edge's evidence, the prior first, then what speaks loudest; the last line is the sum."""
    said = _read(evidence)
    prior = [(name, *entry) for name, entry in said.items() if name == "prior"]
    rest = sorted(((name, *entry) for name, entry in said.items() if name != "prior"), key=lambda line: (-abs(line[2]), line[0]))
    lines = [
        f"{name}: {level} ({weight:+.1f})" for name, level, weight in [*prior, *rest] if name == "prior" or abs(weight) >= 0.05
    ]
    return [*lines, f"together {total(said):+.1f}"]


def total(evidence: Evidence) -> float:
    """The sum of an edge's evidence: its weight, log2 odds."""
    return float(sum(weight for _, weight in _read(evidence).values()))


def _read(evidence: Evidence) -> Mapping[str, Sequence[Any]]:
    said: Mapping[str, Sequence[Any]] = json.loads(evidence) if isinstance(evidence, str) else evidence
    return said


def _parts(said: Mapping[str, Sequence[Any]], spec: ModelSpec) -> list[Part]:
    parts = [Part("prior", "prior", "", said["prior"][1], "any two records")] if "prior" in said else []
    compared = []
    for name in spec.comparisons:
        if name not in said:
            continue
        level, weight = said[name]
        pair = [Part(name, "level", level, weight, meaning(spec.comparisons[name].compare, level))]
        if name + _FREQUENCY in said:
            held, more = said[name + _FREQUENCY]
            pair.append(Part(name, "frequency", held, more, _ONE_HOLDER.get(held, held)))
        compared.append(pair)
    compared.sort(key=lambda pair: (-abs(sum(part.weight for part in pair)), pair[0].comparison))
    parts += [part for pair in compared for part in pair]
    explained = {"household": "less: two of one home may agree so", "namesake": "less: two of one name may agree so"}
    parts += [Part(name, "explained_by", "", said[name][1], explained[name]) for name in _OTHERS if name in said]
    return parts


def _contradicts(veto: Veto, levels: Mapping[str, str], *, reliable: bool) -> bool:
    if veto.if_reliable and not reliable:
        return False
    there = all(levels.get(name) in on for name, on in veto.when.items())
    return there and not any(levels.get(name) in on for name, on in veto.unless.items())


def _shares(said: Mapping[str, Sequence[Any]], weight: float) -> dict[str, float]:
    """Chances of the four classes out of the evidence.

    The line of a class is -log2(1 + its odds against the strangers before it), so its odds can be read back.
    """
    odds = {"distinct": 1.0}
    for name in _OTHERS:
        line = float(said[name][1]) if name in said else 0.0
        odds[name] = sum(odds.values()) * max(math.expm1(-line * math.log(2)), 0.0)
    others = sum(odds.values())
    of_match = 1.0 / (1.0 + 2.0**-weight)
    shares = {name: (1.0 - of_match) * part / others for name, part in odds.items()}
    return {"match": of_match, **{name: shares[name] for name in ("household", "namesake", "distinct")}}
