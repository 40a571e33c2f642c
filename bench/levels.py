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
        found += _pair(level, host, f"native:{level}", rounds)
    base, wide = native.LEVELS[:2]  # what most old and most newer computers have
    if native.load(wide) is not None:
        found += _pair(f"{base}-of-{wide}", f"native:{wide}", f"native:{base}", rounds)
    return found


def _pair(name: str, ours: str, peer: str, rounds: int) -> list[rows.Row]:
    found = []
    for work, run_of in (("chain", _chain), ("das", _das)):
        times = rows.in_turns({"ours": run_of(ours), "level": run_of(peer)}, rounds)
        found.append(rows.less_is_better(f"level/{work}-{name}", times["ours"], times["level"], "ms"))
    return found


def _chain(way: str) -> Callable[[], object]:
    chain, frame = peers.planned(way)[0], scene.frame()
    return lambda: chain.run(frame)


def _das(way: str) -> Callable[[], object]:
    beamformer, data = channels.beamformer(way), channels.data()
    return lambda: beamformer.run(data)
