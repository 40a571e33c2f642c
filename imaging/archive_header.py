"""The archive's header: frames in words and whole numbers, read back with distrust."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probe.capabilities import Calibration
from probe.frame import Frame, Provenance
from probe.geometry import Geometry
from probe.settings import SampleFormat, Sampling, Settings

_DTYPES: dict[SampleFormat, np.dtype[Any]] = {
    SampleFormat.RF_I16: np.dtype("<i2"),
    SampleFormat.IQ_I16: np.dtype("<i2"),
    SampleFormat.IQ_I8: np.dtype("i1"),
    SampleFormat.ENVELOPE_U8_LINEAR: np.dtype("u1"),
    SampleFormat.ENVELOPE_U8_LOG: np.dtype("u1"),
    SampleFormat.ENVELOPE_U8_ALAW: np.dtype("u1"),
    SampleFormat.ENVELOPE_U16: np.dtype("<u2"),
}
_TWO_CHANNELS = (SampleFormat.IQ_I16, SampleFormat.IQ_I8)
_LARGEST = 1 << 64
_MOST_LINES, _MOST_SAMPLES = 1 << 14, 1 << 22


@dataclass(frozen=True, slots=True)
class Setup:
    """What many frames have in common."""

    format: SampleFormat
    geometry: Geometry
    sampling: Sampling
    settings: Settings
    provenance: Provenance

    @classmethod
    def of(cls, frame: Frame) -> Setup:
        """The setup of a frame."""
        return cls(frame.format, frame.geometry, frame.sampling, frame.settings, frame.provenance)

    @property
    def dtype(self) -> np.dtype[Any]:
        return _DTYPES[self.format]

    @property
    def shape(self) -> tuple[int, ...]:
        """Of a frame's samples."""
        plane = (self.geometry.lines, self.sampling.samples)
        return (*plane, 2) if self.format in _TWO_CHANNELS else plane

    @property
    def samples_bytes(self) -> int:
        """Of a frame's samples."""
        size = self.dtype.itemsize
        for count in self.shape:
            size *= count
        return size

    def frame(self, entry: Entry, samples: NDArray[Any], line_us: NDArray[np.int64]) -> Frame:
        """A frame of this setup."""
        missing = np.zeros(self.geometry.lines, dtype=np.bool_)
        missing[list(entry.missing)] = True
        for array in (samples, missing, line_us):
            array.flags.writeable = False
        return Frame(
            entry.number, self.format, samples, missing, self.geometry, self.sampling, self.settings, self.provenance,
            entry.direction, entry.device_us, entry.received_ns, line_us, entry.dropped_before,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """What a frame has of its own, and where its samples are."""

    setup: int
    number: int
    direction: int
    device_us: int
    received_ns: int
    dropped_before: int
    missing: tuple[int, ...]
    filter: int
    bytes: int


def values_of(frame: Frame, setup: int, filter_number: int, size: int) -> dict[str, Any]:
    """A frame's entry in the header."""
    return {
        "setup": setup,
        "number": int(frame.number),
        "direction": int(frame.direction),
        "device_us": int(frame.device_us),
        "received_ns": int(frame.received_ns),
        "dropped_before": int(frame.dropped_before),
        "missing": np.flatnonzero(frame.missing).tolist(),
        "filter": filter_number,
        "bytes": size,
    }


def entry_of(values: dict[str, Any], setups: list[Setup]) -> Entry:
    """An entry as read; ValueError, LookupError or TypeError where it cannot be one."""
    entry = Entry(**{**values, "missing": tuple(values["missing"])})
    for key, value in values.items():
        if key != "missing":
            _whole(value, -_LARGEST if key != "setup" else 0)
    lines = setups[entry.setup].geometry.lines
    if not all(0 <= _whole(line) < lines for line in entry.missing) or entry.filter not in (0, 1) or entry.bytes < 0:
        raise ValueError("a frame's entry is not possible")
    return entry


def setup_of(values: dict[str, Any]) -> Setup:
    """A setup as read; ValueError, LookupError or TypeError where it cannot be one."""
    sampling = _sampling(values["sampling"])
    setup = Setup(
        SampleFormat(_whole(values["format"])),
        Geometry(**{key: tuple(map(_whole, column)) for key, column in values["geometry"].items()}),
        sampling,
        _settings(values["settings"]),
        _provenance(values["provenance"]),
    )
    if setup.format not in _DTYPES or setup.geometry.lines > _MOST_LINES or not 0 <= sampling.samples <= _MOST_SAMPLES:
        raise ValueError("a setup is not possible")
    return setup


def _whole(value: Any, low: int = -_LARGEST) -> int:  # noqa: ANN401  (as it comes out of JSON)
    if type(value) is not int or not low <= value <= _LARGEST:
        raise ValueError(f"{value!r} is no whole number that a frame can have")
    return value


def _sampling(values: dict[str, Any]) -> Sampling:
    return Sampling(**{key: _whole(value) for key, value in values.items()})


def _settings(values: dict[str, Any]) -> Settings:
    known = dict(values)
    format_number, sampling = known.pop("format"), known.pop("sampling")
    return Settings(
        format=None if format_number is None else SampleFormat(_whole(format_number)),
        sampling=None if sampling is None else _sampling(sampling),
        **{key: None if value is None else _whole(value) for key, value in known.items()},
    )


def _provenance(values: dict[str, Any]) -> Provenance:
    known = dict(values)
    calibration = known.pop("calibration")
    if type(known["simulated"]) is not bool or not all(isinstance(known[key], str) for key in _TEXTS):
        raise ValueError("a provenance is not possible")
    _whole(known["sound_speed_m_s"])
    return Provenance(calibration=None if calibration is None else _calibration(calibration), **known)


_TEXTS = ("model", "serial", "firmware")


def _calibration(values: dict[str, Any]) -> Calibration:
    _whole(values["residual_um"])
    if not all(isinstance(values[key], str) for key in ("made_on", "expires_on", "operator")):
        raise ValueError("a calibration is not possible")
    return Calibration(**values)
