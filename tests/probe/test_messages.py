"""Control bodies: what is written is read again; what does not hold is refused, never raised as anything else."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probe import messages
from probe.capabilities import Calibration, Capabilities
from probe.driver import DriverEvent
from probe.drivers.eop1 import Eop1Driver
from probe.emulators.eop1 import Eop1Device
from probe.errors import NotUnderstood
from probe.geometry import Geometry
from probe.settings import SampleFormat, Sampling, Settings
from probe.wire import Header, Message, MessageType, pack

CAPS = Capabilities(
    driver="eop1", model="m", serial="s", firmware="f", simulated=False, modes=("B", "M"),
    formats=(SampleFormat.IQ_I8,), fetch_formats=(SampleFormat.RF_12_PACKED,), ring_frames=32, max_lines=128,
    max_samples=2048, min_frame_interval_us=20_000, centre_hz=(3_500_000, 5_000_000), gain_db=(-10, 40),
    mechanical_index="0.41", thermal_index=None, calibration=Calibration("2026-01-02", "2027-01-02", "A. B.", 120),
)  # fmt: skip
APPLIED = Settings(SampleFormat.ENVELOPE_U8_LOG, 64, Sampling(844, 7_812_500, 108_140), 100_000, 0, 3_500_000, 60)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=6,
)


def test_capabilities_are_read_as_they_were_written() -> None:
    body = messages.decode(messages.encode(messages.capabilities_body(CAPS, 1480)))
    assert messages.read_capabilities(body, "eop1") == CAPS


def test_settings_are_read_as_they_were_written() -> None:
    body = messages.decode(messages.encode(messages.settings_body(APPLIED)))
    assert messages.read_applied(body) == messages.read_request(body) == APPLIED
    assert messages.read_request(messages.settings_body(Settings(gain_db=3))) == Settings(gain_db=3)


def test_a_format_of_the_future_is_left_out() -> None:
    body = messages.capabilities_body(CAPS, 0) | {"formats": [0xF0, 0x21]}
    assert messages.read_capabilities(body, "eop1").formats == (SampleFormat.ENVELOPE_U8_LOG,)


@pytest.mark.parametrize(
    "change",
    [
        {"formats": [0xF0]},
        {"formats": "all"},
        {"gain_db": [1]},
        {"simulated": 1},
        {"serial": 7},
        {"modes": "B"},
        {"calibration": "yes"},
        {"max_lines": 0},
        {"ring_frames": 1.5},
    ],
)
def test_capabilities_that_do_not_hold_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(NotUnderstood):
        messages.read_capabilities(messages.capabilities_body(CAPS, 0) | change, "eop1")


@pytest.mark.parametrize(
    "change", [{"lines": 1024, "samples": 32768}, {"lines": True}, {"format": 3.5}, {"rate_hz": 0}, {"samples": None}]
)
def test_settings_that_do_not_hold_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(NotUnderstood):
        messages.read_applied(messages.settings_body(APPLIED) | {"format": 1} | change)


def test_strange_characters_in_a_name_do_no_harm() -> None:
    body = messages.capabilities_body(CAPS, 0) | {"model": "a\x1b[2Jb\u202ec" + "x" * 999}
    model = messages.read_capabilities(body, "eop1").model
    assert model.isprintable()
    assert len(model) == 200


@pytest.mark.parametrize("payload", [b"{", b"[]", b"1", b"\xff\xfe", b"[" * 60_000, b"null"])
def test_what_is_no_object_is_refused(payload: bytes) -> None:
    with pytest.raises(NotUnderstood):
        messages.decode(payload)


@pytest.mark.parametrize("lines", [3, 5])
def test_a_geometry_has_one_place_for_each_line(lines: int) -> None:
    body = {"geometry": messages.geometry_body(Geometry.sector(4, 30.0))}
    assert messages.read_geometry(body, 4) == Geometry.sector(4, 30.0)
    with pytest.raises(NotUnderstood):
        messages.read_geometry(body, lines)


def valid_bodies() -> dict[MessageType, dict[str, object]]:
    geometry = {"geometry": messages.geometry_body(Geometry.sector(64, 57.0))}
    return {
        MessageType.CAPS: messages.capabilities_body(CAPS, 1480) | {"re": 0},
        MessageType.APPLIED: messages.settings_body(APPLIED) | geometry | {"re": 1},
        MessageType.ACK: {"re": 2, "request": "START", "ok": True, "code": "x", "text": "y"},
        MessageType.STATUS: {"armed": True, "dropped": 3, "battery_percent": 40},
        MessageType.EVENT: {"event": "button", "name": "freeze"},
        MessageType.FRAME_END: {"frame": 1, "lines": 64, "dead": [1, 2]},
    }


@given(st.data())
def test_a_driver_takes_any_body(data: st.DataObject) -> None:
    driver = Eop1Driver()
    driver.identify(0)
    driver.configure(Settings(), 0)
    driver.start(0)
    events: list[DriverEvent] = []
    for number, (kind, body) in enumerate(valid_bodies().items()):
        key = data.draw(st.sampled_from(sorted(body)))
        strange = body | {key: data.draw(values)}
        for again, payload in enumerate((json.dumps(strange).encode(), json.dumps(body).encode())):
            events += driver.feed(pack(Message(Header(kind, seq=2 * number + again), payload)), number)
    driver.tick(10**9)
    assert len(events) >= 4


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 0x20), st.dictionaries(st.text(max_size=12), values, max_size=5)), max_size=8))
def test_a_device_takes_any_body(tiny_source, bodies: list[tuple[int, dict[str, object]]]) -> None:
    device = Eop1Device(tiny_source())
    device.feed(pack(Message(Header(MessageType.HELLO), b'{"versions":[1]}')), 1)
    for seq, (kind, body) in enumerate(bodies):
        device.feed(pack(Message(Header(kind, seq=seq), json.dumps(body).encode())), seq)
    device.feed(pack(Message(Header(MessageType.SET, seq=99))), 100)
    assert b'"re":99' in device.poll(101, 1 << 20)


@given(
    st.builds(
        Header,
        type=st.sampled_from([MessageType.LINES, MessageType.FRAME_END]),
        flags=st.sampled_from([0x100, 0x101, 0x108, 0x109]),
        seq=st.integers(1, 40),
        frame_id=st.integers(0, 3) | st.integers(0, 2**32 - 1),
        line=st.integers(0, 70),
        lines_in_frame=st.sampled_from([64, 65]),
        t_us=st.integers(0, 2**64 - 1),
        time_zero_ns=st.just(108_140),
        samples=st.sampled_from([844, 0, 65535]),
        format=st.sampled_from([0x21, 0x01, 0x99]),
        lines_in_block=st.integers(0, 9),
    ),
    st.integers(-1, 1),
)
def test_a_driver_takes_any_block(header: Header, off: int) -> None:
    driver = Eop1Driver()
    driver.identify(0)
    bodies = valid_bodies()
    for seq, kind in enumerate((MessageType.CAPS, MessageType.APPLIED)):
        driver.feed(pack(Message(Header(kind, seq=seq, flags=0x100), json.dumps(bodies[kind]).encode())), seq)
    size = header.lines_in_block * (16 + header.samples * (2 if header.format == 1 else 1)) + off
    payload = bytes(max(0, min(65536, size)))
    for repeat in range(2):
        driver.feed(pack(Message(header._replace(seq=header.seq + repeat), payload)), 5)
