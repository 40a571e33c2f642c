"""What a probe's signal processing makes of RF: analytic signal, envelope codes, IQ, and RF within its bits.

The definitions are those of docs/reference/eop1.md, Sample formats; a firmware may reach them by other means.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from probe.samples import CODINGS, Samples
from probe.settings import SampleFormat

A_LAW = 87.6
_FAINTEST = 1e-9


def analytic_signal(rf: NDArray[np.int16], rate_hz: int, centre_hz: int) -> NDArray[np.complex64]:
    """(lines, samples) of the RF's positive frequencies about the centre, doubled; the mean removed."""
    size = _fast_size(rf.shape[1])
    values = rf.astype(np.float32)
    spectrum = np.fft.rfft(values - values.mean(axis=1, keepdims=True), size, axis=1)
    frequency = np.fft.rfftfreq(size, 1 / rate_hz) / centre_hz
    rise, fall = (frequency - 0.3) / 0.25, (1.8 - frequency) / 0.25
    analytic = np.zeros((rf.shape[0], size), dtype=np.complex64)
    analytic[:, : spectrum.shape[1]] = spectrum * (2 * np.clip(np.minimum(rise, fall), 0, 1)).astype(np.float32)
    signal: NDArray[np.complex64] = np.fft.ifft(analytic, axis=1)[:, : rf.shape[1]].astype(np.complex64)
    return signal


def envelope(rf: NDArray[np.int16], rate_hz: int, centre_hz: int) -> NDArray[np.float32]:
    """(lines, samples) magnitude of the analytic signal, float32."""
    magnitude: NDArray[np.float32] = np.abs(analytic_signal(rf, rate_hz, centre_hz)).astype(np.float32)
    return magnitude


def envelope_codes(relative: NDArray[np.floating], format: SampleFormat, range_db: int) -> Samples:
    """Codes of an envelope over full scale; what is above full scale saturates."""
    x = np.maximum(relative, _FAINTEST)
    if format is SampleFormat.ENVELOPE_U8_LOG:
        codes = 255 + 20 * np.log10(x) * (254 / range_db)
    elif format is SampleFormat.ENVELOPE_U8_ALAW:
        codes = 255 * a_law(np.minimum(x, 1.0))
    else:
        codes = relative * (65535 if format is SampleFormat.ENVELOPE_U16 else 255)
    return _rounded(codes, format)


def a_law(x: NDArray[np.floating]) -> NDArray[np.floating]:
    """0 to 1 from 0 to 1: linear below 1/A, logarithmic above (ITU-T G.711 without its sign and segments)."""
    above = np.log(A_LAW * np.maximum(x, 1 / A_LAW))
    compressed: NDArray[np.floating] = np.where(x < 1 / A_LAW, A_LAW * x, 1 + above) / (1 + np.log(A_LAW))
    return compressed


def iq_codes(baseband: NDArray[np.complexfloating], format: SampleFormat, full_scale: int) -> Samples:
    """(lines, samples, 2) of complex (lines, samples) in counts of the RF; in eight bits, full scale is 127."""
    scale = 127 / full_scale if format is SampleFormat.IQ_I8 else 1.0
    return _rounded(scale * np.stack([baseband.real, baseband.imag], axis=2), format)


def clipped_rf(rf: NDArray[np.int16], format: SampleFormat) -> Samples:
    """RF in counts; a packed format saturates at the ends of its bits."""
    bits = CODINGS[format].packed_bits
    if not bits:
        return rf
    limit = 1 << (bits - 1)
    clipped: NDArray[np.int16] = np.clip(rf, -limit, limit - 1)
    return clipped


def _rounded(codes: NDArray[np.floating], format: SampleFormat) -> Samples:
    kind = CODINGS[format].dtype
    limits = np.iinfo(kind)
    rounded: Samples = np.clip(np.rint(codes), limits.min, limits.max).astype(kind)
    return rounded


def _fast_size(least: int) -> int:
    """The next length of small prime factors, which a Fourier transform does quickly."""
    size = least
    while True:
        rest = size
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return size
        size += 1
