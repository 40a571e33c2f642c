"""Everything that can go wrong between a Frame and a stored picture.

    ImagingError
    +-- CannotImage      this frame, with this preset, makes no picture (also ValueError)
    +-- BadPreset        a preset is unknown or says what no preset may say (also ValueError)
    +-- NoPictureYet     a chain was asked for its picture before a frame went through (also LookupError)
    +-- DamagedPicture   archived frames or pixels fail their check (also ValueError)
    +-- CannotMeasure    a profile or region does not hold what its measure needs (also ValueError)
    +-- NoKernels        neither libraries nor a compiler can run the kernels (also RuntimeError)

``title`` and ``advice`` are what the nurse is told; ``str(error)`` is both, as one line.
"""


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


class CannotImage(ImagingError, ValueError):
    """The data cannot give the picture that was asked for."""


class BadPreset(ImagingError, ValueError):
    """No such preset, or one with an unknown key or an impossible value."""


class NoPictureYet(ImagingError, LookupError):
    """Nothing has been imaged so far."""


class DamagedPicture(ImagingError, ValueError):
    """Stored frames or pixels are not what was written."""


class CannotMeasure(ImagingError, ValueError):
    """The pixels do not hold what was to be measured."""


class NoKernels(ImagingError, RuntimeError):
    """The arithmetic of imaging is missing from this installation."""
