"""Whatever is asked of a driver, its board transmits nothing beyond the limits that the driver declares."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.calibration.correction import InForce
from probe.driver import Applied, DriverEvent, Identified
from probe.drivers import mux10, p0rk, pic0rick, wulpus, wulpus_offer
from probe.drivers.calibrated import CalibratedDriver
from probe.drivers.limited import LimitedDriver
from probe.drivers.pulses import CENTRES_HZ, LIMITS, Pulse, PulseLimits, pulse_for
from probe.emulators.p0rk import P0rkDevice
from probe.emulators.pic0rick import Pic0rickDevice
from probe.emulators.wulpus import WulpusDevice
from probe.limits import overstepped
from probe.protocols.p0rk import MAX_RATE_HZ
from probe.protocols.wulpus_config import WulpusConfig, half_ticks
from probe.settings import SampleFormat, Sampling, Settings

NUMBER = st.none() | st.integers(-(2**63), 2**63)
ASKED = st.builds(
    Settings,
    format=st.none() | st.sampled_from(SampleFormat),
    lines=NUMBER,
    sampling=st.none() | st.builds(Sampling, st.integers(), st.integers(), st.integers()),
    frame_interval_us=st.none() | st.integers(0, 2**63),
    gain_db=NUMBER,
    centre_hz=NUMBER,
    log_range_db=NUMBER,
)
STEP = st.one_of(
    st.just("identify"), st.just("start"), st.just("stop"), st.just("fetch"), ASKED, st.integers(1, 400), st.binary()
)
BOARDS = {
    "pic0rick": (pic0rick.Pic0rickDriver, Pic0rickDevice, pic0rick.LIMITS, 5),
    "mux10": (mux10.Mux10Driver, lambda source: Pic0rickDevice(source, four_channels=True), pic0rick.LIMITS, 34),
    "p0rk": (p0rk.P0rkDriver, P0rkDevice, p0rk.LIMITS, max(MAX_RATE_HZ.values())),
    "wulpus": (wulpus.WulpusDriver, WulpusDevice, wulpus_offer.LIMITS, 50),
}


class OneLine:
    """A source that costs no time."""

    def line(self, index: int, *window: object) -> np.ndarray:
        return np.zeros(400 if window else 8192, dtype=np.int16)


def verb(driver, name: str):
    """A method that takes the time only."""
    return getattr(driver, name) if name != "fetch" else lambda now: driver.fetch(0, SampleFormat.RF_I16, now)


# as it is, as a plug-in would bring it, and as the workstation uses it
WRAPPERS = (lambda driver: driver, LimitedDriver, lambda driver: CalibratedDriver(driver, lambda caps: InForce(None)))


@pytest.mark.parametrize("board", BOARDS)
@given(wrap=st.sampled_from(WRAPPERS), steps=st.lists(STEP, max_size=12))
def test_no_call_makes_a_board_exceed_its_limits(board: str, wrap, steps: list) -> None:  # type: ignore[no-untyped-def]
    make_driver, make_device, limits, most_hz = BOARDS[board]
    driver, device, now_ns = wrap(make_driver()), make_device(OneLine()), 10**9
    said: list[DriverEvent] = []

    def write(data: bytes) -> None:
        device.feed(data, now_ns)

    def wait(milliseconds: int) -> None:
        nonlocal now_ns
        for _ in range(-(-milliseconds // 20)):
            now_ns += 20_000_000
            said.extend(driver.feed(device.poll(now_ns), now_ns))
            write(driver.tick(now_ns))

    write(driver.identify(now_ns))
    wait(600)
    write(driver.configure(Settings(), now_ns))
    wait(60)
    write(driver.start(now_ns))
    wait(400)
    take = {
        Settings: lambda step: write(driver.configure(step, now_ns)),
        int: wait,
        bytes: lambda step: driver.feed(step, now_ns),
        str: lambda step: write(verb(driver, step)(now_ns)),
    }
    for step in steps:
        take[type(step)](step)
    wait(900)
    [caps] = {event.capabilities for event in said if isinstance(event, Identified)}
    applied = [event.settings for event in said if isinstance(event, Applied)]
    assert applied
    assert [overstepped(settings, caps) for settings in applied] == [None] * len(applied)
    assert device.shots
    assert all(limits.allow(Pulse(*shot[1:])) for shot in device.shots)
    span_s = (device.shots[-1].at_ns - device.shots[0].at_ns) / 1e9
    assert len(device.shots) <= 2 + span_s * most_hz + steps.count("start") + len(steps)


@given(asked=st.integers(-(2**63), 2**63), low=st.integers(8, 60), high=st.integers(200, 500))
def test_every_pulse_lies_inside_any_limits(asked: int, low: int, high: int) -> None:
    limits = PulseLimits(on_ns=(low, high))
    pulse, centre_hz = pulse_for(Settings(centre_hz=asked), limits)
    assert limits.allow(pulse)
    assert centre_hz in CENTRES_HZ


def test_the_limits_are_those_of_the_reference() -> None:
    assert PulseLimits((24, 500), (0, 20_000)) == LIMITS
    assert pulse_for(Settings())[0].first_ns == 96
    assert not LIMITS.allow(Pulse(96, 96, 6000, repeats=2))
    assert PulseLimits((100, 500), (0, 0), pulses=2) == wulpus_offer.LIMITS


def test_every_frequency_of_a_wulpus_lies_inside_its_limits() -> None:
    for centre_hz in wulpus_offer.CENTRES_HZ:
        high, low = (round(12.5 * ticks) for ticks in half_ticks(centre_hz))
        assert wulpus_offer.LIMITS.allow(Pulse(high, low, 0, repeats=WulpusConfig().pulses))


def test_the_twin_believes_whatever_it_is_told() -> None:
    """Else the property above could not fail."""
    device = Pic0rickDevice(OneLine())
    device.poll(0)
    for line in (b"start acq 1000000000", b"start acq -8 24 99", b"start acq"):
        device.feed(line + b"\n", 10**9)
        device.poll(2 * 10**9)
    assert [shot[1:] for shot in device.shots] == [
        (1_000_000_000, 1000, 1000, 1), ((2**32 - 1) * 8, 24, 96, 1), (0, 1000, 1000, 1),
    ]  # fmt: skip
