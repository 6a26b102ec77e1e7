"""A suite says what must hold at one stage; this module reads it from YAML and refuses what it does not understand.

Loading needs no Great Expectations, so a wrong key is told in milliseconds. What only Great Expectations can know - whether a
``type`` accepts its ``kwargs`` - is told by the gate, before it judges a row.
"""

from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from include.declarations import checked, read_yaml
from include.errors import DeclarationError
from include.quality.bounds import LEARNED_TYPE
from include.quality.declared import (
    BUILT_IN_MEASURES,
    Additions,
    Expectation,
    Part,
    Suite,
)
from include.quality.frames import FRAMES, TEXTS
from include.quality.verdict import DECLARED_VOLUME

SUITES_DIR = Path(__file__).parent / "suites"
_Model = TypeVar("_Model", bound=Part)
ONE_ROW_A_LINE = "one_row_a_line"
"""What a replay of several readings of a table or an API cannot hold to: each numbers its rows anew."""

COLUMNS_PRESENT = Expectation(
    id="columns_present",
    type="expect_column_values_to_be_between",
    kwargs={"column": "missing_columns", "max_value": 0},
    level="batch",
    reason="A frame that lacks a column comes from another version of the step before, and every rule on that column would pass",
)
"""Holds at every gate."""


def quarantine_limit(share: float) -> Expectation:
    """The limit as an expectation, so that it is judged, stored and shown like the others."""
    return Expectation(
        id="quarantine_limit",
        type="expect_column_values_to_be_between",
        kwargs={"column": "quarantined_share", "max_value": share},
        level="batch",
        reason="So many unfit rows point at the delivery or the step before, not at single customers",
    )


def of_rows(suite: Suite) -> Suite:
    """What must hold of each row, without what must hold of a delivery: for rows judged apart from theirs. It closes no gate."""
    alone = (rule.model_copy(update={"mostly": None}) for rule in suite.expectations if rule.level == "row")
    return suite.model_copy(update={"expectations": tuple(alone)})


def of_readings(suite: Suite) -> Suite:
    """The suite for several readings of a table or an API judged together."""
    alone = (rule for rule in suite.expectations if rule.id != ONE_ROW_A_LINE)
    return suite.model_copy(update={"expectations": tuple(alone)})


def within_volume(suite: Suite, least: int, most: int | None) -> Suite:
    """The suite with what a source's owner declared of how many rows come, judged like any other demand."""
    bounds = f"{least:,} rows or more" if most is None else f"{least:,} to {most:,} rows"
    declared = Expectation(
        id=DECLARED_VOLUME,
        type=LEARNED_TYPE,
        kwargs={"column": "rows", "min_value": least, **({"max_value": most} if most is not None else {})},
        level="batch",
        owner=suite.owner,
        reason=f"The source's declaration says that such a window brings {bounds}: this is half an export, or one sent twice",
    )
    return suite.model_copy(update={"expectations": (*suite.expectations, declared)})


def suite_names() -> list[str]:
    """Names of the shared suites."""
    return sorted(path.stem for path in SUITES_DIR.glob("*.yml"))


def load_suite(name: str, additions_dir: Path | None = None, *, stream: str | None = None) -> Suite:
    """Read a suite and what a source adds to it.

    Args:
        name: The stage's suite, e.g. ``cleaned_customers``.
        additions_dir: The source's ``expectations`` folder; ``<name>.yml`` in it is merged if there is one.
        stream: The batch's stream: expectations meant for other streams are left out. None keeps all.

    Raises:
        DeclarationError: A file, key or value is wrong; the message names it and what would be valid.
    """
    if name not in suite_names():
        raise DeclarationError("include/quality/suites", name, "there is no such suite", suite_names())
    path = SUITES_DIR / f"{name}.yml"
    suite = _read(path, Suite)
    if suite.suite != name:
        raise DeclarationError(_shown(path), "suite", "must be the file's own name", [name])
    _check(suite, path)
    addition = additions_dir / f"{name}.yml" if additions_dir else None
    if addition is not None and addition.exists():
        suite = _merge(suite, _read(addition, Additions), addition)
        _check(suite, addition)
    everything = (COLUMNS_PRESENT, *suite.expectations, quarantine_limit(suite.max_quarantined_share))
    kept = tuple(
        e if e.owner else e.model_copy(update={"owner": suite.owner})
        for e in everything
        if stream is None or not e.streams or stream in e.streams
    )
    return suite.model_copy(update={"expectations": kept})


def check_additions(additions_dir: Path) -> None:
    """Load every file of a source's ``expectations`` folder: a misnamed one would never be read, and nobody would know."""
    for path in sorted(additions_dir.glob("*")):
        if path.suffix != ".yml" or path.stem not in suite_names():
            raise DeclarationError(_shown(path), "(file name)", "no gate reads this file", [f"{n}.yml" for n in suite_names()])
        load_suite(path.stem, additions_dir)


