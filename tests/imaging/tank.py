"""Frames of all recordings of swept real probes: echoes of hands, pads and plates in a tank, and of nothing at all."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from probe.frame import Frame
from probe.geometry import Geometry
from probe.recording import Recording
from probe.settings import SampleFormat, Sampling, Settings

# frames in which nothing is in front of the probe (the last one of the film shows interference alone); seen by eye
EMPTY = {*(("film", n) for n in (0, 1, 2, 3, 69)), ("raw_hand_rf_int16", 3)}
# a finger's edge in one corner, and weak
ALMOST_EMPTY = {("film", 19)}


def series(recordings: Path) -> dict[str, list[Frame]]:
    """Name to frames, in order."""
    lab, quarium = recordings / "echopen_labtool", recordings / "echopen_dataquarium"
    film = Recording.load(lab)
    found = {"film": [film.frame(n) for n in range(film.frames)]}
    for name in ("hand_hand", "plate_plate"):
        found[name] = [Recording.load(lab / f"{name}.txt").frame(0)]
    like = found["film"][0]
    for name in ("hand_env_u8", "gelpad_env_u8", "sponge_env_u8"):
        found[name] = list(_envelopes(quarium / f"{name}.npz", like))
    found["raw_hand_rf_int16"] = list(_rf(quarium / "raw_hand_rf_int16.npz", like))
    return found


def _envelopes(path: Path, like: Frame) -> Iterator[Frame]:
    """128 lines from 50 to 150 mm at 1480 m/s, 80 degrees."""
    for number, codes in enumerate(np.load(path)["env"]):
        lines, samples = codes.shape
        sampling = Sampling(samples, round((samples - 1) / (0.2 / 1480)), round(1e8 / 1480))
        yield _frame(codes.copy(), SampleFormat.ENVELOPE_U8_LINEAR, sampling, lines, number, like)


def _rf(path: Path, like: Frame) -> Iterator[Frame]:
    for number, counts in enumerate(np.load(path)["rf"]):
        sampling = dataclasses.replace(like.sampling, samples=counts.shape[1])
        yield _frame(counts.astype(np.int16), SampleFormat.RF_I16, sampling, len(counts), number, like)


def _frame(
    samples: np.ndarray, format: SampleFormat, sampling: Sampling, lines: int, number: int, like: Frame
) -> Frame:
    missing = samples.max(axis=1) == samples.min(axis=1)
    settings = Settings(format, lines, sampling, 100_000, 0, 3_500_000, 0)
    return dataclasses.replace(
        like, number=number, format=format, samples=samples, missing=missing, geometry=Geometry.sector(lines, 80.0),
        sampling=sampling, settings=settings, line_us=np.zeros(lines, np.int64),
    )  # fmt: skip
