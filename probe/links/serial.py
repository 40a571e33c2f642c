"""A serial port, real or pseudo-terminal, through pyserial."""

from __future__ import annotations

import contextlib
import errno
import os
import select
import time

import serial

from probe.errors import LinkLost, LinkUnavailable

# a USB CDC device ignores the figure; a UART bridge wants one that its firmware shares
BAUD = 921_600
WRITE_TIMEOUT_S = 2.0
# four kilobytes at full-speed USB, and far below what an eye sees
GATHER_S = 0.004
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
            self._port = serial.Serial(path, baud, timeout=0.05, write_timeout=WRITE_TIMEOUT_S, exclusive=True)
        except (OSError, ValueError) as error:
            title, advice = _REASONS.get(_number(error), _UNKNOWN)
            raise LinkUnavailable(title.format(path=path), advice) from error
        self._ready = select.poll()
        self._ready.register(self._port.fileno(), select.POLLIN)
        # some boards stay silent until the host asserts DTR; a pseudo-terminal has no such line
        with contextlib.suppress(OSError, ValueError):
            self._port.dtr = True

    def read(self, timeout_s: float) -> bytes:
        """What has arrived, gathered for a moment: USB may bring 64 bytes at a time, and each would cost a turn.

        Raises:
            LinkLost: The device is gone.
        """
        try:
            if not self._ready.poll(1000 * timeout_s):
                return b""
            time.sleep(GATHER_S)
            data = self._gather()
        except BlockingIOError:
            return b""
        except _GONE as error:
            raise self._lost() from error
        if not data:
            raise self._lost()
        return data

    def _gather(self) -> bytes:
        """All that the system holds; an end behind it is told by the next read."""
        data = os.read(self._port.fileno(), _MOST_BYTES)
        with contextlib.suppress(OSError):
            while data and len(data) < _MOST_BYTES and self._ready.poll(0):
                more = os.read(self._port.fileno(), _MOST_BYTES)
                if not more:
                    break
                data += more
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
