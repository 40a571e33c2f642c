"""The frames archive: sweeps before imaging as checksummed bytes, so that a loop can be imaged again years later.

Layout in docs/reference/frame-archive.md. Damaged or hostile bytes raise one error and nothing else.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging.archive_header import Entry, Setup, entry_of, setup_of, values_of
from imaging.digest import canonical
from imaging.errors import CannotImage, DamagedPicture
from probe.frame import Frame

MAGIC = b"SAUTIFR1"
_PREFIX = struct.Struct("<8sIQ32s")
_COVERED = struct.Struct("<8sIQ")
_MOST_BYTES = 1 << 31
_LEVEL = 1


def encode_frames(frames: Sequence[Frame]) -> bytes:
    """All of some frames: samples, geometry, settings, provenance, numbers and times. Decoding gives equal frames.

    Raises:
        CannotImage: A frame's samples are not of the type and shape that it says.
    """
    setups: list[Setup] = []
    entries: list[dict[str, Any]] = []
    blocks: list[bytes] = []
    for frame in frames:
        setup = Setup.of(frame)
        if frame.samples.dtype != setup.dtype or frame.samples.shape != setup.shape:
            raise CannotImage(f"Frame {frame.number} cannot be kept: its samples are not what it says", "Scan again.")
        if setup not in setups:
            setups.append(setup)
        choice, block = _pack(frame.samples)
        entries.append(values_of(frame, setups.index(setup), choice, len(block)))
        blocks.append(block)
    times = _compress(b"".join(frame.line_us.astype("<i8").tobytes() for frame in frames))
    header = canonical(
        {"frames": entries, "setups": [asdict(setup) for setup in setups], "times_bytes": len(times), "v": 1}
    )
    payload = b"".join([*blocks, times])
    covered = _COVERED.pack(MAGIC, len(header), len(payload))
    return covered + hashlib.sha256(covered + header + payload).digest() + header + payload


def decode_frames(data: bytes) -> tuple[Frame, ...]:
    """The frames of an archive, their arrays read-only.

    Raises:
        DamagedPicture: The bytes are not exactly what ``encode_frames`` wrote.
    """
    import zstandard

    header, payload = _checked(data)
    try:
        values = json.loads(header)
        if canonical(values) != header or values["v"] != 1:
            raise ValueError("not a header of version 1")
        setups = [setup_of(each) for each in values["setups"]]
        entries = [entry_of(each, setups) for each in values["frames"]]
        return _frames(setups, entries, payload, values["times_bytes"])
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError, MemoryError) as error:
        raise _damaged() from error
    except zstandard.ZstdError as error:
        raise _damaged() from error


def _checked(data: bytes) -> tuple[bytes, bytes]:
    """Header and payload of bytes whose checksum holds."""
    if len(data) < _PREFIX.size:
        raise _damaged()
    magic, header_bytes, payload_bytes, checksum = _PREFIX.unpack_from(data)
    rest = bytes(data[_PREFIX.size :])
    whole = magic == MAGIC and len(rest) == header_bytes + payload_bytes
    if not whole or hashlib.sha256(bytes(data[: _COVERED.size]) + rest).digest() != checksum:
        raise _damaged()
    return rest[:header_bytes], rest[header_bytes:]


def _frames(setups: list[Setup], entries: list[Entry], payload: bytes, times_bytes: int) -> tuple[Frame, ...]:
    sizes = [setups[entry.setup].samples_bytes for entry in entries]
    lines = [setups[entry.setup].shape[0] for entry in entries]
    if sum(sizes) > _MOST_BYTES or sum(entry.bytes for entry in entries) + times_bytes != len(payload):
        raise ValueError("sizes do not add up")
    at, first_line, frames = 0, 0, []
    times = np.frombuffer(_decompress(payload[len(payload) - times_bytes :], 8 * sum(lines)), dtype="<i8")
    for entry, size, count in zip(entries, sizes, lines, strict=True):
        setup = setups[entry.setup]
        block = _decompress(payload[at : at + entry.bytes], size)
        samples = _unpack(block, entry.filter, setup)
        line_us = times[first_line : first_line + count].astype(np.int64)
        frames.append(setup.frame(entry, samples, line_us))
        at, first_line = at + entry.bytes, first_line + count
    return tuple(frames)


def _pack(samples: NDArray[Any]) -> tuple[int, bytes]:
    """The smaller of plain (0) and differences along the line (1), each as compressed byte planes."""
    plain = _compress(_planes(samples))
    differences = _compress(_planes(_differences(samples)))
    return (1, differences) if len(differences) < len(plain) else (0, plain)


def _unpack(block: bytes, filter_number: int, setup: Setup) -> NDArray[Any]:
    width = setup.dtype.itemsize
    planes = np.frombuffer(block, dtype=np.uint8).reshape(width, -1)
    samples = np.ascontiguousarray(planes.T).reshape(-1).view(setup.dtype).reshape(setup.shape)
    return _sums(samples) if filter_number == 1 else samples.copy()


def _planes(samples: NDArray[Any]) -> bytes:
    """All low bytes, then all high bytes: like lies beside like."""
    width = samples.dtype.itemsize
    little = np.ascontiguousarray(samples, dtype=samples.dtype.newbyteorder("<"))
    return little.view(np.uint8).reshape(-1, width).T.tobytes()


def _differences(samples: NDArray[Any]) -> NDArray[Any]:
    """Each sample less the one before it in its line, modulo its width, zigzag: small either way is a small number."""
    unsigned = np.ascontiguousarray(samples).view(f"u{samples.dtype.itemsize}")
    steps = unsigned.copy()
    steps[:, 1:] -= unsigned[:, :-1]
    bits = 8 * samples.dtype.itemsize
    negative = (steps >> (bits - 1)).astype(bool)
    return np.where(negative, ~(steps << 1), steps << 1).astype(steps.dtype).view(samples.dtype)


def _sums(zigzag: NDArray[Any]) -> NDArray[Any]:
    unsigned = zigzag.view(f"u{zigzag.dtype.itemsize}")
    steps = np.where((unsigned & 1).astype(bool), ~(unsigned >> 1), unsigned >> 1).astype(unsigned.dtype)
    return np.cumsum(steps, axis=1, dtype=steps.dtype).view(zigzag.dtype)


def _compress(data: bytes) -> bytes:
    import zstandard

    return zstandard.ZstdCompressor(level=_LEVEL, write_checksum=False, write_content_size=True).compress(data)


def _decompress(data: bytes, size: int) -> bytes:
    """Exactly ``size`` bytes; the size that the data claims is looked at first, so it cannot claim memory."""
    import zstandard

    if zstandard.frame_content_size(data) != size:
        raise ValueError("a block has another size than its frame")
    plain = zstandard.ZstdDecompressor().decompress(data, max_output_size=size) if size else b""
    if len(plain) != size:
        raise ValueError("a block has another size than its frame")
    return plain


def _damaged() -> DamagedPicture:
    return DamagedPicture("The stored frames are damaged", "Use another copy, or scan again.")
