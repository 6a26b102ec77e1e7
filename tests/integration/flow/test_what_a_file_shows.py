"""What nobody declared of a file, and the file showed, is on the record and on the run's quality page."""

from pathlib import Path

import pytest

from include.quality import report
from include.sources import discovery
from include.warehouse import runs
from include.warehouse.engine import connect
from tests.integration.flow.world import World
from tests.unit.sources.factory import declare, stream

pytestmark = pytest.mark.integration


def test_a_detected_encoding_and_delimiter_are_kept(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people = stream(encoding="detect", delimiter="detect")
    monkeypatch.setattr(discovery, "HERE", declare(tmp_path / "sources", None, "kiosk", people=people).parent)
    name = "Jürgen Müller, Düsseldorf, Königsallee; schön und größer"
    content = "id;name\n" + "".join(f'{n};"{name} {n}"\n' for n in range(40))
    file = world.exports / "kiosk" / "2026-08-03" / "people.csv"
    file.parent.mkdir(parents=True)
    file.write_bytes(content.encode("cp1252"))
    world.ingest("kiosk", "2026-08-03", "2026-08-04", until="extract", run_id="r")
    assert world.query("SELECT read_as FROM ops.delivery") == [('cp1252, ";" between fields',)]
    found = runs.deliveries_of_run(connect(world.url, role="suki_ingest"), "ingest_kiosk", "r").to_dict("records")
    assert [(row["file"], row["rows"]) for row in found] == [("kiosk/2026-08-03/people.csv", 40)]
    page = report.run_page(report.run_finding("ingest_kiosk", "r", []).with_reading(found, []))
    assert "cp1252, &#34;;&#34; between fields" in page
    assert runs.deliveries_of_run(connect(world.url, role="suki_ingest"), "ingest_other", "r").empty
