"""Opaque ids: a source key may be an e-mail or a phone number, and ids appear in logs, so none is ever used as it came."""

import hmac
from collections.abc import Sequence
from uuid import UUID

from include.errors import DeclarationError

_KEY_BYTES = 16


class Tokens:
    """Makes the same opaque id for the same thing, for whoever holds the key, and for nobody else.

    Args:
        key: The secret, at least 16 bytes.
        key_id: Its name, stored beside each id so that a rotation can tell old from new.
    """

    def __init__(self, key: bytes, key_id: str) -> None:
        if len(key) < _KEY_BYTES:
            raise DeclarationError("the record key", "key", f"has {len(key)} bytes, at least {_KEY_BYTES} are needed")
        self.key_id = key_id
        self._mac = hmac.new(key, digestmod="sha256")

    def __repr__(self) -> str:
        return f"Tokens(key_id={self.key_id!r})"

    def record_id(self, source: str, epoch: int, stream: str, key: str) -> UUID:
        """Id of a source record. A source that restarts its numbering gets a new epoch, and so new ids."""
        return _finish(self._of(source, epoch, stream), key)

    def record_ids(self, source: str, epoch: int, stream: str, keys: Sequence[str | None]) -> list[str | None]:
        """Ids of many records of one stream, as text; a row without a key has no id."""
        prefix = self._of(source, epoch, stream)
        return [None if key is None or key != key else str(_finish(prefix, key)) for key in keys]  # noqa: PLR0124 (NaN)

    def _of(self, source: str, epoch: int, stream: str) -> hmac.HMAC:
        """What all ids of a stream begin with: made once, copied for each key."""
        prefix = self._mac.copy()
        prefix.update(_joined("record", source, str(epoch), stream))
        return prefix


def _joined(*parts: str) -> bytes:
    # Each part with its length before it: ("ab", "c") and ("a", "bc") must not give one token.
    encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


def _finish(prefix: hmac.HMAC, last: str) -> UUID:
    mac = prefix.copy()
    mac.update(_joined(last))
    number = int.from_bytes(mac.digest()[:16], "big")
    # RFC 9562: version 8 is "made by the application's own rule", variant 10.
    number = number & ~(0xF << 76) | (8 << 76)
    return UUID(int=number & ~(0x3 << 62) | (0x2 << 62))
