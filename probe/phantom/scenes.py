"""The views that the practice probe can show, with their true sizes."""

from __future__ import annotations

from probe.phantom.shapes import Cyst, Ellipse, Heart, Scene, Shaft, Skull, Truth, Wire

SOUND_SPEED_M_S = 1540

TRUTH = Truth(
    sound_speed_m_s=SOUND_SPEED_M_S,
    cysts=(Cyst(13.0, 40.0, 6.0), Cyst(-16.0, 142.0, 6.0)),
    wires=(
        Wire(0.0, 20.0), Wire(0.0, 30.0), Wire(0.0, 40.0), Wire(0.0, 50.0),
        Wire(-15.0, 45.0), Wire(12.0, 140.0), Wire(32.0, 140.0),
    ),
    skull=Skull(0.0, 95.0, 90.0, 70.0, 3.0),
)  # fmt: skip

HEAD = Scene("head", skull=TRUTH.skull, cysts=TRUTH.cysts, wires=TRUTH.wires)

_PLACENTA = Ellipse("placenta", 0.0, 30.0, 76.0, 26.0, echo=1.7)

ABDOMEN = Scene(
    "abdomen",
    bodies=(
        _PLACENTA,
        # its height is the deepest vertical pocket, its truth 50 mm
        Ellipse("fluid pocket", -40.0, 96.0, 26.0, 50.0, echo=0.0, behind=1.3),
        Ellipse("abdomen", 18.0, 100.0, 82.0, 76.0, echo=0.6, edge=20.0),
        Ellipse("stomach", 4.0, 86.0, 16.0, 11.0, echo=0.0, behind=1.2),
        Ellipse("umbilical vein", 24.0, 84.0, 5.0, 14.0, echo=0.0),
        Ellipse("spine", 44.0, 108.0, 9.0, 9.0, echo=6.0, edge=14.0, behind=0.25),
        Ellipse("aorta", 33.0, 108.0, 5.0, 5.0, echo=0.0),
    ),
)

FEMUR = Scene(
    "femur",
    bodies=(
        Ellipse("fluid pocket", 16.0, 54.0, 34.0, 28.0, echo=0.0, behind=1.3),
        Ellipse("thigh", 0.0, 96.0, 74.0, 40.0, echo=0.7, edge=6.0),
        Ellipse("placenta", 0.0, 142.0, 80.0, 26.0, echo=1.7),
    ),
    shafts=(Shaft(-24.0, 92.0, 24.0, 99.0, 4.0),),
)

HEART = Scene(
    "heart",
    bodies=(
        _PLACENTA,
        Ellipse("chest", 0.0, 96.0, 84.0, 76.0, echo=0.6, edge=20.0),
        Ellipse("heart muscle", -4.0, 92.0, 40.0, 46.0, echo=1.5),
        Ellipse("spine", 26.0, 118.0, 9.0, 9.0, echo=6.0, edge=14.0, behind=0.25),
    ),
    heart=Heart(
        chambers=(
            Ellipse("left ventricle", -12.0, 86.0, 12.0, 22.0, echo=0.0, edge=5.0),
            Ellipse("right ventricle", 4.0, 86.0, 12.0, 22.0, echo=0.0, edge=5.0),
            Ellipse("left atrium", -11.0, 106.0, 11.0, 10.0, echo=0.0),
            Ellipse("right atrium", 3.0, 106.0, 11.0, 10.0, echo=0.0),
        ),
        squeeze=0.35,
        beats_per_loop=4,
    ),
)

SCENES = {scene.name: scene for scene in (HEAD, ABDOMEN, FEMUR, HEART)}
