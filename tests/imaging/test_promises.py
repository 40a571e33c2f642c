"""What a chain promises of every kind of data: the same bits with threads, and no array for a frame."""

from __future__ import annotations

import dataclasses
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from imaging.chain import Chain, Status
from imaging.mmode import MModeChain
from imaging.preset import Preset
from probe.frame import Frame
from probe.settings import SampleFormat
from tests.imaging.sweeps import as_iq, frame_of, speckle

pytestmark = pytest.mark.usefixtures("fast")
SIZE = (320, 240)
IQ = (SampleFormat.IQ_I16, SampleFormat.IQ_I8)
ENVELOPES = (
    SampleFormat.ENVELOPE_U8_LINEAR, SampleFormat.ENVELOPE_U8_LOG, SampleFormat.ENVELOPE_U8_ALAW,
    SampleFormat.ENVELOPE_U16,
)  # fmt: skip
FILTERED: dict[str, object] = {"persistence_frames": 3, "speckle": "srad", "speckle_strength": 1}
FOCUSED: dict[str, object] = {"aperture_lines": 8, "focus_mm": 40, "element_mm": 12, "coherence_percent": 50}
KINDS = [*((kind, FILTERED) for kind in (SampleFormat.RF_I16, *IQ, *ENVELOPES)), *((kind, FOCUSED) for kind in IQ)]


def _frames(format: SampleFormat) -> list[Frame]:
    """Four, each a line further."""
    first = frame_of(speckle(24, 600))
    if format in IQ:
        first = as_iq(first, 3, format)
    elif format in ENVELOPES:
        first = frame_of(np.abs(speckle(24, 600)) % 250, format=format)
    turned = (np.ascontiguousarray(np.roll(first.samples, n, axis=0)) for n in range(4))
    return [dataclasses.replace(first, number=n, samples=samples) for n, samples in enumerate(turned)]


def _allocated(run: Callable[[Frame], Status], frames: list[Frame]) -> int:
    """Bytes at the worst of frames after the first round."""
    for frame in frames:
        assert run(frame) is Status.OK
    most = 0
    tracemalloc.start()
    try:
        for frame in frames:
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            run(frame)
            most = max(most, tracemalloc.get_traced_memory()[1] - before)
    finally:
        tracemalloc.stop()
    return most


@pytest.mark.parametrize(("format", "knobs"), KINDS, ids=str)
def test_threads_change_no_bit(obstetric: Preset, format: SampleFormat, knobs: dict[str, object]) -> None:
    preset, frames = dataclasses.replace(obstetric, **knobs), _frames(format)
    alone = Chain.plan(frames[0], preset, *SIZE)
    with ThreadPoolExecutor(2) as executor:
        threaded = Chain.plan(frames[0], preset, *SIZE, executor=executor, parts=2)
        for frame in frames:
            assert alone.run(frame) is threaded.run(frame) is Status.OK
            np.testing.assert_array_equal(alone.picture().pixels, threaded.picture().pixels)


@pytest.mark.parametrize(("format", "knobs"), KINDS, ids=str)
def test_a_frame_allocates_no_array(obstetric: Preset, format: SampleFormat, knobs: dict[str, object]) -> None:
    frames = _frames(format)
    chain = Chain.plan(frames[0], dataclasses.replace(obstetric, **knobs), *SIZE)
    assert _allocated(chain.run, frames) < 4000
    strip = MModeChain.plan(frames[0], obstetric, 5, 200, 150, 2000)
    assert _allocated(strip.run, frames) < 4000
