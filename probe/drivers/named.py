"""A driver whose device is called by its USB serial number where its protocol tells none; around any other driver."""

from __future__ import annotations

from dataclasses import replace

from probe.capabilities import NOT_REPORTED
from probe.driver import Driver, DriverEvent, FrameFetched, FrameReceived, Identified
from probe.drivers.around import AroundDriver
from probe.frame import Frame


def named(driver: Driver, number: str) -> Driver:
    """The driver, with a number for a device that tells none itself.

    Args:
        driver: Of the probe.
        number: As ``SamePort.number``; empty: the driver is left as it is.
    """
    return NamedDriver(driver, number) if number else driver


class NamedDriver(AroundDriver):
    """Capabilities and frames get the number; a serial number that the device tells is never touched."""

    def __init__(self, driver: Driver, number: str) -> None:
        super().__init__(driver)
        self._number = number

    def changed(self, event: DriverEvent) -> DriverEvent:
        """The same, with a serial number."""
        match event:
            case Identified(capabilities) if capabilities.serial == NOT_REPORTED:
                return Identified(replace(capabilities, serial=self._number))
            case FrameReceived(frame) if frame.provenance.serial == NOT_REPORTED:
                return FrameReceived(self._owned(frame))
            case FrameFetched(frame) if frame.provenance.serial == NOT_REPORTED:
                return FrameFetched(self._owned(frame))
        return event

    def _owned(self, frame: Frame) -> Frame:
        return replace(frame, provenance=replace(frame.provenance, serial=self._number))
