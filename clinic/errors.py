"""What can go wrong in the workstation itself; probe, imaging and records have their own roots.

    ClinicError
    +-- BadRequest    an argument or a file from outside that cannot be used (also ValueError)
    +-- OutOfOrder    a verb that the exam's or the probe's state does not allow (also RuntimeError)
    +-- NoPicture     the probe gave no usable picture in time (also TimeoutError)
    +-- Stopped       the thread that should do the work has ended

``title`` and ``advice`` are what the nurse is told; ``str(error)`` is both, as one line.
"""

from __future__ import annotations


class ClinicError(Exception):
    """Root of the package's errors.

    Args:
        title: What happened, as a short sentence without a full stop.
        advice: What the person in front of the screen can do about it.
    """

    def __init__(self, title: str, advice: str = "") -> None:
        super().__init__(f"{title}. {advice}".strip() if advice else f"{title}.")
        self.title = title
        self.advice = advice


class BadRequest(ClinicError, ValueError):
    """An argument or a file from outside cannot be used; nothing was changed."""


class OutOfOrder(ClinicError, RuntimeError):
    """The state of the exam or the probe does not allow this now."""


class NoPicture(ClinicError, TimeoutError):
    """The probe gave no usable picture in time."""


class Stopped(ClinicError):
    """The thread that should do the work has ended; the reason is its cause."""
