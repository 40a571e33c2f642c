"""The echOpen kit's RF: a film (``.npz``), or one frame as the lab tool's text.

The lab tool writes a wrong sector angle into the text's own header; a ``*_settings.txt`` beside it is what the kit
itself was told, so it wins, and the recording says that the two disagree.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from probe.errors import RecordingError
from probe.formats.arrays import DAMAGE, damaged, frames_array, numbers, read_arrays, unreadable
from probe.geometry import Geometry
from probe.recording import OTHER_KIND, Recording, Scene, dead_lines_said, frames_of, steady_us
from probe.settings import SampleFormat, Sampling

MODEL = "echOpen kit (recording)"
SOUND_SPEED_M_S = 1480
CENTRE_HZ = 3_500_000
CLOCK_HZ = 125_000_000
_FILM_NUMBERS = ("fs_hz", "f0_hz", "sector_deg", "r0_mm", "c_m_s")


def read_film(path: Path) -> Recording:
    """A film of RF with the clock of the files that it was made of.

    Raises:
        RecordingError: It is damaged, or says what no kit can have meant.
    """
    arrays = read_arrays(path)
    missing = [key for key in ("rf", "unix_time", *_FILM_NUMBERS) if key not in arrays]
    if missing:
        raise RecordingError(f"The file {path.name} is no RF film: it lacks {', '.join(missing)}", OTHER_KIND)
    said = numbers(path, {key: arrays[key] for key in _FILM_NUMBERS})
    rf = frames_array(path, arrays["rf"], np.int16)
    try:
        frame_us, jumps = steady_us(arrays["unix_time"])
    except DAMAGE as error:
        raise unreadable(path) from error
    if len(frame_us) != len(rf):
        raise unreadable(path)
    frames = frames_of(_scene(rf.shape, said), rf, frame_us)
    jumped = (f"The file's clock jumps before frame {', '.join(map(str, jumps))}.",) if jumps else ()
    return Recording(path.name, "echOpen lab tool film, RF", frames, (*jumped, *dead_lines_said(frames)))


def read_text(path: Path) -> Recording:
    """One frame of RF as text: ``#key:value`` lines, then one line of numbers for each scanline.

    Raises:
        RecordingError: It is damaged, or no such text.
    """
    try:
        rows = path.read_text(encoding="ascii").splitlines()
        said = dict(row[1:].split(":", 1) for row in rows if row.startswith("#") and ":" in row)
        data = [row for row in rows if row.strip() and not row.startswith("#")]
        told = _read_settings(path)
        header = {
            "fs_hz": float(said["frequency"]) * 1e6,
            "f0_hz": float(said.get("piezofrequency", CENTRE_HZ / 1e6)) * 1e6,
            "sector_deg": float(said["angle"]),
            "r0_mm": float(said["r0"]),
            "c_m_s": SOUND_SPEED_M_S,
        }
        shape = (int(said["lines"]), int(said["length"]))
    except DAMAGE as error:
        raise RecordingError(f"The file {path.name} is no lab tool recording", OTHER_KIND) from error
    rf = _read_rows(path, data, shape)
    known = numbers(path, header | told)
    frames = frames_of(_scene(rf.shape, known), rf)
    remarks = (*_disagreement(header, told), *dead_lines_said(frames))
    return Recording(path.name, "echOpen lab tool frame, RF", frames, remarks)


def _read_rows(path: Path, data: list[str], shape: tuple[int, int]) -> NDArray[np.int16]:
    if len(data) != shape[0]:
        raise damaged(path)
    try:
        rf = np.loadtxt(data, dtype=np.int16, ndmin=2)
    except ValueError as error:
        raise damaged(path) from error
    if rf.shape != shape:
        raise damaged(path)
    return frames_array(path, rf[None], np.int16)


def _read_settings(path: Path) -> dict[str, float]:
    """What the kit was told: r0 mm, rf mm, decimation, lines, sector degrees, mode; empty where no file says so."""
    beside = path.with_name(path.stem.split("_")[0] + "_settings.txt")
    if not beside.is_file():
        return {}
    r0_mm, _, decimation, _, sector_deg, mode = (float(word) for word in beside.read_text(encoding="ascii").split())
    if mode != 0:
        raise ValueError("an envelope, not RF")
    return {"fs_hz": CLOCK_HZ / decimation, "sector_deg": sector_deg, "r0_mm": r0_mm}


def _disagreement(header: dict[str, float], told: dict[str, float]) -> tuple[str, ...]:
    if "sector_deg" not in told:
        return ("No settings file says which sector the kit used; the header's angle is not to be trusted.",)
    if told["sector_deg"] == header["sector_deg"]:
        return ()
    said, used = header["sector_deg"], told["sector_deg"]
    return (f"The header says {said:g} degrees, the kit was told {used:g}: its own setting is used.",)


def _scene(shape: tuple[int, ...], said: dict[str, float]) -> Scene:
    sampling = Sampling(shape[2], round(said["fs_hz"]), round(2e6 * said["r0_mm"] / said["c_m_s"]))
    return Scene(
        MODEL, SampleFormat.RF_I16, Geometry.sector(shape[1], said["sector_deg"]), sampling, round(said["c_m_s"]),
        round(said["f0_hz"]),
    )  # fmt: skip
