"""A few kinds of broken files of every group; `make faults` feeds all of them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.broken_files import Outcome, Sound, feed, sound
from tests.faults.kinds import Kind, kinds
from tests.faults.targets import TARGETS, deliver
from tests.integration.flow.conftest import migrated
from tests.integration.flow.world import World

pytestmark = pytest.mark.integration

_SOME = {
    "csv: a formula in every text of a row": "taken", "gz: half of it": "refused", "xlsx: a bomb of entities": None,
    "parquet: text that is no UTF-8": None, "jsonl: a folder of its name": "refused",
}  # fmt: skip


def test_a_kind_has_a_name_of_its_own_and_there_are_hundreds() -> None:
    names = [str(kind) for kind in kinds()]
    assert len(set(names)) == len(names) > 200
    assert set(_SOME) <= set(names)


@pytest.fixture(scope="module")
def delivered(_warm: None, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return deliver(tmp_path_factory.mktemp("faults"))


@pytest.fixture(scope="module")
def known(
    delivered: tuple[Path, Path],
    fresh_database: Callable[..., str],
    warehouse_template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], Sound]:
    """What the sound file of a target gives, by its name."""
    found: dict[str, Sound] = {}

    def of(name: str) -> Sound:
        if name not in found:
            folder = tmp_path_factory.mktemp("sound")
            world = World(migrated(fresh_database(warehouse_template)), folder / "exports", folder / "lake")
            found[name] = sound(TARGETS[name], world, *delivered)
        return found[name]

    return of


@pytest.mark.parametrize("name", _SOME)
def test_a_broken_file_is_taken_row_by_row_or_refused_in_a_sentence_and_no_row_is_lost(
    name: str, delivered: tuple[Path, Path], known: Callable[[str], Sound], world: World
) -> None:
    kind: Kind = next(kind for kind in kinds() if str(kind) == name)
    world.exports.rmdir()
    found: Outcome = feed(kind, world, *delivered, known(kind.target), seed=1)
    assert found.wrong == [], found.said
    assert found.lost == 0
    assert _SOME[name] in (None, found.ended)
