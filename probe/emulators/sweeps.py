"""A twin's sweeps as messages: line blocks in the order of firing, then FRAME_END."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probe import messages
from probe.emulators.live import LivePlan, encode_sweep
from probe.emulators.source import FrameSource
from probe.lines import lines_per_block, pack_lines
from probe.samples import Samples
from probe.wire import SESSION_SHIFT, Flag, Header, Message, MessageType

LINE_US = 1000
_ID_MODULUS = 1 << 32


@dataclass(frozen=True, slots=True)
class Sweep:
    """One sweep that was fired, as the ring remembers it.

    Args:
        number: Device's frame counter, not wrapped.
        index: Which frame of the source it saw.
        backward: From right to left.
        started_us: Device time of its first line.
        plan: The live settings in force.
    """

    number: int
    index: int
    backward: bool
    started_us: int
    plan: LivePlan


class SweepEncoder:
    """Turns sweeps of one source into messages; encoded live frames of the current settings are kept.

    Args:
        source: Where the samples come from.
    """

    _MOST_KEPT = 256

    def __init__(self, source: FrameSource) -> None:
        self._source = source
        geometry = source.geometry
        columns = (geometry.angle_mdeg, geometry.origin_x_um, geometry.origin_z_um)
        self._positions: NDArray[np.int32] = np.stack([np.asarray(c, dtype=np.int32) for c in columns], axis=1)
        self._kept: OrderedDict[tuple[int, LivePlan], Samples] = OrderedDict()

    def messages(self, sweep: Sweep, plan: LivePlan, flags: Flag, session: int, dropped: int) -> Iterator[Message]:
        """The blocks of a sweep and its FRAME_END.

        Args:
            sweep: Which.
            plan: How its samples are coded: the sweep's own plan, or ``full_plan`` for FETCH.
            flags: Armed, simulated and fetched as they are; the direction is added here.
            session: The device's session.
            dropped: Frames that the device has dropped since HELLO.
        """
        order = slice(None, None, -1) if sweep.backward else slice(None)
        samples, positions = self._encoded(sweep.index, plan)[order], self._positions[order]
        lines = len(positions)
        interval_us = plan.settings.frame_interval_us or 0
        line_us = max(1, min(LINE_US, interval_us * 9 // (10 * lines)))
        after_us = np.arange(lines, dtype=np.int64) * line_us
        bits = int(flags | (Flag.BACKWARD if sweep.backward else Flag(0))) | session << SESSION_SHIFT
        frame_id = sweep.number % _ID_MODULUS
        step = max(1, lines_per_block(plan.format, plan.sampling.samples))
        for first in range(0, lines, step):
            part = slice(first, first + step)
            header = Header(
                type=MessageType.LINES, flags=bits, frame_id=frame_id, line=first, lines_in_frame=lines,
                t_us=sweep.started_us + first * line_us, time_zero_ns=plan.sampling.first_sample_ns,
                samples=plan.sampling.samples, format=int(plan.format), lines_in_block=len(positions[part]),
            )  # fmt: skip
            block = pack_lines(positions[part], after_us[: len(positions[part])], plan.format, samples[part])
            yield Message(header, block)
        dead = [lines - 1 - line if sweep.backward else line for line in self._source.dead(sweep.index)]
        body = {"frame": frame_id, "lines": lines, "dropped": dropped, "dead": sorted(dead)}
        body["duration_us"] = lines * line_us
        end = Header(type=MessageType.FRAME_END, flags=bits, frame_id=frame_id, lines_in_frame=lines)
        yield Message(end, messages.encode(body))

    def _encoded(self, index: int, plan: LivePlan) -> Samples:
        key = (index, plan)
        if key not in self._kept:
            self._kept[key] = encode_sweep(self._source, plan, index)
            if len(self._kept) > self._MOST_KEPT:
                self._kept.popitem(last=False)
        return self._kept[key]
