"""PNG pictures, opened as far as a PDF needs: both store the same compressed rows, so no pixel is ever touched.

Source: PNG (ISO/IEC 15948) sections 5 and 11; PDF (ISO 32000-1) 7.4.4.4, predictor 15.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from records.errors import Invalid

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3}  # colour type: grey, RGB
_LARGEST_SIDE_PX = 8192
_LAST_FILTER = 4


@dataclass(frozen=True, slots=True)
class Png:
    """A checked picture. ``rows`` are zlib bytes: per row one filter byte, then ``columns * channels`` bytes."""

    columns: int
    rows_px: int
    channels: int
    rows: bytes


def open_png(data: bytes, name: str) -> Png:
    """Check a PNG whole: chunks, checksums, header and the length of its pixels.

    Args:
        data: The file's bytes.
        name: What the sentence calls the picture, as ``Picture 2``.

    Raises:
        Invalid: It is no PNG, is damaged, or is not 8-bit grey or RGB without interlacing.
    """
    try:
        chunks = list(_chunks(data))
        if not chunks or chunks[0][0] != b"IHDR" or chunks[-1][0] != b"IEND":
            raise ValueError("chunks are out of order")
        header = struct.unpack(">IIBBBBB", chunks[0][1])
    except (ValueError, struct.error):
        raise Invalid(f"{name} of the report is not a whole PNG picture", "Keep the picture again.") from None
    png = _described(header, b"".join(body for kind, body in chunks if kind == b"IDAT"), name)
    _check_rows(png, name)
    return png


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not data.startswith(_SIGNATURE):
        raise ValueError("no signature")
    at = len(_SIGNATURE)
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        (stated,) = struct.unpack_from(">I", data, at + 8 + length)
        if stated != zlib.crc32(kind + body):
            raise ValueError("checksum")
        yield kind, body
        at += length + 12


def _described(header: tuple[int, ...], rows: bytes, name: str) -> Png:
    columns, rows_px, depth, colour, *methods = header
    sides = 1 <= columns <= _LARGEST_SIDE_PX and 1 <= rows_px <= _LARGEST_SIDE_PX
    if depth != 8 or colour not in _CHANNELS or any(methods) or not sides:
        raise Invalid(f"{name} of the report is a PNG of an unsupported kind", "It must be 8-bit grey or RGB.")
    return Png(columns, rows_px, _CHANNELS[colour], rows)


def _check_rows(png: Png, name: str) -> None:
    stride = 1 + png.columns * png.channels
    wanted = stride * png.rows_px
    try:
        unpacker = zlib.decompressobj()
        pixels = unpacker.decompress(png.rows, wanted + 1)
    except zlib.error:
        pixels = b""
    if len(pixels) != wanted or max(pixels[::stride]) > _LAST_FILTER:
        raise Invalid(f"{name} of the report is a damaged PNG picture", "Keep the picture again.")
