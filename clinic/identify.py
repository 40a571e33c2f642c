"""Ask a probe who it is before anything is recorded: a simulated one must never reach the real records."""

from __future__ import annotations

from queue import Empty, SimpleQueue

from clinic.clock import Clock
from clinic.errors import BadRequest
from probe.capabilities import Capabilities
from probe.driver import Identified
from probe.drivers import registry
from probe.errors import ProbeError, ProbeTimeout
from probe.links.address import open_link, spoken_at
from probe.reader import Reader, ReaderEvent, StateChanged
from probe.slot import Slot

_WAIT_S = 5.0


def identify(address: str, driver: str, clock: Clock, wait_s: float = _WAIT_S) -> Capabilities:
    """Open the address, let the probe say who it is, and close it again.

    Raises:
        ProbeError: It cannot be opened (absent, not permitted, busy), is silent, or speaks something else.
    """
    heard: SimpleQueue[ReaderEvent] = SimpleQueue()
    reader = Reader(
        lambda: open_link(address, clock=clock.monotonic_ns),
        lambda: registry.make(spoken_at(address, driver)),
        Slot(),
        heard.put,
        clock.monotonic_ns,
    )
    reader.start()
    try:
        return _listen(heard, address, clock, clock.monotonic_ns() + int(wait_s * 1e9))
    finally:
        reader.stop()


def require_picture(capabilities: Capabilities) -> None:
    """A probe that sends single lines makes no picture in two dimensions, and none is made up.

    Raises:
        BadRequest: The probe is such a one.
    """
    if "B" not in capabilities.modes:
        raise BadRequest(
            f"The probe {capabilities.model} sends single lines (A-mode), which make no picture",
            "Use a probe that scans. A recorded line is shown by: sauti image.",
        )


def _listen(heard: SimpleQueue[ReaderEvent], address: str, clock: Clock, deadline_ns: int) -> Capabilities:
    reason: ProbeError | None = None
    while (left_ns := deadline_ns - clock.monotonic_ns()) > 0:
        try:
            event = heard.get(timeout=left_ns / 1e9)
        except Empty:
            break
        match event:
            case Identified(capabilities):
                return capabilities
            case StateChanged(_, ProbeError() as error):
                reason = error
                break
    raise reason or ProbeTimeout(f"The probe at {address} does not answer", "Unplug it, plug it in, and try again.")
