"""pic0rick's four-channel board: the same shell, read in binary, one of its paths at a time."""

from __future__ import annotations

from probe.drivers.pic0rick import Dialect, Pic0rickDriver
from probe.protocols.pic0rick import BINARY, BINARY_SAMPLES, SEARCHED, mux_word, read_binary

# a line of 3000 samples is 6 kB: over full-speed USB some thirty a second
LEAST_INTERVAL_US = 30_000


class Mux10Driver(Pic0rickDriver):
    """The board as a ``Driver``: one channel transmits, one receives.

    Its streams without pause are not used: they shoot as fast as the bus takes lines, and only a byte from the host
    ends them. Shot by shot, the host holds the rate.

    Args:
        transmit, receive: Channels, counted from 0.

    Raises:
        ValueError: There is no such channel.
    """

    def __init__(self, transmit: int = 0, receive: int = 0) -> None:
        super().__init__(
            Dialect(
                "mux10", "pic0rick-4ch", b"read bin %d" % BINARY_SAMPLES, read_binary, BINARY_SAMPLES - SEARCHED,
                LEAST_INTERVAL_US, proof=b"read bin 1", mark=BINARY,
                route=b"write mux %X" % mux_word(transmit, receive),
            )
        )  # fmt: skip
