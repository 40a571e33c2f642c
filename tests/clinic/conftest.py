"""Frames of the real practice probe, and a site with cheap keys."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from clinic.clock import SystemClock
from clinic.site import open_vault
from probe.drivers import registry
from probe.emulators.eop1 import Eop1Device
from probe.emulators.source import PhantomSource
from probe.frame import Frame
from probe.settings import SampleFormat, Settings
from records.home import Home, HomeLock
from records.slots import Stretching
from records.vault import Vault


@pytest.fixture(scope="session")
def sweeps() -> tuple[tuple[Frame, ...], Frame]:
    """Four live frames of the practice probe, and the last one as fetched RF."""
    device, driver = Eop1Device(PhantomSource()), registry.make("eop1")
    now = 0

    def exchange(data: bytes) -> list:  # type: ignore[type-arg]
        device.feed(data, now)
        return list(driver.feed(device.poll(now), now))

    exchange(driver.identify(now))
    exchange(driver.configure(Settings(), now))
    heard = exchange(driver.start(now))
    while sum(hasattr(event, "frame") for event in heard) < 4:
        now += 50_000_000
        heard += exchange(driver.tick(now))
    live = tuple(event.frame for event in heard if hasattr(event, "frame"))[:4]
    heard = exchange(driver.stop(now)) + exchange(driver.fetch(live[-1].number, SampleFormat.RF_I16, now))
    for _ in range(20):
        now += 50_000_000
        heard += exchange(driver.tick(now))
    [rf] = [event.frame for event in heard if hasattr(event, "frame") and event.frame.format.is_rf]
    return live, rf


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Home, HomeLock, Vault]]:
    """An unlocked home; the lock is let go at the end."""
    home = Home(tmp_path / "site")
    lock = home.lock("test")
    yield home, lock, open_vault(home, "six brave words", os.urandom, Stretching(1, 8192))
    lock.release()


@pytest.fixture
def clock() -> SystemClock:
    return SystemClock()
