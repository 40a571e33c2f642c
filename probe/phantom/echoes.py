"""Echoes of a scene: deterministic RF in a sector.

Everything is linear in the scatterers, so a frame is a sum of few fields that are made once: what stands still
(wires, bone) and three fields of speckle whose mixture turns slowly round with the loop. Lines are spread over the
beam's width and convolved with the pulse. Where a heart beats, each of its phases has fields of its own.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from probe.geometry import Geometry
from probe.phantom.scenes import HEAD, SOUND_SPEED_M_S
from probe.phantom.shapes import Ellipse, Scene, Shaft, Skull
from probe.settings import Sampling

Map = NDArray[np.float32]
Mask = NDArray[np.bool_]
_SPECKLE, _STILL, _NOISE = 0, 1, 2


class Phantom:
    """RF of a scene in a sector of 96 lines, a loop of 16 frames; equal seeds give equal samples.

    Args:
        seed: Chooses the speckle and the noise.
        scene: What is in front of the probe.
    """

    lines = 96
    sector_deg = 72.0
    loop = 16
    centre_hz = 3_500_000
    full_scale = 8192
    sampling = Sampling(samples=2496, rate_hz=12_500_000, first_sample_ns=10_400)

    # two-way beam (1/e half-width) of a 12 mm aperture at 3.5 MHz in its far field; some rays of the map per line
    _BEAM_DEG = 0.9
    _RAYS_PER_LINE = 3
    _BANDWIDTH = 0.6
    _MOTION = 0.35
    _SPECKLE_RMS = 300.0
    _WIRE, _BONE_EDGE, _BONE, _MIDLINE = 25.0, 22.0, 9.0, 8.0
    _SHADOW = 0.12
    _LOSS_DB_CM = 0.45
    _NOISE_RMS = 2.0

    def __init__(self, seed: int = 1, scene: Scene = HEAD) -> None:
        self._seed = seed
        self.scene = scene
        self.geometry = Geometry.sector(self.lines, self.sector_deg)
        self._made: dict[int, NDArray[np.int16]] = {}
        self._fields: dict[int, tuple[Map, ...]] = {}

    def rf(self, index: int) -> NDArray[np.int16]:
        """(lines, samples) of frame ``index % loop``, read-only; made at the first call."""
        index %= self.loop
        if index not in self._made:
            self._made[index] = self._make(index)
        return self._made[index]

    @property
    def _phases(self) -> int:
        """How many frames a heartbeat takes; 1 where nothing beats."""
        return self.loop // self.scene.heart.beats_per_loop if self.scene.heart else 1

    def _make(self, index: int) -> NDArray[np.int16]:
        still, first, second = self._phase(index % self._phases)
        turn = 2 * math.pi * index / self.loop
        moving = np.float32(self._MOTION * math.cos(turn)) * first + np.float32(self._MOTION * math.sin(turn)) * second
        random = np.random.default_rng((self._seed, _NOISE, index))
        noise = random.standard_normal(still.shape, dtype=np.float32) * np.float32(self._NOISE_RMS)
        values = np.clip(np.rint(still + moving + noise), -32768, 32767).astype(np.int16)
        values.flags.writeable = False
        return values

    def _phase(self, number: int) -> tuple[Map, ...]:
        if number not in self._fields:
            self._fields[number] = self._make_fields(number / self._phases)
        return self._fields[number]

    def _make_fields(self, phase: float) -> tuple[Map, ...]:
        """Three (lines, samples) fields: what stands still, and the two parts that the speckle moves between.

        The latter are those of the full heart at every phase: a beat then costs a third.
        """
        angles, ranges = self._rays()
        x, z = ranges[None, :] * np.sin(angles)[:, None], ranges[None, :] * np.cos(angles)[:, None]
        chambers = self.scene.heart.at(phase) if self.scene.heart else ()
        bodies = (*self.scene.bodies, *chambers)
        tissue = _echogenicity(self.scene, bodies, x, z, self._SHADOW)
        fields = []
        for part in range(1 if phase else 3):
            random = np.random.default_rng((self._seed, _SPECKLE, part))
            scatterers = random.standard_normal(tissue.shape, dtype=np.float32) * tissue
            if part == 0:
                scatterers += self._surfaces(bodies, x, z)
            fields.append(self._insonify(scatterers, ranges))
        fields[0] += self._wires(ranges)
        return tuple(fields) if not phase else (fields[0], *self._phase(0)[1:])

    def _rays(self) -> tuple[Map, Map]:
        """Angles of the map's rays in radians, and the range of each sample in mm."""
        half = math.radians(self.sector_deg / 2)
        angles = np.linspace(-half, half, self.lines * self._RAYS_PER_LINE - 2)
        spacing = self.sampling.spacing_mm(SOUND_SPEED_M_S)
        first = self.sampling.range_mm(0, SOUND_SPEED_M_S)
        ranges = first + spacing * np.arange(self.sampling.samples)
        return angles.astype(np.float32), ranges.astype(np.float32)

    def _insonify(self, scatterers: Map, ranges: Map) -> Map:
        """(rays, samples) scatterers to (lines, samples) echoes: spread over the beam, convolve with the pulse."""
        beam = self._beam()
        spread = beam @ scatterers
        size = 2560 if self.sampling.samples <= 2560 else 2 * self.sampling.samples
        spectrum = np.fft.rfft(spread, size, axis=1)
        frequency = np.fft.rfftfreq(size, 1 / self.sampling.rate_hz)
        spectrum *= self._band(frequency)
        echoes = np.fft.irfft(spectrum, size, axis=1)[:, : self.sampling.samples]
        field: Map = (echoes * self._loss(ranges) * self._SPECKLE_RMS).astype(np.float32)
        return field

    def _beam(self) -> Map:
        """(lines, rays) weights of the two-way beam, each line with unit energy."""
        lines = np.asarray(self.geometry.angle_mdeg, dtype=np.float32)[:, None] / 1000
        rays = np.degrees(self._rays()[0])[None, :]
        weights = np.exp(-((lines - rays) ** 2) / (self._BEAM_DEG**2)).astype(np.float32)
        unit: Map = weights / np.sqrt((weights**2).sum(axis=1, keepdims=True))
        return unit

    def _band(self, frequency_hz: NDArray[np.floating]) -> Map:
        """The pulse's spectrum: Gaussian about the centre, zero phase, of unit energy over white scatterers."""
        sigma = self._BANDWIDTH * self.centre_hz / 2.355
        band = np.exp(-((frequency_hz - self.centre_hz) ** 2) / (2 * sigma**2))
        unit: Map = (band / math.sqrt(float(np.mean(band**2)))).astype(np.float32)
        return unit

    def _loss(self, ranges: Map) -> Map:
        """What the probe's own gain leaves of the attenuation."""
        return np.power(10.0, -self._LOSS_DB_CM * ranges / 200).astype(np.float32)

    def _wires(self, ranges: Map) -> Map:
        """(lines, samples) echoes of the point targets, each pulse at its exact time."""
        field = np.zeros((self.lines, self.sampling.samples), dtype=np.float32)
        lines_deg = np.asarray(self.geometry.angle_mdeg) / 1000
        sigma_s = 2.355 / (2 * math.pi * self._BANDWIDTH * self.centre_hz)
        loss = self._loss(ranges)
        for wire in self.scene.wires:
            range_mm = math.hypot(wire.x_mm, wire.z_mm)
            off_deg = lines_deg - math.degrees(math.atan2(wire.x_mm, wire.z_mm))
            beam = np.exp(-(off_deg**2) / self._BEAM_DEG**2)
            seconds = (ranges.astype(np.float64) - range_mm) / (500 * SOUND_SPEED_M_S)
            pulse = np.exp(-(seconds**2) / (2 * sigma_s**2)) * np.cos(2 * math.pi * self.centre_hz * seconds)
            field += (self._WIRE * self._SPECKLE_RMS * beam[:, None] * (pulse * loss)[None, :]).astype(np.float32)
        return field

    def _surfaces(self, bodies: tuple[Ellipse, ...], x: Map, z: Map) -> Map:
        """(rays, samples) of what stands out: bone between smooth surfaces, edges of bodies."""
        random = np.random.default_rng((self._seed, _STILL))
        out: Map = random.standard_normal(x.shape, dtype=np.float32)
        in_bone, edges = np.zeros(x.shape, dtype=np.bool_), np.zeros(x.shape, dtype=np.float32)
        skull = self.scene.skull
        if skull is not None:
            outside, inside = (_skull_level(skull, x, z, inset) for inset in (0.0, skull.bone_mm))
            in_bone |= (outside <= 1) & (inside > 1)
            for level in (outside, inside):
                edges[_crossing(level <= 1)] += self._BONE_EDGE
            brain = _crossing(z > skull.z_mm) & (np.abs(x - skull.x_mm) < 0.3 * skull.width_mm)
            edges[brain] += self._MIDLINE
        for shaft in self.scene.shafts:
            inside_shaft = _in_shaft(shaft, x, z)
            in_bone |= inside_shaft
            edges[_crossing(inside_shaft)] += self._BONE_EDGE
        for body in bodies:
            if body.edge:
                edges[_crossing(_level(body, x, z) <= 1)] += body.edge
        out *= in_bone * np.float32(self._BONE)
        out += edges
        return out


