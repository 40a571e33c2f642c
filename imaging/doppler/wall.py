"""Wall filters: the courses in slow time that tissue follows, orthonormal, for ``correlate_ensemble`` to subtract.

Each filter is a projection, so flow that shares no course with the tissue keeps its phase.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from imaging.errors import CannotImage

Complexes = NDArray[np.complex128]


class Wall(Protocol):
    """Chooses courses for an ensemble."""

    def courses(self, pulses: int) -> int:
        """How many courses it takes out of so many pulses.

        Raises:
            CannotImage: There are too few pulses.
        """

    def basis(self, covariance: Complexes | None, pulses: int) -> Complexes:
        """(courses, pulses) orthonormal rows; ``covariance`` is (pulses, pulses) for filters that look at the data."""

    @property
    def looks(self) -> bool:
        """Whether it needs the covariance."""


@dataclass(frozen=True, slots=True)
class Polynomial:
    """Regression: constant, line, parabola ... up to a degree (Bjaerum et al., IEEE Trans. UFFC 49(6):693, 2002).

    Args:
        degree: 0 takes out the mean only; -1 nothing.
    """

    degree: int = 0

    @property
    def looks(self) -> bool:
        return False

    def courses(self, pulses: int) -> int:
        return _enough(self.degree + 1, pulses)

    def basis(self, covariance: Complexes | None, pulses: int) -> Complexes:
        powers = np.vander(np.linspace(-1, 1, pulses), self.degree + 1, increasing=True)
        return np.asarray(np.linalg.qr(powers)[0].T, dtype=np.complex128)


@dataclass(frozen=True, slots=True)
class Svd:
    """The strongest courses of the data themselves (Demene et al., IEEE Trans. Med. Imaging 34(11):2271, 2015).

    Args:
        strongest: How many singular vectors are taken for tissue.
    """

    strongest: int = 1

    @property
    def looks(self) -> bool:
        return True

    def courses(self, pulses: int) -> int:
        return _enough(self.strongest, pulses)

    def basis(self, covariance: Complexes | None, pulses: int) -> Complexes:
        if covariance is None:
            raise CannotImage("This wall filter needs the data's covariance", "Use it through ColourDoppler.")
        _, vectors = np.linalg.eigh(covariance)
        return np.asarray(vectors[:, -self.strongest :].T, dtype=np.complex128)


MEAN = Polynomial(0)


def _enough(courses: int, pulses: int) -> int:
    if not 0 <= courses <= pulses - 2:
        raise CannotImage(
            f"{pulses} pulses are too few to take {courses} courses out of them", "Use more pulses or a weaker filter."
        )
    return courses
