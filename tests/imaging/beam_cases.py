"""Small arguments for the kernels of channel data."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Case = list[np.ndarray | int]


def _f32(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.standard_normal(shape).astype(np.float32)


def turn_channels(rng: np.random.Generator) -> Case:
    samples = rng.integers(-300, 300, (19, 25)).astype(np.int16)
    first = rng.integers(0, 6, 19)
    return [samples, first, np.zeros((4, 25), np.float32), np.ones((31, 19), np.float32), 0, 19]


def filter_channels(rng: np.random.Generator, decimation: int, factor: int, elements: int) -> Case:
    taps = 8 * factor
    turned = _f32(rng, 40, 5)
    rate = np.array([decimation, factor])
    moments = 9
    return [turned, _f32(rng, taps, elements), _f32(rng, taps, elements), rate, _f32(rng, moments, 14), 0, moments]


def _aligned(rng: np.random.Generator, per_element: int) -> tuple[np.ndarray, ...]:
    elements, moments, rows, count = 7, 12, 4, 9
    analytic = _f32(rng, moments, 2 * (elements + 2))
    analytic[:, [0, elements + 1, elements + 2, -1]] = 0
    spans = np.array([[0, 3], [3, 3], [3, 8], [8, count]], np.int32)
    pairs = np.stack(
        [
            rng.integers(-8, 8, count), rng.integers(0, per_element, count), rng.integers(0, moments - 1, count),
            rng.integers(0, moments - 1, count),
        ],
        axis=1,
    ).astype(np.int32)  # fmt: skip
    return analytic, spans, pairs, _f32(rng, count, 8), np.zeros((rows, 2 * 11), np.float32)


def sum_aligned(rng: np.random.Generator, per_element: int, keep: int) -> Case:
    analytic, spans, pairs, weights, image = _aligned(rng, per_element)
    image += rng.standard_normal(image.shape).astype(np.float32)
    sums = np.zeros((2 * per_element, -(-11 // per_element)), np.float32)
    return [analytic, spans, pairs, weights, np.array([keep]), sums, image, 0, 4]


def cohere_aligned(rng: np.random.Generator, per_element: int, keep: int) -> Case:
    analytic, spans, pairs, weights, image = _aligned(rng, per_element)
    sums = np.zeros((4 * per_element, -(-11 // per_element)), np.float32)
    return [analytic, spans, pairs, weights, np.array([keep]), sums, image, np.ones_like(image), 0, 4]


def cohere_free(rng: np.random.Generator, keep: int) -> Case:
    elements, moments, rows, columns = 5, 30, 3, 13
    analytic = _f32(rng, moments, 2 * (elements + 2))
    angle = np.linspace(-0.2, 0.2, elements)
    table = np.stack([np.linspace(-2, 2, elements), -(angle**2), np.sin(angle), np.cos(angle)], axis=1)
    points = np.concatenate([rng.uniform(-3, 3, (rows, columns)), rng.uniform(2, 9, (rows, columns))], axis=1)
    ranges = np.sort(rng.integers(0, columns + 1, (rows, elements, 2)), axis=2).reshape(rows, -1)
    carrier = [1, 0, -0.5, 0, 0.04, 0, 0, 0, 0, 0, 0, 1, 0, -0.17, 0, 0, 0, 0, 0, 0]
    return [
        analytic,
        table.astype(np.float32),
        points.astype(np.float32),
        rng.uniform(-3, 25, (rows, columns)).astype(np.float32),
        ranges.astype(np.int32),
        np.array([1.3, moments - 2, 4.0, 0.5, 0.86], np.float32),
        np.array(carrier, np.float32),
        np.array([1, -0.9, 0.2, 0, 0, 0], np.float32),
        np.array([keep]),
        np.zeros(columns, np.int32),
        np.zeros((6, columns), np.float32),
        np.zeros((4, columns), np.float32),
        np.zeros((rows, 2 * columns), np.float32),
        np.ones((rows, 2 * columns), np.float32),
        0,
        rows,
    ]


def correlate_ensemble(rng: np.random.Generator, courses: int) -> Case:
    pulses, rows, columns = 6, 3, 11
    return [
        _f32(rng, 2 * pulses, rows * columns),
        _f32(rng, 2 * courses, pulses),
        np.zeros((2, columns), np.float32),
        np.zeros((2 * pulses, columns), np.float32),
        np.zeros((rows, columns), np.float32),
        np.zeros((rows, 2 * columns), np.float32),
        0,
        rows,
    ]


def magnitude(rng: np.random.Generator) -> Case:
    return [_f32(rng, 3, 22), np.zeros((3, 11), np.float32), 0, 3]


CASES: dict[str, tuple[str, Callable[[np.random.Generator], Case]]] = {
    "turn_channels": ("turn_channels", turn_channels),
    **{
        f"filter_channels D{decimation} L{factor} {elements}": (
            "filter_channels",
            lambda rng, d=decimation, f=factor, e=elements: filter_channels(rng, d, f, e),
        )
        for decimation, factor in ((1, 1), (3, 1), (1, 2))
        for elements in (1, 5)
    },
    **{
        f"{kernel.__name__} m{per_element} keep{keep}": (
            kernel.__name__,
            lambda rng, k=kernel, m=per_element, p=keep: k(rng, m, p),
        )
        for kernel in (sum_aligned, cohere_aligned)
        for per_element, keep in ((1, 0), (2, 1), (3, 0))
    },
    **{f"cohere_free keep{keep}": ("cohere_free", lambda rng, k=keep: cohere_free(rng, k)) for keep in (0, 1)},
    **{
        f"correlate_ensemble {courses}": ("correlate_ensemble", lambda rng, c=courses: correlate_ensemble(rng, c))
        for courses in (0, 1, 3)
    },
    "magnitude": ("magnitude", magnitude),
}
