"""What a phantom is made of; all places in mm in the plane of ``Geometry``, x to the right, z away from the skin."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cyst:
    """A round region without echoes."""

    x_mm: float
    z_mm: float
    radius_mm: float


@dataclass(frozen=True, slots=True)
class Wire:
    """A point target, seen across its length."""

    x_mm: float
    z_mm: float


@dataclass(frozen=True, slots=True)
class Skull:
    """An ellipse of bone with its axes along x and z, and the midline of a brain across it.

    Args:
        x_mm, z_mm: Its centre.
        width_mm: Outer diameter along x (the occipito-frontal diameter of this head, outer to outer).
        height_mm: Outer diameter along z (its biparietal diameter, outer to outer).
        bone_mm: Thickness of the bone.
    """

    x_mm: float
    z_mm: float
    width_mm: float
    height_mm: float
    bone_mm: float


@dataclass(frozen=True, slots=True)
class Ellipse:
    """A body with its axes along x and z.

    Args:
        name: What it is, as ``placenta``.
        x_mm, z_mm: Its centre.
        width_mm, height_mm: Diameters along x and z.
        echo: Amplitude of its speckle; tissue's is 1, fluid's 0.
        edge: Amplitude of its surface; 0 where nothing marks it.
        behind: What is left of the sound behind it: below 1 a shadow, above 1 brighter, as behind fluid.
    """

    name: str
    x_mm: float
    z_mm: float
    width_mm: float
    height_mm: float
    echo: float
    edge: float = 0.0
    behind: float = 1.0

    @property
    def circumference_mm(self) -> float:
        """All round, by Ramanujan's second formula; for bodies this round exact to a hundredth of a millimetre."""
        a, b = self.width_mm / 2, self.height_mm / 2
        h = ((a - b) / (a + b)) ** 2
        return math.pi * (a + b) * (1 + 3 * h / (10 + math.sqrt(4 - 3 * h)))


@dataclass(frozen=True, slots=True)
class Shaft:
    """A long bone: a bar between two ends, with a shadow behind it."""

    x1_mm: float
    z1_mm: float
    x2_mm: float
    z2_mm: float
    thick_mm: float

    @property
    def length_mm(self) -> float:
        return math.hypot(self.x2_mm - self.x1_mm, self.z2_mm - self.z1_mm)


@dataclass(frozen=True, slots=True)
class Heart:
    """Chambers of blood that squeeze and fill.

    Args:
        chambers: As they are when full.
        squeeze: How much shorter their diameters are at the end of a beat, as a share.
        beats_per_loop: How often it beats while the phantom's frames come round once; divides their number.
    """

    chambers: tuple[Ellipse, ...]
    squeeze: float
    beats_per_loop: int

    def at(self, phase: float) -> tuple[Ellipse, ...]:
        """The chambers at a phase from 0 (full) to 1 (full again)."""
        size = 1 - self.squeeze * (0.5 - 0.5 * math.cos(2 * math.pi * phase))
        return tuple(
            Ellipse(c.name, c.x_mm, c.z_mm, size * c.width_mm, size * c.height_mm, c.echo, c.edge, c.behind)
            for c in self.chambers
        )


@dataclass(frozen=True, slots=True)
class Truth:
    """Every size and place in the phantom, as a caliper should find them at ``sound_speed_m_s``."""

    sound_speed_m_s: int
    cysts: tuple[Cyst, ...]
    wires: tuple[Wire, ...]
    skull: Skull


@dataclass(frozen=True, slots=True)
class Scene:
    """One view of a phantom.

    Args:
        name: What a person types.
        bodies: In the order in which they lie over each other, the last one on top.
    """

    name: str
    skull: Skull | None = None
    cysts: tuple[Cyst, ...] = ()
    wires: tuple[Wire, ...] = ()
    bodies: tuple[Ellipse, ...] = ()
    shafts: tuple[Shaft, ...] = ()
    heart: Heart | None = None

    def body(self, name: str) -> Ellipse:
        """A body by its name.

        Raises:
            KeyError: There is none of that name.
        """
        return {body.name: body for body in self.bodies}[name]
