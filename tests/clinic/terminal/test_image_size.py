"""ImageView at any size: resizes in the middle, larger letters, the last row, the rest below the last band."""

from __future__ import annotations

import pytest
from textual.geometry import Size

from clinic.terminal.capabilities import TerminalCapabilities
from clinic.terminal.image_view import Liveness
from clinic.terminal.inks import Ink
from clinic.terminal.marks import Overlay
from clinic.terminal.pacing import TIMEOUT_NS
from tests.clinic.terminal.simulated_terminal import SimulatedTerminal
from tests.clinic.terminal.sixel_reader import read_sixel_colours
from tests.clinic.terminal.stage import (
    SIXEL,
    SIZE,
    Stage,
    both,
    on_stage,
    picture,
    sixel_of,
)


@both
def test_a_resize_in_the_middle(terminal: TerminalCapabilities) -> None:
    async def play(stage: Stage) -> None:
        view = stage.view
        view.show(picture(0), Liveness.LIVE)
        for size in ((90, 30), (40, 12), (61, 19), (120, 40)):
            await stage.pilot.resize_terminal(*size)
            await stage.settle()
            stage.clock.now_ns += TIMEOUT_NS
            stage.written.clear()
            view.show(picture(1), Liveness.LIVE)
            [text] = stage.written
            simulated = stage.terminal()  # it refuses whatever does not fit
            if terminal.sixel:
                assert read_sixel_colours(sixel_of(text)).shape[:2] == ((size[1] - 1) * 16 // 6 * 6, size[0] * 8)
            else:
                assert simulated.halves[: 2 * size[1] - 2].min() >= 0

    on_stage(terminal, SIZE, play)


@both
def test_a_paint_before_the_view_heard_of_its_new_size(terminal: TerminalCapabilities) -> None:
    """The layout is done at once, the message about it comes later; rows of the old size would land on the foot."""

    async def play(stage: Stage) -> None:
        stage.view.show(picture(), Liveness.FROZEN)
        for rows in (12, 25):
            stage.written.clear()
            stage.clock.now_ns += TIMEOUT_NS
            stage.app._driver._size = (60, rows)
            stage.app.screen._refresh_layout(Size(60, rows))
            assert stage.view.size.height == rows - 1
            stage.view._paint()
            assert len(stage.written) == 1
            simulated = SimulatedTerminal(60, rows)
            simulated.feed(stage.written[0])
            assert (simulated.halves[-2:] == -1).all()
            assert (simulated.pixels[-16:] == -1).all()
            assert stage.view._half_blocks().shape[0] <= 2 * (rows - 1)

    on_stage(terminal, SIZE, play)


def test_larger_letters_are_larger_cells() -> None:
    async def play(stage: Stage) -> None:
        cell_px = (8, 16)
        stage.app._driver.fileno = 99
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("clinic.terminal.output.cell_px_by_window", lambda fd: cell_px)
            for cell_px, believed, size in (  # noqa: B007
                ((8, 16), (8, 16), (61, 20)),
                ((8, 17), (8, 16), (60, 20)),  # a rest of the window below the last row, not another letter
                ((12, 24), (12, 24), (40, 13)),
            ):
                await stage.pilot.resize_terminal(*size)
                await stage.settle()
                stage.clock.now_ns += TIMEOUT_NS
                stage.view.show(picture(), Liveness.LIVE)
                shape = read_sixel_colours(sixel_of(stage.written[-1])).shape[:2]
                assert shape == ((size[1] - 1) * believed[1] // 6 * 6, size[0] * believed[0])

    on_stage(SIXEL, SIZE, play)


def test_sixel_never_reaches_the_last_row_where_it_would_scroll() -> None:
    async def play(stage: Stage) -> None:
        stage.app.query_one("#foot").display = False
        await stage.settle()
        assert stage.view.region.bottom == 20
        stage.view.show(picture(), Liveness.LIVE)
        assert read_sixel_colours(sixel_of(stage.written[0])).shape[0] == 19 * 16 // 6 * 6
        stage.terminal()

    on_stage(SIXEL, SIZE, play)


def test_below_the_last_band_is_black_from_the_start() -> None:
    """Bands are six rows: a rest would show half-blocks for ever, and blanking it with each picture would flicker."""

    async def play(stage: Stage) -> None:
        stage.view.show(picture(), Liveness.LIVE, Overlay(border=Ink.FROZEN))
        view = stage.view
        whole = 19 * 16 // 6 * 6 // 16
        assert whole < 19
        for row in range(19):
            colours = {(segment.style.color.triplet, segment.style.bgcolor.triplet) if segment.style.color else None
                       for segment in view.render_line(row)}  # fmt: skip
            assert (colours == {None}) is (row >= whole)
        assert stage.terminal().halves.max() == -1, "no blanks are written"

    on_stage(SIXEL, SIZE, play)


@both
def test_a_tiny_view_and_a_hidden_one(terminal: TerminalCapabilities) -> None:
    async def play(stage: Stage) -> None:
        for width, height in ((1, 1), (3, 2), (60, 1)):
            stage.view.styles.width, stage.view.styles.height = width, height
            await stage.settle()
            stage.clock.now_ns += TIMEOUT_NS
            stage.view.show(picture(), Liveness.LIVE, Overlay(border=Ink.FROZEN))
        stage.view.display = False
        await stage.settle()
        before = len(stage.written)
        stage.clock.now_ns += TIMEOUT_NS
        stage.view.show(picture(), Liveness.LIVE, Overlay(border=Ink.FROZEN))
        assert len(stage.written) == before
        stage.terminal()

    on_stage(terminal, SIZE, play)
