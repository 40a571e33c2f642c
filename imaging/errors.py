"""What can go wrong between a Frame and a Picture. A bad frame in the live loop is a ``Status``, never an error.

    ImagingError
    +-- PresetError   a preset is unknown, or its file holds what no preset has (also ValueError)
    +-- Unplannable   no chain can be planned for this kind of data (also ValueError)
    +-- Unreadable    archived bytes fail their check (also ValueError)

``title`` and ``advice`` are what the nurse is told; ``str(error)`` is both, as one line.
"""

from __future__ import annotations


class ImagingError(Exception):
    """Root of the package's errors.

    Args:
        title: What happened, as a short sentence without a full stop.
        advice: What the person in front of the screen can do about it.
    """

    def __init__(self, title: str, advice: str = "") -> None:
        super().__init__(f"{title}. {advice}".strip() if advice else f"{title}.")
        self.title = title
        self.advice = advice


class PresetError(ImagingError, ValueError):
    """A preset is unknown, or its file holds what no preset has."""


class Unplannable(ImagingError, ValueError):
    """No chain can be planned for this kind of data."""


class Unreadable(ImagingError, ValueError):
    """Archived bytes fail their check."""
