"""Writer, courier and the adapter: what a receipt promises is on the disk, and a kept picture keeps its millimetres."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from clinic.beams import Beam
from clinic.clock import SystemClock
from clinic.compose import ProbeChoice, Site, build
from clinic.courier import Prepared
from clinic.errors import OutOfOrder
from clinic.events import Event, RecordSaved
from clinic.exam import picture_of_image, plate
from clinic.measuring import Placement
from clinic.patient_file import parse_patient
from clinic.scanner import Frozen
from clinic.workstation.workstation import Workstation
from imaging.chain import Chain, picture_of
from imaging.cine import Loop
from imaging.codecs import decode_frames
from imaging.layout import View
from imaging.modes import Mode
from imaging.preset import Preset
from probe.capabilities import Capabilities
from probe.frame import Frame
from probe.settings import SampleFormat
from records.errors import Invalid
from records.home import Home, HomeLock
from records.vault import Vault

CAPABILITIES = Capabilities(
    driver="eop1", model="EOP/1 practice phantom", serial="TWIN-PHANTOM-0001", firmware="twin-1", simulated=True,
    modes=("B",), formats=(SampleFormat.ENVELOPE_U8_LOG,), fetch_formats=(), ring_frames=0, max_lines=96,
    max_samples=2500, min_frame_interval_us=1, centre_hz=(3_500_000,), gain_db=(0, 0), mechanical_index="0.4",
)  # fmt: skip


@pytest.fixture
def heard() -> list[Event]:
    return []


@pytest.fixture
def station(site: tuple[Home, HomeLock, Vault], heard: list[Event], clock: SystemClock) -> Iterator[Workstation]:
    home, lock, vault = site
    with build(Site(home, lock, vault, "Clinic", "PC"), ProbeChoice(), clock, heard.append, "test") as workstation:
        workstation.operators.sign_in("Nurse Amina").wait()
        yield workstation


@pytest.fixture
def frozen(sweeps: tuple[tuple[Frame, ...], Frame]) -> Frozen:
    live, rf = sweeps
    return Frozen(Loop(live), rf, picture_of(rf, Preset.load("obstetric"), 320, 240))


def started(station: Workstation) -> str:
    entry = parse_patient({"patient_id": "7", "family_name": "Okafor"})
    return station.exams.start(station.patients.register(entry).wait(), "Basic").wait()


def test_saved_is_posted_after_the_commit(station: Workstation, heard: list[Event]) -> None:
    exam = started(station)
    assert station.exams.record(exam).exam.state == "open"
    saved = [event.types for event in heard if isinstance(event, RecordSaved)]
    assert saved == [("operator.added",), ("patient.registered",), ("exam.started",)]


def test_a_kept_picture_is_whole_and_keeps_its_millimetres(station: Workstation, frozen: Frozen) -> None:
    exam = started(station)
    kept = station.exams.keep_image(exam, frozen, "Head", CAPABILITIES).wait()
    [image] = station.exams.record(exam).images
    assert image == kept.image
    blobs = station._desk.archivist.blobs
    again = picture_of_image(image, blobs.read(image.blobs["display"]))
    assert np.array_equal(again.pixels, frozen.picture.pixels)
    assert again.to_mm(12.5, 200) == frozen.picture.to_mm(12.5, 200)
    assert (image.source.mechanical_index, image.source.thermal_index) == ("0.4", "")
    [rf] = decode_frames(blobs.read(image.blobs["rf"]))
    assert np.array_equal(rf.samples, frozen.frame.samples)
    assert again.provenance.simulated


def test_the_output_of_another_probe_is_not_written_under_a_picture(station: Workstation, frozen: Frozen) -> None:
    other = replace(CAPABILITIES, serial="another")
    kept = station.exams.keep_image(started(station), frozen, "Head", other).wait()
    assert (kept.image.source.mechanical_index, kept.image.source.thermal_index) == ("", "")


def test_a_kept_loop_holds_every_frame(station: Workstation, frozen: Frozen) -> None:
    exam = started(station)
    kept = station.exams.keep_loop(exam, frozen, "Head, loop", CAPABILITIES).wait()
    frames = decode_frames(station._desk.archivist.blobs.read(kept.image.blobs["frames"]))
    assert [frame.number for frame in frames] == [frame.number for frame in frozen.loop.frames]
    assert kept.image.frames == len(frames) == 4


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("upside_down", [False, True])
def test_a_turned_picture_measures_the_same_millimetres(
    station: Workstation, frozen: Frozen, mirrored: bool, upside_down: bool
) -> None:
    """From the picture to the disk and back: the same place in the body, whichever way round it was looked at."""
    view = View(mirrored=mirrored, upside_down=upside_down)
    chain = Chain.plan(frozen.frame, Preset.load("obstetric"), 320, 240, view=view)
    chain.run(frozen.frame)
    turned = replace(frozen, picture=chain.picture())
    exam = started(station)
    placements = [Placement("Head", (turned.picture.to_pixel(-20, 60), turned.picture.to_pixel(15, 110)))]
    kept = station.exams.keep_image(exam, turned, "Head", CAPABILITIES, placements).wait()
    [image], [measured] = station.exams.record(exam).images, station.exams.record(exam).measurements
    assert image == kept.image
    assert (image.mirrored, image.upside_down) == (mirrored, upside_down)
    assert measured.value == round(1000 * math.hypot(35, 50))
    again = picture_of_image(image, station._desk.archivist.blobs.read(image.blobs["display"]))
    ends = [again.to_mm(*(number / 1000 for number in measured.points_mpx[at : at + 2])) for at in (0, 2)]
    assert ends == [pytest.approx((-20, 60), abs=0.001), pytest.approx((15, 110), abs=0.001)]
    assert np.array_equal(again.pixels[:: -1 if upside_down else 1, :: -1 if mirrored else 1], frozen.picture.pixels)
    assert (image.source.gain_db, image.source.dynamic_range_db) == ("0", "60")


def test_a_measurement_is_drawn_on_its_plate(station: Workstation, frozen: Frozen) -> None:
    exam = started(station)
    kept = station.exams.keep_image(exam, frozen, "Head", CAPABILITIES).wait()
    ends = frozen.picture.to_pixel(0, 60), frozen.picture.to_pixel(0, 130)
    [measured] = station.exams.measure(kept, [Placement("Head", ends)]).wait()
    assert abs(measured.value - 70_000) <= 1
    display = station._desk.archivist.blobs.read(kept.image.blobs["display"])
    assert plate(kept.image, [measured], display, "7") != plate(kept.image, [], display, "7")


def test_a_real_picture_never_reaches_the_practice_store(station: Workstation, frozen: Frozen) -> None:
    real = replace(frozen.picture, provenance=replace(frozen.picture.provenance, simulated=False))
    with pytest.raises(OutOfOrder, match="do not mix"):
        station.exams.keep_image(started(station), replace(frozen, picture=real), "Head", CAPABILITIES)


def test_a_signed_exam_takes_no_more_pictures(station: Workstation, frozen: Frozen) -> None:
    exam = started(station)
    station.exams.read_back(exam).wait()
    station.exams.sign(exam).wait()
    with pytest.raises(Invalid, match="signed and cannot be changed"):
        station.exams.keep_image(exam, frozen, "Head", CAPABILITIES).wait()
    assert station.exams.record(exam).images == ()


def test_nobody_signed_in_records_nothing(
    site: tuple[Home, HomeLock, Vault], clock: SystemClock, frozen: Frozen
) -> None:
    home, lock, vault = site
    with build(Site(home, lock, vault), ProbeChoice(), clock, lambda event: None, "test") as workstation:
        with pytest.raises(OutOfOrder, match="Nobody is signed in"):
            workstation.patients.register(parse_patient({"patient_id": "7", "family_name": "Okafor"}))
        assert workstation.patients.all() == ()


def test_a_failed_errand_commits_nothing_and_the_courier_lives_on(station: Workstation) -> None:
    def fails() -> Prepared[int]:
        raise OSError("disk")

    courier = station._desk.courier
    with pytest.raises(OSError, match="disk"):
        courier.send(fails, "system").wait(5)
    with pytest.raises(Invalid):
        courier.send(lambda: Prepared([], 1), "system").wait(5)
    assert started(station)


def test_what_was_posted_before_closing_is_committed(
    site: tuple[Home, HomeLock, Vault], clock: SystemClock, sweeps: tuple[tuple[Frame, ...], Frame], frozen: Frozen
) -> None:
    home, lock, vault = site
    station = build(Site(home, lock, vault), ProbeChoice(), clock, lambda event: None, "test")
    station.operators.sign_in("Nurse Amina").wait()
    exam = started(station)
    gate = threading.Event()
    station._desk.courier._worker.post(lambda: (gate.wait(5), None)[1])
    receipt = station.exams.keep_image(exam, frozen, "Head", CAPABILITIES)
    assert not receipt.done
    gate.set()
    station.close()
    assert receipt.wait(0).image.exam == exam
    again = home.lock("test")
    assert home.store("practice").blobs.is_dir()
    again.release()


def test_a_strip_is_kept_whatever_the_probes_clock_says(
    station: Workstation, sweeps: tuple[tuple[Frame, ...], Frame]
) -> None:
    """EOP/1 counts microseconds to 2^62; a record counts to 2^53."""
    live = [replace(frame, device_us=frame.device_us + (1 << 61)) for frame in sweeps[0]]
    beam = Beam(live[0], Preset.load("obstetric"), Mode.M, 40, (320, 240), 0)
    beam.draw(live[:-1])
    view = beam.look(live[-1])
    kept = station.exams.keep_image(
        started(station), Frozen(Loop(tuple(live)), live[-1], view), "Heart", CAPABILITIES
    ).wait()
    across, down = kept.image.axes
    assert (across.unit, across.first, across.step) == ("us", 0, view.across.step)
    assert (down.unit, down.first, down.step) == ("um", view.down.first, view.down.step)
