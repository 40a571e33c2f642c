"""A device twin in the same process as a Link: the practice probe, and every test in virtual time."""

from __future__ import annotations

from collections.abc import Callable

from probe.emulators.device import Device
from probe.emulators.pacing import TokenBucket
from probe.errors import LinkLost

STEP_S = 0.005


class MemoryLink:
    """A link to a twin. Time is the caller's: the twin moves only while the link is read or written.

    Args:
        device: The other end.
        clock: Monotonic nanoseconds.
        sleep: Waits some seconds of the same clock.
        rate_bytes_s: What the link carries from device to host.
        name: What a person would call it.
    """

    def __init__(
        self,
        device: Device,
        clock: Callable[[], int],
        sleep: Callable[[float], object],
        rate_bytes_s: int = 800_000,
        name: str = "practice",
    ) -> None:
        self._device = device
        self._clock = clock
        self._sleep = sleep
        self._bucket = TokenBucket(rate_bytes_s, clock())
        self._open = True
        self.name = name

    def read(self, timeout_s: float) -> bytes:
        """What the device has sent by now, waiting for the first byte.

        Raises:
            LinkLost: The link is closed, or the device was unplugged.
        """
        deadline = self._clock() + round(timeout_s * 1e9)
        while True:
            now = self._checked_now()
            data = self._device.poll(now, self._bucket.room(now))
            self._bucket.spend(len(data))
            if data or now >= deadline:
                return data
            self._sleep(min(STEP_S, (deadline - now) * 1e-9))

    def write(self, data: bytes) -> None:
        """Give the device bytes.

        Raises:
            LinkLost: The link is closed.
        """
        self._device.feed(data, self._checked_now())

    def close(self) -> None:
        if self._open:
            self._open = False
            self._device.disconnect(self._clock())

    def _checked_now(self) -> int:
        if not self._open:
            raise LinkLost(f"The link to {self.name} is closed")
        return self._clock()
