"""The peers' picture: the same RF to the same grid of grey pixels, by SciPy and by a tuned OpenCV.

Both take the float maps of the sector made once, as ours plans once. OpenCV has the fast one of the field: a complex
band-pass by two filter2D, the magnitude at every fourth sample, log, and remap with float maps.
"""

from __future__ import annotations

import sys

import cv2
import numpy as np
import scene
from numpy.typing import NDArray
from scipy import ndimage, signal

from imaging import compiled
from imaging.chain import Chain, Status
from imaging.preset import Preset

TAPS = 48
DECIMATION = 4
RANGE_DB = 60.0
Grey = NDArray[np.uint8]


class Maps:
    """Where each pixel of the grid lies in the polar data.

    Args:
        mm_per_pixel: Size of a pixel.
        origin_x_mm, origin_z_mm: Centre of the first pixel.
        rate_hz: Samples per second of the polar data.
    """

    def __init__(self, mm_per_pixel: float, origin_x_mm: float, origin_z_mm: float, rate_hz: float) -> None:
        x = origin_x_mm + mm_per_pixel * np.arange(scene.WIDTH_PX)[None, :]
        z = origin_z_mm + mm_per_pixel * np.arange(scene.HEIGHT_PX)[:, None]
        angle = np.degrees(np.arctan2(x, z))
        reach = np.hypot(x, z) - scene.FIRST_MM
        self.samples_per_mm = 2 * rate_hz / (1000 * scene.SOUND_SPEED_M_S)
        self.line = ((angle + scene.SECTOR_DEG / 2) * (scene.LINES - 1) / scene.SECTOR_DEG).astype(np.float32)
        self.sample = (reach * self.samples_per_mm).astype(np.float32)


def taps() -> NDArray[np.complex64]:
    """A Hamming-windowed complex band-pass about the centre frequency, gain 1 there."""
    n = np.arange(TAPS) - (TAPS - 1) / 2
    low = np.hamming(TAPS) * np.sinc(n * 2 * 1.5e6 / scene.RATE_HZ)
    return (2 * low / low.sum() * np.exp(2j * np.pi * scene.CENTRE_HZ / scene.RATE_HZ * n)).astype(np.complex64)


class OpenCvChain:
    """RF to picture in OpenCV; buffers are kept between calls.

    Args:
        maps: Of data at a fourth of the sampling rate.
        full_scale: Envelope that is white.
    """

    def __init__(self, maps: Maps, full_scale: float) -> None:
        complex_taps = taps()[::-1]
        self._real = np.ascontiguousarray(complex_taps.real[None, :])
        self._imaginary = np.ascontiguousarray(complex_taps.imag[None, :])
        self._maps = maps
        self._gain = 255 / (RANGE_DB * np.log(10) / 20)
        self._offset = 255 - self._gain * np.log(full_scale)

    def picture(self, rf: NDArray[np.int16]) -> Grey:
        """(480, 640) grey pixels."""
        lines = rf.astype(np.float32)
        real = cv2.filter2D(lines, cv2.CV_32F, self._real, anchor=(TAPS // 2, 0), borderType=cv2.BORDER_CONSTANT)
        imaginary = cv2.filter2D(
            lines, cv2.CV_32F, self._imaginary, anchor=(TAPS // 2, 0), borderType=cv2.BORDER_CONSTANT
        )
        envelope = cv2.magnitude(
            np.ascontiguousarray(real[:, ::DECIMATION]), np.ascontiguousarray(imaginary[:, ::DECIMATION])
        )
        return self.from_envelope(envelope)

    def from_envelope(self, envelope: NDArray[np.float32]) -> Grey:
        """The part after the filter: log, grey levels, scan conversion."""
        level = cv2.log(envelope)
        level *= self._gain
        level += self._offset
        grey = cv2.convertScaleAbs(cv2.max(level, 0))
        return self.from_grey(grey)

    def from_grey(self, polar: Grey) -> Grey:
        """Scan conversion alone."""
        return cv2.remap(polar, self._maps.sample, self._maps.line, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)


class SciPyChain:
    """RF to picture in SciPy, as its documentation leads one to write it.

    Args:
        maps: Of data at the full sampling rate.
        full_scale: Envelope that is white.
    """

    def __init__(self, maps: Maps, full_scale: float) -> None:
        band = (scene.CENTRE_HZ - 1.5e6, scene.CENTRE_HZ + 1.5e6)
        self._sections = signal.butter(4, band, "bandpass", fs=scene.RATE_HZ, output="sos")
        self._maps = maps
        self._full_scale = full_scale

    def picture(self, rf: NDArray[np.int16]) -> Grey:
        """(480, 640) grey pixels."""
        places = [self._maps.line, self._maps.sample]
        return ndimage.map_coordinates(self.grey(rf), places, order=1, cval=0).astype(np.uint8)

    def grey(self, rf: NDArray[np.int16]) -> NDArray[np.float64]:
        """Polar lines of grey."""
        clean = signal.sosfiltfilt(self._sections, rf, axis=1)
        envelope = np.abs(signal.hilbert(clean, axis=1))
        level = 255 + 20 * np.log10(np.maximum(envelope / self._full_scale, 1e-9)) * (255 / RANGE_DB)
        return np.clip(level, 0, 255)


class SciPyOpenCvChain(SciPyChain):
    """The same with OpenCV's remap in place of the slow interpolation."""

    def picture(self, rf: NDArray[np.int16]) -> Grey:
        grey = self.grey(rf).astype(np.uint8)
        return cv2.remap(grey, self._maps.sample, self._maps.line, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)


def planned(way: str = "") -> tuple[Chain, OpenCvChain, Maps]:
    """Our chain and OpenCV's, planned for the scene on the same grid, and the maps of data at the full rate.

    ``way`` is how our kernels run, as ``compiled.kernels`` has it.
    """
    frame = scene.frame()
    size = (scene.WIDTH_PX, scene.HEIGHT_PX)
    chain = Chain.plan(frame, Preset.load("obstetric"), *size, kernels=compiled.kernels(way))
    if chain.run(frame) is not Status.OK:
        sys.exit("the scene cannot be imaged")
    picture = chain.picture()
    place = (picture.mm_per_pixel, picture.origin_x_mm, picture.origin_z_mm)
    slow = Maps(*place, scene.RATE_HZ / DECIMATION)
    return chain, OpenCvChain(slow, 8192.0), Maps(*place, scene.RATE_HZ)
