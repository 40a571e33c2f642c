"""How good an image is, as numbers with a published definition: widths of points, contrast of regions, speckle.

Amplitudes are linear envelopes and regions are their values in any order, unless a name says decibel. A number means
little without its variant: write the function's name and its arguments beside it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from imaging.errors import CannotMeasure

Floats = NDArray[np.floating]
BINS = 256


def half_width(amplitude: Floats, spacing: float) -> float:
    """Full width at half of the largest amplitude (-6 dB), between samples by a straight line.

    Width of a point as the PICMUS challenge measures it (Liebgott et al., IEEE IUS 2016).

    Args:
        amplitude: (n,) profile through a point, n at least 3.
        spacing: From one sample to the next; the result has its unit.

    Raises:
        CannotMeasure: The profile does not fall to its half on both sides.
    """
    values = np.asarray(amplitude, dtype=np.float64)
    peak = int(np.argmax(values)) if values.size else 0
    if values.size < 3 or not values[peak] > 0:
        raise CannotMeasure("There is no peak to measure", "Choose a window round a point.")
    half = values[peak] / 2
    below = np.flatnonzero(values < half)
    left, right = below[below < peak], below[below > peak]
    if not left.size or not right.size:
        raise CannotMeasure("The peak does not fall to its half inside the window", "Choose a wider window.")
    start = left[-1] + _crossing(values[left[-1]], values[left[-1] + 1], half)
    stop = right[0] - _crossing(values[right[0]], values[right[0] - 1], half)
    return float((stop - start) * spacing)


def peak_place(amplitude: Floats) -> tuple[float, ...]:
    """Where the largest value lies, in samples with fraction: a parabola through it and its neighbours on each axis.

    Raises:
        CannotMeasure: It lies on the window's rim.
    """
    values = np.asarray(amplitude, dtype=np.float64)
    place = np.unravel_index(int(np.argmax(values)), values.shape)
    out = []
    for axis, at in enumerate(place):
        if not 0 < at < values.shape[axis] - 1:
            raise CannotMeasure("The peak lies on the rim of the window", "Choose a wider window.")
        before, middle, after = (values[(*place[:axis], at + step, *place[axis + 1 :])] for step in (-1, 0, 1))
        bend = before - 2 * middle + after
        out.append(float(at + (0.5 * (before - after) / bend if bend else 0.0)))
    return tuple(out)


def contrast_db(inside: Floats, outside: Floats) -> float:
    """CR: ``20 log10(mean inside / mean outside)`` (Smith et al., IEEE Trans. Sonics Ultrason. 30(3):164, 1983)."""
    one, other = _region(inside).mean(), _region(outside).mean()
    if not (one > 0 and other > 0):
        raise CannotMeasure("Without any amplitude there is no contrast", "Choose regions with echoes.")
    return float(20 * np.log10(one / other))


def contrast_to_noise(inside: Floats, outside: Floats) -> float:
    """CNR: difference of the means over the root mean square of the two deviations.

    ``|m_i - m_o| / sqrt((s_i**2 + s_o**2) / 2)``; ``20 log10`` of it is what ultraspy and zea report. Patterson and
    Foster (Ultrason. Imaging 5(3):195, 1983) have the sum in place of the mean of the variances.
    """
    one, other = _region(inside), _region(outside)
    return float(abs(one.mean() - other.mean()) / _deviation((one.var() + other.var()) / 2))


def gcnr(inside: Floats, outside: Floats, bins: int = BINS) -> float:
    """Generalised CNR: 1 less the overlap of two histograms with the same bins, 0 (same) to 1 (apart).

    Rodriguez-Molares et al., IEEE Trans. UFFC 67(4):745, 2020, equation 19. The scale and the bins change the number:
    take decibels and 256 bins, and state both. ultrasound-metrics takes 100 bins.
    """
    one, other = _region(inside), _region(outside)
    span = (min(one.min(), other.min()), max(one.max(), other.max()))
    if span[0] == span[1]:
        return 0.0
    shares = [np.histogram(region, bins, span)[0] / region.size for region in (one, other)]
    return float(1 - np.minimum(*shares).sum())


def gcnr_of_threshold(inside: Floats, outside: Floats) -> float:
    """Generalised CNR by its meaning: ``2 P - 1``, P the best success of a reader with one threshold.

    The same paper's equation 17. It needs no bins and no scale; where each value speaks for one region by more the
    further it goes, it equals the overlap's, and is lower otherwise.
    """
    one, other = np.sort(_region(inside)), np.sort(_region(outside))
    every = np.concatenate([one, other])
    below = [np.searchsorted(region, every, side="right") / region.size for region in (one, other)]
    return float(np.abs(below[0] - below[1]).max())


def speckle_snr(envelope: Floats) -> float:
    """Mean over deviation of an even region: 1.91 for fully developed speckle.

    Burckhardt, IEEE Trans. Sonics Ultrason. 25(1):1, 1978; Rayleigh's mean over deviation is ``sqrt(pi / (4 - pi))``.
    """
    region = _region(envelope)
    return float(region.mean() / _deviation(region.var()))


def _crossing(low: float, high: float, level: float) -> float:
    """Part of the way from a value below a level to its neighbour above."""
    return float((level - low) / (high - low))


def _deviation(variance: float) -> float:
    if not variance > 0:
        raise CannotMeasure("The region holds one value only", "Choose a region with speckle.")
    return float(np.sqrt(variance))


def _region(values: Floats) -> NDArray[np.float64]:
    region = np.asarray(values, dtype=np.float64).ravel()
    if region.size < 2 or not np.isfinite(region).all():
        raise CannotMeasure("A region needs two values or more, all of them numbers", "Choose a larger region.")
    return region
