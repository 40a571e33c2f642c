from __future__ import annotations

import pytest

from records.errors import Invalid, RecordsError
from records.reports.pdf.png import open_png
from tests.records.reports.samples import png

SMALL = png(3, 2, b"\0abc\0def")


def test_a_whole_picture_is_taken_as_it_is() -> None:
    opened = open_png(SMALL, "Picture 1")
    assert (opened.columns, opened.rows_px, opened.channels) == (3, 2, 1)
    assert opened.rows in SMALL


def test_a_colour_picture_is_taken_too() -> None:
    assert open_png(png(1, 1, b"\0rgb", 3), "Picture 1").channels == 3


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"JPEG",
        b"\x89PNG\r\n\x1a\n",
        SMALL + b"x",
        png(3, 2, b"\0abc"),
        png(3, 2, b"\0abc\0def" * 1000),
        png(3, 2, b"\5abc\0def"),
        png(3, 2, b"\0abc\0def", depth=16),
        png(3, 2, b"\0abc\0def", interlace=1),
        png(0, 2, b""),
        png(1_000_000, 1, b""),
    ],
)
def test_anything_else_is_a_sentence(data: bytes) -> None:
    with pytest.raises(Invalid, match=r"^Picture 7 of the report is ") as refused:
        open_png(data, "Picture 7")
    assert refused.value.advice


def test_no_cut_and_no_changed_byte_gets_through() -> None:
    for at in range(len(SMALL)):
        for damaged in (SMALL[:at], SMALL[:at] + bytes([SMALL[at] ^ 0x41]) + SMALL[at + 1 :]):
            with pytest.raises(RecordsError):
                open_png(damaged, "Picture 1")
