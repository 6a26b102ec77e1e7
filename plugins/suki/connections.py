"""The four connections Suki asks Airflow for, one it uses where it is there, and nothing else it could ask.

=================== ============================================================================
``suki_exports``    where sources deliver their files: ``{"path": "/data/exports"}`` or a URL
``suki_lake``       where Suki keeps row data between steps: the same form
``suki_warehouse``  a PostgreSQL URL; each step takes its own role with ``SET ROLE``
``suki_record_key`` the secret of record tokens: the password; ``login`` is the key's id
``suki_crm``        where ``export_crm`` writes files, if anywhere: as ``suki_exports``
=================== ============================================================================

A path may be any URL Airflow's ``ObjectStoragePath`` knows (``s3://bucket/prefix``); then the connection holds its credentials as
well, and every worker on every machine reads and writes the same store.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from airflow.sdk import Connection, ObjectStoragePath
from airflow.sdk.exceptions import AirflowNotFoundException
from airflow.sdk.io import has_fs

from include.errors import DeclarationError
from include.privacy.tokens import Tokens
from suki.storage import require

if TYPE_CHECKING:
    from sqlalchemy import Connection as SqlConnection

EXPORTS, LAKE, WAREHOUSE, RECORD_KEY = "suki_exports", "suki_lake", "suki_warehouse", "suki_record_key"
CRM = "suki_crm"
"""Where ``export_crm`` writes files; the only one that need not be there."""
_VALID_KEY = ("32 random bytes as 64 hex digits",)


def exports_root() -> ObjectStoragePath:
    """Where sources deliver.

    Raises:
        DeclarationError: The connection names no place, or a store that refuses it.
        SourceUnavailable: The store cannot be reached.
    """
    root = _folder(EXPORTS)
    require(EXPORTS, root)
    return root


def lake_root() -> ObjectStoragePath:
    """Where row data lies between steps."""
    return _folder(LAKE)


def crm_root() -> ObjectStoragePath | None:
    """Where exports for other systems go; None where nobody wants any."""
    try:
        Connection.get(CRM)
    except AirflowNotFoundException:
        return None
    root = _folder(CRM)
    if root.protocol != "file":
        require(CRM, root)
    return root


@contextmanager
def warehouse(role: str, doing: str) -> "Iterator[SqlConnection]":
    """One transaction in the warehouse, as one role; its errors come out as sentences without values.

    Args:
        role: E.g. ``suki_ingest``.
        doing: What is being done, for an error's sentence.
    """
    from include.warehouse.engine import connect, transaction

    with transaction(connect(warehouse_url(), role=role), doing) as connection:
        yield connection


def warehouse_url() -> str:
    """The warehouse's URL, its password included."""
    url: str = named(WAREHOUSE).get_uri()
    if not url.startswith(("postgres://", "postgresql://")):
        kind = url.partition("://")[0]
        raise DeclarationError(
            f"connection {WAREHOUSE}",
            "conn_type",
            f"is '{kind}', and the warehouse is a PostgreSQL",
            ("postgresql://user:...@host/db",),
        )
    return url


def tokens() -> Tokens:
    """The maker of opaque record ids."""
    secret = named(RECORD_KEY)
    if not secret.password:
        raise DeclarationError(f"connection {RECORD_KEY}", "password", "is empty", _VALID_KEY)
    try:
        key = bytes.fromhex(secret.password)
    except ValueError:
        raise DeclarationError(f"connection {RECORD_KEY}", "password", "is no hex number", _VALID_KEY) from None
    return Tokens(key, secret.login or "1")


def named(connection_id: str) -> Connection:
    """A connection of Airflow.

    Raises:
        DeclarationError: It is not there.
    """
    try:
        found: Connection = Connection.get(connection_id)
    except AirflowNotFoundException:
        raise DeclarationError(
            f"connection {connection_id}",
            "(whole connection)",
            "is not there, or its JSON is not well-formed",
            (f"AIRFLOW_CONN_{connection_id.upper()} in the environment, Airflow's secrets backend, or the UI",),
        ) from None
    return found


def _folder(connection_id: str) -> ObjectStoragePath:
    connection = named(connection_id)
    extra: dict[str, Any] = connection.extra_dejson
    path = extra.get("path")
    if not path:
        raise DeclarationError(
            f"connection {connection_id}",
            "extra.path",
            "is missing",
            ('{"path": "/data/exports"}', '{"path": "s3://bucket/exports"}'),
        )
    scheme, remote, _ = path.partition("://")
    if not remote:
        return ObjectStoragePath(f"file://{path}")
    if not has_fs(scheme):
        raise DeclarationError(
            f"connection {connection_id}",
            "extra.path",
            f"Airflow knows no store for {scheme}://; is the provider package installed?",
            ("/data/exports", "s3://bucket/exports"),
        )
    return ObjectStoragePath(path, conn_id=connection_id)
