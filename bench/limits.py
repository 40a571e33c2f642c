"""What the processor could do at best, and how near our stages come: bytes that must move, sums that must be made.

Bandwidth is that of reading and writing 64 MB, arithmetic that of a float32 matrix product, both on the same core in
the same run. A stage's floor is the larger of its two times; the ratio says how much of the limit is reached.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import channels
import numpy as np
import rows

from imaging.chain import Chain
from imaging.stage import Step
from imaging.stages.scan import ScanStep
from probe.frame import Frame


@dataclass(frozen=True, slots=True)
class Work:
    """What a stage must do: bytes from and to memory, multiplications and additions."""

    run: Callable[[], object]
    bytes: float
    flops: float


def rows_of(chain: Chain, frame: Frame, rounds: int) -> list[rows.Row]:
    """One row for each stage of the chain and of delay and sum."""
    bandwidth, arithmetic = _bandwidth(), _arithmetic()
    print(f"this core: {bandwidth / 1e9:.1f} GB/s, {arithmetic / 1e9:.1f} GFLOP/s")
    works = {**_chain(chain, frame), **_beamformer()}
    times = rows.in_turns({name: work.run for name, work in works.items()}, rounds)
    found = []
    for name, work in works.items():
        floor = 1000 * max(work.bytes / bandwidth, work.flops / arithmetic)
        found.append(rows.less_is_better(f"limit/{name}", times[name], [floor], "ms"))
    return found


def stages(chain: Chain) -> tuple[Step, Step, Step]:
    """Detection, packing and scan conversion; what a preset puts between them is not part of the comparison."""
    steps = chain._steps  # noqa: SLF001  (the times of its stages are what this asks)
    scan = next(place for place, step in enumerate(steps) if isinstance(step, ScanStep))
    return steps[0], steps[scan - 1], steps[scan]


def _bandwidth() -> float:
    source, target = np.ones(8 << 20), np.ones(8 << 20)
    times = rows.in_turns({"copy": lambda: np.copyto(target, source)}, 10)["copy"]
    return 2000 * source.nbytes / min(times)


def _arithmetic() -> float:
    side = 512
    one, other, out = (np.ones((side, side), np.float32) for _ in range(3))
    times = rows.in_turns({"product": lambda: np.matmul(one, other, out=out)}, 20)["product"]
    return 2000 * side**3 / min(times)


def _chain(chain: Chain, frame: Frame) -> dict[str, Work]:
    detect, pack, scan = stages(chain)
    chain.run(frame)
    outputs = frame.lines * -(-frame.samples.shape[1] // int(detect.parameters["decimation"]))
    inside = int(chain.picture().inside.sum())
    return {
        "detect": Work(
            lambda: detect.run(frame.samples, 0, detect.rows, 0),
            frame.samples.nbytes + detect.output.nbytes,
            4.0 * outputs * int(detect.parameters["taps"]),
        ),
        "pack": Work(lambda: pack.run(detect.output, 0, pack.rows, 0), detect.output.nbytes + pack.output.nbytes, 0.0),
        # index, weights, word and pixel; the mixing is integer arithmetic, three products and sums a pixel
        "scan": Work(lambda: scan.run(pack.output, 0, scan.rows, 0), 11.0 * inside, 6.0 * inside),
    }


def _beamformer() -> dict[str, Work]:
    beamformer = channels.beamformer("jit")
    data = channels.data()
    beamformer.run(data)
    plan = channels.SAMPLING.moments()
    heard = float(beamformer.listening.sum())
    moments = channels.SAMPLING.samples * plan.factor / plan.decimation * channels.ELEMENTS
    flops = 4 * moments * plan.length + 16 * heard
    moved = data.nbytes + beamformer.envelope.nbytes
    return {"das": Work(lambda: beamformer.run(data), moved, flops)}
