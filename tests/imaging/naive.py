"""Slow float64 twins of every stage: written from the equations of docs/explanation/imaging.md, not from the kernels.

They share the definition of the filter (its taps) with the product and nothing else.
"""

from __future__ import annotations

import math

import numpy as np

from imaging import band
from imaging.layout import Layout, fit
from imaging.preset import Preset
from probe.frame import Frame
from probe.geometry import Geometry
from probe.settings import SampleFormat
from tests.imaging import naive_polar


def analytic(samples: np.ndarray, taps: np.ndarray, decimation: int) -> np.ndarray:
    """(lines, M) complex band-pass output at every ``decimation``-th sample; zeros lie beyond both ends."""
    out = []
    for line in samples.astype(np.float64):
        whole = np.convolve(line - line.mean(), taps, mode="full")[len(taps) // 2 :][: len(line)]
        out.append(whole[::decimation])
    return np.array(out)


def grey_of_db(decibel: np.ndarray, preset: Preset) -> np.ndarray:
    share = np.clip(1 + (decibel + preset.gain_db) / preset.dynamic_range_db, 0, 1)
    curves = {"linear": share, "bright": share**0.75, "contrast": 3 * share**2 - 2 * share**3}
    return 255 * curves[preset.grey_map]


def depth_gain_db(ranges: np.ndarray, preset: Preset) -> np.ndarray:
    gain = np.maximum(ranges, 0) * preset.tgc_db_m / 1000
    sliders = preset.tgc_curve_db
    if sliders:
        place = np.clip(ranges / preset.depth_mm * (len(sliders) - 1), 0, len(sliders) - 1)
        left = np.minimum(place.astype(int), len(sliders) - 2)
        values = np.asarray(sliders, dtype=float)
        gain = gain + values[left] + (place - left) * (values[left + 1] - values[left])
    return gain


def average_of(frame: Frame, preset: Preset, decimation: int, layout: Layout) -> int:
    """How many powers fit into a pixel."""
    outputs = math.ceil(frame.sampling.samples / decimation)
    spacing_mm = decimation * preset.sound_speed_m_s / frame.sampling.rate_hz / 2 * 1000
    return max(1, min(int(layout.pixel_um / 1000 / spacing_mm), outputs // 2))


def mean_power(power: np.ndarray, average: int) -> np.ndarray:
    kept = power.shape[1] // average
    return power[:, : kept * average].reshape(len(power), kept, average).mean(axis=2)


def detect_rf(frame: Frame, preset: Preset, layout: Layout) -> tuple[np.ndarray, np.ndarray]:
    """(lines, m) grey with fractions, and (m,) ranges in mm; sub-bands are detected apart and their greys averaged."""
    design = band.design(frame.sampling, frame.settings, preset)
    average = average_of(frame, preset, design.decimation, layout)
    count = preset.frequency_bands
    bands = band.split(design, frame.sampling, count) if count > 1 else (design,)
    greys = []
    for each in bands:
        power = mean_power(np.abs(analytic(frame.samples, each.taps, design.decimation)) ** 2, average)
        ranges = averaged_range_mm(frame, preset, design.decimation, average, power.shape[1])
        greys.append(grey_of_power(count * power / preset.white_counts**2, ranges, preset))
    return np.mean(greys, axis=0), ranges


def detect_iq(frame: Frame, preset: Preset, layout: Layout) -> tuple[np.ndarray, np.ndarray]:
    average = average_of(frame, preset, 1, layout)
    power = mean_power((frame.samples.astype(np.float64) ** 2).sum(axis=2), average)
    ranges = averaged_range_mm(frame, preset, 1, average, power.shape[1])
    white = 127 if frame.format is SampleFormat.IQ_I8 else preset.white_counts
    return grey_of_power(power / white**2, ranges, preset), ranges


def grey_of_power(power: np.ndarray, ranges: np.ndarray, preset: Preset) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return grey_of_db(10 * np.log10(power) + depth_gain_db(ranges, preset), preset)


def averaged_range_mm(frame: Frame, preset: Preset, decimation: int, average: int, count: int) -> np.ndarray:
    return range_mm(frame, preset, decimation * (average * np.arange(count) + (average - 1) / 2))


def detect_envelope(frame: Frame, preset: Preset) -> tuple[np.ndarray, np.ndarray]:
    codes = frame.samples.astype(np.float64)
    full = 65535 if frame.format is SampleFormat.ENVELOPE_U16 else 255
    with np.errstate(divide="ignore"):
        decibel = 20 * np.log10(codes / full)
        if frame.format is SampleFormat.ENVELOPE_U8_ALAW:
            decibel = 20 * np.log10(a_law(codes / 255))
    if frame.format is SampleFormat.ENVELOPE_U8_LOG:
        decibel = np.where(codes > 0, (codes - 255) / 254 * (frame.settings.log_range_db or 0), -np.inf)
    ranges = range_mm(frame, preset, np.arange(codes.shape[1]))
    return grey_of_db(decibel + depth_gain_db(ranges, preset), preset), ranges


def a_law(coded: np.ndarray) -> np.ndarray:
    """The inverse of y = A x / (1 + ln A) below 1/A, (1 + ln(A x)) / (1 + ln A) above."""
    amplitudes = np.linspace(0, 1, 2_000_001)
    scaled = 87.6 * amplitudes
    bend = 1 + math.log(87.6)
    with np.errstate(divide="ignore"):
        codes = np.where(scaled < 1, scaled / bend, (1 + np.log(np.maximum(scaled, 1))) / bend)
    return np.interp(coded, codes, amplitudes)


def range_mm(frame: Frame, preset: Preset, sample: np.ndarray) -> np.ndarray:
    seconds = frame.sampling.first_sample_ns * 1e-9 + sample / frame.sampling.rate_hz
    return 1000 * preset.sound_speed_m_s * seconds / 2


def line_and_range(geometry: Geometry, layout: Layout) -> tuple[np.ndarray, np.ndarray]:
    """For sectors: line number with fraction (NaN outside) and range, from the angle at the apex."""
    apex_x, apex_z = geometry.origin_x_um[0] / 1000, geometry.origin_z_um[0] / 1000
    line = np.full((layout.height_px, layout.width_px), np.nan)
    ranges = np.zeros_like(line)
    angles = np.asarray(geometry.angle_mdeg) / 1000
    for row in range(layout.height_px):
        z = (layout.origin_z_um + row * layout.pixel_um) / 1000 - apex_z
        x = (layout.origin_x_um + np.arange(layout.width_px) * layout.pixel_um) / 1000 - apex_x
        angle = np.degrees(np.arctan2(x, z))
        right = np.searchsorted(angles, angle, side="right").clip(1, len(angles) - 1)
        place = right - 1 + (angle - angles[right - 1]) / (angles[right] - angles[right - 1])
        line[row] = np.where((angle >= angles[0]) & (angle <= angles[-1]), place, np.nan)
        ranges[row] = np.sqrt(x**2 + z**2)
    return line, ranges


def scan(grey: np.ndarray, ranges: np.ndarray, dead: np.ndarray, line: np.ndarray, range_: np.ndarray) -> np.ndarray:
    """Bilinear between lines and samples; NaN outside the scan, 0 in the cells beside dead lines."""
    sample = (range_ - ranges[0]) / (ranges[1] - ranges[0])
    inside = ~np.isnan(line) & (range_ >= max(0, ranges[0])) & (range_ <= ranges[-1])
    left = np.clip(np.nan_to_num(line).astype(int), 0, len(grey) - 2)
    top = np.clip(sample.astype(int), 0, grey.shape[1] - 2)
    right_share, deep = np.nan_to_num(line) - left, sample - top
    near = grey[left, top] * (1 - deep) + grey[left, top + 1] * deep
    far = grey[left + 1, top] * (1 - deep) + grey[left + 1, top + 1] * deep
    picture = near * (1 - right_share) + far * right_share
    picture[dead[left] | dead[left + 1]] = 0
    return np.where(inside, picture, np.nan)


def polar(frame: Frame, preset: Preset, layout: Layout) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Grey, ranges, and which lines hold nothing."""
    if frame.format is SampleFormat.RF_I16:
        grey, ranges = detect_rf(frame, preset, layout)
    elif frame.format in (SampleFormat.IQ_I16, SampleFormat.IQ_I8):
        grey, ranges = detect_iq(frame, preset, layout)
    else:
        return *detect_envelope(frame, preset), frame.missing
    flat = frame.samples.reshape(len(grey), -1)
    return grey, ranges, frame.missing | (flat.min(axis=1) == flat.max(axis=1))


def smoothed(grey: np.ndarray, preset: Preset, dead: np.ndarray) -> np.ndarray:
    """Speckle reduction as the preset asks for it."""
    if preset.speckle == "none" or preset.speckle_strength == 0:
        return grey
    if preset.speckle == "guided":
        # 5.57 dB is the spread of log-compressed speckle
        spread = 5.57 * 255 / preset.dynamic_range_db * preset.speckle_strength / 2.5
        return naive_polar.guided(grey, spread**2, dead)
    power = 10 ** ((grey / 255 - 1) * preset.dynamic_range_db / 10)
    steps = np.arange(16 * preset.speckle_strength) / (16 * preset.speckle_strength)
    power = naive_polar.srad(power, 0.15 * np.exp(-3 * steps), dead)
    return np.clip(255 * (1 + 10 * np.log10(power) / preset.dynamic_range_db), 0, 255)


def picture(frame: Frame, preset: Preset, width_px: int, height_px: int) -> np.ndarray:
    """(rows, columns) grey with fractions of a sector frame, NaN outside."""
    layout = fit(frame.geometry, frame.sampling, preset.sound_speed_m_s, width_px, height_px)
    grey, ranges, dead = polar(frame, preset, layout)
    grey = smoothed(grey, preset, dead)
    return scan(grey, ranges, dead, *line_and_range(frame.geometry, layout))


def on_the_brink(frame: Frame, preset: Preset, width_px: int, height_px: int) -> np.ndarray:
    """(rows, columns) True within half a weight (1/512 of a cell) of the edge of a dead cell: either side is right."""
    layout = fit(frame.geometry, frame.sampling, preset.sound_speed_m_s, width_px, height_px)
    line = np.nan_to_num(line_and_range(frame.geometry, layout)[0])
    nearest = np.rint(line).astype(int)
    dead = np.pad(frame.missing, 1)
    beside = dead[nearest] | dead[nearest + 1] | dead[np.minimum(nearest + 2, len(dead) - 1)]
    return beside & (np.abs(line - nearest) <= 1 / 512)
