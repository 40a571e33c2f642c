"""A serial port, real or pseudo-terminal, through pyserial."""

from __future__ import annotations

import contextlib
import errno
import os
import select
import time

import serial

from probe.errors import LinkLost, LinkUnavailable
from probe.links.pace import GATHER_S, Pace

# a USB CDC device ignores the figure; a UART bridge wants one that its firmware shares
BAUD = 921_600
WRITE_TIMEOUT_S = 2.0
_READ_BYTES = 4095
_MOST_BYTES = 65536

_GONE = (serial.SerialException, OSError, TypeError)
_REASONS: dict[int, tuple[str, str]] = {
    errno.ENOENT: ("There is no probe at {path}", "Plug the probe in, or check the address."),
    errno.ENXIO: ("There is no probe at {path}", "Plug the probe in, or check the address."),
    errno.EACCES: (
        "This user may not use the probe at {path}",
        "Ask the administrator to add the user to the group dialout.",
    ),
    errno.EBUSY: ("The probe at {path} is in use by another program", "Close the other program."),
    errno.EAGAIN: ("The probe at {path} is in use by another program", "Close the other program."),
    errno.ENOTTY: ("{path} is not a serial port", "Choose the probe's address."),
    errno.EISDIR: ("{path} is not a serial port", "Choose the probe's address."),
    errno.EINVAL: ("{path} is not a serial port", "Choose the probe's address."),
    errno.EIO: ("The probe at {path} does not react", "Unplug it and plug it in again."),
}
_UNKNOWN = ("The probe at {path} cannot be opened", "Unplug it and plug it in again.")


class SerialLink:
    """An open serial port.

    Args:
        path: Device path, as ``/dev/ttyACM0``.
        baud: Line speed, where there is a line.

    Raises:
        LinkUnavailable: It is absent, in use, not permitted, or no serial port.
    """

    def __init__(self, path: str, baud: int = BAUD) -> None:
        self.name = path
        try:
            # the pause of none makes an empty line say so (VMIN 1): else it looks like the end of a lost one
            self._port = serial.Serial(
                path, baud, timeout=0.05, write_timeout=WRITE_TIMEOUT_S, exclusive=True, inter_byte_timeout=0
            )
        except (OSError, ValueError) as error:
            title, advice = _REASONS.get(_number(error), _UNKNOWN)
            raise LinkUnavailable(title.format(path=path), advice) from error
        self._ready = select.poll()
        self._ready.register(self._port.fileno(), select.POLLIN)
        self._pace = Pace()
        self._wanted_bytes = 0
        self._read_s = time.monotonic()
        # some boards stay silent until the host asserts DTR; a pseudo-terminal has no such line
        with contextlib.suppress(OSError, ValueError):
            self._port.dtr = True

    def expect(self, wanted_bytes: int) -> None:
        """So many more bytes and something comes of them; 0: nobody knows. Until then they may gather."""
        self._wanted_bytes = wanted_bytes

    def read(self, timeout_s: float) -> bytes:
        """What has arrived, gathered for a moment: each turn costs, and USB may bring 64 bytes at a time.

        While bytes flow it sleeps first and asks then: one turn for each gathering. Else it waits for a first byte.

        Raises:
            LinkLost: The device is gone.
        """
        try:
            if self._pace.flows:
                time.sleep(min(self._pace.nap_s(self._wanted_bytes), timeout_s))
            elif self._ready.poll(1000 * timeout_s):
                time.sleep(GATHER_S)
            else:
                return b""
            data = self._take()
        except _GONE as error:
            raise self._lost() from error
        before_s, self._read_s = self._read_s, time.monotonic()
        self._pace.brought(len(data), self._read_s - before_s)
        return data

    def _take(self) -> bytes:
        """All that the system holds, as far as one can tell; an end behind it is told by the next read."""
        fd = self._port.fileno()
        try:
            data = os.read(fd, _READ_BYTES)
        except BlockingIOError:
            return b""
        if not data:
            raise self._lost()
        # one read brings so much of a line at most: a shorter one has emptied it
        part = data
        with contextlib.suppress(OSError):
            while len(part) == _READ_BYTES and len(data) < _MOST_BYTES:
                part = os.read(fd, _READ_BYTES)
                data += part
        return data

    def write(self, data: bytes) -> None:
        """Send all of it.

        Raises:
            LinkLost: The device is gone, or took nothing for two seconds.
        """
        try:
            self._port.write(data)
        except _GONE as error:
            raise self._lost() from error

    def close(self) -> None:
        with contextlib.suppress(*_GONE):
            self._port.close()

    def _lost(self) -> LinkLost:
        return LinkLost(f"The probe at {self.name} was disconnected", "Check the cable.")


def _number(error: OSError | ValueError) -> int:
    """The error number that pyserial leaves in one of several places."""
    cause: BaseException | None = error
    while cause is not None:
        number = getattr(cause, "errno", None)
        if isinstance(number, int):
            return number
        # a failed tcgetattr arrives as termios.error(number, text) or is only told in the text
        if cause.args and isinstance(cause.args[0], int):
            return cause.args[0]
        cause = cause.__cause__ or cause.__context__
    return 0
