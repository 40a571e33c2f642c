"""How a wave's elements are summed: along lines that repeat with them, or at points anywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from imaging import compiled, scratch
from imaging.beamform.alignment import aligned_tables, element_delays_s, is_aligned
from imaging.beamform.aperture import Aperture
from imaging.beamform.channels import Channels
from imaging.beamform.free import carrier_polynomial, column_ranges, window_polynomial
from imaging.beamform.lines import Lines
from imaging.beamform.receive import Receive
from imaging.beamform.wave import Wave
from imaging.errors import CannotImage

Floats = NDArray[np.float64]
Rows = Callable[[NDArray[Any], int, int], None]
Results = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Points anywhere in the plane, in rows.

    Args:
        aperture: The array.
        x_mm, z_mm: (rows, columns).

    Raises:
        CannotImage: They are not of one shape.
    """

    aperture: Aperture
    x_mm: Floats
    z_mm: Floats

    def __post_init__(self) -> None:
        if self.x_mm.ndim != 2 or self.x_mm.shape != self.z_mm.shape or not self.x_mm.size:
            raise CannotImage("Points need an x and a z each, in rows and columns", "Correct their description.")

    @property
    def rows(self) -> int:
        return int(self.x_mm.shape[0])

    @property
    def lines(self) -> int:
        return int(self.x_mm.shape[1])

    def points_m(self) -> tuple[Floats, Floats]:
        """(rows, columns) x and z."""
        return self.x_mm / 1000, self.z_mm / 1000


class Summing(Protocol):
    """One wave's plan. ``delays_s`` is what the channels take up for it."""

    @property
    def delays_s(self) -> Floats: ...

    @property
    def coherence(self) -> bool:
        """Whether likeness is filled."""

    def bind(
        self, channels: Channels, wave: int, kernels: compiled.Kernels, parts: int, results: Results
    ) -> list[Rows]:
        """For each part, a call that sums rows of the channels into image, likeness and listening; only the first wave
        begins them anew."""


def summing_of(
    target: Lines | Points, wave: Wave, receive: Receive, sound_speed_m_s: float, coherence: bool
) -> Summing:
    """The fastest way to sum a wave at a target."""
    if isinstance(target, Lines) and is_aligned(target.aperture, wave):
        return Aligned(target, wave, receive, sound_speed_m_s, coherence)
    return Free(target, wave, receive, sound_speed_m_s)


@dataclass(frozen=True, slots=True)
class Aligned:
    """Along lines that repeat with the elements."""

    target: Lines
    wave: Wave
    receive: Receive
    sound_speed_m_s: float
    coherence: bool

    @property
    def delays_s(self) -> Floats:
        return element_delays_s(self.target.aperture, self.wave, self.sound_speed_m_s)

    def bind(
        self, channels: Channels, wave: int, kernels: compiled.Kernels, parts: int, results: Results
    ) -> list[Rows]:
        image, likeness, listening = results
        plan = channels.plan
        tables = aligned_tables(
            self.target, self.wave, self.receive, self.sound_speed_m_s, plan.rate_hz, plan.sampling.centre_hz,
            channels.first_moment_s(wave), channels.moments,
        )  # fmt: skip
        listening += tables.listening
        per_element = self.target.per_element
        width = -(-self.target.lines // per_element)
        keep = np.array([int(wave > 0)])
        name, rooms = ("cohere_aligned", 4) if self.coherence else ("sum_aligned", 2)
        written = (image, likeness) if self.coherence else (image,)
        return [
            kernels.bind(
                name, tables.spans, tables.pairs, tables.weights, keep,
                scratch.zeros((rooms * per_element, width), np.float32), *written,
            )
            for _ in range(parts)
        ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Free:
    """At points anywhere, for any wave."""

    target: Lines | Points
    wave: Wave
    receive: Receive
    sound_speed_m_s: float
    coherence: bool = True

    @property
    def delays_s(self) -> Floats:
        return np.zeros(self.target.aperture.elements)

    def bind(
        self, channels: Channels, wave: int, kernels: compiled.Kernels, parts: int, results: Results
    ) -> list[Rows]:
        image, likeness, listening = results
        x, z = self.target.points_m()
        plan = channels.plan
        # in millimetres, and one moment later, below the row of zeros
        arrival = (self.wave.arrival_s(x, z, self.sound_speed_m_s) - channels.first_moment_s(wave)) * plan.rate_hz + 1
        elements = np.stack(self.target.aperture.places(self.target.aperture.element_steps()), axis=1)
        ranges, heard = column_ranges(x, z, elements, self.wave, self.receive)
        listening += heard
        turn = 2 * np.pi * plan.sampling.centre_hz / plan.rate_hz
        per_mm = plan.rate_hz / self.sound_speed_m_s / 1000
        scale = [per_mm, channels.moments + 1, 4 * self.receive.f_number**2, np.cos(turn), np.sin(turn)]
        columns = self.target.lines
        table = np.stack([1000 * elements[:, 0], 1000 * elements[:, 1], np.sin(elements[:, 2]), np.cos(elements[:, 2])])
        fixed: list[NDArray[Any]] = [
            np.ascontiguousarray(table.T, np.float32),
            np.concatenate([1000 * x, 1000 * z], axis=1).astype(np.float32),
            arrival.astype(np.float32),
            ranges,
            np.array(scale, np.float32),
            carrier_polynomial(turn),
            window_polynomial(self.receive),
            np.array([int(wave > 0)]),
        ]
        return [
            kernels.bind(
                "cohere_free", *fixed, np.zeros(columns, np.int32), scratch.zeros((6, columns), np.float32),
                scratch.zeros((4, columns), np.float32), image, likeness,
            )
            for _ in range(parts)
        ]  # fmt: skip
