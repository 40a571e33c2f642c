"""Small arguments for every kernel; arrays that are written to hold what the kernel may rely on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from imaging import band
from tests.imaging import beam_cases

Case = list[np.ndarray | int]


def folded(rng: np.random.Generator, decimation: int, outputs: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places, taps and phases of a filter with conjugate halves."""
    half = rng.standard_normal(2 * 4 * decimation).view(np.complex128)
    half[0] = half[0].real
    taps = np.concatenate([half[:0:-1].conj(), half])
    places, passes, shape = band.folded(band.Band(1.0, 1.0, taps, decimation), outputs)
    return places, passes, np.zeros(shape, np.float32)


def detect_rf(rng: np.random.Generator, decimation: int, average: int) -> Case:
    lines, count = 3, 37
    outputs = -(-count // decimation)
    places, taps, phases = folded(rng, decimation, outputs)
    samples = rng.integers(-300, 300, (lines, count)).astype(np.int16)
    samples[1] = 51
    return [
        samples,
        places,
        taps,
        np.array([average]),
        rng.uniform(1e-6, 1e-5, outputs // average).astype(np.float32),
        rng.integers(0, 256, 65536).astype(np.uint8),
        phases,
        np.zeros((2, outputs), np.float32),
        np.zeros((lines, outputs // average), np.uint8),
        np.array([0, 0, 1], np.uint8),
        0,
        lines,
    ]


def grey(rng: np.random.Generator, type: type[np.unsignedinteger]) -> Case:
    codes = rng.integers(0, np.iinfo(type).max + 1, (4, 33)).astype(type)
    levels = rng.integers(-4000, 20000, np.iinfo(type).max + 1).astype(np.int32)
    offsets = rng.integers(-3000, 3000, 33).astype(np.int32)
    tones = (255 * (np.arange(16321) / 16320) ** 0.75).astype(np.uint8)
    return [codes, levels, offsets, tones, np.zeros((4, 33), np.uint8), 0, 4]


def pack_quads(rng: np.random.Generator) -> Case:
    polar = rng.integers(0, 256, (5, 19)).astype(np.uint8)
    return [polar, np.array([0, 0, 0, 0, 1], np.uint8), np.zeros((4, 18), np.uint32), 0, 4]


def scan_convert(rng: np.random.Generator) -> Case:
    spans = np.array([[0, 20, 0], [3, 3, 20], [5, 17, 20]], np.int32)
    cells = rng.integers(0, 50, 32).astype(np.int32)
    weights = rng.integers(0, 65536, 32).astype(np.uint16)
    quads = rng.integers(0, 1 << 32, 50).astype(np.uint32)
    gathered, halves = np.zeros(20, np.uint32), np.zeros((2, 20), np.uint16)
    return [quads, spans, cells, weights, gathered, halves, np.zeros((3, 20), np.uint8), 0, 3]


def sixel_bands(rng: np.random.Generator) -> Case:
    width, colours, bands = 37, 16, 3
    pixels = rng.integers(0, 256, (6 * bands, width)).astype(np.uint8)
    pixels[:6] = 90
    pixels[6:12, 5:30] = 200
    return [
        pixels,
        np.rint(np.arange(256) * (colours - 1) / 255).astype(np.uint8),
        np.zeros((colours, width), np.int32),
        np.zeros((colours, width), np.uint8),
        np.zeros(colours, np.int32),
        np.zeros(2 * width + 2, np.uint8),
        np.zeros(2 * width + 2, np.int32),
        np.zeros((bands, 40 * width + 8 * colours), np.uint8),
        np.zeros(bands, np.int32),
        0,
        bands,
    ]


def cell_rows(rng: np.random.Generator) -> Case:
    rows, columns, colours, room = 3, 11, 5, 8
    fronts, backs = (rng.integers(48, 58, (colours, room)).astype(np.uint8) for _ in range(2))
    return [
        rng.integers(0, colours, (2 * rows, columns)).astype(np.uint8),
        fronts,
        backs,
        rng.integers(1, room + 1, colours).astype(np.int32),
        np.zeros((rows, columns * (2 * room + 7)), np.uint8),
        np.zeros(rows, np.int32),
        0,
        rows,
    ]


def fit_grey(rng: np.random.Generator) -> Case:
    taps = np.array([[16384, 0, 0], [8192, 8192, 0], [5000, 6384, 5000], [0, 0, 0]], np.int32)
    return [
        rng.integers(0, 256, (9, 7)).astype(np.uint8),
        np.array([0, -1, 3, 6], np.int32),
        taps[[0, 0, 2, 1]],
        np.array([0, 2, 4, 4, 0], np.int32),
        taps[[1, 2, 2, 0, 3]],
        np.zeros(7, np.int32),
        np.full((4, 5), 9, np.uint8),
        0,
        4,
    ]


def detect_iq(rng: np.random.Generator) -> Case:
    samples = rng.integers(-300, 300, (4, 2 * 31)).astype(np.int16)
    samples[2] = 9
    return [
        samples,
        np.array([3]),
        rng.uniform(1e-6, 1e-5, 10).astype(np.float32),
        rng.integers(0, 256, 65536).astype(np.uint8),
        np.zeros(31, np.float32),
        np.zeros((4, 10), np.uint8),
        np.array([0, 0, 0, 1], np.uint8),
        0,
        4,
    ]


def double_iq(rng: np.random.Generator) -> Case:
    samples = rng.integers(-300, 300, (3, 2 * 17)).astype(np.int16)
    samples[1] = 9
    taps = rng.standard_normal(6).astype(np.float32)
    return [samples, taps, np.zeros((3, 4 * 17), np.float32), np.array([0, 0, 1], np.uint8), 0, 3]


def filter_rf(rng: np.random.Generator, decimation: int) -> Case:
    samples = rng.integers(-300, 300, (3, 37)).astype(np.int16)
    samples[1] = 51
    outputs = -(-37 // decimation)
    places, taps, phases = folded(rng, decimation, outputs)
    return [
        samples,
        places,
        taps,
        phases,
        np.zeros((3, 2 * outputs), np.float32),
        np.array([0, 0, 1], np.uint8),
        0,
        3,
    ]


def focus_lines(rng: np.random.Generator) -> Case:
    lines, outputs, routes = 5, 23, 4
    # a table of one grey per octave of power, so that rounding does not decide
    table = np.repeat(np.arange(256), 256).astype(np.uint8)
    return [
        rng.standard_normal((lines, 2 * outputs)).astype(np.float32),
        np.array([[-1, 0, 1], [0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, -1]], np.int32),
        rng.integers(0, routes, (lines, 3)).astype(np.int32),
        rng.integers(0, outputs - 1, (routes, outputs)).astype(np.int32),
        rng.standard_normal((routes, 4 * outputs)).astype(np.float32),
        rng.uniform(0, 1, (routes, outputs)).astype(np.float32),
        np.array([0.5], np.float32),
        np.array([2]),
        np.ones(outputs // 2, np.float32),
        table,
        np.zeros((8, outputs), np.float32),
        np.zeros((lines, outputs // 2), np.uint8),
        np.array([0, 0, 0, 1, 0], np.uint8),
        0,
        lines,
    ]


def blend(rng: np.random.Generator) -> Case:
    lines, m = 4, 21
    stack = rng.integers(0, 256, (3 * lines, m)).astype(np.uint8)
    alive = np.array([[1, 1, 0, 0], [1, 0, 0, 1], [1, 1, 0, 1]], np.uint8)
    weights = np.array([3, 0, 2], np.int32)
    return [stack, weights, alive, np.zeros((2, m), np.uint16), np.zeros((lines, m), np.uint8), 0, lines]


def smooth_srad(rng: np.random.Generator) -> Case:
    lines, m = 6, 17
    return [
        rng.integers(0, 256, (lines, m)).astype(np.uint8),
        (10 ** (np.arange(256) / 42.5 - 6)).astype(np.float32),
        np.array([1, 0.7, 0.4], np.float32),
        np.repeat(np.arange(256), 256).astype(np.uint8),
        np.array([0, 0, 0, 1, 0, 0], np.uint8),
        np.zeros((2 * lines, m + 2), np.float32),
        np.zeros((lines, m + 2), np.float32),
        np.zeros((lines, m), np.uint8),
        0,
        1,
    ]


def smooth_guided(rng: np.random.Generator) -> Case:
    lines, m = 9, 19
    return [
        rng.integers(0, 256, (lines, m)).astype(np.uint8),
        np.array([3e5], np.float32),
        np.array([0, 0, 0, 0, 1, 0, 0, 0, 0], np.uint8),
        np.zeros((2, m + 4), np.int32),
        np.zeros((10, m + 4), np.float32),
        np.zeros((lines, m), np.uint8),
        0,
        lines,
    ]


def draw_columns(rng: np.random.Generator) -> Case:
    cells = np.array([-1, 0, 3, 7, 8], np.int32)
    weights = np.array([0, 256, 17, 128, 255], np.int32)
    grey = rng.integers(1, 256, (3, 10)).astype(np.uint8)
    return [grey, cells, weights, np.array([1, 2, 5]), np.full((5, 8), 9, np.uint8), 0, 5]


def survey(rng: np.random.Generator) -> Case:
    grey = rng.integers(0, 256, (11, 30)).astype(np.uint8)
    earlier = rng.integers(0, 256, (11, 30)).astype(np.uint8)
    return [grey, earlier, np.array([0, 7, 20, 30], np.int32), np.zeros((11, 18), np.int32), 0, 11]


def mean_seen(rng: np.random.Generator) -> Case:
    stack = rng.integers(0, 256, (12, 9)).astype(np.uint8)
    return [stack, rng.integers(0, 2, (12, 9)).astype(np.uint8), np.zeros((4, 9), np.uint8), 0, 4]


CASES: dict[str, tuple[str, Callable[[np.random.Generator], Case]]] = {
    **{
        f"detect_rf D{decimation} A{average}": (
            "detect_rf",
            lambda rng, d=decimation, a=average: detect_rf(rng, d, a),
        )
        for decimation in (1, 2, 3, 4, 5)
        for average in (1, 3)
    },
    "grey_u8": ("grey_u8", lambda rng: grey(rng, np.uint8)),
    "grey_u16": ("grey_u16", lambda rng: grey(rng, np.uint16)),
    "detect_iq": ("detect_iq", detect_iq),
    "double_iq": ("double_iq", double_iq),
    **{f"filter_rf D{d}": ("filter_rf", lambda rng, d=d: filter_rf(rng, d)) for d in (1, 2, 3)},
    "focus_lines": ("focus_lines", focus_lines),
    "blend": ("blend", blend),
    "smooth_srad": ("smooth_srad", smooth_srad),
    "smooth_guided": ("smooth_guided", smooth_guided),
    "draw_columns": ("draw_columns", draw_columns),
    "survey": ("survey", survey),
    "mean_seen": ("mean_seen", mean_seen),
    "cell_rows": ("cell_rows", cell_rows),
    "fit_grey": ("fit_grey", fit_grey),
    "pack_quads": ("pack_quads", pack_quads),
    "scan_convert": ("scan_convert", scan_convert),
    "sixel_bands": ("sixel_bands", sixel_bands),
    **beam_cases.CASES,
}
