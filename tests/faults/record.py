"""What became of every fault: kept as it comes, so that nothing of a run that is stopped is lost, and told as a table."""

import json
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar

_FOLDERS = re.compile(r"/[^ ]+/")
_PROGRESS_EVERY = 10.0

T = TypeVar("T")


@dataclass(frozen=True)
class Found:
    """What became of one fault.

    Attributes:
        group: Its line of the table.
        fault: Which.
        hit: Whether it struck, or came when what it should strike was over.
        refused: Whether it ended in a refusal, and not where it ends without the fault.
        said: The sentences of failures and refusals.
        lost: Rows that are nowhere.
        wrong: What is not as it must be; empty: survived.
    """

    group: str
    fault: str
    hit: bool = True
    refused: bool = False
    said: list[str] = field(default_factory=list)
    lost: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        came = "" if self.hit else " (it came too late to strike)"
        ended = "; ".join(self.wrong) or ("refused" if self.refused else "the same end")
        said = " ".join(_FOLDERS.sub(".../", sentence) for sentence in self.said)
        return f"{self.group}: {self.fault}{came}: {ended}. {said}".rstrip()


class Record:
    """The faults of a run, in a file that has a line for each."""

    def __init__(self, path: Path | None = None, of: str = "", *, go_on: bool = False, each: bool = False) -> None:
        """Begin one, or go on with one.

        Args:
            path: The file; None: nothing is kept.
            of: What the run is of, its code: a record of another is not gone on with.
            go_on: Take over what a run before this one found.
            each: Tell of every fault, and not only of those that are not survived.
        """
        self._path, self._each = path, each
        self._found: dict[tuple[str, str], Found] = {}
        self._to_come, self._began, self._told = 0, time.monotonic(), 0.0
        if path is None:
            return
        if go_on:
            self._found = dict(_kept(path, of))
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(f"{json.dumps({'of': of})}\n" + "".join(map(_line, self._found.values())))

    def still_to_do(self, faults: list[T], name: Callable[[T], tuple[str, str]]) -> list[T]:
        """Those of the faults that were not survived yet.

        Args:
            faults: What is to be done.
            name: Group and name of each.
        """
        left = [fault for fault in faults if (of := name(fault)) not in self._found or self._found[of].wrong]
        self._to_come += len(left)
        return left

    def add(self, found: Found) -> None:
        """Keep it, and tell of it where it is not survived; else, now and then, how far the run is."""
        self._found[found.group, found.fault] = found
        self._to_come -= 1
        if self._path is not None:
            with self._path.open("a") as file:
                file.write(_line(found))
        elapsed = time.monotonic() - self._began
        if found.wrong or self._each:
            print(f"  {found}", flush=True)
        elif elapsed - self._told > _PROGRESS_EVERY:
            self._told = elapsed
            done = f"{len(self._found):4} done, {self._to_come} to come"
            print(f"{elapsed:6.0f} s  {done}: {found.group}: {found.fault}", flush=True)

    @property
    def survived(self) -> bool:
        """Whether nothing is wrong."""
        return not any(found.wrong for found in self._found.values())

    def table(self) -> Iterator[str]:
        """A line a group."""
        groups: dict[str, list[Found]] = defaultdict(list)
        for found in self._found.values():
            groups[found.group].append(found)
        columns = ("faults", "struck", "told", "same end", "refused", "rows lost", "failed")
        yield f"  {'':38}" + "".join(f"{name:>11}" for name in columns)
        for group, of in [*groups.items(), ("all", list(self._found.values()))]:
            numbers = (
                len(of), sum(found.hit for found in of), sum(bool(found.said) for found in of),
                sum(not found.wrong and not found.refused for found in of),
                sum(not found.wrong and found.refused for found in of),
                sum(found.lost for found in of), sum(bool(found.wrong) for found in of),
            )  # fmt: skip
            yield f"  {group:38}" + "".join(f"{number:11,}" for number in numbers)


def _line(found: Found) -> str:
    return f"{json.dumps(asdict(found), ensure_ascii=False)}\n"


def _kept(path: Path, of: str) -> Iterator[tuple[tuple[str, str], Found]]:
    """What stands in a file; a line that a stopped run did not write to its end is none."""
    if not path.exists():
        return
    lines = [line for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]
    if not lines or json.loads(lines[0]) != {"of": of}:
        print(f"{path} is of other code than lies here now, so nothing of it is taken over.")
        return
    for line in lines[1:]:
        found = Found(**json.loads(line))
        yield (found.group, found.fault), found
