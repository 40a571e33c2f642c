"""A stranger's driver and its probe: asked for nothing beyond what they declared, and believed no further."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from probe import limits
from probe.capabilities import Capabilities
from probe.driver import Acknowledged, Applied, Driver, DriverEvent, Identified, LinkCounters, Refused
from probe.drivers.limited import LimitedDriver
from probe.settings import SampleFormat, Settings
from tests.probe.test_eop1_safety import capabilities, wishes

CAPS = Capabilities(
    driver="s", model="Strange", serial="1", firmware="1", simulated=True, modes=("B",),
    formats=(SampleFormat.ENVELOPE_U8_LINEAR,), fetch_formats=(), ring_frames=0, max_lines=64, max_samples=512,
    min_frame_interval_us=50_000, centre_hz=(3_500_000,), gain_db=(0, 20), max_pulse_rate_hz=1000,
)  # fmt: skip


class Stranger:
    """A driver that passes every wish on to its transmitter, and says of it what it likes."""

    name = "stranger"

    def __init__(self, says: list[DriverEvent]) -> None:
        self.counters = LinkCounters()
        self.says, self.asked, self.transmitting = says, [], False

    def identify(self, now_ns: int) -> bytes:
        return b"who"

    def configure(self, settings: Settings, now_ns: int) -> bytes:
        self.asked.append(settings)
        return b"set"

    def start(self, now_ns: int) -> bytes:
        self.transmitting = True
        return b"go"

    def stop(self, now_ns: int) -> bytes:
        self.transmitting = False
        return b"halt"

    def fetch(self, frame_number: int, format: SampleFormat, now_ns: int) -> bytes:
        return b"get"

    def tick(self, now_ns: int) -> bytes:
        return b"."

    def feed(self, data: bytes, now_ns: int) -> list[DriverEvent]:
        said, self.says = self.says[:1], self.says[1:]
        return said


def test_it_is_a_driver_like_any_other() -> None:
    inner = Stranger([Identified(CAPS), Applied(Settings(lines=64)), Acknowledged("START")])
    driver: Driver = LimitedDriver(inner)
    assert (driver.name, driver.identify(0), driver.fetch(0, SampleFormat.RF_I16, 0)) == ("stranger", b"who", b"get")
    assert driver.feed(b"", 0) == [Identified(CAPS)]
    assert driver.configure(Settings(), 0) == b"set"
    assert driver.feed(b"", 0) == [Applied(Settings(lines=64))]
    assert (driver.start(0), driver.tick(0), driver.stop(0)) == (b"go", b".", b"halt")
    assert driver.feed(b"", 0) == [Acknowledged("START")]
    assert driver.counters is inner.counters


@given(capabilities, st.lists(wishes, max_size=6))
def test_it_is_asked_for_nothing_beyond_what_it_declared(caps: Capabilities, wanted: list[Settings]) -> None:
    inner = Stranger([Identified(caps)])
    driver = LimitedDriver(inner)
    assert driver.configure(Settings(lines=2**31 - 1, frame_interval_us=1), 0) == b""  # nothing is known of it yet
    driver.feed(b"", 0)
    for wish in wanted:
        driver.configure(wish, 0)
    assert len(inner.asked) == len(wanted)
    for asked in inner.asked:
        assert limits.overstepped(asked, caps) is None
        assert asked.format in (None, *caps.formats)


@given(capabilities, wishes)
def test_a_probe_beyond_its_limits_is_stopped_and_does_not_start(caps: Capabilities, applied: Settings) -> None:
    inner = Stranger([Identified(caps), Applied(applied)])
    driver = LimitedDriver(inner)
    driver.feed(b"", 0)
    driver.start(0)
    [event] = driver.feed(b"", 0)
    broken = limits.overstepped(applied, caps)
    if broken is None:
        assert event == Applied(applied)
        assert inner.transmitting
        return
    assert isinstance(event, Refused)
    assert (event.request, event.code, broken in event.text) == ("SET", "limits", True)
    assert driver.tick(0) == b"halt."
    assert driver.start(0) == b""
    assert not inner.transmitting
    [refused] = driver.feed(b"", 0)
    assert (refused.request, refused.code) == ("START", "limits")


def test_it_starts_again_behind_settings_that_hold() -> None:
    inner = Stranger([Identified(CAPS), Applied(Settings(lines=65)), Applied(Settings(lines=64))])
    driver = LimitedDriver(inner)
    assert [type(driver.feed(b"", 0)[0]) for _ in range(3)] == [Identified, Refused, Applied]
    assert driver.start(0) == b"go"


def test_settings_before_a_name_are_refused() -> None:
    assert isinstance(LimitedDriver(Stranger([Applied(Settings())])).feed(b"", 0)[0], Refused)


def test_what_it_says_of_its_probe_may_be_shown() -> None:
    strange = replace(CAPS, model="\x1b[2JEvil", serial="9" * 999, mechanical_index="none", thermal_index="0.3")
    [event] = LimitedDriver(Stranger([Identified(strange)])).feed(b"", 0)
    assert isinstance(event, Identified)
    found = event.capabilities
    assert (found.model, len(found.serial), found.mechanical_index, found.thermal_index) == (
        "?[2JEvil",
        200,
        None,
        "0.3",
    )
