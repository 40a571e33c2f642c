"""Recordings of the echOpen kit's RF: a film (npz) or one frame as the lab tool's text. Real probe data, read only.

The lab tool writes a wrong sector angle into the text's own header; a ``*_settings.txt`` beside it is what the kit
itself was told, so it wins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from probe.errors import RecordingError
from probe.frame import Frame, Provenance
from probe.geometry import Geometry
from probe.settings import SampleFormat, Sampling, Settings

MODEL = "echOpen kit (recording)"
NOT_RECORDED = "not recorded"
KIT_SOUND_SPEED_M_S = 1480
KIT_CENTRE_HZ = 3_500_000
KIT_CLOCK_HZ = 125_000_000
MOST_LINES = 1024

_FILM_KEYS = ("rf", "unix_time", "fs_hz", "f0_hz", "sector_deg", "r0_mm", "c_m_s")
_DAMAGE = (OSError, ValueError, KeyError, ArithmeticError)
_MOST_SECONDS = 10**9
_OTHER_KIND = "Choose a film (.npz) or a text file of the echOpen lab tool."


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """Frames of RF in one geometry.

    Args:
        name: File name, for people.
        rf: (frames, lines, samples) int16, read-only, lines left to right.
        geometry: Where the lines lie.
        sampling: The window in time.
        sound_speed_m_s: What the recorder's millimetres assumed.
        centre_hz: Transmit centre frequency.
        frame_us: (frames,) time of each frame after the first, microseconds; zeros where it was not recorded.
    """

    name: str
    rf: NDArray[np.int16]
    geometry: Geometry
    sampling: Sampling
    sound_speed_m_s: int
    centre_hz: int
    frame_us: tuple[int, ...]

    @classmethod
    def load(cls, path: Path | str) -> Recording:
        """Read a folder (its film is preferred), a film, or a lab tool text file.

        Raises:
            RecordingError: It is absent, cut short, damaged, or of another kind.
        """
        path = Path(path)
        try:
            path = _best_file(path) if path.is_dir() else path
            there = path.is_file()
            if there:
                path.open("rb").close()
        except OSError as error:
            raise RecordingError(f"The recording at {path} may not be read", "Check its permissions.") from error
        if not there:
            raise RecordingError(f"There is no recording at {path}", "Check the path.")
        return _read_film(path) if path.suffix == ".npz" else _read_text(path)

    @property
    def frames(self) -> int:
        return int(self.rf.shape[0])

    def dead_lines(self, index: int) -> tuple[int, ...]:
        """Lines of a frame that hold one value only: the recorder lost them."""
        rf = self.rf[index]
        return tuple(np.flatnonzero(rf.max(axis=1) == rf.min(axis=1)).tolist())

    def frame(self, index: int) -> Frame:
        """One frame, with the provenance of the real kit.

        Raises:
            RecordingError: There is no frame of that index.
        """
        if not 0 <= index < self.frames:
            raise RecordingError(
                f"The recording {self.name} has no frame {index}", f"Choose one from 0 to {self.frames - 1}."
            )
        lines = self.geometry.lines
        missing = np.zeros(lines, dtype=np.bool_)
        missing[list(self.dead_lines(index))] = True
        samples = self.rf[index]
        if missing.any():
            samples = np.where(missing[:, None], np.int16(0), samples)
        line_us = np.zeros(lines, dtype=np.int64)
        for array in (samples, missing, line_us):
            array.flags.writeable = False
        return Frame(
            number=index, format=SampleFormat.RF_I16, samples=samples, missing=missing, geometry=self.geometry,
            sampling=self.sampling, settings=self.settings(), provenance=self.provenance(), direction=1,
            device_us=self.frame_us[index], received_ns=0, line_us=line_us,
        )  # fmt: skip

    def settings(self) -> Settings:
        """What the recorder had applied; the frame interval is the mean over the file."""
        interval = self.frame_us[-1] // (self.frames - 1) if self.frames > 1 else 0
        return Settings(SampleFormat.RF_I16, self.geometry.lines, self.sampling, max(0, interval), 0, self.centre_hz, 0)

    def provenance(self) -> Provenance:
        """A real transducer made these samples; it was never calibrated."""
        return Provenance(MODEL, NOT_RECORDED, NOT_RECORDED, False, None, self.sound_speed_m_s)


def _best_file(folder: Path) -> Path:
    """The film of a folder, else the first text that is no settings file."""
    films = sorted(folder.glob("*.npz"))
    texts = sorted(p for p in folder.glob("*.txt") if not p.stem.endswith("settings"))
    if not films and not texts:
        raise RecordingError(f"There is no recording in {folder}", _OTHER_KIND)
    return (films or texts)[0]


def _read_film(path: Path) -> Recording:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            values = {key: np.asarray(archive[key]) for key in archive.files if key in _FILM_KEYS}
    except Exception as error:  # on damaged bytes zipfile, zlib and numpy raise whatever they meet
        raise RecordingError(f"The recording {path.name} is damaged or cut short", "Copy it again.") from error
    missing = [key for key in _FILM_KEYS if key not in values]
    if missing:
        raise RecordingError(f"The file {path.name} is no RF film: it lacks {', '.join(missing)}", _OTHER_KIND)
    try:
        after_us = _after_us(values["unix_time"])
        numbers = {key: _number(values[key]) for key in _FILM_KEYS[2:]}
    except ValueError as error:
        raise RecordingError(f"The numbers in {path.name} are not readable", _OTHER_KIND) from error
    return _recording(path, values["rf"], numbers, after_us)


def _after_us(unix_time: NDArray[np.generic]) -> list[int]:
    """Microseconds of each frame after the first, from the recorder's clock in seconds."""
    if unix_time.ndim != 1 or unix_time.dtype.kind not in "iuf" or not unix_time.size:
        raise ValueError("no times")
    seconds = unix_time.astype(np.float64)
    after = seconds - seconds[0]
    if not (np.abs(after) <= _MOST_SECONDS).all():
        raise ValueError("times that no film spans")
    return [int(second) * 1_000_000 for second in after]


