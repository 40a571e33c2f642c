"""Measure a probe on a target of known size: look at it live or in recordings, find the errors, make the record."""

from __future__ import annotations

import datetime
import math
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from clinic.calibrations import CalibrationRecord, local_date
from clinic.clock import Clock
from clinic.errors import BadRequest, NoPicture
from probe.calibration.fit import ANGLE, SCALE, ZERO, Fit, Plate, Target, fit
from probe.calibration.matching import match
from probe.calibration.sightings import plate_sightings, point_sightings
from probe.capabilities import Capabilities
from probe.driver import Identified
from probe.drivers import registry
from probe.errors import ProbeError, ProbeRefused
from probe.frame import Frame
from probe.links.address import open_link, spoken_at
from probe.playback import driver_of, frames_of
from probe.reader import Reader, ReaderEvent, ReaderState, StateChanged
from probe.recording import Recording
from probe.slot import Slot
from probe.sprobe.container import SUFFIX

_WAIT_S = 20.0
_POLL_S = 0.05
_WORST_RESIDUAL_UM = 1000
_WIRES = (5, 64)
# from how many bright points the wires are picked
_POINTS_PER_WIRE = 2


@dataclass(frozen=True, slots=True)
class Phantom:
    """A wire phantom, as its maker measured it.

    Args:
        name: For the record.
        sound_speed_m_s: In its filling.
        wires_mm: (x, z) of each wire in one plane, from any origin.
    """

    name: str
    sound_speed_m_s: float
    wires_mm: tuple[tuple[float, float], ...]

    @classmethod
    def read(cls, path: Path) -> Phantom:
        """From a TOML file with ``name``, ``sound_speed_m_s`` and ``wires_mm``, a list of [x, z].

        Raises:
            BadRequest: It cannot be read as one.
        """
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
            wires = tuple((float(x), float(z)) for x, z in values["wires_mm"])
            phantom = cls(str(values["name"]), float(values["sound_speed_m_s"]), wires)
        except OSError as error:
            raise BadRequest(f"The phantom's file {path} may not be read", f"{error.strerror}.") from error
        except (ValueError, KeyError, TypeError) as error:
            raise BadRequest(
                f"{path} is no phantom's file", "It needs name, sound_speed_m_s and wires_mm = [[x, z], ...]."
            ) from error
        numbers = [phantom.sound_speed_m_s, *(value for wire in wires for value in wire)]
        if not all(math.isfinite(value) for value in numbers) or not _WIRES[0] <= len(set(wires)) <= _WIRES[1]:
            raise BadRequest(f"{path} needs from {_WIRES[0]} to {_WIRES[1]} wires with finite places")
        return phantom


@dataclass(frozen=True, slots=True)
class Look:
    """Frames of one target, not corrected, and the probe that made them."""

    driver: str
    model: str
    serial: str
    frames: tuple[Frame, ...]


def water_speed_m_s(temperature_c: float) -> float:
    """Speed of sound in pure water, metres per second, from 0 to 95 degrees Celsius (Marczak 1997)."""
    if not 0 <= temperature_c <= 95:
        raise BadRequest("The water's temperature must lie between 0 and 95 degrees Celsius")
    t = temperature_c
    return 1402.385 + t * (
        5.038813 + t * (-5.799136e-2 + t * (3.287156e-4 + t * (-1.398845e-6 + t * 2.787860e-9)))
    )  # fmt: skip


def look(address: str, driver: str, clock: Clock, count: int) -> Look:
    """Some live frames; the probe stops transmitting again.

    Raises:
        ProbeError, NoPicture: It cannot be opened, is lost, or shows nothing.
    """
    heard: SimpleQueue[ReaderEvent] = SimpleQueue()
    slot: Slot[Frame] = Slot()
    reader = Reader(
        lambda: open_link(address, clock=clock.monotonic_ns), lambda: registry.make(spoken_at(address, driver)),
        slot, heard.put, clock.monotonic_ns,
    )  # fmt: skip
    frames: list[Frame] = []
    probe: Capabilities | None = None
    deadline_ns = clock.monotonic_ns() + int(_WAIT_S * 1e9)
    reader.start()
    try:
        while _wants_more(frames, count) and clock.monotonic_ns() < deadline_ns:
            probe = _follow(reader, heard) or probe
            if (frame := slot.take(_POLL_S)) is not None:
                frames.append(frame)
    finally:
        reader.stop()
    if probe is None or len(frames) < count:
        raise NoPicture(f"The probe at {address} showed {len(frames)} of {count} frames", "Look at its cable.")
    return Look(probe.driver, probe.model, probe.serial, tuple(frames))


