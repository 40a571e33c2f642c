"""Which serial ports this computer has, as the operating system tells it. Opens none of them."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SerialPort:
    """One serial port and what its USB descriptors say; empty texts and None where there is no USB device behind it.

    Args:
        address: Device path, as ``/dev/ttyACM0``; it may be another one after the next plugging in.
        vid, pid: USB vendor and product id.
        serial: USB serial number; may repeat between boards of one maker.
        product: USB product string.
        manufacturer: USB manufacturer string.
        location: Where it is plugged in, as ``1-1.4:1.0``: bus, ports, and the interface where it has several.
    """

    address: str
    vid: int | None = None
    pid: int | None = None
    serial: str = ""
    product: str = ""
    manufacturer: str = ""
    location: str = ""


_TRIES = 3


def serial_ports() -> tuple[SerialPort, ...]:
    """All serial ports, in the order of the operating system. Pseudo-terminals are never among them."""
    for _ in range(_TRIES):
        # pyserial reads several files for each port; one that is unplugged meanwhile fails the whole list
        with contextlib.suppress(OSError, TypeError, ValueError):
            return _listed()
    return ()


def _listed() -> tuple[SerialPort, ...]:
    from serial.tools import list_ports

    return tuple(
        SerialPort(
            port.device, port.vid, port.pid, _text(port.serial_number), _text(port.product), _text(port.manufacturer),
            _text(port.location),
        )
        for port in list_ports.comports()
    )  # fmt: skip


def _text(value: str | None) -> str:
    """A descriptor's text as it may be shown: a device chooses it freely, so nothing unprintable is passed on."""
    return "".join(c if c.isprintable() else "?" for c in (value or "")[:200])
