"""Files of our own: a probe's recording, the frames archive, pixels."""

from __future__ import annotations

import contextlib
import hashlib
import json
import struct
from collections.abc import Sequence
from functools import cache

import numpy as np

from imaging.archive import decode_frames, encode_frames
from imaging.codecs import decode_pixels, encode_pixels
from imaging.digest import canonical
from imaging.errors import DamagedPicture
from probe.errors import RecordingError
from probe.sprobe.container import MAGIC, Record, RecordKind, Sprobe, SprobeHeader, header_body, json_bytes, pack
from probe.sprobe.redaction import redacted
from tests.fuzz.sealing import sealed
from tests.fuzz.target import LONGEST, Broken, Target
from tests.fuzz.twins import film, lines

HEADER = SprobeHeader("/dev/ttyACM0", "eop1", "1209:0001", "ECHO0001", 0, "fuzz")
FIRST = MAGIC + pack(Record(RecordKind.HEADER, 0, json_bytes(header_body(HEADER))))
LAST = Record(RecordKind.RECEIVED, 77, b"a good record behind the garbage")


def sprobe(data: bytes) -> None:
    """With a whole beginning, every good record is read behind any bytes; cut anywhere, the records before are read."""
    with contextlib.suppress(RecordingError):
        Sprobe.read(data)
    recording = Sprobe.read(FIRST + data + pack(LAST))
    if recording.records[-1] != LAST:
        raise Broken("a record behind garbage is lost")
    cut = Sprobe.read((FIRST + data)[: len(FIRST) + len(data) // 2])
    if not _cut_of(cut.records, recording.records):
        raise Broken("a cut file gives other records")
    again = Sprobe.read(redacted(recording))
    links = (RecordKind.RECEIVED, RecordKind.SENT)
    sizes = [[len(r.payload) for r in each.records if r.kind in links] for each in (again, recording)]
    if sizes[0] != sizes[1]:
        raise Broken("redaction moved bytes")


def _cut_of(cut: Sequence[Record], whole: Sequence[Record]) -> bool:
    """The same records up to the cut; one that was cut may have held others, as a recording of a recording does."""
    same = next((n for n, (a, b) in enumerate(zip(cut, whole, strict=False)) if a != b), min(len(cut), len(whole)))
    rest = cut[same:]
    return not rest or (same < len(whole) and all(each.payload in whole[same].payload for each in rest))


def archive(data: bytes) -> None:
    """The frames archive: as it is; with its check sum right; and with its header in canonical form too."""
    for form in (data, _sealed_archive(data), sealed(data)):
        try:
            frames = decode_frames(form)
        except DamagedPicture:
            continue
        if any(len(frame.missing) != frame.geometry.lines for frame in frames):
            raise Broken("a frame of another shape")


def _sealed_archive(data: bytes) -> bytes:
    length = int.from_bytes(data[:2], "little")
    header, payload = data[2 : 2 + length], data[2 + length :]
    with contextlib.suppress(ValueError, RecursionError):
        header = canonical(json.loads(header))
    covered = b"SAUTIFR1" + struct.pack("<IQ", len(header), len(payload))
    return covered + hashlib.sha256(covered + header + payload).digest() + header + payload


def pixels(data: bytes) -> None:
    """A stored picture is exactly what was stored, or one error; the decoder behind the check sum never sees damage."""
    try:
        decode_pixels(data)
    except DamagedPicture:
        return
    if data not in _pixel_seeds():
        raise Broken("damaged pixels were believed")


@cache
def _pixel_seeds() -> tuple[bytes, ...]:
    return tuple(encode_pixels(np.random.default_rng(n).integers(0, 9 * n, (16, 24)).astype(np.uint8)) for n in (1, 9))


def _archive_seeds() -> Sequence[bytes]:
    whole = [encode_frames(recording.all[:2]) for recording in (film(), lines())]
    flat = []
    for data in whole:
        header_bytes, _ = struct.unpack_from("<IQ", data, 8)
        flat.append(header_bytes.to_bytes(2, "little") + data[52:])
    return [data[:LONGEST] for data in [*whole, *flat]]


def targets() -> list[Target]:
    """All of them; a new format is fuzzed without being named here, and better with a good file of its kind above."""
    seeds = [pack(Record(RecordKind.RECEIVED, 5, b"EOP/1 x ECHO0001\r\n")), FIRST, pack(LAST) * 3]
    return [
        Target("file:sprobe", sprobe, lambda: seeds, lambda: ("probe.sprobe.container", "probe.sprobe.redaction")),
        Target("file:frames", archive, _archive_seeds, lambda: ("imaging.archive", "imaging.archive_header")),
        Target("file:pixels", pixels, lambda: list(_pixel_seeds()), lambda: ("imaging.codecs",)),
    ]
