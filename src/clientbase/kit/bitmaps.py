"""Bitmaps of ids as bytes in columns."""

from pyroaring import BitMap64


def pack(ids: BitMap64) -> bytes:
    """The portable serialisation, runs packed (https://github.com/RoaringBitmap/RoaringFormatSpec)."""
    ids.run_optimize()
    packed: bytes = ids.serialize()
    return packed


def unpack(base: bytes, drift: bytes) -> BitMap64:
    """A bitmap that is kept as a base and the ids in which it differs from it now (none: empty bytes)."""
    ids = BitMap64.deserialize(base)
    return ids ^ BitMap64.deserialize(drift) if drift else ids
