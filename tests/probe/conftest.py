"""What the probe's tests share: a tiny source, and a driver and a twin joined in virtual time."""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from probe.driver import DriverEvent, FrameFetched, FrameReceived
from probe.drivers.eop1 import Eop1Driver
from probe.emulators.device import Device
from probe.emulators.eop1 import Eop1Device
from probe.emulators.pacing import TokenBucket
from probe.frame import Frame
from probe.geometry import Geometry
from probe.settings import Sampling, Settings

settings.register_profile(
    "probe", deadline=None, max_examples=60, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("SAUTI_HYPOTHESIS", "probe"))


class TinySource:
    """Eight lines of 64 samples; each sample says which frame, line and place it is."""

    model = "tiny"
    serial = "T1"
    centre_hz = 3_000_000
    sound_speed_m_s = 1500
    full_scale = 8000
    loop = 5
    geometry = Geometry.sector(8, 40.0)
    sampling = Sampling(64, 12_000_000, 5_000)

    def __init__(self, dead: tuple[int, ...] = ()) -> None:
        self._dead = dead

    def rf(self, index: int) -> np.ndarray:
        lines, samples = np.arange(8)[:, None], np.arange(64)[None, :]
        return (1000 * index + 100 * lines + samples).astype(np.int16)

    def dead(self, index: int) -> tuple[int, ...]:
        return self._dead


class Pair:
    """A driver and a device on a link of a given rate; time is ours."""

    def __init__(self, device: Device, driver: Eop1Driver | None = None, rate: int = 800_000) -> None:
        self.device = device
        self.driver = driver or Eop1Driver()
        self.now_ns = 1_000_000_000
        self.bucket = TokenBucket(rate, self.now_ns)
        self.events: list[DriverEvent] = []
        self.carried = 0
        self.alter: Callable[[bytes], bytes] = lambda data: data

    def ask(self, data: bytes, seconds: float = 0.1) -> list[DriverEvent]:
        self.device.feed(data, self.now_ns)
        return self.run(seconds)

    def connect(self, settings: Settings | None = None, start: bool = False) -> Pair:
        self.ask(self.driver.identify(self.now_ns))
        self.ask(self.driver.configure(settings or Settings(), self.now_ns))
        if start:
            self.device.feed(self.driver.start(self.now_ns), self.now_ns)
        return self

    def run(self, seconds: float, step_s: float = 0.005) -> list[DriverEvent]:
        """Let time pass; the events of that time."""
        before = len(self.events)
        for _ in range(max(1, round(seconds / step_s))):
            self.now_ns += round(step_s * 1e9)
            data = self.device.poll(self.now_ns, self.bucket.room(self.now_ns))
            self.bucket.spend(len(data))
            self.carried += len(data)
            self.events += self.driver.feed(self.alter(data), self.now_ns)
            if out := self.driver.tick(self.now_ns):
                self.device.feed(out, self.now_ns)
        return self.events[before:]

    def frames(self) -> list[Frame]:
        return [event.frame for event in self.events if isinstance(event, FrameReceived)]

    def fetched(self) -> list[Frame]:
        return [event.frame for event in self.events if isinstance(event, FrameFetched)]


@pytest.fixture
def tiny_source() -> type[TinySource]:
    return TinySource


@pytest.fixture
def pair() -> type[Pair]:
    return Pair


@pytest.fixture
def tiny_pair() -> Pair:
    return Pair(Eop1Device(TinySource()))
