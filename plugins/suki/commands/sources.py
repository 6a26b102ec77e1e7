"""Check the sources: each declaration, whether it can be reached, and how its first rows come out, masked.

``suki sources check`` looks at every folder under include/sources, those that are switched off included. Of each stream it reads
the first rows of a day, maps and cleans them in memory, and shows their values as masks; nothing is written anywhere. The exit
code is 1 when a declaration is wrong, or a source that is switched on cannot be read, or sends a field that is neither mapped nor
ignored by name.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from include.errors import DeclarationError, SukiError
from suki.arguments import day, whole_number
from suki.proposing import UNDECIDED

if TYPE_CHECKING:
    import pandas as pd

    from include.batch import Window
    from include.sources import Source, Stream


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to check, and of when."""
    parser.add_argument("what", choices=["check"], metavar="check", help="what to do with the sources")
    parser.add_argument("source", nargs="?", help="one source, by its folder's name; all by default")
    parser.add_argument("--day", type=day, help="the day to read, as 2026-08-03 (default: yesterday, UTC)")
    parser.add_argument("--rows", type=whole_number, default=20, metavar="N", help="rows of each stream to map and clean (20)")


def run(arguments: argparse.Namespace) -> int:
    """Check each source and tell."""
    from include.batch import Window
    from include.sources import broken, declared

    found, wrong = declared(), broken()
    if arguments.source and arguments.source not in {*found, *wrong}:
        known = sorted({*found, *wrong})
        raise DeclarationError("suki sources check", "source", f"there is no folder '{arguments.source}'", known)
    begin = datetime.combine(arguments.day or datetime.now(UTC).date() - timedelta(days=1), time(), UTC)
    window, well = Window(begin, begin + timedelta(days=1)), True
    for name in sorted({*found, *wrong}):
        if arguments.source in (None, name):
            if name in wrong:
                print(f"FAIL  {wrong[name]}")
                well = False
            else:
                well &= _check(found[name], window, arguments.rows)
    return 0 if well else 1


@dataclass(frozen=True)
class _Tried:
    """What came of a stream's first rows: a sentence, a line for each row that could be read, fields nobody decided on."""

    told: str
    rows: Sequence[str] = ()
    unmapped: Sequence[str] = ()


def _check(source: "Source", window: "Window", rows: int) -> bool:
    """Tell of one source; whether nothing is wrong that matters."""
    from airflow.sdk.exceptions import AirflowException

    well = True
    told = {key: getattr(source, key) for key in ("owner", "contact", "steward", "purpose", "channel", "freshness_hours")}
    told |= {"lawful_basis": source.ground, **{f"streams.{name}.volume": each.volume for name, each in source.streams.items()}}
    undecided = [key for key, value in told.items() if value in (None, UNDECIDED)]
    if undecided:
        print(f"todo  {source.name}: still undecided in source.yml: {', '.join(undecided)}")
    for name, stream in source.streams.items():
        place = f"{source.name}.{name}"
        on = source.enabled
        try:
            found = _tried(source, stream, window, rows)
        except (SukiError, AirflowException) as problem:
            well &= not on
            again = ". Trying again may help." if getattr(problem, "retry", False) else ""
            print(f"{'FAIL' if on else 'off '}  {place}: {str(problem).removesuffix('.') if again else problem}{again}")
            continue
        print(f"{'ok  ' if on else 'off '}  {place}: {found.told}")
        for line in found.rows:
            print(f"        {line}")
        if found.unmapped:
            well &= not on
            fields = ", ".join(found.unmapped)
            print(
                f"{'FAIL' if on else 'off '}  {place}: neither mapped nor ignored: {fields}. Map each, or name it under ignore."
            )
    return well


def _tried(source: "Source", stream: "Stream", window: "Window", rows: int) -> _Tried:
    """Read, map and clean a stream's first rows."""
    from suki.operators.base import plain_errors
    from suki.reading import trying

    of = f"{window.start:%Y-%m-%d}"
    read, unread = [], 0
    with trying(source, stream, window) as deliveries:
        for delivery, row in islice(((each, row) for each in deliveries if not each.refused for row in each), rows):
            unread += row.problem is not None
            read.append((delivery, row))
    readable = [(delivery, row) for delivery, row in read if not row.problem]
    if not readable:
        return _Tried(f"{of} holds no row" if not read else f"of {of} none of the first {len(read)} rows can be read")
    with plain_errors():
        cleaned, drift = _cleaned(source, stream, readable)
    told = [f"the first {len(read)} rows of {of} read, mapped and cleaned"]
    told += [f"{unread} cannot be read"] if unread else []
    told += [f"column '{column}' is not in the file" for column in sorted(drift.missing)]
    shown = [f"{n:2}  {_masked(row, stream.kind)}" for n, row in enumerate(cleaned.to_dict("records"), 1)]
    return _Tried("; ".join([*told, *sorted(drift.notes)]), shown, sorted(drift.fields))


def _cleaned(source: "Source", stream: "Stream", rows: list[Any]) -> "tuple[pd.DataFrame, Any]":
    import pandas as pd

    from include.cleaning.frames import clean_rows
    from include.sources import map_rows
    from suki.habits import habits_of
    from suki.landed import landed_row

    landed = pd.DataFrame([landed_row(delivery, row, stream) for delivery, row in rows])
    landed["record_id"] = [str(n) for n in range(len(landed))]  # a real one needs the secret, and nothing is kept
    mapped, drift = map_rows(landed, source, stream)
    return clean_rows(mapped, stream.kind, habits_of(source, stream)).frame, drift


def _masked(row: dict[Any, Any], kind: str) -> str:
    """A row's filled fields as masks: how a value is built, not what it is."""
    from include.customer import FIELDS
    from include.quality.review import mask

    shown = []
    for field in FIELDS[kind]:
        value = row.get(field.name)
        values = list(value) if isinstance(value, list | tuple) else [value]
        masks = [mask(str(each)) for each in values if each is not None and each == each and str(each)]  # noqa: PLR0124 (NaN)
        if masks:
            shown.append(f"{field.name}={' | '.join(masks)}")
    return "  ".join(shown)
