"""Which mode is shown, of which beam: what the data gives, and never two dimensions of one line."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from clinic.beams import SPAN_MS, recent
from clinic.errors import NoPicture
from clinic.knobs import Knobs
from clinic.looks import Looks
from imaging.beam_view import BeamView
from imaging.modes import Mode
from imaging.picture import Picture
from imaging.preset import Preset
from probe.frame import Frame
from probe.geometry import Geometry

Sweeps = tuple[tuple[Frame, ...], Frame]
INTERVAL_US = 100_000


def made() -> Looks:
    return Looks(Preset.for_frame, (160, 120))


def one_line(frame: Frame, number: int) -> Frame:
    """What a board with one fixed transducer sends: the middle line of a sweep, alone."""
    settings = dataclasses.replace(frame.settings, lines=1, frame_interval_us=INTERVAL_US)
    return dataclasses.replace(
        frame, number=number, samples=frame.samples[48:49], missing=frame.missing[48:49], settings=settings,
        geometry=Geometry((0,), (0,), (0,)), line_us=np.zeros(1, np.int64), device_us=INTERVAL_US * number,
    )  # fmt: skip


@pytest.mark.parametrize("asked", [Mode.B, Mode.M, Mode.A])
def test_single_lines_are_never_a_picture(sweeps: Sweeps, asked: Mode) -> None:
    looks, lines = made(), [one_line(sweeps[0][0], number) for number in range(8)]
    if asked is Mode.B:
        with pytest.raises(NoPicture, match="The beam stands still"):
            looks.choose(asked, lines[0])
    else:
        looks.choose(asked, lines[0])
    shown = Mode.A if asked is Mode.A else Mode.M
    for at, frame in enumerate(lines):
        view, advice = looks.image_live(frame, lines[:at])
        assert isinstance(view, BeamView)
        assert (view.mode, view.lines, advice) == (shown, 1, ())
        assert view.preset_name == "a_line_test"
    frozen = looks.image(lines[-1], lines)
    assert isinstance(frozen, BeamView)
    np.testing.assert_array_equal(frozen.pixels, view.pixels)
    with pytest.raises(NoPicture, match="one beam"):
        looks.move_beam(1, lines[0])


def test_a_sector_is_a_picture_until_a_beam_is_asked_for(sweeps: Sweeps) -> None:
    looks, frames = made(), sweeps[0]
    assert isinstance(looks.image_live(frames[0], ())[0], Picture)
    looks.choose(Mode.M, frames[0])
    view = looks.image_live(frames[1], frames[:1])[0]
    assert (view.mode, view.line, view.lines) == (Mode.M, 48, 96)
    assert view.strip.filled.sum() > 1, "the loop's frames are in the strip at once"
    looks.choose(Mode.B, frames[1])
    assert isinstance(looks.image_live(frames[2], frames[:2])[0], Picture)


def test_the_beam_stays_on_the_sector_and_lies_where_it_is_drawn(sweeps: Sweeps) -> None:
    looks, frame = made(), sweeps[0][0]
    looks.move_beam(-1000, frame)
    assert looks.beam_of(frame).line == 0
    looks.move_beam(1000, frame)
    place = looks.beam_of(frame)
    assert place.line == 95
    angle = np.radians(frame.geometry.angle_mdeg[95] / 1000)
    for (x, z), sample in ((place.from_mm, 0), (place.to_mm, frame.sampling.samples - 1)):
        far = frame.sampling.range_mm(sample, 1540)
        assert (x, z) == pytest.approx((far * np.sin(angle), far * np.cos(angle)))
    picture = looks.image_live(frame, ())[0]
    for x, z in (place.from_mm, place.to_mm):
        column, row = picture.to_pixel(x, z)
        assert -1 <= column <= picture.width_px
        assert -1 <= row <= picture.height_px


def test_knobs_draw_the_whole_strip_anew(sweeps: Sweeps) -> None:
    looks, frames = made(), sweeps[0]
    looks.choose(Mode.M, frames[0])
    before = looks.image_live(frames[-1], frames[:-1])[0]
    looks.turn(Knobs(gain_db=-12, depth_mm=80))
    view = looks.image_live(frames[-1], frames[:-1])[0]
    assert view.depth_mm == pytest.approx(80, abs=1)
    assert view.digest != before.digest
    assert view.strip.filled.sum() == before.strip.filled.sum()
    seen = view.strip.pixels[:, view.strip.filled]
    assert seen.mean() < before.strip.pixels[:, before.strip.filled].mean()
    assert looks.image(frames[-1], frames).digest == view.digest


def test_a_strip_is_of_the_sweeps_as_they_came_live(sweeps: Sweeps) -> None:
    """The frozen frame may be there as RF: as an A-line it is looked at so, among live envelopes it is not."""
    (live, rf), looks = sweeps, made()
    looks.choose(Mode.M, live[0])
    assert looks.image(rf, live).strip.filled.sum() > 1
    looks.choose(Mode.A, live[0])
    assert looks.image(rf, live).provenance == rf.provenance


def test_the_next_patient_begins_with_the_picture_and_the_middle(sweeps: Sweeps) -> None:
    looks, frame = made(), sweeps[0][0]
    looks.choose(Mode.A, frame)
    looks.move_beam(-20, frame)
    looks.forget()
    assert looks.mode_for(frame) is Mode.B
    assert looks.beam_of(frame).line == 48


def test_only_frames_that_a_strip_can_show_are_drawn(sweeps: Sweeps) -> None:
    frame = sweeps[0][0]
    seconds = SPAN_MS // 1000
    series = [dataclasses.replace(frame, number=number, device_us=1_000_000 * number) for number in range(3 * seconds)]
    assert [other.number for other in recent(series[-1], series)] == list(range(2 * seconds - 1, 3 * seconds - 1))
    strange = dataclasses.replace(frame.provenance, serial="another")
    mixed = [*series[:-2], dataclasses.replace(series[-2], provenance=strange)]
    assert [other.number for other in recent(series[-1], mixed)] == list(range(2 * seconds - 1, 3 * seconds - 2))
    jumped = [dataclasses.replace(series[0], number=0, device_us=99_000_000), *series[-3:-1]]
    assert [other.number for other in recent(series[-1], jumped)] == [3 * seconds - 3, 3 * seconds - 2]


def test_frames_that_give_nothing_are_counted(sweeps: Sweeps) -> None:
    looks, frame = made(), one_line(sweeps[0][0], 1)
    dead = dataclasses.replace(frame, missing=np.ones(1, bool))
    assert looks.image_live(dead, ()) is None
    assert looks.unusable_frames == 1
