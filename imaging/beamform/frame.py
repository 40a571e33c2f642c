"""A beamformed image as a Frame of scanlines, so that chain, cine, calipers and archive take it like any probe's."""

from __future__ import annotations

import numpy as np

from imaging.beamform.das import Beamformer
from imaging.beamform.lines import Lines
from imaging.errors import CannotImage
from probe.frame import Frame, Provenance
from probe.settings import SampleFormat, Settings

_FULL = 65535


def scanlines(
    beamformer: Beamformer, full_scale: float, number: int, provenance: Provenance, received_ns: int = 0
) -> Frame:
    """The envelope of the last run, as 16-bit linear samples along the lines.

    Args:
        beamformer: It has run, along ``Lines``.
        full_scale: Envelope that becomes the highest code; the same for all frames, so that brightness is the tissue's.
        number: Of the frame.
        provenance: Who took the data.
        received_ns: The host's clock when it came.

    Raises:
        CannotImage: The beamformer images free points, or there is no scale.
    """
    lines = beamformer.target
    if not isinstance(lines, Lines):
        raise CannotImage("Free points are no scanlines", "Image along Lines.")
    if not full_scale > 0:
        raise CannotImage("An envelope needs a full scale above zero", "Name the amplitude that is white.")
    codes = np.clip(np.rint(beamformer.envelope.T * (_FULL / full_scale)), 0, _FULL)
    samples = np.ascontiguousarray(codes, dtype=np.uint16)
    missing, line_us = np.zeros(lines.lines, dtype=bool), np.zeros(lines.lines, dtype=np.int64)
    for array in (samples, missing, line_us):
        array.flags.writeable = False
    sampling = lines.sampling(round(beamformer.sound_speed_m_s))
    settings = Settings(
        SampleFormat.ENVELOPE_U16, lines.lines, sampling, centre_hz=beamformer.sampling.centre_hz, log_range_db=0
    )
    return Frame(
        number, SampleFormat.ENVELOPE_U16, samples, missing, lines.geometry(), sampling, settings, provenance, 1, 0,
        received_ns, line_us,
    )  # fmt: skip
