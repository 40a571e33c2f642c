"""The end that a shutdown or a closed window brings: what transmits is told to stop first, as after Ctrl-C.

Without this the process is simply gone, and a board without a watchdog goes on transmitting.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import threading
from asyncio import AbstractEventLoop
from collections.abc import Callable
from types import FrameType

# a closed window sends the second one; there is none on Windows
_NAMES = ("SIGTERM", "SIGHUP")
_PATIENCE_S = 10.0


def end_as_interrupted() -> None:
    """From now on these signals are what Ctrl-C is; main thread only. One that is ignored (nohup) stays so."""
    _on_end(_interrupt)


def end_in_the_loop(loop: AbstractEventLoop, leave: Callable[[], object], stop_probe: Callable[[], object]) -> None:
    """From now on these signals end a screen.

    A window that is closed ends it too where no signal comes: to a program that ``make`` started, none does.

    A terminal that is gone may hold a screen for ever where it writes to it. What is saved is on the disk by then, so
    the process ends all the same after some seconds.

    Args:
        loop: The screen's.
        leave: Called in it.
        stop_probe: Called in a thread of its own if the screen is still there then; it may have been stopped already.
    """

    def at_last(number: int) -> None:
        with contextlib.suppress(Exception):
            stop_probe()
        os._exit(128 + number)

    def end(number: int, frame: FrameType | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: it is ending anyway
            loop.call_soon_threadsafe(leave)
        guard = threading.Timer(_PATIENCE_S, at_last, (number,))
        guard.daemon = True
        guard.start()

    # not the loop's own handler: that one waits for the loop, and the loop may wait for the terminal
    with contextlib.suppress(ValueError):  # not the main thread
        _on_end(end)
        if hasattr(select, "poll") and os.isatty(0) and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            threading.Thread(target=_when_hung_up, args=(0, end), name="terminal", daemon=True).start()


def _when_hung_up(terminal: int, end: Callable[[int, FrameType | None], None]) -> None:
    """Wait until nobody is at the other side of a terminal."""
    watched = select.poll()
    watched.register(terminal, 0)  # nothing to read: that it is gone is told without being asked for
    watched.poll()
    end(signal.SIGHUP, None)


def _on_end(handler: Callable[[int, FrameType | None], None]) -> None:
    for name in _NAMES:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
