"""WULPUS's configuration: the maker's packet byte for byte, whole ticks, and a sentence for what cannot be."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.errors import ProbeRefused
from probe.protocols.wulpus_config import (
    ALL_CHANNELS,
    GAINS_DB,
    PACKET_BYTES,
    RATES_HZ,
    MuxPath,
    Registers,
    WulpusConfig,
    half_ticks,
)

# what the maker's host (sw/wulpus at v1.2.3) makes of the settings beside his recording
EXAMPLE = bytes.fromhex(
    "fa 0300 6606 10552200 10552200 02 0000 2003 29 01 ffff 5555 700f c409 1900 1900 f109 a903 a60e"
).ljust(68, b"\0")


def test_the_packet_of_the_makers_example_is_his_byte_for_byte() -> None:
    assert WulpusConfig().packet() == EXAMPLE
    assert WulpusConfig().first_sample_ns == 9_000
    assert WulpusConfig().interval_us == 49_988


def test_every_packet_is_read_back_as_it_was_meant() -> None:
    paths = tuple(MuxPath((channel,), (7 - channel,)) for channel in range(8))
    config = WulpusConfig(20_000, 3_500_000, 30, RATES_HZ[4], 1, -6.5, paths)
    assert len(config.packet()) == PACKET_BYTES
    assert Registers.unpack(config.packet()) == config.registers()


@given(
    period=st.integers(20_000, 1_999_000), hz=st.integers(160_000, 5_000_000), pulses=st.integers(0, 30),
    rate=st.sampled_from(RATES_HZ), gain=st.sampled_from(GAINS_DB), sampling=st.integers(500_000, 2_000_000),
)  # fmt: skip
def test_registers_are_the_values_in_whole_ticks(period, hz, pulses, rate, gain, sampling) -> None:
    registers = WulpusConfig(period, hz, pulses, rate, 400, gain, sampling_ns=sampling).registers()
    assert 0 <= period - registers.period * 1e6 / 32_768 < 31
    assert 0 <= sampling - 200 * registers.sampling < 200
    assert (registers.pulse_hz, registers.pulses, registers.capture) == (hz, pulses, 800)
    assert 80e6 / (10 << registers.oversampling) == rate
    assert GAINS_DB[registers.gain - 17] == gain
    high, low = half_ticks(hz)
    assert 1 <= low <= high <= 250
    assert abs((high + low) * 12.5 - 1e9 / hz) <= 6.25


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"period_us": 19_900}, "19900 us as the acquisition period. Choose 20 ms to 2 s"),
        ({"period_us": 2_000_100}, "acquisition period"),
        ({"pulse_hz": 0}, "0 Hz as the pulse frequency. Choose 160 kHz to 5 MHz"),
        ({"pulse_hz": 5_000_001}, "pulse frequency"),
        ({"pulses": 31}, "number of pulses. Choose 0 to 30"),
        ({"rate_hz": 5_000_000}, "sampling rate. Nearest is 4000000 Hz"),
        ({"samples": 401}, "number of samples. Choose 1 to 400"),
        ({"gain_db": 13.5}, "gain. Nearest is 13.9 dB"),
        ({"paths": ()}, "number of paths. Choose 1 to 8"),
        ({"paths": (ALL_CHANNELS,) * 9}, "number of paths"),
        ({"paths": (MuxPath((8,), (0,)),)}, "no such channel"),
        ({"high_voltage_ns": 50_000_000}, "high voltage's beginning. Choose less than the acquisition period"),
        ({"receive_ns": 8_200_000}, "beginning of receiving"),
        ({"burst_ns": -200}, "burst's beginning"),
        ({"sampling_ns": 2_960_000}, "end of the capture"),
        ({"restart_ns": 10**9}, "capture's restart"),
    ],
)
def test_a_value_that_the_device_cannot_take_is_a_sentence(change: dict, sentence: str) -> None:
    with pytest.raises(ProbeRefused, match="A WULPUS ") as refused:
        replace(WulpusConfig(), **change).packet()
    assert sentence in str(refused.value)


def test_the_multiplexer_closes_the_larger_group_of_receivers_early() -> None:
    assert ALL_CHANNELS.words() == (0xFFFF, 0x5555)
    assert MuxPath((0,), (0,), early=False).words() == (0b10, 0b01)
    assert MuxPath((0,), (0,)).words() == (0b11, 0b01)
    assert MuxPath((0, 1), (0, 2, 3)).words() == (0b1010 | 0b1010000, 0b1010001)
    assert MuxPath((), ()).words() == (0, 0)
