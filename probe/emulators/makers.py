"""From a wish to a twin: which source each kind of device looks at."""

from __future__ import annotations

from collections.abc import Callable

from probe.emulators.alines import RATE_HZ, BlockSource, LineLoop, LineSource
from probe.emulators.device import Device
from probe.emulators.echopen import EchopenDevice
from probe.emulators.echopen_v0 import EchopenV0Device
from probe.emulators.eop1 import Eop1Device
from probe.emulators.p0rk import P0rkDevice
from probe.emulators.pic0rick import Pic0rickDevice
from probe.emulators.registry import Wish
from probe.emulators.source import FrameSource, PhantomSource, RecordingSource
from probe.emulators.uprobe1 import Uprobe1Device, recorded_frames, rendered_frames
from probe.emulators.vessel import AcquisitionLoop, EchoSource, VesselSource
from probe.emulators.wulpus import WulpusDevice
from probe.errors import RecordingError
from probe.protocols.wulpus_config import RATES_HZ, SAMPLES
from probe.recording import Recording
from probe.settings import SampleFormat


def eop1(wish: Wish) -> Callable[[], Device]:
    """A board of the native protocol."""
    source = _frames(wish.recording)
    interval_us = round(1e6 / wish.frames_per_s)
    return lambda: Eop1Device(source, frame_interval_us=interval_us, link_rate_bytes_s=wish.link_rate_bytes_s)


def echopen(wish: Wish) -> Callable[[], Device]:
    """The echOpen kit, sending RF or envelopes."""
    source = _frames(wish.recording)
    return lambda: EchopenDevice(source, envelope=wish.envelope)


def echopen_v0(wish: Wish) -> Callable[[], Device]:
    """The WiFi probe V1, over a network that loses one datagram in 500 and reorders one in 200."""
    source = _frames(wish.recording)
    return lambda: EchopenV0Device(source, lose_every=500, swap_every=200)


def uprobe1(wish: Wish) -> Callable[[], Device]:
    """uProbe-1: its own recording as it is, anything else rendered."""
    own = None if wish.recording is None else recorded_frames(wish.recording)
    frames = rendered_frames(_frames(wish.recording)) if own is None else own
    return lambda: Uprobe1Device(frames)


def pic0rick(wish: Wish) -> Callable[[], Device]:
    """The stock firmware."""
    source = _lines(wish.recording)
    return lambda: Pic0rickDevice(source)


def mux10(wish: Wish) -> Callable[[], Device]:
    """The four-channel board."""
    source = _lines(wish.recording)
    return lambda: Pic0rickDevice(source, four_channels=True)


def p0rk(wish: Wish) -> Callable[[], Device]:
    """The signal processor."""
    source = _lines(wish.recording)
    return lambda: P0rkDevice(source)


def wulpus(wish: Wish) -> Callable[[], Device]:
    """The wearable, whose radio loses one acquisition in 200."""
    source = _acquisitions(wish.recording)
    return lambda: WulpusDevice(source, lose_every=200)


def _acquisitions(recording: Recording | None) -> EchoSource:
    if recording is None:
        return VesselSource()
    first = recording.frame(0).sampling
    fits = first.rate_hz in RATES_HZ and first.samples <= SAMPLES
    lines = [f.samples[0].astype("int16") for f in recording.all if f.lines == 1 and f.format is SampleFormat.RF_I16]
    if not fits or not lines or any(frame.sampling != first for frame in recording.all):
        raise RecordingError(f"The recording {recording.name} has no acquisitions of a WULPUS", "Choose another one.")
    return AcquisitionLoop(lines, first)


def _frames(recording: Recording | None) -> FrameSource:
    return PhantomSource() if recording is None else RecordingSource(recording)


def _lines(recording: Recording | None) -> LineSource:
    if recording is None:
        return BlockSource()
    lines = [
        frame.samples[0].astype("int16")
        for frame in recording.all
        if frame.lines == 1 and frame.format is SampleFormat.RF_I16 and frame.sampling.rate_hz == RATE_HZ
    ]
    if not lines:
        raise RecordingError(f"The recording {recording.name} has no A-lines at 60 MS/s", "Choose another one.")
    return LineLoop(lines)
