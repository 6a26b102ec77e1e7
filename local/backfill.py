"""Days that passed, run by Airflow's own backfill: what is asked, what will run, how it goes, and what came of it.

Airflow does the work; this says in sentences what its form leaves to be found out. A day is a day of deliveries, and both ends of
a span are part of it, as they are in Airflow's form and command.
"""

import json
import time
import urllib.error
import urllib.parse
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from local.api import Api
from local.problem import Problem
from local.services import Platform
from local.summary import records_waiting

AGAIN = {"none": "none", "failed": "failed", "completed": "completed", "yes": "completed"}
"""What ``AGAIN`` may be, and Airflow's word for it: run days that never ran, those and the failed ones, or all of them."""

WORDS: Mapping[str, str] = {
    "FROM": "first day of deliveries, as 2026-08-01",
    "TO": "last day of deliveries, itself included",
    "SOURCE": "one source, or several with commas; default every source",
    "AGAIN": f"{', '.join(AGAIN)}: run days again that ran before; default none",
    "AT_ONCE": "days of one source that run at once; default 2",
    "REVERSE": "yes: newest day first",
    "DRY": "yes: say what would run, and run nothing",
    "BACKGROUND": "yes: return when it has begun",
    "FROM_LANDING": "show or take: what landed before, by today's rules; show only says what would change",
}

_SWITCHES = ("REVERSE", "DRY", "BACKGROUND")
_POLL = 2.0
_BOOKED_WITHIN = 90.0
_PAGE = 100
_DAY = timedelta(days=1)
_ENDED = ("success", "failed")


@dataclass(frozen=True)
class Request:
    """What somebody asked for, found sound."""

    first: date
    last: date
    sources: tuple[str, ...]
    again: str = "none"
    at_once: int = 2
    reverse: bool = False
    dry: bool = False
    background: bool = False
    from_landing: str = ""

    @classmethod
    def parse(cls, words: Iterable[str], declared: Iterable[str]) -> "Request":
        """Read ``FROM=2026-08-01 TO=...`` as `make backfill` passes it; an empty value counts as none given.

        Raises:
            Problem: A word is unknown, or its value is not valid; says what would be.
        """
        given = {name: value.strip() for name, _, value in (word.partition("=") for word in words) if value.strip()}
        if unknown := sorted(set(given) - set(WORDS)):
            raise Problem(f"Unknown: {', '.join(unknown)}. Valid: {', '.join(WORDS)}.")
        if missing := [name for name in ("FROM", "TO") if name not in given]:
            raise Problem(f"{' and '.join(missing)} must be given: make backfill FROM=2026-08-01 TO=2026-08-31 SOURCE=social")
        first, last = _date("FROM", given["FROM"]), _date("TO", given["TO"])
        if last < first:
            raise Problem(f"TO is {last}, and FROM is {first}: the last day lies before the first.")
        today = datetime.now(UTC).date()
        if last >= today:
            raise Problem(f"TO is {last}, and the last day that is over (UTC) is {today - _DAY}: only whole days can be run.")
        from_landing = given.get("FROM_LANDING", "")
        if from_landing:
            _one_of("FROM_LANDING", from_landing, ("show", "take"))
        again = given.get("AGAIN", "yes" if from_landing else "none")
        wanted = {name.lower(): _one_of(name, given.get(name, "no"), ("yes", "no")) == "yes" for name in _SWITCHES}
        return cls(
            first,
            last,
            _sources(given.get("SOURCE", ""), tuple(declared)),
            AGAIN[_one_of("AGAIN", again, AGAIN)],
            _count("AT_ONCE", given.get("AT_ONCE", "2")),
            from_landing=from_landing,
            **wanted,
        )

    def body(self, source: str) -> dict[str, Any]:
        """What Airflow's REST interface is asked to do for a source."""
        return {
            "dag_id": dag_of(source),
            "from_date": f"{self.first}T00:00:00Z",
            "to_date": f"{self.last}T23:59:59Z",  # whatever hour the schedule has, the last day is part of it
            "run_backwards": self.reverse,
            "reprocess_behavior": self.again,
            "max_active_runs": self.at_once,
            "dag_run_conf": self.conf,
        }

    @property
    def conf(self) -> dict[str, bool]:
        """The parameters of its runs. None asks for what the source has, also where a day was run from landing before."""
        return {"from_landing": True, "preview": self.from_landing == "show"} if self.from_landing else {}

    def command(self, **changed: str) -> str:
        """The command that asks for the same but for what is changed."""
        words = {"FROM": str(self.first), "TO": str(self.last), "SOURCE": ",".join(self.sources), "AGAIN": self.again, **changed}
        words |= {"FROM_LANDING": self.from_landing} if self.from_landing else {}
        return " ".join(["make backfill", *(f"{name}={value}" for name, value in words.items())])


