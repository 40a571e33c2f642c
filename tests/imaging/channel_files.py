"""The recorded channel data of others: how to read each file (its README says what is in it)."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from scipy.io import loadmat

from imaging.beamform.aperture import Aperture
from imaging.beamform.sampling import ChannelSampling
from imaging.beamform.wave import PlaneWave


@dataclass(frozen=True)
class Recorded:
    """(waves, elements, samples) int16 and its description."""

    samples: np.ndarray
    aperture: Aperture
    waves: list[PlaneWave]
    sampling: ChannelSampling
    sound_speed_m_s: float

    def only(self, wave: int) -> Recorded:
        """One of the waves."""
        sampling = dataclasses.replace(self.sampling, first_sample_s=(self.sampling.first_sample_s[wave],))
        return Recorded(
            self.samples[wave : wave + 1], self.aperture, [self.waves[wave]], sampling, self.sound_speed_m_s
        )


def points(folder: Path) -> Recorded:
    """Field II: point scatterers, three plane waves; the wave crosses the array's middle at time zero."""
    with h5py.File(folder / "pybf" / "rf_dataset.hdf5") as file:
        shots = [np.array(file[f"data/rf_data/frame_1/shot_{shot}"], np.int16) for shot in (1, 2, 3)]
        waves = [PlaneWave(float(angle)) for angle in np.ravel(file["data/tx_mode/PW_3_12"])]
        shift = float(np.ravel(file["data/correction_time_shift"])[0])
    sampling = ChannelSampling(shots[0].shape[1], 20_000_000, 5_208_300, (-shift,) * 3)
    return Recorded(np.stack(shots), Aperture(192, 0.23), waves, sampling, 1540.0)


def wires(folder: Path) -> Recorded:
    """Nylon wires, seven plane waves; time zero is when the first element fires."""
    file = loadmat(folder / "fkmig" / "RFdata1.mat", squeeze_me=True, struct_as_record=False)
    samples = np.ascontiguousarray(file["RF1"].astype(np.int16).transpose(2, 1, 0))
    angles = [float(angle) for angle in np.ravel(file["param1"].TXangle)]
    first = tuple(-abs(np.sin(angle)) * 63.5 * 0.298e-3 / 1540 for angle in angles)
    sampling = ChannelSampling(samples.shape[2], 20_000_000, 4_400_000, first)
    return Recorded(samples, Aperture(128, 0.298), [PlaneWave(angle) for angle in angles], sampling, 1540.0)


def disc(folder: Path) -> tuple[list[Recorded], float]:
    """A rotating disc in water: 32 frames of one plane wave, sampled below its frequency; and frames per second."""
    file = loadmat(folder / "pymust" / "PWI_disk.mat", squeeze_me=True, struct_as_record=False)
    frames = np.ascontiguousarray(file["RF"].astype(np.int16).transpose(2, 1, 0))
    param = file["param"]
    sampling = ChannelSampling(
        frames.shape[2], round(float(param.fs)), round(float(param.fc)), (float(np.ravel(param.t0)[0]),), 30
    )
    aperture = Aperture(128, 1000 * float(param.pitch))
    recorded = [Recorded(frame[None], aperture, [PlaneWave()], sampling, float(param.c)) for frame in frames]
    return recorded, float(param.PRF)
