"""The HTTP service of an Airflow connection, and how it knows who asks."""

from typing import TYPE_CHECKING, Any

from include.errors import DeclarationError
from suki.connections import named

if TYPE_CHECKING:
    from include.sources.readers.api_client import Login

_EXTRA = ("token", "token_url", "refresh_token", "headers")


def service(connection_id: str) -> "Login":
    """Where a source's API is, and the login to it.

    Raises:
        DeclarationError: The connection is not there or names no host, or its extra holds what nobody reads.
    """
    from include.sources.readers.api_client import Login

    connection = named(connection_id)
    where = f"connection {connection_id}"
    if not connection.host:
        raise DeclarationError(where, "host", "is missing", ("https://example.zendesk.com",))
    extra: dict[str, Any] = {name: value for name, value in connection.extra_dejson.items() if not name.startswith("__")}
    for name, value in extra.items():
        if name not in _EXTRA:
            raise DeclarationError(where, f"extra.{name}", "is nothing an API is asked with", _EXTRA)
        if not isinstance(value, dict if name == "headers" else str):
            raise DeclarationError(where, f"extra.{name}", "must be a text, or of headers an object of texts")
    host = connection.host if "://" in connection.host else f"{connection.schema or 'https'}://{connection.host}"
    url = f"{host}:{connection.port}" if connection.port else host
    return Login(url, connection_id, user=connection.login or None, password=connection.password or None, **extra)
