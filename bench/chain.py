"""RF of 128 lines of 2048 samples to a grey sector picture of 640x480, on one thread, planning not counted.

Peers: SciPy as its documentation leads one to write it, and an OpenCV chain tuned by hand (two filter2D, magnitude,
log, remap with float maps, buffers kept). All make the same grid from the same samples; filters differ, so pictures are
alike, not equal.
"""

from __future__ import annotations

import sys

import cv2
import numpy as np
import peers
import rows
import scene

from imaging.chain import Chain, Status
from imaging.preset import Preset


def planned() -> tuple[Chain, peers.OpenCvChain, peers.SciPyChain]:
    """The three chains, planned for the scene on the same grid."""
    frame = scene.frame()
    chain = Chain.plan(frame, Preset.load("obstetric"), scene.WIDTH_PX, scene.HEIGHT_PX)
    if chain.run(frame) is not Status.OK:
        sys.exit("the scene cannot be imaged")
    picture = chain.picture()
    place = (picture.mm_per_pixel, picture.origin_x_mm, picture.origin_z_mm)
    slow = peers.Maps(*place, scene.RATE_HZ / peers.DECIMATION)
    full = peers.Maps(*place, scene.RATE_HZ)
    return chain, peers.OpenCvChain(slow, 8000.0), peers.SciPyChain(full, 8000.0)


def main() -> None:
    """Time them in turns."""
    asked = rows.arguments(__doc__)
    cv2.setNumThreads(1)
    frame = scene.frame()
    chain, opencv, scipy = planned()
    alike(chain, frame, opencv)
    times = rows.in_turns(
        {
            "ours": lambda: chain.run(frame),
            "opencv": lambda: opencv.picture(frame.samples),
            "scipy": lambda: scipy.picture(frame.samples),
        },
        rounds=30 if asked.quick else 200,
    )
    rows.report(
        [rows.less_is_better(f"chain/{peer}", times["ours"], times[peer], "ms") for peer in ("scipy", "opencv")],
        asked.json,
    )


def alike(chain: Chain, frame: object, opencv: peers.OpenCvChain) -> None:
    """Stop when the two do not show the same scene: then they were not given the same work."""
    chain.run(frame)  # type: ignore[arg-type]
    ours = chain.picture().pixels.astype(float)
    theirs = opencv.picture(scene.frame().samples).astype(float)
    inside = (ours > 0) & (theirs > 0)
    agreement = np.corrcoef(ours[inside], theirs[inside])[0, 1]
    print(f"correlation with the OpenCV picture: {agreement:.3f}")
    if agreement < 0.8:
        sys.exit("the pictures differ: the comparison would not be fair")


if __name__ == "__main__":
    main()
