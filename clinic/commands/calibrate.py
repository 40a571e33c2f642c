"""``sauti calibrate``: measure a probe's millimetres on wires or a plate, keep them; check which side is left."""

from __future__ import annotations

import argparse
import math
import sys
from dataclasses import asdict
from pathlib import Path

from clinic.calibrate import Goal, Look, Phantom, look, look_at_recording, measure, missing, record_of, water_speed_m_s
from clinic.calibrations import save
from clinic.clock import SystemClock
from clinic.console import Console
from clinic.errors import BadRequest
from clinic.examine import DRIVER
from clinic.settings import Settings
from clinic.version import program_version
from probe.calibration.fit import ANGLE, LAG, LATERAL, SCALE, ZERO, Fit
from probe.calibration.marker import Side, touched_side
from records.home import Home

_MOST_PLATES, _DISTANCE_MM, _THICKNESS_MM = 6, (5.0, 500.0), (2.0, 200.0)
# from silicone oil to steel: boards of one line are tried on blocks
_SPEED_M_S = (900.0, 7000.0)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--probe", metavar="ADDRESS", help="look live: a serial device, or recording:FILE")
    where.add_argument(
        "--from", dest="recordings", action="append", type=Path, metavar="FILE",
        help="look at a recording instead; once for each --plate",
    )  # fmt: skip
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--wires", type=Path, metavar="FILE", help="a wire phantom, as TOML")
    what.add_argument(
        "--plate", action="append", metavar="MM",
        help="a plate, so far from the probe's turning axis or face; twice or more for the range scale; or: unknown",
    )  # fmt: skip
    what.add_argument(
        "--block", action="append", metavar="MM",
        help="for boards of one line: pressed on a block so thick; tells the range scale alone",
    )  # fmt: skip
    what.add_argument(
        "--marker", action="store_true", help="by touch: is the marker's side on the left? (--from: before, touched)"
    )
    parser.add_argument("--driver", default=DRIVER, metavar="NAME", help=f"the probe's protocol (default {DRIVER})")
    parser.add_argument("--operator", default="", metavar="NAME", help="who measures")
    speed = parser.add_mutually_exclusive_group()
    speed.add_argument("--water-temperature", type=float, metavar="C", help="of the water, degrees Celsius")
    speed.add_argument("--sound-speed", type=float, metavar="M_S", help="in the target, metres per second")
    parser.add_argument("--frames", type=int, default=20, metavar="N", help="frames of each target (default 20)")
    parser.add_argument("--valid-days", type=int, default=365, metavar="N", help="how long it counts (default 365)")
    parser.add_argument("--json", action="store_true", help="one JSON object per line")


def run(arguments: argparse.Namespace) -> int:
    """Look at the target, say what was found, and keep it if it is a calibration."""
    _check(arguments)
    console, clock = Console.standard(as_json=arguments.json), SystemClock()
    if arguments.marker:
        return _check_marker(arguments, console)
    phantom = Phantom.read(arguments.wires) if arguments.wires else None
    speed = _speed(arguments, phantom)
    goals = _goals(arguments, phantom)
    looks = [_look(arguments, index, goal, console) for index, goal in enumerate(goals)]
    found = measure(looks, goals, speed)
    _say(console, found)
    unknown, advice = missing(found)
    if unknown:
        raise BadRequest(f"Nothing was kept: this target does not tell {unknown}", advice)
    target = f"wires: {phantom.name}" if phantom else f"plate at {', '.join(arguments.plate)} mm"
    record = record_of(
        looks[0], found, target, speed, arguments.operator, clock, arguments.valid_days, f"sauti {program_version()}"
    )
    path = save(Home(Settings.read().home).calibrations, record)
    console.say(
        "calibrated",
        f"{record.model}, {record.serial}: calibrated until {record.expires_on}. Kept in {path}",
        model=record.model,
        serial=record.serial,
        made_on=record.made_on,
        expires_on=record.expires_on,
        path=str(path),
    )
    return 0


def _check_marker(arguments: argparse.Namespace, console: Console) -> int:
    """0 when the end with the marker is on the left of the picture, 1 when it is on the right."""
    asked = ("Hold the probe in the air", "Press a fingertip with gel on the end of the face that has the marker")
    if arguments.recordings:
        looks = [look_at_recording(path, arguments.frames) for path in arguments.recordings]
    else:
        looks = []
        for sentence in asked:
            console.say("touch", f"{sentence}, and press Enter.")
            sys.stdin.readline()
            looks.append(look(arguments.probe, arguments.driver, SystemClock(), arguments.frames))
    side = touched_side(looks[0].frames, looks[1].frames)
    right = side is Side.LEFT
    console.say(
        "marker",
        "The marker is on the left, as it should be."
        if right
        else "The picture is MIRRORED: the marker is on the right. Do not examine with this probe; tell its maker.",
        side=side.value,
        as_it_should_be=right,
    )
    return 0 if right else 1


