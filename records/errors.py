"""Everything that can go wrong with the record.

    RecordsError
    +-- NotFound          no such patient, exam or blob (also LookupError)
    +-- WrongPassphrase   the vault did not open (also PermissionError)
    +-- HomeInUse         another process writes to this home (also BlockingIOError)
    +-- NotWritable       no permission, read-only or full disk (also OSError)
    +-- Damaged           stored bytes fail their check: journal, vault or blob
    +-- Invalid           a value that the record must not take (also ValueError)

``title`` and ``advice`` are what the nurse is told; ``str(error)`` is both, as one line.
"""


class RecordsError(Exception):
    """Root of the package's errors.

    Args:
        title: What happened, as a short sentence without a full stop.
        advice: What the person in front of the screen can do about it.
    """

    def __init__(self, title: str, advice: str = "") -> None:
        super().__init__(f"{title}. {advice}".strip() if advice else f"{title}.")
        self.title = title
        self.advice = advice


class NotFound(RecordsError, LookupError):
    """No record of that id."""


class WrongPassphrase(RecordsError, PermissionError):
    """The vault stayed shut."""


class HomeInUse(RecordsError, BlockingIOError):
    """A second writer; two would fork the journal's chain."""


class NotWritable(RecordsError, OSError):
    """The home cannot be written: permission, read-only or full."""


class Damaged(RecordsError):
    """Stored bytes do not match their digest, signature or form."""


class Invalid(RecordsError, ValueError):
    """The record refuses the value; nothing was changed."""