def _number(value: NDArray[np.generic]) -> float:
    if value.ndim != 0 or value.dtype.kind not in "iuf":
        raise ValueError("no number")
    return float(value)


def _read_text(path: Path) -> Recording:
    try:
        rows = path.read_text(encoding="ascii").splitlines()
        said = dict(row[1:].split(":", 1) for row in rows if row.startswith("#") and ":" in row)
        data = [row for row in rows if row.strip() and not row.startswith("#")]
        told = _read_settings(path)
        header = {
            "fs_hz": float(said["frequency"]) * 1e6,
            "f0_hz": float(said.get("piezofrequency", KIT_CENTRE_HZ / 1e6)) * 1e6,
            "sector_deg": float(said["angle"]),
            "r0_mm": float(said["r0"]),
            "c_m_s": KIT_SOUND_SPEED_M_S,
        }
        shape = (int(said["lines"]), int(said["length"]))
    except _DAMAGE as error:
        raise RecordingError(f"The file {path.name} is no lab tool recording", _OTHER_KIND) from error
    cut = RecordingError(f"The recording {path.name} is damaged or cut short", "Copy it again.")
    if len(data) != shape[0]:
        raise cut
    try:
        rf = np.loadtxt(data, dtype=np.int16, ndmin=2)
    except ValueError as error:
        raise cut from error
    if rf.shape != shape:
        raise cut
    return _recording(path, rf[None], header | told, [0])


def _read_settings(path: Path) -> dict[str, float]:
    """What the kit was told: r0 mm, rf mm, decimation, lines, sector degrees, mode; empty where no file says so."""
    beside = path.with_name(path.stem.split("_")[0] + "_settings.txt")
    if not beside.is_file():
        return {}
    r0_mm, _, decimation, _, sector_deg, mode = (float(word) for word in beside.read_text(encoding="ascii").split())
    if mode != 0:
        raise ValueError("an envelope, not RF")
    return {"fs_hz": KIT_CLOCK_HZ / decimation, "sector_deg": sector_deg, "r0_mm": r0_mm}


def _recording(path: Path, rf: NDArray[np.int16], numbers: Mapping[str, float], frame_us: Sequence[int]) -> Recording:
    """Check what was read and make it one value."""
    if not _holds(rf, numbers, len(frame_us)):
        raise RecordingError(f"The file {path.name} holds no RF film that Sauti can read", _OTHER_KIND)
    rf = np.ascontiguousarray(rf)
    rf.flags.writeable = False
    sound_speed = numbers["c_m_s"]
    sampling = Sampling(
        samples=int(rf.shape[2]),
        rate_hz=round(numbers["fs_hz"]),
        first_sample_ns=round(2e6 * numbers["r0_mm"] / sound_speed),
    )
    geometry = Geometry.sector(int(rf.shape[1]), numbers["sector_deg"])
    return Recording(path.name, rf, geometry, sampling, round(sound_speed), round(numbers["f0_hz"]), tuple(frame_us))


def _holds(rf: NDArray[np.int16], numbers: Mapping[str, float], times: int) -> bool:
    limits = {
        "fs_hz": (1e5, 1e9), "f0_hz": (1e4, 1e8), "sector_deg": (1, 180), "r0_mm": (0, 1000), "c_m_s": (300, 6000),
    }  # fmt: skip
    if rf.ndim != 3 or rf.dtype != np.int16 or 0 in rf.shape or rf.shape[1] > MOST_LINES or rf.shape[0] != times:
        return False
    return all(low <= numbers[key] <= high for key, (low, high) in limits.items())
