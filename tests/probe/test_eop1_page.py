"""The pages of EOP/1 are true: each of their vectors is what the code packs, and what the code reads back."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from probe import messages
from probe.capabilities import Calibration, Capabilities
from probe.coding import envelope_codes
from probe.emulators.eop1 import Eop1Device
from probe.geometry import Geometry
from probe.lines import frame_bytes, pack_lines, unpack_lines
from probe.pattern import ramp
from probe.samples import decode, encode
from probe.settings import SampleFormat, Sampling, Settings
from probe.wire import MAX_PAYLOAD, SESSION_SHIFT, Decoder, Flag, Header, Message, MessageType, pack

DOCS = Path(__file__).resolve().parents[2] / "docs" / "reference"
PAGE = DOCS / "eop1.md"
VECTOR_PAGE = DOCS / "eop1-vectors.md"
TYPE = MessageType
SESSION = 7 << SESSION_SHIFT
F = SampleFormat
CAPS = Capabilities(
    driver="eop1", model="Example", serial="E4-0042", firmware="1.2", simulated=False, modes=("B", "M"),
    formats=(F.ENVELOPE_U8_LOG, F.RF_I16), fetch_formats=(F.RF_I16,), ring_frames=32, max_lines=128, max_samples=2048,
    min_frame_interval_us=50_000, centre_hz=(3_500_000,), gain_db=(0, 40), mechanical_index="0.41", thermal_index=None,
    calibration=Calibration("2026-05-04", "2027-05-04", "A. Mwangi", 120), max_pulse_rate_hz=2500, buttons=("freeze",),
    link_bytes_s=800_000,
)  # fmt: skip
APPLIED = Settings(F.ENVELOPE_U8_LOG, 3, Sampling(512, 3_906_250, 108_108), 100_000, 6, 3_500_000, 60)


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
    "CAPS": control(TYPE.CAPS, 0, messages.capabilities_body(CAPS, 1540) | {"re": 0, "version": 1}),
    "APPLIED": control(
        TYPE.APPLIED,
        1,
        messages.settings_body(APPLIED)
        | {"geometry": messages.geometry_body(Geometry.sector(3, 60.0)), "re": 1, "ignored": ["tgc"]},
        flags=SESSION,
    ),
    "STATUS": control(
        TYPE.STATUS,
        44,
        {"armed": True, "dropped": 2, "state": "streaming", "battery_percent": 71, "temperature_c": 34},
        flags=SESSION | int(Flag.ARMED),
    ),
    "button": control(TYPE.EVENT, 45, {"event": "button", "name": "freeze"}, flags=SESSION | int(Flag.ARMED)),
    "disarmed": control(TYPE.EVENT, 46, {"event": "disarmed", "name": "watchdog"}, flags=SESSION),
    "TESTPATTERN": control(TYPE.TESTPATTERN, 6, {"blocks": 300, "bytes": 8}),
    "TESTPATTERN answered": control(
        TYPE.ACK,
        47,
        {"re": 6, "request": "TESTPATTERN", "ok": True, "blocks": 300, "bytes": 8, "pattern": "ramp"},
        flags=SESSION,
    ),
    "TESTPATTERN block": Message(Header(TYPE.TESTPATTERN, flags=SESSION, seq=301, frame_id=253), ramp(253, 8)),
    "FRAME_END": Message(
        Header(TYPE.FRAME_END, flags=7 << SESSION_SHIFT, seq=43, frame_id=9, lines_in_frame=64),
        messages.encode({"frame": 9, "lines": 64, "dropped": 0, "dead": [0, 1], "duration_us": 32000}),
    ),
}
SAMPLES = {
    "RF of 16 bits": (F.RF_I16, [1, -1, 32767, -32768]),
    "RF of 12 bits": (F.RF_12_PACKED, [1, -1, 2047]),
    "RF of 10 bits": (F.RF_10_PACKED, [1, -1, 511, -512, 7]),
    "IQ of 16 bits": (F.IQ_I16, [[1, -2], [300, -300]]),
    "IQ of 8 bits": (F.IQ_I8, [[1, -2], [127, -127]]),
    "envelope of 16 bits": (F.ENVELOPE_U16, [0, 1, 65535]),
}
# bytes before and behind, and the messages that a receiver must find; the damaged one is counted
STREAM = [
    b"AT\r\xa5EO1\x01garbage", VECTORS["PING"], "torn", VECTORS["STOP"], b"\xa5\xa5E", "damaged", VECTORS["FETCH"],
]  # fmt: skip


def stream() -> bytes:
    torn, damaged = pack(VECTORS["SET"])[:60], bytearray(pack(VECTORS["START"]))
    damaged[50] ^= 0x10
    special = {"torn": torn, "damaged": bytes(damaged)}
    return b"".join(
        part if isinstance(part, bytes) else special[part] if isinstance(part, str) else pack(part) for part in STREAM
    )


def written(name: str) -> bytes:
    """The hex block under a vector's name on the page."""
    text = VECTOR_PAGE.read_text(encoding="utf-8")
    found = re.search(rf"^`{re.escape(name)}`[^\n]*\n+```\n([0-9a-f\s]+)```", text, re.M)
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
    data = np.array([values], dtype=np.int32)
    assert encode(coding, data) == written(name)
    assert decode(coding, memoryview(written(name)), 1, len(values)).tolist() == [values]


