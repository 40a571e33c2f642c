"""Where the log is written: two small files in the home, by a thread of their own that nobody waits for.

What cannot be written, for a full disk or a missing permission, is lost, and nothing else is.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from logging.handlers import QueueHandler, QueueListener, RotatingFileHandler
from pathlib import Path
from queue import SimpleQueue
from time import gmtime
from typing import IO, Any

from clinic.log import LOG, defect
from records.files import make_folder

FILE = "sauti.log"
LARGEST_BYTES = 1 << 20
_LONGEST_LINE = 2000
_MOST_EARLY_LINES = 100


@contextmanager
def logging_to(folder: Path) -> Iterator[None]:
    """Write what is said meanwhile to ``sauti.log`` in a folder of the home, which is made if it is new; never raises.

    A home that is not there is not made: what a refused command said before there was one is not kept.
    """
    lines: SimpleQueue[Any] = SimpleQueue()
    said, file = QueueHandler(lines), _File(folder)
    writer = QueueListener(lines, file)
    writer.start()
    LOG.addHandler(said)
    last_resort = threading.excepthook

    def note_and_show(last: threading.ExceptHookArgs) -> None:
        if last.exc_value is not None:
            defect(f"thread {last.thread.name if last.thread else 'unknown'}", last.exc_value)
        last_resort(last)

    threading.excepthook = note_and_show
    try:
        yield
    finally:
        threading.excepthook = last_resort
        LOG.removeHandler(said)
        writer.stop()
        file.close()


class _Lines(logging.Formatter):
    """One line each, the time in UTC; what a probe says of itself cannot make another line of it."""

    converter = staticmethod(gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)[:_LONGEST_LINE]
        return "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in line)


class _File(RotatingFileHandler):
    """The file and the one before it, for their owner only. An error costs the line."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / FILE, maxBytes=LARGEST_BYTES, backupCount=1, encoding="utf-8", delay=True)
        self._folder = folder
        self._early: deque[logging.LogRecord] = deque(maxlen=_MOST_EARLY_LINES)
        self.setFormatter(_Lines())

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line, behind those that came before there was a home."""
        self._early.append(record)
        if self.stream is not None or self._folder.parent.is_dir():
            while self._early:
                super().emit(self._early.popleft())

    def _open(self) -> Any:  # noqa: ANN401  (a text file)
        make_folder(self._folder)
        file: IO[str] = open(  # noqa: SIM115  (the handler closes it)
            self.baseFilename, "a", encoding="utf-8", errors="backslashreplace", opener=_owners_alone
        )
        return file

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  (logging's name)
        """Let go of the file: what it did not take would wait in memory, and be tried again with each line."""
        stream, self.stream = self.stream, None
        if stream is not None:
            with suppress(OSError, ValueError):
                stream.close()

    def close(self) -> None:
        """Close the file, whatever it still holds back."""
        with suppress(OSError, ValueError):
            super().close()


def _owners_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
