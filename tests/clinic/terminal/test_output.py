"""Nothing is written where it is not taken, and which of Textual's insides that stands on: upgrades fail here first."""

from __future__ import annotations

import asyncio
import inspect
import io
import os
import threading
import time
from queue import Queue

import pytest
from textual import events
from textual._compositor import Compositor
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers import _writer_thread
from textual.drivers.headless_driver import HeadlessDriver
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Region
from textual.widgets import Static

from clinic.terminal.image_view import Liveness
from clinic.terminal.output import Output
from clinic.terminal.refreshes import refreshes_of
from tests.clinic.terminal.stage import CELLS, SIXEL, Stage, StageApp, on_stage, picture


class StuckFile(io.StringIO):
    """A terminal that takes nothing until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()

    def write(self, text: str) -> int:
        self.let_go.wait(30)
        return super().write(text)


def test_a_terminal_that_takes_nothing_does_not_stop_the_application() -> None:
    async def play(stage: Stage) -> None:
        file = StuckFile()
        thread = _writer_thread.WriterThread(file)
        thread.start()
        driver = stage.app._driver
        driver._writer_thread = thread
        driver.write = thread.write
        started = time.monotonic()
        for step in range(400):
            stage.clock.now_ns = step * 100_000_000
            stage.view.show(picture(step % 3), Liveness.LIVE)
        assert time.monotonic() - started < 20, "no write waited"
        assert thread._queue.qsize() < 10
        assert not Output(stage.app).free()
        file.let_go.set()
        while thread._queue.qsize():
            await asyncio.sleep(0.01)
        assert Output(stage.app).free()
        stage.view.tick()
        thread.stop()
        assert 1 < file.getvalue().count("\x1bP") <= 6, "the last of them is painted by the tick"

    on_stage(SIXEL, (30, 10), play)


def test_nothing_is_written_while_the_application_has_no_terminal() -> None:
    async def play(stage: Stage) -> None:
        driver, stage.app._driver = stage.app._driver, None
        stage.view.show(picture(), Liveness.LIVE)
        assert not Output(stage.app).free()
        stage.app._driver = driver
        driver._writer_thread = None  # as between suspend and resume
        stage.view.show(picture(), Liveness.LIVE)
        assert not stage.written
        del driver._writer_thread
        stage.view.tick()
        assert len(stage.written) == 1

    on_stage(CELLS, (30, 10), play)


def test_the_drivers_insides() -> None:
    assert not hasattr(HeadlessDriver, "_writer_thread")
    assert "self._writer_thread: WriterThread | None = None" in inspect.getsource(LinuxDriver.__init__)
    assert "self.fileno = sys.__stdin__.fileno()" in inspect.getsource(LinuxDriver.__init__)
    thread = _writer_thread.WriterThread(io.StringIO())
    assert isinstance(thread._queue, Queue)
    assert thread._queue.maxsize > 10


@pytest.mark.parametrize("column", [2, 9, 17, 33])
def test_a_report_arrives_as_a_cursor_position(column: int) -> None:
    """Also those that look like function keys with modifiers, ``CSI 1;2 R`` being shifted F3 elsewhere."""
    parser = XTermParser()
    [event] = [token for token in parser.feed(f"\x1b[1;{column}R") if isinstance(token, events.CursorPosition)]
    assert (event.x + 1, event.y + 1) == (column, 1)


def test_the_compositors_insides() -> None:
    assert "render_partial_update" in inspect.getsource(Compositor.render_update)
    source = inspect.getsource(Compositor.render_partial_update)
    assert source.index("_dirty_regions.copy()") < source.index("_render_chops")


def test_who_is_touched_by_a_refresh() -> None:
    class Two(App[None]):
        CSS = "Static { height: 1; }"

        def compose(self):  # type: ignore[no-untyped-def]
            yield Static("a", id="a")
            yield Static("b", id="b")

    async def run() -> None:
        app = Two()
        async with app.run_test(size=(20, 4)) as pilot:
            await pilot.pause()
            refreshes = refreshes_of(app.screen)
            assert refreshes_of(app.screen) is refreshes
            seen: list[tuple[bool, bool]] = []
            b = app.query_one("#b")
            render_lines = b.render_lines

            def noting(crop: Region):  # type: ignore[no-untyped-def]
                seen.append((refreshes.touch(app.query_one("#a").region), refreshes.touch(b.region)))
                return render_lines(crop)

            b.render_lines = noting  # type: ignore[method-assign]
            app.query_one("#a", Static).update("x")
            await pilot.pause()
            assert set(seen) == {(True, False)}
            seen.clear()
            app.query_one("#b", Static).update("y")
            await pilot.pause()
            assert set(seen) == {(False, True)}
            app.screen.refresh()
            await pilot.pause()
            assert all(seen[-1]), "a full one touches all"
            assert refreshes.touch(Region(0, 0, 1, 1)), "and so does one that is not partial"

    asyncio.run(run())


def test_a_pseudo_terminal_has_no_pixels() -> None:
    app = StageApp(SIXEL, lambda: 0)
    assert Output(app).cell_px() is None
    assert not Output(app).free()
    master, terminal = os.openpty()

    class Driver:
        fileno = terminal

    app._driver = Driver()  # type: ignore[assignment]
    assert Output(app).cell_px() is None
    app._driver = None
    os.close(master)
    os.close(terminal)
