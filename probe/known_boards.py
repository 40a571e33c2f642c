"""Boards that a driver exists for, by what their USB descriptors say. Only these are ever opened without being named.

The ids are read out of the makers' published firmware, see docs/reference/discovery.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Confidence(IntEnum):
    """How much the descriptors alone say; only the handshake of a driver says more."""

    NONE = 0
    POSSIBLE = 1
    SURE = 2

    @property
    def word(self) -> str:
        """In lower case, for people and programs."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class KnownBoard:
    """One row: what the descriptors must say, and what that means.

    Args:
        name: What a person calls the board.
        driver: Name of the driver that speaks its protocol.
        confidence: ``POSSIBLE`` for ids that a chip maker gives to everybody.
        vid, pid: USB ids; None matches any.
        product: What the product string begins with; empty matches any.
        numbered: Its USB serial number is the board's own, and stays with it: that of its chip, or of its builder.
    """

    name: str
    driver: str
    confidence: Confidence
    vid: int | None = None
    pid: int | None = None
    product: str = ""
    numbered: bool = False

    def matches(self, vid: int | None, pid: int | None, product: str) -> bool:
        """The descriptors of a port are those of this board."""
        return (
            vid is not None
            and self.vid in (None, vid)
            and self.pid in (None, pid)
            and product.casefold().startswith(self.product.casefold())
        )


# The first row that matches counts. A board of EOP/1 names the protocol in its product string, under its maker's ids,
# and tells its number itself. A dongle's number is not that of the wearable behind it.
KNOWN_BOARDS = (
    KnownBoard("board that speaks EOP/1", "eop1", Confidence.SURE, product="EOP/1"),
    KnownBoard("pic0rick with signal processing", "p0rk", Confidence.SURE, 0xCAFE, 0x4011, "pic0rick", numbered=True),
    KnownBoard("pic0rick with signal processing", "p0rk", Confidence.POSSIBLE, 0xCAFE, 0x4011),
    KnownBoard("Raspberry Pi Pico, maybe a pic0rick", "pic0rick", Confidence.POSSIBLE, 0x2E8A, 0x000A, numbered=True),
    KnownBoard("Raspberry Pi Pico 2, maybe a pic0rick", "pic0rick", Confidence.POSSIBLE, 0x2E8A, 0x0009, numbered=True),
    KnownBoard("nRF52840 dongle, maybe of a WULPUS", "wulpus", Confidence.POSSIBLE, 0x1915, 0x521A),
)

# Serial numbers that say nothing: none at all, and those that a maker gives to every one of his boards or bridges.
SHARED_SERIALS = frozenset({"", "P0RK0001", "0001", "0", "123456", "0123456789", "123456789ABCDEF"})

# an empty memory, a Pico whose memory chip has no number, a text that was blanked, and one that nobody can read
_FILLERS = ({"0"}, {"F"}, {"E"}, {"X"}, {"?"})
_USB = "usb:"


def tells_apart(serial: str) -> bool:
    """Whether a serial number is that of one device: not a known constant, nor a row of what fills an empty memory."""
    return serial not in SHARED_SERIALS and set(serial.upper()) not in _FILLERS


def usb_number(vid: int | None, pid: int | None, product: str, serial: str) -> str:
    """What a board is called that tells no number itself: ``usb:`` and its USB serial number; empty where that says
    nothing of the board.

    A board that no row names keeps none: behind a cable with a bridge, or a radio, may be any other tomorrow.
    """
    board = next((board for board in KNOWN_BOARDS if board.matches(vid, pid, product)), None)
    return f"{_USB}{serial}" if board is not None and board.numbered and tells_apart(serial) else ""
