"""Checks of the warehouse. Each takes its URL, so that it can be tried on any PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from include.privacy.tokens import Tokens
from suki.doctor.finding import Finding, fail, ok, skipped, warn
from suki.doctor.site import Site

_OLDEST_VERSION = 15
_CLOCK_OFF, _CLOCK_WRONG = timedelta(seconds=5), timedelta(minutes=5)
_MARK_TOO_OLD = timedelta(hours=24)
_NEEDED_ROLES = {"suki_ingest", "suki_resolve"}
_MIGRATE = "suki migrate"


def on_warehouse(check: Callable[[str, Site], Finding]) -> Callable[[Site], Finding]:
    """The check, on the warehouse that the connection names."""

    def look(site: Site) -> Finding:
        from suki import connections

        return check(connections.warehouse_url(), site)

    return look


def reachable(url: str, site: Site) -> Finding:
    """It answers, and is new enough."""
    from include.warehouse import checkup, engine
    from include.warehouse.errors import WarehouseUnavailable

    try:
        found = checkup.server(engine.connect(url))
    except WarehouseUnavailable as problem:
        return fail(str(problem), site.either("make up", "start PostgreSQL, or mend the connection suki_warehouse"))
    major = found.version // 10000
    says = f"PostgreSQL {major}, database {found.database} as {found.login}"
    if major < _OLDEST_VERSION:
        return fail(says, f"PostgreSQL {_OLDEST_VERSION} or newer is needed")
    return ok(says)


def schema(url: str, site: Site) -> Finding:
    """Its tables are those of this Suki."""
    from include.warehouse import checkup, engine

    at, head = checkup.revisions(engine.connect(url, "suki_ingest"))
    if at == head:
        return ok(f"at {head}")
    mend = site.either("make up", _MIGRATE)
    if at is None:
        return fail("it was never migrated: it has no tables of Suki's", mend)
    if not checkup.knows_revision(at):
        return fail(f"it was migrated by a newer Suki (to {at}); this one knows {head}", "run the newer Suki everywhere")
    return fail(f"it is at migration {at}, and this Suki needs {head}", mend)


def roles(url: str, _: Site) -> Finding:
    """Each step takes a role of its own; a login that may not take one fails in that step."""
    from include.warehouse import checkup, engine
    from include.warehouse.tables import ROLES

    bind = engine.connect(url)
    missing, barred = checkup.roles(bind)
    login = checkup.server(bind).login
    if missing:
        return fail(f"missing: {', '.join(sorted(missing))}", f"migrate as a login with CREATEROLE: {_MIGRATE}")
    if not barred:
        return ok(f"{login} may take all {len(ROLES)}")
    grant = f"as an administrator: GRANT {', '.join(sorted(barred))} TO {login};"
    if barred & _NEEDED_ROLES:
        return fail(f"{login} may not take {', '.join(sorted(barred))}", grant)
    return ok(f"{login} may take those of the steps, and not {', '.join(sorted(barred))}")


def encoding(url: str, _: Site) -> Finding:
    """Names come in every script."""
    from include.warehouse import checkup, engine

    found = checkup.server(engine.connect(url))
    if found.encoding == "UTF8":
        return ok("UTF8")
    return fail(
        f"{found.encoding}: names in most scripts cannot be stored",
        f"make the database anew: CREATE DATABASE {found.database} TEMPLATE template0 ENCODING 'UTF8';",
    )


def clock(url: str, _: Site) -> Finding:
    """Recorded time is the server's, waits and heartbeats are this machine's."""
    from include.warehouse import checkup, engine

    before = datetime.now(UTC)
    theirs = checkup.server(engine.connect(url)).time
    after = datetime.now(UTC)
    off = max(before - theirs, theirs - after, timedelta())  # in between is as good as equal
    says = f"{off.total_seconds():.1f} s between this machine and the server"
    mend = "synchronise both clocks (chrony, systemd-timesyncd)"
    if off > _CLOCK_WRONG:
        return fail(says, mend)
    return warn(says, mend) if off > _CLOCK_OFF else ok(says)


def server_log(url: str, _: Site) -> Finding:
    """An error's DETAIL quotes the row that is wrong, and a server's log is read by people who may not see it."""
    from include.warehouse import checkup, engine

    found = checkup.server(engine.connect(url))
    wrong = checkup.leaks(found.logging)
    if not wrong:
        return ok("the server's log quotes no row")
    now = ", ".join(f"{name} is {found.logging[name]}" for name in wrong)
    mend = " ".join(f"ALTER DATABASE {found.database} SET {name} = '{value}';" for name, value in wrong.items())
    return warn(f"the server's log can quote customers' values: {now}", f"as a superuser: {mend}")


def record_key(_: Site) -> Finding:
    """The warehouse was filled with this very key: with another, every record would come as a stranger."""
    from include.warehouse import checkup, engine
    from suki import connections

    url = connections.warehouse_url()
    barred = checkup.roles(engine.connect(url))[1]
    if "suki_privacy" in barred:
        return skipped("the login may not take suki_privacy, who alone reads source keys; run it as the login that migrates")
    return same_key(url, connections.tokens())


def same_key(url: str, tokens: Tokens) -> Finding:
    """Make the ids of some records anew and compare."""
    from include.warehouse import checkup, engine

    records = list(checkup.some_records(engine.connect(url, "suki_privacy")))
    if not records:
        return ok(f"key '{tokens.key_id}'; the warehouse holds no record yet to compare it with")
    others = {one.key_id for one in records} - {tokens.key_id}
    if others:
        return fail(
            f"the warehouse's ids were made with key '{min(others)}', the connection holds '{tokens.key_id}'",
            "put the old key and its name back into the connection suki_record_key",
        )
    if any(tokens.record_id(one.source, one.epoch, one.stream, one.key) != one.record_id for one in records):
        return fail(
            f"the connection's key is not the one the warehouse was filled with, though both are called '{tokens.key_id}'",
            "put the old key back into the connection suki_record_key (docs/operations.md, The record key)",
        )
    return ok(f"key '{tokens.key_id}' is the one the warehouse was filled with")


def waiting(url: str, _: Site) -> Finding:
    """Changed records wait for resolve; if they wait long, resolve does not run."""
    from include.warehouse import checkup, engine

    found = checkup.waiting(engine.connect(url, "suki_ingest"))
    last = (
        f"the last resolve run published at {found.published_at:%Y-%m-%d %H:%M} UTC"
        if found.published_at
        else "none was ever resolved"
    )
    if not found.oldest_mark:
        return ok(f"nothing waits for resolve; {last}")
    says = f"{found.marks:,} changes wait for resolve since {found.oldest_mark:%Y-%m-%d %H:%M} UTC; {last}"
    if datetime.now(UTC) - found.oldest_mark > _MARK_TOO_OLD:
        return warn(says, "docs/operations.md, Resolve is not running")
    return ok(says)


def golden_hash(url: str, _: Site) -> Finding:
    """A run that publishes a part reckons the hash of the whole; here the whole is read."""
    from include.warehouse import checkup, engine

    found = checkup.golden_hashes(engine.connect(url, "suki_resolve"))
    if found is None:
        return ok("nothing was published yet")
    stored, reckoned = found
    if stored == reckoned:
        return ok(f"the golden table is what was published ({stored[:12]})")
    return fail(
        f"the golden table hashes to {reckoned[:12]}, and {stored[:12]} was published",
        "something else than resolve_customers wrote to golden.customer: restore a backup",
    )


def quarantine(url: str, _: Site) -> Finding:
    """Informational: rows set aside wait for their source or a rule to be mended."""
    from include.warehouse import checkup, engine

    found = checkup.waiting(engine.connect(url, "suki_ingest"))
    oldest = f", the oldest on {found.quarantined_since:%Y-%m-%d}" if found.quarantined_since else ""
    return ok(f"{found.quarantined:,} rows set aside, {found.quarantined_newly:,} in the last 7 days{oldest}")
