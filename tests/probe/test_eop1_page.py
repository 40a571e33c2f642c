"""The page of EOP/1 is true: each of its vectors is what the code packs, and what the code reads back."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from probe import messages
from probe.lines import pack_lines, unpack_lines
from probe.samples import decode, encode
from probe.settings import SampleFormat
from probe.wire import SESSION_SHIFT, Decoder, Flag, Header, Message, MessageType, pack

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "eop1.md"
TYPE = MessageType


def control(type: MessageType, seq: int, body: messages.Body | None = None, flags: int = 0) -> Message:
    return Message(Header(type, flags=flags, seq=seq), b"" if body is None else messages.encode(body))


def lines_message() -> Message:
    """Two lines of four samples, log envelope, of a backward sweep in session 7, simulated and armed."""
    positions = np.array([[28500, 0, 0], [27595, 0, 0]], dtype=np.int32)
    payload = pack_lines(
        positions, np.array([0, 500]), SampleFormat.ENVELOPE_U8_LOG,
        np.array([[0, 1, 128, 255], [255, 128, 1, 0]], dtype=np.uint8),
    )  # fmt: skip
    flags = int(Flag.BACKWARD | Flag.ARMED | Flag.SIMULATED) | 7 << SESSION_SHIFT
    header = Header(
        TYPE.LINES, flags=flags, seq=41, frame_id=9, line=62, lines_in_frame=64, t_us=1_000_000, time_zero_ns=108_108,
        samples=4, format=int(SampleFormat.ENVELOPE_U8_LOG), lines_in_block=2,
    )  # fmt: skip
    return Message(header, payload)


VECTORS = {
    "HELLO": control(TYPE.HELLO, 0, {"versions": [1], "formats": [0x21, 0x01], "max_bytes_s": 800000}),
    "SET": control(TYPE.SET, 1, {"format": 0x21, "lines": 64}),
    "START": control(TYPE.START, 2, {"armed": True}),
    "PING": control(TYPE.PING, 3),
    "STOP": control(TYPE.STOP, 4, {}),
    "FETCH": control(TYPE.FETCH, 5, {"frame": 9, "format": 1}),
    "ACK": control(TYPE.ACK, 40, {"re": 2, "request": "START", "ok": True}, flags=7 << SESSION_SHIFT),
    "refusal": control(
        TYPE.ACK, 42, {"re": 5, "request": "FETCH", "ok": False, "code": "gone", "text": "The frame is gone"}
    ),
    "LINES": lines_message(),
    "FRAME_END": Message(
        Header(TYPE.FRAME_END, flags=7 << SESSION_SHIFT, seq=43, frame_id=9, lines_in_frame=64),
        messages.encode({"frame": 9, "lines": 64, "dropped": 0, "dead": [0, 1], "duration_us": 32000}),
    ),
}
SAMPLES = {
    "RF of 12 bits": (SampleFormat.RF_12_PACKED, [1, -1, 2047]),
    "RF of 10 bits": (SampleFormat.RF_10_PACKED, [1, -1, 511, -512, 7]),
}


def written(name: str) -> bytes:
    """The hex block under a vector's name on the page."""
    found = re.search(rf"^`{re.escape(name)}`[^\n]*\n+```\n([0-9a-f\s]+)```", PAGE.read_text(encoding="utf-8"), re.M)
    assert found, f"the page has no vector {name}"
    return bytes.fromhex(found[1])


@pytest.mark.parametrize("name", VECTORS)
def test_a_vector_is_what_is_packed_and_read(name: str) -> None:
    assert pack(VECTORS[name]) == written(name)
    assert list(Decoder().feed(written(name))) == [VECTORS[name]]


def test_the_lines_of_the_vector_are_what_they_stand_for() -> None:
    [message] = Decoder().feed(written("LINES"))
    block = unpack_lines(message.header, message.payload, 9, backward=True)
    assert block.positions[:, 0].tolist() == [28500, 27595]
    assert block.time_us.tolist() == [1_000_000, 1_000_500]
    assert block.samples.tolist() == [[0, 1, 128, 255], [255, 128, 1, 0]]


@pytest.mark.parametrize("name", SAMPLES)
def test_packed_samples(name: str) -> None:
    coding, values = SAMPLES[name]
    data = np.array([values], dtype=np.int16)
    assert encode(coding, data) == written(name)
    assert decode(coding, memoryview(written(name)), 1, len(values)).tolist() == [values]


@pytest.mark.parametrize("kind", list(MessageType))
def test_the_page_names_every_message(kind: MessageType) -> None:
    assert f"| 0x{int(kind):02X} | {kind.name} |" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("format", list(SampleFormat))
def test_the_page_names_every_format(format: SampleFormat) -> None:
    assert f"| 0x{int(format):02X} | `{format.name}` |" in PAGE.read_text(encoding="utf-8")
