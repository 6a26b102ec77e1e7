"""Errors of the warehouse, typed by recovery; none carries a value out of a row."""

from include.errors import SourceUnavailable, SukiError


class WarehouseUnavailable(SourceUnavailable):
    """The database cannot be reached, is busy or gave up waiting: the same again later may well succeed."""

    cause = "the warehouse"


class WarehouseRefused(SukiError):
    """The database refused a statement: a missing grant, a broken constraint, a bug. Retrying does not help."""


class DoesNotAddUp(SukiError):
    """Rows went missing or appeared: what came in is not what went out."""
