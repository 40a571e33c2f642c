"""Frames and pixels as bytes: the frames archive, JPEG-LS for the record's pictures, PNG for people.

A JPEG-LS stream of ours carries the SHA-256 of itself in a comment segment, which every decoder skips. It is checked
before the stream is decoded: the decoder may hang on damaged bytes.
"""

from __future__ import annotations

import hashlib
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging.archive import decode_frames, encode_frames
from imaging.errors import DamagedPicture

__all__ = ["decode_frames", "decode_pixels", "encode_frames", "encode_pixels", "png_bytes"]

FRAMES_TYPE = "application/vnd.sauti.frames"
PIXELS_TYPE = "image/jls"

_START = b"\xff\xd8"
_COMMENT = b"\xff\xfe" + (2 + 13 + 32).to_bytes(2, "big") + b"sauti.sha256\0"


def encode_pixels(pixels: NDArray[np.uint8]) -> bytes:
    """JPEG-LS, without loss, of (rows, columns) grey."""
    import jpeg_ls

    rows, columns = pixels.shape
    stream = bytes(jpeg_ls.encode_buffer(np.ascontiguousarray(pixels).tobytes(), rows, columns, 1, 8))
    rest = stream[len(_START) :]
    return _START + _COMMENT + hashlib.sha256(rest).digest() + rest


def decode_pixels(data: bytes) -> NDArray[np.uint8]:
    """(rows, columns) grey, read-only.

    Raises:
        DamagedPicture: The bytes are not exactly what ``encode_pixels`` wrote.
    """
    import jpeg_ls

    data = bytes(data)
    body = len(_START) + len(_COMMENT) + 32
    rest = data[body:]
    marked = data[: body - 32] == _START + _COMMENT
    if not marked or data[body - 32 : body] != hashlib.sha256(rest).digest():
        raise DamagedPicture("The stored picture is damaged", "Use another copy.")
    try:
        plain, about = jpeg_ls.decode_buffer(_START + rest)
        pixels = np.frombuffer(bytes(plain), dtype=np.uint8)
        return pixels.reshape(about["height"], about["width"])
    except (RuntimeError, ValueError, KeyError) as error:
        raise DamagedPicture("The stored picture is damaged", "Use another copy.") from error


def png_bytes(pixels: NDArray[Any]) -> bytes:
    """A PNG of (rows, columns) grey or (rows, columns, 3) RGB uint8; equal pixels give equal bytes."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG", compress_level=6)
    return buffer.getvalue()
