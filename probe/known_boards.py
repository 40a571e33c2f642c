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
    """

    name: str
    driver: str
    confidence: Confidence
    vid: int | None = None
    pid: int | None = None
    product: str = ""

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
    KnownBoard("nRF52840 dongle, maybe of a WULPUS", "wulpus", Confidence.POSSIBLE, 0x1915, 0x521A),
)

# Serial numbers that say nothing: none at all, and those that a maker gives to every one of his boards or bridges.
SHARED_SERIALS = frozenset({"", "P0RK0001", "0001", "0"})
