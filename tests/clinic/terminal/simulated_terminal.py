"""A terminal of the tests' own for what is painted beside the compositor, written from ECMA-48, not from the painters.

It knows exactly what a painted picture may hold, and refuses everything else: an unknown sequence, a character outside
the screen, sixel that would scroll the screen, a restored cursor that was never saved.
"""

from __future__ import annotations

import re

import numpy as np

from tests.clinic.terminal.sixel_reader import read_sixel_colours

_TOKEN = re.compile(
    r"\x1b\[(?P<private>\??)(?P<numbers>[\d;]*)(?P<final>[A-Za-z])|(?P<saved>\x1b[78])"
    r"|(?P<sixel>\x1bP.*?\x1b\\)|(?P<text>[^\x1b]+)",
    re.DOTALL,
)
_CUBE = (0, 95, 135, 175, 215, 255)


def colour_256(number: int) -> tuple[int, int, int]:
    """Of xterm's palette: the colour cube and the ramp of greys."""
    if number >= 232:
        return (8 + 10 * (number - 232),) * 3
    assert number >= 16, "the first sixteen are whatever the user likes"
    cube = number - 16
    return _CUBE[cube // 36], _CUBE[cube // 6 % 6], _CUBE[cube % 6]


class SimulatedTerminal:
    """A screen of cells with pixels over them.

    Args:
        columns, rows: Of the screen.
        cell_px: Width and height of a cell.
    """

    def __init__(self, columns: int, rows: int, cell_px: tuple[int, int] = (8, 16)) -> None:
        self.cell_px = cell_px
        self.halves = np.full((2 * rows, columns, 3), -1)
        self.pixels = np.full((rows * cell_px[1], columns * cell_px[0], 3), -1)
        self.cursor = (1, 1)
        self.kept: tuple[int, int] | None = None
        self.reports: list[tuple[int, int]] = []
        self.synchronized = False
        self.sixels = 0
        self._front = self._back = (-1, -1, -1)

    def feed(self, text: str) -> None:
        """Obey a piece of output; it must be whole."""
        at = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            assert match, f"unreadable at {at}: {text[at : at + 30]!r}"
            at = match.end()
            if match["final"]:
                self._control(match["private"], match["numbers"], match["final"])
            elif match["saved"]:
                self._keep(match["saved"][1])
            elif match["sixel"]:
                self._draw(match["sixel"])
            else:
                for character in match["text"]:
                    self._put(character)

    def _control(self, private: str, numbers: str, final: str) -> None:
        values = [int(number or 0) for number in numbers.split(";")]
        if private:
            assert (values, final) in (([2026], "h"), ([2026], "l")), f"?{numbers}{final}"
            assert self.synchronized is (final == "l"), "blocks do not nest"
            self.synchronized = final == "h"
        elif final == "H":
            row, column = values
            assert 1 <= row <= len(self.halves) // 2, "on the screen"
            assert 1 <= column <= self.halves.shape[1], "on the screen"
            self.cursor = (row, column)
        elif final == "n":
            assert values == [6], "only where the cursor is may be asked"
            self.reports.append(self.cursor)
        else:
            assert final == "m", f"unknown: {numbers}{final}"
            self._colour(values)

    def _colour(self, values: list[int]) -> None:
        while values:
            which, values = values[0], values[1:]
            if which == 0:
                self._front = self._back = (-1, -1, -1)
                continue
            assert which in (38, 48), f"SGR {which}"
            if values[0] == 5:
                colour, values = colour_256(values[1]), values[2:]
            else:
                assert values[0] == 2
                colour, values = (values[1], values[2], values[3]), values[4:]
            if which == 38:
                self._front = colour
            else:
                self._back = colour

    def _keep(self, which: str) -> None:
        if which == "7":
            self.kept = self.cursor
            return
        assert self.kept is not None, "nothing was saved"
        self.cursor = self.kept

    def _put(self, character: str) -> None:
        row, column = self.cursor
        assert column <= self.halves.shape[1], "past the right edge"
        assert character in "▀ ", f"{character!r} is not of a picture"
        upper = self._front if character == "▀" else self._back
        self.halves[2 * row - 2, column - 1] = upper
        self.halves[2 * row - 1, column - 1] = self._back
        width, height = self.cell_px
        self.pixels[(row - 1) * height : row * height, (column - 1) * width : column * width] = -1  # text erases pixels
        self.cursor = (row, column + 1)

    def _draw(self, text: str) -> None:
        drawn = read_sixel_colours(text)
        top, left = (self.cursor[0] - 1) * self.cell_px[1], (self.cursor[1] - 1) * self.cell_px[0]
        rows, columns = drawn.shape[:2]
        assert left + columns <= self.pixels.shape[1], "sixel past the right edge"
        assert top + rows <= self.pixels.shape[0] - self.cell_px[1], "sixel on the last row scrolls the screen"
        place = self.pixels[top : top + rows, left : left + columns]
        place[drawn[..., 0] >= 0] = drawn[drawn[..., 0] >= 0]
        self.sixels += 1
        self.cursor = (self.cursor[0] + rows // self.cell_px[1], self.cursor[1])
