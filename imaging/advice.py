"""Live advice: what is wrong with the picture while it can be mended, as a number and as a sentence for the nurse.

Echoes are told from noise by their likeness across lines: a beam is wider than the step between lines, so echoes change
little from one line to the next and noise as much as it does eight lines away. Every threshold was found on recordings
of real probes; docs/reference/advice.md says how, and ``tests/imaging/test_advice.py`` does it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from imaging.chain import Chain
from imaging.compiled import Kernels, kernels
from probe.frame import Frame

BANDS = 8
FAR_LINES = 8
# of lines that lie further apart than this in time, none is the other's forerunner
_LONGEST_GAP = 3
# a remark comes, and goes, when as many frames in a row say so
PATIENCE = 5
# a band whose lines differ by less than this, in greys, is too dark to tell echoes from noise
_LEAST_DIFFERENCE = 1.5
# likeness below which a depth band holds echoes
ECHO_PERCENT = 91


class Remark(Enum):
    """What may be wrong; the value is the sentence for the nurse."""

    CONTACT_LOST = "No echoes arrive: use more gel, or press the probe gently to the skin."
    GAIN_TOO_LOW = "The picture is too dark: turn the gain up."
    SATURATED = "Parts of the picture are plain white: turn the gain down."
    DEPTH_WASTED = "The lower part of the picture is empty: choose less depth."
    MOTION = "The picture moves: hold the probe still before you freeze."
    NOISE = "There is much noise in the picture: turn the gain down, or switch off chargers and lamps close by."
    DEAD_LINES = "Parts of the picture are missing: the probe loses lines."


# the number beyond which a remark is made; all are percent or greys, see ``Advice.number``
THRESHOLDS: dict[Remark, int] = {
    Remark.CONTACT_LOST: ECHO_PERCENT,
    Remark.GAIN_TOO_LOW: 5,
    Remark.SATURATED: 8,
    Remark.DEPTH_WASTED: 45,
    Remark.MOTION: 80,
    Remark.NOISE: 60,
    Remark.DEAD_LINES: 5,
}
_BELOW = (Remark.GAIN_TOO_LOW,)  # remarks that are made when the number is too small


@dataclass(frozen=True, slots=True)
class Advice:
    """One remark about one frame.

    Args:
        remark: What about.
        number: CONTACT_LOST: likeness of the clearest band, percent of that of noise. GAIN_TOO_LOW: bright samples
            where there are echoes, per thousand. SATURATED: white samples, per thousand of all. DEPTH_WASTED: depth
            below the last echo, percent. MOTION: change in time, percent of that to the next line. NOISE: mean grey of
            the brightest band without echoes. DEAD_LINES: percent of all lines.
        beyond: The number is beyond its threshold.
        given: The nurse should be told: it was beyond in the last frames too.
        changed: ``given`` is not what it was for the frame before.
    """

    remark: Remark
    number: int
    beyond: bool
    given: bool
    changed: bool = False

    @property
    def sentence(self) -> str:
        return self.remark.value


class Adviser:
    """Looks at every frame that a chain has imaged, in the chain's thread.

    Args:
        chain: Whose frames.
        compiled: Kernels, when not the best ones of this installation.
    """

    def __init__(self, chain: Chain, compiled: Kernels | None = None) -> None:
        self._chain = chain
        polar = chain.polar
        lines, samples = polar.shape
        self._lines = lines
        self._bounds = np.linspace(0, samples, BANDS + 1).astype(np.int32)
        self._earlier = np.zeros_like(polar)
        self._earlier_number: int | None = None
        self._sums = np.zeros((lines, 6 * BANDS), dtype=np.int32)
        self._run = (compiled or kernels()).bind("survey", self._earlier, self._bounds, self._sums)
        self._streak = dict.fromkeys(Remark, 0)
        self._given = dict.fromkeys(Remark, False)

    def look(self, frame: Frame) -> tuple[Advice, ...]:
        """Every remark with its number, of the frame that the chain has just imaged."""
        polar = self._chain.polar
        self._run(polar, 0, self._lines)
        follows = self._earlier_number is not None and 0 < frame.number - self._earlier_number <= _LONGEST_GAP
        alive = np.ones(self._lines, dtype=np.bool_)
        alive[list(self._chain.missing_lines)] = False
        numbers = measure(self._sums.reshape(self._lines, BANDS, 6), np.diff(self._bounds), alive, moving=follows)
        np.copyto(self._earlier, polar)
        self._earlier_number = frame.number
        return tuple(self._judge(remark, numbers[remark]) for remark in Remark)

    def forget(self) -> None:
        """Begin anew, as for the next patient."""
        self._earlier_number = None
        self._streak = dict.fromkeys(Remark, 0)
        self._given = dict.fromkeys(Remark, False)

    def _judge(self, remark: Remark, number: int) -> Advice:
        threshold = THRESHOLDS[remark]
        beyond = number < threshold if remark in _BELOW else number > threshold
        self._streak[remark] = self._streak[remark] + 1 if beyond != self._given[remark] else 0
        changed = self._streak[remark] >= PATIENCE
        if changed:
            self._given[remark], self._streak[remark] = beyond, 0
        return Advice(remark, number, beyond, self._given[remark], changed)


def given(looks: Sequence[Advice]) -> tuple[str, ...]:
    """The sentences to show, the gravest first; without contact, only that and that lines are lost."""
    told = [advice.remark for advice in looks if advice.given]
    if Remark.CONTACT_LOST in told:
        told = [remark for remark in told if remark in (Remark.CONTACT_LOST, Remark.DEAD_LINES)]
    return tuple(remark.value for remark in told)


def measure(
    sums: NDArray[np.int32], widths: NDArray[np.int32], alive: NDArray[np.bool_], *, moving: bool
) -> dict[Remark, int]:
    """The numbers of one frame.

    Args:
        sums: (lines, bands, 6) of the kernel ``survey``.
        widths: (bands,) samples of each band.
        alive: (lines,) lines that hold echoes.
        moving: Whether the earlier picture is of a frame just before.
    """
    level, moved, near, far, bright, white = np.moveaxis(sums, 2, 0)
    ends = len(alive) - FAR_LINES
    paired = np.zeros_like(alive)
    if ends > 0:
        paired[:ends] = alive[:ends] & alive[1 : ends + 1] & alive[FAR_LINES:]
    apart = _of(far, paired)
    told = apart > _LEAST_DIFFERENCE * widths * int(paired.sum())
    likeness = np.where(told, 100 * _of(near, paired) / np.maximum(apart, 1), 100)
    echoes = told & (likeness < ECHO_PERCENT)
    samples = np.maximum(widths * int(alive.sum()), 1)
    bright_share, white_share = _of(bright, alive) / samples, _of(white, alive) / samples
    heard = np.flatnonzero(echoes)
    quiet = _of(level, alive)[~echoes] / samples[~echoes]
    still = _of(near, paired)[echoes].sum()
    return {
        # where all is too dark, more gain comes first: it may be nothing else
        Remark.CONTACT_LOST: round(float(likeness.min())) if told.any() else 0,
        Remark.GAIN_TOO_LOW: round(1000 * float(bright_share[echoes].max())) if len(heard) else 1000 * bool(told.any()),
        Remark.SATURATED: round(1000 * float(white_share.mean())),
        Remark.DEPTH_WASTED: round(100 * (BANDS - 1 - int(heard[-1])) / BANDS) if len(heard) else 0,
        Remark.MOTION: round(100 * float(_of(moved, paired)[echoes].sum() / max(still, 1))) if moving else 0,
        Remark.NOISE: round(float(quiet.max())) if len(quiet) else 0,
        Remark.DEAD_LINES: round(100 * float(np.mean(~alive))),
    }


def _of(values: NDArray[np.int32], lines: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(bands,) sum over some lines."""
    total: NDArray[np.float64] = values[lines].sum(axis=0, dtype=np.float64)
    return total
