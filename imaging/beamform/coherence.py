"""Coherence factors: how much the elements agree on a point. Times the envelope, they darken what is not in focus.

Each needs a ``Beamformer`` with ``coherence=True`` (or one at free points) that has run. Over several waves the factor
is of all elements in all waves together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from imaging.beamform.das import Beamformer
from imaging.errors import CannotImage

Floats = NDArray[np.float32]


def coherence_factor(beamformer: Beamformer) -> Floats:
    """(rows, columns) 0 to 1: power of the sum over N times the sum of powers.

    Mallart and Fink, J. Acoust. Soc. Am. 96(6):3721, 1994; of weighted elements where the receive window has weights.

    Raises:
        CannotImage: The beamformer did not keep what this needs.
    """
    power, _ = _likeness(beamformer)
    columns = power.shape[1]
    summed = np.square(beamformer.image[:, :columns]) + np.square(beamformer.image[:, columns:])
    return _ratio(summed, beamformer.listening * power)


def sign_coherence_factor(beamformer: Beamformer, sharpness: float = 1.0) -> Floats:
    """(rows, columns) 0 to 1: ``(1 - sigma) ** sharpness``, sigma the spread of the elements' signs.

    Camacho, Parrilla and Fritsch, IEEE Trans. UFFC 56(5):958, 2009.

    Raises:
        CannotImage: The beamformer did not keep what this needs.
    """
    _, signs = _likeness(beamformer)
    mean = _ratio(signs, beamformer.listening)
    # the mean of squared signs is 1; no element heard anything where the sum of powers is 0
    factor = np.power(1 - np.sqrt(np.maximum(1 - np.square(mean), 0)), sharpness)
    return np.asarray(factor, dtype=np.float32)


def _likeness(beamformer: Beamformer) -> tuple[Floats, Floats]:
    if not beamformer.keeps_coherence:
        raise CannotImage("This beamformer keeps no coherence", "Plan it with coherence=True.")
    columns = beamformer.target.lines
    return beamformer.likeness[:, :columns], beamformer.likeness[:, columns:]


def _ratio(above: Floats, below: Floats) -> Floats:
    out = np.zeros_like(above)
    np.divide(above, below, out=out, where=below > 0)
    return out
