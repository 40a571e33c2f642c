"""The input of the beamforming rows: speckle with a cyst and points, as int16 channel data of one plane wave.

128 elements 0.3 mm apart, 2048 samples at 20 MHz, 5 MHz; imaged as 256 lines of 256 points, 5 to 50 mm, f-number 1.5.
"""

from __future__ import annotations

import functools

import numpy as np
import rows  # noqa: F401  (before the packages: it makes them findable)
from numpy.typing import NDArray

from imaging import compiled
from imaging.beamform.aperture import Aperture
from imaging.beamform.das import Beamformer
from imaging.beamform.lines import Lines
from imaging.beamform.receive import Receive
from imaging.beamform.sampling import ChannelSampling
from imaging.beamform.wave import PlaneWave

ELEMENTS, SAMPLES, PITCH_MM = 128, 2048, 0.3
RATE_HZ, CENTRE_HZ, SOUND_SPEED_M_S = 20_000_000, 5_000_000, 1540.0
ROWS, COLUMNS, NEAREST_MM, FARTHEST_MM, F_NUMBER = 256, 256, 5.0, 50.0, 1.5
POINTS_MM = ((0.0, 12.0), (-6.0, 20.0), (5.0, 28.0), (0.0, 36.0), (8.0, 44.0))
APERTURE = Aperture(ELEMENTS, PITCH_MM)
SAMPLING = ChannelSampling(SAMPLES, RATE_HZ, CENTRE_HZ)


def lines() -> Lines:
    """256 x 256 points, two lines for each element."""
    return Lines(APERTURE, ROWS, NEAREST_MM, (FARTHEST_MM - NEAREST_MM) / (ROWS - 1), COLUMNS // ELEMENTS)


def beamformer(way: str) -> Beamformer:
    """Ours, planned for one unsteered wave, its kernels run as ``compiled.kernels`` has it."""
    kernels = compiled.kernels(way)
    return Beamformer(lines(), [PlaneWave()], SAMPLING, SOUND_SPEED_M_S, Receive(F_NUMBER), kernels=kernels)


@functools.cache
def data(scatterers: int = 4000, seed: int = 5) -> NDArray[np.int16]:
    """(1, elements, samples) of one frame."""
    random = np.random.default_rng(seed)
    x = random.uniform(-20, 20, scatterers)
    z = random.uniform(4, 52, scatterers)
    strength = random.normal(0, 1, scatterers)
    strength[np.hypot(x + 2, z - 30) < 4] = 0
    x, z = np.append(x, [at for at, _ in POINTS_MM]), np.append(z, [at for _, at in POINTS_MM])
    strength = np.append(strength, [25.0] * len(POINTS_MM))
    elements = APERTURE.element_steps() * PITCH_MM
    out = np.zeros((ELEMENTS, SAMPLES + 64))
    around = np.arange(-24, 25)
    for element in range(ELEMENTS):
        sample = (z + np.hypot(x - elements[element], z)) / 1000 / SOUND_SPEED_M_S * RATE_HZ
        whole = np.rint(sample).astype(int)
        late = (whole[:, None] + around - sample[:, None]) / RATE_HZ
        pulse = np.exp(-((late * CENTRE_HZ * 2.2) ** 2) / 2) * np.cos(2 * np.pi * CENTRE_HZ * late)
        heard = np.clip(whole[:, None] + around, 0, SAMPLES + 63)
        np.add.at(out[element], heard, strength[:, None] * pulse)
    out = out[:, :SAMPLES] * (8000 / np.abs(out).max()) + random.normal(0, 2, (ELEMENTS, SAMPLES))
    return np.ascontiguousarray(np.rint(out).astype(np.int16)[None])
