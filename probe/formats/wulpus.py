"""WULPUS: acquisitions of a wearable, one A-line each, with the settings in ``uss_config.json`` beside them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from probe.drivers.alines import GEOMETRY
from probe.errors import RecordingError
from probe.formats.arrays import DAMAGE, frames_array, read_arrays
from probe.recording import OTHER_KIND, Recording, Scene, frames_of
from probe.settings import SampleFormat, Sampling

MODEL = "WULPUS (recording)"
SETTINGS = "uss_config.json"


def read(path: Path) -> Recording:
    """The acquisitions in their order.

    Raises:
        RecordingError: It is damaged, holds something else, or has no settings beside it.
    """
    arrays = read_arrays(path)
    data = arrays["data_arr"]
    try:
        said = json.loads(path.with_name(SETTINGS).read_text(encoding="utf-8"))
        rate_hz, period_us = int(said["sampling_freq"]), int(said["meas_period"])
        centre_hz = int(said["trans_freq"])
        numbers = arrays["acq_num_arr"].astype(np.int64)
        fits = data.ndim == 2 and len(data) == int(said["num_samples"]) and numbers.shape == data.shape[1:]
        fits = fits and 1 <= rate_hz <= 10**9 and 0 <= period_us < 10**9 and 0 < centre_hz <= 10**8
    except DAMAGE as error:
        raise _unknown(path) from error
    if not fits or not len(numbers):
        raise _unknown(path)
    lines = frames_array(path, np.ascontiguousarray(data.T)[:, None, :], np.int16)
    scene = Scene(MODEL, SampleFormat.RF_I16, GEOMETRY, Sampling(len(data), rate_hz, 0), 0, centre_hz)
    times = np.maximum.accumulate((numbers - numbers[0]) * period_us).tolist()
    gaps = int((np.diff(numbers) != 1).sum())
    remarks = (f"The numbers of the acquisitions have {gaps} gaps.",) if gaps else ()
    return Recording(path.name, "WULPUS acquisitions, A-lines", frames_of(scene, lines, times), remarks)


def _unknown(path: Path) -> RecordingError:
    return RecordingError(f"The file {path.name} has no settings that fit it beside it ({SETTINGS})", OTHER_KIND)