def _skull_level(skull: Skull, x: Map, z: Map, inset_mm: float) -> Map:
    """(rays, samples) of the skull's ellipse, made smaller all round: 1 on it, less inside."""
    half_x, half_z = skull.width_mm / 2 - inset_mm, skull.height_mm / 2 - inset_mm
    level: Map = ((x - skull.x_mm) / half_x) ** 2 + ((z - skull.z_mm) / half_z) ** 2
    return level


def _level(body: Ellipse, x: Map, z: Map) -> Map:
    """(rays, samples): 1 on a body's edge, less inside."""
    level: Map = ((x - body.x_mm) / (body.width_mm / 2)) ** 2 + ((z - body.z_mm) / (body.height_mm / 2)) ** 2
    return level


def _in_shaft(shaft: Shaft, x: Map, z: Map) -> Mask:
    """(rays, samples) True in the bar."""
    along = (shaft.x2_mm - shaft.x1_mm) / shaft.length_mm, (shaft.z2_mm - shaft.z1_mm) / shaft.length_mm
    right, down = x - np.float32(shaft.x1_mm), z - np.float32(shaft.z1_mm)
    lengthwise, across = right * along[0] + down * along[1], down * along[0] - right * along[1]
    inside: Mask = (lengthwise >= 0) & (lengthwise <= shaft.length_mm) & (np.abs(across) <= shaft.thick_mm / 2)
    return inside


