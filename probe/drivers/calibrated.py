"""A driver whose frames are corrected by the calibration in force; around any other driver."""

from __future__ import annotations

from dataclasses import replace

from probe.calibration.correction import InForce, Lookup, corrected
from probe.driver import Driver, DriverEvent, FrameFetched, FrameReceived, Identified
from probe.drivers.around import AroundDriver


class CalibratedDriver(AroundDriver):
    """Frames get their true window and angles, or the mark that nobody measured them.

    Args:
        driver: Of the probe.
        lookup: What is in force for a probe that has said who it is; asked once for each time it says so.
    """

    def __init__(self, driver: Driver, lookup: Lookup) -> None:
        super().__init__(driver)
        self._lookup = lookup
        self._in_force = InForce(None)

    def changed(self, event: DriverEvent) -> DriverEvent:
        """Frames corrected, capabilities with the calibration in force."""
        match event:
            case Identified(capabilities):
                self._in_force = self._lookup(capabilities)
                return Identified(replace(capabilities, calibration=self._in_force.calibration))
            case FrameReceived(frame):
                return FrameReceived(corrected(frame, self._in_force))
            case FrameFetched(frame):
                return FrameFetched(corrected(frame, self._in_force))
        return event
