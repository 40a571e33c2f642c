"""ImageView: half-blocks lie under every picture, and are all there is where the terminal never answered."""

from __future__ import annotations

import numpy as np
import pytest

from clinic.terminal.capabilities import TerminalCapabilities
from clinic.terminal.image_view import Liveness
from tests.clinic.terminal.stage import CELLS, DEAF, SIXEL, Stage, on_stage, picture

SIZE = (60, 20)


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
