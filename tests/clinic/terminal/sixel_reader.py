"""A sixel decoder of the tests' own, written from the format's description and not from the encoder."""

from __future__ import annotations

import re

import numpy as np

_TOKEN = re.compile(r'"(\d+);(\d+);(\d+);(\d+)|#(\d+)(?:;2;(\d+);(\d+);(\d+))?|!(\d+)([?-~])|([?-~])|(\$)|(-)')


def read_sixel(text: str) -> np.ndarray:
    """(rows, columns) percent of brightness; -1 where nothing was drawn."""
    assert text.startswith("\x1bP0;0;0q")
    assert text.endswith("\x1b\\")
    body, at, x, y, colour = text[8:-2], 0, 0, 0, 0
    palette: dict[int, int] = {}
    canvas = np.full((0, 0), -1)
    while at < len(body):
        match = _TOKEN.match(body, at)
        assert match, f"unreadable at {at}: {body[at : at + 20]!r}"
        at = match.end()
        if match[3]:
            canvas = np.full((int(match[4]), int(match[3])), -1)
        elif match[5]:
            colour = int(match[5])
            if match[6]:
                assert match[6] == match[7] == match[8], "grey"
                palette[colour] = int(match[6])
        elif match[12]:
            x = 0
        elif match[13]:
            x, y = 0, y + 6
        else:
            count, char = (int(match[9]), match[10]) if match[9] else (1, match[11])
            _draw(canvas[y : y + 6, x : x + count], ord(char) - 63, palette[colour])
            x += count
    return canvas


def _draw(columns: np.ndarray, mask: int, brightness: int) -> None:
    for bit in range(6):
        if mask >> bit & 1:
            columns[bit] = brightness
