"""The WULPUS twin does what the firmware does, with its quirks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from probe.drivers.wulpus import WulpusDriver
from probe.emulators.wulpus import WulpusDevice
from probe.errors import RecordingError
from probe.protocols.wulpus import FRAME_BYTES, Acquisition, Decoder, Idle
from probe.protocols.wulpus_config import (
    STOP,
    WulpusConfig,
)
from probe.recording import Recording
from tests.probe.talk import Talk


def test_the_twin_believes_whatever_it_is_told() -> None:
    """Else the property of pulse safety could not fail."""
    device = WulpusDevice()
    wrong = WulpusConfig().registers()._replace(period=33, pulse_hz=170_000, pulses=255)
    device.feed(wrong.pack(), 0)
    device.poll(10**8)
    device.poll(10**8 + 3_000_000)
    assert device.shots[-1][1:] == (2950, 2938, 0, 255)
    assert device.shots[-1].at_ns - device.shots[-2].at_ns <= 3_100_000


@pytest.mark.parametrize("change", [{"pulses": 0}, {"pulse_hz": 0}, {"pulse_hz": 1000}, {"paths": ((0, 1),)}])
def test_the_twin_sends_lines_without_a_burst(change: dict) -> None:
    device = WulpusDevice()
    device.feed(WulpusConfig().registers()._replace(**change).pack(), 0)
    [line] = [i for i in Decoder().feed(device.poll(20_000_000)) if isinstance(i, Acquisition)]
    assert not line.samples.any()
    assert not device.shots


def test_the_twin_takes_no_packet_that_the_firmware_does_not_take() -> None:
    device = WulpusDevice()
    for packet in (b"AT\r\n" * 17, b"\xfa" + bytes(18) + b"\x11" + bytes(48)):
        device.feed(packet, 0)
        assert Decoder().feed(device.poll(10**9)) == [Idle(True)]
        assert not device.running
    device.feed(WulpusConfig().packet()[:67], 0)
    device.poll(10**9)
    assert not device.running
    device.disconnect(10**9)
    device.feed(WulpusConfig().packet(), 10**9)
    device.poll(2 * 10**9)
    assert device.running, "a dongle that was opened anew counts from the first byte"


def test_what_lies_behind_a_packet_overwrites_it() -> None:
    """So a stop right before a configuration is lost, and a driver must wait between them."""
    device = WulpusDevice()
    device.feed(WulpusConfig().packet(), 0)
    device.poll(10**8)
    device.feed(STOP + replace(WulpusConfig(), gain_db=20.5).packet(), 10**8)
    device.poll(10**9)
    assert device.running


def test_a_stop_is_found_by_a_dongle_that_lost_count() -> None:
    device = WulpusDevice()
    device.feed(WulpusConfig().packet(), 0)
    device.feed(b"AT\r", 10**8)
    for at in range(1, 3):
        device.feed(STOP, 10**8 + at)
    device.poll(10**9)
    assert not device.running


def test_the_twin_goes_on_without_a_host_and_its_next_host_gets_the_rest() -> None:
    device = WulpusDevice()
    device.feed(WulpusConfig().packet(), 0)
    assert len(device.poll(20_000_000, 100)) == 100
    device.disconnect(20_000_000)
    before = len(device.shots)
    late = device.poll(10**9)
    assert len(device.shots) > before
    [line] = [item for item in Decoder().feed(late) if isinstance(item, Acquisition)]
    assert late[: 3 * 201] == bytes(late[: 3 * 201])
    assert len(late) == 3 * 201 + FRAME_BYTES
    assert line.number == 19


def test_a_recording_is_played_as_it_was_taken(recordings: Path) -> None:
    from probe.emulators.registry import Wish, maker

    recording = Recording.load(recordings / "wulpus")
    talk = Talk(WulpusDriver(), maker("wulpus", Wish(recording))()).connect()
    lines = talk.start(3.0)
    assert len(lines) > 50
    for line in lines:
        assert np.array_equal(line.samples, recording.frame(line.number % 100).samples)
    with pytest.raises(RecordingError, match="no acquisitions of a WULPUS"):
        maker("wulpus", Wish(Recording.load(recordings / "pic0rick")))
