"""Small arguments for every kernel; arrays that are written to hold what the kernel may rely on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.imaging import beam_cases

Case = list[np.ndarray | int]


def detect_rf(rng: np.random.Generator, decimation: int, average: int) -> Case:
    lines, count, taps = 3, 37, 8
    outputs = -(-count // decimation)
    samples = rng.integers(-300, 300, (lines, count)).astype(np.int16)
    samples[1] = 51
    return [
        samples,
        rng.standard_normal((2 * decimation, taps)).astype(np.float32),
        np.array([average]),
        rng.uniform(1e-6, 1e-5, outputs // average).astype(np.float32),
        rng.integers(0, 256, 65536).astype(np.uint8),
        np.zeros((decimation, outputs + taps), np.float32),
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
    return [codes, levels, offsets, np.zeros((4, 33), np.uint8), 0, 4]


def pack_quads(rng: np.random.Generator) -> Case:
    polar = rng.integers(0, 256, (5, 19)).astype(np.uint8)
    return [polar, np.array([0, 0, 0, 0, 1], np.uint8), np.zeros((4, 18), np.uint32), 0, 4]


def scan_convert(rng: np.random.Generator) -> Case:
    spans = np.array([[0, 20, 0], [3, 3, 20], [5, 17, 20]], np.int32)
    cells = rng.integers(0, 50, 32).astype(np.int32)
    weights = rng.integers(0, 65536, 32).astype(np.uint16)
    quads = rng.integers(0, 1 << 32, 50).astype(np.uint32)
    return [quads, spans, cells, weights, np.zeros(20, np.uint32), np.zeros((3, 20), np.uint8), 0, 3]


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


CASES: dict[str, tuple[str, Callable[[np.random.Generator], Case]]] = {
    **{
        f"detect_rf D{decimation} A{average}": (
            "detect_rf",
            lambda rng, d=decimation, a=average: detect_rf(rng, d, a),
        )
        for decimation in (1, 2, 3, 4, 5)
        for average in (1, 3)
    },
    "cell_rows": ("cell_rows", cell_rows),
    "fit_grey": ("fit_grey", fit_grey),
    "grey_u8": ("grey_u8", lambda rng: grey(rng, np.uint8)),
    "grey_u16": ("grey_u16", lambda rng: grey(rng, np.uint16)),
    "pack_quads": ("pack_quads", pack_quads),
    "scan_convert": ("scan_convert", scan_convert),
    "sixel_bands": ("sixel_bands", sixel_bands),
    **beam_cases.CASES,
}
