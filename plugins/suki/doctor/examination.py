"""The checks in their order, and the rule that one of them never hides another."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from include.errors import SukiError
from suki.doctor.finding import Finding, Status, fail, skipped
from suki.doctor.site import Site


@dataclass(frozen=True)
class Check:
    """One thing to look at.

    Attributes:
        name: What it is called.
        look: Looks and says.
        needs: Checks that must not have failed: without them there is nothing to look at.
    """

    name: str
    look: Callable[[Site], Finding]
    needs: tuple[str, ...] = ()


def examine(checks: Sequence[Check], site: Site) -> Iterator[tuple[str, Finding]]:
    """Each check's name and finding, as they come.

    A check that breaks is a finding too. One whose ground is gone is skipped, and says whose fault that is.
    """
    down: dict[str, str] = {}
    for check in checks:
        reason = next((down[name] for name in check.needs if name in down), None)
        finding = _looked(check, site) if reason is None else skipped(reason)
        if finding.status in {Status.FAIL, Status.SKIPPED}:
            down[check.name] = reason or f"{check.name} is not well"
        yield check.name, finding


def _looked(check: Check, site: Site) -> Finding:
    try:
        return check.look(site)
    except SukiError as problem:
        return fail(str(problem), "mend what the sentence names")
    except Exception as error:  # noqa: BLE001 - whatever it is, the checks after it must still be heard
        kind = f"{type(error).__module__}.{type(error).__name__}"
        return fail(
            f"the check itself broke ({kind}; its message is withheld, it may quote a value)",
            "tell who keeps Suki, with this line and its version",
        )
