"""A leaf as it is kept: its clients, and what they rest on, as one value with a checksum."""

import struct
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pyroaring import BitMap64

from clientbase.search.snapshots import Snapshot

_MAGIC = b"CBL1"
_HEAD = struct.Struct("<4sIqdH")
"""Magic, checksum, microseconds since 1970, seconds, length of the snapshot; snapshot and ids follow."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Kept:
    """The clients of a leaf as of a snapshot and an instant, and the seconds that finding them took."""

    ids: BitMap64
    snapshot: Snapshot
    now: datetime
    seconds: float

    def dump(self) -> bytes:
        """As bytes, which `load` reads."""
        snapshot = str(self.snapshot).encode()
        body = snapshot + self.ids.serialize()
        microseconds = (self.now - _EPOCH) // _TICK
        return _HEAD.pack(_MAGIC, zlib.crc32(body), microseconds, self.seconds, len(snapshot)) + body

    @classmethod
    def load(cls, data: bytes) -> "Kept | None":
        """None for bytes that are damaged or of another format."""
        if len(data) < _HEAD.size:
            return None
        magic, checksum, microseconds, seconds, length = _HEAD.unpack_from(data)
        body = data[_HEAD.size :]
        if magic != _MAGIC or zlib.crc32(body) != checksum:
            return None
        snapshot = Snapshot.parse(body[:length].decode())
        ids = BitMap64.deserialize(body[length:])
        return cls(ids, snapshot, _EPOCH + microseconds * _TICK, seconds)
