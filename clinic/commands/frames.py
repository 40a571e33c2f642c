"""``sauti frames``: the kept sweeps of an exam as recordings that can be played and imaged again."""

from __future__ import annotations

import argparse
from pathlib import Path

from clinic.console import Console
from clinic.errors import BadRequest
from clinic.reading import Reading, open_stores
from clinic.version import program_version
from imaging.codecs import decode_frames
from probe.sprobe.container import SUFFIX, Sprobe, SprobeHeader
from probe.sprobe.export import exported
from probe.sprobe.redaction import redacted
from records.errors import NotFound
from records.files import make_folder, write_durably
from records.model import Image

# in an image's files: the sweeps as they came live, and the frozen one as radio frequency
_ROLES = ("frames", "rf")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("exam", help="the exam's id, as sauti exams lists it")
    parser.add_argument("--unlock", required=True, type=Path, metavar="FILE", help="file whose first line unlocks")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder for the recordings")
    parser.add_argument("--redact", action="store_true", help="blank the probe's serial number and names")
    parser.add_argument("--json", action="store_true", help="one JSON object per line")


def run(arguments: argparse.Namespace) -> int:
    """Write one recording for each image's sweeps; the patient is named in none."""
    console = Console.standard(as_json=arguments.json)
    make_folder(arguments.out)
    with open_stores(arguments.unlock) as readings:
        reading, images = _images(readings, arguments.exam)
        for image in images:
            for role in _ROLES:
                if role in image.blobs:
                    _write(reading, image, role, arguments, console)
    return 0


def _images(readings: tuple[Reading, ...], exam: str) -> tuple[Reading, tuple[Image, ...]]:
    for reading in readings:
        try:
            return reading, tuple(reading.queries.exam(exam).images)
        except NotFound:
            continue
    raise NotFound("There is no such exam", "List them with sauti exams.")


def _write(reading: Reading, image: Image, role: str, arguments: argparse.Namespace, console: Console) -> None:
    path = arguments.out / f"{image.id}-{role}{SUFFIX}"
    if path.exists():
        raise BadRequest(f"There is a file at {path} already", "Choose another folder.")
    frames = decode_frames(reading.blobs.read(image.blobs[role]))
    data = exported(frames, SprobeHeader("", "eop1", "", "", image.acquired_ms, f"sauti {program_version()}"))
    write_durably(path, redacted(Sprobe.read(data)) if arguments.redact else data)
    sentence = f"{path}: {len(frames)} {'frame' if len(frames) == 1 else 'frames'}"
    console.say("exported", sentence, path=str(path), frames=len(frames), image=image.id, role=role)
