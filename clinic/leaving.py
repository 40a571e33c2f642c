"""The end that a shutdown or a closed window brings: what transmits is told to stop first, as after Ctrl-C.

Without this the process is simply gone, and a board without a watchdog goes on transmitting.
"""

from __future__ import annotations

import contextlib
import signal
from asyncio import AbstractEventLoop
from collections.abc import Callable
from types import FrameType

# a closed window sends the second one; there is none on Windows
_NAMES = ("SIGTERM", "SIGHUP")


def end_as_interrupted() -> None:
    """From now on these signals are what Ctrl-C is; main thread only. One that is ignored (nohup) stays so."""
    for number in _signals():
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def end_in_the_loop(loop: AbstractEventLoop, leave: Callable[[], object]) -> None:
    """From now on these signals call ``leave`` in this loop."""
    for number in _signals():
        if signal.getsignal(number) is not signal.SIG_IGN:
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):  # Windows, or not the main thread
                loop.add_signal_handler(number, leave)


def _signals() -> list[signal.Signals]:
    return [signal.Signals[name] for name in _NAMES if name in signal.Signals.__members__]


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
