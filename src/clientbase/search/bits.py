"""Bitmaps on their way from and to PostgreSQL: packed ids, and strings of bits for `get_bit`."""

import struct
from array import array
from collections.abc import Sequence

from pyroaring import BitMap64

CONTAINER_BITS = 1 << 16
_CONTAINER_BYTES = CONTAINER_BITS // 8
_LARGEST_ARRAY = 4096
_WITH_RUNS = 12347
MAX_BITS = 1 << 26
"""The widest range of ids that is sent: 8 MB."""


def unpack(found: bytes | None) -> BitMap64:
    """Ids from big-endian 64-bit words, in any order and maybe repeated."""
    ids = array("Q", found or b"")
    ids.byteswap()
    return BitMap64(ids)


def bit_string(members: BitMap64) -> tuple[int, bytes] | None:
    """The id of the first bit, and the bits; None when the ids lie too far apart.

    Read from the portable serialisation of roaring bitmaps, whose dense containers already are such bits.
    """
    if not members:
        return 0, b"\0"
    first = members.min() // CONTAINER_BITS
    last = members.max() // CONTAINER_BITS
    if (last - first + 1) * CONTAINER_BITS > MAX_BITS:
        return None
    bits = bytearray((last - first + 1) * _CONTAINER_BYTES)
    data = members.serialize()
    (maps,), at = struct.unpack_from("<Q", data), 8
    for _ in range(maps):
        (high,) = struct.unpack_from("<I", data, at)
        at = _read_map(data, at + 4, bits, high * CONTAINER_BITS - first)
    return first * CONTAINER_BITS, bytes(bits)


def _read_map(data: bytes, at: int, bits: bytearray, offset: int) -> int:
    """Copy the containers of one 32-bit bitmap; the position behind it."""
    cookie = int(struct.unpack_from("<I", data, at)[0])
    has_runs = cookie & 0xFFFF == _WITH_RUNS
    if has_runs:
        count, flags = (cookie >> 16) + 1, at + 4
        headers = flags + (count + 7) // 8
    else:
        count = int(struct.unpack_from("<I", data, at + 4)[0])
        flags, headers = 0, at + 8
    at = headers + 4 * count
    if not has_runs or count >= 4:
        at += 4 * count
    for place in range(count):
        key, size = struct.unpack_from("<HH", data, headers + 4 * place)
        start = (key + offset) * _CONTAINER_BYTES
        is_run = has_runs and data[flags + place // 8] >> place % 8 & 1
        at = _read_container(data, at, bits, start, None if is_run else size + 1)
    return at


def _read_container(data: bytes, at: int, bits: bytearray, start: int, size: int | None) -> int:
    """Copy one container of 65,536 bits to its place; without a size it is one of runs."""
    if size is None:
        runs = int(struct.unpack_from("<H", data, at)[0])
        numbers = _numbers(data, at + 2, 2 * runs)
        for low, more in zip(numbers[::2], numbers[1::2], strict=True):
            _fill(bits, start, low, low + more)
        return at + 2 + 4 * runs
    if size > _LARGEST_ARRAY:
        bits[start : start + _CONTAINER_BYTES] = data[at : at + _CONTAINER_BYTES]
        return at + _CONTAINER_BYTES
    for number in _numbers(data, at, size):
        bits[start + (number >> 3)] |= 1 << (number & 7)
    return at + 2 * size


def _fill(bits: bytearray, start: int, low: int, high: int) -> None:
    """Set the bits from low to high."""
    first, last = (low + 7) // 8, (high + 1) // 8
    edges = range(low, high + 1) if first > last else [*range(low, first * 8), *range(last * 8, high + 1)]
    for number in edges:
        bits[start + (number >> 3)] |= 1 << (number & 7)
    if first < last:
        bits[start + first : start + last] = b"\xff" * (last - first)


def _numbers(data: bytes, at: int, count: int) -> Sequence[int]:
    return array("H", data[at : at + 2 * count])
