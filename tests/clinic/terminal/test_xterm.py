"""A real terminal on a virtual screen: the frozen picture pixel for pixel, and not one blank look at a live one."""

from __future__ import annotations

import sys
import time

import numpy as np

from clinic.terminal.fit import plan_fit
from clinic.terminal.inks import COLOURS, Ink
from clinic.terminal.marks import draw_marks
from clinic.terminal.sixel import grey_levels, shown_percent
from tests.clinic.programs.show_pictures import MIDDLE, OVERLAY, SHAPE, picture
from tests.clinic.terminal.virtual_screen import virtual_screen, wait, xterm

CELL_PX = (6, 13)
VIEW = (39 * CELL_PX[1], 100 * CELL_PX[0])
DRAWN = (VIEW[0] // 6 * 6, VIEW[1])


def program(pictures: int) -> list[str]:
    return [sys.executable, "tests/clinic/programs/show_pictures.py", str(pictures)]


def of_percent(percent: np.ndarray) -> np.ndarray:
    """xterm's colour of a part in percent."""
    return (percent * 65535 // 100) >> 8


def expected() -> np.ndarray:
    """(rows, columns, 3) from the picture, the fit, the palette of 64 greys and the marks."""
    fit = plan_fit(SHAPE, DRAWN)
    greys = shown_percent(64)[grey_levels(64)[fit.apply(picture(99))]]
    wanted = np.repeat(of_percent(greys)[..., None], 3, axis=2)
    mask = draw_marks(OVERLAY, fit)
    for ink in Ink:
        if ink is not Ink.NONE:
            wanted[mask == ink] = of_percent(np.array([round(part / 2.55) for part in COLOURS[ink]]))
    return wanted


def test_a_frozen_picture_is_on_the_screen_pixel_for_pixel() -> None:
    """After live pictures that the terminal could not all draw; below the last band it is black."""
    with virtual_screen() as screen, xterm(screen, program(40), "-ti", "vt340"):
        wanted, place = expected(), (slice(DRAWN[0]), slice(DRAWN[1]))
        limit = time.monotonic() + 60
        while not np.array_equal(screen.shot(place), wanted) and time.monotonic() < limit:
            time.sleep(0.05)
        np.testing.assert_array_equal(screen.shot(place), wanted)
        assert not screen.shot((slice(DRAWN[0], VIEW[0]), slice(VIEW[1]))).any(), "below the last band"
        foot = (slice(VIEW[0], 40 * CELL_PX[1]), slice(VIEW[1]))
        wait(lambda: (screen.shot(foot) > 150).any())


def test_a_live_picture_never_blinks() -> None:
    """xterm knows no synchronized updates, and labels change all the time: white stays white, look after look."""
    fit = plan_fit(SHAPE, DRAWN)
    left, top = fit.place(MIDDLE[1].start + 2, MIDDLE[0].start + 2)
    right, bottom = fit.place(MIDDLE[1].stop - 3, MIDDLE[0].stop - 3)
    middle = (slice(round(top), round(bottom), 5), slice(round(left), round(right), 5))
    speckle = (slice(20, 30), slice(DRAWN[1] // 2 - 60, DRAWN[1] // 2 + 60))
    with virtual_screen() as screen, xterm(screen, program(0), "-ti", "vt340"):
        seen: set[bytes] = set()
        wait(lambda: seen.add(screen.shot(speckle).tobytes()) or len(seen) > 6)
        seen.clear()
        looks, blank, end = 0, 0, time.monotonic() + 2.5
        while time.monotonic() < end or (len(seen) < 4 and time.monotonic() < end + 30):
            looks += 1
            blank += not (screen.shot(middle) == 255).all()
            seen.add(screen.shot(speckle).tobytes())
            time.sleep(0.001)
        assert len(seen) >= 4, "it was live"
        assert blank == 0, f"{blank} of {looks} looks met something else than the picture"


def test_a_plain_xterm_shows_half_blocks_that_are_as_bright() -> None:
    """The same without sixel: cells painted beside the compositor."""
    with virtual_screen() as screen, xterm(screen, program(20)):
        middle = (slice(230, 270), slice(280, 320))
        corner = (slice(16, 480), slice(10, 60))
        wait(lambda: screen.shot(middle).min() > 240 and 30 < screen.shot(corner).mean() < 200)