def _crossing(mask: Mask) -> Mask:
    """(rays, samples) True at the first sample along a ray where the mask is not what it was before."""
    changed = np.zeros_like(mask)
    changed[:, 1:] = mask[:, 1:] != mask[:, :-1]
    return changed


def _behind(inside: Mask) -> Mask:
    """(rays, samples) True where the sound has passed through a mask and left it."""
    passed: Mask = np.maximum.accumulate(inside, axis=1) & ~inside
    return passed


def _echogenicity(scene: Scene, bodies: tuple[Ellipse, ...], x: Map, z: Map, shadow: float) -> Map:
    """(rays, samples) amplitude of the speckle: tissue, bodies, dark brain, empty cysts; then shadows."""
    amplitude = np.ones(x.shape, dtype=np.float32)
    left = np.ones(x.shape, dtype=np.float32)
    for body in bodies:
        inside = _level(body, x, z) <= 1
        amplitude[inside] = body.echo
        left[_behind(inside)] *= np.float32(body.behind)
    if scene.skull is not None:
        inside = _skull_level(scene.skull, x, z, scene.skull.bone_mm) <= 1
        amplitude[inside] = 0.3
        left[_behind(inside)] *= np.float32(0.6)
    for cyst in scene.cysts:
        amplitude[(x - cyst.x_mm) ** 2 + (z - cyst.z_mm) ** 2 < cyst.radius_mm**2] = 0
    for shaft in scene.shafts:
        left[_behind(_in_shaft(shaft, x, z))] *= np.float32(shadow)
    amplitude *= left
    return amplitude
