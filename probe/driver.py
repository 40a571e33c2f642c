"""Driver: the second seam. A protocol without I/O: bytes and time in, events and bytes out.

A driver owns no thread, no clock and no link. It turns requests into bytes to write, and received bytes into events.
Bad bytes are counted, never raised.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from probe.capabilities import Capabilities
from probe.frame import Frame
from probe.settings import SampleFormat, Settings


@dataclass(frozen=True, slots=True)
class Identified:
    """The device said who it is."""

    capabilities: Capabilities


@dataclass(frozen=True, slots=True)
class Applied:
    """The device took settings; these are the values that it really uses."""

    settings: Settings


@dataclass(frozen=True, slots=True)
class FrameReceived:
    """A whole live frame, or all that will ever arrive of it."""

    frame: Frame


@dataclass(frozen=True, slots=True)
class FrameFetched:
    """The answer to ``fetch``: the same sweep in the format asked for, made without transmitting again."""

    frame: Frame


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The device did what was asked (``START``, ``STOP``)."""

    request: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The device said no; ``request`` is the message's name, ``code`` the protocol's error code."""

    request: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """What the device reports about once a second. None where it has no such sensor."""

    armed: bool
    dropped_frames: int
    battery_percent: int | None = None
    temperature_c: int | None = None


@dataclass(frozen=True, slots=True)
class ButtonPressed:
    """A button on the probe went down."""

    name: str


@dataclass(frozen=True, slots=True)
class Disarmed:
    """The device stopped transmitting by itself; ``reason`` is its word: ``watchdog``, ``temperature``, ``battery``."""

    reason: str


@dataclass(frozen=True, slots=True)
class LinkTested:
    """The result of a test pattern.

    Args:
        blocks: Blocks that were sent.
        lost: Of these, how many never came, or came with bytes missing.
        damaged: Of those that came, how many had a wrong bit.
        bits: Bits that came.
        bit_errors: How many of these were wrong.
        bytes_s: What came, over the time that it took; None: it took too little to tell.
    """

    blocks: int
    lost: int
    damaged: int
    bits: int
    bit_errors: int
    bytes_s: int | None


DriverEvent = (
    Identified
    | Applied
    | FrameReceived
    | FrameFetched
    | Acknowledged
    | Refused
    | DeviceStatus
    | ButtonPressed
    | Disarmed
    | LinkTested
)


@dataclass(slots=True)
class LinkCounters:
    """What a driver counted since it was made; the reader publishes copies."""

    bytes: int = 0
    messages: int = 0
    frames: int = 0
    header_errors: int = 0
    payload_errors: int = 0
    skipped_bytes: int = 0
    lost_blocks: int = 0
    incomplete_frames: int = 0
    stale_blocks: int = 0


class LinkMemory(Protocol):
    """What a link was found to carry, remembered per probe and port."""

    def recall(self, serial: str, port: str) -> int | None: ...

    def remember(self, serial: str, port: str, bytes_s: int) -> None: ...


@runtime_checkable
class LearnsLink(Protocol):
    """What a driver may offer beside ``Driver``: to learn what its link carries, and to ask for no more than that."""

    def learn_link(self, memory: LinkMemory, port: str) -> None:
        """Called once, before ``identify``."""


@runtime_checkable
class TestsLink(Protocol):
    """What a driver may offer beside ``Driver``: to count a link's wrong bits."""

    def test_link(self, blocks: int, block_bytes: int, now_ns: int) -> bytes:
        """Ask for blocks of known bytes, answered by ``LinkTested``."""


@runtime_checkable
class Foresees(Protocol):
    """What a driver may offer beside ``Driver``: to say when the next event can come, so that bytes may gather."""

    @property
    def wanted_bytes(self) -> int:
        """So many more bytes and a frame is whole; 0: nobody knows."""


class Driver(Protocol):
    """One protocol, sans-I/O. Every method that returns bytes returns what the caller must write, maybe nothing.

    ``now_ns`` is the caller's monotonic clock; a driver never reads one itself.
    """

    name: str
    counters: LinkCounters

    def identify(self, now_ns: int) -> bytes:
        """Ask the device who it is; also the first thing sent after a link opens."""

    def configure(self, settings: Settings, now_ns: int) -> bytes: ...

    def start(self, now_ns: int) -> bytes:
        """Begin transmitting and streaming."""

    def stop(self, now_ns: int) -> bytes:
        """Stop transmitting: freeze."""

    def fetch(self, frame_number: int, format: SampleFormat, now_ns: int) -> bytes:
        """Ask for a past frame out of the device's ring, in another format, without transmitting."""

    def feed(self, data: bytes, now_ns: int) -> Sequence[DriverEvent]:
        """Any number of received bytes, in any chunks."""

    def tick(self, now_ns: int) -> bytes:
        """Called at least every 100 ms: keep-alive and time-outs."""
