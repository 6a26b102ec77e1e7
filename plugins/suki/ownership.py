"""Whose an interaction is: a source names the customer by its own key, the warehouse by the opaque record id."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from include.sources import Source, Stream
from suki import connections

if TYPE_CHECKING:
    import pandas as pd

    from include.privacy.tokens import Tokens


def record_ids(
    tokens: "Tokens", source: Source, stream: str, keys: Sequence[str | None], days: Sequence[date]
) -> list[str | None]:
    """Ids of records by their keys, each in the numbering that was the source's on the day of its delivery."""
    if not source.restarts:
        return tokens.record_ids(source.name, source.epoch, stream, keys)
    epochs = [source.epoch_on(day) for day in days]
    found: list[str | None] = [None] * len(keys)
    for epoch in set(epochs):
        places = [n for n, of in enumerate(epochs) if of == epoch]
        for n, record_id in zip(places, tokens.record_ids(source.name, epoch, stream, [keys[n] for n in places]), strict=True):
            found[n] = record_id
    return found


def customer_record_ids(interactions: "pd.DataFrame", source: Source, stream: Stream) -> list[str | None]:
    """Record id of each interaction's customer; None for a guest, and throughout if the stream names no customers.

    Args:
        interactions: Mapped or cleaned rows, with ``customer_key`` and ``delivered_on``.
        source: Whose rows they are.
        stream: Which of its streams.
    """
    keys = list(interactions["customer_key"])
    if stream.customer_stream is None:
        return [None] * len(keys)
    return record_ids(connections.tokens(), source, stream.customer_stream, keys, list(interactions["delivered_on"]))
