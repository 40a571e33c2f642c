"""No call of a driver, and no request of any host, takes a device beyond the limits that it declared."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe import limits, messages
from probe.capabilities import Capabilities
from probe.driver import Acknowledged, Applied, Disarmed, Identified, Refused
from probe.drivers.eop1 import Eop1Driver
from probe.emulators.eop1 import Eop1Device
from probe.errors import NotUnderstood
from probe.geometry import Geometry
from probe.settings import SampleFormat, Sampling, Settings
from probe.wire import Decoder, Header, Message, MessageType, pack

numbers = st.integers(-(2**31), 2**31 - 1)
wishes = st.builds(
    Settings,
    format=st.none() | st.sampled_from(list(SampleFormat)),
    lines=st.none() | numbers,
    sampling=st.none() | st.builds(Sampling, numbers, st.integers(1, 10**9), numbers),
    frame_interval_us=st.none() | numbers,
    gain_db=st.none() | numbers,
    centre_hz=st.none() | numbers,
    log_range_db=st.none() | st.integers(0, 200),
)
capabilities = st.builds(
    Capabilities,
    driver=st.just("eop1"), model=st.just("m"), serial=st.just("s"), firmware=st.just("f"), simulated=st.booleans(),
    modes=st.just(("B",)), formats=st.lists(st.sampled_from(list(SampleFormat)), min_size=1, max_size=4).map(tuple),
    fetch_formats=st.just(()), ring_frames=st.just(0), max_lines=st.integers(1, 1024),
    max_samples=st.integers(1, 32768), min_frame_interval_us=st.integers(1, 10**6),
    centre_hz=st.lists(st.integers(0, 10**8), max_size=3).map(tuple),
    gain_db=st.tuples(st.integers(-200, 0), st.integers(0, 200)),
    max_pulse_rate_hz=st.none() | st.integers(1, 10**5),
)  # fmt: skip
calls = st.lists(
    st.one_of(
        wishes.map(lambda wish: ("configure", wish)),
        st.sampled_from(["start", "stop", "wait", "test_link"]).map(lambda name: (name, None)),
        st.tuples(st.just("fetch"), st.integers(0, 9)),
    ),
    max_size=12,
)


def sent(data: bytes) -> list[tuple[MessageType, messages.Body]]:
    return [(MessageType(m.header.type), messages.decode(m.payload)) for m in Decoder().feed(data)]


def within(body: messages.Body, caps: Capabilities) -> None:
    """A SET asks for nothing beyond the capabilities."""
    assert body.get("format", caps.formats[0]) in caps.formats
    assert 1 <= body.get("lines", 1) <= caps.max_lines
    assert 1 <= body.get("samples", 1) <= caps.max_samples
    assert body.get("frame_interval_us", 10**9) >= caps.min_frame_interval_us
    assert caps.gain_db[0] <= body.get("gain_db", 0) <= caps.gain_db[1]
    assert "centre_hz" not in body or body["centre_hz"] in caps.centre_hz
    if caps.max_pulse_rate_hz and "frame_interval_us" in body:
        pulses = body.get("lines", caps.max_lines)
        assert pulses * 1_000_000 <= caps.max_pulse_rate_hz * body["frame_interval_us"]


@given(capabilities, calls)
def test_no_call_of_a_driver_asks_for_more_than_the_probe_declared(caps: Capabilities, called: list) -> None:
    driver = Eop1Driver()
    out = driver.identify(0)
    out += driver.configure(Settings(lines=2**31 - 1, frame_interval_us=1), 0)  # before anything is known
    body = messages.capabilities_body(caps, 0) | {"re": 0}
    events = driver.feed(pack(Message(Header(MessageType.CAPS), messages.encode(body))), 0)
    assert isinstance(events[0], Identified)
    for step, (name, argument) in enumerate(called):
        now_ns = step * 1000
        out += driver.tick(now_ns)
        if name == "configure":
            out += driver.configure(argument, now_ns)
        elif name == "fetch":
            out += driver.fetch(argument, SampleFormat.RF_I16, now_ns)
        elif name == "test_link":
            out += driver.test_link(5, 100, now_ns)
        elif name in ("start", "stop"):
            out += getattr(driver, name)(now_ns)
    for kind, body in sent(out):
        if kind is MessageType.SET:
            within(body, caps)


@given(capabilities, wishes)
def test_clamping_twice_changes_nothing_more(caps: Capabilities, wish: Settings) -> None:
    once = limits.clamp(wish, caps)
    assert limits.clamp(once, caps) == once


bodies = st.dictionaries(
    st.sampled_from(sorted(messages.SET_KEYS | {"pulse_ns"})),
    st.none() | st.booleans() | numbers | st.integers(0, 3000) | st.text(max_size=3),
    max_size=10,
)


@given(st.lists(st.tuples(st.sampled_from([3, 5, 6, 9, 12, 31]), bodies), max_size=10))
def test_no_request_of_any_host_takes_the_device_beyond_its_limits(asked: list) -> None:
    """The device's own lock: a host without any limits of its own."""

    class Tiny:
        model = serial = "t"
        centre_hz, sound_speed_m_s, full_scale, loop = 3_000_000, 1500, 8000, 1
        geometry, sampling = Geometry.sector(8, 40.0), Sampling(64, 12_000_000, 5_000)

    device = Eop1Device(Tiny())
    caps = device.capabilities
    device.feed(pack(Message(Header(MessageType.HELLO), b'{"versions":[1]}')), 0)
    for seq, (kind, body) in enumerate(asked, 1):
        device.feed(pack(Message(Header(kind, seq=seq), json.dumps(body).encode())), seq)
    assert not device.armed  # nobody consented
    for kind, body in sent(device.poll(10**6, 1 << 24)):
        if kind is MessageType.APPLIED:
            applied = messages.read_applied(body)
            assert limits.overstepped(applied, caps) is None


