"""Imaging on one processor core: RF to a sector picture, its scan conversion, delay and sum, colour Doppler.

Peers: OpenCV tuned by hand, SciPy, and the packages zea, PyMUST, ultraspy and ustb, each as its users write it. All
that a frame needs is timed, set-up is not, but printed. Every row's pictures must correlate, else the benchmark stops.
Ours is compiled for this processor (the JIT), as the peers' libraries choose their best code; the rows ``level/...``
compare that with the libraries that ship. The rows ``limit/...`` compare each stage of ours with what the processor
could do at best, measured in the same run.
"""

# ruff: noqa: E402  (the core is chosen before any library starts its threads)
from __future__ import annotations

import os

# every candidate gets the same one core
os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
os.environ["NUMBA_NUM_THREADS"] = "1"

import functools
import sys
import time
from collections.abc import Callable

import channels
import cv2
import doppler
import levels
import limits
import numpy as np
import packages
import peers
import peers_beam
import rows
import scene
from numpy.typing import NDArray
from ustb.tools.scan_convert import scan_convert

from imaging.beamform.das import Beamformer
from imaging.chain import Chain

HOST = "jit"
LEAST_ALIKE = {"chain": 0.8, "scan": 0.99, "das": 0.95}
Call = Callable[[], NDArray[np.generic]]


def chain_rows(rounds: int, chain: Chain, opencv: peers.OpenCvChain, maps: peers.Maps) -> list[rows.Row]:
    """RF of 128 lines of 2048 samples to a grey sector picture of 640x480."""
    frame = scene.frame()
    zea, pymust, ultraspy = packages.Zea(maps, 8192.0), packages.PyMust(maps), packages.UltraSpy(maps, 8192.0)
    scipy, mixed = peers.SciPyChain(maps, 8192.0), peers.SciPyOpenCvChain(maps, 8192.0)
    candidates: dict[str, Call] = {
        "ours": lambda: _imaged(chain),
        "zea": lambda: zea.picture(frame.samples),
        "pymust": lambda: pymust.picture(frame.samples),
        "ultraspy": lambda: ultraspy.picture(frame.samples),
        "scipy": lambda: scipy.picture(frame.samples),
        "scipy-opencv": lambda: mixed.picture(frame.samples),
        "opencv": lambda: opencv.picture(frame.samples),
    }
    _alike("chain", candidates)
    return _rows("chain", {**candidates, "ours": lambda: chain.run(frame)}, rounds)


def scan_rows(rounds: int, chain: Chain, opencv: peers.OpenCvChain) -> list[rows.Row]:
    """Grey polar lines to the picture: ours with the packing that it needs."""
    detect, pack, scan = limits.stages(chain)
    polar = detect.output
    maps = peers.Maps(*_place(chain), scene.RATE_HZ * polar.shape[1] / scene.SAMPLES)
    angles = np.radians(np.linspace(-scene.SECTOR_DEG / 2, scene.SECTOR_DEG / 2, scene.LINES))
    ranges = scene.FIRST_MM + np.arange(polar.shape[1]) / maps.samples_per_mm

    def ours() -> NDArray[np.generic]:
        pack.run(polar, 0, pack.rows, 0)
        scan.run(pack.output, 0, scan.rows, 0)
        return scan.output

    candidates: dict[str, Call] = {
        "ours": ours,
        "opencv": lambda: cv2.remap(polar, maps.sample, maps.line, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT),
    }
    _alike("scan", candidates)
    image = np.ascontiguousarray(polar.T.astype(np.float64))
    candidates["ustb"] = lambda: scan_convert(image, angles, ranges, scene.WIDTH_PX, scene.HEIGHT_PX)[0]
    return _rows("scan", candidates, 3 * rounds)


def das_rows(rounds: int) -> list[rows.Row]:
    """Channel data of one plane wave, 128 channels of 2048 samples, to an envelope of 256x256."""
    data = channels.data()
    beamformer = _timed("ours", lambda: channels.beamformer(HOST))
    scene_of_peers = peers_beam.Scene.of(
        channels.lines(), channels.SAMPLING, channels.SOUND_SPEED_M_S, channels.F_NUMBER
    )
    pymust, ultraspy, ustb = (
        _timed(peer.__name__, functools.partial(peer, scene_of_peers)) for peer in peers_beam.PEERS
    )
    candidates: dict[str, Call] = {
        "ours": lambda: _beamformed(beamformer, data),
        "pymust": lambda: pymust.envelope(data),
        "ultraspy": lambda: ultraspy.envelope(data),
        "ustb": lambda: ustb.envelope(data),
    }
    _alike("das", candidates)
    return _rows("das", candidates, rounds)


def main() -> None:
    """Time them in turns."""
    asked = rows.arguments(__doc__)
    cv2.setNumThreads(1)
    chain, opencv, maps = peers.planned(HOST)
    rounds = 12 if asked.quick else 60
    found = chain_rows(rounds, chain, opencv, maps)
    found += scan_rows(rounds, chain, opencv)
    found += das_rows(5 if asked.quick else 25)
    found += doppler.rows_of(rounds)
    found += limits.rows_of(chain, scene.frame(), 10 * rounds)
    found += levels.rows_of(HOST, 4 * rounds)
    rows.report(found, asked.json)


def _rows(work: str, candidates: dict[str, Call], rounds: int) -> list[rows.Row]:
    times = rows.in_turns(candidates, rounds)
    alone = rows.in_turns({"ours": candidates["ours"]}, 20 * rounds)["ours"]
    return [
        rows.less_is_better(f"{work}/{peer}", times["ours"], taken, "ms", alone)
        for peer, taken in times.items()
        if peer != "ours"
    ]


def _alike(work: str, candidates: dict[str, Call]) -> None:
    """Stop when a peer does not show the same scene: then it was not given the same work."""
    ours = np.array(candidates["ours"](), dtype=float)
    for peer, call in candidates.items():
        theirs = _timed(f"{work}/{peer}, first call", call).astype(float)
        both = (ours > 0) & (theirs > 0)
        agreement = np.corrcoef(ours[both], theirs[both])[0, 1]
        print(f"{work}/{peer}: correlation with ours {agreement:.3f}")
        if agreement < LEAST_ALIKE[work]:
            sys.exit("the pictures differ: the comparison would not be fair")


def _timed(what: str, make: Callable[[], rows.Made]) -> rows.Made:
    started = time.perf_counter()
    made = make()
    print(f"{what}: {1000 * (time.perf_counter() - started):.0f} ms")
    return made


def _imaged(chain: Chain) -> NDArray[np.uint8]:
    chain.run(scene.frame())
    return chain.picture().pixels


def _beamformed(beamformer: Beamformer, data: NDArray[np.int16]) -> NDArray[np.float32]:
    beamformer.run(data)
    return beamformer.envelope


def _place(chain: Chain) -> tuple[float, float, float]:
    picture = chain.picture()
    return picture.mm_per_pixel, picture.origin_x_mm, picture.origin_z_mm


if __name__ == "__main__":
    main()
