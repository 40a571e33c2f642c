"""ImageView: a picture in a Textual screen. Half-block cells underneath, pixels painted beside the compositor.

The widget itself always holds the picture as half-blocks, so dialogs, tmux and screen shots show it too. Where the
terminal answers, each picture is one atomic write to the driver, in sixel or in cells, never through the compositor,
which would blank the pixels on every frame. Textual's internals that this needs are used here and in ``output`` alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from clinic.terminal.capabilities import TerminalCapabilities
from clinic.terminal.cells import HALF, CellEncoder, nearest_levels
from clinic.terminal.fit import Fit, plan_fit
from clinic.terminal.inks import COLOURS, INKS, Colour
from clinic.terminal.marks import Overlay, marks_over
from clinic.terminal.output import Output
from clinic.terminal.pacing import Pacer
from clinic.terminal.painter import Painter, atomic, inked, planned_for
from clinic.terminal.refreshes import refreshes_of
from clinic.terminal.sixel import BAND_ROWS, LADDER, SixelEncoder

Grey = NDArray[np.uint8]
_PERIOD_NS = 33_000_000
_GREYS = tuple(level * 255 // 31 for level in range(32))
_NEAREST = nearest_levels(_GREYS).tobytes()
_COLOURS: tuple[Colour, ...] = (*((grey, grey, grey) for grey in _GREYS), *(COLOURS[ink] for ink in INKS))
_BLACK = "on rgb(0,0,0)"


class Liveness(Enum):
    """What the picture is; shown so that it cannot be mistaken."""

    LIVE = "LIVE"
    NOT_LIVE = "NOT LIVE"
    FROZEN = "FROZEN"


@lru_cache(maxsize=len(_COLOURS) ** 2)
def _cell_style(upper: int, lower: int) -> Style:
    top, bottom = _COLOURS[upper], _COLOURS[lower]
    return Style.parse(f"rgb({top[0]},{top[1]},{top[2]}) on rgb({bottom[0]},{bottom[1]},{bottom[2]})")


class ImageView(Widget):
    """Shows grey pictures with marks over them; used by the Textual loop alone.

    Args:
        terminal: What the terminal can do.
        monotonic_ns: Clock for pacing.
        id: Of the widget.
    """

    DEFAULT_CSS = "ImageView { background: rgb(0,0,0); }"

    def __init__(
        self, terminal: TerminalCapabilities, monotonic_ns: Callable[[], int], *, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._terminal = terminal
        self._monotonic_ns = monotonic_ns
        self._grey: Grey | None = None
        self._overlay = Overlay()
        self._cells: Grey | None = None
        self._painter: Painter | None = None
        self._fit: Fit | None = None
        self._fitted: Grey | None = None
        self._window_cell_px: tuple[int, int] | None = None
        self._overdue = False
        self._stale = False
        self.liveness = Liveness.NOT_LIVE
        self.pacer = Pacer(LADDER, _PERIOD_NS)
        self.painted = 0

    @property
    def shows_pixels(self) -> bool:
        """Whether the terminal draws single pixels, so that small letters can be read."""
        return self._terminal.sixel

    @property
    def shape_px(self) -> tuple[int, int]:
        """(rows, columns) of what is shown, in square pixels of the terminal."""
        width, height = self._terminal.cell_px
        return self.size.height * height, self.size.width * width

    def show(self, grey: Grey, liveness: Liveness, overlay: Overlay | None = None) -> None:
        """Show a picture, or the same one in another state; newest wins, none is queued.

        Args:
            grey: (rows, columns) in C order.
            liveness: A picture that is not live is dimmed.
            overlay: Drawn over it.
        """
        self.liveness = liveness
        self._overlay = overlay or Overlay()
        self._grey = grey if liveness is not Liveness.NOT_LIVE else (grey // 3).astype(np.uint8)
        self._cells = None
        if not self._terminal.answers or self._covered():
            self.refresh()
            return
        self._stale = True
        self._paint()

    def on_mount(self) -> None:
        """Remember how large a cell is, to notice when letters become larger."""
        self._window_cell_px = Output(self.app).cell_px()

    def reported(self, tag: int) -> None:
        """The terminal drew the picture of this tag; the next may go."""
        if self.pacer.reported(tag, self._monotonic_ns()) and self._overdue:
            self._paint()

    def tick(self) -> None:
        """Called now and then: a picture that waits for a report which was lost is painted after all."""
        if self._overdue:
            self._paint()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The half-blocks; they lie over the pixels now, so the pixels are painted again behind this refresh."""
        if refreshes_of(self.screen).touch(self.region):
            if self._stale:
                self._styles_cache.clear()  # pictures go by beside the compositor: what it remembers is an old one
                self._stale = False
            if self._terminal.answers and self._grey is not None:
                self.call_after_refresh(self._paint)
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """The picture as half-blocks, two pixels to a cell."""
        cells = self._half_blocks()
        if cells is None or 2 * y + 1 >= len(cells):
            return Strip.blank(self.size.width, Style.parse(_BLACK))
        pairs = zip(cells[2 * y].tolist(), cells[2 * y + 1].tolist(), strict=True)
        return Strip([Segment(HALF, _cell_style(upper, lower)) for upper, lower in pairs], self.size.width)

    def _half_blocks(self) -> Grey | None:
        rows = self._half_block_rows()
        if self._grey is None or not rows or not self.size.width:
            return None
        shape = (2 * rows, self.size.width)
        if self._cells is None or self._cells.shape != shape:
            width, height = self._terminal.cell_px
            fit = plan_fit(self._grey.shape, shape, height / 2 / width)
            self._cells = inked(_NEAREST, fit.apply(self._grey), marks_over(self._overlay, fit), len(_GREYS))
        return self._cells

    def _half_block_rows(self) -> int:
        """Rows of cells that the pixels cover wholly: half-blocks below the last band of sixel would show for ever."""
        return self._sixel_height() // self._terminal.cell_px[1] if self._terminal.sixel else self.size.height

    def _sixel_height(self) -> int:
        """Rows of pixels that sixel may paint: whole bands, and nothing on the screen's last row, where it scrolls."""
        last = self.region.bottom >= Output(self.app).size.height
        height = (self.size.height - last) * self._terminal.cell_px[1]
        return height - height % BAND_ROWS

    def _paint(self) -> None:
        """Write the newest picture if there is a credit, the terminal takes text, and nothing lies over it."""
        if self._grey is None or not self._terminal.answers or self._covered():
            return
        output, now_ns = Output(self.app), self._monotonic_ns()
        self._measure_cells(output)
        self._overdue = not (output.free() and self.pacer.may_write(now_ns))
        painter = self._sized_painter()
        if self._overdue or painter is None:
            return
        fit = self._planned(self._grey, painter)
        region = self.content_region
        text = painter.paint(fit.apply(self._grey, self._fitted), marks_over(self._overlay, fit), region)
        output.write(atomic(region, text, self.pacer.written(now_ns)))
        self.painted += 1

    def _measure_cells(self, output: Output) -> None:
        """Letters may have become larger; a width counts, since a rest below the last row makes rows look higher."""
        cell_px = output.cell_px()
        if cell_px is not None and self._window_cell_px is not None and cell_px[0] != self._window_cell_px[0]:
            self._terminal = replace(self._terminal, cell_px=cell_px)
            self._painter = None
        self._window_cell_px = cell_px

    def _planned(self, grey: Grey, painter: Painter) -> Fit:
        if self._fit is None or not planned_for(self._fit, grey.shape, painter):
            self._fit = plan_fit(grey.shape, painter.shape_px, painter.pixel_aspect)
            self._fitted = np.empty(painter.shape_px, np.uint8)
        return self._fit

    def _sized_painter(self) -> Painter | None:
        columns, rows = self.size
        if not columns or not rows:
            return None
        return self._sized_sixel(columns) if self._terminal.sixel else self._sized_cells(columns, rows)

    def _sized_cells(self, columns: int, rows: int) -> Painter:
        if self._painter is None or self._painter.shape_px != (2 * rows, columns):
            truecolor = Output(self.app).truecolor
            self._painter = CellEncoder(columns, rows, self._terminal.cell_px, truecolor=truecolor)
        return self._painter

    def _sized_sixel(self, columns: int) -> Painter | None:
        width, height = columns * self._terminal.cell_px[0], self._sixel_height()
        if width < BAND_ROWS or height < BAND_ROWS:
            return None
        levels = self.pacer.quality if self.liveness is Liveness.LIVE else LADDER[0]
        painter = self._painter
        if not isinstance(painter, SixelEncoder) or (painter.levels, painter.shape_px) != (levels, (height, width)):
            painter = self._painter = SixelEncoder(width, height, levels)
        return painter

    def _covered(self) -> bool:
        """Whether anything lies over the picture, or a part of it is not on the screen: then it is not painted."""
        if not self.is_attached or self.app.screen is not self.screen or not self.size.area:
            return True
        for widget, (region, clip) in self.screen._compositor.visible_widgets.items():  # noqa: SLF001  (front to back)
            if widget is self:
                return clip.intersection(region) != region
            if region.overlaps(self.region) and widget not in self.ancestors:
                return True
        return True
