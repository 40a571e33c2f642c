"""From channel data to a picture by the ordinary chain: points lie at their millimetres."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from imaging.beamform.aperture import Aperture
from imaging.beamform.das import Beamformer
from imaging.beamform.frame import scanlines
from imaging.beamform.lines import Lines
from imaging.beamform.sampling import ChannelSampling
from imaging.beamform.summing import Points
from imaging.beamform.wave import DivergingWave, PlaneWave, Wave
from imaging.chain import picture_of
from imaging.errors import CannotImage
from imaging.preset import Preset
from tests.imaging.arrays import channel_data
from tests.imaging.sweeps import PROVENANCE

SPEED = 1540.0


@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize(
    ("aperture", "wave", "place"),
    [
        (Aperture(64, 0.3), PlaneWave(), (3.1, 24.7)),
        (Aperture(64, 0.47, 60.0), DivergingWave(0.0, -60.0), (9.0, 41.3)),
    ],
    ids=["linear", "convex"],
)
def test_a_point_lies_at_its_millimetre(
    obstetric: Preset, aperture: Aperture, wave: Wave, place: tuple[float, float]
) -> None:
    sampling = ChannelSampling(1800, 20_000_000, 3_500_000, (0.0,), 80)
    data = channel_data(aperture, wave, sampling, [place], SPEED)[None]
    beamformer = Beamformer(Lines(aperture, 400, 10, 0.1, 2), [wave], sampling, SPEED)
    beamformer.run(data)
    frame = scanlines(beamformer, float(beamformer.envelope.max()), 12, PROVENANCE)
    preset = dataclasses.replace(obstetric, sound_speed_m_s=1540, tgc_db_m=0)
    picture = picture_of(frame, preset, 480, 480)
    row, column = np.unravel_index(np.argmax(picture.pixels), picture.pixels.shape)
    x, z = picture.to_mm(column, row)
    assert np.hypot(x - place[0], z - place[1]) < 0.25
    assert picture.frame_number == 12
    assert picture.pixels[row, column] >= 250
    assert picture.simulated


def test_what_is_no_scanline_is_refused() -> None:
    aperture, sampling = Aperture(8, 0.3), ChannelSampling(300, 20_000_000, 5_000_000)
    x, z = np.meshgrid(np.linspace(-1, 1, 4), np.linspace(5, 6, 3))
    free = Beamformer(Points(aperture, x, z), [PlaneWave()], sampling, SPEED)
    along = Beamformer(Lines(aperture, 10, 5, 0.2), [PlaneWave()], sampling, SPEED)
    for beamformer, scale in ((free, 1.0), (along, 0.0), (along, float("nan"))):
        with pytest.raises(CannotImage) as caught:
            scanlines(beamformer, scale, 1, PROVENANCE)
        assert caught.value.advice


def test_codes_are_the_envelopes_share_of_full_scale() -> None:
    aperture, sampling = Aperture(6, 0.3, 20.0), ChannelSampling(120, 20_000_000, 5_000_000)
    beamformer = Beamformer(Lines(aperture, 9, 2, 0.2), [DivergingWave(0.0, -20.0)], sampling, SPEED)
    beamformer.run(np.random.default_rng(2).integers(-900, 900, (1, 6, 120)).astype(np.int16))
    scale = float(np.median(beamformer.envelope))
    frame = scanlines(beamformer, scale, 3, PROVENANCE)
    expected = np.minimum(65535, np.rint(beamformer.envelope.T / scale * 65535))
    assert np.abs(frame.samples - expected).max() <= 1
    assert frame.sampling.range_mm(8, 1540) == pytest.approx(2 + 8 * 0.2, abs=1e-3)
    assert frame.geometry.angle_mdeg[0] == pytest.approx(-1000 * np.degrees(2.5 * 0.3 / 20), abs=1)
    assert not frame.samples.flags.writeable
