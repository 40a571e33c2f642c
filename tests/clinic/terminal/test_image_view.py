"""ImageView: one atomic write a picture, one credit, nothing painted where something lies, half-blocks underneath."""

from __future__ import annotations

import re

import numpy as np
import pytest
from textual.geometry import Region, Size
from textual.widgets import Static

from clinic.terminal.capabilities import TerminalCapabilities
from clinic.terminal.cells import CellEncoder
from clinic.terminal.fit import plan_fit
from clinic.terminal.image_view import Liveness
from clinic.terminal.inks import Ink
from clinic.terminal.marks import CaliperMark, Overlay, marks_over
from clinic.terminal.pacing import DEAF_PERIOD_NS, TIMEOUT_NS
from clinic.terminal.sixel import SixelEncoder
from tests.clinic.terminal.simulated_terminal import SimulatedTerminal
from tests.clinic.terminal.sixel_reader import read_sixel_colours
from tests.clinic.terminal.stage import CELLS, DEAF, MS, SIXEL, Dialog, Stage, on_stage, picture

SIZE = (60, 20)
OVERLAY = Overlay((CaliperMark((20, 30), (100, 90), "1", 1),), (("FROZEN", Ink.FROZEN),), Ink.FROZEN, (500, 0))
both = pytest.mark.parametrize("terminal", [SIXEL, CELLS], ids=["sixel", "cells"])


def sixel_of(text: str) -> str:
    return text[text.index("\x1bP") : text.index("\x1b\\") + 2]


@both
def test_a_picture_is_one_atomic_write(terminal: TerminalCapabilities) -> None:
    async def play(stage: Stage) -> None:
        stage.view.show(picture(), Liveness.LIVE, OVERLAY)
        [text] = stage.written
        assert text.startswith("\x1b[?2026h\x1b7\x1b[1;1H")
        assert re.search(r"\x1b\[1;\d+H\x1b\[6n\x1b8\x1b\[\?2026l$", text)
        for once in ("\x1b7", "\x1b8", "\x1b[6n", "\x1b[?2026h", "\x1b[?2026l"):
            assert text.count(once) == 1
        simulated = stage.terminal()
        assert simulated.cursor == (1, 1), "the cursor is where it was"
        assert simulated.reports == [(1, stage.tags[0])]
        assert not simulated.synchronized

    on_stage(terminal, SIZE, play)


