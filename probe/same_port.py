"""The same probe again: an address that follows a device when it is plugged in anew and named differently.

A device is itself by vendor id, product id and serial number, and, where several share a number, by the socket that it
is plugged into: once two of one number were seen, only the socket counts. No other device is ever opened.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from probe.errors import LinkUnavailable
from probe.known_boards import tells_apart, usb_number
from probe.link import Gathers, Link
from probe.links.ports import SerialPort, serial_ports


class SamePort:
    """Opens one device, first by its address, later wherever it is.

    A device that the list of ports does not know (a pseudo-terminal, a network address, the practice probe) is opened
    by its address each time.

    Args:
        address: Of the device, now.
        open_link: Opens an address, raising ``LinkUnavailable``.
        ports: Lists the serial ports of this computer; opens none.
    """

    def __init__(
        self,
        address: str,
        open_link: Callable[[str], Link],
        ports: Callable[[], Iterable[SerialPort]] = serial_ports,
    ) -> None:
        self._address = address
        self._open_link = open_link
        self._ports = ports
        self._device: SerialPort | None = None
        self._ambiguous = False
        self._number: str | None = None

    @property
    def number(self) -> str:
        """What the device is called if it tells no number itself (``usb_number``); empty where nothing tells.

        It is settled when the device is first opened, and empty for one of two of the same number: nobody knows which
        of them a calibration was made of. A second one that comes later changes nothing: the socket tells them apart.
        """
        return self._number or ""

    def open(self) -> Link:
        """Open the device.

        Raises:
            LinkUnavailable: It is not plugged in, cannot be told from another, or cannot be opened.
        """
        address = self._address if self._device is None else self._find(self._device)
        link = self._open_link(address)
        try:
            self._remember(address)
        except BaseException:
            link.close()  # an open link that nobody has would keep the port busy for ever
            raise
        return _Watched(link, self._look_round)

    def _find(self, device: SerialPort) -> str:
        alike = self._alike(device)
        here = next((port for port in alike if port.location == device.location), None)
        if here is not None:
            return here.address
        self._ambiguous |= len(alike) > 1
        if self._ambiguous:
            raise _not_there(device, "Plug it into the socket where it was: others have the same number.")
        if not alike:
            raise _not_there(device, "Plug it in again.")
        return alike[0].address

    def _remember(self, address: str) -> None:
        """Which device the address is now."""
        real = os.path.realpath(address)
        self._device = next((p for p in self._ports() if p.address == real and p.vid is not None), self._device)
        self._look_round()
        if self._number is None:
            self._number = self._found_number()

    def _found_number(self) -> str:
        device = self._device
        if device is None or self._ambiguous:
            return ""
        return usb_number(device.vid, device.pid, device.product, device.serial)

    def _look_round(self) -> None:
        """Is there a second one? One that is in another socket at the moment of the loss is never the lost one."""
        device = self._device
        if device is not None:
            others = [port for port in self._alike(device) if port.location != device.location]
            self._ambiguous |= not tells_apart(device.serial) or bool(others)

    def _alike(self, device: SerialPort) -> list[SerialPort]:
        return [port for port in self._ports() if _identity(port) == _identity(device)]


class _Watched:
    """A link that tells of its end."""

    def __init__(self, link: Link, closed: Callable[[], None]) -> None:
        self._link = link
        self._closed = closed
        self._gathers = link if isinstance(link, Gathers) else None
        self.name = link.name
        self.read = link.read
        self.write = link.write

    def expect(self, wanted_bytes: int) -> None:
        """As the link inside, if it gathers."""
        if self._gathers is not None:
            self._gathers.expect(wanted_bytes)

    def close(self) -> None:
        self._link.close()
        self._closed()


def _identity(port: SerialPort) -> tuple[int | None, int | None, str, str]:
    """Vendor, product, serial number, and which of the device's interfaces."""
    return port.vid, port.pid, port.serial, port.location.partition(":")[2]


def _not_there(device: SerialPort, advice: str) -> LinkUnavailable:
    number = f" with the serial number {device.serial}" if device.serial else ""
    return LinkUnavailable(f"The probe{number} is not plugged in", advice)
