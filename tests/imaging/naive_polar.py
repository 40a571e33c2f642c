"""Slow float64 twins of what works on lines, written from the equations of docs/explanation/imaging.md."""

from __future__ import annotations

from itertools import pairwise

import numpy as np


def blend(pictures: list[np.ndarray], weights: list[float], alive: list[np.ndarray]) -> np.ndarray:
    """Weighted mean of (lines, m) pictures over those that have the line."""
    weight = np.array(weights, dtype=float)[:, None] * np.array(alive, dtype=float)
    total = weight.sum(axis=0)
    mixed = (weight[:, :, None] * np.array(pictures, dtype=float)).sum(axis=0)
    return np.where(total[:, None] > 0, mixed / np.maximum(total, 1e-9)[:, None], 0)


def neighbours(image: np.ndarray, dead: np.ndarray) -> tuple[np.ndarray, ...]:
    """Of each cell: the one above, below, and on the lines to either side; itself where there is none."""
    up, down = np.roll(image, 1, axis=1), np.roll(image, -1, axis=1)
    up[:, 0], down[:, -1] = image[:, 0], image[:, -1]
    left, right = image.copy(), image.copy()
    for line in range(len(image)):
        if line > 0 and not dead[line - 1]:
            left[line] = image[line - 1]
        if line < len(image) - 1 and not dead[line + 1]:
            right[line] = image[line + 1]
    return up, down, left, right


def srad(power: np.ndarray, expected: np.ndarray, dead: np.ndarray) -> np.ndarray:
    """Yu and Acton 2002, equations 31 to 36 and 57 to 61, with a time step of one half."""
    image = power.astype(np.float64)
    for q0 in expected.astype(np.float64):
        steps = [(n - image) / image for n in neighbours(image, dead)]
        gradient2 = sum(step**2 for step in steps)
        laplacian = sum(steps)
        q2 = (gradient2 / 2 - laplacian**2 / 16) / (1 + laplacian / 4) ** 2
        flow = 1 / (1 + np.maximum(q2 - q0, 0) / (q0 * (1 + q0)))
        up, down, left, right = neighbours(image, dead)
        _, flow_down, _, flow_right = neighbours(flow, dead)
        # towards a neighbour that is not there the difference is zero, whatever its flow
        moved = flow * (up - image) + flow * (left - image) + flow_down * (down - image) + flow_right * (right - image)
        image = image + moved / 8
    return image


def guided(grey: np.ndarray, variance: float, dead: np.ndarray) -> np.ndarray:
    """He, Sun and Tang 2013 with the picture as its own guide, windows of 5 by 5, edges repeated."""
    lines, m = grey.shape
    across = np.pad(grey.astype(np.float64), ((0, 0), (2, 2)), mode="edge")
    slope, level = np.zeros((lines, m)), np.zeros((lines, m))
    for line in range(lines):
        rows = [min(max(line + d, 0), lines - 1) for d in range(-2, 3)]
        block = np.array([across[line if dead[row] else row] for row in rows])
        for j in range(m):
            window = block[:, j : j + 5]
            slope[line, j] = window.var() / (window.var() + variance)
            level[line, j] = (1 - slope[line, j]) * window.mean()
    out = np.zeros((lines, m))
    slopes, levels = (np.pad(each, ((2, 2), (2, 2)), mode="edge") for each in (slope, level))
    for line in range(lines):
        for j in range(m):
            a, b = slopes[line : line + 5, j : j + 5].mean(), levels[line : line + 5, j : j + 5].mean()
            out[line, j] = a * grey[line, j] + b
    return np.clip(out, 0, 255)


