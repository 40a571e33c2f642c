"""The third seam: ours and a stranger's stage through the same door."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest

from imaging.chain import Chain, Status, picture_of
from imaging.errors import BadPreset, CannotImage
from imaging.preset import Preset
from imaging.stage import Job, Place
from imaging.stages import registry
from probe.frame import Frame


class _Step:
    """Turns grey round, or breaks."""

    def __init__(self, shape: tuple[int, ...], breaks: bool) -> None:
        self.output = np.zeros(shape, np.uint8)
        self.rows = shape[0]
        self.parameters: dict[str, int] = {}
        self._breaks = breaks

    def run(self, source: np.ndarray, lo: int, hi: int, part: int) -> None:
        if self._breaks:
            raise ZeroDivisionError("a stranger's mistake")
        np.subtract(255, source[lo:hi], out=self.output[lo:hi])

    def retune(self, preset: Preset) -> None: ...


class _Stage:
    version = 1

    def __init__(self, name: str, place: Place, breaks: bool = False) -> None:
        self.name, self.place, self._breaks = name, place, breaks

    def plan(self, job: Job) -> _Step:
        polar = (job.geometry.lines, job.polar_axis.samples)
        layout = (job.layout.height_px, job.layout.width_px)
        return _Step(polar if self.place is Place.POLAR else layout, self._breaks)


POLAR = _Stage("negative-polar", Place.POLAR)
PICTURE = _Stage("negative", Place.PICTURE)
BROKEN = _Stage("broken", Place.PICTURE, breaks=True)
INCOMPLETE = object()


@pytest.fixture
def _strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    module = __name__
    points = [
        EntryPoint("negative-polar", f"{module}:POLAR", registry.GROUP),
        EntryPoint("negative", f"{module}:PICTURE", registry.GROUP),
        EntryPoint("broken", f"{module}:BROKEN", registry.GROUP),
        EntryPoint("incomplete", f"{module}:INCOMPLETE", registry.GROUP),
        EntryPoint("gone", "no.such.module:STAGE", registry.GROUP),
        EntryPoint("scan", f"{module}:PICTURE", registry.GROUP),
    ]
    monkeypatch.setattr(registry, "entry_points", lambda group: points if group == registry.GROUP else [])


@pytest.mark.parametrize("name", registry.OWN)
def test_our_stages_keep_the_protocol(name: str) -> None:
    stage = registry.load(name)
    assert stage.name == name
    assert stage.version >= 1
    assert isinstance(stage.place, Place)


@pytest.mark.usefixtures("_strangers")
@pytest.mark.parametrize("name", ["negative-polar", "negative"])
def test_a_stranger_takes_part(speckle_frame: Frame, obstetric: Preset, name: str) -> None:
    plain = picture_of(speckle_frame, obstetric, 200, 150)
    turned = picture_of(speckle_frame, dataclasses.replace(obstetric, stages=(name,)), 200, 150)
    inside = plain.inside
    errors = turned.pixels[inside].astype(int) - (255 - plain.pixels[inside].astype(int))
    assert np.abs(errors).max() <= 1
    assert turned.digest != plain.digest


@pytest.mark.usefixtures("_strangers")
def test_a_strangers_mistake_is_a_status(speckle_frame: Frame, obstetric: Preset) -> None:
    chain = Chain.plan(speckle_frame, dataclasses.replace(obstetric, stages=("broken",)), 200, 150)
    assert chain.run(speckle_frame) is Status.STAGE_FAILED
    assert "stranger's mistake" in chain.failure


@pytest.mark.usefixtures("_strangers")
@pytest.mark.parametrize("name", ["gone", "incomplete", "nobody"])
def test_a_stage_that_does_not_load_is_a_sentence(speckle_frame: Frame, obstetric: Preset, name: str) -> None:
    with pytest.raises(BadPreset, match=name) as caught:
        Chain.plan(speckle_frame, dataclasses.replace(obstetric, stages=(name,)), 200, 150)
    assert caught.value.advice


@pytest.mark.usefixtures("_strangers")
def test_a_stranger_does_not_replace_ours() -> None:
    assert registry.load("scan") is not PICTURE
    assert "negative" in registry.names()


def test_the_polar_axis_is_not_there_before_detection(speckle_frame: Frame, obstetric: Preset) -> None:
    job = Chain.plan(speckle_frame, obstetric, 200, 150)._job
    assert job.polar_axis.samples > 100
    with pytest.raises(RuntimeError, match="DETECT"):
        _ = dataclasses.replace(job, axis=None).polar_axis


def test_a_preset_cannot_add_what_the_chain_chooses(speckle_frame: Frame, obstetric: Preset) -> None:
    with pytest.raises(CannotImage, match="scan"):
        Chain.plan(speckle_frame, dataclasses.replace(obstetric, stages=("scan",)), 200, 150)


STRANGER = """
import numpy as np
from imaging.stage import Job, Place

class Step:
    parameters = {}
    def __init__(self, job):
        self.rows = job.geometry.lines
        self.output = np.zeros((self.rows, job.polar_axis.samples), dtype=np.uint8)
    def run(self, source, lo, hi, part):
        np.subtract(255, source[lo:hi], out=self.output[lo:hi])
    def retune(self, preset):
        pass

class Negative:
    name, version, place = "negative", 1, Place.POLAR
    def plan(self, job):
        return Step(job)

NEGATIVE = Negative()
"""
PROGRAM = """
import sys
from imaging.chain import picture_of
from imaging.preset import Preset
from imaging.stages import registry
from tests.imaging.sweeps import frame_of, speckle
assert "negative" in registry.names()
assert "negatives" not in sys.modules  # listing names imports nothing
values = {"title": "Mine", "sound_speed_m_s": 1540}
frame = frame_of(speckle(16, 400))
plain = picture_of(frame, Preset.from_values("mine", values), 100, 80)
other = picture_of(frame, Preset.from_values("mine", {**values, "stages": ["negative"]}), 100, 80)
print(abs(other.pixels[plain.inside].astype(int) + plain.pixels[plain.inside] - 255).max())
"""


def test_an_installed_package_brings_its_stage(tmp_path: Path) -> None:
    """As pip leaves it: the module and its metadata in a folder of the path, and a process that starts afresh."""
    root = Path(__file__).resolve().parents[2]
    (tmp_path / "negatives.py").write_text(STRANGER, encoding="utf-8")
    metadata = tmp_path / "negatives-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: negatives\nVersion: 1.0\n", encoding="utf-8")
    (metadata / "entry_points.txt").write_text("[sauti.stages]\nnegative = negatives:NEGATIVE\n", encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(root)])}
    command = [sys.executable, "-W", "error", "-c", PROGRAM]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) <= 1
