"""Serve a device twin on a pseudo-terminal, as if it were plugged in, at a link's real rate. POSIX only.

A host may close its end and come again: the twin then behaves as a board whose DTR fell. When the device raises
LinkLost (an unplug that a test asked for), serving ends and the terminal disappears.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import threading
import time
import tty
from collections.abc import Callable

from probe.emulators.device import Device
from probe.emulators.pacing import TokenBucket
from probe.errors import LinkLost

LINK_RATE_BYTES_S = 800_000
_STEP_S = 0.004
_IDLE_S = 0.02
_READ_BYTES = 4096


def serve(
    device: Device,
    link_rate_bytes_s: int = LINK_RATE_BYTES_S,
    on_address: Callable[[str], None] = lambda address: None,
    stop: threading.Event | None = None,
    clock: Callable[[], int] = time.monotonic_ns,
) -> None:
    """Serve until ``stop`` is set or the device is unplugged.

    Args:
        device: The twin.
        link_rate_bytes_s: Most bytes per second from device to host.
        on_address: Told the path to connect to, once, when it can be opened.
        stop: Ends serving within a few milliseconds.
        clock: Monotonic nanoseconds.
    """
    master, host_end = os.openpty()
    try:
        tty.setraw(host_end)
        os.set_blocking(master, False)
        address = os.ttyname(host_end)
    finally:
        os.close(host_end)
    try:
        on_address(address)
        _Server(device, master, TokenBucket(link_rate_bytes_s, clock()), clock).run(stop or threading.Event())
    except LinkLost:
        pass
    finally:
        os.close(master)


class _Server:
    """One open pseudo-terminal and what has not gone through it yet."""

    def __init__(self, device: Device, master: int, bucket: TokenBucket, clock: Callable[[], int]) -> None:
        self._device = device
        self._master = master
        self._bucket = bucket
        self._clock = clock
        self._poll = select.poll()
        self._poll.register(master, select.POLLIN)
        self._connected = False
        self._left = b""

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            ready = self._poll.poll(1000 * _STEP_S)
            events = ready[0][1] if ready else 0
            if events & select.POLLIN:
                self._receive()
            elif events & select.POLLHUP:
                self._host_left()
                stop.wait(_IDLE_S)
                continue
            self._connected = True
            self._send()

    def _receive(self) -> None:
        # the host's end may close between poll and read
        with contextlib.suppress(OSError):
            self._device.feed(os.read(self._master, _READ_BYTES), self._clock())

    def _host_left(self) -> None:
        if self._connected:
            self._connected = False
            self._left = b""
            self._device.disconnect(self._clock())

    def _send(self) -> None:
        now = self._clock()
        room = self._bucket.room(now)
        if not self._left:
            self._left = self._device.poll(now, room)
            self._bucket.spend(len(self._left))
        if not self._left:
            return
        try:
            self._left = self._left[os.write(self._master, self._left) :]
        except OSError as error:
            # a full pipe is back-pressure; a vanished host is seen by the next poll
            if error.errno not in (errno.EAGAIN, errno.EIO):
                raise
