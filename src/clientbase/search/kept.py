"""A leaf as it is kept: its clients, and what they rest on, as one value with a checksum."""

import struct
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pyroaring import BitMap64

from clientbase.search.snapshots import Snapshot

_MAGIC = b"CBL1"
_OUTER = struct.Struct("<4sI")
"""Magic, and a checksum of everything behind."""
_INNER = struct.Struct("<qdH")
"""Microseconds since 1970, seconds, length of the snapshot; snapshot and ids follow."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Kept:
    """The clients of a leaf as of a snapshot and an instant, and the seconds that finding them took."""

    ids: BitMap64
    snapshot: Snapshot
    now: datetime
    seconds: float

    def is_seen_by(self, snapshot: Snapshot) -> bool:
        """Whether it rests on nothing that the snapshot has not seen."""
        return not self.snapshot.is_ahead_of(snapshot)

    def dump(self) -> bytes:
        """As bytes, which `load` reads."""
        snapshot = str(self.snapshot).encode()
        microseconds = (self.now - _EPOCH) // _TICK
        inner = _INNER.pack(microseconds, self.seconds, len(snapshot)) + snapshot + self.ids.serialize()
        return _OUTER.pack(_MAGIC, zlib.crc32(inner)) + inner

    @classmethod
    def load(cls, data: bytes) -> "Kept | None":
        """None for bytes that are damaged or of another format."""
        inner = data[_OUTER.size :]
        if len(inner) < _INNER.size or _OUTER.unpack_from(data) != (_MAGIC, zlib.crc32(inner)):
            return None
        microseconds, seconds, length = _INNER.unpack_from(inner)
        ids_at = _INNER.size + length
        snapshot = Snapshot.parse(inner[_INNER.size : ids_at].decode())
        ids = BitMap64.deserialize(inner[ids_at:])
        return cls(ids, snapshot, _EPOCH + microseconds * _TICK, seconds)