def test_sixel_is_the_picture_with_its_marks() -> None:
    async def play(stage: Stage) -> None:
        grey = picture()
        stage.view.show(grey, Liveness.FROZEN, OVERLAY)
        shape = (19 * 16 // 6 * 6, 60 * 8)
        fit = plan_fit(grey.shape, shape)
        wanted = read_sixel_colours(
            SixelEncoder(shape[1], shape[0], 64).encode(fit.apply(grey), marks_over(OVERLAY, fit))
        )
        pixels = stage.terminal().pixels
        assert np.array_equal(pixels[: shape[0], : shape[1]], wanted)
        assert (pixels[shape[0] :] == -1).all(), "nothing on the foot"
        assert wanted.min() >= 0, "every pixel is drawn"

    on_stage(SIXEL, SIZE, play)


def test_cells_are_the_picture_with_its_marks() -> None:
    async def play(stage: Stage) -> None:
        grey = picture()
        stage.view.show(grey, Liveness.FROZEN, OVERLAY)
        truecolor = stage.app.console.color_system == "truecolor"
        encoder = CellEncoder(60, 19, (8, 16), truecolor=truecolor)
        fit = plan_fit(grey.shape, encoder.shape_px, encoder.pixel_aspect)
        alone = encoder.paint(fit.apply(grey), marks_over(OVERLAY, fit), Region(0, 0, 60, 19))
        assert alone in stage.written[0]
        halves = stage.terminal().halves
        assert halves[:38].min() >= 0
        assert (halves[38:] == -1).all(), "nothing on the foot"

    on_stage(CELLS, SIZE, play)


@both
def test_the_next_picture_waits_for_the_report(terminal: TerminalCapabilities) -> None:
    async def play(stage: Stage) -> None:
        view = stage.view
        for seed in range(5):
            view.show(picture(seed), Liveness.LIVE)
        assert len(stage.written) == 1, "the others are skipped, none is queued"
        stage.clock.now_ns += 10 * MS
        stage.answer(stage.tags[0])
        await stage.settle()
        assert len(stage.written) == 2, "the newest follows by itself"
        view.pacer.reported(stage.tags[1], stage.clock.now_ns)
        newest = list(stage.written)
        view.show(picture(4), Liveness.LIVE)
        assert stage.written[2:] != newest[1:]
        assert _body(stage.written[2]) == _body(stage.written[1]), "it was the newest"

    on_stage(terminal, SIZE, play)


def _body(text: str) -> str:
    return re.sub(r"\x1b\[1;\d+H\x1b\[6n.*", "", text)


@both
def test_late_lost_doubled_and_foreign_reports(terminal: TerminalCapabilities) -> None:
    async def play(stage: Stage) -> None:
        view = stage.view
        view.show(picture(0), Liveness.LIVE)
        stage.clock.now_ns += TIMEOUT_NS
        view.tick()
        assert len(stage.written) == 1, "nothing waits to be painted"
        view.show(picture(1), Liveness.LIVE)
        first, second = stage.tags
        assert first != second
        assert view.pacer.timeouts == 1
        view.show(picture(2), Liveness.LIVE)
        for tag in (first, first, 1, 60, second + 1):  # late, doubled, nobody's, nobody's, of a picture to come
            stage.answer(tag)
        await stage.settle()
        assert len(stage.written) == 2, "none of these gives a credit"
        stage.answer(second)
        stage.answer(second)
        await stage.settle()
        assert len(stage.written) == 3, "its own does, once"
        view.show(picture(3), Liveness.LIVE)
        assert len(stage.written) == 3

    on_stage(terminal, SIZE, play)


@both
def test_a_terminal_that_goes_deaf_still_shows_pictures(terminal: TerminalCapabilities) -> None:
    async def play(stage: Stage) -> None:
        for step in range(600):  # 20 s of 30 pictures a second, and not one report
            stage.clock.now_ns = step * 33 * MS
            stage.view.show(picture(step % 7), Liveness.LIVE)
        patient = 3 * TIMEOUT_NS
        allowed = 3 + (600 * 33 * MS - patient) // DEAF_PERIOD_NS
        assert allowed * 0.8 < len(stage.written) <= allowed
        assert all("\x1b[6n" in text for text in stage.written), "it may hear again"
        stage.view.pacer.reported(stage.tags[-1], stage.clock.now_ns)
        before = len(stage.written)
        stage.view.show(picture(3), Liveness.LIVE)
        stage.view.pacer.reported(stage.tags[-1], stage.clock.now_ns)
        stage.view.show(picture(4), Liveness.LIVE)
        assert len(stage.written) == before + 2, "full speed again"

    on_stage(terminal, SIZE, play)


@both
def test_a_frozen_picture_whose_report_is_lost_is_painted_by_the_tick(terminal: TerminalCapabilities) -> None:
    async def play(stage: Stage) -> None:
        stage.view.show(picture(0), Liveness.LIVE)
        stage.view.show(picture(1), Liveness.FROZEN, OVERLAY)
        assert len(stage.written) == 1
        stage.clock.now_ns += TIMEOUT_NS
        stage.view.tick()
        assert len(stage.written) == 2
        stage.view.tick()
        assert len(stage.written) == 2, "once"

    on_stage(terminal, SIZE, play)


def test_a_frozen_picture_has_all_greys_however_slow_the_terminal() -> None:
    async def play(stage: Stage) -> None:
        for _ in range(5):
            stage.view.show(picture(), Liveness.LIVE)
            stage.clock.now_ns += TIMEOUT_NS
            stage.view.pacer.may_write(stage.clock.now_ns)
        registers = [len(set(re.findall(r"#(\d+);2;", sixel_of(text)))) - 7 for text in stage.written]
        assert registers == [32, 24, 16, 16, 16]
        stage.view.show(picture(), Liveness.FROZEN)
        assert len(set(re.findall(r"#(\d+);2;", sixel_of(stage.written[-1])))) - 7 == 64

    on_stage(SIXEL, SIZE, play)


@both
def test_nothing_is_painted_over_a_dialog_and_again_behind_it(terminal: TerminalCapabilities) -> None:
    async def play(stage: Stage) -> None:
        view = stage.view
        view.show(picture(0), Liveness.LIVE)
        stage.app.push_screen(Dialog())
        await stage.settle()
        for seed in range(1, 6):
            stage.answer(stage.tags[-1])
            stage.clock.now_ns += TIMEOUT_NS
            view.show(picture(seed), Liveness.LIVE)
            view.tick()
            await stage.settle()
        assert len(stage.written) == 1
        assert "dialog" in stage.app.export_screenshot()
        stage.app.pop_screen()
        await stage.settle()
        assert len(stage.written) == 2, "painted again, once"
        view.pacer.reported(stage.tags[-1], stage.clock.now_ns)
        view.show(picture(5), Liveness.LIVE)
        assert _body(stage.written[1]) == _body(stage.written[2]), "the newest"

    on_stage(terminal, SIZE, play)


@both
def test_nothing_is_painted_over_a_toast_or_a_widget_of_another_layer(terminal: TerminalCapabilities) -> None:
    async def play(stage: Stage) -> None:
        view = stage.view
        stage.app.notify("saved", timeout=60)
        await stage.settle()
        view.show(picture(0), Liveness.LIVE)
        assert not stage.written, "a toast lies over it"
        stage.app.clear_notifications()
        await stage.settle()
        assert len(stage.written) == 1
        over = Static("over")
        over.styles.layer = "above"
        over.styles.width, over.styles.height = 5, 1
        stage.app.screen.styles.layers = ("default", "above")
        await stage.app.screen.mount(over)
        await stage.settle()
        before = len(stage.written)
        stage.clock.now_ns += TIMEOUT_NS
        view.show(picture(1), Liveness.LIVE)
        assert len(stage.written) == before
        await over.remove()
        await stage.settle()
        assert len(stage.written) == before + 1

    on_stage(terminal, SIZE, play)


@both
def test_a_view_that_is_partly_off_the_screen_is_not_painted(terminal: TerminalCapabilities) -> None:
    async def play(stage: Stage) -> None:
        stage.view.styles.height = 40
        await stage.settle()
        stage.view.show(picture(0), Liveness.LIVE)
        assert not stage.written
        stage.view.styles.height = "1fr"
        await stage.settle()
        assert len(stage.written) == 1

    on_stage(terminal, SIZE, play)


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


@pytest.mark.parametrize("terminal", [SIXEL, CELLS, DEAF], ids=["sixel", "cells", "deaf"])
def test_half_blocks_lie_underneath(terminal: TerminalCapabilities) -> None:
    async def play(stage: Stage) -> None:
        grey = np.zeros((120, 160), np.uint8)
        grey[:, 80:] = 255
        stage.view.show(grey, Liveness.LIVE)
        line = [segment.style for segment in stage.view.render_line(9)]
        assert [style.color.triplet.red for style in (line[20], line[40])] == [0, 255]
        assert [style.bgcolor.triplet.red for style in (line[20], line[40])] == [0, 255]
        stage.view.show(grey, Liveness.NOT_LIVE)
        assert [style.color.triplet.red for style in (s.style for s in stage.view.render_line(9)) if style][40] == 82

    on_stage(terminal, SIZE, play)


def test_a_terminal_that_never_answered_is_not_written_to() -> None:
    async def play(stage: Stage) -> None:
        for seed in range(5):
            stage.view.show(picture(seed), Liveness.LIVE)
            await stage.settle()
        assert not stage.written
        assert "▀" in stage.app.export_screenshot()

    on_stage(DEAF, SIZE, play)


@both
def test_live_pictures_do_not_pass_the_compositor(terminal: TerminalCapabilities) -> None:
    """Otherwise each of them would blank the pixels before they are drawn again."""

    async def play(stage: Stage) -> None:
        view, rendered = stage.view, []
        stage.view.show(picture(0), Liveness.LIVE)
        await stage.settle()
        render_line = view.render_line
        view.render_line = lambda y: rendered.append(y) or render_line(y)
        foot = stage.app.query_one("#foot", Static)
        for seed in range(10):
            before = len(stage.written)
            view.pacer.reported(stage.tags[-1], stage.clock.now_ns)
            view.show(picture(seed), Liveness.LIVE, OVERLAY)
            foot.update(f"foot {seed}")
            await stage.settle()
            assert len(stage.written) == before + 1, "not painted again for somebody else's letters"
        assert not rendered

    on_stage(terminal, SIZE, play)


@both
def test_a_tiny_view_and_a_hidden_one(terminal: TerminalCapabilities) -> None:
    async def play(stage: Stage) -> None:
        for width, height in ((1, 1), (3, 2), (60, 1)):
            stage.view.styles.width, stage.view.styles.height = width, height
            await stage.settle()
            stage.clock.now_ns += TIMEOUT_NS
            stage.view.show(picture(), Liveness.LIVE, OVERLAY)
        stage.view.display = False
        await stage.settle()
        before = len(stage.written)
        stage.clock.now_ns += TIMEOUT_NS
        stage.view.show(picture(), Liveness.LIVE, OVERLAY)
        assert len(stage.written) == before
        stage.terminal()

    on_stage(terminal, SIZE, play)
