"""Every probe recording at hand is read and recognised, its known defects are found, and other files get a sentence."""

from __future__ import annotations

import contextlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from probe.errors import RecordingError
from probe.formats.registry import FORMATS
from probe.recording import Recording, steady_us
from probe.settings import SampleFormat

RF, LINEAR, LOG = SampleFormat.RF_I16, SampleFormat.ENVELOPE_U8_LINEAR, SampleFormat.ENVELOPE_U8_LOG
# file -> frames, (lines, samples), format of the first frame, sample rate
EXPECTED = {
    "echopen_app/probe_v1_3_5MHz_frame0.txt": (1, (100, 217), LINEAR, 800_000),
    "echopen_app/probe_v1_5MHz_frame0.txt": (1, (100, 217), LINEAR, 800_000),
    "echopen_dataquarium/gelpad_env_u8.npz": (8, (128, 2111), LINEAR, 15_625_000),
    "echopen_dataquarium/hand_env_u8.npz": (8, (128, 2111), LINEAR, 15_625_000),
    "echopen_dataquarium/raw_hand_rf_int16.npz": (9, (64, 1689), RF, 15_625_000),
    "echopen_dataquarium/sponge_env_u8.npz": (8, (128, 2111), LINEAR, 15_625_000),
    "echopen_labtool/film_int40.txt": (1, (64, 1689), RF, 15_625_000),
    "echopen_labtool/film_rf_int16.npz": (70, (64, 1689), RF, 15_625_000),
    "echopen_labtool/hand_hand.txt": (1, (64, 1689), RF, 15_625_000),
    "echopen_labtool/plate_plate.txt": (1, (64, 1689), RF, 15_625_000),
    "echopen_raw128/screen_envelope.npz": (1, (128, 5067), LINEAR, 125_000_000),
    "echopen_raw128/screen_raw_rf.npz": (1, (128, 5067), RF, 125_000_000),
    "pic0rick/selftest_P0RK_frames.bin": (21, (1, 4096), RF, 60_000_000),
    "pic0rick/steel_block_adc_u16.npz": (28, (1, 7960), RF, 60_000_000),
    "un0rick/20180516a-1.json": (1, (1, 12800), RF, 64_000_000),
    "un0rick/20180516a-3.json": (1, (1, 12800), RF, 64_000_000),
    "un0rick/20210117173109.npz": (32, (1, 16384), RF, 64_000_000),
    "un0rick/20240208182809_ndt.npz": (32, (1, 16384), RF, 64_000_000),
    "uprobe1/20170404-potatoes.frames00-11.stream.bin": (12, (128, 512), LOG, 2_628_267),
    "wulpus/data_0.npz": (100, (1, 397), RF, 8_000_000),
}
# what lies beside them: the same data in another dress, settings, licences
NOT_RECORDINGS = {
    "pic0rick/calibration_block_5steps_1018steel.h5", "pic0rick/selftest_headers.json", "wulpus/tx_rx_configs.json",
    "wulpus/uss_config.json", "echopen_dataquarium/readme.txt",
    *(f"pic0rick/selftest_{name}.npy" for name in ("alaw", "alaw_decoded", "envelope", "raw")),
    *(f"echopen_labtool/{name}_settings.txt" for name in ("film", "hand", "plate")),
    *(f"echopen_app/probe_v1_{name}MHz_settings.txt" for name in ("3_5", "5")),
}  # fmt: skip
# channel data of arrays, for beamforming: no probe that Sauti speaks with sends it, and its readers are for tests only
OTHER_FOLDERS = {"channel_data"}


def test_every_file_of_the_recordings_is_accounted_for(recordings: Path) -> None:
    there = {path.relative_to(recordings).as_posix() for path in recordings.rglob("*") if path.is_file()}
    data = {name for name in there if "/" in name and not name.rpartition("/")[2].startswith(("LICENSE", "README"))}
    data = {name for name in data if name.partition("/")[0] not in OTHER_FOLDERS}
    assert data == set(EXPECTED) | NOT_RECORDINGS


