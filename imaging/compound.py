"""Spatial compounding: frames that look at the same tissue from different directions, averaged on one picture.

Speckle changes with the direction and bodies do not. It needs a probe whose lines can be steered; a single element that
swings about a point sees each place from one side only, and is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from imaging import compiled
from imaging.chain import Chain, Status
from imaging.digest import chain_digest
from imaging.errors import CannotImage, NoPictureYet
from imaging.kernels.registry import KERNELS
from imaging.layout import Layout, fit_all
from imaging.picture import Picture
from imaging.preset import Preset
from imaging.scan_map import polar_of
from probe.frame import Frame

LEAST_TURN_DEG = 2.0
_LEAST_SHARE = 0.2


class Compound:
    """One chain for each direction, and the mean of their last pictures. For one thread.

    Args:
        frames: One of each direction; their samples are not looked at.
        preset: How to image.
        width_px, height_px: Size of the picture.
        kernels: Compiled kernels, when not the best ones of this installation.

    Raises:
        CannotImage: They do not look at the same tissue from different directions, or one makes no picture.
        BadPreset: The preset names a stage that is not there.
        NoKernels: Kernels are missing from this installation.
    """

    def __init__(
        self,
        frames: Sequence[Frame],
        preset: Preset,
        width_px: int,
        height_px: int,
        kernels: compiled.Kernels | None = None,
    ) -> None:
        if len(frames) < 2:
            raise CannotImage("Compounding needs more than one direction", "Show each sweep by itself.")
        scans = [(frame.geometry, frame.sampling) for frame in frames]
        layout = fit_all(scans, preset.sound_speed_m_s, width_px, height_px)
        _check_directions(frames, preset, layout)
        ready = kernels or compiled.kernels()
        self._chains = [
            Chain.plan(frame, preset, width_px, height_px, layout=layout, kernels=ready) for frame in frames
        ]
        shape = (len(frames), height_px, width_px)
        self._pictures = np.zeros(shape, dtype=np.uint8)
        self._seen = np.zeros(shape, dtype=np.uint8)
        self._mean = np.zeros(shape[1:], dtype=np.uint8)
        self._numbers: dict[int, int] = {}
        self._newest: Picture | None = None
        seen = self._seen.reshape(-1, width_px)
        self._run = ready.bind("mean_seen", seen, self._mean)

    def run(self, frame: Frame) -> Status:
        """Take a frame of any of the directions. Never raises; the last mean stays where it cannot be imaged."""
        for direction, chain in enumerate(self._chains):
            if chain.fits(frame):
                status = chain.run(frame)
                if status is Status.OK:
                    self._take(direction, chain.picture())
                return status
        return Status.OTHER_PLAN

    def picture(self) -> Picture:
        """The mean of each direction's last picture; ``mixed_frames`` are all but the newest.

        Raises:
            NoPictureYet: None was imaged.
        """
        if self._newest is None:
            raise NoPictureYet("There is no picture yet", "Wait for the probe's next frame.")
        rows, columns = self._mean.shape
        self._run(self._pictures.reshape(-1, columns), 0, rows)
        pixels, inside = self._mean.copy(), np.asarray(self._seen.any(axis=0))
        for array in (pixels, inside):
            array.flags.writeable = False
        others = sorted(number for number in self._numbers.values() if number != self._newest.frame_number)
        parts = [self._chains[direction].digest for direction in sorted(self._numbers)]
        digest = chain_digest({"compound": parts, "kernels": {"mean_seen": KERNELS["mean_seen"].version}})
        return replace(self._newest, pixels=pixels, inside=inside, digest=digest, mixed_frames=tuple(others))

    def retune(self, preset: Preset) -> None:
        """Turn the knobs of every direction; what was imaged with the old ones is forgotten."""
        for chain in self._chains:
            chain.retune(preset)
        self.forget()

    def forget(self) -> None:
        """Begin anew, as for the next patient."""
        self._seen[:] = 0
        self._numbers.clear()
        self._newest = None

    def _take(self, direction: int, picture: Picture) -> None:
        self._pictures[direction] = picture.pixels
        # beside a missing line a picture is black, and has seen nothing
        self._seen[direction] = picture.inside & (picture.pixels > 0) if picture.missing_lines else picture.inside
        self._numbers[direction], self._newest = picture.frame_number, picture


def _check_directions(frames: Sequence[Frame], preset: Preset, layout: Layout) -> None:
    """That a fair part of the picture is seen from directions that differ."""
    maps = [_directions_deg(frame, preset, layout) for frame in frames]
    low, high = np.fmin.reduce(maps), np.fmax.reduce(maps)
    with np.errstate(invalid="ignore"):
        turned = high - low >= LEAST_TURN_DEG
    if turned.sum() < _LEAST_SHARE * (~np.isnan(low)).sum():
        raise CannotImage(
            "These sweeps see each place from one side only, so there is nothing to compound",
            "Use frequency compounding or a speckle filter.",
        )


def _directions_deg(frame: Frame, preset: Preset, layout: Layout) -> NDArray[np.float64]:
    """(rows, columns) from which direction each pixel is seen; NaN outside the scan."""
    speed, sampling = preset.sound_speed_m_s, frame.sampling
    line, _ = polar_of(
        frame.geometry, layout, sampling.range_mm(0, speed), sampling.range_mm(sampling.samples - 1, speed)
    )
    angles = np.asarray(frame.geometry.angle_mdeg) / 1000
    at = np.interp(np.nan_to_num(line), np.arange(float(len(angles))), angles)
    return np.where(np.isnan(line), np.nan, at)
