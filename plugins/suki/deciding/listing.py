"""Whose decisions are listed: one record's, or those of all records of a customer."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from include.warehouse import examining, snapshot
from suki.explaining.asked import Named
from suki.explaining.finding import Finder

if TYPE_CHECKING:
    from sqlalchemy import Connection


def records_of(connection: "Connection", named: Named) -> list[str]:
    """The records that were meant; a record may be deleted by now, its decisions stay.

    Raises:
        NotFound: There is no such record or customer.
    """
    if named.source is None and (customer := snapshot.resolve(connection, named.ids[0])):
        return examining.members(connection, [customer])[customer]
    now = datetime.now(UTC)
    if found := examining.records(connection, named.ids, now):
        return sorted(found)
    Finder(connection, now).customer_id(named)  # nobody of that id: it says so
    return []
