"""PACK and SCAN: grey polar lines to a picture with square pixels, by tables made for one geometry."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from imaging import scratch
from imaging.compiled import Bound
from imaging.errors import CannotImage
from imaging.preset import Preset
from imaging.scan_map import polar_of
from imaging.stage import Job, Place
from probe.frame import Frame
from probe.geometry import Geometry


class PackStep:
    """Runs ``pack_quads``. One word more than there are cells stays empty: a pixel outside the scan points to it."""

    def __init__(self, job: Job) -> None:
        self.rows = job.geometry.lines - 1
        pitch = _pitch(job.polar_axis.samples)
        self.output = scratch.zeros((self.rows * pitch + 1,), np.uint32)
        self.parameters = {"kernel": "pack_quads"}
        cells = self.output[:-1].reshape(self.rows, pitch)
        self._run = job.kernels.bind("pack_quads", job.dead, cells)

    def run(self, source: NDArray[np.uint8], lo: int, hi: int, part: int) -> None:
        self._run(source, lo, hi)

    def retune(self, preset: Preset) -> None:
        """Nothing here depends on a knob."""


class ScanStep:
    """Runs ``scan_convert``; (height, width) grey picture, 0 outside the scan.

    Where the lines of backward sweeps lie elsewhere, they have tables of their own, and ``begin`` chooses.

    Args:
        job: What it is planned for.

    Raises:
        CannotImage: No pixel lies in the scan.
    """

    idle = False

    def __init__(self, job: Job) -> None:
        self.rows = job.layout.height_px
        self.output = np.zeros((job.layout.height_px, job.layout.width_px), dtype=np.uint8)
        self.parameters = {"kernel": "scan_convert"}
        self._forward = _Converter(job, job.geometry, self.output)
        self._backward = self._forward if job.backward is None else _Converter(job, job.backward, self.output)
        self._current = self._forward

    @property
    def inside(self) -> NDArray[np.bool_]:
        """(height, width) read-only: where the scan of the last frame is."""
        return self._current.inside

    def begin(self, frame: Frame) -> None:
        """Take the tables of the frame's direction."""
        chosen = self._backward if frame.direction < 0 else self._forward
        if chosen is not self._current:
            self._current = chosen
            self.output[:] = 0

    def forget(self) -> None:
        """Nothing is remembered."""

    def run(self, source: NDArray[np.uint32], lo: int, hi: int, part: int) -> None:
        self._current.runs[part](source, lo, hi)

    def retune(self, preset: Preset) -> None:
        """Nothing here depends on a knob."""

    def turn(self, mirrored: bool, upside_down: bool) -> None:
        """Exchange left and right, or top and bottom, of what will be filled: the same tables in another order."""
        converters = {self._forward, self._backward}
        for converter in converters:
            converter.turn(mirrored, upside_down)
        self.output[:] = 0


class _Converter:
    """The tables of one geometry, bound to the kernel once for each part."""

    def __init__(self, job: Job, geometry: Geometry, output: NDArray[np.uint8]) -> None:
        axis = job.polar_axis
        ranges_mm = axis.ranges_mm(job.sampling, job.preset.sound_speed_m_s)
        line, range_mm = polar_of(geometry, job.layout, float(ranges_mm[0]), float(ranges_mm[-1]))
        self.inside: NDArray[np.bool_] = ~np.isnan(line)
        if not self.inside.any():
            raise CannotImage("The probe's geometry leaves nothing to show", "Check the probe's settings.")
        self.inside.flags.writeable = False
        sample = (range_mm - ranges_mm[0]) / (ranges_mm[1] - ranges_mm[0])
        self._job, self._output = job, output
        self._tables = _tables(self.inside, line, sample, geometry.lines, axis.samples)
        self.runs = self._bound()

    def turn(self, mirrored: bool, upside_down: bool) -> None:
        """Reverse columns or rows. A row's cells stay together, so rows are reversed by naming them the other way."""
        spans, cells, weights = self._tables
        if mirrored:
            start, stop, place = spans.T
            width = self._output.shape[1]
            spans = np.stack([width - stop, width - start, len(cells) - place - (stop - start)], axis=1)
            cells, weights = cells[::-1].copy(), weights[::-1].copy()
        if upside_down:
            spans = spans[::-1].copy()
        self._tables = spans, cells, weights
        self.inside = self.inside[:: -1 if upside_down else 1, :: -1 if mirrored else 1]
        self.runs = self._bound()

    def _bound(self) -> list[Bound]:
        columns = self._output.shape[1]
        return [
            self._job.kernels.bind(
                "scan_convert", *self._tables, scratch.zeros((columns,), np.uint32),
                scratch.zeros((2, columns), np.uint16), self._output,
            )
            for _ in range(self._job.parts)
        ]  # fmt: skip


def _tables(
    inside: NDArray[np.bool_], line: NDArray[np.float64], sample: NDArray[np.float64], lines: int, samples: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint16]]:
    """Spans, cells and weights of ``scan_convert``."""
    columns = inside.shape[1]
    any_inside = inside.any(axis=1)
    start = np.where(any_inside, inside.argmax(axis=1), 0)
    stop = np.where(any_inside, columns - inside[:, ::-1].argmax(axis=1), 0)
    place = np.concatenate([[0], np.cumsum(stop - start)[:-1]])
    column = np.arange(columns)
    spanned = (column >= start[:, None]) & (column < stop[:, None])
    cells, deep = _fixed_point(sample[spanned], samples)
    line_at, right = _fixed_point(line[spanned], lines)
    pitch = np.int32(_pitch(samples))
    cells += line_at * pitch
    # a pixel between others that is outside points to the word that is always empty
    cells[~inside[spanned]] = (lines - 1) * pitch
    weights = (right << 8 | deep).astype(np.uint16)
    return np.stack([start, stop, place], axis=1).astype(np.int32), cells, weights


def _pitch(samples: int) -> int:
    """Words from the cells of one line to those of the next: an odd number of lines of the processor's cache.

    A row of the picture looks into all of them at much the same depth. Near a power of two apart they would push each
    other out of the cache.
    """
    words = 16
    return words * (-(-(samples - 1) // words) | 1)


def _fixed_point(value: NDArray[np.float64], count: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Whole part up to ``count - 2``, and the rest in 256ths; the far edge is 255 256ths into the last cell."""
    value *= 256
    np.rint(value, out=value)
    np.fmax(value, 0, out=value)  # also where it is not a number
    np.fmin(value, 256 * (count - 1) - 1, out=value)
    fixed = value.astype(np.int32)
    return fixed >> 8, fixed & 255


@dataclass(frozen=True, slots=True)
class PackStage:
    """Plans the packing of polar cells."""

    name: str = "pack"
    version: int = 1
    place: Place = field(default=Place.PACK)

    def plan(self, job: Job) -> PackStep:
        return PackStep(job)


@dataclass(frozen=True, slots=True)
class ScanStage:
    """Plans the scan conversion."""

    name: str = "scan"
    version: int = 1
    place: Place = field(default=Place.SCAN)

    def plan(self, job: Job) -> ScanStep:
        return ScanStep(job)


PACK = PackStage()
SCAN = ScanStage()
