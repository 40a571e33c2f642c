"""Every sample format, from the twin's RF over the wire into a Frame; and every shape of geometry with it."""

from __future__ import annotations

import numpy as np
import pytest

from probe.coding import A_LAW, a_law, analytic_signal
from probe.emulators.eop1 import Eop1Device
from probe.emulators.live import encode_sweep, fetch_formats, live_formats, negotiate
from probe.geometry import Geometry
from probe.settings import SampleFormat, Sampling, Settings

F = SampleFormat
KINDS = {
    F.RF_I16: (np.int16, 2), F.RF_12_PACKED: (np.int16, 2), F.RF_10_PACKED: (np.int16, 2), F.IQ_I16: (np.int16, 3),
    F.IQ_I8: (np.int8, 3), F.ENVELOPE_U8_LINEAR: (np.uint8, 2), F.ENVELOPE_U8_LOG: (np.uint8, 2),
    F.ENVELOPE_U8_ALAW: (np.uint8, 2), F.ENVELOPE_U16: (np.uint16, 2),
}  # fmt: skip


class Echo:
    """Each line is one pulse at its own place; its counts fit ten bits."""

    model = serial = "echo"
    centre_hz, sound_speed_m_s, full_scale, loop = 3_000_000, 1540, 400, 1
    sampling = Sampling(603, 12_000_000, 5_000)

    def __init__(self, geometry: Geometry) -> None:
        self.geometry = geometry

    def rf(self, index: int) -> np.ndarray:
        lines = np.arange(self.geometry.lines)[:, None]
        seconds = (np.arange(603)[None, :] - 60 - 15 * lines) / 12e6
        return np.rint(400 * np.exp(-((seconds * 1e6) ** 2)) * np.cos(2 * np.pi * 3e6 * seconds)).astype(np.int16)

    def dead(self, index: int) -> tuple[int, ...]:
        return (2,)


SHAPES = {
    "sector": Geometry.sector(24, 60.0),
    "linear": Geometry.linear(24, 300),
    "convex": Geometry.convex(24, 60.0, 40.0),
    "lounger": Geometry.lounger(24, travel_mm=16, crank_mm=10, radius_mm=12.5, offset_mm=6.2658, tilt_deg=10),
}


@pytest.mark.parametrize("format", list(F))
def test_a_live_frame_is_what_the_twin_encoded(pair, format: F) -> None:
    source = Echo(SHAPES["sector"])
    assert format in live_formats(source)
    joined = pair(Eop1Device(source)).connect(Settings(format=format), start=True)
    joined.run(0.6)
    plan = negotiate(source, Settings(format=format), 800_000, 100_000)
    expected = encode_sweep(source, plan, 0)
    kind, dimensions = KINDS[format]
    assert len(joined.frames()) >= 3
    for frame in joined.frames():
        assert frame.format is (F.RF_I16 if format.is_rf else format)
        assert frame.settings.format is format
        assert (frame.samples.dtype, frame.samples.ndim) == (np.dtype(kind), dimensions)
        assert np.flatnonzero(frame.missing).tolist() == [2]
        assert not frame.samples[2].any()
        good = ~frame.missing
        assert np.array_equal(frame.samples[good], expected[good])
        assert frame.sampling == plan.sampling


@pytest.mark.parametrize("format", fetch_formats(Echo(SHAPES["sector"])))
def test_each_fetch_format_tells_the_same_echoes(pair, format: F) -> None:
    source = Echo(SHAPES["sector"])
    joined = pair(Eop1Device(source)).connect(start=True)
    joined.run(0.3)
    joined.ask(joined.driver.stop(joined.now_ns))
    joined.ask(joined.driver.fetch(0, format, joined.now_ns), 0.4)
    [frame] = joined.fetched()
    good = ~frame.missing
    if format.is_rf:
        assert np.array_equal(frame.samples[good], source.rf(0)[good])
    else:
        assert np.allclose(rf_of(frame.samples, source)[good], source.rf(0)[good], atol=8)


def rf_of(iq: np.ndarray, source: Echo) -> np.ndarray:
    """The RF that a baseband signal stands for, by the formula on the page."""
    seconds = source.sampling.first_sample_ns * 1e-9 + np.arange(iq.shape[1]) / source.sampling.rate_hz
    complex_iq = iq[..., 0] + 1j * iq[..., 1]
    return (complex_iq * np.exp(2j * np.pi * source.centre_hz * seconds)).real


def test_eight_bit_iq_has_full_scale_at_127() -> None:
    source = Echo(SHAPES["sector"])
    plan = negotiate(source, Settings(format=F.IQ_I8), 10**8, 100_000)
    iq = encode_sweep(source, plan, 0).astype(float)
    peak = np.hypot(iq[..., 0], iq[..., 1]).max(axis=1)
    true = np.abs(analytic_signal(source.rf(0), 12_000_000, 3_000_000)).max(axis=1)
    assert peak == pytest.approx(127 * true / 400, abs=1.5)


def test_the_a_law_is_linear_below_and_logarithmic_above() -> None:
    x = np.array([0.0, 0.5 / A_LAW, 1 / A_LAW, 0.1, 1.0])
    bottom = 1 + np.log(A_LAW)
    assert a_law(x) == pytest.approx([0, 0.5 / bottom, 1 / bottom, (1 + np.log(8.76)) / bottom, 1.0])


@pytest.mark.parametrize("shape", SHAPES)
def test_lines_lie_where_the_table_says(pair, shape: str) -> None:
    source = Echo(SHAPES[shape])
    joined = pair(Eop1Device(source)).connect(start=True)
    joined.run(0.5)
    assert {frame.direction for frame in joined.frames()} == {1, -1}
    assert all(frame.geometry == source.geometry for frame in joined.frames())


def test_packed_rf_is_offered_only_where_its_bits_will_do() -> None:
    class Loud(Echo):
        full_scale = 3000

    assert F.RF_12_PACKED not in live_formats(Loud(SHAPES["linear"]))
    assert F.RF_10_PACKED in live_formats(Echo(SHAPES["linear"]))
