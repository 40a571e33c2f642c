"""The payload of a LINES message: a table with one row per line, then the samples; and its neutral form, LineBlock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from probe.errors import NotUnderstood
from probe.samples import Samples, decode, encode, line_bytes
from probe.settings import SampleFormat
from probe.wire import HEADER_SIZE, MAX_PAYLOAD, Header, Message

ROW_BYTES = 16
LINES_PER_BLOCK = 8
# small enough that a slow link still shows life between two messages
BLOCK_BYTES = 16384
_ROW = np.dtype("<i4")
_FRAME_END_BYTES = HEADER_SIZE + 160


@dataclass(frozen=True, slots=True, eq=False)
class LineBlock:
    """Some neighbouring lines of one frame, in the order in which they were fired; what every driver assembles from.

    Args:
        number: Frame number, unwrapped.
        first: Index of the first line in the order of the sweep.
        lines_in_frame: Lines of the whole frame.
        backward: The sweep went from right to left.
        format: Coding of the samples on the wire.
        first_sample_ns: From transmission to the first sample.
        positions: (k, 3) int32: angle in thousandths of a degree, origin x and z in micrometres.
        time_us: (k,) int64 device time of each line.
        samples: (k, samples) or (k, samples, 2).
        messages: In how many it came, for the counts.
    """

    number: int
    first: int
    lines_in_frame: int
    backward: bool
    format: SampleFormat
    first_sample_ns: int
    positions: NDArray[np.int32]
    time_us: NDArray[np.int64]
    samples: Samples
    messages: int = 1


def lines_per_block(format: SampleFormat, samples: int) -> int:
    """How many lines go into one message: eight, fewer when they are long, 0 when not even one fits."""
    size = ROW_BYTES + line_bytes(format, samples)
    return min(LINES_PER_BLOCK, max(1, BLOCK_BYTES // size)) if size <= MAX_PAYLOAD else 0


def frame_bytes(lines: int, format: SampleFormat, samples: int) -> int:
    """Bytes that one whole frame takes on the link, with its headers, tables and FRAME_END."""
    blocks = -(-lines // max(1, lines_per_block(format, samples)))
    return lines * (ROW_BYTES + line_bytes(format, samples)) + blocks * HEADER_SIZE + _FRAME_END_BYTES


def pack_lines(positions: NDArray[np.int32], after_us: NDArray[np.int64], format: SampleFormat, data: Samples) -> bytes:
    """The payload for (k, 3) positions, (k,) microseconds after the header's time, and (k, samples) values."""
    table = np.empty((len(positions), 4), dtype=_ROW)
    table[:, :3] = positions
    table[:, 3] = after_us.astype(np.uint32).view(np.int32) if after_us.size else 0
    return table.tobytes() + encode(format, data)


def check_lines(header: Header, payload: bytes) -> None:
    """Whether a LINES message is what its header says.

    Raises:
        NotUnderstood: The format is unknown, or the length or the time does not fit the header.
    """
    count = header.lines_in_block
    expected = count * _line_and_row_bytes(header.format, header.samples)
    if count == 0 or header.samples == 0 or len(payload) != expected:
        raise NotUnderstood(f"A block of lines has {len(payload)} bytes instead of {expected}")
    # t_us is 64 bits on the wire; int64 device times hold 292 000 years, so a larger one is damage
    if header.t_us >= 1 << 62:
        raise NotUnderstood("A block of lines has an impossible time")


def unpack_lines(header: Header, payload: bytes, number: int, backward: bool) -> LineBlock:
    """The block of a LINES message.

    Raises:
        NotUnderstood: As ``check_lines``.
    """
    check_lines(header, payload)
    return joined_lines([Message(header, payload)], number, backward)


def joined_lines(messages: Sequence[Message], number: int, backward: bool) -> LineBlock:
    """One block of LINES messages that were checked, follow each other, and have all but their lines in common."""
    first = messages[0].header
    coding = SampleFormat(first.format)
    counts = [header.lines_in_block for header, _ in messages]
    tables, parts = [], []
    for (_, payload), count in zip(messages, counts, strict=True):
        tables.append(payload[: count * ROW_BYTES])
        parts.append(memoryview(payload)[count * ROW_BYTES :])
    lines = sum(counts)
    table = np.frombuffer(b"".join(tables), dtype=_ROW, count=4 * lines).reshape(lines, 4)
    time_us = table[:, 3].view(np.uint32).astype(np.int64)
    time_us += np.repeat(np.array([header.t_us for header, _ in messages], dtype=np.int64), counts)
    data = parts[0] if len(parts) == 1 else memoryview(b"".join(parts))
    return LineBlock(
        number, first.line, first.lines_in_frame, backward, coding, first.time_zero_ns,
        table[:, :3], time_us, decode(coding, data, lines, first.samples), len(messages),
    )  # fmt: skip


@lru_cache(maxsize=64)
def _line_and_row_bytes(code: int, samples: int) -> int:
    """What a line takes in a message, with its row of the table."""
    try:
        return ROW_BYTES + line_bytes(SampleFormat(code), samples)
    except ValueError:
        raise NotUnderstood(f"The probe sends samples of an unknown kind ({code})") from None