def backfill(platform: Platform, request: Request) -> bool:
    """Say what will run, have Airflow run it, and tell how it goes until it is over.

    Returns:
        Whether every day that was run ended well.
    """
    if not platform.healthy():
        raise Problem("The platform is not up, so nothing can run. Run: make up")
    _require_read(platform, request.sources)
    planned = {source: _planned(platform, request, source) for source in request.sources}
    _announce(request, planned)
    if request.dry:
        return True
    for source, days in planned.items():
        if days or _open_days(platform, dag_of(source)):
            _require_free(platform, source)
    planned = {source: days for source, days in planned.items() if days}
    if not planned:
        return True
    for source in planned:
        _asked(platform, "POST", "/backfills", request.body(source))
    if request.background:
        print(f"It has begun. The Dags show how it goes: {platform.settings.ui_url}/dags")
        return True
    runs = _follow(platform, planned)
    return _conclude(platform, request, runs)


def dag_of(source: str) -> str:
    """The Dag that ingests a source."""
    return f"ingest_{source}"


# --- before ---


def _require_read(platform: Platform, sources: Sequence[str]) -> None:
    """Refuse what Airflow does not know yet."""
    known = platform.api.dags()
    unread = next((dag_id for dag_id in map(dag_of, sources) if dag_id not in known), None)
    if unread:
        raise Problem(f"Airflow has not read the Dag {unread} yet. If it was just added, wait a minute; else see the Dags page.")


def _planned(platform: Platform, request: Request, source: str) -> list[datetime]:
    """The days Airflow would run, in its order."""
    runs = _asked(platform, "POST", "/backfills/dry_run", request.body(source))["backfills"]
    return [datetime.fromisoformat(run["logical_date"]) for run in runs]


def _announce(request: Request, planned: Mapping[str, Sequence[datetime]]) -> None:
    span = (request.last - request.first).days + 1
    order = "newest first" if request.reverse else "oldest first"
    print(f"{_days(span)}, {request.first} to {request.last}, both included; {request.at_once} at once for each source, {order}.")
    for source, days in planned.items():
        known = span - len(days)
        left = f"; {_days(known)} of the span ran before, are running, or are not scheduled" if known > 0 else ""
        print(f"  {dag_of(source):24} {_days(len(days))} to run{left}")
    if not any(planned.values()) and request.again != "completed":
        print("Nothing is to be run. AGAIN=failed runs failed days again, AGAIN=yes all of them.")


def _require_free(platform: Platform, source: str) -> None:
    """Refuse what Airflow would refuse, or never begin, before anything has begun."""
    dag_id = dag_of(source)
    if platform.api.get(f"/dags/{dag_id}")["is_paused"]:
        raise Problem(f"{dag_id} is paused, so its days would wait for ever. Run: make airflow ARGS='dags unpause {dag_id}'")
    deadline = time.monotonic() + _BOOKED_WITHIN
    while found := under_way(platform, dag_id):
        # Airflow notes the end of a backfill when it next looks, each half minute.
        if time.monotonic() > deadline or _open_days(platform, dag_id):
            first, last = found["from_date"][:10], found["to_date"][:10]
            raise Problem(
                f"A backfill of {dag_id} is under way already ({first} to {last}), and Airflow runs one at a time for each Dag. "
                f"Wait for it, or cancel it at the top of {platform.settings.ui_url}/dags/{dag_id}"
            )
        platform.say(f"The last backfill of {dag_id} has ended; waiting for Airflow to take note of it")
        time.sleep(_POLL)


def under_way(platform: Platform, dag_id: str) -> dict[str, Any] | None:
    """The backfill Airflow counts as open, and beside which it takes no other; nothing where there is none."""
    found = platform.api.get(f"/backfills?dag_id={dag_id}&limit={_PAGE}&order_by=-id")["backfills"]
    return next((one for one in found if one["completed_at"] is None), None)


def _open_days(platform: Platform, dag_id: str) -> bool:
    return any(run["run_type"] == "backfill" for run in platform.api.runs(dag_id, ("queued", "running")))


