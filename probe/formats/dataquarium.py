"""Further files of echOpen's kit: envelopes, RF with dead lines, and RF or hardware envelope at the ADC's full rate.

Their headers say 80 degrees, as other headers of the kit do where the kit itself was told 57; so the angle is used
as the file has it and called unverified.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from probe.formats.arrays import frames_array, numbers, read_arrays, unreadable
from probe.formats.labtool import CENTRE_HZ, MODEL, SOUND_SPEED_M_S
from probe.geometry import Geometry
from probe.protocols.echopen import CLOCK_MHZ, DECIMATIONS
from probe.recording import Recording, Scene, dead_lines_said, frames_of
from probe.settings import SampleFormat, Sampling

# what the kit does unless it is told otherwise; the RF films of this source name no geometry at all
USUAL_R0_MM, USUAL_SECTOR_DEG = 80.0, 57.0
_MHZ = {"fs_hz": 1e6, "f0_hz": 1e6}
_ANGLE = "The sector angle of {:g} degrees is the header's word and unverified."
_NO_GEOMETRY = "The file names no geometry: the kit's usual one is used, 80 mm and 57 degrees."


def read_rf(path: Path) -> Recording:
    """RF frames, in which the recorder lost the lines at the beginning of each sweep.

    Raises:
        RecordingError: It is damaged, or says what no kit can have meant.
    """
    arrays = read_arrays(path)
    said = numbers(path, {key: arrays[key] for key in ("fs_hz", "f0_hz") if key in arrays} | {"c_m_s": SOUND_SPEED_M_S})
    rf = frames_array(path, arrays["rf"], np.int16)
    sampling = Sampling(rf.shape[2], round(said["fs_hz"]), round(2e6 * USUAL_R0_MM / SOUND_SPEED_M_S))
    geometry = Geometry.sector(rf.shape[1], USUAL_SECTOR_DEG)
    centre = round(said.get("f0_hz", CENTRE_HZ))
    frames = frames_of(Scene(MODEL, SampleFormat.RF_I16, geometry, sampling, SOUND_SPEED_M_S, centre), rf)
    return Recording(path.name, "echOpen kit, RF", frames, (*dead_lines_said(frames), _NO_GEOMETRY))


def read_envelope(path: Path) -> Recording:
    """Envelopes of 8 bits; 0 is "no data".

    Raises:
        RecordingError: It is damaged, or says what no kit can have meant.
    """
    arrays = read_arrays(path)
    said = numbers(path, {key: arrays[key] for key in ("r0_mm", "rf_mm", "sector_deg") if key in arrays})
    if len(said) != 3 or said["rf_mm"] <= said["r0_mm"]:
        raise unreadable(path)
    envelope = frames_array(path, arrays["env"], np.uint8)
    sampling = _span(envelope.shape[2], said["r0_mm"], said["rf_mm"])
    geometry = Geometry.sector(envelope.shape[1], said["sector_deg"])
    scene = Scene(MODEL, SampleFormat.ENVELOPE_U8_LINEAR, geometry, sampling, SOUND_SPEED_M_S, CENTRE_HZ)
    return Recording(
        path.name, "echOpen kit, envelope", frames_of(scene, envelope), (_ANGLE.format(said["sector_deg"]),)
    )


def read_full_rate(path: Path) -> Recording:
    """One frame at 125 MS/s; the file does not say whether RF or envelope, but only RF has negative counts.

    Raises:
        RecordingError: It is damaged, or says what no kit can have meant.
    """
    arrays = read_arrays(path)
    wanted = {"fs_hz": "frequency", "f0_hz": "piezofrequency", "sector_deg": "angle", "r0_mm": "r0", "rf_mm": "rf"}
    if not all(key in arrays for key in wanted.values()):
        raise unreadable(path)
    said = numbers(path, {key: arrays[name] for key, name in wanted.items()}, _MHZ)
    data = frames_array(path, arrays["data"][None], np.int16)
    rf = bool(data.min() < 0) or bool(data.max() > 255)
    kind = SampleFormat.RF_I16 if rf else SampleFormat.ENVELOPE_U8_LINEAR
    sampling = Sampling(data.shape[2], round(said["fs_hz"]), round(2e6 * said["r0_mm"] / SOUND_SPEED_M_S))
    geometry = Geometry.sector(data.shape[1], said["sector_deg"])
    scene = Scene(MODEL, kind, geometry, sampling, SOUND_SPEED_M_S, round(said["f0_hz"]))
    what = "echOpen kit at 125 MS/s, " + ("RF" if rf else "envelope")
    frames = frames_of(scene, data if rf else data.astype(np.uint8))
    return Recording(path.name, what, frames, (_ANGLE.format(said["sector_deg"]),))


def _span(samples: int, r0_mm: float, rf_mm: float) -> Sampling:
    """The window of a depth range: one of the kit's own rates where the count of samples is what it would take."""
    first_ns = round(2e6 * r0_mm / SOUND_SPEED_M_S)
    for decimation in DECIMATIONS:
        if int(2 * (rf_mm - r0_mm) * CLOCK_MHZ / 1.48 / decimation) == samples:
            return Sampling(samples, 1_000_000 * CLOCK_MHZ // decimation, first_ns)
    return Sampling(samples, round(500 * SOUND_SPEED_M_S * samples / (rf_mm - r0_mm)), first_ns)
