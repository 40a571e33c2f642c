"""Line blocks to Frame: the one place where lines are put in order, for every protocol.

A line that never came, or that the device calls dead, is zero and marked in the mask; nothing is ever interpolated.
A frame is delivered when the device says that it ended or when a block of a later frame arrives, whole or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probe.driver import LinkCounters
from probe.frame import Frame, Provenance
from probe.geometry import Geometry
from probe.lines import LineBlock
from probe.samples import Samples, empty, unpacked_format
from probe.settings import SampleFormat, Sampling, Settings


class Unwrapper:
    """A counter of some bits to a number that goes on rising; a step back by less than half is seen as a step back."""

    def __init__(self, bits: int) -> None:
        self._modulus = 1 << bits
        self._last: int | None = None

    def unwrap(self, raw: int) -> int:
        """The full number of a raw one. The largest so far is the reference for the next."""
        if self._last is None:
            self._last = raw
            return raw
        step = (raw - self._last) % self._modulus
        if step >= self._modulus // 2:
            return self._last + step - self._modulus
        self._last += step
        return self._last


@dataclass(frozen=True, slots=True)
class SweepPlan:
    """What is known of every frame of a session before its lines arrive.

    Args:
        settings: As applied; complete.
        format: Coding on the wire.
        sampling: The window in time.
        geometry: Nominal place of each line, left to right: used for lines that never arrive.
        provenance: Who makes the frames.
    """

    settings: Settings
    format: SampleFormat
    sampling: Sampling
    geometry: Geometry
    provenance: Provenance


class _Sweep:
    """A frame under construction; all arrays are in left-to-right order."""

    __slots__ = ("backward", "dead", "got", "number", "positions", "samples", "time_us")

    def __init__(self, plan: SweepPlan, nominal: NDArray[np.int32], number: int, backward: bool) -> None:
        lines = len(nominal)
        self.number = number
        self.backward = backward
        self.samples: Samples = empty(plan.format, lines, plan.sampling.samples)
        self.got: NDArray[np.bool_] = np.zeros(lines, dtype=np.bool_)
        self.dead: NDArray[np.bool_] = np.zeros(lines, dtype=np.bool_)
        self.positions = nominal.copy()
        self.time_us: NDArray[np.int64] = np.zeros(lines, dtype=np.int64)

    def place(self, first: int, count: int) -> slice:
        """Where ``count`` lines of the sweep lie, as a slice of left-to-right order that keeps the sweep's order."""
        if not self.backward:
            return slice(first, first + count)
        last = len(self.got) - 1 - first
        stop = last - count
        return slice(last, stop if stop >= 0 else None, -1)


class Assembler:
    """Builds the frames of one session.

    Args:
        plan: What the session's settings say.
        counters: Where lost, stale and incomplete are counted; shared with the driver.
    """

    def __init__(self, plan: SweepPlan, counters: LinkCounters) -> None:
        self._plan = plan
        self._counters = counters
        geometry = plan.geometry
        columns = (geometry.angle_mdeg, geometry.origin_x_um, geometry.origin_z_um)
        self._nominal: NDArray[np.int32] = np.stack([np.asarray(c, dtype=np.int32) for c in columns], axis=1)
        self._known_positions = self._nominal
        self._known_geometry = geometry
        self._sweep: _Sweep | None = None
        self._last_number: int | None = None

    def add(self, block: LineBlock, now_ns: int) -> Frame | None:
        """Take a block; the frame before it when this one begins another."""
        if not self._fits(block):
            self._counters.stale_blocks += block.messages
            return None
        finished = None
        if self._sweep is not None and block.number > self._sweep.number:
            finished = self.finish(now_ns)
        if self._sweep is None:
            self._sweep = _Sweep(self._plan, self._nominal, block.number, block.backward)
        self._fill(self._sweep, block)
        return finished

    def end(self, number: int, dead: Sequence[int], now_ns: int) -> Frame | None:
        """The device says that a frame is over and which of its lines (in the sweep's order) it could not measure."""
        sweep = self._sweep
        if sweep is None or number != sweep.number:
            return self.finish(now_ns) if sweep is not None and number > sweep.number else None
        for line in dead:
            if 0 <= line < len(sweep.dead):
                sweep.dead[sweep.place(line, 1)] = True
        return self.finish(now_ns)

    def finish(self, now_ns: int) -> Frame | None:
        """Deliver what there is of the frame at hand, if any."""
        sweep, self._sweep = self._sweep, None
        if sweep is None:
            return None
        missing = ~sweep.got | sweep.dead
        self._counters.frames += 1
        self._counters.incomplete_frames += bool((~sweep.got & ~sweep.dead).any())
        sweep.samples[missing] = 0
        first_us = int(sweep.time_us[sweep.got].min())
        line_us = np.where(sweep.got, sweep.time_us - first_us, 0)
        dropped = 0 if self._last_number is None else sweep.number - self._last_number - 1
        self._last_number = sweep.number
        for array in (sweep.samples, missing, line_us):
            array.flags.writeable = False
        plan = self._plan
        return Frame(
            number=sweep.number, format=unpacked_format(plan.format), samples=sweep.samples, missing=missing,
            geometry=self._geometry(sweep.positions), sampling=plan.sampling, settings=plan.settings,
            provenance=plan.provenance, direction=-1 if sweep.backward else 1, device_us=first_us,
            received_ns=now_ns, line_us=line_us, dropped_before=dropped,
        )  # fmt: skip

    def _fits(self, block: LineBlock) -> bool:
        """The block is of this session's shape, and of a frame that has not been delivered yet."""
        sampling = self._plan.sampling
        shape_fits = (
            block.format == self._plan.format
            and block.samples.shape[1] == sampling.samples
            and block.lines_in_frame == len(self._nominal)
            and block.first + len(block.positions) <= len(self._nominal)
            and block.first_sample_ns == sampling.first_sample_ns
        )
        if not shape_fits or (self._last_number is not None and block.number <= self._last_number):
            return False
        sweep = self._sweep
        if sweep is None or block.number > sweep.number:
            return True
        return block.number == sweep.number and block.backward == sweep.backward

    def _fill(self, sweep: _Sweep, block: LineBlock) -> None:
        place = sweep.place(block.first, len(block.positions))
        if sweep.got[place].any():
            self._counters.stale_blocks += block.messages
            return
        sweep.samples[place] = block.samples
        sweep.positions[place] = block.positions
        sweep.time_us[place] = block.time_us
        sweep.got[place] = True

    def _geometry(self, positions: NDArray[np.int32]) -> Geometry:
        """The same object while the lines stay where they are, so that a chain need not plan again."""
        if not np.array_equal(positions, self._known_positions):
            angle, x, z = (tuple(column.tolist()) for column in positions.T)
            self._known_positions, self._known_geometry = positions, Geometry(angle, x, z)
        return self._known_geometry
