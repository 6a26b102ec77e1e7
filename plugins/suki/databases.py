"""The database of an Airflow connection, as SQLAlchemy names it."""

from typing import TYPE_CHECKING

from include.errors import DeclarationError
from suki.connections import named

if TYPE_CHECKING:
    from sqlalchemy import Engine

_DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "sqlite": "sqlite",
    "mysql": "mysql+pymysql",
    "mssql": "mssql+pymssql",
    "oracle": "oracle+oracledb",
}
"""By a connection's type; ``drivername`` in its extra names any other that is installed."""


def database(connection_id: str) -> "Engine":
    """The engine of a source's database; nothing is opened yet.

    Raises:
        DeclarationError: The connection is not there, or names no database that SQLAlchemy knows.
        SourceUnavailable: The file of a SQLite database is not there.
    """
    from sqlalchemy import URL

    from include.sources.readers import sql

    connection = named(connection_id)
    extra = {
        name: value for name, value in connection.extra_dejson.items() if isinstance(value, str) and not name.startswith("__")
    }
    driver = extra.pop("drivername", None) or _DRIVERS.get(connection.conn_type or "")
    if driver is None:
        problem = f"is '{connection.conn_type}'; name the SQLAlchemy driver as drivername in the extra"
        raise DeclarationError(f"connection {connection_id}", "conn_type", problem, _DRIVERS)
    if driver.startswith("sqlite"):
        return sql.engine(URL.create(driver, database=connection.host or connection.schema), connection_id)
    url = URL.create(
        driver, connection.login or None, connection.password or None, connection.host or None, connection.port or None,
        connection.schema or None, extra,
    )  # fmt: skip
    return sql.engine(url, connection_id)