@pytest.mark.parametrize("name", EXPECTED)
def test_it_is_read_and_recognised(recordings: Path, name: str) -> None:
    recording = Recording.load(recordings / name)
    frames, shape, kind, rate_hz = EXPECTED[name]
    assert recording.frames == frames
    assert recording.kind
    first = recording.frame(0)
    assert (first.samples.shape, first.format, first.sampling.rate_hz) == (shape, kind, rate_hz)
    assert recording.has_picture == (shape[0] > 1)
    for frame in recording.all:
        assert not frame.samples.flags.writeable
        assert not frame.missing.flags.writeable
        assert frame.geometry.lines == frame.lines == len(frame.missing) == len(frame.line_us)
        assert not frame.samples[frame.missing].any()
        assert frame.provenance.calibration is None
        assert frame.device_us >= 0


@pytest.mark.parametrize("name", sorted(NOT_RECORDINGS))
def test_what_lies_beside_is_refused_with_a_sentence(recordings: Path, name: str) -> None:
    with pytest.raises(RecordingError, match="is of no kind that Sauti reads"):
        Recording.load(recordings / name)


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("echopen_labtool", "film_rf_int16.npz"), ("echopen_dataquarium", "raw_hand_rf_int16.npz"),
        ("pic0rick", "steel_block_adc_u16.npz"), ("uprobe1", "20170404-potatoes.frames00-11.stream.bin"),
        ("wulpus", "data_0.npz"), ("echopen_app", "probe_v1_3_5MHz_frame0.txt"),
    ],
)  # fmt: skip
def test_a_folder_gives_its_best_recording(recordings: Path, folder: str, name: str) -> None:
    assert Recording.load(recordings / folder).name == name


@pytest.mark.parametrize("name", [name for name in EXPECTED if "envelope" not in name])
def test_any_of_them_cut_or_bent_is_a_sentence_or_still_right(recordings: Path, tmp_path: Path, name: str) -> None:
    source = recordings / name
    for beside in source.parent.iterdir():
        if beside.stat().st_size < 20_000:
            shutil.copyfile(beside, tmp_path / beside.name)
    data = source.read_bytes()
    random = np.random.default_rng(len(name))
    for trial in range(6):
        bent = bytearray(data)
        if trial % 2:
            bent = bent[: int(random.integers(len(bent)))]
        else:
            for at in random.integers(len(bent), size=3):
                bent[at] ^= int(random.integers(1, 256))
        path = tmp_path / source.name
        path.write_bytes(bent)
        with contextlib.suppress(RecordingError):
            frames = Recording.load(path).all
            assert all(frame.lines == len(frame.missing) for frame in frames)


# the documented defects


def test_dead_lines_are_masked_and_zero(recordings: Path) -> None:
    recording = Recording.load(recordings / "echopen_dataquarium" / "raw_hand_rf_int16.npz")
    assert [int(frame.missing.sum()) for frame in recording.all] == [16] + [15] * 8
    assert recording.dead_lines(0) == tuple(range(1, 17))
    assert "15 to 16 lines of a frame are dead: they are masked." in recording.remarks


def test_the_kits_own_setting_wins_over_its_wrong_header(recordings: Path) -> None:
    for name in ("hand_hand", "plate_plate", "film_int40"):
        recording = Recording.load(recordings / "echopen_labtool" / f"{name}.txt")
        assert recording.geometry.angle_mdeg[-1] == 28_500
        assert any("80 degrees" in remark and "57" in remark for remark in recording.remarks)
    unverified = Recording.load(recordings / "echopen_raw128")
    assert any("unverified" in remark for remark in unverified.remarks)


def test_the_offset_of_the_kit_is_left_in_the_samples(recordings: Path) -> None:
    frame = Recording.load(recordings / "echopen_labtool").frame(0)
    assert 45 < frame.samples.mean() < 55
    full_rate = Recording.load(recordings / "echopen_raw128" / "screen_raw_rf.npz").frame(0)
    assert 59 < full_rate.samples.mean(axis=1).min() < full_rate.samples.mean(axis=1).max() < 61


