"""Sources: what other systems export, declared one folder each.

Importing this costs yaml and pydantic only; pandas and ijson come in when rows are read or mapped, so a Dag file may import it.
"""

from include.sources.declaration import Scope, Source, Stream
from include.sources.discovery import broken, declared, discover, fingerprint
from include.sources.drift import Drift
from include.sources.mapping import key_of, map_rows
from include.sources.readers.columns import Columns
from include.sources.readers.files import FileDelivery, read
from include.sources.readers.rows import PROBLEMS, Delivery, RawRow

__all__ = [
    "PROBLEMS", "Columns", "Delivery", "Drift", "FileDelivery", "RawRow", "Scope", "Source", "Stream", "broken", "declared",
    "discover", "fingerprint", "key_of", "map_rows", "read",
]  # fmt: skip
