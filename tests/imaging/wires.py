"""A focused single element that sweeps over wires, simulated in the frequency domain from its own aperture."""

from __future__ import annotations

import numpy as np

from probe.geometry import Geometry

SPEED_M_S, CENTRE_HZ = 1540, 3_500_000


def wires(
    geometry: Geometry, places_mm: list[tuple[float, float]], samples: int, first_ns: int, rate_hz: int,
    focus_mm: float, element_mm: float, bandwidth: float = 0.6,
) -> np.ndarray:  # fmt: skip
    """(lines, samples) int16 RF of point reflectors; time counts from the vertex of the concave element.

    The pressure at a point is the sum over the aperture, once on the way out and once on the way back. Every point of
    the aperture is a cylindrical source, and lies on an arc about the focus.
    """
    size = 4096 if samples <= 4096 else 8192
    hz = np.fft.rfftfreq(size, 1 / rate_hz)
    pulse = np.exp(-(((hz - CENTRE_HZ) / (bandwidth * CENTRE_HZ / 1.665)) ** 2))
    used = pulse > 1e-4
    omega = 2 * np.pi * hz[used]
    along = np.linspace(-1, 1, 65) * np.arcsin(element_mm / 2 / focus_mm)
    arc = focus_mm * np.stack([np.sin(along), 1 - np.cos(along)])
    out = np.zeros((geometry.lines, samples))
    for line, angle in enumerate(geometry.angles_rad()):
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        elements = turn @ arc
        spectrum = np.zeros(len(hz), complex)
        for place in places_mm:
            distance = np.hypot(place[0] - elements[0], place[1] - elements[1])
            seconds = distance / (1000 * SPEED_M_S)
            one_way = (np.exp(-1j * omega[:, None] * seconds) / np.sqrt(distance)).mean(axis=1)
            spectrum[used] += pulse[used] * one_way**2 * np.exp(1j * omega * first_ns * 1e-9)
        out[line] = np.fft.irfft(spectrum, size)[:samples]
    return out


def counts(echoes: np.ndarray, peak: int, noise: float, seed: int = 1) -> np.ndarray:
    """Echoes as RF counts, with an offset and noise."""
    rng = np.random.default_rng(seed)
    return np.rint(echoes * (peak / np.abs(echoes).max()) + 40 + rng.normal(0, noise, echoes.shape))
