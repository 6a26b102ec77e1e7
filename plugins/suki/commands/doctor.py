"""Look at everything Suki needs, and say how to mend what is wrong.

Each check is one line: ok, warn (it works, but it will hurt), FAIL (runs fail until it is mended) or skip (it could not be looked
at, and why). The exit code is 1 when anything FAILs.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator

from suki.doctor.finding import Finding, Status

ANYWHERE = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How to tell it, and what to look at."""
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    parser.add_argument("--only", metavar="CHECK", help="look at one check and at what it needs")


def run(arguments: argparse.Namespace) -> int:
    """Examine, tell, judge."""
    from suki.doctor.checks import CHECKS, with_needs
    from suki.doctor.examination import examine
    from suki.doctor.site import Site

    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    checks = with_needs(arguments.only) if arguments.only else CHECKS
    found: list[tuple[str, Finding]] = []
    for name, finding in examine(checks, Site()):
        found.append((name, finding))
        if not arguments.json:
            print("\n".join(_lines(name, finding)), flush=True)
    failed = [name for name, finding in found if finding.status is Status.FAIL]
    if arguments.json:
        rows = [{"check": n, "status": f.status.value.lower(), "says": f.says, "mend": f.mend} for n, f in found]
        json.dump({"ok": not failed, "checks": rows}, sys.stdout, indent=2, ensure_ascii=False)
        print()
    else:
        print(_sum([finding.status for _, finding in found]))
    return 1 if failed else 0


def _lines(name: str, finding: Finding) -> Iterator[str]:
    yield f"{finding.status.value:4}  {name:20}  {finding.says}"
    if finding.mend:
        yield f"{'':28}> {finding.mend}"


def _sum(statuses: list[str]) -> str:
    return ", ".join(f"{statuses.count(status)} {status}" for status in dict.fromkeys(statuses))
