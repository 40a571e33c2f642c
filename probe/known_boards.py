"""Boards that a driver exists for, by what their USB descriptors say. Only these are ever opened without being named.

Plug-ins add theirs in the entry-point group ``sauti.boards``.

The ids are read out of the makers' published firmware, see docs/reference/discovery.md.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from importlib.metadata import entry_points

GROUP = "sauti.boards"


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
        answers: Its driver can tell the board from any other device by what it says. Where it cannot, only a person
            may choose it.
    """

    name: str
    driver: str
    confidence: Confidence
    vid: int | None = None
    pid: int | None = None
    product: str = ""
    answers: bool = True
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
    KnownBoard("nRF52840 dongle, maybe of a WULPUS", "wulpus", Confidence.POSSIBLE, 0x1915, 0x521A, answers=False),
)

# Serial numbers that say nothing: none at all, and those that a maker gives to every one of his boards or bridges.
SHARED_SERIALS = frozenset({"", "P0RK0001", "0001", "0", "123456", "0123456789", "123456789ABCDEF"})

# an empty memory, a Pico whose memory chip has no number, a text that was blanked, and one that nobody can read
_FILLERS = ({"0"}, {"F"}, {"E"}, {"X"}, {"?"})
_USB = "usb:"


def strangers_boards() -> tuple[KnownBoard, ...]:
    """The USB descriptors that plug-ins name for their drivers. One that cannot be loaded has no boards.

    A row without both ids and a product string is left out: what is found is spoken to, and it may be anybody's device.
    """
    boards: list[KnownBoard] = []
    for point in entry_points(group=GROUP):
        with contextlib.suppress(Exception):  # a plug-in may raise anything, and must not hide the other ports
            boards += [board for board in point.load() if isinstance(board, KnownBoard) and _says_all(board)]
    return tuple(boards)


def _says_all(board: KnownBoard) -> bool:
    return board.vid is not None and board.pid is not None and board.product != ""


def known_boards() -> Iterator[KnownBoard]:
    """Sauti's own and those of plug-ins, the surest first; these are loaded when it is their turn.

    A plug-in's sure board stands before an id that everybody has, and never before a sure one of ours.
    """
    yield from (board for board in KNOWN_BOARDS if board.confidence is Confidence.SURE)
    ours = (board for board in KNOWN_BOARDS if board.confidence is not Confidence.SURE)
    yield from sorted((*ours, *strangers_boards()), key=lambda board: -board.confidence)


def tells_apart(serial: str) -> bool:
    """Whether a serial number is that of one device: not a known constant, nor a row of what fills an empty memory."""
    return serial not in SHARED_SERIALS and set(serial.upper()) not in _FILLERS


def usb_number(vid: int | None, pid: int | None, product: str, serial: str) -> str:
    """What a board is called that tells no number itself: ``usb:`` and its USB serial number; empty where that says
    nothing of the board.

    A board that no row names keeps none: behind a cable with a bridge, or a radio, may be any other tomorrow.
    """
    board = next((board for board in known_boards() if board.matches(vid, pid, product)), None)
    return f"{_USB}{serial}" if board is not None and board.numbered and tells_apart(serial) else ""