def test_a_clock_that_jumps_says_nothing_of_the_time_between_two_frames() -> None:
    assert steady_us([10, 11, 12, 13]) == ((0, 1_000_000, 2_000_000, 3_000_000), ())
    times, jumps = steady_us([6000, 6001, 6002, 29, 30, 31])
    assert (times, jumps) == ((0, 1_000_000, 2_000_000, 3_000_000, 4_000_000, 5_000_000), (3,))
    times, jumps = steady_us([0, 1, 2, 90_000, 90_001])
    assert (times[-1], jumps) == (4_000_000, (3,))
    assert steady_us([5, 5, 5]) == ((0, 0, 0), ())
    assert steady_us([7]) == ((0,), ())


def test_a_film_whose_clock_jumps_back_is_read_and_says_so(recordings: Path, tmp_path: Path) -> None:
    with np.load(recordings / "echopen_labtool" / "film_rf_int16.npz", allow_pickle=False) as archive:
        values = {key: archive[key] for key in archive.files}
    values["rf"] = values["rf"][:6]
    values["unix_time"] = values["unix_time"][:6] - np.array([0, 0, 0, 5973, 5973, 5973])
    np.savez(tmp_path / "jump.npz", **values)
    recording = Recording.load(tmp_path / "jump.npz")
    assert recording.remarks == ("The file's clock jumps before frame 3.",)
    times = [frame.device_us for frame in recording.all]
    assert times == sorted(times)
    assert times[-1] < 20_000_000


def test_odd_lines_of_un0rick_are_half_a_clock_late(recordings: Path) -> None:
    recording = Recording.load(recordings / "un0rick" / "20210117173109.npz")
    assert [frame.sampling.first_sample_ns for frame in recording.all[:4]] == [0, 8, 0, 8]


def test_a_p0rk_stream_with_a_damaged_frame_keeps_the_others(recordings: Path, tmp_path: Path) -> None:
    data = bytearray((recordings / "pic0rick" / "selftest_P0RK_frames.bin").read_bytes())
    data[9000] ^= 1
    path = tmp_path / "bent.bin"
    path.write_bytes(data)
    recording = Recording.load(path)
    assert recording.frames == 20
    assert any("belong to no frame" in remark for remark in recording.remarks)
    assert all(frame.provenance.simulated for frame in recording.all)


@pytest.mark.parametrize("name", ["probe_v1_3_5MHz_frame0.txt", "probe_v1_5MHz_frame0.txt"])
def test_both_heads_of_the_lounger_show_one_upright_rectangle(recordings: Path, name: str) -> None:
    """20 by 40 mm, with edges that stay within half a millimetre of straight up and level."""
    frame = Recording.load(recordings / "echopen_app" / name).frame(0)
    angles, origins = frame.geometry.angles_rad()[:, None], frame.geometry.origins_mm()
    ranges_mm = frame.sampling.range_mm(np.arange(frame.sampling.samples), 1480)
    bright = frame.samples > frame.samples.max() / 2
    x = (origins[:, :1] + ranges_mm * np.sin(angles))[bright]
    z = (origins[:, 1:] + ranges_mm * np.cos(angles))[bright]
    for along, across in ((x, z), (z, x)):
        low, middle, high = np.percentile(along, (10, 50, 90))
        halves = [across[(along > low) & (along < middle)], across[(along > middle) & (along < high)]]
        edges = np.array([np.percentile(half, (0.5, 99.5)) for half in halves])
        assert np.abs(np.diff(edges, axis=0)).max() < 0.5
    # an edge is bright to within half a line or a sample
    assert np.ptp(np.percentile(x, (1, 99))) == pytest.approx(19.6, abs=0.5)
    assert np.ptp(np.percentile(z, (1, 99))) == pytest.approx(39.2, abs=0.6)


