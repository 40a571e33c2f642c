"""The calibrations of this site's probes: one file for each, the newest counts while it is in date (home.md)."""

from __future__ import annotations

import datetime
import hashlib
import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from clinic.clock import Clock
from clinic.errors import BadRequest
from probe.calibration.correction import MILLION, Correction, InForce, Lookup
from probe.capabilities import NOT_REPORTED, Calibration, Capabilities
from probe.known_boards import tells_apart
from probe.recording import NOT_RECORDED
from records.files import make_folder, write_durably

VERSION = 1
_SUFFIX = ".json"
_SCALES_PPM = (MILLION // 2, MILLION * 2)
_MOST_ZERO_NS, _MOST_LAG_MDEG, _MOST_RESIDUAL_UM = 100_000, 45_000, 10_000


@dataclass(frozen=True, slots=True)
class CalibrationRecord:
    """One measurement of one probe.

    Args:
        driver, model, serial: Which probe.
        made_unix_ms: When, by this computer's clock.
        made_on, expires_on: ISO dates, the first and the last day on which it counts.
        operator: By whom.
        target: What it was measured on.
        sound_speed_m_s: In the target, metres per second.
        sightings: How many echoes it rests on.
        residual_um: Root mean square distance that is left over, micrometres.
        correction: What takes the errors away.
        program: What found it.
    """

    driver: str
    model: str
    serial: str
    made_unix_ms: int
    made_on: str
    expires_on: str
    operator: str
    target: str
    sound_speed_m_s: int
    sightings: int
    residual_um: int
    correction: Correction
    program: str


def save(folder: Path, record: CalibrationRecord) -> Path:
    """Keep a record; older ones of the same probe stay beside it. Its path.

    Raises:
        BadRequest: The probe cannot be told from others.
        NotWritable: The disk does not take it.
    """
    if record.serial == NOT_REPORTED:
        raise BadRequest(
            f"A calibration of {record.model} cannot be kept: neither the probe nor USB tells a number of its own",
            "Only a firmware that tells it helps; on a network and behind a dongle there is no other.",
        )
    if record.serial == NOT_RECORDED or not tells_apart(record.serial):
        raise BadRequest(
            f"A calibration of {record.model} cannot be kept: its serial number is not its own",
            "Ask its maker for a firmware that gives each board its number.",
        )
    body = _canonical(asdict(record) | {"correction": _kept(record.correction), "v": VERSION})
    path = _probe_folder(folder, record.driver, record.model, record.serial) / f"{record.made_unix_ms}{_SUFFIX}"
    make_folder(path.parent)
    write_durably(path, _canonical({"record": json.loads(body), "sha256": hashlib.sha256(body).hexdigest()}) + b"\n")
    return path


def _kept(correction: Correction) -> dict[str, int]:
    """As in a file; a lateral scale is there only where it says something, as programs before it knew none."""
    values = asdict(correction)
    if correction.lateral_scale_ppm == MILLION:
        del values["lateral_scale_ppm"]
    return values


def newest(folder: Path, driver: str, model: str, serial: str) -> CalibrationRecord | None:
    """The last record of a probe, in date or not; None when there is none.

    Raises:
        BadRequest: It is damaged. An older one is not taken in its place: nobody chose it.
    """
    files = [p for p in _probe_folder(folder, driver, model, serial).glob(f"*{_SUFFIX}") if p.stem.isdecimal()]
    return _read(max(files, key=lambda path: int(path.stem))) if files else None


def in_force(folder: Path | None, capabilities: Capabilities, today: str) -> InForce:
    """What counts for a probe on a day: this site's own measurement, else what the probe itself brings, if in date."""
    own = capabilities
    try:
        record = newest(folder, own.driver, own.model, own.serial) if folder is not None else None
    except BadRequest:
        return InForce(None)
    if record is not None:
        calibration = Calibration(record.made_on, record.expires_on, record.operator, record.residual_um)
        return InForce(calibration, record.correction) if _in_date(calibration, today) else InForce(None)
    told = own.calibration
    return InForce(told if told is not None and _in_date(told, today) else None)


def lookup(folder: Path | None, clock: Clock) -> Lookup:
    """``in_force`` of the day on which it is asked; without a folder there is no record of this site."""
    return lambda capabilities: in_force(folder, capabilities, local_date(clock).isoformat())


def local_date(clock: Clock) -> datetime.date:
    """Today, where this computer stands."""
    wall_ms = clock.wall_ms()
    minutes = wall_ms // 60_000 + clock.utc_offset_min(wall_ms)
    return datetime.date(1970, 1, 1) + datetime.timedelta(minutes=minutes)


def _in_date(calibration: Calibration, today: str) -> bool:
    """Both dates are dates, and the day lies between them: a clock that is wrong makes it not count."""
    try:
        first, last, day = map(
            datetime.date.fromisoformat, (calibration.made_on, calibration.expires_on, today)
        )  # fmt: skip
    except ValueError:
        return False
    return first <= day <= last


def _probe_folder(folder: Path, driver: str, model: str, serial: str) -> Path:
    """A name that any model and serial number gives, and no other."""
    digest = hashlib.sha256(_canonical([driver, model, serial])).hexdigest()
    return folder / digest[:16]


def _read(path: Path) -> CalibrationRecord:
    damaged = BadRequest(f"The calibration {path.name} is damaged", "Calibrate the probe again.")
    try:
        outer = json.loads(path.read_bytes())
        body = _canonical(outer["record"])
        if hashlib.sha256(body).hexdigest() != outer["sha256"]:
            raise damaged
        return _record(outer["record"])
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise damaged from error


def _record(values: dict[str, Any]) -> CalibrationRecord:
    """A record as read; ValueError, LookupError or TypeError where it cannot be one."""
    known = dict(values)
    if known.pop("v") != VERSION:
        raise ValueError("another version")
    correction = Correction(**{key: _whole(value) for key, value in known.pop("correction").items()})
    if not is_possible(correction) or not 0 <= _whole(known["residual_um"]) <= _MOST_RESIDUAL_UM:
        raise ValueError("not possible")
    texts = {field.name for field in fields(CalibrationRecord) if field.type == "str"}
    if not all(isinstance(known[name], str) for name in texts):
        raise ValueError("not possible")
    return CalibrationRecord(correction=correction, **known)


def is_possible(correction: Correction) -> bool:
    """Whether a probe can be so wrong; a record of more than that counts as damaged."""
    scales = (correction.range_scale_ppm, correction.sector_scale_ppm, correction.lateral_scale_ppm)
    return (
        all(_SCALES_PPM[0] <= scale <= _SCALES_PPM[1] for scale in scales)
        and abs(correction.time_zero_ns) <= _MOST_ZERO_NS
        and abs(correction.sweep_lag_mdeg) <= _MOST_LAG_MDEG
    )


def _whole(value: Any) -> int:  # noqa: ANN401  (as it comes out of JSON)
    if type(value) is not int:
        raise ValueError(f"{value!r} is no whole number")
    return value


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
