"""The host's half of a conversation with a device that only sends: nothing is asked, everything is answered here."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from probe.assembly import Assembler, SweepPlan
from probe.capabilities import NOT_REPORTED, Capabilities
from probe.driver import (
    Acknowledged,
    Applied,
    DriverEvent,
    FrameReceived,
    Identified,
    LinkCounters,
    Refused,
)
from probe.errors import NotUnderstood, ProbeTimeout
from probe.frame import Frame, Provenance
from probe.geometry import Geometry
from probe.settings import SampleFormat, Settings

SILENCE_NS = 3_000_000_000
LOST_NS = 5_000_000_000


class Listening:
    """What such drivers share. The device transmits whatever the host does; ``start`` and ``stop`` open and close the
    picture only.

    Args:
        counters: Of the driver.
    """

    def __init__(self, counters: LinkCounters) -> None:
        self.counters = counters
        self.plan: SweepPlan | None = None
        self._due: list[DriverEvent] = []
        self._assembler: Assembler | None = None
        self._settings = Settings()
        self._open = False
        self._heard_ns: int | None = None
        self._understood_ns: int | None = None

    @property
    def assembler(self) -> Assembler | None:
        """Where lines go while the picture is open."""
        return self._assembler if self._open else None

    def begin(self, now_ns: int) -> None:
        """A connection has opened."""
        self._heard_ns = self._understood_ns = now_ns

    def identified(self, capabilities: Capabilities, settings: Settings, plan: SweepPlan) -> None:
        """The device has said, or shown, what it is."""
        self.plan, self._settings = plan, settings
        self._assembler = Assembler(plan, self.counters)
        self._due.append(Identified(capabilities))

    def configure(self) -> None:
        """Whatever is asked, the device goes on as it is."""
        if self.plan is not None:
            self._due.append(Applied(self._settings))

    def switch(self, on: bool) -> None:
        """Open or close the picture. A sweep that is under way is dropped: a frozen picture should be a whole one."""
        if self.plan is None:
            return
        self._assembler = Assembler(self.plan, self.counters)
        self._open = on
        self._due.append(Acknowledged("START" if on else "STOP"))

    def flush(self, now_ns: int) -> None:
        """The stream has ended: what there is of the frame at hand is all that will ever come."""
        self.deliver(self._assembler.finish(now_ns) if self._assembler is not None else None)

    def refuse_fetch(self) -> None:
        """There is no ring to fetch from."""
        self._due.append(Refused("FETCH", "format", "This probe keeps no frames"))

    def deliver(self, frame: Frame | None) -> None:
        """A frame is whole, or all that will ever arrive of it."""
        if frame is not None:
            self._due.append(FrameReceived(frame))

    def heard(self, data: bytes, understood: bool, now_ns: int) -> None:
        """Bytes have come; ``understood``: they held a line."""
        if data:
            self.counters.bytes += len(data)
            self._heard_ns = now_ns
        if understood:
            self._understood_ns = now_ns

    def take(self) -> list[DriverEvent]:
        """The events since the last call."""
        due, self._due = self._due, []
        return due

    def check(self, now_ns: int, maker: str) -> None:
        """Whether the device still speaks, and its own language.

        Raises:
            ProbeTimeout: It has been silent for too long.
            NotUnderstood: Nothing in what it says is a line.
        """
        if self._heard_ns is None or self._understood_ns is None:
            return
        if now_ns - self._heard_ns >= SILENCE_NS:
            raise ProbeTimeout("The probe has stopped sending", "Check that it is switched on and its network is up.")
        if now_ns - self._understood_ns >= LOST_NS:
            raise NotUnderstood(f"What comes from this address is not {maker}", "Choose the probe's own address.")


def provenance(capabilities: Capabilities, sound_speed_m_s: int) -> Provenance:
    """Who makes the frames, from the capabilities."""
    c = capabilities
    return Provenance(c.model, c.serial, c.firmware, c.simulated, c.calibration, sound_speed_m_s)


def positions_of(geometry: Geometry) -> NDArray[np.int32]:
    """(lines, 3) angle in thousandths of a degree, origin x and z in micrometres."""
    columns = (geometry.angle_mdeg, geometry.origin_x_um, geometry.origin_z_um)
    return np.stack([np.asarray(column, dtype=np.int32) for column in columns], axis=1)


def capabilities_of(driver: str, model: str, simulated: bool, plan: tuple[SampleFormat, int, int, int]) -> Capabilities:
    """Of a B-mode device whose settings cannot be changed.

    Args:
        driver, model, simulated: As in ``Capabilities``.
        plan: Live format, lines, samples per line, centre frequency in Hz.
    """
    format, lines, samples, centre_hz = plan  # noqa: A001
    return Capabilities(
        driver=driver, model=model, serial=NOT_REPORTED, firmware=NOT_REPORTED, simulated=simulated, modes=("B",),
        formats=(format,), fetch_formats=(), ring_frames=0, max_lines=lines, max_samples=samples,
        min_frame_interval_us=0, centre_hz=(centre_hz,), gain_db=(0, 0),
    )  # fmt: skip
