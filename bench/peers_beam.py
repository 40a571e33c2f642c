"""The peers' delay and sum: int16 channel data to the same 256 x 256 envelope, each as its own documentation has it.

Set-up is not timed, but told; all that a frame needs is. Each is told the same centre, speed, points and f-number; what
a peer does beside that (its own low-pass, its own rule for the aperture's rim) is its own.
"""

from __future__ import annotations

import channels
import kept_code
import numpy as np
import pymust
from numpy.typing import NDArray
from scipy.signal import hilbert
from ustb.midprocess._das_kernel import das_kernel

with kept_code.kept():
    import ultraspy.scan
    from ultraspy.beamformers.das import DelayAndSum
    from ultraspy.cpu.signal import rf2iq

Envelope = NDArray[np.float32]


def points_m() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(columns,) x and (rows,) z of the image."""
    x, z = channels.lines().points_m()
    return x[0], z[:, 0]


class PyMust:
    """``rf2iq``, then the sparse matrix that ``dasmtx`` made (MATLAB-like interface, columns are channels)."""

    def __init__(self) -> None:
        x, z = np.meshgrid(*points_m())
        self._param = pymust.utils.Param()
        values = {
            "fs": channels.RATE_HZ, "fc": channels.CENTRE_HZ, "c": channels.SOUND_SPEED_M_S,
            "pitch": channels.PITCH_MM / 1000, "Nelements": channels.ELEMENTS, "radius": np.inf, "bandwidth": 100,
            "width": 0.9 * channels.PITCH_MM / 1000, "fnumber": channels.F_NUMBER,
            "TXdelay": np.zeros((1, channels.ELEMENTS)), "t0": np.zeros((1, 1)),
        }  # fmt: skip
        for name, value in values.items():
            setattr(self._param, name, value)
        shape = 1j * np.array([channels.SAMPLES, channels.ELEMENTS])
        self.matrix = pymust.dasmtx(shape, x, z, self._param.TXdelay, self._param, "linear")
        self._shape = x.shape

    def envelope(self, samples: NDArray[np.int16]) -> Envelope:
        iq = pymust.rf2iq(samples[0].T.astype(np.float64), self._param)
        iq = iq[0] if isinstance(iq, tuple) else iq
        return np.abs(self.matrix @ iq.flatten(order="F")).reshape(self._shape, order="F")


class UltraSpy:
    """``rf2iq`` and ``DelayAndSum`` on the processor."""

    def __init__(self) -> None:
        x, z = points_m()
        self._scan = ultraspy.scan.GridScan(x, z, on_gpu=False)
        self._das = DelayAndSum(is_iq=True, on_gpu=False)
        steps = channels.APERTURE.element_steps() * channels.PITCH_MM / 1000
        probe = np.stack([steps, np.zeros_like(steps), np.zeros_like(steps)])[:, None, :]
        setups = {
            "emitted_probe": probe, "received_probe": probe, "emitted_thetas": np.zeros((1, channels.ELEMENTS)),
            "received_thetas": np.zeros((1, channels.ELEMENTS)), "delays": np.zeros((1, channels.ELEMENTS)),
            "transmissions_idx": np.array([0]), "sound_speed": channels.SOUND_SPEED_M_S,
            "f_number": [channels.F_NUMBER], "t0": 0.0, "signal_duration": 0.0, "sampling_freq": channels.RATE_HZ,
            "central_freq": channels.CENTRE_HZ, "bandwidth": 100.0,
        }  # fmt: skip
        for name, value in setups.items():
            self._das.update_setup(name, value)
        self._das.update_option("emitted_aperture", False)
        self._das.update_option("fix_t0", False)

    def envelope(self, samples: NDArray[np.int16]) -> Envelope:
        iq = rf2iq(samples.astype(np.float64), channels.CENTRE_HZ, channels.RATE_HZ, 0.0, bandwidth=100)
        image = self._das.beamform(iq.astype(np.complex64), self._scan)
        return np.abs(image).T


class Ustb:
    """Analytic signal by ``hilbert``, as its ``DAS.go`` makes it, and its compiled kernel with delays made before."""

    def __init__(self) -> None:
        x, z = (part.ravel() for part in np.meshgrid(*points_m()))
        elements = channels.APERTURE.element_steps() * channels.PITCH_MM / 1000
        across = np.abs(x[:, None] - elements)
        self._receive = (np.hypot(across, z[:, None]) / channels.SOUND_SPEED_M_S).astype(np.float32)
        self._transmit = (z[:, None] / channels.SOUND_SPEED_M_S).astype(np.float32)
        self._apodization = (across * 2 * channels.F_NUMBER <= z[:, None] * (1 + 1e-9)).astype(np.float32)
        self._ones = np.ones((len(x), 1), np.float32)
        self._image = np.zeros((len(x), 1, 1, 1), np.complex64)

    def envelope(self, samples: NDArray[np.int16]) -> Envelope:
        data = hilbert(samples[0].T.astype(np.float32), axis=0).astype(np.complex64)[:, :, None, None]
        self._image[:] = 0
        das_kernel(
            data, 0.0, 1 / channels.RATE_HZ, self._ones, self._apodization, self._transmit, self._receive, 0.0, 3,
            self._image,
        )  # fmt: skip
        return np.abs(self._image[:, 0, 0, 0]).reshape(channels.ROWS, channels.COLUMNS)