# found by make fuzz


def test_a_text_where_the_full_rate_reader_wants_a_number_is_a_sentence(tmp_path: Path) -> None:
    data = np.arange(200, dtype=np.int16).reshape(4, 50)
    np.savez(tmp_path / "x.npz", data=data, frequency=b"125", piezofrequency=3.5, angle=80.0, r0=50.0, rf=80.0)
    with pytest.raises(RecordingError, match=r"The numbers in x\.npz are not readable"):
        Recording.load(tmp_path / "x.npz")


def test_a_zip_of_a_version_that_nobody_knows_is_a_sentence(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", rf=np.zeros((1, 2, 3), dtype=np.int16))
    data = bytearray((tmp_path / "x.npz").read_bytes())
    directory = data.index(b"PK\x01\x02")
    data[directory + 6] = 97  # "version needed to extract" 9.7
    (tmp_path / "x.npz").write_bytes(data)
    with pytest.raises(RecordingError, match="damaged or cut short"):
        Recording.load(tmp_path / "x.npz")


@pytest.mark.parametrize("times", [np.zeros(0, "<M8[s]"), np.float64(3), ["x"], ["NaT"]], ids=str)
def test_times_that_do_not_fit_the_lines_are_a_sentence(tmp_path: Path, times: object) -> None:
    np.savez(tmp_path / "x.npz", adc=np.full((1, 8000), 512, np.uint16), fs_hz=6e7, dac=250, timestamp=times)
    with pytest.raises(RecordingError, match=r"The numbers in x\.npz are not readable"):
        Recording.load(tmp_path / "x.npz")


def test_one_target_for_all_lines_is_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", adc=np.full((1, 8000), 512, np.uint16), fs_hz=6e7, dac=250, target="20.0 mm")
    assert any("the label is wrong" in remark for remark in Recording.load(tmp_path / "x.npz").remarks)


def test_numbers_of_acquisitions_that_are_words_are_a_sentence(tmp_path: Path) -> None:
    names = "meas_period pulse_freq num_pulses sampling_freq rx_gain num_samples dcdc_turnon start_ppg start_adcsampl"
    values = (50_000, 2_250_000, 2, 8_000_000, 13, 400, 100, 500, 509)
    said = {**dict(zip(names.split(), values, strict=True)), "capt_timeout": 3000}
    (tmp_path / "uss_config.json").write_text(json.dumps(said))
    data = np.ones((400, 2), dtype=np.int16)
    for numbers, read in ((np.array([7, 8], np.uint16), True), (np.array(["7", "x"]), False)):
        np.savez(tmp_path / "x.npz", data_arr=data, acq_num_arr=numbers)
        if read:
            assert Recording.load(tmp_path / "x.npz").frames == 2
            continue
        with pytest.raises(RecordingError, match="no settings that fit it"):
            Recording.load(tmp_path / "x.npz")


# the table


def test_every_reader_in_the_table_is_there() -> None:
    from importlib import import_module

    for kind in FORMATS:
        module, _, attribute = kind.reader.partition(":")
        assert callable(getattr(import_module(module), attribute))


def test_an_envelope_of_the_full_rate_is_told_from_rf_by_its_counts(tmp_path: Path) -> None:
    said = {"frequency": 125.0, "piezofrequency": 3.5, "angle": 80.0, "r0": 50.0, "rf": 80.0}
    counts = np.arange(4 * 50, dtype=np.int16).reshape(4, 50)
    for data, kind in ((counts, LINEAR), (counts - 100, RF), (counts + 100, RF)):
        np.savez(tmp_path / "x.npz", data=data, **said)
        assert Recording.load(tmp_path / "x.npz").frame(0).format is kind
    np.savez(tmp_path / "x.npz", data=counts, frequency=125.0, r0=50.0, rf=80.0)
    with pytest.raises(RecordingError, match="not readable"):
        Recording.load(tmp_path / "x.npz")
