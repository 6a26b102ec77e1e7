"""What an operator of Suki may set, in Airflow's own configuration: section ``[suki]``, or ``AIRFLOW__SUKI__<KEY>``.

Every public function here is one key and bears its name; docs/configuration.md lists them, and a test compares the two.
"""

from collections.abc import Callable
from datetime import timedelta

import pendulum
from airflow.sdk import conf

from include.errors import DeclarationError

SECTION = "suki"


def ingest_schedule() -> str | None:
    """Cron expression of every ingest Dag in place of what its source declares; default none."""
    return _cron("ingest_schedule", "") if conf.get(SECTION, "ingest_schedule", fallback="") else None


def end_date() -> pendulum.DateTime | None:
    """No ingest is scheduled after this day; default none. The demo's world ends on a day of its own."""
    text = conf.get(SECTION, "end_date", fallback="")
    try:
        return pendulum.parse(text) if text else None  # type: ignore[return-value]
    except ValueError:
        raise _wrong("end_date", text, "is no date", "2026-12-31") from None


def resolve_schedule() -> str:
    """Cron expression of the sweep that resolves what no asset event told of; default hourly."""
    return _cron("resolve_schedule", "17 * * * *")


def alert_connections() -> tuple[str, ...]:
    """Connections that are told of a run that failed, divided by commas: ``http`` (a webhook) or ``smtp``; default none."""
    text = conf.get(SECTION, "alert_connections", fallback="")
    return tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))


def late_after() -> timedelta | None:
    """Time after the end of its window by which every scheduled sync should be staged, in seconds; default: as declared."""
    return timedelta(seconds=_number("late_after", 0.0)) or None


def audit_schedule() -> str:
    """Cron expression of the audit of quality; default Monday at four."""
    return _cron("audit_schedule", "0 4 * * 1")


def refresh_schedule() -> str:
    """Cron expression of the look for stale contact points; default Monday at three."""
    return _cron("refresh_schedule", "0 3 * * 1")


def export_schedule() -> str:
    """Cron expression of ``export_crm``; default five in the morning UTC."""
    return _cron("export_schedule", "0 5 * * *")


def longest_wait() -> float:
    """Seconds a resolve run waits for open ingest runs; default an hour."""
    return _number("longest_wait", 3600.0)


def quiet_poll() -> float:
    """Seconds between two looks at open ingest runs."""
    return _number("quiet_poll", 30.0, least=1.0)


def shards() -> int:
    """Tasks that score the pairs of a resolve run at most; default one, which is right until there are more workers."""
    return int(_number("shards", 1, least=1, read=int))


def shard_pairs() -> int:
    """Pairs worth a task of their own: a run deals out no more shards than hold so many each. Default half a million."""
    return int(_number("shard_pairs", 500_000, read=int))


def promotion_share() -> float:
    """Share of the customers a new match model may merge or split without anybody's approval; default one in a hundred."""
    return _number("promotion_share", 0.01)


def standards_share() -> float:
    """Share of a sample that a changed mapping or cleaning may read otherwise without anybody's approval; default one in ten."""
    return _number("standards_share", 0.1)


def approval_wait() -> timedelta:
    """Time an approval is waited for, in seconds; silence means no. Default two days."""
    return timedelta(seconds=_number("approval_wait", 172800.0, least=1.0))


def blast_radius() -> str | None:
    """File of the limits above which a resolve run is held; default ``include/golden/blast_radius.yml``."""
    return str(conf.get(SECTION, "blast_radius", fallback="")).strip() or None


def retries() -> int:
    """Times a step is tried again."""
    return int(_number("retries", 3, read=int))


def retry_delay() -> timedelta:
    """Wait between tries, in seconds; default five minutes: time for a late file to arrive."""
    return timedelta(seconds=_number("retry_delay", 300.0))


def _number(key: str, default: float, *, least: float = 0.0, read: Callable[[str], float] = float) -> float:
    text = conf.get(SECTION, key, fallback=str(default))
    try:
        number = read(text)
    except ValueError:
        kind = "whole number" if read is int else "number"
        raise _wrong(key, text, f"is no {kind}", f"{default:g}") from None
    if not least <= number < float("inf"):
        raise _wrong(key, text, f"is less than {least:g} or no number", f"{default:g}")
    return number


def _cron(key: str, default: str) -> str:
    from croniter import croniter  # type: ignore[import-untyped]

    text = str(conf.get(SECTION, key, fallback=default))
    # Airflow's own presets ("@daily") are cron expressions to croniter too.
    if not croniter.is_valid(text):
        raise _wrong(key, text, "is no cron expression", f"'{default}'")
    return text


def _wrong(key: str, text: str, problem: str, example: str) -> DeclarationError:
    return DeclarationError(
        f"Airflow's configuration, section [{SECTION}]",
        f"{key} (AIRFLOW__SUKI__{key.upper()})",
        f"'{text}' {problem}",
        (example,),
    )
