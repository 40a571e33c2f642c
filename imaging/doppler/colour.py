"""Colour and power Doppler: mean velocity and power of what moves, by lag-one autocorrelation.

Kasai, Namekawa, Koyano and Omoto, IEEE Trans. Sonics Ultrason. 32(3):458, 1985. Velocities are positive towards the
probe, and fold over beyond ``nyquist_m_s``.
"""

from __future__ import annotations

from concurrent.futures import Executor, wait
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging import compiled, scratch
from imaging.doppler.wall import MEAN, Wall
from imaging.errors import CannotImage

FEWEST_PULSES = 4


class ColourDoppler:
    """A plan for ensembles of one size; it owns its buffers, and a thread uses it alone.

    Args:
        pulses: In an ensemble, at least 4.
        rows, columns: Points of each pulse's image.
        pulse_rate_hz: Pulses per second at one place.
        centre_hz: Of the pulse.
        sound_speed_m_s: Of the tissue.
        wall: Takes out what stands still.
        executor: Runs ``parts`` row ranges at the same time; the result does not depend on it.
        parts: Number of row ranges.
        kernels: Compiled kernels, when not the best ones of this installation.

    Raises:
        CannotImage: There are too few pulses.
        NoKernels: Kernels are missing from this installation.
    """

    def __init__(
        self,
        pulses: int,
        rows: int,
        columns: int,
        pulse_rate_hz: float,
        centre_hz: float,
        sound_speed_m_s: float,
        wall: Wall = MEAN,
        *,
        executor: Executor | None = None,
        parts: int = 1,
        kernels: compiled.Kernels | None = None,
    ) -> None:
        if pulses < FEWEST_PULSES:
            raise CannotImage(f"{pulses} pulses show no motion", f"Colour needs {FEWEST_PULSES} or more at one place.")
        self._wall, self._executor, self._parts = wall, executor, max(1, parts) if executor else 1
        self._nyquist = sound_speed_m_s * pulse_rate_hz / (4 * centre_hz)
        self._basis = np.zeros((2 * wall.courses(pulses), pulses), np.float32)
        self.ensemble = np.zeros((2 * pulses, rows * columns), np.float32)
        self._gram = np.zeros((2 * pulses, 2 * pulses), np.float32)
        self.power = np.zeros((rows, columns), np.float32)
        self._lag = np.zeros((rows, 2 * columns), np.float32)
        self.velocity_m_s = np.zeros((rows, columns), np.float32)
        if not wall.looks:
            self._choose(None)
        ready = kernels or compiled.kernels()
        self._runs = [
            ready.bind(
                "correlate_ensemble", self._basis, scratch.zeros((2, columns), np.float32),
                scratch.zeros((2 * pulses, columns), np.float32), self.power, self._lag,
            )
            for _ in range(self._parts)
        ]  # fmt: skip

    @property
    def nyquist_m_s(self) -> float:
        """Velocity at which the phase turns by half a circle from pulse to pulse."""
        return self._nyquist

    @property
    def pulses(self) -> int:
        return len(self.ensemble) // 2

    def put(self, pulse: int, image: NDArray[Any]) -> bool:
        """Take one pulse's image: complex (rows, columns), or real then imaginary parts as ``Beamformer.image``.

        False, and nothing changed, where it is of another size or there is no such pulse.
        """
        rows, columns = self.power.shape
        if not 0 <= pulse < self.pulses:
            return False
        real, imaginary = (self.ensemble[2 * pulse + part].reshape(rows, columns) for part in (0, 1))
        if image.shape == (rows, columns) and np.iscomplexobj(image):
            real[:], imaginary[:] = image.real, image.imag
        elif image.shape == (rows, 2 * columns):
            real[:], imaginary[:] = image[:, :columns], image[:, columns:]
        else:
            return False
        return True

    def run(self) -> None:
        """Fill ``velocity_m_s`` and ``power`` from the ensemble."""
        if self._wall.looks:
            np.matmul(self.ensemble, self.ensemble.T, out=self._gram)
            gram = self._gram.astype(np.float64)
            real = gram[::2, ::2] + gram[1::2, 1::2]
            self._choose(real + 1j * (gram[1::2, ::2] - gram[::2, 1::2]))
        self._correlate()
        columns = self.power.shape[1]
        np.arctan2(self._lag[:, columns:], self._lag[:, :columns], out=self.velocity_m_s)
        self.velocity_m_s *= np.float32(self._nyquist / np.pi)

    def spread_m_s(self) -> NDArray[np.float32]:
        """(rows, columns) deviation of the velocities at a point: how far the correlation falls short of the power.

        Jensen, Estimation of Blood Velocities Using Ultrasound, 1996, equation 7.48. A new array.
        """
        columns = self.power.shape[1]
        share = np.zeros_like(self.power)
        np.divide(np.hypot(self._lag[:, :columns], self._lag[:, columns:]), self.power, out=share, where=self.power > 0)
        variance = 2 * (self._nyquist / np.pi) ** 2 * np.maximum(1 - share, 0)
        return np.asarray(np.sqrt(variance), dtype=np.float32)

    def _choose(self, covariance: NDArray[np.complex128] | None) -> None:
        basis = self._wall.basis(covariance, self.pulses)
        self._basis[::2], self._basis[1::2] = basis.real, basis.imag

    def _correlate(self) -> None:
        rows, parts = len(self.power), self._parts
        if self._executor is None or parts == 1:
            self._runs[0](self.ensemble, 0, rows)
            return
        ends = [rows * part // parts for part in range(parts + 1)]
        waiting = [
            self._executor.submit(self._runs[part], self.ensemble, ends[part], ends[part + 1]) for part in range(parts)
        ]
        wait(waiting)
        for future in waiting:
            future.result()
