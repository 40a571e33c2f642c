"""What the workstation's threads tell whoever is in front of it. Frozen values, posted from any thread.

The receiver must return at once: a screen hands them to its loop, the headless exam puts them in a queue.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from imaging.beam_view import BeamView
from imaging.picture import Picture
from probe.capabilities import Capabilities
from probe.driver import ButtonPressed, DeviceStatus
from probe.errors import ProbeError
from probe.reader import ReaderState
from probe.settings import Settings


@dataclass(frozen=True, slots=True)
class PictureReady:
    """A live frame was imaged, or one beam of it; ``advice`` are sentences about what can be mended, gravest first."""

    picture: Picture | BeamView
    advice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProbeIdentified:
    """A probe said who it is."""

    capabilities: Capabilities


@dataclass(frozen=True, slots=True)
class ProbeSettled:
    """The probe applied settings; these are the values that it really uses."""

    settings: Settings


@dataclass(frozen=True, slots=True)
class ProbeChanged:
    """The reader's state changed; ``reason`` when something went wrong."""

    state: ReaderState
    reason: ProbeError | None


@dataclass(frozen=True, slots=True)
class RecordSaved:
    """These event types are on disk."""

    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ThreadDied:
    """A thread ended by an error of ours; what it did is not done any more."""

    thread: str
    reason: Exception


Event = (
    PictureReady
    | ProbeIdentified
    | ProbeSettled
    | ProbeChanged
    | RecordSaved
    | ThreadDied
    | DeviceStatus
    | ButtonPressed
)
Post = Callable[[Event], None]