@pytest.mark.parametrize("kind", list(MessageType))
def test_the_page_names_every_message(kind: MessageType) -> None:
    assert f"| 0x{int(kind):02X} | {kind.name} |" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("format", list(SampleFormat))
def test_the_page_names_every_format(format: SampleFormat) -> None:
    assert f"| 0x{int(format):02X} | `{format.name}` |" in PAGE.read_text(encoding="utf-8")


def test_what_the_bodies_stand_for() -> None:
    [caps], [applied] = Decoder().feed(written("CAPS")), Decoder().feed(written("APPLIED"))
    assert messages.read_capabilities(messages.decode(caps.payload), "eop1") == CAPS
    body = messages.decode(applied.payload)
    assert messages.read_applied(body) == APPLIED
    assert messages.read_geometry(body, 3) == Geometry.sector(3, 60.0)


def test_the_stream_with_damage() -> None:
    for chunk in (1, 7, 48, 10_000):
        decoder = Decoder()
        data = written("stream")
        assert data == stream()
        found = [m for i in range(0, len(data), chunk) for m in decoder.feed(data[i : i + chunk])]
        assert found == [VECTORS[name] for name in ("PING", "STOP", "FETCH")]
        assert (decoder.header_errors, decoder.payload_errors) == (1, 2)


def table(title: str) -> list[list[str]]:
    """The rows of the table under a heading of the page of vectors."""
    text = VECTOR_PAGE.read_text(encoding="utf-8").split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("| ").split("|") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def test_envelope_codes() -> None:
    rows = table("Codes of an envelope")
    x = np.array([float(row[0]) for row in rows])
    for column, (code, range_db) in enumerate(
        [(F.ENVELOPE_U8_LINEAR, 0), (F.ENVELOPE_U8_LOG, 60), (F.ENVELOPE_U8_ALAW, 0), (F.ENVELOPE_U16, 0)], 1
    ):
        assert envelope_codes(x, code, range_db).tolist() == [int(row[column]) for row in rows]
    assert len(rows) >= 6


def test_geometries() -> None:
    heads = {"travel_mm": 16, "crank_mm": 10, "radius_mm": 12.5}
    shapes = {
        "sector": Geometry.sector(5, 57.0),
        "linear": Geometry.linear(5, 300),
        "convex": Geometry.convex(5, 60.0, 40.0),
        "rocking, 3.5 MHz": Geometry.lounger(5, offset_mm=-6.2658, tilt_deg=-10, **heads),
        "rocking, 5 MHz": Geometry.lounger(5, offset_mm=6.2658, tilt_deg=10, **heads),
    }
    rows = table("Geometries of five lines")
    assert [row[0] for row in rows] == list(shapes)
    for row in rows:
        columns = [tuple(int(value) for value in cell.split(", ")) for cell in row[2:]]
        assert Geometry(*columns) == shapes[row[0]]


def test_frame_sizes() -> None:
    rows = table("Bytes of a frame")
    assert len(rows) >= 4
    for name, lines, samples, size in rows:
        assert frame_bytes(int(lines), F[name.strip("`")], int(samples)) == int(size)


CODES = (
    "hello",
    "version",
    "bad",
    "fault",
    "not_armed",
    "no_settings",
    "temperature",
    "battery",
    "gone",
    "format",
    "busy",
)


@pytest.mark.parametrize("code", CODES)
def test_the_page_names_every_refusal(code: str) -> None:
    assert f"`{code}`" in PAGE.read_text(encoding="utf-8").split("| refusal code |")[1].split("\n## ")[0]


def test_the_page_names_every_key(tiny_source) -> None:
    """What the twin says and what SET may hold stands on the page."""
    text = PAGE.read_text(encoding="utf-8")
    caps = messages.capabilities_body(Eop1Device(tiny_source()).capabilities, 0)
    calibration = ("made_on", "expires_on", "operator", "residual_um")
    for key in {*caps, *messages.SET_KEYS, *calibration, "geometry", "ignored", "battery_percent", "temperature_c"}:
        assert f"`{key}`" in text, key


def test_the_page_states_the_limits() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert f"at most {MAX_PAYLOAD} from a device" in text
    assert f"| 1 to {messages.MAX_LINES} |" in text
    assert f"| 1 to {messages.MAX_SAMPLES} |" in text