def test_a_probe_that_goes_beyond_its_own_limits_is_stopped(tiny_pair, monkeypatch) -> None:
    tiny_pair.connect(start=True).run(0.3)
    device = tiny_pair.device
    honest = type(device).capabilities.fget(device)
    monkeypatch.setattr(tiny_pair.driver, "_capabilities", replace(honest, min_frame_interval_us=500_000))
    events = tiny_pair.ask(tiny_pair.driver.configure(Settings(frame_interval_us=1), tiny_pair.now_ns), 0.3)
    assert [e for e in events if isinstance(e, Applied)]
    monkeypatch.setattr(tiny_pair.driver, "_capabilities", replace(honest, max_lines=4))
    events = tiny_pair.ask(tiny_pair.driver.configure(Settings(), tiny_pair.now_ns), 0.3)
    [refused] = [e for e in events if isinstance(e, Refused)]
    assert (refused.request, refused.code) == ("SET", "limits")
    assert "lines" in refused.text
    assert Acknowledged("STOP") in events
    assert not device.armed


def test_settings_wait_until_the_limits_are_known(tiny_pair) -> None:
    driver = tiny_pair.driver
    assert driver.configure(Settings(gain_db=9), tiny_pair.now_ns) == b""
    events = tiny_pair.ask(driver.identify(tiny_pair.now_ns), 0.3)
    assert [e.settings.gain_db for e in events if isinstance(e, Applied)] == [9]


@pytest.mark.parametrize(("sensor", "value"), [("temperature", 43), ("battery", 5)])
def test_a_warm_or_empty_probe_stops_and_does_not_start(tiny_pair, sensor: str, value: int) -> None:
    tiny_pair.connect(start=True).run(0.5)
    field = {"temperature": "temperature_c", "battery": "battery_percent"}[sensor]
    setattr(tiny_pair.device.sensors, field, value)
    events = tiny_pair.run(0.2)
    assert Disarmed(sensor) in events
    assert not tiny_pair.device.armed
    events = tiny_pair.ask(tiny_pair.driver.start(tiny_pair.now_ns), 0.2)
    assert [e.code for e in events if isinstance(e, Refused)] == [sensor]
    setattr(tiny_pair.device.sensors, field, 20)
    assert Acknowledged("START") in tiny_pair.ask(tiny_pair.driver.start(tiny_pair.now_ns), 0.2)


def test_a_ping_that_comes_too_late_arms_nothing(tiny_pair) -> None:
    tiny_pair.connect(start=True).run(0.5)
    device = tiny_pair.device
    assert device.armed
    tiny_pair.now_ns += 3_000_000_000
    device.feed(pack(Message(Header(MessageType.PING, seq=99))), tiny_pair.now_ns)
    assert not device.armed


@pytest.mark.parametrize(
    ("written", "read"),
    [("0.41", "0.41"), ("1", "1"), (None, None), ("n/a", None), ("", None), (0.4, None), ("-1", None), ("1e3", None)],
)
def test_an_output_index_is_what_was_measured_or_nothing(tiny_pair, written: object, read: str | None) -> None:
    body = messages.capabilities_body(tiny_pair.device.capabilities, 0)
    body |= {"mechanical_index": written, "thermal_index": written}
    caps = messages.read_capabilities(body, "eop1")
    assert (caps.mechanical_index, caps.thermal_index) == (read, read)
    del body["mechanical_index"]
    assert messages.read_capabilities(body, "eop1").mechanical_index is None


def test_a_gain_written_the_wrong_way_round_is_still_a_range(tiny_pair) -> None:
    body = messages.capabilities_body(tiny_pair.device.capabilities, 0) | {"gain_db": [40, -20]}
    assert messages.read_capabilities(body, "eop1").gain_db == (-20, 40)
    with pytest.raises(NotUnderstood):
        messages.read_capabilities(body | {"max_pulse_rate_hz": 0}, "eop1")
