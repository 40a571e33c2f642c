"""Frames as bytes: sweeps before scan conversion, with all that is needed to image them again.

    offset  size  field
    0       8     magic "SAUTIFR1"
    8       4     length of the header, little endian
    12      n     header: JSON, keys sorted, no spaces, ASCII (docs/reference/frame-archive.md)
    12+n    ...   one payload after the other, as long as the header says
    end-32  32    SHA-256 of everything before

int16 is stored as differences along the line, then zstd; uint8 as JPEG-LS; uint16 as zstd. All are lossless.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

from imaging.codecs import grey_of_jpeg_ls, jpeg_ls_bytes
from imaging.errors import DamagedPicture
from probe.capabilities import Calibration
from probe.frame import Frame, Provenance
from probe.geometry import Geometry
from probe.settings import SampleFormat, Sampling, Settings

MEDIA_TYPE = "application/vnd.sauti.frames"
_MAGIC = b"SAUTIFR1"
_DIGEST = 32
_MOST_BYTES = 1 << 30
_LEVEL = 3
_CODECS = {"int16": "delta-zstd", "uint8": "jpeg-ls", "uint16": "zstd"}


def encode_frames(frames: Sequence[Frame]) -> bytes:
    """One archive of frames of one kind (format, geometry, sampling, settings and probe are the same).

    Raises:
        ValueError: There is none, or they are of more than one kind.
    """
    if not frames or any(_shared(frame) != _shared(frames[0]) for frame in frames):
        raise ValueError("an archive holds frames of one kind")
    payloads = [_encode(frame.samples) for frame in frames]
    first = frames[0]
    header = {
        **_shared(first),
        "codec": _CODECS[first.samples.dtype.name],
        "dtype": first.samples.dtype.name,
        "shape": list(first.samples.shape),
        "frames": [
            {
                "number": frame.number, "missing": np.flatnonzero(frame.missing).tolist(), "direction": frame.direction,
                "device_us": frame.device_us, "after_us": (frame.received_ns - first.received_ns) // 1000,
                "line_us": frame.line_us.tolist(), "dropped_before": frame.dropped_before, "bytes": len(payload),
            }
            for frame, payload in zip(frames, payloads, strict=True)
        ],
    }  # fmt: skip
    text = json.dumps(header, sort_keys=True, separators=(",", ":")).encode("ascii")
    whole = b"".join((_MAGIC, len(text).to_bytes(4, "little"), text, *payloads))
    return whole + hashlib.sha256(whole).digest()


def decode_frames(data: bytes) -> tuple[Frame, ...]:
    """The frames of an archive; ``received_ns`` counts from the first.

    Raises:
        DamagedPicture: It is damaged or of another kind.
    """
    if not data.startswith(_MAGIC) or hashlib.sha256(data[:-_DIGEST]).digest() != data[-_DIGEST:]:
        raise DamagedPicture("A stored loop is damaged", "Restore it from the backup.")
    try:
        return _parse(data[:-_DIGEST])
    except (KeyError, TypeError, ValueError, OverflowError, zstandard.ZstdError) as error:
        raise DamagedPicture("A stored loop is not in its form", "It may come from a newer Sauti.") from error


def _shared(frame: Frame) -> dict[str, Any]:
    return {
        "format": int(frame.format),
        "geometry": asdict(frame.geometry),
        "sampling": asdict(frame.sampling),
        "settings": asdict(frame.settings),
        "provenance": asdict(frame.provenance),
    }


def _encode(samples: NDArray[Any]) -> bytes:
    if samples.dtype == np.uint8:
        return jpeg_ls_bytes(samples)
    if samples.dtype == np.int16:
        samples = np.diff(samples, axis=-1, prepend=np.zeros((*samples.shape[:-1], 1), np.int16))
    return zstandard.ZstdCompressor(level=_LEVEL).compress(np.ascontiguousarray(samples).tobytes())


def _decode(payload: bytes, dtype: str, shape: tuple[int, ...]) -> NDArray[Any]:
    if dtype == "uint8":
        samples: NDArray[Any] = grey_of_jpeg_ls(payload)
    else:
        size = int(np.prod(shape)) * 2
        raw = zstandard.ZstdDecompressor().decompress(payload, max_output_size=size)
        samples = np.frombuffer(raw, dtype=dtype).reshape(shape)
        if dtype == "int16":
            samples = np.cumsum(samples, axis=-1, dtype=np.int16)
    if samples.shape != shape:
        raise ValueError("a frame has another shape than its header says")
    samples.flags.writeable = False
    return samples


def _parse(data: bytes) -> tuple[Frame, ...]:
    at = 12 + int.from_bytes(data[8:12], "little")
    header = json.loads(data[12:at])
    shape, dtype = tuple(header["shape"]), header["dtype"]
    if dtype not in _CODECS or int(np.prod(shape)) > _MOST_BYTES:
        raise ValueError("unknown or too large samples")
    frames = []
    for entry in header["frames"]:
        end = at + entry["bytes"]
        frames.append(_frame(header, entry, _decode(data[at:end], dtype, shape)))
        at = end
    return tuple(frames)


def _frame(header: dict[str, Any], entry: dict[str, Any], samples: NDArray[Any]) -> Frame:
    missing = np.zeros(samples.shape[0], dtype=np.bool_)
    missing[entry["missing"]] = True
    line_us = np.asarray(entry["line_us"], dtype=np.int64)
    for array in (missing, line_us):
        array.flags.writeable = False
    return Frame(
        number=entry["number"], format=SampleFormat(header["format"]), samples=samples, missing=missing,
        geometry=_geometry(header["geometry"]), sampling=Sampling(**header["sampling"]),
        settings=_settings(header["settings"]), provenance=_provenance(header["provenance"]),
        direction=entry["direction"], device_us=entry["device_us"], received_ns=entry["after_us"] * 1000,
        line_us=line_us, dropped_before=entry["dropped_before"],
    )  # fmt: skip


def _geometry(fields: dict[str, list[int]]) -> Geometry:
    return Geometry(**{key: tuple(value) for key, value in fields.items()})


def _settings(fields: dict[str, Any]) -> Settings:
    coding, sampling = fields["format"], fields["sampling"]
    known = {
        **fields,
        "format": None if coding is None else SampleFormat(coding),
        "sampling": None if sampling is None else Sampling(**sampling),
    }
    return Settings(**known)


def _provenance(fields: dict[str, Any]) -> Provenance:
    calibration = fields["calibration"]
    return Provenance(**{**fields, "calibration": None if calibration is None else Calibration(**calibration)})
