"""Files: a probe's recording, the frames archive, pixels, and every format of foreign recordings."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import struct
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from imaging.archive import decode_frames, encode_frames
from imaging.codecs import decode_pixels, encode_pixels
from imaging.digest import canonical
from imaging.errors import DamagedPicture
from probe.errors import RecordingError
from probe.formats.registry import FORMATS, Format
from probe.recording import Recording
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


class FormatUnderFire:
    """A reader of one kind of file, and the recogniser before it. Input: 0 and a file; or 1 and arrays for an ``.npz``,
    each as length and bytes, under the names that the kind wants. A text may be followed by its settings, behind a NUL.
    """

    def __init__(self, kind: Format) -> None:
        self._kind = kind

    @cached_property
    def _folder(self) -> tempfile.TemporaryDirectory[str]:
        return tempfile.TemporaryDirectory(prefix="sauti-fuzz-")

    def __call__(self, data: bytes) -> None:
        recording = self.read(data)
        if recording is not None and any(len(frame.missing) != frame.lines for frame in recording.all):
            raise Broken("a frame of another shape")

    def read(self, data: bytes) -> Recording | None:
        """What an input holds; None when it is refused."""
        how, content = (data[0], data[1:]) if data else (0, b"")
        if how & 1 and self._kind.ending == ".npz":
            content, settings = self._zipped(content)
        else:
            content, _, settings = content.partition(b"\0@@\0")
        folder = Path(self._folder.name)
        for beside in ("film_settings.txt", "uss_config.json"):
            (folder / beside).write_bytes(settings)
        path = folder / f"film_x{self._kind.ending}"
        path.write_bytes(content)
        try:
            return Recording.load(path)
        except RecordingError:
            return None

    def _zipped(self, content: bytes) -> tuple[bytes, bytes]:
        names, out = list(ARRAYS.get(self._kind.reader, dict.fromkeys(self._kind.marks))), io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            at = 0
            for name in names:
                size = int.from_bytes(content[at : at + 2], "little")
                archive.writestr(f"{name}.npy", content[at + 2 : at + 2 + size])
                at += 2 + size
        return out.getvalue(), content[at:]


_RF = np.random.default_rng(1).integers(-99, 99, (2, 4, 40)).astype(np.int16)
ARRAYS: dict[str, dict[str, object]] = {
    "probe.formats.labtool:read_film": {
        "rf": _RF, "unix_time": np.array([1.0, 1.1]), "r0_mm": 80.0, "fs_hz": 15.6e6, "f0_hz": 3.5e6,
        "sector_deg": 57.0, "c_m_s": 1480.0,
    },
    "probe.formats.dataquarium:read_rf": {"rf": _RF, "names": np.array(["a", "b"]), "fs_hz": 15.6e6},
    "probe.formats.dataquarium:read_envelope": {
        "env": _RF.astype(np.uint8), "names": np.array(["a"]), "r0_mm": 80.0, "rf_mm": 90.0, "sector_deg": 80.0,
    },
    "probe.formats.dataquarium:read_full_rate": {
        "data": _RF[0], "frequency": 125.0, "r0": 80.0, "rf": 90.0, "piezofrequency": 3.5, "angle": 80.0,
    },
    "probe.formats.pic0rick:read_counts": {
        "adc": (np.arange(16000) % 1024).reshape(2, 8000).astype(np.uint16), "fs_hz": 6e7, "dac": 250,
        "timestamp": np.array(["2024-01-01T00:00:00"] * 2), "target": np.array(["x"]),
    },
    "probe.formats.un0rick:read_lines": {"signal": np.linspace(-1, 1, 80).reshape(2, 40), "doublerate": np.array([1])},
    "probe.formats.wulpus:read": {"data_arr": _RF[0], "acq_num_arr": np.arange(40)},
}  # fmt: skip
_USS = b'{"sampling_freq":8000000,"meas_period":50000,"trans_freq":2250000,"num_samples":4}'


def _flat(reader: str) -> bytes:
    """The arrays of a good file, in an input's form."""
    out = b""
    for value in ARRAYS[reader].values():
        buffer = io.BytesIO()
        np.save(buffer, np.asarray(value))
        out += len(buffer.getvalue()).to_bytes(2, "little") + buffer.getvalue()
    return out


def _format_seeds(kind: Format) -> Sequence[bytes]:
    if kind.reader in ARRAYS:
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **ARRAYS[kind.reader])  # type: ignore[arg-type]
        settings = _USS if "wulpus" in kind.reader else b""
        return [b"\1" + _flat(kind.reader) + settings, b"\0" + buffer.getvalue() + b"\0@@\0" + settings]
    return _TEXTS.get(kind.reader, lambda: [])()


def _labtool() -> Sequence[bytes]:
    head = b"#lines:2\n#length:3\n#frequency:15.6\n#piezofrequency:3.5\n#angle:80\n#r0:80\n"
    return [b"\0" + head + b"1 2 3\n4 5 6\n", b"\0" + head + b"1 2 3\n4 5 6\n\0@@\x0080 90 8 2 57 0"]


def _p0rk() -> Sequence[bytes]:
    from tests.fuzz.decoders import P0RK_MARK

    return [b"\0" + P0RK_MARK[: LONGEST - 1], b"\0" + P0RK_MARK]


def _uprobe() -> Sequence[bytes]:
    from tests.fuzz.decoders import UPROBE

    return [b"\0" + UPROBE]


_TEXTS: dict[str, Callable[[], Sequence[bytes]]] = {
    "probe.formats.labtool:read_text": _labtool,
    "probe.formats.lounger:read": lambda: [b"\x001 2 3\n4 5 6\n\0@@\x0000 90 27 2 60 1 PROBE_V1__3_5MHZ 0"],
    "probe.formats.pic0rick:read_stream": _p0rk,
    "probe.formats.uprobe1:read": _uprobe,
    "probe.formats.un0rick:read_dump": lambda: [
        b'\0{"firmware_md5":"x","registers":{"237":1},"data":[130,1,131,2,132,3,133,4]}'
    ],
}


def targets() -> list[Target]:
    """All of them; a new format is fuzzed without being named here, and better with a good file of its kind above."""
    seeds = [pack(Record(RecordKind.RECEIVED, 5, b"EOP/1 x ECHO0001\r\n")), FIRST, pack(LAST) * 3]
    return [
        Target("file:sprobe", sprobe, lambda: seeds, lambda: ("probe.sprobe.container", "probe.sprobe.redaction")),
        Target("file:frames", archive, _archive_seeds, lambda: ("imaging.archive", "imaging.archive_header")),
        Target("file:pixels", pixels, lambda: list(_pixel_seeds()), lambda: ("imaging.codecs",)),
        *map(_format, FORMATS),
    ]


def _format(kind: Format) -> Target:
    module, _, function = kind.reader.partition(":")
    name = f"format:{module.rpartition('.')[2]}.{function}"
    modules = (module, "probe.formats.registry")
    return Target(name, FormatUnderFire(kind), lambda: _format_seeds(kind), lambda: modules)