@cache
def reference_set(name: str) -> tuple[str, ...]:
    """A set of ``sets.yml``."""
    sets: dict[str, list[str]] = read_yaml(SUITES_DIR.parent / "sets.yml", "include/quality/sets.yml")
    if name not in sets:
        raise DeclarationError("include/quality/sets.yml", str(name), "there is no such set", sets)
    return tuple(sets[name])


def _merge(suite: Suite, more: Additions, path: Path) -> Suite:
    if more.suite != suite.suite:
        raise DeclarationError(_shown(path), "suite", "must be the file's own name", [suite.suite])
    for section in ("facts", "derived", "measures"):
        for key in sorted(set(getattr(suite, section)) & set(getattr(more, section))):
            raise DeclarationError(_shown(path), f"{section}.{key}", "the shared suite already has it; choose another name")
    taken = {e.id for e in suite.expectations}
    for expectation in more.expectations:
        if expectation.id in taken:
            key = f"expectations.{expectation.id}"
            raise DeclarationError(_shown(path), key, "the shared suite already has it; choose another id")
    limit = suite.max_quarantined_share if more.max_quarantined_share is None else more.max_quarantined_share
    return suite.model_copy(
        update={
            "facts": {**suite.facts, **more.facts},
            "derived": {**suite.derived, **more.derived},
            "measures": {**suite.measures, **more.measures},
            "expectations": (*suite.expectations, *more.expectations),
            "max_quarantined_share": limit,
        }
    )


def _check(suite: Suite, path: Path) -> None:
    """Every name a suite uses must be one it has."""
    file, columns = _shown(path), FRAMES[suite.suite]
    for name, derived in suite.derived.items():
        _known(file, f"derived.{name}", derived.columns, columns)
        if name in columns:
            raise DeclarationError(file, f"derived.{name}", "the frame already has a column of that name")
    every_column = (*columns, *suite.derived)
    every_measure = (*BUILT_IN_MEASURES, *suite.measures)
    for name, measure in suite.measures.items():
        _known(file, f"measures.{name}", measure.columns, every_column)
        _known(file, f"measures.{name}", measure.facts, suite.facts)
        _known(file, f"measures.{name}", measure.measures, every_measure[: every_measure.index(name)])
        if name in BUILT_IN_MEASURES:
            raise DeclarationError(file, f"measures.{name}", "every batch already has it; choose another name")
    seen: set[str] = {COLUMNS_PRESENT.id, "quarantine_limit"}
    for expectation in suite.expectations:
        key = f"expectations.{expectation.id}"
        if expectation.id in seen:
            raise DeclarationError(file, key, "the id is used twice (or is one that every gate has)")
        seen.add(expectation.id)
        _known(file, f"{key}.kwargs", expectation.columns, every_column if expectation.level == "row" else every_measure)
        _known(file, f"{key}.kwargs", expectation.facts, suite.facts)
        if expectation.broken_by:
            _known(file, f"{key}.broken_by", tuple(expectation.broken_by.values), columns)
        _check_forms(file, key, expectation)


def _check_forms(file: str, key: str, expectation: Expectation) -> None:
    if not expectation.columns:
        raise DeclarationError(file, f"{key}.kwargs", "names no column", ("column", "column_A and column_B", "column_list"))
    if "mostly" in expectation.kwargs:
        raise DeclarationError(file, f"{key}.kwargs.mostly", "chunks are judged one by one, so write mostly beside kwargs")
    if expectation.level == "batch" and (expectation.mostly or expectation.where):
        raise DeclarationError(file, key, "mostly and where speak of rows; the level is batch")
    if expectation.learned and (
        expectation.level != "batch" or expectation.type != LEARNED_TYPE or set(expectation.kwargs) != {"column"}
    ):
        raise DeclarationError(
            file,
            f"{key}.learned",
            f"bounds are learned for level: batch, type: {LEARNED_TYPE}, and kwargs that name only a column",
        )
    if TEXTS & set(expectation.columns) and (len(expectation.columns) > 1 or "be_null" in expectation.type):
        raise DeclarationError(
            file, f"{key}.kwargs", "a column of texts is judged text by text, so it stands alone; use derived: filled or length"
        )


def _known(file: str, key: str, used: tuple[str, ...], valid: Any) -> None:
    for name in used:
        if name not in valid:
            raise DeclarationError(file, key, f"there is no {name!r}", valid)


def _read(path: Path, model: type[_Model]) -> _Model:
    return checked(model, read_yaml(path, _shown(path)), _shown(path))


def _shown(path: Path) -> str:
    """Path as the reader of the repository knows it."""
    parts = path.parts
    return "/".join(parts[len(parts) - 1 - parts[::-1].index("include") :]) if "include" in parts else path.name
