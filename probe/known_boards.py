"""Boards that a driver exists for, by what their USB descriptors say. Only these are ever opened without being named.

Plug-ins add theirs in the entry-point group ``sauti.boards``.

The ids are read out of the makers' published firmware, see docs/reference/discovery.md.
"""

from __future__ import annotations

import contextlib
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

    def matches(self, vid: int | None, pid: int | None, product: str) -> bool:
        """The descriptors of a port are those of this board."""
        return (
            vid is not None
            and self.vid in (None, vid)
            and self.pid in (None, pid)
            and product.casefold().startswith(self.product.casefold())
        )


# The first row that matches counts. A board of EOP/1 names the protocol in its product string, under its maker's ids.
KNOWN_BOARDS = (
    KnownBoard("board that speaks EOP/1", "eop1", Confidence.SURE, product="EOP/1"),
    KnownBoard("pic0rick with signal processing", "p0rk", Confidence.SURE, 0xCAFE, 0x4011, "pic0rick"),
    KnownBoard("pic0rick with signal processing", "p0rk", Confidence.POSSIBLE, 0xCAFE, 0x4011),
    KnownBoard("Raspberry Pi Pico, maybe a pic0rick", "pic0rick", Confidence.POSSIBLE, 0x2E8A, 0x000A),
    KnownBoard("Raspberry Pi Pico 2, maybe a pic0rick", "pic0rick", Confidence.POSSIBLE, 0x2E8A, 0x0009),
    KnownBoard("nRF52840 dongle, maybe of a WULPUS", "wulpus", Confidence.POSSIBLE, 0x1915, 0x521A, answers=False),
)

# Serial numbers that say nothing: none at all, and those that a maker gives to every one of his boards or bridges.
SHARED_SERIALS = frozenset({"", "P0RK0001", "0001", "0"})


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
