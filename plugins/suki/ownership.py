"""Whose an interaction is: a source names the customer by its own key, the warehouse by the opaque record id."""

from typing import TYPE_CHECKING

from include.sources import Source, Stream
from suki import connections

if TYPE_CHECKING:
    import pandas as pd


def customer_record_ids(interactions: "pd.DataFrame", source: Source, stream: Stream) -> list[str | None]:
    """Record id of each interaction's customer; None for a guest, and throughout if the stream names no customers.

    Args:
        interactions: Mapped or cleaned rows, with ``customer_key``.
        source: Whose rows they are.
        stream: Which of its streams.
    """
    keys = list(interactions["customer_key"])
    if stream.customer_stream is None:
        return [None] * len(keys)
    return connections.tokens().record_ids(source.name, source.epoch, stream.customer_stream, keys)
