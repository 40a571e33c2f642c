"""Modes on the scan screen: B, M and A of a scanning probe by keys, and a board of single lines that never shows B."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from queue import SimpleQueue

import numpy as np
import pytest

from clinic.ui.screens.read_back import ReadBackScreen
from clinic.ui.screens.summary import SummaryScreen
from imaging.archive import decode_frames
from imaging.beam_view import BeamView
from imaging.mmode import MMode, MModeChain
from imaging.modes import Mode
from imaging.picture import Picture
from imaging.preset import Preset
from probe.emulators import pty
from probe.emulators.alines import STEEL_M_S, BlockSource
from probe.emulators.p0rk import P0rkDevice
from probe.phantom import SCENES, Phantom
from records.reports.content import report_content
from tests.clinic.ui.nurse import Nurse, Station

HEART = "practice:heart"
BEATS = 5


async def scanning(nurse: Nurse) -> None:
    await nurse.found_site()
    await nurse.add_patient()
    await nurse.live()


async def shows(nurse: Nurse, mode: Mode) -> BeamView:
    await nurse.until(lambda: getattr(nurse.scan.pane.picture, "mode", Mode.B) is mode)
    view = nurse.scan.pane.picture
    assert isinstance(view, BeamView)
    return view


async def caliper_to(nurse: Nurse, first: int, last: int) -> None:
    """Both ends of the held caliper to columns, by the arrow keys."""
    for column in (last, first):
        end = nurse.scan.held.active.held
        by = column - round(nurse.scan.held.active.handles[end][0])
        way = "right" if by > 0 else "left"
        await nurse.press(*[f"shift+{way}"] * (abs(by) // 10), *[way] * (abs(by) % 10), "tab")


def beats_of(strip: MMode) -> tuple[int, int] | None:
    """The first columns of two looks, so many beats apart, that see the ventricle's upper wall where it is highest.

    None where none are in a row: a busy machine loses frames, and a rate is not read across what was not seen.
    """
    rows = [row for row in range(len(strip.pixels)) if 75.6 <= strip.to_mm(row) <= 76.8]
    dark = strip.pixels[rows].mean(axis=0)
    seen = np.flatnonzero(strip.filled)
    full = dark < 0.5 * np.percentile(dark[seen], 90)
    begins = [int(column) for column in seen[1:] if full[column] and not full[column - 1]]
    for first, last in zip(begins, begins[BEATS:], strict=False):
        looks_us = strip.looked_us[first : last + 1]
        if looks_us.min() > 0 and looks_us.max() < 1.3 * strip.interval_us:
            return first, last
    return None


async def freeze_on_beats(nurse: Nurse) -> tuple[int, int]:
    """Freeze a strip that holds beats in a row; again, where frames were lost."""
    for _ in range(20):
        await nurse.until(lambda: beats_seen(nurse) > BEATS)
        await nurse.press("space")
        await nurse.until(lambda: nurse.scan.held)
        found = beats_of(nurse.scan.held.picture.strip)
        if found is not None:
            return found
        await nurse.press("space")
        await nurse.live()
    raise AssertionError("never so many beats in a row")


def rate_of_the_phantom(interval_us: int) -> float:
    heart = SCENES["heart"].heart
    return 60e6 * heart.beats_per_loop / (Phantom.loop * interval_us)


def test_the_beam_of_a_picture_is_chosen_and_looked_along(station: Station) -> None:
    async def journey(nurse: Nurse) -> None:
        await scanning(nurse)
        assert isinstance(nurse.scan.pane.picture, Picture)
        assert nurse.scan.pane.beam is None
        assert nurse.keys["B M A"] == "Mode"
        await nurse.press("right")
        await nurse.until(lambda: nurse.scan.pane.beam)
        first = nurse.scan.pane.beam.line
        await nurse.press("shift+left")
        await nurse.until(lambda: nurse.scan.pane.beam.line == first - 10)
        await nurse.press("m")
        view = await shows(nurse, Mode.M)
        assert (view.line, view.lines) == (first - 10, 96)
        await nurse.press("f")
        assert "Press B" in nurse.says
        await nurse.press("a")
        assert (await shows(nurse, Mode.A)).line == first - 10
        await nurse.press("space")
        await nurse.until(lambda: nurse.scan.held)
        assert nurse.keys["C"] == "Caliper"
        assert not {"E", "T", "R"} & set(nurse.keys)
        await nurse.press("t")
        assert "Press M" in nurse.says
        await nurse.press("m")
        await nurse.until(lambda: nurse.scan.held.picture.mode is Mode.M)
        await nurse.press("c", "b")
        assert "Keep the caliper" in nurse.says
        await nurse.press("delete", "b")
        await nurse.until(lambda: isinstance(nurse.scan.held.picture, Picture))

    station.run(journey)


def test_the_heart_rate_on_the_screen_is_the_phantoms_in_the_record_and_on_paper(station: Station) -> None:
    async def journey(nurse: Nurse) -> None:
        await scanning(nurse)
        for _ in range(3):  # to the middle of the right ventricle
            await nurse.press("right")
        await nurse.press("m")
        await shows(nurse, Mode.M)
        first, last = await freeze_on_beats(nurse)
        strip = nurse.scan.held.picture.strip
        await nurse.press("r")
        assert "Heart rate, 1 beat, moving" in str(nurse.scan.side.query_one("#readings").render())
        await caliper_to(nurse, first, last)
        await nurse.press(str(BEATS))
        truth = rate_of_the_phantom(strip.interval_us)
        text = str(nurse.scan.side.query_one("#readings").render())
        found = re.match(r"1  (\d+) /min ± (\d+) /min", text)
        assert found, text
        value, error = map(int, found.groups())
        assert abs(value - truth) <= error < 0.05 * truth
        assert f"Heart rate, {BEATS} beats, moving" in text
        await nurse.press("enter", "c", "enter", "t")
        await caliper_to(nurse, first, last)
        await nurse.press("enter", "k")
        await nurse.until(lambda: "loop of" in nurse.says)
        exams = nurse.app.session.workstation.exams
        record = exams.record(exams.all()[0].id)
        rate, depth, time = record.measurements
        assert [(one.unit, one.label) for one in record.measurements] == [
            ("/min", "Heart rate"), ("um", "Distance"), ("ms", "Time"),
        ]  # fmt: skip
        assert (rate.value, rate.error, rate.concept.code, rate.method) == (value, error, "8867-4", "5 beats in M-mode")
        assert depth.error > 0.04 * depth.value, "an uncalibrated probe's scale is not known"
        assert 0 < time.error < time.value
        still = next(image for image in record.images if image.kind == "still")
        assert (still.mode, still.pixel_um, still.line) == ("M", 0, strip.line)
        assert [(axis.unit, axis.first, axis.step) for axis in still.axes] == [
            ("us", strip.started_us, strip.us_per_column), ("um", strip.first_range_um, strip.um_per_row),
        ]  # fmt: skip
        again = strip_again(nurse, still, strip)
        assert (again.digest, again.started_us) == (still.source.chain_digest, strip.started_us)
        np.testing.assert_array_equal(again.pixels, strip.pixels)
        content = report_content(record, issued_ms=0, timezone_offset_min=0, version="test")
        printed = {row.label: (row.value, row.error, row.unit, row.scale) for row in content.measurements}
        assert printed["Heart rate"] == (str(value), str(error), "/min", "")
        assert printed["Time"] == (str(time.value), str(time.error), "ms", "")
        assert printed["Distance"][3] == "scale not validated"
        assert "half the time between two looks" in content.rounding
        [plate] = content.plates
        said = {line.label: line.value for line in plate.lines}
        assert said["Mode"].startswith("M-mode")
        assert "Width shown" not in said
        await nurse.press("enter")
        await nurse.until(lambda: isinstance(nurse.app.screen, SummaryScreen))
        assert f"Heart rate: {value} /min" in str(nurse.app.screen.query_one("#numbers").render())
        await nurse.press("enter")
        await nurse.until(lambda: isinstance(nurse.app.screen, ReadBackScreen))
        words = str(nurse.app.screen.query_one("#text").render())
        assert re.search(rf"Heart rate +{value} /min +± {error}", words)
        assert re.search(rf"Time +{time.value} ms", words)

    station.run(journey, probe=HEART)


def beats_seen(nurse: Nurse) -> int:
    """How many beats the live strip holds by now."""
    strip = getattr(nurse.scan.pane.picture, "strip", None)
    return 0 if strip is None else int(strip.filled.sum() * strip.us_per_column * rate_of_the_phantom(100_000) / 60e6)


def strip_again(nurse: Nurse, image, strip: MMode) -> MMode:  # type: ignore[no-untyped-def]
    """The strip drawn anew from the sweeps that were kept with it."""
    blobs = nurse.app.session.workstation.exams._desk.archivist.blobs
    frames = decode_frames(blobs.read(image.blobs["frames"]))
    assert len(frames) == image.frames
    rows, columns = strip.pixels.shape
    chain = MModeChain.plan(frames[-1], Preset.load(image.source.preset), image.line, columns, rows, 5000)
    for frame in frames:
        chain.run(frame)
    return chain.picture()


@pytest.fixture
def board() -> Iterator[str]:
    """A P0RK board on a pseudo-terminal."""
    stop, address = threading.Event(), SimpleQueue()
    thread = threading.Thread(
        target=pty.serve, args=(P0rkDevice(BlockSource()), 800_000, address.put, stop), daemon=True
    )
    thread.start()
    yield address.get(timeout=10)
    stop.set()
    thread.join(10)


def test_a_board_of_single_lines_shows_its_beam_and_never_a_picture(station: Station, board: str) -> None:
    seen: set[str] = set()

    async def journey(nurse: Nurse) -> None:
        await scanning(nurse)
        view = await shows(nurse, Mode.M)
        assert (view.preset_name, view.lines) == ("a_line_test", 1)
        assert "← →" not in nurse.keys
        await nurse.press("b")
        await nurse.until(lambda: "The beam stands still" in nurse.says)
        await nurse.press("a", "right")
        await shows(nurse, Mode.A)
        seen.add(type(nurse.scan.pane.picture).__name__)
        await nurse.press("space")
        await nurse.until(lambda: nurse.scan.held)
        view = nurse.scan.held.picture
        second, sixth = echo_columns(view, 2), echo_columns(view, 6)
        await nurse.press("c")
        await caliper_to(nurse, second, sixth)
        await nurse.press("enter", "k")
        await nurse.until(lambda: "loop of" in nurse.says)
        exams = nurse.app.session.workstation.exams
        record = exams.record(exams.all()[0].id)
        [measured] = record.measurements
        through = 4 * BlockSource.block_mm * 1000 * view.sound_speed_m_s / STEEL_M_S
        # the block swells by a twenty-fifth, and an echo's top is found to a column
        assert measured.value == pytest.approx(through, abs=0.04 * through + 2 * view.across.step)
        assert measured.method == "along one beam, A-mode"
        still = next(image for image in record.images if image.kind == "still")
        assert (still.mode, [axis.unit for axis in still.axes]) == ("A", ["um", "mdB"])
        assert record.exam.simulated

    station.run(journey, probe=board, driver="p0rk")
    assert seen == {"BeamView"}


def echo_columns(view: BeamView, number: int) -> int:
    """The column of the so many-th echo of the block's far side."""
    spacing_um = BlockSource.block_mm * 1000 * view.sound_speed_m_s / STEEL_M_S
    about = view.across.place(number * spacing_um)
    near = range(round(about * 0.94), round(about * 1.06))
    heights = (view.pixels > 0).sum(axis=0)
    return max(near, key=lambda column: heights[column])
