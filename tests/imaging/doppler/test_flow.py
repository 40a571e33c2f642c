"""Flow from frames: echoes that really move from pulse to pulse, on several beams, in RF and in IQ."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from imaging.chain import Status
from imaging.doppler.flow import Flow
from imaging.doppler.spectrum import Gate, Spectrum
from imaging.doppler.wall import MEAN, Polynomial, Svd, Wall
from imaging.errors import CannotImage
from imaging.preset import Preset
from probe.frame import Frame
from probe.geometry import Geometry
from probe.settings import SampleFormat
from tests.imaging import naive_doppler
from tests.imaging.sweeps import CENTRE_HZ, as_iq, frame_of

pytestmark = pytest.mark.usefixtures("fast")

RATE_HZ, SAMPLES, PULSES, SPEED, INTERVAL_US = 20_000_000, 600, 10, 1540, 250
BEAMS_MDEG, VELOCITIES = (-9000, 0, 9000), (0.12, -0.2, 0.05)
NYQUIST = SPEED * 1e6 / INTERVAL_US / (4 * CENTRE_HZ)
GEOMETRY = Geometry(tuple(angle for angle in BEAMS_MDEG for _ in range(PULSES)), (0,) * 3 * PULSES, (0,) * 3 * PULSES)


def _frame(rate_hz: int = RATE_HZ, tissue: float = 0.0) -> Frame:
    """Each beam's scatterers come towards the probe with a speed of their own, over tissue that stands still."""
    rng = np.random.default_rng(4)
    seconds = np.arange(SAMPLES) / rate_hz
    out = np.zeros((3 * PULSES, SAMPLES))
    for beam, velocity in enumerate(VELOCITIES):
        places, still = rng.uniform(0.001, SPEED * seconds[-1] / 2, (2, 150))
        strength = rng.normal(0, 1, 150)
        for pulse in range(PULSES):
            moved = places - velocity * pulse * INTERVAL_US * 1e-6
            for depths, amplitude in ((moved, 600.0), (still, 600.0 * tissue)):
                late = seconds - 2 * depths[:, None] / SPEED
                echoes = np.exp(-((late / 0.35e-6) ** 2)) * np.cos(2 * np.pi * CENTRE_HZ * late)
                out[beam * PULSES + pulse] += amplitude * (strength @ echoes)
    line_us = np.arange(3 * PULSES, dtype=np.int64) * INTERVAL_US
    return frame_of(out, GEOMETRY, rate_hz=rate_hz, first_sample_ns=0, line_us=line_us)


def _found(flow: Flow) -> list[float]:
    """Of each beam, counted by power."""
    return [float(np.average(v, weights=p)) for v, p in zip(flow.velocity_m_s, flow.power, strict=True)]


@pytest.fixture(scope="module")
def flowing() -> Frame:
    return _frame()


@pytest.mark.parametrize("iq", [False, True])
def test_each_beam_has_its_velocity(flowing: Frame, obstetric: Preset, iq: bool) -> None:
    frame = as_iq(flowing, 4) if iq else flowing
    frame = dataclasses.replace(frame, line_us=flowing.line_us)
    flow = Flow(frame, obstetric, Polynomial(-1))
    assert flow.run(frame) is Status.OK
    assert flow.colour.nyquist_m_s == pytest.approx(NYQUIST)
    assert _found(flow) == pytest.approx(VELOCITIES, abs=0.02 * NYQUIST)
    assert flow.geometry.angle_mdeg == BEAMS_MDEG
    assert flow.ranges_mm[-1] == pytest.approx(SPEED * SAMPLES / RATE_HZ / 2 * 1000, rel=0.01)


def test_it_is_what_the_slow_twin_says(flowing: Frame, obstetric: Preset) -> None:
    flow = Flow(flowing, obstetric, Polynomial(1))
    flow.run(flowing)
    loud = np.argwhere(flow.power > np.quantile(flow.power, 0.7))[::17]
    assert len(loud) > 10
    for beam, sample in loud:
        course = naive_doppler.without_polynomial(flow.pulses(int(beam))[:, sample].astype(complex), 1)
        wanted = naive_doppler.velocity(course, NYQUIST)
        apart = (flow.velocity_m_s[beam, sample] - wanted + NYQUIST) % (2 * NYQUIST) - NYQUIST
        assert abs(apart) < 0.01 * NYQUIST


@pytest.mark.parametrize("wall", [MEAN, Polynomial(1), Svd(1)], ids=str)
def test_walls_take_out_what_stands_still(obstetric: Preset, wall: Wall) -> None:
    frame = _frame(tissue=8.0)
    hidden, cleared = Flow(frame, obstetric, Polynomial(-1)), Flow(frame, obstetric, wall)
    assert hidden.run(frame) is cleared.run(frame) is Status.OK
    assert np.abs(_found(hidden)).max() < 0.03
    assert _found(cleared)[1] == pytest.approx(VELOCITIES[1], abs=0.1 * NYQUIST)


