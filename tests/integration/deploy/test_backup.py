"""A warehouse comes back from its dump on a server that has never seen it, by the commands of docs/deployment.md."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import make_url

from include.warehouse.engine import migrate
from include.warehouse.publish import publish, table_hash
from local.postgres import program
from tests.integration.deploy.conftest import Deployment
from tests.integration.deploy.deployment import ROOT
from tests.integration.warehouse.conftest import Warehouse, said
from tests.integration.warehouse.publications import publication

pytestmark = pytest.mark.integration

PAGE = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")


def documented(heading: str) -> list[str]:
    """The commands on the warehouse under a heading, as they are run inside the postgres container."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^ *docker compose exec -T postgres (.*--dbname warehouse .*)$", section, re.MULTILINE)


def run(commands: list[str], url: str, folder: Path) -> None:
    target = make_url(url)
    login = {"PGHOST": target.host, "PGPORT": str(target.port), "PGPASSWORD": target.password}
    (folder / "include").exists() or (folder / "include").symlink_to(ROOT / "include")
    for command in commands:
        subprocess.run(
            ["bash", "-euc", command.replace("--dbname warehouse", f"--dbname {target.database}")],
            env={**os.environ, **login, "PATH": f"{program('psql').parent}{os.pathsep}{os.environ['PATH']}"},
            cwd=folder,
            check=True,
        )


def test_a_restored_warehouse_is_equal_and_works_on(fresh_warehouse_url: str, deployment: Deployment, tmp_path: Path) -> None:
    warehouse = Warehouse(fresh_warehouse_url)
    landed = warehouse.land(1, list("abcde"))
    warehouse.stage([said(name, 1, name.upper()) for name in "abcde"], landed.manifest_id)
    before = publish(warehouse.resolver, publication(warehouse.resolver, {"a": "ab", "c": "c", "d": "de"}))

    assert [command.split()[0] for command in documented("Back up") + documented("Restore")] == ["pg_dump", "psql", "pg_restore"]
    run(documented("Back up"), warehouse.url, tmp_path)
    password = deployment.variables["SUKI_WAREHOUSE_DB_PASSWORD"]
    deployment.server.ensure_database("restored", "suki_app")
    restored = Warehouse(deployment.server.url("restored", "suki_app", password))
    run(documented("Restore"), restored.url, tmp_path)
    migrate(restored.url)  # what `init` does next

    try:
        assert table_hash(restored.resolver) == before.content_hash
        assert restored.digest() == warehouse.digest()
        restored.stage([said("c", 2, "somebody else")])
        after = publish(restored.resolver, publication(restored.resolver, {"a": "ab", "c": "c", "d": "de"}, names={"c": "new"}))
        assert (after.sequence, after.counts["updated"]) == (before.sequence + 1, 1)
    finally:
        restored.close()
        warehouse.close()
