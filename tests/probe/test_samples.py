"""Sample formats: what is packed comes out again, and the published bit order holds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe import samples
from probe.settings import SampleFormat

LIMITS = {SampleFormat.RF_12_PACKED: 2048, SampleFormat.RF_10_PACKED: 512}


@given(st.sampled_from(list(SampleFormat)), st.integers(1, 5), st.integers(1, 19), st.integers(0, 2**32 - 1))
def test_every_format_survives_the_wire(format: SampleFormat, lines: int, count: int, seed: int) -> None:
    values = samples.empty(format, lines, count)
    limit = LIMITS.get(format)
    low, high = (-limit, limit) if limit else (np.iinfo(values.dtype).min, np.iinfo(values.dtype).max)
    values[...] = np.random.default_rng(seed).integers(low, high, values.shape)
    data = samples.encode(format, values)
    assert len(data) == lines * samples.line_bytes(format, count)
    assert np.array_equal(samples.decode(format, memoryview(data), lines, count), values)


def test_packed_bits_begin_with_the_lowest() -> None:
    # 12 bits: a = 0x123, b = -1 (0xFFF): 23 F1 FF; 10 bits: 1, 2, 3, -1: 01 08 30 C0 FF
    assert samples.encode(SampleFormat.RF_12_PACKED, np.array([[0x123, -1]], np.int16)).hex() == "23f1ff"
    assert samples.encode(SampleFormat.RF_10_PACKED, np.array([[1, 2, 3, -1]], np.int16)).hex() == "010830c0ff"


@pytest.mark.parametrize("format", list(SampleFormat))
def test_packed_rf_arrives_as_sixteen_bits(format: SampleFormat) -> None:
    unpacked = samples.unpacked_format(format)
    assert unpacked == (SampleFormat.RF_I16 if format.is_rf else format)
