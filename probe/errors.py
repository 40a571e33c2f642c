"""Everything that can go wrong between a probe's bytes and a Frame.

    ProbeError
    +-- LinkUnavailable   nothing at the address, no permission, or in use (also OSError)
    +-- LinkLost          the other end went away while open (also ConnectionError)
    +-- ProbeTimeout      the device did not answer in its time (also TimeoutError)
    +-- ProbeRefused      the device, or its limits, said no to a request
    +-- NotUnderstood     the bytes are no protocol that this driver speaks
    +-- RecordingError    a recording is missing, truncated or of no known kind

``title`` and ``advice`` are what the nurse is told; ``str(error)`` is both, as one line.
"""


class ProbeError(Exception):
    """Root of the package's errors.

    Args:
        title: What happened, as a short sentence without a full stop.
        advice: What the person in front of the screen can do about it.
    """

    def __init__(self, title: str, advice: str = "") -> None:
        super().__init__(f"{title}. {advice}".strip() if advice else f"{title}.")
        self.title = title
        self.advice = advice


class LinkUnavailable(ProbeError, OSError):
    """The link could not be opened: absent, not permitted, or in use."""


class LinkLost(ProbeError, ConnectionError):
    """An open link ended: unplugged, closed by the other end, or an I/O error."""


class ProbeTimeout(ProbeError, TimeoutError):
    """The device stayed silent past the protocol's limit."""


class ProbeRefused(ProbeError):
    """The device answered with an error, or a request is outside its limits."""


class NotUnderstood(ProbeError):
    """What came over the link is not the protocol of the driver."""


class RecordingError(ProbeError):
    """A recording cannot be read as one: missing, truncated, or an unknown kind."""
