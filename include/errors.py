"""Errors, typed by what the reader of the log can do about them.

Every message is one sentence a tired person understands: what is wrong, where, and what would be valid. None of them
ever carries a customer's value: rows are named by file and line or by opaque record id.
"""

from collections.abc import Iterable


class SukiError(Exception):
    """Root of everything Suki raises on purpose. Catch this to print the sentence without a traceback.

    Attributes:
        retry: Whether the same again later may succeed.
        cause: What is down or wrong, where all that need it fail of it alike; None where the failure is one's own.
    """

    retry = False
    cause: str | None = None


class DeclarationError(SukiError):
    """A declaration (YAML) is wrong: someone must edit the named file. Retrying does not help."""

    def __init__(self, file: str, key: str, problem: str, valid: Iterable[str] = ()) -> None:
        self.file, self.key, self.problem, self.valid = file, key, problem, tuple(valid)
        self.cause = file if file.startswith("connection ") else None
        choices = f" Valid: {', '.join(self.valid)}." if self.valid else ""
        super().__init__(f"{file}: {key}: {problem}.{choices}")


class SourceUnavailable(SukiError):
    """The source cannot be reached or has not delivered yet: retrying later may help."""

    retry = True


class NotYet(SourceUnavailable):
    """The source works on what it was asked for, and needs nobody to stand by: the same again goes on from there.

    Attributes:
        wait: Seconds after which to ask again.
    """

    def __init__(self, sentence: str, wait: float) -> None:
        self.wait = wait
        super().__init__(sentence)


class PlaceLost(SourceUnavailable):
    """Reading cannot go on from where it stopped: whoever kept that place forgets it, and reads from the start."""


class SourceFailed(SukiError):
    """The source answers what cannot be taken, and will again: someone must look at it. Retrying does not help."""


class DeliveryRefused(SukiError):
    """A delivered file cannot be read to its end, so nothing of it is taken.

    It may still be uploading, so trying again may help; else a complete one must be sent again.
    """

    retry = True


class GateClosed(SukiError):
    """A quality gate judged the batch unfit: nothing of it goes on. Retrying the same data gives the same verdict."""


class Conflict(SukiError):
    """The warehouse has moved on since this run read it. Nothing is lost: the next resolve run starts from the new state."""
