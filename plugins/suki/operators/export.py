"""The steps of an export: files in a store, rows in somebody else's database. What they return is counts."""

from collections.abc import Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowSkipException

from include.errors import DeclarationError
from suki import connections
from suki.operators.base import SukiOperator
from suki.window import window_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.warehouse.export import Order, Sheet, Span

MODES = ("full", "changes")
PURPOSES = ("marketing", "service")


class ExportOperator(SukiOperator):
    """Base of the two: what is exported, and how far the target is in the change feed.

    Args:
        mode: ``full``, or ``changes`` since the target's last export.
        purpose: ``marketing``: contact points of who allowed it; ``service``: all.
        segments: Names of segments as JSON list; empty: all that are declared.
    """

    template_fields: tuple[str, ...] = ("mode", "purpose", "segments")
    ui_color = "#e3ecf7"

    def __init__(self, *, mode: str, purpose: str, segments: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mode, self.purpose, self.segments = mode, purpose, segments

    def order(self, context: Any, target: str) -> "Order":
        """What is asked for."""
        from include.warehouse.export import Order

        for name, given, valid in (("mode", self.mode, MODES), ("purpose", self.purpose, PURPOSES)):
            if given not in valid:
                raise DeclarationError("the run's parameters", name, f"'{given}' is none", valid)
        return Order(target, context["run_id"], self.mode, self.purpose, window_of(context).end)  # type: ignore[arg-type]

    @contextmanager
    def sheets(self, order: "Order") -> "Iterator[tuple[Span, Iterator[Sheet]]]":
        """The sheets, all of one moment; how far it came is kept when whoever writes them is through."""
        from include.warehouse import export, snapshot
        from include.warehouse.segments import load

        chosen = load().chosen(list(self.segments or ()))
        with connections.warehouse("suki_resolve", "exporting") as warehouse:
            export.one_moment(warehouse)
            if snapshot.latest_resolve_id(warehouse) is None:
                self.log.info("Nothing was published yet: there is nobody to export.")
                raise AirflowSkipException("nothing was published yet")
            span = export.span_of(warehouse, order)
            yield span, export.sheets(warehouse, order, span, chosen)

    def told(self, order: "Order", span: "Span", counts: Mapping[str, int]) -> dict[str, Any]:
        """Keep and say how many rows were written; no value of anybody."""
        from include.warehouse import export

        with connections.warehouse("suki_resolve", "keeping what was exported") as warehouse:
            export.keep(warehouse, order, span, counts)
        for name, rows in counts.items():
            self.log.info("%s: %s rows", name, f"{rows:,}")
        return {"target": order.target, "mode": order.mode, "upto_change": span.upto, "rows": dict(counts)}


class ExportFilesOperator(ExportOperator):
    """Write the golden table and the segments as files.

    Args:
        formats: ``parquet``, ``csv``.
    """

    template_fields = (*ExportOperator.template_fields, "formats")

    def __init__(self, *, formats: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.formats = formats

    def run(self, context: Any) -> dict[str, Any]:
        """Write; the same run again writes the same files."""
        from suki.export_files import FORMATS, write

        formats = [one for one in FORMATS if one in (self.formats or FORMATS)]
        if not formats:
            raise DeclarationError("the run's parameters", "formats", "names no known form", FORMATS)
        root = connections.crm_root()
        if root is None:
            self.log.info("Airflow has no connection %s: no files are written (docs/export.md).", connections.CRM)
            raise AirflowSkipException("nowhere to write")
        order, counts = self.order(context, "files"), {}
        with self.sheets(order) as (span, sheets):
            day = f"{order.as_of:%Y-%m-%d}"
            folder = root / day / ("full" if order.mode == "full" else f"changes_{span.after}_{span.upto}")
            for sheet in sheets:
                counts[sheet.name] = write(folder, sheet, formats)
        self.log.info("Written to %s", folder)
        return self.told(order, span, counts)


class ExportValueOperator(SukiOperator):
    """Write what a month brought, and what that is worth: of the last month that is over, ``value/2026-08.csv``."""

    ui_color = "#e3ecf7"

    def run(self, context: Any) -> dict[str, Any]:
        """Write; the same month again replaces its file."""
        from datetime import timedelta

        from include.warehouse import value
        from suki.export_files import write_rows

        root = connections.crm_root()
        if root is None:
            self.log.info("Airflow has no connection %s: no report is written (docs/export.md).", connections.CRM)
            raise AirflowSkipException("nowhere to write")
        end = window_of(context).end
        month = f"{end.replace(day=1) - timedelta(days=1):%Y-%m}"
        with connections.warehouse("suki_resolve", "reckoning a month's value") as warehouse:
            found = value.report(warehouse, month, end)
        lines = [(line.name, line.count, f"{line.unit:.2f}", f"{line.worth:.2f}", found.currency) for line in found.lines]
        write_rows(root / "value" / f"{month}.csv", ("name", "count", "unit", "worth", "currency"), lines)
        self.log.info("%s brought %s %s: %s", month, f"{found.worth:,.2f}", found.currency, root / "value" / f"{month}.csv")
        return {"month": month, "worth": str(found.worth), "currency": found.currency}


class ExportDatabaseOperator(ExportOperator):
    """Write the same into another SQL database.

    Args:
        database: The Airflow connection of that database; empty: nothing is written.
    """

    template_fields = (*ExportOperator.template_fields, "database")

    def __init__(self, *, database: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.database = database

    def run(self, context: Any) -> dict[str, Any]:
        """Write, in one transaction there; the same again changes nothing."""
        from include.warehouse import mirror
        from suki.databases import database

        target = str(self.database or "").strip()
        if not target:
            self.log.info("No database is named: rows go nowhere but to files.")
            raise AirflowSkipException("no database is named")
        order, counts = self.order(context, target), {}
        with self.sheets(order) as (span, sheets), mirror.writing(database(target), target) as there:
            for sheet in sheets:
                counts[sheet.name] = mirror.take_over(there, sheet, order.mode)
        return self.told(order, span, counts)
