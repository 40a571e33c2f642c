"""Pixels as bytes: PNG for people, JPEG-LS for the record."""

from __future__ import annotations

import io
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from imaging.errors import DamagedPicture

JPEG_LS = "image/jls"
PNG = "image/png"


def png_bytes(pixels: NDArray[Any]) -> bytes:
    """A PNG of (rows, columns) grey or (rows, columns, 3) RGB uint8; equal pixels give equal bytes."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG", compress_level=6)
    return buffer.getvalue()


def jpeg_ls_bytes(grey: NDArray[np.uint8]) -> bytes:
    """A (rows, columns) picture as lossless JPEG-LS (ISO 14495-1)."""
    import jpeg_ls

    return bytes(jpeg_ls.encode_array(np.ascontiguousarray(grey)))


def grey_of_jpeg_ls(data: bytes) -> NDArray[np.uint8]:
    """The picture of lossless JPEG-LS.

    Raises:
        DamagedPicture: It is damaged.
    """
    import jpeg_ls

    try:
        grey = jpeg_ls.decode(np.frombuffer(data, dtype=np.uint8))
    except Exception as error:  # the codec raises what it likes
        raise DamagedPicture("A stored picture is damaged", "Restore it from the backup.") from error
    if grey.dtype != np.uint8 or grey.ndim != 2:
        raise DamagedPicture("A stored picture is of another kind", "Restore it from the backup.")
    return cast("NDArray[np.uint8]", grey)
