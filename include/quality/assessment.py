"""The pages of a run's cleaning: what was delivered, and what became of it. Plain HTML from stored counts and masks.

Built from rows of ``ops.field_profile``, ``ops.field_quality`` and ``ops.cleaning``, never from a batch, so no customer's value
can be in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from include.customer import FIELDS
from include.quality.figures import DIMENSIONS, by_store
from include.quality.report import templates
from include.quality.review import OTHER

Row = Mapping[str, Any]

_ORDER = {field.name: n for n, field in enumerate(field for fields in FIELDS.values() for field in fields)}


@dataclass(frozen=True)
class FieldQuality:
    """One field before and after cleaning.

    Attributes:
        row: Its counts, a row of ``ops.field_quality``.
    """

    row: Row

    @property
    def name(self) -> str:
        """The field."""
        return str(self.row["field"])

    @property
    def held(self) -> int:
        """Rows that hold a value after cleaning."""
        return int(sum(self.row[what] for what in ("kept", "repaired", "flagged", "derived", "inferred")))

    @property
    def complete_before(self) -> float | None:
        """Share of rows in which something was delivered."""
        return _share(self.row["delivered"], self.row["rows"])

    @property
    def complete_after(self) -> float | None:
        """Share of rows that hold a value."""
        return _share(self.held, self.row["rows"])

    @property
    def valid_before(self) -> float | None:
        """Share of what was delivered that could stand as it came."""
        return _share(self.row["kept"], self.row["delivered"])

    @property
    def valid_after(self) -> float | None:
        """Share of what is held that nothing makes doubtful."""
        return _share(self.held - self.row["doubtful"], self.held)

    @property
    def adds_up(self) -> bool:
        """Whether every delivered value is accounted for: nothing is lost."""
        return bool(self.row["delivered"] == sum(self.row[what] for what in ("kept", "repaired", "flagged", "emptied")))


@dataclass(frozen=True)
class StreamQuality:
    """One stream's fields; those nobody delivered and nothing filled are only named."""

    source: str
    stream: str
    fields: tuple[FieldQuality, ...]
    empty: tuple[str, ...]


def cleaning_page(dag_id: str, run_id: str, quality: Sequence[Row], cleanings: Sequence[Row], figures: Sequence[Row] = ()) -> str:
    """HTML of the before and after of a run, and how good its deliveries were by store."""
    streams = []
    for (source, stream), rows in groupby(_sorted(quality), key=_of):
        fields = [FieldQuality(row) for row in rows]
        shown = tuple(field for field in fields if field.row["delivered"] or field.held)
        streams.append(StreamQuality(source, stream, shown, tuple(field.name for field in fields if field not in shown)))
    return templates().get_template("cleaning.html").render(
        dag_id=dag_id, run_id=run_id, streams=streams, cleanings=cleanings, percent=_percent, dimensions=DIMENSIONS,
        stores={of: by_store(list(rows)) for of, rows in groupby(sorted(figures, key=_of), key=_of)},
        unbalanced=[field.name for stream in streams for field in stream.fields if not field.adds_up],
    )  # fmt: skip


def profile_page(dag_id: str, run_id: str, profile: Sequence[Row]) -> str:
    """HTML of what a run's deliveries looked like."""
    streams = [(of, list(rows)) for of, rows in groupby(_sorted(profile), key=_of)]
    drifted = [f"{source}.{stream} {row['field']}" for (source, stream), rows in streams for row in rows if row["drifted"]]
    compared = any(row["compared_runs"] for row in profile)
    return templates().get_template("profile.html").render(
        dag_id=dag_id, run_id=run_id, streams=streams, drifted=drifted, compared=compared,
        percent=_percent, share=_share, shapes=_shapes,
    )  # fmt: skip


def _shapes(row: Row) -> list[tuple[str, str]]:
    """The commonest shapes of a field's values with their share; the rare ones last."""
    total = sum(row["patterns"].values())
    ranked = sorted(row["patterns"].items(), key=lambda found: (found[0] == OTHER, -found[1], found[0]))
    shown = [(shape, n) for shape, n in ranked if shape != OTHER][:5]
    rest = total - sum(n for _, n in shown)
    named = [(shape, _percent(_share(n, total))) for shape, n in shown]
    return [*named, ("", _percent(_share(rest, total)))] if rest else named


def _sorted(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (*_of(row), _ORDER.get(row["field"], len(_ORDER))))


def _of(row: Row) -> tuple[str, str]:
    return row["source"], row["stream"]


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _percent(share: float | None) -> str:
    """A share for people; what is small and not nought stays visible."""
    if share is None:
        return ""
    if 0 < share < 0.001:
        return "< 0.1 %"
    if 0.999 < share < 1:
        return "> 99.9 %"
    return f"{share:.1%}".replace("%", " %")
