"""What a peer's user writes: one frame of a film to a PNG. Usage: peer_image.py scipy|opencv FILM PNG.

Run as a process of its own by start.py and memory.py, so it imports only what its way needs.
"""

from __future__ import annotations

import sys

import numpy as np


def maps(lines: int, samples: int, rate_hz: float, film: np.lib.npyio.NpzFile) -> tuple[np.ndarray, np.ndarray]:
    """(480, 640) float32 line and sample of each pixel of the sector."""
    sector, first, speed = float(film["sector_deg"]), float(film["r0_mm"]), float(film["c_m_s"])
    last = first + samples * 500 * speed / rate_hz
    half = last * np.sin(np.radians(sector / 2))
    step = max(2 * half / 639, last / 479)
    x = (np.arange(640) - 319.5)[None, :] * step
    z = np.arange(480)[:, None] * step
    line = (np.degrees(np.arctan2(x, z)) + sector / 2) * (lines - 1) / sector
    sample = (np.hypot(x, z) - first) * rate_hz / (500 * speed)
    return line.astype(np.float32), sample.astype(np.float32)


def with_scipy(film: np.lib.npyio.NpzFile, target: str) -> None:
    """Butterworth, Hilbert, log, map_coordinates, Pillow."""
    from PIL import Image
    from scipy import ndimage, signal

    rf, rate, centre = film["rf"][0], float(film["fs_hz"]), float(film["f0_hz"])
    sections = signal.butter(4, (0.6 * centre, 1.4 * centre), "bandpass", fs=rate, output="sos")
    envelope = np.abs(signal.hilbert(signal.sosfiltfilt(sections, rf, axis=1), axis=1))
    grey = np.clip(255 + 20 * np.log10(np.maximum(envelope / envelope.max(), 1e-9)) * 255 / 60, 0, 255)
    line, sample = maps(*rf.shape, rate, film)
    Image.fromarray(ndimage.map_coordinates(grey, [line, sample], order=1, cval=0).astype(np.uint8)).save(target)


def with_opencv(film: np.lib.npyio.NpzFile, target: str) -> None:
    """Two filter2D, magnitude, log, remap, imwrite."""
    import cv2

    rf, rate, centre = film["rf"][0].astype(np.float32), float(film["fs_hz"]), float(film["f0_hz"])
    n = np.arange(48) - 23.5
    low = np.hamming(48) * np.sinc(n * 0.8 * centre / rate)
    taps = 2 * low / low.sum() * np.exp(2j * np.pi * centre / rate * n)
    real = cv2.filter2D(rf, cv2.CV_32F, np.ascontiguousarray(taps.real[None, ::-1].astype(np.float32)))
    imaginary = cv2.filter2D(rf, cv2.CV_32F, np.ascontiguousarray(taps.imag[None, ::-1].astype(np.float32)))
    envelope = cv2.magnitude(real, imaginary)
    level = 255 + cv2.log(envelope / envelope.max() + 1e-9) * np.float32(20 / np.log(10) * 255 / 60)
    grey = cv2.convertScaleAbs(cv2.max(level, 0))
    line, sample = maps(*rf.shape, rate, film)
    cv2.imwrite(target, cv2.remap(grey, sample, line, cv2.INTER_LINEAR))


if __name__ == "__main__":
    {"scipy": with_scipy, "opencv": with_opencv}[sys.argv[1]](np.load(sys.argv[2]), sys.argv[3])
