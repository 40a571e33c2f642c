"""The frames of echOpen's app emulator: a synthetic rectangle through the "lounger" kinematics of its probe V1.

A text of whole numbers, one row a line, from right to left; the settings beside it are r0 mm, rf mm, decimation,
lines, sector degrees, mode, the name of the kinematics, and the echo's delay. The head rocks: each line has an origin
and an angle of its own, and no sector angle describes them. The samples are counted by the probe's clock from the
pulse on; spread over the depths of the settings, the rectangle is 6 mm too short (decision 0103).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from probe.errors import RecordingError
from probe.formats.arrays import DAMAGE, frames_array
from probe.formats.labtool import SOUND_SPEED_M_S
from probe.protocols.lounger import HEADS, geometry
from probe.recording import OTHER_KIND, Recording, Scene, frames_of
from probe.settings import SampleFormat, Sampling

MODEL = "echOpen probe V1 (synthetic)"
CLOCK_HZ = 80_000_000
REMARKS = ("It is synthetic.", "Its settings' depths contradict its clock: the clock is used.")


def read(path: Path) -> Recording:
    """One frame.

    Raises:
        RecordingError: There are no settings beside it, or either file is none of this kind.
    """
    try:
        words = path.with_name(path.stem.rsplit("_", 1)[0] + "_settings.txt").read_text(encoding="ascii").split()
        *_, centre_hz = HEADS[words[6]]
        rows = np.loadtxt(path, dtype=np.int16, ndmin=2)[::-1]
        rate_hz = CLOCK_HZ // int(words[2])
        fits = 0 <= rows.min() <= rows.max() <= 255 and len(rows) == int(words[3]) > 1 and 1 <= rate_hz <= CLOCK_HZ
    except DAMAGE as error:
        raise RecordingError(f"The file {path.name} is of no kind that Sauti reads", OTHER_KIND) from error
    if not fits:
        raise RecordingError(f"The file {path.name} is of no kind that Sauti reads", OTHER_KIND)
    envelope = frames_array(path, rows.astype(np.uint8)[None], np.uint8)
    sampling = Sampling(rows.shape[1], rate_hz, 0)
    scene = Scene(
        MODEL, SampleFormat.ENVELOPE_U8_LINEAR, geometry(len(rows), words[6]), sampling, SOUND_SPEED_M_S,
        centre_hz, simulated=True,
    )  # fmt: skip
    # without noise, a line beside the rectangle is zero and yet not lost
    frames = frames_of(scene, envelope, flat_is_dead=False)
    return Recording(path.name, "echOpen app's test frame, envelope", frames, REMARKS)
