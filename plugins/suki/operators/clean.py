"""Clean: every value is kept, repaired, flagged, or emptied with its reason, by the declared standard, and all is recorded."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import cache, partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from include.batch import Batch
from include.errors import GateClosed
from include.sources import Source, fingerprint
from suki import alerts, connections
from suki.approving import held
from suki.declared import source_named
from suki.habits import country_of, habits_of
from suki.lake import Lake
from suki.operators.base import BatchOperator, day_of, doubtful_of, is_judged, total
from suki.replaying import mode_of
from suki.ui.links import CleaningReportLink, DeliveryProfileLink

if TYPE_CHECKING:
    import pandas as pd
    from sqlalchemy import Connection

    from include.quality.figures import Figures


class CleanOperator(BatchOperator):
    """Clean each batch by field and country; no row is dropped here. One operator for every source: what differs is declared.

    Before a chunk is cleaned it is reviewed (masks and counts, never values), after that its changes are counted: both are kept
    with the run and shown under *Extra links*.
    """

    operator_extra_links = (DeliveryProfileLink(), CleaningReportLink())
    ui_color = "#e6f1ee"

    def run(self, context: Any) -> list[dict[str, Any]]:
        """Clean every batch; those of one source as one cleaning, whatever is declared or learned meanwhile."""
        known_of = cache(partial(_known_of, preview=mode_of(context).preview))
        cleaned = (self._clean(batches, known_of(batches[0].source), context) for batches in self.received())
        return [batch.to_xcom() for batches in cleaned for batch in batches]

    def _clean(self, batches: list[Batch], known: "_Known", context: Any) -> list[Batch]:
        from include.cleaning.chunks import ROWS_AT_ONCE, clean_chunks
        from include.cleaning.frames import clean_rows
        from include.cleaning.tally import FieldTally, added
        from include.privacy.regions import region_of
        from include.quality.figures import Figures
        from include.quality.review import Review, stored
        from include.warehouse import cleanings, runs
        from include.workers import of_a_task
        from suki.frames import cleaned_schema

        of, source, lake = batches[0], known.source, Lake(connections.lake_root())
        habits = habits_of(source, source.streams[of.stream], known.learned[of.stream])
        review, tally = Review(of.kind), dict[str, FieldTally]()
        figures = Figures(of.kind, doubtful_of(of.kind), _days(batches))
        orders: dict[str, dict[str, int]] = {}
        done: list[Batch] = []
        for batch in batches:
            with lake.writing(cleaned_schema(of.kind), "cleaned", of.source, of.stream) as writer:
                chunks = _each(lake.reading(batch.uri, ROWS_AT_ONCE), review.add)
                for cleaned, counts, shown in clean_chunks(chunks, partial(clean_rows, kind=of.kind, habits=habits), of_a_task()):
                    cleaned["region"] = region_of(country_of(cleaned, habits), source.default_country)
                    cleaned["cleaning_version"] = known.number
                    writer.write(cleaned)
                    figures.add(cleaned)
                    tally = added(tally, counts)
                    for (scope, what), n in shown.items():
                        seen = orders.setdefault(scope or "", {"day_first": 0, "month_first": 0, "either": 0})
                        seen[what] += n
            done.append(batch.advance("cleaned", writer.uri, writer.rows))
        ran = self.ran(of, context)
        findings = []
        with connections.warehouse("suki_ingest", f"recording what was cleaned of {of.source}.{of.stream}") as warehouse:
            runs.record_step(warehouse, **ran, step="clean", rows_in=total(batches), rows_out=total(done))
            told_before = mode_of(context).from_landing  # what a delivery showed is kept once
            if not (self.again or told_before):  # a handful of unfit rows says nothing of a delivery
                earlier = cleanings.earlier_profiles(warehouse, source=of.source, stream=of.stream, manifest_id=of.manifest_id)
                findings = review.findings(earlier)
            cleanings.record_results(
                warehouse, ran,
                profile=stored(findings, of.manifest_id),
                quality=[{"field": field, "cleaning_version": known.number, **asdict(counts)} for field, counts in tally.items()],
                orders=[] if told_before else [{"scope": scope, **seen} for scope, seen in orders.items()],
            )  # fmt: skip
            odd = [] if self.again or told_before else self._figured(warehouse, ran, figures, batches, context)
        self._tell(of, total(done), tally)
        if odd:
            page = CleaningReportLink().address_of({"dag_id": self.dag_id, "run_id": context["run_id"]})
            alerts.send(f"{of.source}.{of.stream} is unlike earlier days", "\n".join([*odd[:20], f"Page: {page}"]), context)
        if drifted := [found.field for found in findings if found.drifted]:
            self.log.warning(
                "%s.%s: %s differ from earlier deliveries; the task's link 'Delivery profile' shows how.",
                of.source, of.stream, ", ".join(drifted),
            )  # fmt: skip
        return done

    def _figured(
        self, warehouse: "Connection", ran: dict[str, str], figures: "Figures", batches: list[Batch], context: Any
    ) -> list[str]:
        """Keep how good the delivery is by store and field; returns what is unlike earlier days of its weekday."""
        from include.quality.figures import unusual
        from include.warehouse import run_figures

        rows, day = figures.rows(), day_of(batches)
        run_figures.keep(warehouse, ran, day=day, rows=rows)
        if day is None or not is_judged(context):
            return []
        return unusual(rows, run_figures.before(warehouse, source=ran["source"], stream=ran["stream"], day=day))

    def _tell(self, batch: Batch, count: int, tally: "dict[str, Any]") -> None:
        sums = {what: sum(getattr(counts, what) for counts in tally.values()) for what in ("repaired", "emptied", "inferred")}
        said = ", ".join(f"{n:,} {what}" for what, n in sums.items())
        self.log.info("%s.%s: %s rows cleaned; of their values %s", batch.source, batch.stream, f"{count:,}", said)


class _Known(NamedTuple):
    """What is known of a source before its rows.

    Attributes:
        source: Its declaration.
        learned: The date orders learned of its stores, by stream.
        number: The number of the cleaning by both, the standard and the cleaners.
    """

    source: Source
    learned: dict[str, dict[str | None, str]]
    number: int


def _known_of(name: str, *, preview: bool) -> _Known:
    from include.cleaning import standards
    from include.warehouse import cleanings

    source, standard = source_named(name), standards.load()
    with connections.warehouse("suki_ingest", f"looking up the cleaning of {name}") as warehouse:
        learned = {stream: cleanings.learned_orders(warehouse, name, stream) for stream in source.streams}
        declared = f"{fingerprint(source)} {sorted((stream, sorted(map(str, of.items()))) for stream, of in learned.items())}"
        reading: dict[str, Any] = {
            "source": name, "standards_version": standard.version, "standards_owner": standard.owner,
            "cleaners": standards.fingerprint(), "declaration": sha256(declared.encode()).hexdigest(),
        }  # fmt: skip
        if preview:  # what is only looked at needs nobody's approval, and is no cleaning yet
            return _Known(source, learned, 0)
        why_not = held(warehouse, source, learned, reading)
        number = 0 if why_not else cleanings.number_of(warehouse, **reading)
    if why_not:  # raised here: what was measured is committed
        raise GateClosed(why_not)
    return _Known(source, learned, number)


def _each(chunks: "Iterator[pd.DataFrame]", look: "Callable[[pd.DataFrame], None]") -> "Iterator[pd.DataFrame]":
    for chunk in chunks:
        look(chunk)
        yield chunk


def _days(batches: list[Batch]) -> int:
    """Days of the window."""
    return max(1, (max(batch.window.end for batch in batches) - min(batch.window.start for batch in batches)).days)
