"""WULPUS's lines, which have no check sum: any chunks, damage, and the recordings of the maker's host."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.driver import FrameReceived, Identified
from probe.drivers.wulpus import LONGEST_SILENCE_NS, WulpusDriver
from probe.errors import RecordingError
from probe.protocols.wulpus import FRAME_BYTES, KEPT, Acquisition, Decoder, Idle, pack, pack_idle
from probe.protocols.wulpus_config import WulpusConfig
from probe.recording import Recording
from probe.settings import Sampling, Settings
from tests.probe.talk import in_chunks

CHUNKS = (1, 2, 63, 64, 65, 4096)


def acquisition(number: int = 0, samples: np.ndarray | None = None) -> Acquisition:
    made = np.random.default_rng(number).integers(-2048, 2048, 400).astype(np.int16)
    return Acquisition(0, number, False, made if samples is None else samples)


def numbers(found: list) -> list[int]:
    return [item.number for item in found if isinstance(item, Acquisition)]


def drained(decoder: Decoder, found: list) -> list:
    """What a clock would bring out of it."""
    while decoder.waiting:
        found = found + decoder.abandon()
    return found


@pytest.mark.parametrize("chunk", CHUNKS)
def test_recorded_acquisitions_on_the_wire_are_the_recordings_lines(recordings: Path, chunk: int) -> None:
    with np.load(recordings / "wulpus" / "data_0.npz") as arrays:
        rows = zip(arrays["tx_rx_id_arr"].tolist(), arrays["acq_num_arr"].tolist(), arrays["data_arr"].T, strict=True)
        stream = b"".join(pack(Acquisition(path, number, False, samples)) for path, number, samples in rows)
    driver, now_ns = WulpusDriver(), LONGEST_SILENCE_NS
    driver.identify(0)
    said = driver.feed(b"", now_ns)
    driver.configure(Settings(), now_ns)
    assert driver.start(now_ns) == WulpusConfig().packet()
    found = in_chunks(lambda data: driver.feed(data, now_ns), stream, chunk)
    got = [event.frame for event in found if isinstance(event, FrameReceived)]
    wanted = Recording.load(recordings / "wulpus")
    assert not next(event.capabilities.simulated for event in said if isinstance(event, Identified))
    assert len(got) == wanted.frames == 100
    for frame, recorded in zip(got, wanted.all, strict=True):
        assert np.array_equal(frame.samples, recorded.samples)
        assert frame.sampling == recorded.sampling == Sampling(KEPT, 8_000_000, 9_000)
        assert frame.device_us - got[0].device_us == recorded.device_us
    assert driver.counters.skipped_bytes == driver.counters.lost_blocks == 0


@pytest.mark.parametrize("chunk", CHUNKS)
@pytest.mark.parametrize("place", [0, 100, 399 * 2 - 6])
def test_a_start_among_the_samples_costs_nothing(chunk: int, place: int) -> None:
    poison = bytearray(800)
    poison[place : place + 6] = b"START\n"
    worse = bytearray(800)
    for at in range(0, 780, 13):
        worse[at : at + 13] = pack(acquisition(3))[:13]
    lines = [acquisition(n, np.frombuffer(bytes(data), "<i2")) for n, data in enumerate((poison, worse, worse, poison))]
    stream = b"".join(map(pack, lines))
    decoder = Decoder()
    found = drained(decoder, in_chunks(decoder.feed, stream, chunk))
    assert b"".join(map(pack, found)) == stream
    assert (decoder.errors, decoder.skipped_bytes) == (0, 0)


@pytest.mark.parametrize("cut", [*range(1, FRAME_BYTES, 37), FRAME_BYTES - 1])
def test_bytes_lost_in_a_line_cost_that_line_only(cut: int) -> None:
    stream = b"".join(pack(acquisition(n)) for n in range(3))
    decoder = Decoder()
    found = drained(decoder, in_chunks(decoder.feed, stream[:cut] + stream[cut + 1 :], 64))
    assert numbers(found) == [1, 2]


@given(before=st.binary(max_size=400), after=st.binary(max_size=400), chunk=st.integers(1, 900))
def test_a_line_behind_garbage_is_never_lost(before: bytes, after: bytes, chunk: int) -> None:
    good, decoder = pack(acquisition(77)), Decoder()
    found = drained(decoder, in_chunks(decoder.feed, before + good + after, chunk))
    assert good in [pack(item) for item in found if isinstance(item, Acquisition)]


@given(cut=st.integers(1, FRAME_BYTES - 1), repeats=st.integers(1, 3), chunk=st.integers(1, 900))
def test_the_beginnings_of_other_lines_hide_no_line(cut: int, repeats: int, chunk: int) -> None:
    good, decoder = pack(acquisition(77)), Decoder()
    found = drained(decoder, in_chunks(decoder.feed, pack(acquisition(1))[:cut] * repeats + good, chunk))
    assert numbers(found)[-1] == 77
    assert pack(found[-1]) == good


def test_zeros_in_the_place_of_a_line_are_none() -> None:
    found = Decoder().feed(pack_idle(False) + pack(acquisition(5)) + pack_idle(True))
    assert found[0] == Idle(False)
    assert numbers(found) == [5]
    assert found[2] == Idle(True)


def saved(folder: Path, recordings: Path, ids: np.ndarray, stop: int = 100, **said: object) -> Path:
    """The maker's recording with other paths, other settings, or stopped early."""
    with np.load(recordings / "wulpus" / "data_0.npz") as arrays:
        data, numbered = arrays["data_arr"].copy(), arrays["acq_num_arr"].copy()
    data[:, stop:], numbered[stop:] = 0, 0
    settings = json.loads((recordings / "wulpus" / "uss_config.json").read_text()) | said
    (folder / "uss_config.json").write_text(json.dumps(settings))
    np.savez(folder / "data_1.npz", data_arr=data, acq_num_arr=numbered, tx_rx_id_arr=ids)
    return folder / "data_1.npz"


def test_one_path_of_several_is_shown_and_an_early_stop_is_said(tmp_path: Path, recordings: Path) -> None:
    ids = (np.arange(100) % 4).astype(np.uint8)
    recording = Recording.load(saved(tmp_path, recordings, ids, stop=42, start_adcsampl=503, pulse_freq=1_000_000))
    assert recording.frames == 11
    assert recording.frame(1).device_us == 4 * 49_988
    assert recording.sampling.first_sample_ns == 3_000
    assert "It has 4 paths of the multiplexer; the first one is shown." in recording.remarks
    assert "It was stopped early: 42 of 100 acquisitions were made." in recording.remarks


@pytest.mark.parametrize("said", [{"sampling_freq": 7}, {"meas_period": 0}, {"start_ppg": None}, {"pulse_freq": 9}])
def test_settings_that_no_device_had_are_a_sentence(tmp_path: Path, recordings: Path, said: dict) -> None:
    with pytest.raises(RecordingError, match="no settings that fit it"):
        Recording.load(saved(tmp_path, recordings, np.zeros(100, np.uint8), **said))
