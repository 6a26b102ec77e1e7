"""Checks of what Suki works on: the sources' declarations, the connections, where sources deliver, and the lake."""

from datetime import UTC, datetime
from uuid import uuid4

from include.errors import SukiError
from suki.doctor.finding import Finding, fail, ok, warn
from suki.doctor.site import Site

_LINK = "docs/configuration.md, Connections"


def sources(_: Site) -> Finding:
    """Of a source whose declaration is broken nothing comes; what it told is believed as before."""
    from include.sources import broken, discover

    wrong = broken()
    if wrong:
        return fail(" ".join(map(str, wrong.values())), "mend the named key")
    return ok(", ".join(discover()))


def exports_connection(_: Site) -> Finding:
    """Where sources deliver."""
    from suki import connections

    return ok(str(connections.exports_root()))


def lake_connection(_: Site) -> Finding:
    """Where row data lies."""
    from suki import connections

    return ok(str(connections.lake_root()))


def warehouse_connection(_: Site) -> Finding:
    """Shown without its password."""
    from sqlalchemy import make_url

    from suki import connections

    url = make_url(connections.warehouse_url())
    return ok(
        f"{url.username or '(no login)'} at {url.host or '(no host)'}{f':{url.port}' if url.port else ''}/{url.database or ''}"
    )


def key_connection(_: Site) -> Finding:
    """Never shown, but for its name."""
    from suki import connections

    return ok(f"key '{connections.tokens().key_id}'")


def exports(site: Site) -> Finding:
    """Each source delivers into a folder of its own name."""
    from include.sources import discover
    from suki import connections
    from suki.storage import plain_storage_errors

    root = connections.exports_root()
    try:
        with plain_storage_errors(connections.EXPORTS, root):
            found = {path.name for path in root.iterdir()}
    except SukiError as problem:
        return fail(str(problem), site.either("make demo writes the sample's", f"let Airflow's user read it ({_LINK})"))
    lacking = sorted(set(discover()) - found)
    if len(lacking) == len(discover()):
        return warn(
            "it is empty: no source has delivered", site.either("make demo writes the sample's exports", "ask the sources")
        )
    if lacking:
        return warn(
            f"no folder of {', '.join(lacking)}: never delivered", "ask the source, or remove its folder in include/sources"
        )
    return ok(f"readable, {len(discover())} sources deliver")


def deliveries(_: Site) -> Finding:
    """How far each source is taken; a late one holds back nobody, so nobody else would tell."""
    from include.sources import discover
    from include.warehouse import checkup, engine, lateness
    from suki import connections, settings
    from suki.lateness import due_by

    sources, warehouse = discover(), engine.connect(connections.warehouse_url(), "suki_ingest")
    newest = checkup.newest_deliveries(warehouse)
    says = "; ".join(f"{name} {newest[name]:%Y-%m-%d}" if name in newest else f"{name} nothing yet" for name in sources)
    end = settings.end_date()
    now = datetime.now(UTC)
    if end is not None and end < now:
        return ok(f"{says}; nothing is scheduled after {end:%Y-%m-%d}")
    reached = lateness.staged_to(warehouse)
    late = [name for name, source in sources.items() if name in reached and reached[name] < due_by(source, now)[0]]
    return warn(f"{says}; late: {', '.join(late)}", "docs/operations.md, A source is late") if late else ok(says)


def lake(site: Site) -> Finding:
    """Every step writes there: a probe is written, read back and removed."""
    from suki import connections
    from suki.storage import plain_storage_errors

    word = uuid4().hex
    root = connections.lake_root()
    probe = root / "doctor" / word
    try:
        with plain_storage_errors(connections.LAKE, root):
            probe.parent.mkdir(parents=True, exist_ok=True)
            probe.write_text(word)
            same = probe.read_text() == word
    except SukiError as problem:
        return fail(str(problem), site.either("make up", f"let Airflow's user write there ({_LINK})"))
    left: bool | str
    try:
        with plain_storage_errors(connections.LAKE, root):
            probe.fs.rm_file(probe.path)  # not unlink: it removes as if several, and what S3 refuses of these s3fs passes over
            left = probe.exists()
    except SukiError as problem:
        left = str(problem)
    if left:
        why = f": {left}" if isinstance(left, str) else ""
        return fail(
            f"what is written at {probe} cannot be removed{why}",
            f"let Airflow's user delete there ({_LINK}); retention and erasure need it",
        )
    if not same:
        return fail(f"{root} gives back another content than was written", "use a store with read-after-write consistency")
    return ok(f"{root}: written, read back, removed")
