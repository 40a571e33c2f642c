"""What must stand beside a printed picture of one beam: its axes in words, since it is not in millimetres both ways."""

from __future__ import annotations

from records.model import Image, ImageAxis
from records.reports.formatting import thousandths_of_mm, whole_mm
from records.reports.sheet import Line

_MODES = {"M": "M-mode: depth down, time across", "A": "A-mode: level down, depth across"}


def beam_lines(image: Image) -> tuple[Line, ...]:
    """Mode, depth, time, and what one pixel is; of a picture with two axes."""
    across, down = image.axes
    depth, pixels = (down, image.rows) if down.unit == "um" else (across, image.columns)
    lines = [Line("Mode", _MODES.get(image.mode, image.mode)), Line("Depth shown", _depth(depth, pixels))]
    if across.unit == "us":
        lines.append(Line("Time shown", f"{across.step * image.columns // 1000} ms"))
    if image.interval_us:
        lines.append(Line("Between looks", f"{(image.interval_us + 999) // 1000} ms"))
    lines.append(Line("Pixel", f"{thousandths_of_mm(abs(depth.step))} mm of depth"))
    return (*lines, Line("Beam", str(image.line + 1))) if image.line >= 0 else tuple(lines)


def _depth(axis: ImageAxis, pixels: int) -> str:
    first, last = whole_mm(axis.first), whole_mm(axis.first + axis.step * (pixels - 1))
    return f"{last} mm" if first == "0" else f"{first} to {last} mm"
