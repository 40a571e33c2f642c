"""Slow float64 twin of Doppler: least squares for the wall, singular values by NumPy, one point at a time."""

from __future__ import annotations

from itertools import pairwise

import numpy as np


def without_polynomial(course: np.ndarray, degree: int) -> np.ndarray:
    """(pulses,) complex course less its best polynomial."""
    if degree < 0:
        return course
    powers = np.stack([np.arange(len(course)) ** power for power in range(degree + 1)], axis=1).astype(float)
    return course - powers @ np.linalg.lstsq(powers.astype(complex), course, rcond=None)[0]


def without_strongest(images: np.ndarray, strongest: int) -> np.ndarray:
    """(pulses, points) less its largest singular components."""
    left, values, right = np.linalg.svd(images, full_matrices=False)
    values[:strongest] = 0
    return (left * values) @ right


def velocity(course: np.ndarray, nyquist: float) -> float:
    """Positive towards the probe: there an echo comes earlier with each pulse, so its phase rises."""
    return float(np.angle(sum(now * np.conj(before) for before, now in pairwise(course)))) * (nyquist / np.pi)


def power(course: np.ndarray) -> float:
    return float(np.mean(np.abs(course) ** 2))
