"""Replay: rows of the quarantine begin their way again, from what landed."""

from typing import TYPE_CHECKING, Any

from include.batch import Batch, Window
from include.errors import DeclarationError
from include.sources import Source, Stream, discover
from suki import connections
from suki.landed import landed_again
from suki.operators.base import SukiOperator

if TYPE_CHECKING:
    import pandas as pd
    from sqlalchemy import Connection


class SelectQuarantinedOperator(SukiOperator):
    """Fetch the landed originals of quarantined rows, for the steps of an ingest to take again by today's rules.

    Which rows is what the run is asked for: those a steward released, or all that wait, of all sources or of one, with any reason
    or one. A row whose key could not be found is looked at again: the declaration of the key may be what was mended.
    """

    ui_color = "#f6e7e1"

    def run(self, context: Any) -> list[list[dict[str, Any]]]:
        """Batches by stream, one of each landing."""
        from include.warehouse import quarantine

        which = _asked(context.get("params") or {})
        with connections.warehouse("suki_ingest", "choosing rows of the quarantine") as warehouse:
            wanted = quarantine.to_replay(warehouse, which)
            streams = [
                self._stream(warehouse, str(source), str(stream), rows, context)
                for (source, stream), rows in wanted.groupby(["source", "stream"], sort=True)
            ]
        found = [batches for batches in streams if batches]
        if not found:
            self.log.info("No row of the quarantine is to be run again.")
        return [[batch.to_xcom() for batch in batches] for batches in found]

    def _stream(self, warehouse: "Connection", name: str, stream_name: str, wanted: "pd.DataFrame", context: Any) -> list[Batch]:
        from include.warehouse import runs

        source = discover().get(name)
        if source is None or stream_name not in source.streams:
            self.log.warning("%s rows of %s.%s stay: it is not declared any more.", f"{len(wanted):,}", name, stream_name)
            return []
        landings = [rows for _, rows in wanted.groupby("manifest_id", sort=False)]
        batches = [self._landing(warehouse, source, source.streams[stream_name], rows) for rows in landings]
        rows = sum(batch.rows for batch in batches)
        runs.record_step(
            warehouse, dag_id=self.dag_id, run_id=context["run_id"], step="select", source=name, stream=stream_name,
            rows_in=rows, rows_out=rows,
        )  # fmt: skip
        self.log.info("%s.%s: %s rows of %s landings run again", name, stream_name, f"{rows:,}", len(batches))
        return batches

    def _landing(self, warehouse: "Connection", source: Source, stream: Stream, wanted: "pd.DataFrame") -> Batch:
        of = {str(name): value for name, value in wanted.iloc[0].items()}
        places = set(zip(wanted["file"], wanted["position"], strict=True))
        uri, rows = landed_again(
            warehouse, source, stream, of,
            lambda chunk: [place in places for place in zip(chunk["file"], chunk["position"], strict=True)],
        )  # fmt: skip
        window = Window(of["window_start"], of["window_end"])
        return Batch(source.name, stream.name, of["kind"], window, "landed", uri, rows, of["manifest_id"])


def _asked(params: dict[str, Any]) -> Any:
    """The rows that a run's parameters mean."""
    from include.warehouse.quarantine import OPEN, Which

    sources = discover()
    name, stream = params.get("source"), params.get("stream")
    if name and name not in sources:
        raise DeclarationError("run parameters", "source", "is none", sources)
    if stream and name and stream not in sources[name].streams:
        raise DeclarationError("run parameters", "stream", f"is none of {name}", sources[name].streams)
    return Which(source=name, stream=stream, reason=params.get("reason"), states=OPEN if params.get("all") else ("released",))
