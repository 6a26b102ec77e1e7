"""Finding what was asked about: a living record, or the customer who answers to an id; whatever is not there is a sentence."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from include.warehouse import examining, snapshot
from suki.explaining.asked import Named, NotFound

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from include.warehouse.engine import Bind


def answering(bind: "Bind", published_id: str) -> str:
    """Who answers to a customer id now, whenever it was published.

    Raises:
        NotFound: Nobody does.
    """
    customer = snapshot.resolve(bind, published_id)
    if customer is None:
        known = snapshot.was_published(bind, published_id)
        raise NotFound(f"Nobody answers to {published_id} any more." if known else never_published(bind, published_id))
    return customer


def never_published(bind: "Bind", asked: str) -> str:
    """What to say of an id that is no customer's: often it is a record's."""
    holder = examining.customers_of(bind, [asked]).get(asked)
    of = f": it is a record's, of customer {holder}" if holder else ""
    return f"{asked} was never published as a customer id{of}."


class Finder:
    """Looks things up in the warehouse as a steward may.

    Args:
        connection: As ``suki_steward``.
        published_at: When the last run published; a record that was heard of since is ``changed``.
    """

    def __init__(self, connection: "Connection", published_at: datetime) -> None:
        self.connection = connection
        self.published_at = published_at

    def living(self, named: Named) -> Mapping[str, Any]:
        """One record that its source has not deleted, resolved or not.

        Raises:
            NotFound: There is none, or more than one of that key.
        """
        found = examining.records(self.connection, named.ids, self.published_at)
        if not found:
            raise NotFound(self._unknown(named))
        if len(found) > 1:
            raise NotFound(
                f"{named.source} has {len(found)} records of that key, one in each of its streams. Give one by its id: "
                + ", ".join(f"{record_id} ({row['stream']})" for record_id, row in found.items())
            )
        (row,) = found.values()
        if row["deleted"]:
            raise NotFound(f"{_of(named, row)} was deleted by its source; who is gone is nobody's record.")
        return row

    def resolved(self, named: Named) -> Mapping[str, Any]:
        """One living record that is some customer's.

        Raises:
            NotFound: There is none, or the last run did not see it.
        """
        row = self.living(named)
        if row["customer_id"] is None:
            raise NotFound(f"{_of(named, row)} is not resolved yet: it came after the last run of resolve_customers.")
        return row

    def customer_id(self, named: Named) -> str:
        """Who answers to a customer id now, or holds a record.

        Raises:
            NotFound: Nobody does.
        """
        if named.source is None:
            current = snapshot.resolve(self.connection, named.ids[0])
            if current is not None:
                return current
            if snapshot.was_published(self.connection, named.ids[0]):
                raise NotFound(f"Nobody answers to the customer id {named.ids[0]} any more.")
        return str(self.resolved(named)["customer_id"])

    def _unknown(self, named: Named) -> str:
        if named.source is not None:
            return f"{named.source} has no customer of that key."
        if snapshot.was_published(self.connection, named.ids[0]):
            return (
                f"{named.ids[0]} is a customer, not a record. Give two records, or one customer alone;"
                f" suki resolve {named.ids[0]} --records lists a customer's records."
            )
        return f"There is no record and no customer of the id {named.ids[0]}."


def _of(named: Named, row: Mapping[str, Any]) -> str:
    return f"The {row['source']} record {row['record_id']}" if named.source else f"Record {row['record_id']}"
