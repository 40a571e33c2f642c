"""Frames of a recording that is played over and over: in the first round as recorded, then numbers and times go on."""

from __future__ import annotations

from dataclasses import replace

from probe.frame import Frame, Provenance


class Following:
    """What the frames so far say of the next one's number and time."""

    def __init__(self) -> None:
        self._last: int | None = None
        self._offset = self._shift_us = 0
        self._first_us: int | None = None
        self._last_us = 0
        self._count = self._in_round = 0
        self._new_round = False
        self._made: tuple[Provenance, Provenance] | None = None

    def next_round(self) -> bool:
        """The recording begins again; False when this round had no frame."""
        seen = self._count > 0
        self._new_round = self._new_round or seen
        self._count = 0
        return seen

    def follow(self, frame: Frame, simulated: bool, now_ns: int) -> Frame:
        """The frame as it is shown: numbers never fall, times go on from round to round."""
        if self._new_round:
            self._shift_us = self._last_us + self._step_us() - frame.device_us
            self._first_us = None
            self._new_round = False
        number = frame.number + self._offset
        if self._last is not None and number <= self._last:
            number = self._last + 1
            self._offset = number - frame.number
        device_us = frame.device_us + self._shift_us
        self._first_us = device_us if self._first_us is None else self._first_us
        self._last, self._last_us = number, device_us
        self._count += 1
        self._in_round = self._count
        return replace(
            frame, number=number, device_us=device_us, received_ns=now_ns,
            provenance=self._provenance(frame.provenance, simulated),
        )  # fmt: skip

    def _step_us(self) -> int:
        """The usual time between two frames of the round that is over."""
        span = self._last_us - (self._first_us or 0)
        return max(1, span // max(1, self._in_round - 1))

    def _provenance(self, recorded: Provenance, simulated: bool) -> Provenance:
        """One object for all frames of one origin."""
        if self._made is None or self._made[0] is not recorded:
            shown = recorded if recorded.simulated == simulated else replace(recorded, simulated=simulated)
            self._made = (recorded, shown)
        return self._made[1]
