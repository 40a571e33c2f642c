"""``sauti image``: one picture of a recording, without probe, patient or store."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clinic.console import Console
from clinic.errors import BadRequest
from imaging import curve
from imaging.chain import picture_of
from imaging.codecs import png_bytes
from imaging.overlay import burn
from imaging.preset import Preset
from probe.frame import Frame
from probe.recording import Recording
from probe.sprobe.container import SUFFIX


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("recording", type=Path, help="folder or file of a recording")
    parser.add_argument(
        "--frame", type=int, metavar="N", help="which frame, counted from 0 (default: the first that holds an echo)"
    )
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="PNG", help="where to write the picture")
    parser.add_argument("--preset", default="", help="imaging preset (default: the one that fits the recording)")
    parser.add_argument("--plain", action="store_true", help="grey values only: no ruler, no mark of what it is not")
    parser.add_argument("--size", default="640x480", metavar="WxH", help="picture size in pixels (default 640x480)")


def run(arguments: argparse.Namespace) -> int:
    """Image one frame and write it as PNG; what is known to be wrong with the recording is said."""
    number, frame, kind, remarks = _frame(arguments.recording, arguments.frame)
    preset = Preset.load(arguments.preset) if arguments.preset else Preset.for_frame(frame)
    size, console = _size(arguments.size), Console.standard()
    draws_a_picture = frame.geometry.lines > 1
    pixels, what = _picture(frame, preset, size, arguments.plain) if draws_a_picture else _drawn(frame, preset, size)
    try:
        arguments.output.write_bytes(png_bytes(pixels))
    except OSError as error:
        raise BadRequest(f"{arguments.output} cannot be written", f"{error.strerror}.") from error
    name = arguments.recording.name
    for remark in remarks:
        console.say("remark", f"{name}: {remark}", recording=name, remark=remark)
    console.say("image", f"{arguments.output}: {kind}, frame {number}, {what}")
    return 0


def _picture(frame: Frame, preset: Preset, size: tuple[int, int], plain: bool) -> tuple[NDArray[np.uint8], str]:
    picture = picture_of(frame, preset, *size)
    dead = f", {len(picture.missing_lines)} dead lines" if picture.missing_lines else ""
    scale = f"{picture.mm_per_pixel:.3f} mm per pixel"
    pixels = picture.pixels if plain else burn(picture)
    return pixels, f"{scale}, preset {preset.name} ({preset.sound_speed_m_s} m/s){dead}"


def _drawn(frame: Frame, preset: Preset, size: tuple[int, int]) -> tuple[NDArray[np.uint8], str]:
    """Single lines make no picture: they are drawn as a curve."""
    return curve.draw(frame, preset.sound_speed_m_s, *size), f"A-mode ({preset.sound_speed_m_s} m/s)"


def _frame(path: Path, asked: int | None) -> tuple[int, Frame, str, tuple[str, ...]]:
    """A frame's number, the frame, what kind of recording it is of, and what is known to be wrong with that."""
    if path.suffix == SUFFIX:
        return asked or 0, _played(path, asked or 0), "a probe's link", ()
    recording = Recording.load(path)
    # a self-test begins with lines of one value
    first = next((index for index, frame in enumerate(recording.all) if not frame.missing.all()), 0)
    number = first if asked is None else asked
    return number, recording.frame(number), recording.kind, tuple(recording.remarks)


def _played(path: Path, number: int) -> Frame:
    """A frame of a probe's link, counted as they came whole or in part."""
    from probe.playback import frames_of

    count = 0
    for count, frame in enumerate(frames_of(path), start=1):
        if count == number + 1:
            return frame
    raise BadRequest(f"There is no frame {number} in {path}", f"It has frames 0 to {count - 1}.")


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal() and 16 <= int(width) <= 4096 and 16 <= int(height) <= 4096):
        raise BadRequest(f"--size {text!r} is not a picture size", "Write it as 640x480; each side from 16 to 4096.")
    return int(width), int(height)
