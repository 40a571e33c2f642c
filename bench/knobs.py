"""Knobs and filters on the chain's scene: a moved knob against planning anew, filters against OpenCV's.

The guided filter's peer is OpenCV's bilateral filter of the same 5 by 5 window, the usual fast one that keeps edges;
persistence of three frames is two of its addWeighted. Filters differ, so pictures are alike, not equal.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import rows
import scene

from imaging.chain import Chain
from imaging.preset import Preset
from imaging.stages.persist import PersistStep
from imaging.stages.speckle import SpeckleStep

_ROUNDS = 100


def main() -> None:
    """Time them in turns."""
    asked = rows.arguments(__doc__)
    cv2.setNumThreads(1)
    frame = scene.frame()
    plain = Preset.load("obstetric")
    preset = replace(plain, persistence_frames=3, speckle="guided", speckle_strength=3)
    chain = Chain.plan(frame, preset, scene.WIDTH_PX, scene.HEIGHT_PX)
    chain.run(frame)
    polar = chain.polar.copy()
    guided = _step(chain, SpeckleStep)
    persist = _step(chain, PersistStep)
    turned = iter(range(1 << 30))
    # a frame's number must go up, and making a frame is not the filter's work
    frames = iter([replace(frame, number=number) for number in range(4 * _ROUNDS)])
    knobs = [replace(preset, gain_db=db) for db in (1, 2)]
    older = [polar, np.roll(polar, 1, axis=0)]

    def retune() -> None:
        chain.retune(knobs[next(turned) % 2])

    def mix() -> None:
        persist.begin(next(frames))
        persist.run(polar, 0, len(polar), 0)

    def mix_opencv() -> object:
        both = cv2.addWeighted(older[0], 2 / 3, older[1], 1 / 3, 0)
        return cv2.addWeighted(polar, 1 / 2, both, 1 / 2, 0)

    times = rows.in_turns(
        {
            "retune": retune,
            "plan": lambda: Chain.plan(frame, preset, scene.WIDTH_PX, scene.HEIGHT_PX),
            "guided": lambda: guided.run(polar, 0, len(polar), 0),
            "bilateral": lambda: cv2.bilateralFilter(polar, 5, 45, 3),
            "mix": mix,
            "mix_opencv": mix_opencv,
        },
        rounds=20 if asked.quick else _ROUNDS,
    )
    rows.report(
        [
            rows.less_is_better("knob/plan", times["retune"], times["plan"], "ms"),
            rows.less_is_better("guided/opencv", times["guided"], times["bilateral"], "ms"),
            rows.less_is_better("persistence/opencv", times["mix"], times["mix_opencv"], "ms"),
        ],
        asked.json,
    )


def _step(chain: Chain, kind: type) -> Any:  # noqa: ANN401
    return next(step for step in chain._steps if isinstance(step, kind))  # noqa: SLF001


if __name__ == "__main__":
    main()
