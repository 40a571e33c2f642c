"""The kernel libraries that ship beside code compiled for this very processor."""

from __future__ import annotations

from collections.abc import Callable

import channels
import peers
import processes
import rows
import scene

from imaging import native


def rows_of(host: str, rounds: int) -> list[rows.Row]:
    """For each level that runs here, the chain and delay and sum: the host's code is ``ours``, the level's the peer."""
    processes.prepare()
    found = []
    for level in native.LEVELS:
        if native.load(level) is None:
            print(f"no library of {level} runs here")
            continue
        ways = {"ours": host, "level": f"native:{level}"}
        for work, run_of in (("chain", _chain), ("das", _das)):
            times = rows.in_turns({who: run_of(way) for who, way in ways.items()}, rounds)
            found.append(rows.less_is_better(f"level/{work}-{level}", times["ours"], times["level"], "ms"))
    return found


def _chain(way: str) -> Callable[[], object]:
    chain, frame = peers.planned(way)[0], scene.frame()
    return lambda: chain.run(frame)


def _das(way: str) -> Callable[[], object]:
    beamformer, data = channels.beamformer(way), channels.data()
    return lambda: beamformer.run(data)
