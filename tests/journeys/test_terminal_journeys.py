"""The workstation in real terminals: an exam in tmux, kill -9 at each step, and the real film in xterm to the pixel."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from clinic.access import Access
from clinic.exam import picture_of_image
from clinic.terminal.fit import plan_fit
from clinic.terminal.image_view import Liveness
from clinic.terminal.inks import COLOURS, Ink
from clinic.terminal.marks import draw_marks
from clinic.terminal.sixel import BAND_ROWS, grey_levels, shown_percent
from clinic.ui.widgets.live_pane import overlay_of
from records.blobs import Blobs
from records.errors import HomeInUse
from records.home import CLINIC, PRACTICE, Home
from records.model import ExamRecord
from records.queries import Queries
from records.vault import Vault
from tests.journeys.terminals import Tmux, Xterm, wait

StartTwin = Callable[..., tuple[str, subprocess.Popen[str]]]
PIN = "739154"


def open_vault(home: Home) -> Vault:
    """With the PIN, once the program that was ended has let the home go."""
    wait(lambda: _is_free(home), "the end of the program")
    with home.lock("test") as lock:
        access = Access(home, lock, home.device_key, os.urandom)
        return access.sign_in(access.operators()[0].operator_id, PIN)


def only_exam(home: Home, vault: Vault) -> tuple[ExamRecord, Blobs]:
    """The one exam of a home, from whichever store has it."""
    for name in (CLINIC, PRACTICE):
        paths = home.store(name)
        if paths.database.exists():
            queries = Queries(paths, vault)
            try:
                [exam] = queries.exams()
                return queries.exam(exam.id), Blobs(paths.blobs)
            finally:
                queries.close()
    raise AssertionError("there is no store")


def found_site(terminal: Tmux) -> None:
    terminal.until("Name of the clinic")
    for text, then in (("Kituo cha Afya", "Kituo"), ("Amina Juma", "Amina"), (PIN, "••••••")):
        terminal.line(text, then)
    terminal.line(PIN, "Write these six words")
    terminal.press("Enter")
    terminal.until("Nobody is here yet")


def to_live(terminal: Tmux) -> None:
    terminal.press("n")
    terminal.until("Number on the card")
    for text in ("ANC-0042", "Adébáyọ̀", "Àṣà", "1999-03-02", "F"):
        terminal.line(text, text)
    terminal.line("2026-05-01", "Start an exam")
    terminal.press("Enter")
    terminal.until(" LIVE · UNCALIBRATED", "Adébáyọ̀, Àṣà", "▀▀▀▀▀▀▀▀")


@pytest.fixture
def place(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_an_exam_in_tmux(place: Home) -> None:
    terminal = Tmux(place.path)
    try:
        found_site(terminal)
        to_live(terminal)
        terminal.press("Space")
        terminal.until("FROZEN", "frame ")
        terminal.press("c", "Up", "Enter", "k")
        terminal.until("Saved: picture and loop")
        terminal.press("Enter")
        terminal.until("Read back and sign", "1 measured")
        terminal.press("Enter")
        terminal.until("Read this aloud")
        terminal.press("Enter")
        terminal.until("Sign as Amina Juma")
        terminal.press("s")
        terminal.until("Signed and saved", "ANC-0042")
        terminal.press("Enter")
        terminal.until("No patient chosen", "Adébáyọ̀")
        terminal.press("q")
        wait(lambda: terminal.screen == "", "the end")
    finally:
        terminal.close()
    record, _ = only_exam(place, open_vault(place))
    assert record.exam.state == "signed"
    assert len(record.measurements) == 1


def test_kill_9_and_on_at_the_same_step(place: Home) -> None:
    """The power goes at every step; the program comes back there each time, with all that was saved."""
    steps = (
        (" LIVE · UNCALIBRATED", ("Space",), "FROZEN"),
        ("Taken up", ("Space", "k"), "Saved: picture and loop"),
        ("Kept: 1 picture", ("Enter",), "Read back and sign"),
        ("View 1, 0 measured", ("Enter",), "Read this aloud"),
        ("Read this aloud", ("Enter",), "Sign as Amina Juma"),
        ("Sign as Amina Juma", ("s",), "Signed and saved"),
        ("Page 1 of", (), "Ultrasound report"),
    )
    terminal = Tmux(place.path)
    try:
        found_site(terminal)
        to_live(terminal)
        for number, (seen, keys, then) in enumerate(steps):
            if number:
                terminal = Tmux(place.path)
                terminal.until("Who are you?")
                terminal.line(PIN, seen)
                terminal.until("Adébáyọ̀, Àṣà")
            if "Space" in keys:
                terminal.until(" LIVE · UNCALIBRATED")
            for key in keys:
                terminal.press(key)
                if key == "Space":
                    terminal.until("frame ")
            terminal.until(then)
            time.sleep(0.3)  # the bookmark is written behind the screen
            terminal.kill_9()
    finally:
        terminal.close()
    record, blobs = only_exam(place, open_vault(place))
    assert record.exam.state == "signed"
    assert sorted(image.kind for image in record.images) == ["loop", "still"]
    assert all(blobs.read(ref) for image in record.images for ref in image.blobs.values())


def test_the_real_film_in_xterm_to_the_pixel(place: Home, twin: StartTwin) -> None:
    """What is kept is what is on the glass: every pixel of the frozen picture, in the greys that sixel can show."""
    address, _ = twin()
    terminal = Xterm(place.path, "--probe", address)
    try:
        wait(lambda: (terminal.shot() > 60).sum() > 2000, "the first start")
        time.sleep(1)
        for text in ("Kituo cha Afya", "Amina Juma", PIN, PIN):
            terminal.line(text)
        time.sleep(0.5)
        terminal.press("Return")
        wait(lambda: _any_store(place), "the site")
        time.sleep(1)
        terminal.press("n")
        for text in ("ANC-0042", "Juma", "", "", "", ""):
            terminal.line(text)
        time.sleep(0.7)
        terminal.press("Return")
        wait(place.bookmark.exists, "the exam")
        wait(lambda: (terminal.shot()[26:494, :438] > 60).sum() > 20_000, "a picture")
        time.sleep(2)
        terminal.press("space")
        time.sleep(1.5)
        terminal.press("k")
        wait(lambda: _blobs(place) >= 4, "what is kept")
        time.sleep(1.5)
        shot = terminal.shot()
    finally:
        terminal.close()
    vault = open_vault(place)
    record, blobs = only_exam(place, vault)
    still = next(image for image in record.images if image.kind == "still")
    picture = picture_of_image(still, blobs.read(still.blobs["display"]))
    width, height = (100 - 27) * Xterm.CELL[0], (40 - 5) * Xterm.CELL[1] // BAND_ROWS * BAND_ROWS
    fit = plan_fit(picture.pixels.shape, (height, width))
    shades = np.rint(shown_percent(64) * 255 / 100).astype(int)
    wanted = np.repeat(shades[grey_levels(64)[fit.apply(picture.pixels)]][:, :, None], 3, axis=2)
    mask = draw_marks(overlay_of(picture, Liveness.FROZEN), fit)
    for ink in Ink:
        if ink is not Ink.NONE:
            wanted[mask == ink] = [round(round(part * 100 / 255) * 255 / 100) for part in COLOURS[ink]]
    top = 2 * Xterm.CELL[1]
    drawn = shot[top : top + height, :width].astype(int)
    assert int(np.abs(drawn - wanted).max()) <= 1


def _is_free(home: Home) -> bool:
    try:
        home.lock("test").release()
    except HomeInUse:
        return False
    return True


def _any_store(home: Home) -> bool:
    return any(home.store(name).database.exists() for name in (CLINIC, PRACTICE))


def _blobs(home: Home) -> int:
    return sum(1 for name in (CLINIC, PRACTICE) for path in home.store(name).blobs.glob("*/*") if path.is_file())
