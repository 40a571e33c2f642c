"""Output: the way to the terminal beside Textual's compositor. Textual's driver is used here alone.

The driver hands text to a thread that waits for the terminal, through a queue of 30 whose ``put`` blocks. A terminal
that takes nothing (stopped by Ctrl+S, a dead line) would therefore stop the application; whoever paints asks first.
"""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.geometry import Size

from clinic.terminal.capabilities import cell_px_by_window

_FEW = 3


class Output:
    """The terminal of one application.

    Args:
        app: Whose driver it is; it may not run yet, or no more.
    """

    def __init__(self, app: App[Any]) -> None:
        self._app = app

    @property
    def size(self) -> Size:
        """Of the terminal, in cells."""
        return self._app.size

    @property
    def truecolor(self) -> bool:
        """Whether text may have any colour."""
        return self._app.console.color_system == "truecolor"

    def free(self) -> bool:
        """Whether something may be written now without waiting: the application has the terminal, which takes text."""
        driver = self._app._driver  # noqa: SLF001
        if driver is None:
            return False
        if not hasattr(driver, "_writer_thread"):  # a test's driver without a terminal
            return True
        thread = driver._writer_thread  # noqa: SLF001
        return thread is not None and thread._queue.qsize() < _FEW  # noqa: SLF001

    def write(self, text: str) -> None:
        """Send one atomic piece; ask ``free`` first."""
        driver = self._app._driver  # noqa: SLF001
        if driver is not None:
            driver.write(text)

    def cell_px(self) -> tuple[int, int] | None:
        """Width and height of a cell by the window's pixels as they are now; None where that is not told."""
        fd = getattr(self._app._driver, "fileno", None)  # noqa: SLF001
        return cell_px_by_window(fd) if isinstance(fd, int) else None
