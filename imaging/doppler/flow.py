"""Flow from a probe's own frames: lines that look along the same beam in a row are the pulses of an ensemble."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from imaging import compiled
from imaging.chain import Status
from imaging.detection import check_plannable, job_for, well_formed
from imaging.doppler.colour import ColourDoppler
from imaging.doppler.wall import MEAN, Wall
from imaging.errors import CannotImage
from imaging.layout import Layout
from imaging.modes import Mode, offers
from imaging.preset import Preset
from imaging.stage import Axis
from imaging.stages.analytic import analytic_lines
from probe.frame import Frame
from probe.geometry import Geometry

_NO_PICTURE = Layout(16, 16, 1, 0, 0)


class Flow:
    """A plan for frames like one. For one thread at a time.

    Args:
        frame: Gives format, geometry, window, settings and when lines are fired; its samples are not looked at.
        preset: The band and the speed of sound.
        wall: Takes out what stands still.
        kernels: Compiled kernels, when not the best ones of this installation.

    Raises:
        CannotImage: The frames hold no phase, no ensembles, or do not say when their lines are fired.
        NoKernels: Kernels are missing from this installation.
    """

    def __init__(
        self, frame: Frame, preset: Preset, wall: Wall = MEAN, *, kernels: compiled.Kernels | None = None
    ) -> None:
        check_plannable(frame)
        reason = next(offer.reason for offer in offers(frame.format, frame.geometry) if offer.mode is Mode.COLOUR)
        if reason:
            raise CannotImage(reason.rstrip("."), "Choose another mode, or other probe settings.")
        self._like = frame
        job = job_for(frame, replace(preset, aperture_lines=0), _NO_PICTURE, kernels)
        self._dead, self._source = job.dead, analytic_lines(job)
        self._firsts = _firsts(frame.geometry)
        pulses = int(np.diff([*self._firsts, frame.geometry.lines]).min())
        self._interval_us = abs(_interval_us(frame, self._firsts, pulses))
        centre = frame.settings.centre_hz or preset.centre_hz
        # a band that is sampled from above comes out turned round
        folded = centre - frame.sampling.rate_hz * round(centre / frame.sampling.rate_hz)
        self._sign = np.float32(-1 if frame.format.is_rf and folded < 0 else 1)
        outputs = self._source.outputs
        self._pulse = np.zeros((len(self._firsts), 2 * outputs), np.float32)
        self._axis = Axis(outputs, 0.0, self._source.decimation)
        self.pulse_rate_hz = 1e6 / self._interval_us
        self.colour = ColourDoppler(
            pulses, len(self._firsts), outputs, self.pulse_rate_hz, centre, preset.sound_speed_m_s, wall,
            kernels=job.kernels,
        )  # fmt: skip
        self.ranges_mm = self._axis.ranges_mm(frame.sampling, preset.sound_speed_m_s)
        self.silent = np.zeros(len(self._firsts), np.bool_)

    @property
    def geometry(self) -> Geometry:
        """Where the beams lie: the rows of ``velocity_m_s``."""
        like = self._like.geometry
        columns = (like.angle_mdeg, like.origin_x_um, like.origin_z_um)
        return Geometry(*(tuple(column[first] for first in self._firsts) for column in columns))

    @property
    def velocity_m_s(self) -> NDArray[np.float32]:
        """(beams, samples) of the last frame, positive towards the probe; 0 on beams that are ``silent``."""
        return self.colour.velocity_m_s

    @property
    def power(self) -> NDArray[np.float32]:
        """(beams, samples) of what moves; 0 on beams that are ``silent``."""
        return self.colour.power

    def run(self, frame: Frame) -> Status:
        """Measure a frame. Never raises: a bad one gets a status, and changes nothing."""
        like = self._like
        alike = frame.format is like.format and frame.sampling == like.sampling and frame.geometry == like.geometry
        if not alike or frame.settings.centre_hz != like.settings.centre_hz:
            return Status.OTHER_PLAN
        if not well_formed(frame):
            return Status.BAD_SAMPLES
        order = self._in_time(frame)
        if order is None:
            return Status.OTHER_PLAN
        np.copyto(self._dead, frame.missing, casting="unsafe")
        self._source.fill(np.ascontiguousarray(frame.samples))
        if self._dead.all():
            return Status.NO_LINES
        outputs = self._source.outputs
        self.silent[:] = False
        for pulse, place in enumerate(order):
            at = self._firsts + place
            np.take(self._source.lines, at, axis=0, out=self._pulse)
            self._pulse[:, outputs:] *= self._sign
            self.colour.put(pulse, self._pulse)
            self.silent |= self._dead[at] != 0
        self.colour.run()
        self.velocity_m_s[self.silent] = 0
        self.power[self.silent] = 0
        return Status.OK

    def _in_time(self, frame: Frame) -> range | None:
        """An ensemble's lines as they were fired: from the right on a sweep backwards; None at another rate."""
        pulses = range(self.colour.pulses)
        # a line that never came has no time; its beam is silent anyway
        whole = self._firsts[~frame.missing[self._firsts[:, None] + np.arange(len(pulses))].any(axis=1)]
        if not len(whole):
            return pulses
        try:
            interval_us = _interval_us(frame, whole, len(pulses))
        except CannotImage:
            return None
        if abs(abs(interval_us) - self._interval_us) > _uneven(self._interval_us):
            return None
        return pulses if interval_us > 0 else pulses[::-1]

    def pulses(self, beam: int) -> NDArray[np.complex64]:
        """(pulses, samples) a copy of the last frame's ensemble on a beam, for a ``Gate`` and its ``Spectrum``."""
        count, samples = self.colour.pulses, self._source.outputs
        parts = self.colour.ensemble.reshape(count, 2, len(self._firsts), samples)[:, :, beam]
        pulses: NDArray[np.complex64] = (parts[:, 0] + 1j * parts[:, 1]).astype(np.complex64)
        if not self._source.carried:
            return pulses
        # summed over a gate, the carrier would take itself out
        carrier = np.exp(-1j * float(self._sign) * self._source.turn * np.arange(samples))
        return np.asarray(pulses * carrier, dtype=np.complex64)


def _firsts(geometry: Geometry) -> NDArray[np.int64]:
    """(beams,) the first line of each beam."""
    places = zip(geometry.angle_mdeg, geometry.origin_x_um, geometry.origin_z_um, strict=True)
    counts = [len(list(lines)) for _, lines in groupby(places)]
    return np.cumsum([0, *counts[:-1]])


def _interval_us(frame: Frame, firsts: NDArray[np.int64], pulses: int) -> float:
    """From a line of an ensemble to the next: below zero where a sweep backwards fired that one first.

    Raises:
        CannotImage: The frame does not say, or they are not fired evenly.
    """
    times = np.asarray(frame.line_us, dtype=np.float64)
    if times.shape != (frame.geometry.lines,):
        raise CannotImage("The probe does not say when its lines were fired", "Flow needs their times.")
    steps = np.diff(times[firsts[:, None] + np.arange(pulses)], axis=1)
    interval = float(steps.mean())
    if not interval or np.abs(steps - interval).max() > _uneven(interval):
        raise CannotImage("The probe does not fire its lines evenly", "Flow needs even times from pulse to pulse.")
    return interval


def _uneven(interval_us: float) -> float:
    """How far intervals may be from each other and still be one."""
    return max(1.0, 0.02 * abs(interval_us))
