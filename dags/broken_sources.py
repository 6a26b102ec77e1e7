"""Shows sources whose declaration is wrong as an import error of its own, so that the other sources still load."""

from include.errors import SukiError
from include.sources import broken

if wrong := broken():
    raise SukiError("\n".join(str(error) for error in wrong.values()))
