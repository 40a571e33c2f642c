"""The peers' delay and sum: int16 channel data to the same points' envelope, each as its own documentation has it.

Set-up is not timed, but told; all that a frame needs is. Each is told the same centre, speed, points and f-number; what
a peer does beside that (its own low-pass, its own rule for the aperture's rim) is its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import kept_code
import numpy as np
import pymust
import rows  # noqa: F401  (before the packages: it makes them findable)
from numpy.typing import NDArray
from scipy.signal import hilbert
from ustb.midprocess._das_kernel import das_kernel

from imaging.beamform.lines import Lines
from imaging.beamform.sampling import ChannelSampling

with kept_code.kept():
    import ultraspy.scan
    from ultraspy.beamformers.das import DelayAndSum
    from ultraspy.cpu.signal import rf2iq

Envelope = NDArray[np.float32]
Complexes = NDArray[np.complexfloating]


@dataclass(frozen=True, slots=True)
class Scene:
    """What all are told: where the points are, and how one unsteered wave was received.

    Args:
        x_m, z_m: (columns,) and (rows,) of the image.
        elements_m: (elements,) x of the array's elements.
        sampling, sound_speed_m_s, f_number: As ours.
    """

    x_m: NDArray[np.float64]
    z_m: NDArray[np.float64]
    elements_m: NDArray[np.float64]
    sampling: ChannelSampling
    sound_speed_m_s: float
    f_number: float

    @classmethod
    def of(cls, lines: Lines, sampling: ChannelSampling, sound_speed_m_s: float, f_number: float) -> Scene:
        x, z = lines.points_m()
        elements = lines.aperture.element_steps() * lines.aperture.pitch_mm / 1000
        return cls(x[0], z[:, 0], elements, sampling, sound_speed_m_s, f_number)

    @property
    def first_s(self) -> float:
        return self.sampling.first_sample_s[0]


class PyMust:
    """``rf2iq``, then the sparse matrix that ``dasmtx`` made (MATLAB-like interface, columns are channels)."""

    def __init__(self, scene: Scene) -> None:
        x, z = np.meshgrid(scene.x_m, scene.z_m)
        sampling, count = scene.sampling, len(scene.elements_m)
        pitch = float(scene.elements_m[1] - scene.elements_m[0])
        self._param = pymust.utils.Param()
        values = {
            "fs": sampling.rate_hz, "fc": sampling.centre_hz, "c": scene.sound_speed_m_s, "pitch": pitch,
            "Nelements": count, "radius": np.inf, "bandwidth": sampling.bandwidth_percent, "width": 0.9 * pitch,
            "fnumber": scene.f_number, "TXdelay": np.zeros((1, count)), "t0": np.array([[scene.first_s]]),
        }  # fmt: skip
        for name, value in values.items():
            setattr(self._param, name, value)
        shape = 1j * np.array([sampling.samples, count])
        self.matrix = pymust.dasmtx(shape, x, z, self._param.TXdelay, self._param, "linear")
        self._shape = x.shape

    def image(self, samples: NDArray[np.int16]) -> Complexes:
        iq = pymust.rf2iq(samples[0].T.astype(np.float64), self._param)
        iq = iq[0] if isinstance(iq, tuple) else iq
        return (self.matrix @ iq.flatten(order="F")).reshape(self._shape, order="F")

    def envelope(self, samples: NDArray[np.int16]) -> Envelope:
        return np.abs(self.image(samples))


class UltraSpy:
    """``rf2iq`` and ``DelayAndSum`` on the processor."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._scan = ultraspy.scan.GridScan(scene.x_m, scene.z_m, on_gpu=False)
        self._das = DelayAndSum(is_iq=True, on_gpu=False)
        zeros = np.zeros((1, len(scene.elements_m)))
        probe = np.stack([scene.elements_m, zeros[0], zeros[0]])[:, None, :]
        setups = {
            "emitted_probe": probe, "received_probe": probe, "emitted_thetas": zeros, "received_thetas": zeros,
            "delays": zeros, "transmissions_idx": np.array([0]), "sound_speed": scene.sound_speed_m_s,
            "f_number": [scene.f_number], "t0": scene.first_s, "signal_duration": 0.0,
            "sampling_freq": scene.sampling.rate_hz, "central_freq": scene.sampling.centre_hz,
            "bandwidth": float(scene.sampling.bandwidth_percent),
        }  # fmt: skip
        for name, value in setups.items():
            self._das.update_setup(name, value)
        self._das.update_option("emitted_aperture", False)
        self._das.update_option("fix_t0", False)

    def envelope(self, samples: NDArray[np.int16]) -> Envelope:
        sampling = self._scene.sampling
        iq = rf2iq(
            samples.astype(np.float64), sampling.centre_hz, sampling.rate_hz, self._scene.first_s,
            bandwidth=sampling.bandwidth_percent,
        )  # fmt: skip
        return np.abs(self._das.beamform(iq.astype(np.complex64), self._scan)).T


class Ustb:
    """Analytic signal by ``hilbert``, as its ``DAS.go`` makes it, and its compiled kernel with delays made before."""

    def __init__(self, scene: Scene) -> None:
        x, z = (part.ravel() for part in np.meshgrid(scene.x_m, scene.z_m))
        across = np.abs(x[:, None] - scene.elements_m)
        self._scene = scene
        self._receive = (np.hypot(across, z[:, None]) / scene.sound_speed_m_s).astype(np.float32)
        self._transmit = (z[:, None] / scene.sound_speed_m_s).astype(np.float32)
        self._apodization = (across * 2 * scene.f_number <= z[:, None] * (1 + 1e-9)).astype(np.float32)
        self._ones = np.ones((len(x), 1), np.float32)
        self._image = np.zeros((len(x), 1, 1, 1), np.complex64)

    def envelope(self, samples: NDArray[np.int16]) -> Envelope:
        data = hilbert(samples[0].T.astype(np.float32), axis=0).astype(np.complex64)[:, :, None, None]
        self._image[:] = 0
        das_kernel(
            data, self._scene.first_s, 1 / self._scene.sampling.rate_hz, self._ones, self._apodization, self._transmit,
            self._receive, 0.0, 3, self._image,
        )  # fmt: skip
        return np.abs(self._image[:, 0, 0, 0]).reshape(len(self._scene.z_m), len(self._scene.x_m))


PEERS = (PyMust, UltraSpy, Ustb)
