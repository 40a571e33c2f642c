"""Frames made for the tests of imaging: speckle, point targets, any geometry and format."""

from __future__ import annotations

import dataclasses

import numpy as np

from probe.capabilities import Calibration
from probe.frame import Frame, Provenance
from probe.geometry import Geometry
from probe.settings import SampleFormat, Sampling, Settings

CALIBRATION = Calibration("2026-01-01", "2027-01-01", "Amina", 50)
PROVENANCE = Provenance("test probe", "1", "0", True, None, 1540)
CENTRE_HZ = 3_500_000
DTYPES = {
    SampleFormat.RF_I16: np.int16,
    SampleFormat.ENVELOPE_U8_LINEAR: np.uint8,
    SampleFormat.ENVELOPE_U8_LOG: np.uint8,
    SampleFormat.ENVELOPE_U8_ALAW: np.uint8,
    SampleFormat.ENVELOPE_U16: np.uint16,
    SampleFormat.IQ_I8: np.int8,
}


def frame_of(
    samples: np.ndarray,
    geometry: Geometry | None = None,
    format: SampleFormat = SampleFormat.RF_I16,
    rate_hz: int = 15_625_000,
    first_sample_ns: int = 26_000,
    missing: tuple[int, ...] = (),
    number: int = 7,
    **changes: object,
) -> Frame:
    """A frame of these samples; by default a sector of 60 degrees."""
    lines = samples.shape[0]
    mask = np.zeros(lines, dtype=bool)
    mask[list(missing)] = True
    samples = np.where(mask.reshape(-1, *[1] * (samples.ndim - 1)), 0, samples).astype(DTYPES.get(format, np.int16))
    sampling = Sampling(samples.shape[1], rate_hz, first_sample_ns)
    log_range = 60 if format is SampleFormat.ENVELOPE_U8_LOG else 0
    settings = Settings(format, lines, sampling, 100_000, 0, CENTRE_HZ, log_range)
    line_us = np.arange(lines, dtype=np.int64) * 500
    for array in (samples, mask, line_us):
        array.flags.writeable = False
    frame = Frame(
        number, format, samples, mask, geometry or Geometry.sector(lines, 60.0), sampling, settings, PROVENANCE, 1,
        1000, 2000, line_us,
    )  # fmt: skip
    return dataclasses.replace(frame, **changes)


def speckle(lines: int = 64, samples: int = 1200, seed: int = 1, rate_hz: int = 15_625_000) -> np.ndarray:
    """(lines, samples) of band-limited noise with an offset, a dark region and a bright block."""
    rng = np.random.default_rng(seed)
    white = rng.standard_normal((lines + 4, samples))
    spectrum = np.fft.rfft(white, axis=1)
    hz = np.fft.rfftfreq(samples, 1 / rate_hz)
    spectrum *= np.exp(-(((hz - CENTRE_HZ) / 1.0e6) ** 2))
    echoes = np.fft.irfft(spectrum, samples, axis=1)
    echoes = (echoes[:-4] + echoes[1:-3] + echoes[2:-2] + echoes[3:-1] + echoes[4:]) / np.sqrt(5)
    echoes *= 1200 / echoes.std()
    echoes[: lines // 4, samples // 3 : samples // 2] *= 0.02
    echoes[lines // 2 :, samples // 2 : samples // 2 + 60] *= 5
    return np.clip(np.rint(echoes + 52 + rng.normal(0, 3, echoes.shape)), -32768, 32767)


def points(geometry: Geometry, places_mm: list[tuple[float, float]], samples: int, first_ns: int, rate_hz: int,
           sound_speed_m_s: int) -> np.ndarray:  # fmt: skip
    """(lines, samples) of a short pulse per point, seen by a beam one line wide."""
    out = np.zeros((geometry.lines, samples))
    seconds = first_ns * 1e-9 + np.arange(samples) / rate_hz
    for line, (origin, angle) in enumerate(zip(geometry.origins_mm(), geometry.angles_rad(), strict=True)):
        for x, z in places_mm:
            along = (x - origin[0]) * np.sin(angle) + (z - origin[1]) * np.cos(angle)
            across = (x - origin[0]) * np.cos(angle) - (z - origin[1]) * np.sin(angle)
            delay = seconds - 2 * along / (1000 * sound_speed_m_s)
            pulse = np.exp(-((delay / 0.25e-6) ** 2)) * np.cos(2 * np.pi * CENTRE_HZ * delay)
            out[line] += 8000 * np.exp(-((across / 1.2) ** 2)) * pulse
    return np.rint(out)


def as_iq(frame: Frame, every: int, format: SampleFormat = SampleFormat.IQ_I16) -> Frame:
    """What a probe would send that mixes with the frame's own centre and keeps each so-many-th sample."""
    count = frame.samples.shape[1]
    spectrum = np.fft.fft(frame.samples - frame.samples.mean(axis=1, keepdims=True), axis=1)
    spectrum[:, 0] = 0
    spectrum[:, 1 : count // 2] *= 2
    spectrum[:, count // 2 :] = 0
    seconds = frame.sampling.first_sample_ns * 1e-9 + np.arange(count) / frame.sampling.rate_hz
    mixed = (np.fft.ifft(spectrum, axis=1) * np.exp(-2j * np.pi * CENTRE_HZ * seconds))[:, ::every]
    if format is SampleFormat.IQ_I8:
        mixed *= 127 / np.abs(mixed).max()
    samples = np.rint(np.stack([mixed.real, mixed.imag], axis=2))
    return frame_of(
        samples, frame.geometry, format, frame.sampling.rate_hz // every, frame.sampling.first_sample_ns
    )  # fmt: skip
