"""A printed page as a picture: the report's own PDF, as paper would show it. Uses PDFium."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from clinic.errors import BadRequest

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

_MOST_PAGES = 50


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """One page.

    Args:
        grey: (rows, columns) uint8.
        text: Its words, line by line, as they can be read aloud or shown where pictures cannot.
    """

    grey: NDArray[np.uint8]
    text: str


def read_pages(pdf: bytes, width_px: int) -> tuple[Page, ...]:
    """Every page of a PDF, at a width.

    Raises:
        BadRequest: It is no PDF that can be shown.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError as error:
        raise BadRequest("The report cannot be shown", "Write it again with sauti report.") from error
    try:
        pages = [document[index] for index in range(min(len(document), _MOST_PAGES))]
        return tuple(_read(page, width_px) for page in pages)
    finally:
        document.close()


def _read(page: PdfPage, width_px: int) -> Page:
    bitmap = page.render(scale=width_px / page.get_width(), grayscale=True)
    grey: NDArray[np.uint8] = np.array(bitmap.to_numpy(), dtype=np.uint8).reshape(bitmap.height, bitmap.width)
    text = page.get_textpage().get_text_range()
    return Page(grey, text.replace("\r\n", "\n"))
