"""The practice phantom: deterministic RF of speckle, cysts, wires and a skull whose true sizes are known.

Everything is linear in the scatterers, so a frame is a sum of few fields that are made once: what stands still
(wires, skull) and three fields of speckle whose mixture turns slowly round with the loop. Lines are spread over the
beam's width and convolved with the pulse. Speed of sound 1540 m/s, all places in mm in the plane of ``Geometry``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probe.geometry import Geometry
from probe.settings import Sampling

SOUND_SPEED_M_S = 1540


@dataclass(frozen=True, slots=True)
class Cyst:
    """A round region without echoes."""

    x_mm: float
    z_mm: float
    radius_mm: float


@dataclass(frozen=True, slots=True)
class Wire:
    """A point target, seen across its length."""

    x_mm: float
    z_mm: float


@dataclass(frozen=True, slots=True)
class Skull:
    """An ellipse of bone with its axes along x and z.

    Args:
        x_mm, z_mm: Its centre.
        width_mm: Outer diameter along x (the occipito-frontal diameter of this head, outer to outer).
        height_mm: Outer diameter along z (its biparietal diameter, outer to outer).
        bone_mm: Thickness of the bone.
    """

    x_mm: float
    z_mm: float
    width_mm: float
    height_mm: float
    bone_mm: float


@dataclass(frozen=True, slots=True)
class Truth:
    """Every size and place in the phantom, as a caliper should find them at ``sound_speed_m_s``."""

    sound_speed_m_s: int
    cysts: tuple[Cyst, ...]
    wires: tuple[Wire, ...]
    skull: Skull


TRUTH = Truth(
    sound_speed_m_s=SOUND_SPEED_M_S,
    cysts=(Cyst(13.0, 40.0, 6.0), Cyst(-16.0, 142.0, 6.0)),
    wires=(
        Wire(0.0, 20.0), Wire(0.0, 30.0), Wire(0.0, 40.0), Wire(0.0, 50.0),
        Wire(-15.0, 45.0), Wire(12.0, 140.0), Wire(32.0, 140.0),
    ),
    skull=Skull(0.0, 95.0, 90.0, 70.0, 3.0),
)  # fmt: skip

_SPECKLE, _STILL, _NOISE = 0, 1, 2


class Phantom:
    """RF of ``TRUTH`` in a sector of 96 lines, a loop of 16 frames; equal seeds give equal samples.

    Args:
        seed: Chooses the speckle and the noise.
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
    _LOSS_DB_CM = 0.45
    _NOISE_RMS = 2.0

    def __init__(self, seed: int = 1) -> None:
        self._seed = seed
        self.geometry = Geometry.sector(self.lines, self.sector_deg)
        self._made: dict[int, NDArray[np.int16]] = {}
        self._fields: tuple[NDArray[np.float32], ...] | None = None

    def rf(self, index: int) -> NDArray[np.int16]:
        """(lines, samples) of frame ``index % loop``, read-only; made at the first call."""
        index %= self.loop
        if index not in self._made:
            self._made[index] = self._make(index)
        return self._made[index]

    def _make(self, index: int) -> NDArray[np.int16]:
        if self._fields is None:
            self._fields = self._make_fields()
        still, first, second = self._fields
        turn = 2 * math.pi * index / self.loop
        moving = np.float32(self._MOTION * math.cos(turn)) * first + np.float32(self._MOTION * math.sin(turn)) * second
        random = np.random.default_rng((self._seed, _NOISE, index))
        noise = random.standard_normal(still.shape, dtype=np.float32) * np.float32(self._NOISE_RMS)
        values = np.clip(np.rint(still + moving + noise), -32768, 32767).astype(np.int16)
        values.flags.writeable = False
        return values

    def _make_fields(self) -> tuple[NDArray[np.float32], ...]:
        """Three (lines, samples) fields: what stands still, and the two parts that the speckle moves between."""
        angles, ranges = self._rays()
        tissue = _echogenicity(angles, ranges)
        fields = []
        for part in range(3):
            random = np.random.default_rng((self._seed, _SPECKLE, part))
            scatterers = random.standard_normal(tissue.shape, dtype=np.float32) * tissue
            if part == 0:
                scatterers += self._bone(angles, ranges)
            fields.append(self._insonify(scatterers, ranges))
        fields[0] += self._wires(ranges)
        return tuple(fields)

    def _rays(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Angles of the map's rays in radians, and the range of each sample in mm."""
        half = math.radians(self.sector_deg / 2)
        angles = np.linspace(-half, half, self.lines * self._RAYS_PER_LINE - 2)
        spacing = self.sampling.spacing_mm(SOUND_SPEED_M_S)
        first = self.sampling.range_mm(0, SOUND_SPEED_M_S)
        ranges = first + spacing * np.arange(self.sampling.samples)
        return angles.astype(np.float32), ranges.astype(np.float32)

    def _insonify(self, scatterers: NDArray[np.float32], ranges: NDArray[np.float32]) -> NDArray[np.float32]:
        """(rays, samples) scatterers to (lines, samples) echoes: spread over the beam, convolve with the pulse."""
        beam = self._beam()
        spread = beam @ scatterers
        size = 2560 if self.sampling.samples <= 2560 else 2 * self.sampling.samples
        spectrum = np.fft.rfft(spread, size, axis=1)
        frequency = np.fft.rfftfreq(size, 1 / self.sampling.rate_hz)
        spectrum *= self._band(frequency)
        echoes = np.fft.irfft(spectrum, size, axis=1)[:, : self.sampling.samples]
        field: NDArray[np.float32] = (echoes * self._loss(ranges) * self._SPECKLE_RMS).astype(np.float32)
        return field

    def _beam(self) -> NDArray[np.float32]:
        """(lines, rays) weights of the two-way beam, each line with unit energy."""
        lines = np.asarray(self.geometry.angle_mdeg, dtype=np.float32)[:, None] / 1000
        rays = np.degrees(self._rays()[0])[None, :]
        weights = np.exp(-((lines - rays) ** 2) / (self._BEAM_DEG**2)).astype(np.float32)
        unit: NDArray[np.float32] = weights / np.sqrt((weights**2).sum(axis=1, keepdims=True))
        return unit

    def _band(self, frequency_hz: NDArray[np.floating]) -> NDArray[np.float32]:
        """The pulse's spectrum: Gaussian about the centre, zero phase, of unit energy over white scatterers."""
        sigma = self._BANDWIDTH * self.centre_hz / 2.355
        band = np.exp(-((frequency_hz - self.centre_hz) ** 2) / (2 * sigma**2))
        unit: NDArray[np.float32] = (band / math.sqrt(float(np.mean(band**2)))).astype(np.float32)
        return unit

    def _loss(self, ranges: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the probe's own gain leaves of the attenuation."""
        return np.power(10.0, -self._LOSS_DB_CM * ranges / 200).astype(np.float32)

    def _wires(self, ranges: NDArray[np.float32]) -> NDArray[np.float32]:
        """(lines, samples) echoes of the point targets, each pulse at its exact time."""
        field = np.zeros((self.lines, self.sampling.samples), dtype=np.float32)
        lines_deg = np.asarray(self.geometry.angle_mdeg) / 1000
        sigma_s = 2.355 / (2 * math.pi * self._BANDWIDTH * self.centre_hz)
        loss = self._loss(ranges)
        for wire in TRUTH.wires:
            range_mm = math.hypot(wire.x_mm, wire.z_mm)
            off_deg = lines_deg - math.degrees(math.atan2(wire.x_mm, wire.z_mm))
            beam = np.exp(-(off_deg**2) / self._BEAM_DEG**2)
            seconds = (ranges.astype(np.float64) - range_mm) / (500 * SOUND_SPEED_M_S)
            pulse = np.exp(-(seconds**2) / (2 * sigma_s**2)) * np.cos(2 * math.pi * self.centre_hz * seconds)
            field += (self._WIRE * self._SPECKLE_RMS * beam[:, None] * (pulse * loss)[None, :]).astype(np.float32)
        return field

    def _bone(self, angles: NDArray[np.float32], ranges: NDArray[np.float32]) -> NDArray[np.float32]:
        """(rays, samples) of the skull: scattering bone between two smooth surfaces, and the midline of the brain."""
        skull = TRUTH.skull
        random = np.random.default_rng((self._seed, _STILL))
        outside, inside = (_level(angles, ranges, inset) for inset in (0.0, skull.bone_mm))
        in_bone = (outside <= 1) & (inside > 1)
        bone: NDArray[np.float32] = random.standard_normal(outside.shape, dtype=np.float32)
        bone *= in_bone * np.float32(self._BONE)
        for level in (outside, inside):
            bone[_crossing(level <= 1)] += self._BONE_EDGE
        depth, x = ranges[None, :] * np.cos(angles)[:, None], ranges[None, :] * np.sin(angles)[:, None]
        bone[_crossing(depth > skull.z_mm) & (np.abs(x - skull.x_mm) < 0.3 * skull.width_mm)] += self._MIDLINE
        return bone


def _level(angles: NDArray[np.float32], ranges: NDArray[np.float32], inset_mm: float) -> NDArray[np.float32]:
    """(rays, samples) of the skull's ellipse, made smaller all round: 1 on it, less inside."""
    skull = TRUTH.skull
    x = ranges[None, :] * np.sin(angles)[:, None] - skull.x_mm
    z = ranges[None, :] * np.cos(angles)[:, None] - skull.z_mm
    half_x, half_z = skull.width_mm / 2 - inset_mm, skull.height_mm / 2 - inset_mm
    level: NDArray[np.float32] = (x / half_x) ** 2 + (z / half_z) ** 2
    return level


def _crossing(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(rays, samples) True at the first sample along a ray where the mask is not what it was before."""
    changed = np.zeros_like(mask)
    changed[:, 1:] = mask[:, 1:] != mask[:, :-1]
    return changed


def _echogenicity(angles: NDArray[np.float32], ranges: NDArray[np.float32]) -> NDArray[np.float32]:
    """(rays, samples) amplitude of the speckle: tissue, dark brain, empty cysts, shadow behind bone."""
    x = ranges[None, :] * np.sin(angles)[:, None]
    z = ranges[None, :] * np.cos(angles)[:, None]
    amplitude = np.ones((len(angles), len(ranges)), dtype=np.float32)
    level = _level(angles, ranges, TRUTH.skull.bone_mm)
    amplitude[level <= 1] = 0.3
    for cyst in TRUTH.cysts:
        amplitude[(x - cyst.x_mm) ** 2 + (z - cyst.z_mm) ** 2 < cyst.radius_mm**2] = 0
    passed = np.maximum.accumulate(level <= 1, axis=1) & (level > 1)
    amplitude[passed] *= 0.6
    return amplitude