def _asked(platform: Platform, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """One request whose refusal is a sentence."""
    try:
        return platform.api.call(method, path, body)
    except urllib.error.HTTPError as error:
        raise Problem(f"Airflow refuses the backfill of {body['dag_id']}: {_detail(error)}") from None


def _detail(error: urllib.error.HTTPError) -> str:
    try:
        told = json.loads(error.read())["detail"]
    except (ValueError, KeyError, TypeError):
        return f"status {error.code}"
    if isinstance(told, list):
        return "; ".join(str(one.get("msg", one)) if isinstance(one, dict) else str(one) for one in told)
    return str(told)


# --- while it runs ---

Runs = dict[tuple[str, datetime], dict[str, Any]]
"""Source and day to Airflow's run."""


def _follow(platform: Platform, planned: Mapping[str, Sequence[datetime]]) -> Runs:
    """Say how many days are done whenever that changes; return the runs when all have ended."""
    said: dict[str, str] = {}
    known: dict[str, dict[datetime, dict[str, Any]]] = {source: {} for source in planned}
    while True:
        for source, days in planned.items():
            runs = known[source]
            runs |= _news(platform.api, source, days, runs)
            states = Counter(runs[day]["state"] for day in days if day in runs)
            line = f"{dag_of(source)}: {states['success']} of {_days(len(days))} done{_others(states)}"
            if said.get(source) != line:
                platform.say(line)
            said[source] = line
        if all(_ended(days, known[source]) for source, days in planned.items()):
            # Somebody may have run a day again meanwhile, by hand.
            known = {source: _news(platform.api, source, days, {}) for source, days in planned.items()}
            if all(_ended(days, known[source]) for source, days in planned.items()):
                return {(source, day): known[source][day] for source, days in planned.items() for day in days}
        time.sleep(_POLL)


def _ended(days: Sequence[datetime], runs: Mapping[datetime, dict[str, Any]]) -> bool:
    return all(day in runs and runs[day]["state"] in _ENDED for day in days)


def _news(
    api: Api, source: str, days: Sequence[datetime], known: Mapping[datetime, dict[str, Any]]
) -> dict[datetime, dict[str, Any]]:
    """The runs of a source's days that may be other than known: all at first, then those that run and those that ended since.

    Years of days are many pages, and nearly all of them wait or have ended.
    """
    if any(day not in known for day in days):
        return _runs_of(api, source, days)
    ends = [run["end_date"] for run in known.values() if run["end_date"]]
    since = {"end_date_gte": max(ends, key=datetime.fromisoformat)} if ends else {}
    ended = _runs_of(api, source, days, state=_ENDED, **since)
    return ended | _runs_of(api, source, days, state=("running",))


def _runs_of(api: Api, source: str, days: Sequence[datetime], **more: Any) -> dict[datetime, dict[str, Any]]:
    """The runs of a source's days, or some of them; a span of years has more than one page."""
    span = {"logical_date_gte": min(days).isoformat(), "logical_date_lte": max(days).isoformat()}
    runs: dict[datetime, dict[str, Any]] = {}
    while True:
        page = {"limit": _PAGE, "offset": len(runs), "order_by": "logical_date"}
        query = urllib.parse.urlencode({**page, **span, **more}, doseq=True)
        found = api.get(f"/dags/{dag_of(source)}/dagRuns?{query}")["dag_runs"]
        runs.update((datetime.fromisoformat(run["logical_date"]), run) for run in found)
        if len(found) < _PAGE:
            return runs


def _others(states: Counter[str]) -> str:
    told = [f"{states[state]} {state}" for state in ("running", "failed") if states[state]]
    return f", {', '.join(told)}" if told else ""


# --- after ---


def _conclude(platform: Platform, request: Request, runs: Runs) -> bool:
    """Print what came of it: runs by state, and why each failed day failed."""
    states = Counter(run["state"] for run in runs.values())
    print("\n" + ", ".join(f"{_days(states[state])} {state}" for state in _ENDED if states[state]))
    failed = sorted(key for key, run in runs.items() if run["state"] == "failed")
    for source, day in failed:
        print(f"  {source} {day:%Y-%m-%d}: {why_failed(platform, dag_of(source), runs[source, day]['dag_run_id'])}")
    if failed:
        of = sorted({source for source, _ in failed})
        print(f"When what they need is there, run those days again: {request.command(SOURCE=','.join(of), AGAIN='failed')}")
    waiting = records_waiting(platform.settings.warehouse_url(platform.postgres.port))
    if waiting:
        print(f"{waiting:,} records changed and wait for resolve_customers, which begins when no ingest is open.")
    return not failed


def why_failed(platform: Platform, dag_id: str, run_id: str) -> str:
    """The task that failed and the last sentence it said."""
    failed = [task for task in platform.api.tasks(dag_id, run_id) if task["state"] == "failed"]
    if not failed:
        return "no task failed: the run was cancelled, or marked as failed by hand"
    task_id, attempt = failed[0]["task_id"], failed[0]["try_number"]
    said = [sentence for line in platform.api.log(dag_id, run_id, task_id, attempt) if (sentence := _sentence(line))]
    return f"{task_id}: {said[-1] if said else 'its log says nothing; see ' + platform.settings.ui_url}"


def _sentence(line: Mapping[str, Any]) -> str | None:
    """What a line of a task's log says at the level of errors: an exception's own words before the line's."""
    if line.get("level") not in {"error", "critical"}:
        return None
    details = line.get("error_detail") or []
    return str(details[0]["exc_value"] if details else line.get("event", ""))


# --- words ---


def _date(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem(f"{name} is {text!r}, and a day is written as 2026-08-01.") from None


def _sources(text: str, declared: tuple[str, ...]) -> tuple[str, ...]:
    asked = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if unknown := [name for name in asked if name not in declared]:
        raise Problem(f"SOURCE: there is no source {', '.join(unknown)}. Valid: {', '.join(declared)}.")
    return asked or declared


def _one_of(name: str, text: str, valid: Iterable[str]) -> str:
    if text.lower() not in valid:
        raise Problem(f"{name} is {text!r}. Valid: {', '.join(valid)}.")
    return text.lower()


def _count(name: str, text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise Problem(f"{name} is {text!r}, and must be a number from 1.")
    return int(text)


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"
