"""Kept frames as a recording: played, they are the same frames."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from probe.calibration.correction import Correction, InForce, corrected
from probe.capabilities import Calibration
from probe.errors import RecordingError
from probe.frame import Frame
from probe.playback import frames_of
from probe.settings import SampleFormat, Sampling
from probe.sprobe.container import Sprobe, SprobeHeader
from probe.sprobe.export import EXPORTED, exported
from tests.probe.distortions import Errors, SectorProbe

HEADER = SprobeHeader("", "eop1", "", "", 1_764_000_000_000, "test")
MADE = Calibration("2026-01-01", "2027-01-01", "Amina", 80)


def sweep(number: int, direction: int = 1, **changes: object) -> Frame:
    frame = SectorProbe(Errors()).plate(60, 5, number, direction)
    missing = np.zeros(64, dtype=bool)
    missing[[3, 40]] = True
    samples = np.where(missing[:, None], 0, frame.samples).astype(frame.samples.dtype)
    line_us = np.arange(64, dtype=np.int64)[::direction] * 900
    told = replace(
        frame, number=number, device_us=50_000 * number, missing=missing, samples=samples, line_us=line_us, **changes
    )  # type: ignore[arg-type]
    lag = InForce(MADE, Correction(sweep_lag_mdeg=600))
    return corrected(told, lag)


def played(frames: list[Frame], path: Path) -> list[Frame]:
    path.write_bytes(exported(frames, HEADER))
    return list(frames_of(path))


def same(got: Frame, kept: Frame) -> None:
    assert np.array_equal(got.samples, kept.samples)
    assert got.samples.dtype == kept.samples.dtype
    assert np.array_equal(got.missing, kept.missing)
    assert np.array_equal(got.line_us, kept.line_us)
    assert (got.geometry, got.sampling, got.direction) == (kept.geometry, kept.sampling, kept.direction)
    assert (got.device_us, got.format, got.settings.centre_hz) == (kept.device_us, kept.format, kept.settings.centre_hz)


def test_frames_of_both_directions_come_back_as_they_were_kept(tmp_path: Path) -> None:
    kept = [sweep(7), sweep(8, -1), sweep(10)]
    got = played(kept, tmp_path / "a.sprobe")
    assert [frame.number for frame in got] == [7, 8, 10]
    assert got[2].dropped_before == 1
    for one, other in zip(got, kept, strict=True):
        same(one, other)
        assert one.provenance == replace(other.provenance, model=f"sector{EXPORTED}")
        assert one.provenance.calibration == MADE


@pytest.mark.parametrize("format", [f for f in SampleFormat if "PACKED" not in f.name])
def test_every_format_is_exported(tmp_path: Path, format: SampleFormat) -> None:
    frame = sweep(0)
    shape = (*frame.samples.shape, 2) if format.name.startswith("IQ") else frame.samples.shape
    kinds = {"IQ_I8": np.int8, "ENVELOPE_U16": np.uint16, "RF_I16": np.int16, "IQ_I16": np.int16}
    kind = kinds.get(format.name, np.uint8)
    samples = np.random.default_rng(3).integers(0, 100, shape).astype(kind)
    samples[frame.missing] = 0
    one = replace(frame, format=format, samples=samples, settings=replace(frame.settings, log_range_db=60))
    [got] = played([one], tmp_path / "a.sprobe")
    same(got, one)


def test_times_never_step_back(tmp_path: Path) -> None:
    frames = [sweep(0), replace(sweep(1), device_us=-9_000_000), sweep(2)]
    data = exported(frames, HEADER)
    times = [record.time_ns for record in Sprobe.read(data).records]
    assert times == sorted(times)
    assert Sprobe.read(data).complete


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(RecordingError, match="no frame to export"):
        exported([], HEADER)
    long = Sampling(40_000, 10_000_000, 0)
    frame = replace(sweep(0), sampling=long, samples=np.zeros((64, 40_000), dtype=np.int16))
    with pytest.raises(RecordingError, match="too long for a recording"):
        exported([frame], HEADER)
