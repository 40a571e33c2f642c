"""ImageView writes: one atomic piece a picture, one credit, and what becomes of reports that do not come."""

from __future__ import annotations

import re

import numpy as np
from textual.geometry import Region

from clinic.terminal.capabilities import TerminalCapabilities
from clinic.terminal.cells import CellEncoder
from clinic.terminal.fit import plan_fit
from clinic.terminal.image_view import Liveness
from clinic.terminal.inks import Ink
from clinic.terminal.marks import CaliperMark, Overlay, marks_over
from clinic.terminal.pacing import DEAF_PERIOD_NS, TIMEOUT_NS
from clinic.terminal.sixel import SixelEncoder
from tests.clinic.terminal.sixel_reader import read_sixel_colours
from tests.clinic.terminal.stage import (
    CELLS,
    MS,
    SIXEL,
    SIZE,
    Stage,
    body_of,
    both,
    on_stage,
    picture,
    sixel_of,
)

OVERLAY = Overlay((CaliperMark(((20, 30), (100, 90)), "1", 1),), (("FROZEN", Ink.FROZEN),), Ink.FROZEN, (500, 0))


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
        assert body_of(stage.written[2]) == body_of(stage.written[1]), "it was the newest"

    on_stage(terminal, SIZE, play)


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
