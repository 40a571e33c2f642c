"""Slow float64 twin of delay and sum: every distance by Pythagoras, every signal oversampled 16 times by FFT.

It shares the definition of the band (``Moments.low_pass``) with the product and nothing else.
"""

from __future__ import annotations

import numpy as np

from imaging.beamform.aperture import Aperture
from imaging.beamform.sampling import ChannelSampling
from imaging.beamform.wave import DivergingWave, FocusedWave, PlaneWave, Wave

OVER = 16


def baseband(rf: np.ndarray, sampling: ChannelSampling, over: int = OVER) -> np.ndarray:
    """(elements, over * (samples + padding)) the band of each channel, moved to zero frequency."""
    plan = sampling.moments()
    reach = plan.length // 2
    offsets = np.arange(-reach, reach + 1)
    turns = sampling.centre_hz / sampling.rate_hz
    taps = plan.low_pass(offsets.astype(float)) * np.exp(2j * np.pi * turns * offsets)
    # a period of silence before and after keeps the ends from meeting
    length = 1 << (sampling.samples + 4 * reach).bit_length()
    out = np.zeros((len(rf), over * length), dtype=complex)
    for channel, line in enumerate(rf.astype(np.float64)):
        band = np.convolve(line - line.mean(), taps)[reach : reach + len(line)]
        band *= np.exp(-2j * np.pi * turns * np.arange(len(line)))
        spectrum = np.fft.fft(band, length)
        wide = np.zeros(over * length, dtype=complex)
        wide[: length // 2], wide[-length // 2 :] = spectrum[: length // 2], spectrum[-length // 2 :]
        out[channel] = over * np.fft.ifft(wide)
    return out


def unfiltered(rf: np.ndarray, sampling: ChannelSampling, over: int = OVER) -> np.ndarray:
    """The same without any band: all positive frequencies, as most packages take them."""
    length = 1 << (2 * sampling.samples).bit_length()
    spectrum = np.fft.fft(rf - rf.mean(axis=1, keepdims=True), length, axis=1)
    wide = np.zeros((len(rf), over * length), dtype=complex)
    wide[:, 1 : length // 2] = 2 * over * spectrum[:, 1 : length // 2]
    moments = np.arange(over * length) / over
    return np.fft.ifft(wide, axis=1) * np.exp(-2j * np.pi * sampling.centre_hz / sampling.rate_hz * moments)


def arrival_s(wave: Wave, x: np.ndarray, z: np.ndarray, speed: float) -> np.ndarray:
    """When the wave is at points in m."""
    if isinstance(wave, PlaneWave):
        return (x * np.sin(wave.angle_rad) + z * np.cos(wave.angle_rad)) / speed
    if isinstance(wave, DivergingWave):
        source = np.array([wave.x_mm, wave.z_mm]) / 1000
        return (np.sqrt((x - source[0]) ** 2 + (z - source[1]) ** 2) - np.linalg.norm(source)) / speed
    assert isinstance(wave, FocusedWave)
    focus, start = np.array([wave.x_mm, wave.z_mm]) / 1000, np.array([wave.origin_x_mm, 0]) / 1000
    axis = (focus - start) / np.linalg.norm(focus - start)
    beyond = (x - focus[0]) * axis[0] + (z - focus[1]) * axis[1] >= 0
    return (np.linalg.norm(focus - start) + np.where(beyond, 1, -1) * np.hypot(x - focus[0], z - focus[1])) / speed


def places(aperture: Aperture) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x, z in m and normal's angle of each element, round the arc's centre."""
    along = (np.arange(aperture.elements) - (aperture.elements - 1) / 2) * aperture.pitch_mm / 1000
    if np.isinf(aperture.radius_mm):
        return along, np.zeros_like(along), np.zeros_like(along)
    radius = aperture.radius_mm / 1000
    return radius * np.sin(along / radius), radius * np.cos(along / radius) - radius, along / radius


def heard(
    signals: np.ndarray, aperture: Aperture, wave: Wave, sampling: ChannelSampling, first_sample_s: float, speed: float,
    x: np.ndarray, z: np.ndarray, f_number: float, pedestal: float = 1.0,
) -> np.ndarray:  # fmt: skip
    """(elements, *shape of x) what each element heard from each point (m), weighted, carrier and all."""
    out = np.zeros((aperture.elements, *x.shape), dtype=complex)
    for e, (at_x, at_z, angle) in enumerate(zip(*places(aperture), strict=True)):
        dx, dz = x - at_x, z - at_z
        across, along = dx * np.cos(angle) - dz * np.sin(angle), dx * np.sin(angle) + dz * np.cos(angle)
        rim = 2 * f_number * np.abs(across) / np.where(along > 0, along, np.nan)
        weight = np.where(rim <= 1 + 1e-9, pedestal + (1 - pedestal) * np.cos(np.pi * np.minimum(rim, 1)), 0.0)
        sample = (arrival_s(wave, x, z, speed) + np.sqrt(dx**2 + dz**2) / speed - first_sample_s) * sampling.rate_hz
        inside = (sample >= 0) & (sample <= sampling.samples - 1)
        at = np.where(inside, sample, 0) * OVER
        left = np.floor(at).astype(int)
        between = signals[e, left] + (at - left) * (signals[e, left + 1] - signals[e, left])
        carrier = np.exp(2j * np.pi * sampling.centre_hz / sampling.rate_hz * np.where(inside, sample, 0))
        out[e] = np.where(inside, weight * between * carrier, 0)
    return out
