"""WULPUS: acquisitions of a wearable, one A-line each, with the settings in ``uss_config.json`` beside them.

What a sample means is reckoned by the driver's own modules: ``probe.protocols.wulpus``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probe.assembly import Unwrapper
from probe.drivers.alines import GEOMETRY
from probe.errors import ProbeRefused, RecordingError
from probe.formats.arrays import DAMAGE, frames_array, read_arrays
from probe.protocols.wulpus import KEPT, NUMBER_BITS, counts, sampling
from probe.protocols.wulpus_config import SAMPLES, WulpusConfig
from probe.recording import OTHER_KIND, Recording, Scene, frames_of
from probe.settings import SampleFormat

MODEL = "WULPUS (recording)"
SETTINGS = "uss_config.json"


def read(path: Path) -> Recording:
    """The acquisitions of one path of the multiplexer, in their order.

    Raises:
        RecordingError: It is damaged, holds something else, or has no settings beside it.
    """
    arrays = read_arrays(path)
    try:
        config = _configured(json.loads(path.with_name(SETTINGS).read_text(encoding="utf-8")))
        data, numbers = arrays["data_arr"], arrays["acq_num_arr"]
        paths = arrays.get("tx_rx_id_arr", np.zeros(numbers.shape, dtype=np.uint8))
        fits = data.ndim == 2 and len(data) == SAMPLES and numbers.shape == paths.shape == data.shape[1:]
        fits = fits and all(array.dtype.kind in "iu" for array in (data, numbers, paths))
        made = _made(data, numbers) if fits and data.shape[1] else 0
    except (*DAMAGE, ProbeRefused) as error:
        raise _unknown(path) from error
    if not made:
        raise _unknown(path)
    shown = np.flatnonzero(paths[:made] == paths[0])
    unwrapped = _unwrapped(numbers[:made])
    lines = frames_array(path, counts(np.ascontiguousarray(data.T[shown]), config)[:, None, :], np.int16)
    scene = Scene(MODEL, SampleFormat.RF_I16, GEOMETRY, sampling(config), 0, config.pulse_hz)
    times = np.maximum.accumulate((unwrapped - unwrapped[0]) * config.interval_us)[shown].tolist()
    remarks = (*_remarks(unwrapped, made, data.shape[1]), *_paths_said(paths[:made]))
    return Recording(path.name, "WULPUS acquisitions, A-lines", frames_of(scene, lines, times), remarks)


def _configured(said: Any) -> WulpusConfig:  # noqa: ANN401  (a stranger's JSON)
    """The settings of the maker's host, in our units and within the device's limits."""
    config = WulpusConfig(
        period_us=int(said["meas_period"]), pulse_hz=int(said["pulse_freq"]), pulses=int(said["num_pulses"]),
        rate_hz=int(said["sampling_freq"]), samples=int(said["num_samples"]), gain_db=float(said["rx_gain"]),
        high_voltage_ns=1000 * int(said["dcdc_turnon"]), burst_ns=1000 * int(said["start_ppg"]),
        sampling_ns=1000 * int(said["start_adcsampl"]), timeout_ns=1000 * int(said["capt_timeout"]),
    )  # fmt: skip
    config.registers()
    return config


def _made(data: NDArray[Any], numbers: NDArray[Any]) -> int:
    """How many acquisitions there are: the host makes room first, and leaves zeros where it was stopped early."""
    there = np.flatnonzero(data.any(axis=0) | (numbers != 0))
    return int(there[-1]) + 1 if there.size else 0


def _unwrapped(numbers: NDArray[Any]) -> NDArray[np.int64]:
    unwrapper = Unwrapper(NUMBER_BITS)
    return np.array([unwrapper.unwrap(number) for number in numbers.astype(np.int64).tolist()])


def _remarks(numbers: NDArray[np.int64], made: int, room: int) -> tuple[str, ...]:
    """What is known to be wrong with the acquisitions."""
    gaps = int((np.diff(numbers) != 1).sum())
    found = [f"The last {SAMPLES - KEPT} samples of a line are left out: newer firmware writes over them."]
    found += [f"The numbers of the acquisitions have {gaps} gaps."] if gaps else []
    found += [f"It was stopped early: {made} of {room} acquisitions were made."] if made < room else []
    return tuple(found)


def _paths_said(paths: NDArray[Any]) -> tuple[str, ...]:
    """Lines of several paths, one behind the other, would be no M-mode of anything."""
    several = np.unique(paths).size
    return (f"It has {several} paths of the multiplexer; the first one is shown.",) if several > 1 else ()


def _unknown(path: Path) -> RecordingError:
    return RecordingError(f"The file {path.name} has no settings that fit it beside it ({SETTINGS})", OTHER_KIND)
