"""The frames and the chain that the reference pages' vectors are made of."""

from __future__ import annotations

import numpy as np

from imaging.chain import Chain
from imaging.preset import Preset
from probe.frame import Frame
from probe.geometry import Geometry
from tests.imaging.sweeps import frame_of


def digest_chain() -> Chain:
    frame = frame_of(np.zeros((3, 64)), Geometry.sector(3, 40.0), rate_hz=10_000_000, first_sample_ns=10_000)
    return Chain.plan(frame, Preset("vector", "Vector", 1540), 32, 16)


def archive_frames() -> tuple[Frame, Frame]:
    line, sample = np.mgrid[0:3, 0:6]
    geometry = Geometry.sector(3, 40.0)
    return (
        frame_of(10 * line - 7 * sample, geometry),
        frame_of(100 + 10 * line - 7 * sample, geometry, missing=(1,), number=8),
    )