def test_a_band_sampled_below_its_frequency_is_not_turned_round(obstetric: Preset) -> None:
    frame = _frame(rate_hz=5_000_000)  # 3.5 MHz comes out at 1.5 MHz, falling
    flow = Flow(frame, dataclasses.replace(obstetric, bandwidth_percent=25), Polynomial(-1))
    assert flow.run(frame) is Status.OK
    assert np.sign(_found(flow)).tolist() == np.sign(VELOCITIES).tolist()
    assert _found(flow)[1] == pytest.approx(VELOCITIES[1], abs=0.1 * NYQUIST)


def test_a_gate_gives_the_pulsed_wave(flowing: Frame, obstetric: Preset) -> None:
    flow = Flow(flowing, obstetric, Polynomial(-1))
    flow.run(flowing)
    spectrum = Spectrum(flow.pulse_rate_hz, CENTRE_HZ, SPEED, length=8, step=1)
    for beam, velocity in enumerate(VELOCITIES):
        power = spectrum.power(Gate(100, 140).signal(flow.pulses(beam)))
        assert np.average(spectrum.mean_m_s(power)) == pytest.approx(velocity, abs=NYQUIST / 8)


def test_a_beam_that_lost_a_pulse_is_silent(flowing: Frame, obstetric: Preset) -> None:
    missing = np.zeros(3 * PULSES, bool)
    missing[PULSES + 3] = True
    flow = Flow(flowing, obstetric)
    assert flow.run(dataclasses.replace(flowing, missing=missing)) is Status.OK
    assert flow.silent.tolist() == [False, True, False]
    assert not flow.power[1].any()
    assert flow.power[0].any()
    assert flow.run(dataclasses.replace(flowing, missing=np.ones(3 * PULSES, bool))) is Status.NO_LINES
    assert flow.run(dataclasses.replace(flowing, samples=np.zeros((3, 3), np.int16))) is Status.BAD_SAMPLES
    assert flow.run(dataclasses.replace(flowing, geometry=Geometry.sector(30, 9))) is Status.OTHER_PLAN


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"geometry": Geometry.sector(3 * PULSES, 40)}, "beam moves on"),
        ({"format": SampleFormat.ENVELOPE_U16}, "phase"),
        ({"line_us": np.zeros(3 * PULSES, np.int64)}, "evenly"),
        ({"line_us": np.zeros(2, np.int64)}, "when its lines"),
    ],
)
def test_what_gives_no_flow_is_refused(
    flowing: Frame, obstetric: Preset, changes: dict[str, object], sentence: str
) -> None:
    with pytest.raises(CannotImage, match=sentence) as caught:
        Flow(dataclasses.replace(flowing, **changes), obstetric)
    assert caught.value.advice


def test_a_sweep_backwards_does_not_turn_the_flow_round(flowing: Frame, obstetric: Preset) -> None:
    """Its rightmost line was fired first, so each ensemble lies in the frame from its last pulse to its first."""
    order = np.concatenate([beam * PULSES + np.arange(PULSES)[::-1] for beam in range(3)])
    late_us = (3 * PULSES - 1 - np.arange(3 * PULSES, dtype=np.int64)) * INTERVAL_US
    backward = dataclasses.replace(flowing, samples=flowing.samples[order], line_us=late_us, direction=-1)
    for planned_for in (flowing, backward):
        flow = Flow(planned_for, obstetric, Polynomial(-1))
        for frame in (flowing, backward):
            assert flow.run(frame) is Status.OK
            assert _found(flow) == pytest.approx(VELOCITIES, abs=0.02 * NYQUIST)


def test_a_frame_fired_at_another_rate_is_not_measured_at_this_one(flowing: Frame, obstetric: Preset) -> None:
    flow = Flow(flowing, obstetric)
    assert flow.run(dataclasses.replace(flowing, line_us=2 * flowing.line_us)) is Status.OTHER_PLAN


def test_a_pulse_that_never_came_has_no_time(flowing: Frame, obstetric: Preset) -> None:
    missing, line_us = np.zeros(3 * PULSES, bool), flowing.line_us.copy()
    missing[PULSES + 3], line_us[PULSES + 3] = True, 0
    flow = Flow(flowing, obstetric)
    assert flow.run(dataclasses.replace(flowing, missing=missing, line_us=line_us)) is Status.OK
    assert flow.silent.tolist() == [False, True, False]
