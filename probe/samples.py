"""How samples lie in a payload: one table of widths and types, and the two bit-packed formats. Arrays in and out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probe.settings import SampleFormat

Samples = NDArray[np.int16] | NDArray[np.uint8] | NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Coding:
    """How one sample format is laid out.

    Args:
        dtype: The unpacked element, little-endian.
        channels: 2 for IQ, else 1.
        packed_bits: Bits per sample on the wire, 0 when the elements are sent as they are.
    """

    dtype: np.dtype[Any]
    channels: int = 1
    packed_bits: int = 0


CODINGS: dict[SampleFormat, Coding] = {
    SampleFormat.RF_I16: Coding(np.dtype("<i2")),
    SampleFormat.RF_12_PACKED: Coding(np.dtype("<i2"), packed_bits=12),
    SampleFormat.RF_10_PACKED: Coding(np.dtype("<i2"), packed_bits=10),
    SampleFormat.IQ_I16: Coding(np.dtype("<i2"), channels=2),
    SampleFormat.IQ_I8: Coding(np.dtype("i1"), channels=2),
    SampleFormat.ENVELOPE_U8_LINEAR: Coding(np.dtype("u1")),
    SampleFormat.ENVELOPE_U8_LOG: Coding(np.dtype("u1")),
    SampleFormat.ENVELOPE_U8_ALAW: Coding(np.dtype("u1")),
    SampleFormat.ENVELOPE_U16: Coding(np.dtype("<u2")),
}

_GROUP_BYTES = {12: (2, 3), 10: (4, 5)}


def line_bytes(format: SampleFormat, samples: int) -> int:
    """Bytes that one line takes on the wire; packed lines are filled up to a whole group."""
    coding = CODINGS[format]
    if coding.packed_bits:
        group, size = _GROUP_BYTES[coding.packed_bits]
        return -(-samples // group) * size
    return samples * coding.channels * coding.dtype.itemsize


def unpacked_format(format: SampleFormat) -> SampleFormat:
    """The format of the array that ``decode`` returns: packed RF becomes ``RF_I16``."""
    return SampleFormat.RF_I16 if format.is_rf else format


def empty(format: SampleFormat, lines: int, samples: int) -> Samples:
    """(lines, samples) zeros of the format's type, (lines, samples, 2) for IQ."""
    coding = CODINGS[format]
    shape = (lines, samples, 2) if coding.channels == 2 else (lines, samples)
    zeros: Samples = np.zeros(shape, dtype=coding.dtype)
    return zeros


def decode(format: SampleFormat, data: memoryview, lines: int, samples: int) -> Samples:
    """(lines, samples) or (lines, samples, 2) of a payload's sample part, which has exactly the right length."""
    coding = CODINGS[format]
    if coding.packed_bits:
        return _unpack(data, lines, coding.packed_bits)[:, :samples]
    flat = np.frombuffer(data, dtype=coding.dtype)
    return flat.reshape((lines, samples, 2) if coding.channels == 2 else (lines, samples))


def encode(format: SampleFormat, samples: Samples) -> bytes:
    """The wire bytes of (lines, samples[, 2]) values; packed formats wrap what does not fit their bits."""
    coding = CODINGS[format]
    if coding.packed_bits:
        return _pack(samples.astype(np.int64), coding.packed_bits).tobytes()
    return np.ascontiguousarray(samples, dtype=coding.dtype).tobytes()


def _unpack(data: memoryview, lines: int, bits: int) -> NDArray[np.int16]:
    """Lines of little-endian bit groups to (lines, samples) of two's complement numbers.

    Every sample lies within two neighbouring bytes. These are read as one number, shifted to the top so that the bits
    of its neighbours fall off, and shifted back with its sign.
    """
    group, size = _GROUP_BYTES[bits]
    row = len(data) // lines
    out = np.empty((lines, row // size, group), dtype=np.int16)
    for place in range(group):
        first, shift = divmod(place * bits, 8)
        pairs: NDArray[np.uint16] = np.ndarray((lines, row // size), "<u2", data, first, (row, size))
        out[:, :, place] = (pairs << (16 - bits - shift)).astype(np.uint16).view(np.int16) >> (16 - bits)
    return out.reshape(lines, -1)


def _pack(values: NDArray[np.int64], bits: int) -> NDArray[np.uint8]:
    group, size = _GROUP_BYTES[bits]
    lines, samples = values.shape
    padded = np.zeros((lines, -(-samples // group) * group), dtype=np.int64)
    padded[:, :samples] = values & ((1 << bits) - 1)
    word = (padded.reshape(lines, -1, group) << (bits * np.arange(group))).sum(axis=2)
    parts: NDArray[np.int64] = word[:, :, None] >> (8 * np.arange(size)) & 0xFF
    return parts.astype(np.uint8).reshape(lines, -1)
