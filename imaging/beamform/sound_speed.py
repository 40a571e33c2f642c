"""Which sound speed a tissue has: the one at which the elements agree most on the echoes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from imaging.beamform.coherence import coherence_factor
from imaging.beamform.das import Beamformer
from imaging.errors import CannotImage

CANDIDATES_M_S = tuple(range(1400, 1681, 20))


def agreement(beamformer: Beamformer) -> float:
    """Mean coherence factor, each point counting by its power: 0 to 1, highest in focus."""
    power = np.square(beamformer.envelope.astype(np.float64))
    total = float(power.sum())
    return float((power * coherence_factor(beamformer)).sum()) / total if total > 0 else 0.0


def best_sound_speed(
    plan: Callable[[float], Beamformer], samples: NDArray[np.int16], candidates_m_s: Sequence[float] = CANDIDATES_M_S
) -> float:
    """Sound speed in m/s at which ``agreement`` is highest, between candidates by a parabola.

    Criterion: coherence of the aperture as a measure of focus, as by Yoon et al., Ultrasonics 51(7):795, 2011, with
    Mallart and Fink's factor in place of phase variance.

    Args:
        plan: Makes a beamformer with coherence for a sound speed; its points no coarser than a quarter wavelength, else
            what counts is which echo happens to lie on a point.
        samples: (waves, elements, samples) with echoes from several depths.
        candidates_m_s: Rising, equally spaced, at least three.

    Raises:
        CannotImage: The data does not fit the plan, or the answer lies outside the candidates.
    """
    steps = np.diff(candidates_m_s)
    if len(candidates_m_s) < 3 or steps[0] <= 0 or not np.allclose(steps, steps[0]):
        raise CannotImage("A search needs three sound speeds or more, equally spaced", "Correct the list.")
    found = []
    for candidate in candidates_m_s:
        beamformer = plan(candidate)
        if not beamformer.run(samples):
            raise CannotImage("The data is not of the planned shape", "Correct the description of the data.")
        found.append(agreement(beamformer))
    best = int(np.argmax(found))
    if best in (0, len(found) - 1):
        raise CannotImage(
            f"No sound speed from {candidates_m_s[0]:g} to {candidates_m_s[-1]:g} m/s is better than its neighbours",
            "Image something with distinct echoes, or widen the search.",
        )
    before, at, after = found[best - 1 : best + 2]
    return float(candidates_m_s[best] + steps[0] * 0.5 * (before - after) / (before - 2 * at + after))
