"""Measure a probe on a target of known size: look at it live or in recordings, find the errors, make the record."""

from __future__ import annotations

import datetime
import math
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from clinic.calibrations import CalibrationRecord, is_possible, local_date
from clinic.clock import Clock
from clinic.errors import BadRequest, NoPicture
from probe.calibration.fit import ANGLE, LATERAL, SCALE, ZERO, Block, Fit, Plate, Target, fit
from probe.calibration.layout import Layout, Motion, layout_of
from probe.calibration.matching import match
from probe.calibration.sightings import echo_sightings, echo_spacings, plate_sightings, point_sightings
from probe.capabilities import Capabilities
from probe.driver import Identified
from probe.drivers import registry
from probe.drivers.named import named
from probe.errors import ProbeError, ProbeRefused
from probe.frame import Frame
from probe.geometry import Geometry
from probe.links.address import open_link, spoken_at
from probe.playback import frames_of
from probe.reader import Reader, ReaderEvent, ReaderState, StateChanged
from probe.recording import Recording
from probe.same_port import SamePort
from probe.slot import Slot
from probe.sprobe.container import SUFFIX, Sprobe

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
        surface_mm: z of the surface that the probe's face lies on; None when it does not, or nobody knows.
    """

    name: str
    sound_speed_m_s: float
    wires_mm: tuple[tuple[float, float], ...]
    surface_mm: float | None = None

    @classmethod
    def read(cls, path: Path) -> Phantom:
        """From a TOML file: ``name``, ``sound_speed_m_s``, ``wires_mm``, a list of [x, z], and maybe ``surface_mm``.

        Raises:
            BadRequest: It cannot be read as one.
        """
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
            wires = tuple((float(x), float(z)) for x, z in values["wires_mm"])
            surface_mm = float(values["surface_mm"]) if "surface_mm" in values else None
            phantom = cls(str(values["name"]), float(values["sound_speed_m_s"]), wires, surface_mm)
        except OSError as error:
            raise BadRequest(f"The phantom's file {path} may not be read", f"{error.strerror}.") from error
        except (ValueError, KeyError, TypeError) as error:
            raise BadRequest(
                f"{path} is no phantom's file", "It needs name, sound_speed_m_s and wires_mm = [[x, z], ...]."
            ) from error
        numbers = [phantom.sound_speed_m_s, phantom.surface_mm or 0.0, *(value for wire in wires for value in wire)]
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
    same = SamePort(address, lambda where: open_link(where, clock=clock.monotonic_ns))
    reader = Reader(
        same.open, lambda: named(registry.make(spoken_at(address, driver)), same.number), slot, heard.put,
        clock.monotonic_ns,
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
    whole = {frame.direction for frame in frames} == {1, -1} or (bool(frames) and frames[0].lines == 1)
    return len(frames) < (count if whole else 3 * count)


def look_at_recording(path: Path, count: int) -> Look:
    """The first frames of a recording.

    Raises:
        ProbeError: It cannot be read.
    """
    if path.suffix == SUFFIX:
        frames = tuple(frame for _, frame in zip(range(count), frames_of(path), strict=False))
        driver = Sprobe.load(path).header.driver
    else:
        recording, driver = Recording.load(path), ""
        frames = tuple(recording.frame(index) for index in range(min(count, recording.frames)))
    if not frames:
        raise ProbeRefused(f"There is no frame in {path.name}", "Record a probe while it shows a picture.")
    made_by = frames[0].provenance
    return Look(driver, made_by.model, made_by.serial, frames)


@dataclass(frozen=True, slots=True)
class Goal:
    """What a look was at: a plate at a distance that may be unknown, a block, or else the wires of a phantom."""

    plate_mm: float | None = None
    block_mm: float | None = None
    phantom: Phantom | None = None


def measure(looks: Sequence[Look], goals: Sequence[Goal], speed: float) -> Fit:
    """The errors of the probe that made all looks, each at its goal.

    Raises:
        BadRequest, ProbeRefused: They are not of one probe, cannot tell it anything, or do not fit the target.
    """
    layout = layout_of(_one_probe(looks))
    targets = [_target(each, goal, layout, speed) for each, goal in zip(looks, goals, strict=True)]
    found = fit(targets, speed, layout)
    if found.residual_um > _WORST_RESIDUAL_UM:
        raise ProbeRefused(
            f"What the probe saw is {found.residual_um / 1000:.1f} mm off the target", "Check the target's numbers."
        )
    if not is_possible(found.correction):
        raise ProbeRefused("No probe is so wrong as this target makes it", "Check the target's numbers.")
    return found


def _target(each: Look, goal: Goal, layout: Layout, speed: float) -> Target:
    one_line = layout.motion is Motion.ONE_LINE
    if goal.phantom is not None and not one_line:
        points = point_sightings(each.frames, _POINTS_PER_WIRE * len(goal.phantom.wires_mm))
        return match(points, goal.phantom.wires_mm, speed, layout, goal.phantom.surface_mm)
    if goal.block_mm is not None:
        if not one_line:
            raise BadRequest("A block is for probes of one line", "Use a plate, or a wire phantom.")
        return Block(goal.block_mm, tuple(echo_spacings(each.frames, 2000 * goal.block_mm / speed)))
    if not one_line:
        return Plate(goal.plate_mm, tuple(plate_sightings(each.frames)))
    if goal.plate_mm is None:
        raise BadRequest(
            "This probe has one line: only plates at known distances can calibrate it", "--plate 40 --plate 80."
        )
    return Plate(goal.plate_mm, tuple(echo_sightings(each.frames, 2000 * goal.plate_mm / speed)))


_MORE = {
    SCALE: "Use a plate at two known distances.",
    ZERO: "Use plates at known distances, or a phantom whose file has surface_mm.",
    LATERAL: "Use a wire phantom.",
    ANGLE: "Use a plate, or a wire phantom.",
}


def missing(found: Fit) -> tuple[str, str]:
    """Why a fit is no calibration, and what would make it one: empty when it is one."""
    return " and ".join(found.untold), _MORE[found.untold[0]] if found.untold else ""


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


def _one_probe(looks: Iterable[Look]) -> Geometry:
    probes = {(each.driver, each.model, each.serial) for each in looks}
    shapes = {each.frames[0].geometry for each in looks}
    if len(probes) != 1 or len(shapes) != 1:
        raise BadRequest("These are not of one probe in one setting", "Record the same probe for every distance.")
    return shapes.pop()
