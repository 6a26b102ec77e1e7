"""Every expectation notices the fault it is there for, and nothing else does."""

from pathlib import Path

import pytest

from include.quality import Gate, check_additions, load_suite, suite_names
from include.quality.declared import Expectation
from include.quality.suite import Suite
from tests.unit.quality.corruptions import CORRUPTIONS, Corruption, declared
from tests.unit.quality.factory import clean

SOURCES = Path(__file__).parents[3] / "include" / "sources"
ADDITIONS = sorted(SOURCES.glob("*/expectations/*.yml"))


def added(path: Path) -> list[Expectation]:
    """What a source asks beyond the shared suite."""
    shared = {e.id for e in load_suite(path.stem).expectations}
    return [e for e in load_suite(path.stem, path.parent).expectations if e.id not in shared]


FAULTS: dict[str, dict[str, Corruption]] = CORRUPTIONS | {
    f"{path.parents[1].name}/{path.stem}": {e.id: declared(e.broken_by) for e in added(path) if e.broken_by} for path in ADDITIONS
}
"""By suite, or by source/suite for what a source adds, then by expectation id."""


def judged(suite: Suite, frame, facts, history=None):
    gate = Gate(suite, facts=facts, history=history)
    gate.split(frame)
    return gate.close()


def failures(suite: Suite, frame, facts, history=None) -> set[str]:
    return {result.expectation for result in judged(suite, frame, facts, history).results if not result.success}


def usual(suite: Suite, frame, facts) -> dict[str, list[float]]:
    """Four earlier days on which a sound batch came."""
    return {measure: [figure] * 4 for measure, figure in judged(suite, frame, facts).figures.items()}


def suite_and_clean(key: str, expectation: str | None = None):
    source, _, name = key.rpartition("/")
    additions = SOURCES / source / "expectations" if source else None
    suite = load_suite(name, additions)
    rows = 1_500
    for asked in (e for e in suite.expectations if e.id == expectation):
        rows = max([rows, *(suite.measures[name].least_rows for name in asked.columns if name in suite.measures)])
        if asked.streams:
            suite = load_suite(name, additions, stream=asked.streams[0])
    return suite, *clean(name, source or "store_pos", rows)


@pytest.mark.parametrize("key", FAULTS)
def test_a_clean_batch_passes_every_expectation(key):
    suite, frame, facts = suite_and_clean(key)
    assert failures(suite, frame, facts, usual(suite, frame, facts)) == set()


@pytest.mark.parametrize(
    ("key", "expectation", "corruption"),
    [pytest.param(key, name, fault, id=f"{key}-{name}") for key, faults in FAULTS.items() for name, fault in faults.items()],
)
def test_a_fault_fails_exactly_its_expectation(key: str, expectation: str, corruption: Corruption):
    suite, frame, facts = suite_and_clean(key, expectation)
    asked = next(e for e in suite.expectations if e.id == expectation)
    history = usual(suite, frame, facts) if asked.learned else None
    changed = corruption.apply(frame, facts)
    assert failures(suite, frame if changed is None else changed, facts, history) == {expectation, *corruption.also}


@pytest.mark.parametrize("name", suite_names())
def test_no_expectation_of_a_shared_suite_lacks_its_fault(name):
    assert {e.id for e in load_suite(name).expectations} == set(CORRUPTIONS[name])


@pytest.mark.parametrize("path", ADDITIONS, ids=lambda path: f"{path.parents[1].name}/{path.stem}")
def test_no_addition_of_a_source_lacks_its_fault(path):
    unproven = [e.id for e in added(path) if e.broken_by is None]
    assert not unproven, f"say in {path.name}, under broken_by, what breaks {', '.join(unproven)}"


@pytest.mark.parametrize("name", suite_names())
def test_every_stage_asks_at_least_eight_things_at_both_levels(name):
    own = [e for e in load_suite(name).expectations if e.id not in ("columns_present", "quarantine_limit")]
    assert len(own) >= 8
    assert {e.level for e in own} == {"row", "batch"}


@pytest.mark.parametrize("folder", sorted({path.parent for path in ADDITIONS}), ids=lambda folder: folder.parent.name)
def test_every_file_beside_a_source_is_read_by_a_gate(folder):
    check_additions(folder)


def test_every_source_adds_something():
    assert {path.parents[1].name for path in ADDITIONS} >= {"online_sales", "store_pos", "social", "support"}
