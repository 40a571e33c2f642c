"""Tiny twins for fuzzing: the devices that ship, looking at so little that thousands can be met in a minute."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from probe.emulators import registry as twins
from probe.emulators.alines import BlockSource
from probe.emulators.device import Device
from probe.emulators.played import PLAYER, PlayedDevice
from probe.emulators.registry import Wish
from probe.errors import ProbeError
from probe.frame import Frame
from probe.geometry import Geometry
from probe.recording import Recording
from probe.sprobe.container import Sprobe
from tests.probe.recorded import record_session

LINES, SAMPLES, RATE_HZ = 8, 128, 15_625_000
A_LINE_HZ = 60_000_000


def film() -> Recording:
    """Three sweeps of eight lines, about 6 mm deep at the kit's rate."""
    random = np.random.default_rng(7)
    frames = [
        Frame.of_rf(
            random.integers(-300, 300, (LINES, SAMPLES)).astype(np.int16), Geometry.sector(LINES, 40.0), RATE_HZ,
            first_sample_ns=5_000, centre_hz=3_500_000, number=number, simulated=True,
        )
        for number in range(3)
    ]  # fmt: skip
    return Recording("film", "tiny film", tuple(frames))


def lines() -> Recording:
    """Three A-lines at the rate of pic0rick."""
    source = BlockSource()
    single = Geometry((0,), (0,), (0,))
    frames = [
        Frame.of_rf(source.line(number)[None], single, A_LINE_HZ, number=number, simulated=True) for number in range(3)
    ]
    return Recording("lines", "A-lines", tuple(frames))


def _player() -> Callable[[], Device]:
    """The player of a session with the tiny EOP/1 twin."""
    recording = Sprobe.read(record_session("eop1", factory("eop1")(), 0.5)[0])
    return lambda: PlayedDevice(recording)


@cache
def factory(name: str) -> Callable[[], Device]:
    """Makes twins of a driver; all that is costly is made once.

    Raises:
        ProbeError: There is no twin of that name.
    """
    if name == PLAYER:
        return _player()
    for recording in (film(), lines(), None):
        try:
            return twins.maker(name, Wish(recording, frames_per_s=20))
        except ProbeError as error:
            refused = error
    raise refused
