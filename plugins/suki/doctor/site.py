"""Where the doctor looks: this process's environment and the project's files."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from suki.cli import ROOT


@dataclass(frozen=True)
class Site:
    """What surrounds Suki here.

    Attributes:
        environment: The variables every service of this Suki gets.
        root: The project's folder.
    """

    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    root: Path = ROOT

    @property
    def local(self) -> bool:
        """Whether it is the local platform of a clone, which the Makefile mends."""
        return "SUKI_INSTANCE" in self.environment

    @property
    def clone(self) -> bool:
        """Whether the project's files lie here as a developer has them."""
        return self.root.joinpath("requirements.txt").is_file()

    def either(self, local: str, deployed: str) -> str:
        """What mends a thing here."""
        return local if self.local else deployed
