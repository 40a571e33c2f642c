"""Calibrations of a site: the newest counts, in date only; a damaged, expired or foreign one never does."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from clinic.calibrations import CalibrationRecord, in_force, local_date, lookup, newest, save
from clinic.errors import BadRequest
from probe.calibration.correction import Correction, InForce
from probe.capabilities import Calibration, Capabilities
from probe.settings import SampleFormat

CAPS = Capabilities(
    driver="eop1", model="sector", serial="S1", firmware="1", simulated=False, modes=("B",),
    formats=(SampleFormat.ENVELOPE_U8_LOG,), fetch_formats=(), ring_frames=0, max_lines=64, max_samples=500,
    min_frame_interval_us=1, centre_hz=(3_500_000,), gain_db=(0, 0),
)  # fmt: skip
CORRECTION = Correction(-500, 1_010_000, 900_000, 400)
RECORD = CalibrationRecord(
    "eop1", "sector", "S1", 1_764_000_000_000, "2026-01-10", "2027-01-10", "Amina Juma", "wires: W9", 1480, 36, 80,
    CORRECTION, "sauti test",
)  # fmt: skip
COUNTS = InForce(Calibration("2026-01-10", "2027-01-10", "Amina Juma", 80), CORRECTION)


def test_what_was_kept_counts_in_its_days_only(tmp_path: Path) -> None:
    path = save(tmp_path, RECORD)
    assert path.stat().st_mode & 0o777 == 0o600
    assert newest(tmp_path, "eop1", "sector", "S1") == RECORD
    for day in ("2026-01-10", "2026-06-01", "2027-01-10"):
        assert in_force(tmp_path, CAPS, day) == COUNTS
    for day in ("2026-01-09", "2027-01-11", "2001-01-01", "soon"):
        assert in_force(tmp_path, CAPS, day) == InForce(None)


def test_another_probe_has_none(tmp_path: Path) -> None:
    save(tmp_path, RECORD)
    for other in (replace(CAPS, serial="S2"), replace(CAPS, model="other"), replace(CAPS, driver="p0rk")):
        assert in_force(tmp_path, other, "2026-06-01") == InForce(None)


def test_the_newest_counts_and_older_ones_stay(tmp_path: Path) -> None:
    first = save(tmp_path, RECORD)
    second = save(tmp_path, replace(RECORD, made_unix_ms=RECORD.made_unix_ms + 10**12, residual_um=70))
    assert first != second
    assert first.exists()
    found = in_force(tmp_path, CAPS, "2026-06-01")
    assert found.calibration is not None
    assert found.calibration.residual_um == 70


@pytest.mark.parametrize("cut", [0, 1, 40, -1])
def test_a_damaged_one_counts_for_nothing_and_no_older_one_takes_its_place(tmp_path: Path, cut: int) -> None:
    save(tmp_path, RECORD)
    last = save(tmp_path, replace(RECORD, made_unix_ms=RECORD.made_unix_ms + 1))
    last.write_bytes(last.read_bytes()[: cut if cut >= 0 else -10])
    assert in_force(tmp_path, CAPS, "2026-06-01") == InForce(None)
    with pytest.raises(BadRequest, match=r"is damaged\. Calibrate the probe again"):
        newest(tmp_path, "eop1", "sector", "S1")


def test_every_changed_digit_is_seen(tmp_path: Path) -> None:
    path = save(tmp_path, RECORD)
    whole = path.read_bytes()
    for index in range(len(whole) - 1):
        path.write_bytes(whole[:index] + bytes([whole[index] ^ 1]) + whole[index + 1 :])
        assert in_force(tmp_path, CAPS, "2026-06-01") == InForce(None), index


@pytest.mark.parametrize(
    "change",
    [{"v": 2}, {"residual_um": 10**6}, {"residual_um": 1.5}, {"operator": None}, {"more": 1},
     {"correction": {"time_zero_ns": 0, "other": 1}},
     {"correction": asdict(replace(CORRECTION, sweep_lag_mdeg=90_000))},
     {"correction": asdict(replace(CORRECTION, range_scale_ppm=0))}],
)  # fmt: skip
def test_a_record_that_is_not_possible_counts_for_nothing(tmp_path: Path, change: dict[str, object]) -> None:
    path = save(tmp_path, RECORD)
    record = json.loads(path.read_bytes())["record"] | change
    body = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    path.write_text(json.dumps({"record": record, "sha256": hashlib.sha256(body).hexdigest()}))
    assert in_force(tmp_path, CAPS, "2026-06-01") == InForce(None)


@pytest.mark.parametrize("serial", ["", "P0RK0001", "not recorded", "XXXXXXXX"])
def test_a_number_that_is_not_its_own_keeps_none(tmp_path: Path, serial: str) -> None:
    with pytest.raises(BadRequest, match="its serial number is not its own"):
        save(tmp_path, replace(RECORD, serial=serial))
    assert list(tmp_path.iterdir()) == []


def test_without_a_number_none_is_kept(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match=r"neither the probe nor USB tells a number of its own\. Only a firmware"):
        save(tmp_path, replace(RECORD, serial="not reported"))
    assert list(tmp_path.iterdir()) == []


def test_what_a_probe_brings_itself_counts_in_date_too(tmp_path: Path) -> None:
    brought = Calibration("2026-01-01", "2026-12-31", "maker", 50)
    caps = replace(CAPS, calibration=brought)
    assert in_force(tmp_path, caps, "2026-06-01") == InForce(brought)
    assert in_force(tmp_path, caps, "2027-01-01") == InForce(None)
    assert in_force(tmp_path, replace(CAPS, calibration=replace(brought, expires_on="never")), "2026-06-01") == InForce(
        None
    )
    save(tmp_path, RECORD)
    assert in_force(tmp_path, caps, "2026-06-01") == COUNTS
    assert in_force(tmp_path, caps, "2026-01-05") == InForce(None)


class Clock:
    def __init__(self, wall_ms: int, offset_min: int) -> None:
        self._wall_ms, self._offset_min = wall_ms, offset_min

    def wall_ms(self) -> int:
        return self._wall_ms

    def monotonic_ns(self) -> int:
        return 0

    def utc_offset_min(self, wall_ms: int) -> int:
        return self._offset_min


def test_the_day_is_the_day_where_the_clinic_is(tmp_path: Path) -> None:
    late = 1_768_082_400_000 + 90 * 60_000  # 2026-01-10 23:30 UTC
    assert local_date(Clock(late, 0)).isoformat() == "2026-01-10"
    assert local_date(Clock(late, 180)).isoformat() == "2026-01-11"
    assert local_date(Clock(0, -600)).isoformat() == "1969-12-31"
    save(tmp_path, RECORD)
    assert lookup(tmp_path, Clock(late, 0))(CAPS) == COUNTS
    assert lookup(tmp_path, Clock(late - 86_400_000, 0))(CAPS) == InForce(None)
