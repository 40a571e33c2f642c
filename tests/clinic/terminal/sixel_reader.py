"""A sixel decoder of the tests' own, written from the format's description and not from the encoder."""

from __future__ import annotations

import re

import numpy as np

_TOKEN = re.compile(r'"(\d+);(\d+);(\d+);(\d+)|#(\d+)(?:;2;(\d+);(\d+);(\d+))?|!(\d+)([?-~])|([?-~])|(\$)|(-)')


def read_sixel_colours(text: str) -> np.ndarray:
    """(rows, columns, 3) percent of red, green and blue; -1 where nothing was drawn."""
    assert text.startswith("\x1bP0;0;0q")
    assert text.endswith("\x1b\\")
    body, at, x, y, colour = text[8:-2], 0, 0, 0, 0
    palette: dict[int, tuple[int, int, int]] = {}
    canvas = np.full((0, 0, 3), -1)
    while at < len(body):
        match = _TOKEN.match(body, at)
        assert match, f"unreadable at {at}: {body[at : at + 20]!r}"
        at = match.end()
        if match[3]:
            canvas = np.full((int(match[4]), int(match[3]), 3), -1)
        elif match[5]:
            colour = int(match[5])
            if match[6]:
                palette[colour] = (int(match[6]), int(match[7]), int(match[8]))
                assert max(palette[colour]) <= 100, "percent"
        elif match[12]:
            x = 0
        elif match[13]:
            x, y = 0, y + 6
        else:
            count, char = (int(match[9]), match[10]) if match[9] else (1, match[11])
            assert x + count <= canvas.shape[1], "past the width that was announced"
            assert y + 6 <= canvas.shape[0], "past the height that was announced"
            _draw(canvas[y : y + 6, x : x + count], ord(char) - 63, palette[colour])
            x += count
    return canvas


def read_sixel(text: str) -> np.ndarray:
    """(rows, columns) percent of brightness of a grey picture; -1 where nothing was drawn."""
    colours = read_sixel_colours(text)
    assert (colours == colours[..., :1]).all(), "grey"
    return colours[..., 0]


def _draw(columns: np.ndarray, mask: int, colour: tuple[int, int, int]) -> None:
    for bit in range(6):
        if mask >> bit & 1:
            columns[bit] = colour
