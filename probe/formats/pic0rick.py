"""pic0rick's A-lines: exact ADC counts of the stock firmware, or a stream of ``P0RK`` frames as it was sent."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from probe.drivers.alines import GEOMETRY
from probe.errors import RecordingError
from probe.formats.arrays import DAMAGE, damaged, frames_array, numbers, read_arrays, unreadable
from probe.frame import Frame
from probe.protocols import p0rk
from probe.protocols.pic0rick import KEPT, SAMPLES, from_pulse
from probe.recording import OTHER_KIND, Recording, Scene, frames_of
from probe.settings import SampleFormat, Sampling

MODEL = "pic0rick (recording)"
_MOST_SECONDS = 10**10
SELF_TEST_MODEL = "pic0rick RP2350 (self-test)"
# of the transducer of its maker's published lines, which each of them names "5MHz"; the counts alone do not tell it
USUAL_HZ = 5_000_000


def read_counts(path: Path) -> Recording:
    """A-lines of 8000 counts; each begins where the transmitted pulse shows.

    Raises:
        RecordingError: It is damaged, or holds something else.
    """
    arrays = read_arrays(path)
    said = numbers(path, {key: arrays[key] for key in ("fs_hz", "f0_hz") if key in arrays})
    adc = arrays["adc"]
    if adc.ndim != 2 or adc.shape[1] != SAMPLES or adc.dtype != np.uint16 or not len(adc) or adc.max() > 1023:
        raise RecordingError(f"The file {path.name} holds no lines that Sauti can read", OTHER_KIND)
    found = [from_pulse(line) for line in adc]
    counts = frames_array(path, np.stack([line for line, _ in found])[:, None, :], np.int16)
    sampling = Sampling(KEPT, round(said["fs_hz"]), 0)
    unseen = sum(not seen for _, seen in found)
    remarks = [f"{unseen} lines show no pulse; their time zero is the usual one."] if unseen else []
    if any("20.0" in str(target) for target in np.asarray(arrays.get("target", ())).ravel()):
        remarks.append("The lines labelled 20.0 mm measure 14.9 mm: the label is wrong.")
    if "f0_hz" not in said:
        remarks.append("The file names no transducer: 5 MHz is taken, which its maker's published lines are of.")
    centre_hz = round(said.get("f0_hz", USUAL_HZ))
    scene = Scene(MODEL, SampleFormat.RF_I16, GEOMETRY, sampling, 0, centre_hz)
    times = _times(path, arrays, len(adc))
    return Recording(path.name, "pic0rick A-lines, RF", frames_of(scene, counts, times), tuple(remarks))


def _times(path: Path, arrays: dict[str, np.ndarray], count: int) -> tuple[int, ...] | None:
    """Of a file's own clock, in whole seconds; lines of several sessions have gaps."""
    if "timestamp" not in arrays:
        return None
    said = arrays["timestamp"]
    try:
        if said.dtype.kind not in "MUSiu":
            raise ValueError("no times")
        read = said.astype("datetime64[s]")
    except DAMAGE as error:
        raise unreadable(path) from error
    seconds = read.astype(np.int64)
    if read.shape != (count,) or np.isnat(read).any() or np.abs(seconds).max() > _MOST_SECONDS:
        raise unreadable(path)
    return tuple((1_000_000 * np.maximum.accumulate(seconds - seconds[0])).tolist())


def read_stream(path: Path) -> Recording:
    """A stream of frames, raw, envelope and A-law as they came; a self-test is no transducer's.

    Raises:
        RecordingError: It holds no whole frame.
    """
    try:
        decoder = p0rk.Decoder()
        found = [item for item in decoder.feed(path.read_bytes()) if isinstance(item, p0rk.Packet)]
    except OSError as error:
        raise damaged(path) from error
    if not found:
        raise damaged(path)
    sampling = Sampling(p0rk.SAMPLES, p0rk.RATE_HZ, 0)
    frames: list[Frame] = []
    for packet in found:
        raw = packet.kind == p0rk.Kind.RAW
        kind = SampleFormat.RF_I16 if raw else SampleFormat.ENVELOPE_U16
        tested = bool(packet.flags & p0rk.Flag.SELF_TEST)
        scene = Scene(SELF_TEST_MODEL if tested else MODEL, kind, GEOMETRY, sampling, 0, 0, simulated=tested)
        samples = p0rk.counts(packet) if raw else p0rk.envelope(packet)
        frames += frames_of(scene, samples[None], (packet.timestamp_us % (1 << 62),), packet.sequence)
    lost = f"{decoder.skipped_bytes + decoder.pending} bytes belong to no frame."
    remarks = (lost,) if decoder.skipped_bytes or decoder.pending else ()
    return Recording(path.name, "pic0rick P0RK stream, A-lines", tuple(frames), remarks)
