"""Pictures as bytes: JPEG-LS to keep (lossless, also a DICOM transfer syntax), PNG to hand out."""

from __future__ import annotations

from io import BytesIO
from typing import cast

import numpy as np
from numpy.typing import NDArray

from imaging.errors import Unreadable

JPEG_LS = "image/jls"
PNG = "image/png"


def jpeg_ls_bytes(grey: NDArray[np.uint8]) -> bytes:
    """A (rows, columns) picture as lossless JPEG-LS (ISO 14495-1)."""
    import jpeg_ls

    return bytes(jpeg_ls.encode_array(np.ascontiguousarray(grey)))


def grey_of_jpeg_ls(data: bytes) -> NDArray[np.uint8]:
    """The picture of lossless JPEG-LS.

    Raises:
        Unreadable: It is damaged.
    """
    import jpeg_ls

    try:
        grey = jpeg_ls.decode(np.frombuffer(data, dtype=np.uint8))
    except Exception as error:  # the codec raises what it likes
        raise Unreadable("A stored picture is damaged", "Restore it from the backup.") from error
    if grey.dtype != np.uint8 or grey.ndim != 2:
        raise Unreadable("A stored picture is of another kind", "Restore it from the backup.")
    return cast("NDArray[np.uint8]", grey)


def png_bytes(pixels: NDArray[np.uint8]) -> bytes:
    """A grey (rows, columns) or colour (rows, columns, 3) picture as PNG."""
    from PIL import Image

    out = BytesIO()
    Image.fromarray(pixels).save(out, "PNG", optimize=False, compress_level=6)
    return out.getvalue()