def _goals(arguments: argparse.Namespace, phantom: Phantom | None) -> list[Goal]:
    """What is looked at, one after the other."""
    if phantom is not None:
        return [Goal(phantom=phantom)]
    if arguments.block:
        return [Goal(block_mm=_millimetres(text, "--block", _THICKNESS_MM)) for text in arguments.block]
    plates = [None if text == "unknown" else _millimetres(text, "--plate", _DISTANCE_MM) for text in arguments.plate]
    return [Goal(plate_mm=distance) for distance in plates]


def _look(arguments: argparse.Namespace, index: int, goal: Goal, console: Console) -> Look:
    if arguments.recordings:
        return look_at_recording(arguments.recordings[index], arguments.frames)
    if goal.phantom is None and sys.stdin.isatty():
        place = "where it is" if goal.plate_mm is None else f"{goal.plate_mm:g} mm from the turning axis or face"
        sentence = f"Hold the plate still, {place}"
        if goal.block_mm is not None:
            sentence = f"Press the probe on the block of {goal.block_mm:g} mm"
        console.say("place", f"{sentence}, and press Enter.", distance_mm=goal.plate_mm)
        sys.stdin.readline()
    return look(arguments.probe, arguments.driver, SystemClock(), arguments.frames)


def _say(console: Console, found: Fit) -> None:
    correction = found.correction
    numbers = {
        ZERO: f"Time zero {correction.time_zero_ns:+d} ns",
        SCALE: f"range x {correction.range_scale_ppm / 1e6:.4f}",
        ANGLE: f"angles x {correction.sector_scale_ppm / 1e6:.4f}",
        LATERAL: f"width x {correction.lateral_scale_ppm / 1e6:.4f}",
        LAG: f"sweep lag {correction.sweep_lag_mdeg / 1000:+.2f} degrees",
    }
    shown = [text for name, text in numbers.items() if name in found.needed or name in found.found]
    console.say(
        "measured",
        f"{', '.join(shown)}; "
        f"{found.residual_um / 1000:.2f} mm left over from {found.used} echoes ({found.left_out} left out).\n"
        f"Told by the target: {', '.join(found.found)}.",
        **asdict(correction),
        residual_um=found.residual_um,
        used=found.used,
        left_out=found.left_out,
        found=list(found.found),
    )


def _check(arguments: argparse.Namespace) -> None:
    plates = arguments.plate or arguments.block or []
    if len(plates) > _MOST_PLATES:
        raise BadRequest(f"At most {_MOST_PLATES} plates", "Two or three at the ends of the depth are enough.")
    looks = 2 if arguments.marker else max(1, len(plates))
    if arguments.recordings and len(arguments.recordings) != looks:
        raise BadRequest("Give --from once for each --plate or --block, twice for --marker", "In the same order.")
    if looks > 1 and arguments.probe and not sys.stdin.isatty():
        raise BadRequest("A person must move the plate, or touch the probe, in between", "Use a terminal, or --from.")
    if not 2 <= arguments.frames <= 500 or not 1 <= arguments.valid_days <= 1000:
        raise BadRequest("--frames must lie between 2 and 500, --valid-days between 1 and 1000")
    if not arguments.marker and not arguments.operator.strip():
        raise BadRequest("Say who measures", "--operator NAME.")


def _speed(arguments: argparse.Namespace, phantom: Phantom | None) -> float:
    """In the target; without a word, of a phantom what its file says, of water at 20 degrees."""
    if arguments.sound_speed is not None:
        speed = arguments.sound_speed
    elif arguments.water_temperature is not None:
        speed = water_speed_m_s(arguments.water_temperature)
    else:
        speed = phantom.sound_speed_m_s if phantom else water_speed_m_s(20.0)
    if not _SPEED_M_S[0] <= speed <= _SPEED_M_S[1]:
        raise BadRequest(f"The sound speed must lie between {_SPEED_M_S[0]:g} and {_SPEED_M_S[1]:g} m/s")
    return float(speed)


def _millimetres(text: str, option: str, between: tuple[float, float]) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not between[0] <= value <= between[1]:
        raise BadRequest(f"{option} {text!r} is no distance in mm", f"From {between[0]:g} to {between[1]:g}.")
    return value
