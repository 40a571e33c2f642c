"""The verbs of the scan on the real reader, scanner and practice probe: what was frozen does not transmit."""

from __future__ import annotations

import time
from collections.abc import Iterator
from queue import SimpleQueue

import pytest

from clinic.clock import SystemClock
from clinic.compose import ProbeChoice, open_scanning
from clinic.errors import NoPicture
from clinic.events import Event, PictureReady, ProbeChanged, ProbeSettled
from clinic.workstation.scanning import Scanning
from probe.driver import DeviceStatus
from probe.emulators import eop1
from probe.emulators.sensors import Sensors
from probe.reader import ReaderState
from probe.settings import SampleFormat

F = SampleFormat


@pytest.fixture
def heard() -> SimpleQueue[Event]:
    return SimpleQueue()


@pytest.fixture
def scanning(heard: SimpleQueue[Event], clock: SystemClock) -> Iterator[Scanning]:
    scanning = open_scanning(ProbeChoice(), clock, heard.put)
    scanning.connect()
    until(heard, lambda event: isinstance(event, ProbeSettled))
    yield scanning
    scanning.close()


def until(heard: SimpleQueue[Event], wanted) -> None:  # type: ignore[no-untyped-def]
    while not wanted(heard.get(timeout=60)):
        pass


def test_a_freeze_right_behind_live_stops_the_probe(scanning: Scanning) -> None:
    """The consent to transmit is still on its way; it must not be what stands in the end."""
    for _ in range(3):
        scanning.live()
        with pytest.raises(NoPicture, match="no picture to freeze"):
            scanning.freeze().wait(60)
        time.sleep(0.3)
        assert scanning.probe_state is not ReaderState.STREAMING


def test_live_freeze_live(scanning: Scanning, heard: SimpleQueue[Event]) -> None:
    for _ in range(2):
        scanning.live()
        until(heard, lambda event: isinstance(event, PictureReady))
        frozen = scanning.freeze().wait(60)
        assert frozen.frame.format.is_rf
        assert scanning.probe_state is ReaderState.FROZEN


def test_a_wish_to_go_live_waits_for_the_probe(clock: SystemClock, heard: SimpleQueue[Event]) -> None:
    scanning = open_scanning(ProbeChoice(), clock, heard.put)
    scanning.connect()
    scanning.live()  # nobody knows the probe yet
    until(heard, lambda event: isinstance(event, PictureReady))
    scanning.close()


def test_a_probe_that_stopped_by_itself_is_not_started_by_an_old_wish(
    scanning: Scanning, heard: SimpleQueue[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too warm and cool again: it could start, and nobody asked for it since."""
    why: list[str | None] = [None]
    monkeypatch.setattr(Sensors, "unfit", property(lambda sensors: why[0]))
    scanning.live()
    until(heard, lambda event: isinstance(event, PictureReady))
    scanning.live()  # an impatient hand, while it is live
    why[0] = "temperature"
    until(heard, lambda event: isinstance(event, ProbeChanged) and event.state is ReaderState.FROZEN)
    why[0] = None
    for _ in range(2):
        until(heard, lambda event: isinstance(event, DeviceStatus) and not event.armed)
    assert scanning.probe_state is ReaderState.FROZEN
    scanning.live()
    until(heard, lambda event: isinstance(event, ProbeChanged) and event.state is ReaderState.STREAMING)


@pytest.mark.parametrize("kept", [F.RF_12_PACKED, F.RF_10_PACKED, F.IQ_I16, F.IQ_I8])
def test_the_finest_that_a_probe_keeps_is_fetched(
    kept: SampleFormat, clock: SystemClock, heard: SimpleQueue[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not every ring holds RF of sixteen bits."""
    monkeypatch.setattr(eop1, "fetch_formats", lambda source: (kept,))
    scanning = open_scanning(ProbeChoice(), clock, heard.put)
    scanning.connect()
    until(heard, lambda event: isinstance(event, ProbeSettled))
    scanning.live()
    until(heard, lambda event: isinstance(event, PictureReady))
    frozen = scanning.freeze().wait(60)
    scanning.close()
    assert frozen.frame.settings.format is kept
    assert frozen.picture.pixels.any()
