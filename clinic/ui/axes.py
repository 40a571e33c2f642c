"""The axes of what is shown of one beam: depth in mm, time in s, level in dB."""

from __future__ import annotations

from clinic.terminal.scales import ScaleMark
from imaging.beam_view import BeamView
from imaging.modes import Mode


def axes_of(view: BeamView) -> tuple[ScaleMark, ...]:
    """Depth and level of a view.

    Of a strip: depth down its right edge, time below it, level below the curve. Of an A-line: depth below, level right.
    """
    right, bottom = view.width_px - 1, view.height_px - 1
    depth = view.depth
    if view.mode is Mode.A:
        level_db = view.down.at(bottom) / 1000
        return (
            ScaleMark((0, bottom), (right, bottom), depth.at(0) / 1000, depth.at(right) / 1000, "mm"),
            ScaleMark((right, 0), (right, bottom), 0, level_db, "dB"),
        )
    seconds = view.across.step * right / 1e6
    scales = [
        ScaleMark((right, 0), (right, bottom), depth.at(0) / 1000, depth.at(bottom) / 1000, "mm"),
        ScaleMark((0, bottom), (right, bottom), -seconds, 0, "s"),
    ]
    if view.level is not None:
        last = view.pixels.shape[1] - 1
        first = last - (view.pixels.shape[1] - view.width_px) + 1
        scales.append(
            ScaleMark((first, bottom), (last, bottom), view.level.at(first) / 1000, view.level.at(last) / 1000, "dB")
        )
    return tuple(scales)
