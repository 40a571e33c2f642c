"""Numbers of lines that no check sum protects: one is believed if time allows it, or if the next one agrees."""

from __future__ import annotations


class Numbering:
    """How far each line is behind the one before it.

    Args:
        bits: Of the device's counter.
        waiting: Lines that a device may have kept and sends at once.
    """

    def __init__(self, bits: int, waiting: int) -> None:
        self._modulus = 1 << bits
        self._waiting = waiting
        self._last: int | None = None
        self._doubted: int | None = None
        self._distrusted = 0

    def step(self, raw: int, due: int) -> int | None:
        """Lines since the last one that was believed, this one counted; None when it is not believed.

        Args:
            raw: The device's number.
            due: How many lines the time since then allows.
        """
        last, self._last = self._last, raw
        if last is None:
            return 1
        step = (raw - last) % self._modulus
        if 1 <= step <= due + self._waiting:
            self._doubted, self._distrusted = None, 0
            return step
        if self._doubted is not None and 1 <= (raw - self._doubted) % self._modulus <= self._waiting:
            # two that agree: the counter has jumped, and nothing tells how many were lost but those that came
            step, self._doubted, self._distrusted = self._distrusted + 1, None, 0
            return step
        self._last, self._doubted, self._distrusted = last, raw, self._distrusted + 1
        return None
