"""Stage: the third seam. Others add image processing by it, between compression and the finished picture.

A stage is planned once for a geometry and a preset, then run on every frame. ``run`` fills ``target``, allocates
nothing and must not raise on any content. Its name and version enter the digest of every picture that it touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from imaging.preset import Preset

GROUP = "sauti.stages"


class Place(Enum):
    """Where in the chain a stage works, and so on what."""

    POLAR = "polar"  # (lines, samples) grey along the beams
    PICTURE = "picture"  # (rows, columns) grey, square pixels


@dataclass(frozen=True, slots=True)
class Field:
    """What a stage is planned for.

    Args:
        shape: Of the arrays that ``run`` will get.
        row_mm: Distance between neighbours along the last axis.
        place: Polar or picture.
    """

    shape: tuple[int, int]
    row_mm: float
    place: Place


class Step(Protocol):
    """A planned stage."""

    def run(self, source: NDArray[np.uint8], target: NDArray[np.uint8]) -> None:
        """Fill ``target`` from ``source``; both have the planned shape and do not overlap."""


class Stage(Protocol):
    """A piece of image processing."""

    name: str
    version: int
    place: Place

    def plan(self, field: Field, preset: Preset) -> Step:
        """Make tables and buffers; called once per geometry and preset."""
