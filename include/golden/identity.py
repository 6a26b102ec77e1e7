"""Give every cluster its customer id, so that an id once published never comes to mean somebody else.

An id is u(r): the UUIDv5 of a record's token, minted for the earliest record of a cluster. From then on it is sticky.
What holds after every run, whatever was merged, split, deleted or late:

- a live record has one customer id, and a customer id has one cluster;
- u(r) resolves to whoever holds r now, for every id ever published whose record r is live;
- a partition that did not change keeps every id, and the same runs in the same order give the same ids.

Pure: no clock, no randomness, no database.
"""

import uuid
from dataclasses import dataclass

import pandas as pd

from include.errors import Conflict

NAMESPACE = uuid.UUID("1394969b-782f-543c-9436-d44e699a1cc3")
"""Of all customer ids. Changing it would mint other ids for the same records: never change it."""


def customer_id(record_id: str) -> str:
    """u(r): the customer id that is minted for a cluster whose earliest record is ``record_id``."""
    return str(uuid.uuid5(NAMESPACE, str(record_id)))


@dataclass(frozen=True)
class Assignment:
    """What a run makes of the customer ids.

    Attributes:
        memberships: ``record_id, customer_id``: every record given, sorted by record id.
        minted: ``customer_id, anchor_record_id``: ids that are new, to be appended to the ledger.
        aliases: ``customer_id, became``: every published id that is not current and the current customer it stands for now.
            This is the whole table, chains already followed, not the difference.
        gone: Published ids nobody stands for: neither their anchor record nor anyone who bore them last is live. A reader answers
            'gone'. They come back if their anchor record does.
        counts: ``customers, minted, revived, merged, split, retired``. Merged: ids current before that now resolve to another;
            split: customers before whose records are now in more than one; retired: current before, gone now.
    """

    memberships: pd.DataFrame
    minted: pd.DataFrame
    aliases: pd.DataFrame
    gone: tuple[str, ...]
    counts: dict[str, int]

    def resolve(self, published: str) -> str | None:
        """The current customer a published id stands for now; None if gone or never published."""
        if bool((self.memberships["customer_id"] == published).any()):
            return published
        became = self.aliases.loc[self.aliases["customer_id"] == published, "became"]
        return None if became.empty else str(became.iloc[0])


def assign(
    clusters: pd.DataFrame, previous: pd.DataFrame, ledger: pd.DataFrame, aliases: pd.DataFrame | None = None
) -> Assignment:
    """Customer ids for a partition of the live records.

    Every published id has at most one claim. It claims the cluster that holds its anchor record; a current id whose anchor
    record is no longer live claims the cluster of the earliest record that bore it last. Of the ids that claim a cluster the
    current come before the retired, and the older before the younger; the first becomes the cluster's id. A cluster nobody
    claims mints the id of its earliest record.

    Args:
        clusters: ``record_id, cluster, first_source_time``: the live records, any cluster label, and the source time of each
            record's first version, so that an update does not make a record younger.
        previous: ``record_id, customer_id``: the memberships that hold until now, records no longer live included.
        ledger: ``customer_id, anchor_record_id`` of every id ever published, oldest first; with a column ``minted_at`` it is
            sorted by that and the id.
        aliases: ``customer_id, became`` as the last run left them. Only ids whose anchor record is not live need them.

    Raises:
        ValueError: A record stands in two clusters or bears two ids.
        Conflict: A membership names an id the ledger lacks: the two were not read in one transaction.
    """
    live = _live(clusters)
    before = _text(previous, ["record_id", "customer_id"])
    if bool(before["record_id"].duplicated().any()):
        raise ValueError(f"{int(before['record_id'].duplicated().sum())} records bear two customer ids at once")
    ids = _ranked(ledger)
    if not bool(before["customer_id"].isin(ids.index).all()):
        raise Conflict("memberships name customer ids the ledger lacks: read both in one transaction and run again")

    ids["current"] = ids.index.isin(before["customer_id"])
    ids["holder"] = ids["anchor_record_id"].map(live["cluster"]).astype("Int64")
    ids["claims"] = ids["holder"].fillna(_heirs(before, live, ids))
    claims = ids.dropna(subset="claims").sort_values(["current", "rank"], ascending=[False, True], kind="stable")
    won = claims[~claims["claims"].duplicated()]

    anchors = live[~live["cluster"].duplicated()]  # live records stand earliest first
    unclaimed = anchors[~anchors["cluster"].isin(won["claims"])]
    minted = pd.DataFrame({"customer_id": [customer_id(r) for r in unclaimed.index], "anchor_record_id": unclaimed.index})
    id_of = pd.Series([*won.index, *minted["customer_id"]], index=[*won["claims"], *unclaimed["cluster"]], dtype=object)
    if bool(id_of.duplicated().any()):
        raise AssertionError("two clusters claim one customer id")

    memberships = live["cluster"].map(id_of).rename("customer_id").sort_index().reset_index()
    became = _became(ids, id_of, aliases)
    counts = {
        "customers": len(id_of),
        "minted": len(minted),
        "revived": int((~won["current"]).sum()),
        "merged": int((ids["current"] & became.notna()).sum()),
        "split": _split(before, live),
        "retired": int((ids["current"] & became.isna() & ~ids.index.isin(id_of)).sum()),
    }
    known = became.dropna().sort_index()
    gone = became.index[became.isna() & ~became.index.isin(id_of)]
    return Assignment(
        memberships=memberships,
        minted=minted.sort_values("customer_id", ignore_index=True),
        aliases=pd.DataFrame({"customer_id": known.index, "became": known.to_numpy()}),
        gone=tuple(sorted(gone)),
        counts=counts,
    )


