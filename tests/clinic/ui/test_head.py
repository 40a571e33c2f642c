"""The practice phantom's head, from the keys to the record: its circumference is true within 2 %, also when turned."""

from __future__ import annotations

import math

import numpy as np
import pytest

from clinic.ui.screens.label import LabelDialog
from clinic.ui.screens.volume import VolumeDialog
from imaging.picture import Picture
from probe.phantom.scenes import TRUTH
from records import codes
from tests.clinic.ui.nurse import Nurse, Station

SKULL = TRUTH.skull


def outer_edge(picture: Picture, along: str, side: int) -> tuple[float, float]:
    """Where a nurse would put a caliper: the last place as bright as bone on the head's axis, from its middle."""
    half = (SKULL.width_mm if along == "x" else SKULL.height_mm) / 2
    reach = side * np.arange(0, half + 6, 0.1)
    places = [(SKULL.x_mm + r, SKULL.z_mm) if along == "x" else (SKULL.x_mm, SKULL.z_mm + r) for r in reach]
    pixels = [picture.to_pixel(*place) for place in places]
    bright = [picture.pixels[round(row), round(column)] > 200 for column, row in pixels]
    column, row = pixels[int(np.flatnonzero(bright)[-1])]
    return float(column), float(row)


async def move_to(nurse: Nurse, place: tuple[float, float]) -> None:
    """By arrows, tens first."""
    caliper = nurse.scan.held.calipers[-1]
    at = caliper.handles[caliper.held]
    for distance, keys in ((place[0] - at[0], ("left", "right")), (place[1] - at[1], ("up", "down"))):
        tens, ones = divmod(abs(round(distance)), 10)
        key = keys[int(distance > 0)]
        await nurse.pilot.press(*[f"shift+{key}"] * tens, *[key] * ones)
    await nurse.pilot.pause()


def test_the_head_is_measured_by_keys_and_stands_in_the_record(station: Station) -> None:
    around_mm = 4 * (SKULL.width_mm / 2) * ellipse_integral(1 - (SKULL.height_mm / SKULL.width_mm) ** 2)

    async def journey(nurse: Nurse) -> None:
        await nurse.found_site()
        await nurse.add_patient()
        await nurse.live()
        await nurse.press("f")
        await nurse.until(lambda: nurse.scan.pane.picture.mirrored)
        await nurse.freeze()
        picture = nurse.scan.held.picture
        assert picture.mirrored
        await nurse.press("e")
        for along, side in (("x", 1), ("x", -1), ("z", -1)):
            await move_to(nurse, outer_edge(picture, along, side))
            await nurse.press("tab")
        await nurse.press("n")
        assert isinstance(nurse.app.screen, LabelDialog)
        await nurse.press("down", "enter", "enter")
        shown = nurse.scan.held.readings()[0].quantities
        await nurse.press("k")
        await nurse.until(lambda: "loop of" in nurse.says)
        session = nurse.app.session
        [exam] = session.workstation.exams.all()
        record = session.workstation.exams.record(exam.id)
        head, area = record.measurements
        assert (head.label, head.concept, head.unit) == ("Head circumference", codes.HEAD_CIRCUMFERENCE, "um")
        assert (area.concept, area.unit) == (codes.AREA, "um2")
        assert [one.value for one in shown] == [head.value, area.value], "what she saw is what stands there"
        assert head.value / 1000 == pytest.approx(around_mm, rel=0.02)
        assert area.value / 1e6 == pytest.approx(math.pi / 4 * SKULL.width_mm * SKULL.height_mm, rel=0.04)
        assert head.error >= 0.04 * head.value, "uncalibrated"
        still = next(image for image in record.images if image.kind == "still")
        assert (still.mirrored, still.upside_down, still.source.gain_db) == (True, False, "0")
        # three kept distances make a volume
        await nurse.press("c", "enter", "c", "enter", "c", "enter", "k")
        await nurse.until(lambda: "3 measurements" in nurse.says)
        await nurse.press("v")
        assert isinstance(nurse.app.screen, VolumeDialog)
        await nurse.press("k")
        await nurse.until(lambda: "Saved: volume" in nurse.says)
        *_, side, volume = session.workstation.exams.record(exam.id).measurements
        assert volume.value == pytest.approx(math.pi / 6 * (side.value / 1000) ** 3, abs=1)
        await nurse.press("enter")
        await nurse.until(lambda: nurse.app.screen.query("#numbers"))
        await nurse.until(lambda: "Head circumference:" in str(nurse.app.screen.query_one("#numbers").render()))
        await nurse.press("enter")
        await nurse.until(lambda: nurse.app.screen.query("#text"))
        text = str(nurse.app.screen.query_one("#text").render())
        assert f"{head.value / 1000:.1f} mm" in text
        assert "cm²" in text
        assert "ml" in text

    station.run(journey)


def ellipse_integral(m: float) -> float:
    """Complete elliptic integral of the second kind, by the midpoint rule."""
    steps = 20_000
    at = (np.arange(steps) + 0.5) * math.pi / 2 / steps
    return float(np.sqrt(1 - m * np.sin(at) ** 2).sum() * math.pi / 2 / steps)
