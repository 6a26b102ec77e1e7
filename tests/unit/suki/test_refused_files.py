"""A file that may not be read is told as that, by name and without what is in it, and is tried again."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from airflow.sdk import ObjectStoragePath

from include.errors import SourceUnavailable
from include.sources import FileDelivery
from suki.connections import EXPORTS
from suki.storage import plain_storage_errors
from tests.unit.sources.factory import source_of

_NOBODY = 65534


@contextmanager
def unprivileged() -> Iterator[None]:
    """The superuser may read everything; whoever is none already stays who they are."""
    own = os.geteuid()
    if own == 0:
        os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(own)


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("id,name\n1,Ana\n")
    file.chmod(0)
    stream = source_of(tmp_path).streams["people"]
    path = ObjectStoragePath(f"file://{file}")
    delivery = FileDelivery("kiosk/people.csv", date(2026, 8, 3), "changes", None, stream, path)
    told = r"kiosk/people.csv may not be read by the account the workers run under"
    with pytest.raises(SourceUnavailable, match=told) as said, plain_storage_errors(EXPORTS, path), unprivileged():
        list(delivery)
    assert said.value.retry
