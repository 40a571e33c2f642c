"""Channel data made for the tests: point scatterers seen by an array."""

from __future__ import annotations

import numpy as np

from imaging.beamform.aperture import Aperture
from imaging.beamform.sampling import ChannelSampling
from imaging.beamform.wave import Wave
from tests.imaging import naive_beam


def channel_data(
    aperture: Aperture, wave: Wave, sampling: ChannelSampling, points_mm: list[tuple[float, float]], speed: float,
    amplitude: float = 3000.0, noise: float = 0.0, seed: int = 3, relative_width: float = 0.35, offset: float = 0.0,
) -> np.ndarray:  # fmt: skip
    """(elements, samples) int16: a Gaussian pulse from every point, its middle at the time of flight."""
    rng = np.random.default_rng(seed)
    seconds = sampling.first_sample_s[0] + np.arange(sampling.samples) / sampling.rate_hz
    out = rng.normal(0, noise, (aperture.elements, sampling.samples)) + offset
    sigma = 1 / (2 * np.pi * relative_width * sampling.centre_hz)
    x, z, _ = naive_beam.places(aperture)
    for at_x, at_z in points_mm:
        point = np.array([at_x, at_z]) / 1000
        there = float(naive_beam.arrival_s(wave, point[:1], point[1:], speed)[0])
        for e in range(aperture.elements):
            delay = seconds - there - np.hypot(point[0] - x[e], point[1] - z[e]) / speed
            pulse = np.exp(-((delay / sigma) ** 2) / 2) * np.cos(2 * np.pi * sampling.centre_hz * delay)
            out[e] += amplitude * pulse
    return np.clip(np.rint(out), -32768, 32767).astype(np.int16)
