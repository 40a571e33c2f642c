"""The practice phantom: deterministic RF of bodies whose true sizes are known."""

from probe.phantom.echoes import Phantom
from probe.phantom.scenes import HEAD, SCENES, SOUND_SPEED_M_S, TRUTH
from probe.phantom.shapes import Cyst, Ellipse, Heart, Scene, Shaft, Skull, Truth, Wire

__all__ = [
    "HEAD",
    "SCENES",
    "SOUND_SPEED_M_S",
    "TRUTH",
    "Cyst",
    "Ellipse",
    "Heart",
    "Phantom",
    "Scene",
    "Shaft",
    "Skull",
    "Truth",
    "Wire",
]
