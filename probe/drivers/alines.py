"""What boards with one fixed transducer have in common: a frame is one line, and no picture in two dimensions."""

from __future__ import annotations

import numpy as np

from probe.capabilities import Capabilities
from probe.frame import Frame, Provenance
from probe.geometry import Geometry
from probe.samples import Samples, unpacked_format
from probe.settings import SampleFormat, Settings

GEOMETRY = Geometry((0,), (0,), (0,))
MODES = ("A", "M")


def provenance(capabilities: Capabilities, simulated: bool = False) -> Provenance:
    """Who makes the lines; such boards speak in time only."""
    c = capabilities
    return Provenance(c.model, c.serial, c.firmware, c.simulated or simulated, c.calibration, 0)


def line_frame(
    number: int,
    samples: Samples,
    settings: Settings,
    made: Provenance,
    *,
    device_us: int,
    received_ns: int,
    dropped: int = 0,
    format: SampleFormat | None = None,
) -> Frame:
    """One line as a frame; a line of one value holds no echo and is masked.

    Args:
        number: Of the line, never falling.
        samples: (1, samples).
        settings: As applied.
        made: Who made it.
        device_us: The device's clock, or the host's where it has none.
        received_ns: The host's clock.
        dropped: Lines lost before this one.
        format: Coding of ``samples`` where it is not what the wire's format unpacks to.

    Raises:
        ValueError: The settings name no format or window.
    """
    if settings.format is None or settings.sampling is None:
        raise ValueError("a line needs applied settings")
    missing = np.array([samples.min() == samples.max()])
    kept = np.where(missing[:, None], samples.dtype.type(0), samples)
    line_us = np.zeros(1, dtype=np.int64)
    for array in (kept, missing, line_us):
        array.flags.writeable = False
    return Frame(
        number=number, format=format or unpacked_format(settings.format), samples=kept, missing=missing,
        geometry=GEOMETRY, sampling=settings.sampling, settings=settings, provenance=made, direction=1,
        device_us=device_us, received_ns=received_ns, line_us=line_us, dropped_before=dropped,
    )  # fmt: skip
