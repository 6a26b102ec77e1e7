"""What a check says: how a thing is, and what mends it. Never a secret, never a person's value."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a thing is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"
    SKIPPED = "skip"


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's.

    Attributes:
        status: How it is.
        says: What was found, in plain words.
        mend: The exact command or setting that mends it; empty when all is well.
    """

    status: Status
    says: str
    mend: str = ""


def ok(says: str) -> Finding:
    """All is well."""
    return Finding(Status.OK, says)


def warn(says: str, mend: str) -> Finding:
    """It works, but it will hurt."""
    return Finding(Status.WARN, says, mend)


def fail(says: str, mend: str) -> Finding:
    """Runs fail until this is mended."""
    return Finding(Status.FAIL, says, mend)


def skipped(because: str) -> Finding:
    """It could not be looked at."""
    return Finding(Status.SKIPPED, f"skipped because {because}")
