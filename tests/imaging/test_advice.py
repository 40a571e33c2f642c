"""Live advice: each remark is made on real frames made worse, and on none of the real frames as they are."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from imaging.advice import PATIENCE, THRESHOLDS, Advice, Adviser, Remark, given
from imaging.chain import Chain, Status
from imaging.preset import Preset
from probe.frame import Frame
from probe.phantom import Phantom
from tests.imaging.sweeps import frame_of, speckle
from tests.imaging.tank import ALMOST_EMPTY, EMPTY, series

pytestmark = pytest.mark.usefixtures("fast")

Looks = list[dict[Remark, Advice]]


@pytest.fixture(scope="module")
def tank(recordings: Path) -> dict[str, list[Frame]]:
    return series(recordings)


def _looks(frames: list[Frame], preset: Preset) -> Looks:
    chain = Chain.plan(frames[0], preset, 640, 480)
    adviser, found = Adviser(chain), []
    for frame in frames:
        assert chain.run(frame) is Status.OK
        found.append({advice.remark: advice for advice in adviser.look(frame)})
    return found


def _all(tank: dict[str, list[Frame]], preset: Preset, gain_db: int = 0) -> dict[tuple[str, int], dict[Remark, Advice]]:
    louder = dataclasses.replace(preset, gain_db=preset.gain_db + gain_db)
    return {(name, number): look for name, frames in tank.items() for number, look in enumerate(_looks(frames, louder))}


def _numbers(looks: dict[tuple[str, int], dict[Remark, Advice]], remark: Remark) -> np.ndarray:
    return np.array([look[remark].number for name, look in looks.items() if name not in EMPTY])


@pytest.fixture(scope="module")
def as_they_are(tank: dict[str, list[Frame]], water: Preset) -> dict[tuple[str, int], dict[Remark, Advice]]:
    return _all(tank, water)


def test_an_empty_tank_is_told_from_a_hand(as_they_are: dict[tuple[str, int], dict[Remark, Advice]]) -> None:
    lost = {name for name, look in as_they_are.items() if look[Remark.CONTACT_LOST].beyond}
    assert lost == EMPTY


@pytest.mark.parametrize("remark", [Remark.GAIN_TOO_LOW, Remark.SATURATED, Remark.NOISE])
def test_real_frames_get_no_remark(as_they_are: dict[tuple[str, int], dict[Remark, Advice]], remark: Remark) -> None:
    remarked = {name for name, look in as_they_are.items() if look[remark].beyond}
    assert remarked - EMPTY <= (ALMOST_EMPTY if remark is Remark.GAIN_TOO_LOW else set())


def test_gain_that_is_too_low_or_too_high_is_remarked(tank: dict[str, list[Frame]], water: Preset) -> None:
    """The thresholds lie between the worst frame as recorded and the middle of what 18 and 12 dB make of them."""
    quiet, loud, louder = _all(tank, water, -18), _all(tank, water, 12), _all(tank, water, 18)
    assert np.median(_numbers(quiet, Remark.GAIN_TOO_LOW)) < THRESHOLDS[Remark.GAIN_TOO_LOW]
    assert np.median(_numbers(loud, Remark.NOISE)) > THRESHOLDS[Remark.NOISE]
    assert np.median(_numbers(louder, Remark.SATURATED)) > THRESHOLDS[Remark.SATURATED]
    assert not any(look[Remark.CONTACT_LOST].beyond for name, look in quiet.items() if name not in EMPTY)


def test_black_is_too_dark_and_not_lost(tank: dict[str, list[Frame]], water: Preset) -> None:
    (look,) = _looks(tank["film"][60:61], dataclasses.replace(water, gain_db=-60))
    assert look[Remark.GAIN_TOO_LOW].beyond
    assert not look[Remark.CONTACT_LOST].beyond


def test_lost_lines_are_counted(as_they_are: dict[tuple[str, int], dict[Remark, Advice]]) -> None:
    lost = {name: look[Remark.DEAD_LINES] for name, look in as_they_are.items()}
    assert {name[0] for name, advice in lost.items() if advice.beyond} == {"raw_hand_rf_int16"}
    assert lost["raw_hand_rf_int16", 0].number == 25


def test_a_hand_that_moves_is_told_from_one_that_does_not(tank: dict[str, list[Frame]], water: Preset) -> None:
    """Frames of the film are most of a second apart; a still hand is one of them under the noise of the empty tank."""
    film = tank["film"]
    noise = film[0].samples - film[0].samples.mean(axis=1, keepdims=True)
    still = [
        dataclasses.replace(
            film[60], number=n, samples=np.rint(film[60].samples + np.roll(noise, 7 * n, axis=0)).astype(np.int16)
        )
        for n in range(4)
    ]
    looks = _looks(film, water)
    moving = [looks[n][Remark.MOTION].number for n in range(5, 69) if ("film", n) not in ALMOST_EMPTY]
    resting = [look[Remark.MOTION].number for look in _looks(still, water)[1:]]
    assert max(resting) < THRESHOLDS[Remark.MOTION] < min(moving)
    assert _looks(film[:1], water)[0][Remark.MOTION].number == 0
    gap = [film[60], dataclasses.replace(film[20], number=film[60].number + 9)]
    assert _looks(gap, water)[1][Remark.MOTION].number == 0


def test_wasted_depth_is_a_share_of_the_depth(tank: dict[str, list[Frame]], water: Preset) -> None:
    """The lower part of real frames is replaced by that of the empty tank."""
    film = tank["film"]
    for share in (0.5, 0.75):
        first = round((1 - share) * film[0].sampling.samples)
        samples = film[16].samples.copy()
        samples[:, first:] = film[0].samples[:, first:]
        (look,) = _looks([dataclasses.replace(film[16], samples=samples)], water)
        assert look[Remark.DEPTH_WASTED].number == pytest.approx(100 * share, abs=13)
        assert look[Remark.DEPTH_WASTED].beyond
    assert not _looks(film[16:17], water)[0][Remark.DEPTH_WASTED].beyond


def test_the_practice_probe_needs_no_advice(obstetric: Preset) -> None:
    phantom = Phantom(1)
    frames = [
        frame_of(
            phantom.rf(n), phantom.geometry, rate_hz=phantom.sampling.rate_hz,
            first_sample_ns=phantom.sampling.first_sample_ns, number=n,
        )
        for n in range(7)
    ]  # fmt: skip
    assert [advice.remark for look in _looks(frames, obstetric) for advice in look.values() if advice.beyond] == []


def test_a_remark_is_patient() -> None:
    """It comes after five frames in a row and goes after five, so that sentences do not flicker."""
    preset = Preset("test", "Test", 1540)
    good, bad = frame_of(speckle(32)), frame_of(speckle(32), missing=tuple(range(20)))
    chain = Chain.plan(good, preset, 320, 240)
    adviser = Adviser(chain)

    def shown(frame: Frame, times: int) -> list[bool]:
        out = []
        for _ in range(times):
            assert chain.run(frame) is Status.OK
            looks = adviser.look(frame)
            out.append(Remark.DEAD_LINES.value in given(looks))
        return out

    assert shown(bad, PATIENCE - 1) + shown(good, 1) + shown(bad, PATIENCE) == [False] * (2 * PATIENCE - 1) + [True]
    assert shown(good, PATIENCE) == [True] * (PATIENCE - 1) + [False]
    shown(bad, PATIENCE)
    adviser.forget()
    assert shown(bad, 1) == [False]


def test_sentences_are_for_the_nurse() -> None:
    for remark in Remark:
        assert remark.value.endswith(".")
        assert ":" in remark.value
    lost = Advice(Remark.CONTACT_LOST, 99, beyond=True, given=True)
    dark = Advice(Remark.GAIN_TOO_LOW, 0, beyond=True, given=True)
    assert given([dark, lost]) == (Remark.CONTACT_LOST.value,)
    assert given([dark]) == (dark.sentence,)


def test_too_few_lines_to_judge_are_no_crash(obstetric: Preset) -> None:
    (look,) = _looks([frame_of(speckle(6, 600))], obstetric)
    assert not look[Remark.CONTACT_LOST].beyond
