"""Shows sources whose declaration is wrong as an import error of its own in Airflow, so that every other Dag still loads."""

from include.errors import SukiError
from include.sources import broken

if wrong := broken():
    raise SukiError("\n".join(str(error) for error in wrong.values()))
