"""Learn: what the stores' dates have shown of their order is frozen as a habit."""

from typing import Any

from suki import connections
from suki.operators.base import SukiOperator


class LearnHabitsOperator(SukiOperator):
    """Freeze the order of day and month of stores that declare none, where enough of their dates agree.

    A promotion, so it happens only when somebody asks for it: from then on ambiguous dates of those stores are read by it.
    """

    ui_color = "#efe6f5"

    def run(self, context: Any) -> dict[str, Any]:
        """Learn from all runs so far; returns what is news, by ``source.stream.store``."""
        from include.cleaning.orders import learn
        from include.sources import discover
        from include.warehouse import cleanings

        news: dict[str, Any] = {}
        sources = discover()
        with connections.warehouse("suki_ingest", "learning habits") as warehouse:
            for row in cleanings.order_evidence(warehouse).to_dict("records"):
                source, stream, scope = (str(row.pop(name)) for name in ("source", "stream", "scope"))
                name = ".".join(filter(None, (source, stream, scope)))
                if source not in sources or stream not in sources[source].streams:
                    continue  # what it showed once says nothing of a source that is gone
                declared = sources[source].streams[stream]
                found = learn({str(what): int(n) for what, n in row.items()})
                if found is None or declared.date_order or scope in declared.scopes:
                    continue
                if cleanings.keep_order(
                    warehouse, source=source, stream=stream, scope=scope, order=found.order, evidence=found.evidence
                ):
                    news[name] = {"order": found.order, "evidence": dict(found.evidence)}
        for name, habit in news.items():
            self.log.info("%s writes dates as %s, as %s show.", name, habit["order"], habit["evidence"])
        if not news:
            self.log.info("Nothing new to learn: every store that shows an order declares it, or has shown it before.")
        return news
