"""A source's own quirks, mended before its values are cleaned: a small closed set, each of them declared, each on the record."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["strip_prefix", "strip_suffix", "placeholder", "shifted"]


@dataclass(frozen=True)
class Repair:
    """One declared quirk.

    Attributes:
        kind: ``strip_prefix`` and ``strip_suffix`` take ``values`` off each text; ``placeholder`` empties a text that is one of
            ``values``, case and outer blanks aside; ``shifted`` puts columns back that slid by one.
        fields: The canonical fields it concerns; of ``shifted``, in the order in which they stand in the file.
        values: Prefixes, suffixes or placeholders.
        when: Of ``shifted``: the field that shows it, and the pattern its text then has.
        to: Of ``shifted``: where the values must go, to the ``left`` or to the ``right``.
    """

    kind: Kind
    fields: tuple[str, ...]
    values: tuple[str, ...] = ()
    when: tuple[str, re.Pattern[str]] | None = None
    to: Literal["left", "right"] = "left"

    def mend(self, text: str) -> str | None:
        """The text as the source meant it; None if it stands for nothing. ``shifted`` is no matter of one text."""
        return _MENDS[self.kind](text, self.values)

    @property
    def rule(self) -> str:
        """The name it has on the record."""
        return _RULES[self.kind]

    def moved(self, texts: tuple[str | None, ...]) -> tuple[str | None, ...]:
        """The columns of a shifted row, put back; what falls off the end was empty, else the row is left alone."""
        if self.to == "left":
            return (*texts[1:], None) if not texts[0] else texts
        return (None, *texts[:-1]) if not texts[-1] else texts


def _strip_prefix(text: str, values: tuple[str, ...]) -> str | None:
    found = next((value for value in values if text.startswith(value)), "")
    return text.removeprefix(found) if found else text


def _strip_suffix(text: str, values: tuple[str, ...]) -> str | None:
    found = next((value for value in values if text.endswith(value)), "")
    return text.removesuffix(found) if found else text


def _placeholder(text: str, values: tuple[str, ...]) -> str | None:
    return None if text.strip().casefold() in {value.casefold() for value in values} else text


_MENDS: dict[str, Callable[[str, tuple[str, ...]], str | None]] = {
    "strip_prefix": _strip_prefix, "strip_suffix": _strip_suffix, "placeholder": _placeholder,
    "shifted": lambda text, _: text,
}  # fmt: skip
_RULES = {
    "strip_prefix": "stripped_prefix", "strip_suffix": "stripped_suffix", "placeholder": "source_placeholder",
    "shifted": "shifted_columns",
}  # fmt: skip
