"""Where the nurse was: the exam and the step on the screen, so that after a power cut she goes on there.

A small file beside the records. It names an exam by its id and says nothing about anybody; without it, or with a
damaged one, the work goes on from the list of unfinished exams.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum

from records.files import write_durably
from records.home import Home


class Step(Enum):
    """A screen of an exam."""

    SCAN = "scan"
    SUMMARY = "summary"
    READ_BACK = "read_back"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Bookmark:
    """An exam of a store (``clinic`` or ``practice``), and where in it somebody was."""

    store: str
    exam: str
    step: Step


def read_bookmark(home: Home) -> Bookmark | None:
    """The last one written, or None; never raises for what the file holds."""
    try:
        content = json.loads(home.bookmark.read_text(encoding="utf-8"))
        return Bookmark(str(content["store"]), str(content["exam"]), Step(content["step"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_bookmark(home: Home, bookmark: Bookmark | None) -> None:
    """Remember, or with None forget.

    Raises:
        NotWritable: The home cannot be written.
    """
    if bookmark is None:
        home.bookmark.unlink(missing_ok=True)
        return
    content = {"store": bookmark.store, "exam": bookmark.exam, "step": bookmark.step.value}
    write_durably(home.bookmark, (json.dumps(content) + "\n").encode())
