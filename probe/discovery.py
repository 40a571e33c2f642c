"""Which probes are plugged in: known by their USB descriptors alone. Nothing is opened, nothing is written to.

The operating system's list of ports is held against the table of known boards. Whether a port may be used, and who
uses it, is asked of the file's permissions and of the kernel's tables; a port that no row names is left alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from stat import S_IRGRP, S_IWGRP

from probe.errors import LinkUnavailable
from probe.holders import Holder, holders
from probe.known_boards import Confidence, KnownBoard, known_boards
from probe.links.ports import SerialPort, serial_ports

_FOR_GROUP = S_IRGRP | S_IWGRP


class PortState(Enum):
    """Whether a probe can be used at a port."""

    USABLE = "usable"
    NO_PERMISSION = "no permission"
    BUSY = "busy"
    UNKNOWN_DEVICE = "unknown device"


@dataclass(frozen=True, slots=True)
class FoundPort:
    """One serial port of this computer.

    Args:
        port: Address and USB descriptors.
        board: What a person calls the board; empty when it is not known.
        driver: Name of the driver that speaks with it; empty when it is not known.
        confidence: How much the descriptors say.
        state: Whether it can be used.
        holder: Who uses it, when it is busy.
        by_hand: Nothing that it says would tell the board from any other device: only a person may choose it.
    """

    port: SerialPort
    board: str
    driver: str
    confidence: Confidence
    state: PortState
    holder: Holder | None = None
    by_hand: bool = False

    @property
    def address(self) -> str:
        """What ``--probe`` takes, until it is plugged in again."""
        return self.port.address

    @property
    def usb_id(self) -> str:
        """Vendor and product id as ``2E8A:000A``; empty when it is no USB device."""
        port = self.port
        return "" if port.vid is None or port.pid is None else f"{port.vid:04X}:{port.pid:04X}"

    def problem(self) -> LinkUnavailable | None:
        """Why it cannot be used, in sentences; None when it can."""
        address = self.port.address
        match self.state:
            case PortState.USABLE:
                return None
            case PortState.NO_PERMISSION:
                return LinkUnavailable(f"This user may not use the probe at {address}", _permission_advice(address))
            case PortState.BUSY:
                return LinkUnavailable(
                    f"The probe at {address} is in use by {self.holder or 'another program'}", "Close that program."
                )
            case PortState.UNKNOWN_DEVICE:
                return LinkUnavailable(
                    f"The device at {address} is not a probe that Sauti knows",
                    "Sauti leaves it alone. If it is a probe all the same, name it with --probe.",
                )


def find(
    ports: Callable[[], Iterable[SerialPort]] = serial_ports,
    boards: Sequence[KnownBoard] | None = None,
    may_use: Callable[[str], bool] | None = None,
    held_by: Callable[[Iterable[str]], Mapping[str, Holder]] = holders,
) -> tuple[FoundPort, ...]:
    """Every serial port of this computer, the surest usable probe first.

    Args:
        ports: Lists the ports.
        boards: The known boards; the first that matches counts. None: Sauti's own and those of plug-ins.
        may_use: Whether this user may read and write an address; None asks the file's permissions.
        held_by: Who holds which of some addresses; asked for known boards only.
    """
    allowed = may_use or _may_use
    known = tuple(known_boards()) if boards is None else boards
    rows = [(port, _board(port, known)) for port in ports()]
    busy = held_by([port.address for port, board in rows if board is not None])
    found = [_judge(port, board, allowed, busy) for port, board in rows]
    return tuple(sorted(found, key=lambda f: (f.state is not PortState.USABLE, -f.confidence, _natural(f.address))))


def _judge(
    port: SerialPort, board: KnownBoard | None, may_use: Callable[[str], bool], busy: Mapping[str, Holder]
) -> FoundPort:
    if board is None:
        return FoundPort(port, "", "", Confidence.NONE, PortState.UNKNOWN_DEVICE)
    holder = busy.get(port.address)
    state = PortState.USABLE
    if not may_use(port.address):
        state = PortState.NO_PERMISSION
    elif holder is not None:
        state = PortState.BUSY
    return FoundPort(port, board.name, board.driver, board.confidence, state, holder, not board.answers)


def _board(port: SerialPort, boards: Sequence[KnownBoard]) -> KnownBoard | None:
    return next((board for board in boards if board.matches(port.vid, port.pid, port.product)), None)


def _may_use(address: str) -> bool:
    return os.access(address, os.R_OK | os.W_OK)


def _permission_advice(address: str) -> str:
    """What an administrator does once: the rule file that opens every known probe, or the group of this one."""
    rules, group = "Ask the administrator to install packaging/udev/70-sauti-probes.rules", _group(address)
    return f"{rules}, or to add the user to the group {group} (and log in again)." if group else f"{rules}."


def _group(address: str) -> str:
    """The group that may use the port; empty where that would not help, or would give away the whole computer."""
    path = Path(address)
    try:
        status = path.stat()
        return path.group() if status.st_gid and status.st_mode & _FOR_GROUP == _FOR_GROUP else ""
    except (OSError, KeyError, NotImplementedError):
        return "dialout"


def _natural(address: str) -> tuple[str, int, str]:
    """Sorts ttyACM10 behind ttyACM9."""
    name = address.rstrip("0123456789")
    digits = address[len(name) :]
    return name, int(digits or 0), digits
