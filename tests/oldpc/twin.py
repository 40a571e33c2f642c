"""A small probe for the virtual PC: the shipped twin, served on a file descriptor, in the guest and on the host."""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
from collections.abc import Callable

import numpy as np

from probe.emulators.device import Device
from probe.emulators.eop1 import Eop1Device
from probe.geometry import Geometry
from probe.settings import Sampling


class Small:
    """Sixteen lines of 128 samples."""

    model = "small probe"
    centre_hz = 3_000_000
    sound_speed_m_s = 1540
    full_scale = 8000
    loop = 2
    geometry = Geometry.sector(16, 40.0)
    sampling = Sampling(128, 12_000_000, 5_000)

    def __init__(self, serial: str) -> None:
        self.serial = serial

    def rf(self, index: int) -> np.ndarray:
        return (1000 * index + 100 * np.arange(16)[:, None] + np.arange(128)[None, :]).astype(np.int16)

    def dead(self, index: int) -> tuple[int, ...]:
        return ()


def small(serial: str) -> Eop1Device:
    """Twenty frames a second."""
    return Eop1Device(Small(serial), frame_interval_us=50_000)


class Served:
    """A new device at one end of a descriptor, until it is stopped or has sent all that it may.

    Args:
        descriptor: Its end.
        device: The twin.
        most: How many bytes it may send before ``gone`` is called; None for any number.
        gone: Called in the serving thread.
    """

    def __init__(
        self, descriptor: int, device: Device, most: int | None = None, gone: Callable[[], None] = lambda: None
    ) -> None:
        self.device = device
        self.heard = self.sent = 0
        self._most = most
        self._gone = gone
        self._descriptor = descriptor
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(5)

    def _serve(self) -> None:
        left = b""
        while not self._stop.is_set():
            now = time.monotonic_ns()
            with contextlib.suppress(OSError):
                if select.select([self._descriptor], [], [], 0.005)[0] and (data := os.read(self._descriptor, 4096)):
                    self.heard += len(data)
                    self.device.feed(data, now)
            left = left or self.device.poll(now, 4096 if self._most is None else min(4096, self._most - self.sent))
            with contextlib.suppress(OSError):
                written = os.write(self._descriptor, left) if left else 0
                left, self.sent = left[written:], self.sent + written
            if self._most is not None and self.sent >= self._most:
                self._gone()
                return
