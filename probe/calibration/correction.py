"""What a calibration changes in a frame: its window in time and the angles of its lines. Samples are never touched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from probe.calibration.layout import layout_of
from probe.capabilities import Calibration, Capabilities
from probe.frame import Frame
from probe.geometry import Geometry
from probe.settings import Sampling

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Correction:
    """A probe's measured errors, as what takes them away.

    Args:
        time_zero_ns: Added to every time, after the scale.
        range_scale_ppm: Factor of every time, millionths: 1000000 leaves it.
        sector_scale_ppm: Factor of every angle.
        sweep_lag_mdeg: By how much a backward sweep lies right of a forward one, thousandths of a degree; each is
            moved by half of it.
        lateral_scale_ppm: Factor of the distances between parallel lines.
    """

    time_zero_ns: int = 0
    range_scale_ppm: int = MILLION
    sector_scale_ppm: int = MILLION
    sweep_lag_mdeg: int = 0
    lateral_scale_ppm: int = MILLION

    def sampling(self, told: Sampling) -> Sampling:
        """The true window of one that the probe told."""
        first_ns = round(told.first_sample_ns * self.range_scale_ppm / MILLION) + self.time_zero_ns
        return Sampling(told.samples, round(told.rate_hz * MILLION / self.range_scale_ppm), first_ns)

    def geometry(self, told: Geometry, direction: int) -> Geometry:
        """Where the lines of a sweep truly lie: the same object for the same lines, so that no chain plans again."""
        return _geometry(self, told, direction)


@dataclass(frozen=True, slots=True)
class InForce:
    """What counts for a probe now.

    Args:
        calibration: None: its pictures say that it is not calibrated.
        correction: None leaves the frames as they came.
    """

    calibration: Calibration | None
    correction: Correction | None = None


Lookup = Callable[[Capabilities], InForce]


def corrected(frame: Frame, in_force: InForce) -> Frame:
    """The frame with its true window and angles, and the calibration that they rest on."""
    provenance = replace(frame.provenance, calibration=in_force.calibration)
    correction = in_force.correction
    if correction is None:
        return replace(frame, provenance=provenance)
    return replace(
        frame,
        provenance=provenance,
        sampling=correction.sampling(frame.sampling),
        geometry=correction.geometry(frame.geometry, frame.direction),
    )


@lru_cache(maxsize=16)
def _geometry(correction: Correction, told: Geometry, direction: int) -> Geometry:
    """Lines turn about what they turn about by the probe's own word; parallel ones come nearer or move apart."""
    layout = layout_of(told)
    scale, shift = correction.sector_scale_ppm / MILLION, -direction * correction.sweep_lag_mdeg / 2
    angles, origins = np.asarray(told.angle_mdeg, dtype=np.float64), told.origins_mm()
    true_angles = layout.turned(angles, scale, shift)
    true_origins = 1000 * layout.moved(angles, origins, scale, shift, correction.lateral_scale_ppm / MILLION)
    x_um, z_um = (tuple(column.tolist()) for column in np.rint(true_origins).astype(np.int64).T)
    return Geometry(tuple(np.rint(true_angles).astype(np.int64).tolist()), x_um, z_um)