def mean_seen(pictures: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Mean over (k, rows, columns) of what was seen; 0 where nothing was."""
    count = seen.sum(axis=0)
    return np.where(count > 0, (pictures * seen.astype(float)).sum(axis=0) / np.maximum(count, 1), 0)


def survey(grey: np.ndarray, earlier: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """(lines, bands, 6) sums of level, change in time, to the next and to the eighth line; bright and white samples."""
    out = np.zeros((len(grey), len(bounds) - 1, 6))
    for band, (first, last) in enumerate(pairwise(bounds)):
        here, before = grey[:, first:last].astype(float), earlier[:, first:last].astype(float)
        out[:, band, 0] = here.sum(axis=1)
        out[:, band, 1] = np.abs(here - before).sum(axis=1)
        out[:-1, band, 2] = np.abs(here[:-1] - here[1:]).sum(axis=1)
        out[:-8, band, 3] = np.abs(here[:-8] - here[8:]).sum(axis=1)
        out[:, band, 4] = (here >= 128).sum(axis=1)
        out[:, band, 5] = (here >= 254).sum(axis=1)
    return out


def columns(line: np.ndarray, samples: np.ndarray) -> np.ndarray:
    """(rows,) of a line at places with fractions, 0 where they are NaN."""
    return np.where(np.isnan(samples), 0, np.interp(np.nan_to_num(samples), np.arange(len(line)), line))


def doubled(iq: np.ndarray, taps: np.ndarray) -> np.ndarray:
    """(lines, 2 n) of (lines, n) complex: the samples, and what a half-sample filter finds after each."""
    out = np.repeat(iq.astype(complex), 2, axis=1)
    for line, samples in enumerate(iq):
        # the filter's middle lies half a sample after tap K / 2 - 1
        out[line, 1::2] = np.convolve(samples, taps[::-1])[len(taps) // 2 :][: len(samples)]
    return out


def synthetic_aperture(
    analytic: np.ndarray, angles: np.ndarray, ranges: np.ndarray, carrier: float, reach: int, focus: float,
    element: float, coherence: float,
) -> np.ndarray:  # fmt: skip
    """(lines, M) power of lines focused together; written place by place from the geometry, with exact angles.

    Args:
        analytic: (lines, M) complex.
        angles: (lines,) radians.
        ranges: (M,) mm, evenly spaced.
        carrier: Turn of the carrier's phase from one output to the next.
        reach: Lines to either side.
        focus, element: mm.
        coherence: 0 to 1.
    """
    lines, count = analytic.shape
    spacing = ranges[1] - ranges[0]
    power = np.zeros((lines, count))
    for line in range(lines):
        place = ranges[:, None] * np.array([np.sin(angles[line]), np.cos(angles[line])])
        total, squares, weights = np.zeros(count, complex), np.zeros(count), np.zeros(count)
        for other in range(max(0, line - reach), min(lines, line + reach + 1)):
            ray = np.array([np.sin(angles[other]), np.cos(angles[other])])
            from_focus = place - focus * ray
            ahead = from_focus @ ray
            distance = np.hypot(from_focus[:, 0], from_focus[:, 1])
            heard = (focus + np.where(ahead >= 0, 1, -1) * distance - ranges[0]) / spacing
            beside = np.abs(from_focus[:, 0] * ray[1] - from_focus[:, 1] * ray[0])
            share = np.cos(np.pi / 2 * np.minimum(beside / (np.abs(ahead) * element / (2 * focus) + 1e-9), 1)) ** 2
            share[(heard < -1e-6) | (heard > count - 1 + 1e-6) | (share < 1e-3)] = 0
            cell = np.clip(np.floor(heard).astype(int), 0, count - 2)
            part = np.clip(heard, 0, count - 1) - cell
            near = analytic[other, cell] * np.exp(1j * carrier * part)
            far = analytic[other, cell + 1] * np.exp(-1j * carrier * (1 - part))
            value = (1 - part) * near + part * far
            total += share * value
            squares += share * np.abs(value) ** 2
            weights += share
        coherent = np.abs(total) ** 2 / np.maximum(weights * squares, 1e-12)
        power[line] = np.abs(total / weights) ** 2 * (1 - coherence + coherence * np.minimum(coherent, 1))
    return power
