"""ImageView on a screen: nothing painted where something lies, half-blocks below, no work for others' refreshes."""

from __future__ import annotations

import numpy as np
import pytest
from textual.widgets import Static

from clinic.terminal.capabilities import TerminalCapabilities
from clinic.terminal.image_view import Liveness
from clinic.terminal.inks import Ink
from clinic.terminal.marks import Overlay
from clinic.terminal.pacing import TIMEOUT_NS
from tests.clinic.terminal.stage import (
    CELLS,
    DEAF,
    SIXEL,
    SIZE,
    Dialog,
    Stage,
    body_of,
    both,
    on_stage,
    picture,
)


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
        assert body_of(stage.written[1]) == body_of(stage.written[2]), "the newest"

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
            view.show(picture(seed), Liveness.LIVE, Overlay(border=Ink.FROZEN))
            foot.update(f"foot {seed}")
            await stage.settle()
            assert len(stage.written) == before + 1, "not painted again for somebody else's letters"
        assert not rendered

    on_stage(terminal, SIZE, play)