def _text(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Ids as text, whatever a driver made of them."""
    return pd.DataFrame({name: frame[name].map(str).astype(object) for name in columns}).reset_index(drop=True)


def _live(clusters: pd.DataFrame) -> pd.DataFrame:
    """Live records, earliest first, with dense cluster numbers, indexed by record id."""
    live = _text(clusters, ["record_id"])
    live["cluster"] = pd.Series(pd.factorize(clusters["cluster"].to_numpy())[0], dtype="int64")
    live["time"] = pd.to_datetime(clusters["first_source_time"], utc=True).to_numpy()
    if bool(live["record_id"].duplicated().any()):
        raise ValueError(f"{int(live['record_id'].duplicated().sum())} records stand in two clusters at once")
    return live.sort_values(["time", "record_id"], na_position="last").set_index("record_id")[["cluster"]]


def _ranked(ledger: pd.DataFrame) -> pd.DataFrame:
    """The ledger indexed by customer id, with each id's rank: lower is older."""
    ids = _text(ledger, ["customer_id", "anchor_record_id"])
    if "minted_at" in ledger:
        ids["minted_at"] = pd.to_datetime(ledger["minted_at"], utc=True).to_numpy()
        ids = ids.sort_values(["minted_at", "customer_id"], ignore_index=True).drop(columns="minted_at")
    ids["rank"] = range(len(ids))
    return ids.set_index("customer_id")


def _heirs(before: pd.DataFrame, live: pd.DataFrame, ids: pd.DataFrame) -> "pd.Series[int]":
    """The cluster of the earliest live record that bore each current id."""
    bore = before.assign(order=before["record_id"].map(pd.Series(range(len(live)), index=live.index)))
    bore = bore.dropna(subset="order").sort_values("order")
    first = bore[~bore["customer_id"].duplicated()].set_index("customer_id")["record_id"]
    return first.map(live["cluster"]).reindex(ids.index).astype("Int64")


def _became(ids: pd.DataFrame, id_of: "pd.Series[str]", aliases: pd.DataFrame | None) -> "pd.Series[str]":
    """For every published id that is not current now, the current id it stands for; missing where it is gone or current."""
    became = ids["claims"].map(id_of).astype(object)
    if aliases is not None and len(aliases):
        known = _text(aliases, ["customer_id", "became"]).set_index("customer_id")["became"]
        became = became.fillna(known.reindex(ids.index).map(became))  # what it became then was current: one step is enough
    return became.where(~ids.index.isin(id_of), None)


def _split(before: pd.DataFrame, live: pd.DataFrame) -> int:
    """Customers before whose live records stand in more than one cluster now."""
    parts = before.assign(cluster=before["record_id"].map(live["cluster"])).dropna(subset="cluster")
    pieces = parts[["customer_id", "cluster"]].drop_duplicates()
    return int((pieces["customer_id"].value_counts() > 1).sum())
