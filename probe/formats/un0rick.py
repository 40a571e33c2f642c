"""un0rick's A-lines: those of the USB firmware (``.npz``), or one of the Raspberry Pi firmware (``.json``)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from probe.drivers.alines import GEOMETRY
from probe.errors import RecordingError
from probe.formats.arrays import DAMAGE, MOST_SAMPLES, frames_array, read_arrays
from probe.frame import Frame
from probe.recording import MOST_LINES, OTHER_KIND, Recording, Scene, frames_of
from probe.settings import SampleFormat, Sampling

MODEL = "un0rick (recording)"
RATE_HZ = 64_000_000
_FULL_SCALE, _MID_SCALE = 512, 512
_HALF_CLOCK_NS = 8
_DIVIDER = "237"


def read_lines(path: Path) -> Recording:
    """Lines of one reflector; with ``doublerate`` every other one is taken half a clock later.

    Raises:
        RecordingError: It is damaged, or holds something else.
    """
    arrays = read_arrays(path)
    signal = arrays["signal"]
    whole = signal.ndim == 2 and signal.dtype.kind == "f" and 0 < signal.shape[0] <= MOST_LINES
    if not whole or not 1 < signal.shape[1] <= MOST_SAMPLES or not np.abs(signal).max() <= 1:
        raise RecordingError(f"The file {path.name} holds no lines that Sauti can read", OTHER_KIND)
    counts = frames_array(path, np.rint(signal[:, None, :] * _FULL_SCALE).astype(np.int16), np.int16)
    double = bool(np.asarray(arrays["doublerate"]).any())
    frames: list[Frame] = []
    for index, line in enumerate(counts):
        late_ns = _HALF_CLOCK_NS if double and index % 2 else 0
        scene = _scene(Sampling(counts.shape[2], RATE_HZ, late_ns))
        frames += frames_of(scene, line[None], None, index)
    remarks = ("Odd lines are taken half a clock later than even ones.",) if double else ()
    return Recording(path.name, "un0rick A-lines, RF", tuple(frames), remarks)


def read_dump(path: Path) -> Recording:
    """One line out of the board's memory: pairs of bytes, of which the first has its highest bit set.

    Raises:
        RecordingError: It is damaged, or holds something else.
    """
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        data = np.asarray(said["data"], dtype=np.int64)
        rate_hz = RATE_HZ // (1 + int(said["registers"][_DIVIDER]))
        counts = _pairs(data)
    except (*DAMAGE, RecursionError, ZeroDivisionError, AttributeError) as error:
        raise RecordingError(f"The file {path.name} holds no lines that Sauti can read", OTHER_KIND) from error
    if counts.size < 2 or not 1 <= rate_hz <= RATE_HZ or data.min() < 0 or data.max() > 255:
        raise RecordingError(f"The file {path.name} holds no lines that Sauti can read", OTHER_KIND)
    samples = frames_array(path, counts[None, None], np.int16)
    return Recording(
        path.name, "un0rick A-line, RF", frames_of(_scene(Sampling(counts.size, rate_hz, 0)), samples),
        ("Its time zero is that of the memory, not of the pulse.",),
    )  # fmt: skip


def _pairs(data: NDArray[np.int64]) -> NDArray[np.int16]:
    """(samples,) counts about mid-scale, from the first pair on."""
    starts = np.flatnonzero((data[:-1] > 127) & (data[1:] < 128))
    first = int(starts[0])
    pairs = data[first : first + (len(data) - first) // 2 * 2].reshape(-1, 2)
    counts: NDArray[np.int16] = (((pairs[:, 0] & 7) << 7) + (pairs[:, 1] & 127) - _MID_SCALE).astype(np.int16)
    return counts


def _scene(sampling: Sampling) -> Scene:
    return Scene(MODEL, SampleFormat.RF_I16, GEOMETRY, sampling, 0, 0)