def _wants_more(frames: Sequence[Frame], count: int) -> bool:
    """Too few, or all of one direction: a busy computer may drop every second sweep, which would hide the lag."""
    both = {frame.direction for frame in frames} == {1, -1}
    return len(frames) < (count if both else 3 * count)


def look_at_recording(path: Path, count: int) -> Look:
    """The first frames of a recording.

    Raises:
        ProbeError: It cannot be read.
    """
    if path.suffix == SUFFIX:
        frames = tuple(frame for _, frame in zip(range(count), frames_of(path), strict=False))
    else:
        recording = Recording.load(path)
        frames = tuple(recording.frame(index) for index in range(min(count, recording.frames)))
    if not frames:
        raise ProbeRefused(f"There is no frame in {path.name}", "Record a probe while it shows a picture.")
    made_by = frames[0].provenance
    return Look(driver_of(path) if path.suffix == SUFFIX else "", made_by.model, made_by.serial, frames)


def measure(looks: Sequence[Look], distances_mm: Sequence[float | None], phantom: Phantom | None, speed: float) -> Fit:
    """The errors of the probe that made all looks: of a wire phantom, or of a plate at each of the distances.

    Raises:
        BadRequest, ProbeRefused: They are not of one sector probe, or do not fit the target.
    """
    _one_sector_probe(looks)
    targets: list[Target] = []
    for each, distance in zip(looks, distances_mm, strict=True):
        if phantom is None:
            targets.append(Plate(distance, tuple(plate_sightings(each.frames))))
        else:
            points = point_sightings(each.frames, _POINTS_PER_WIRE * len(phantom.wires_mm))
            targets.append(match(points, phantom.wires_mm, speed))
    found = fit(targets, speed)
    if found.residual_um > _WORST_RESIDUAL_UM:
        raise ProbeRefused(
            f"What the probe saw is {found.residual_um / 1000:.1f} mm off the target", "Check the target's numbers."
        )
    return found


def missing(found: Fit) -> str:
    """Why a fit is no calibration: empty when it is one."""
    unknown = [name for name in (SCALE, ZERO, ANGLE) if name not in found.found]
    return " and ".join(unknown)


def record_of(
    probe: Look, found: Fit, target: str, speed: float, operator: str, clock: Clock, days: int, program: str
) -> CalibrationRecord:
    """The record of a fit, from today on for some days."""
    today = local_date(clock)
    return CalibrationRecord(
        driver=probe.driver, model=probe.model, serial=probe.serial, made_unix_ms=clock.wall_ms(),
        made_on=today.isoformat(), expires_on=(today + datetime.timedelta(days=days)).isoformat(), operator=operator,
        target=target, sound_speed_m_s=round(speed), sightings=found.used, residual_um=found.residual_um,
        correction=found.correction, program=program,
    )  # fmt: skip


def _follow(reader: Reader, heard: SimpleQueue[ReaderEvent]) -> Capabilities | None:
    """Serve what the reader said; who the probe is, when it says so."""
    try:
        event = heard.get_nowait()
    except Empty:
        return None
    match event:
        case Identified(capabilities):
            return capabilities
        case StateChanged(ReaderState.READY):
            reader.begin()
        case StateChanged(ReaderState.LOST, ProbeError() as reason):
            raise reason
    return None


def _one_sector_probe(looks: Iterable[Look]) -> None:
    probes = {(each.driver, each.model, each.serial) for each in looks}
    shapes = {each.frames[0].geometry for each in looks}
    if len(probes) != 1 or len(shapes) != 1:
        raise BadRequest("These are not of one probe in one setting", "Record the same probe for every distance.")
    geometry = shapes.pop()
    if not geometry.is_sector or geometry.origin_x_um[0] or geometry.origin_z_um[0]:
        raise BadRequest("Only sector probes can be calibrated yet", "The lines of this one do not leave one apex.")
