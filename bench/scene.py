"""The input of the benchmarks: speckle with a dark cyst, a bright block and depth decay, as int16 RF in a sector.

128 lines of 2048 samples at 20 MHz, 3.5 MHz, offset 60, noise 3, +-20 000 counts, +-40 degrees, first sample at 20 mm.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rows  # noqa: F401  (before the packages: it makes them findable)
from numpy.typing import NDArray

from probe.frame import Frame
from probe.geometry import Geometry
from probe.recording import Recording, Scene, frames_of
from probe.settings import SampleFormat, Sampling

LINES, SAMPLES = 128, 2048
RATE_HZ, CENTRE_HZ = 20_000_000, 3_500_000
SECTOR_DEG, FIRST_MM, SOUND_SPEED_M_S = 80.0, 20.0, 1540
WIDTH_PX, HEIGHT_PX = 640, 480


def rf(seed: int = 1) -> NDArray[np.int16]:
    """(lines, samples) of one scene; another seed is other speckle of the same tissue."""
    random = np.random.default_rng(seed)
    depth = np.arange(SAMPLES)
    line = np.arange(LINES)[:, None]
    echo = random.normal(size=(LINES, SAMPLES)) * np.exp(-depth / 900)
    echo[((line - 64) / 18) ** 2 + ((depth - 900) / 160) ** 2 < 1] *= 0.02
    echo[(abs(line - 30) < 8) & (abs(depth - 1400) < 60)] *= 8
    echo = (echo + np.roll(echo, 1, axis=0) + np.roll(echo, -1, axis=0)) / 3
    time_s = (np.arange(65) - 32) / RATE_HZ
    pulse = np.exp(-((time_s * CENTRE_HZ * 1.2) ** 2)) * np.cos(2 * np.pi * CENTRE_HZ * time_s)
    heard = np.stack([np.convolve(row, pulse, mode="same") for row in echo])
    heard *= 20_000 / np.abs(heard).max()
    noisy = heard + 60 + random.normal(scale=3, size=heard.shape)
    return np.clip(np.rint(noisy), -32768, 32767).astype(np.int16)


def write_film(path: Path, frames: int = 2) -> None:
    """A film as the echOpen lab tool's npz holds it, of our own scene."""
    np.savez(
        path, rf=np.stack([rf(seed) for seed in range(1, frames + 1)]), unix_time=np.arange(frames),
        fs_hz=RATE_HZ, f0_hz=CENTRE_HZ, sector_deg=SECTOR_DEG, r0_mm=FIRST_MM, c_m_s=SOUND_SPEED_M_S,
    )  # fmt: skip


def recording(frames: int = 1) -> Recording:
    """The film as the probe package holds it."""
    data = np.stack([rf(seed) for seed in range(1, frames + 1)])
    data.flags.writeable = False
    sampling = Sampling(SAMPLES, RATE_HZ, round(2e6 * FIRST_MM / SOUND_SPEED_M_S))
    geometry = Geometry.sector(LINES, SECTOR_DEG)
    scene = Scene("bench", SampleFormat.RF_I16, geometry, sampling, SOUND_SPEED_M_S, CENTRE_HZ)
    return Recording("bench", "speckle", frames_of(scene, data, range(frames)))


def frame() -> Frame:
    """The first frame of the film."""
    return recording().frame(0)
