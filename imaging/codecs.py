"""Pixels as bytes: PNG for people, JPEG-LS for the record."""

from __future__ import annotations

import io
from typing import Any

from numpy.typing import NDArray


def png_bytes(pixels: NDArray[Any]) -> bytes:
    """A PNG of (rows, columns) grey or (rows, columns, 3) RGB uint8; equal pixels give equal bytes."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG", compress_level=6)
    return buffer.getvalue()
