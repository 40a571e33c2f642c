"""WULPUS's configuration: physical units in, the registers of its firmware out, and these as one packet of 68 bytes.

The firmware takes nearly every number as it is, and transmits with it. So each is held against the limits of the
maker's own host, of the packet and of the registers before there are bytes; whatever does not fit is a sentence.

Source of the facts: pulp-bio/wulpus v1.2.3 (48a913c, Apache-2.0): ``sw/wulpus/config_package.py``, ``uss_conf.py``
and ``rx_tx_conf.py``; ``wulpus_sys.c`` and ``uslib.c`` of ``fw/msp430``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from probe.errors import ProbeRefused

PACKET_BYTES = 68
CONFIGURE, RESTART = 0xFA, 0xFB
# The firmware looks at the first byte only. With every byte the same, a dongle that lost count of its packets of 68
# still finds it in the first place of the next one.
STOP = bytes((RESTART,)) * PACKET_BYTES

CHANNELS = 8
# the packet has 34 bytes of its own and 4 for each path: the maker's host offers 16, and its packet is then cut short
MOST_PATHS = (PACKET_BYTES - 34) // 4
_FIRMWARE_PATHS = 16
SAMPLES = 400
MOST_PULSES = 30
PULSE_HZ = (160_000, 5_000_000)
PERIOD_TICKS = (655, 65_535)
PLL_HZ = 80_000_000
CRYSTAL_HZ = 32_768
_MUX_HZ = 8_000_000
# the sequencer counts sixteenths of the PLL, its capture times 256ths and 64ths
_SEQUENCE_HZ, _RESTART_HZ, _TIMEOUT_HZ = PLL_HZ // 16, PLL_HZ // 256, PLL_HZ // 64
RATES_HZ = tuple(PLL_HZ // divider for divider in (10, 20, 40, 80, 160))
FIRST_GAIN_REGISTER = 17
GAINS_DB = (
    -6.5, -5.5, -4.6, -4.1, -3.3, -2.3, -1.4, -0.8, 0.1, 1.0, 1.9, 2.6, 3.5, 4.4, 5.2, 6.0, 6.8, 7.7, 8.7, 9.0, 9.8,
    10.7, 11.7, 12.2, 13.0, 13.9, 14.9, 15.5, 16.3, 17.2, 18.2, 18.8, 19.6, 20.5, 21.5, 22.0, 22.8, 23.6, 24.6, 25.0,
    25.8, 26.7, 27.7, 28.1, 28.9, 29.8, 30.8,
)  # fmt: skip
_HEAD = struct.Struct("<BHHIIBHHBB")
_PATH = struct.Struct("<HH")
_TIMES = struct.Struct("<7H")


class Registers(NamedTuple):
    """What the packet says, as it says it.

    Args:
        high_voltage, period: Ticks of the 32768 Hz crystal, from the beginning of a period.
        reserved_hz: Not used; the value 101 switches an accelerometer on, whose six bytes then replace samples.
        pulse_hz, pulses: The burst.
        oversampling: The ADC's clock of 80 MHz is divided by 10 times two to this power.
        capture: Twice the samples.
        gain: Code of the amplifier.
        paths: Words of the multiplexer for transmitting and for receiving, taken in turn.
        receive: Ticks of 8 MHz from the trigger to where the multiplexer goes over to receiving.
        burst, adc_on, bias_on, sampling: Ticks of 5 MHz from the trigger.
        restart: Ticks of 312.5 kHz.
        timeout: Ticks of 1.25 MHz.
    """

    high_voltage: int
    period: int
    reserved_hz: int
    pulse_hz: int
    pulses: int
    oversampling: int
    capture: int
    gain: int
    paths: tuple[tuple[int, int], ...]
    receive: int
    burst: int
    adc_on: int
    bias_on: int
    sampling: int
    restart: int
    timeout: int

    def pack(self) -> bytes:
        """The packet, filled up with zeros; one for more paths than it holds is cut, as the device's dongle cuts it."""
        head = _HEAD.pack(CONFIGURE, *self[:8], len(self.paths))
        body = head + b"".join(_PATH.pack(*path) for path in self.paths) + _TIMES.pack(*self[9:])
        return body.ljust(PACKET_BYTES, b"\0")[:PACKET_BYTES]

    @classmethod
    def unpack(cls, packet: bytes) -> Registers | None:
        """What the firmware makes of a packet: it believes all but another first byte or more than 16 paths."""
        whole = packet.ljust(_HEAD.size + _FIRMWARE_PATHS * _PATH.size + _TIMES.size, b"\0")
        first, *head, count = _HEAD.unpack_from(whole)
        if first != CONFIGURE or count > _FIRMWARE_PATHS:
            return None
        paths = tuple(_PATH.unpack_from(whole, _HEAD.size + _PATH.size * place) for place in range(count))
        return cls._make((*head, paths, *_TIMES.unpack_from(whole, _HEAD.size + _PATH.size * count)))


@dataclass(frozen=True, slots=True)
class MuxPath:
    """Which channels transmit and which receive, counted from 0.

    Args:
        transmit, receive: Channels.
        early: Close most of the receiving switches before the burst, so that fewer clicks fall into the echoes.
    """

    transmit: tuple[int, ...]
    receive: tuple[int, ...]
    early: bool = True

    def words(self) -> tuple[int, int]:
        """The multiplexer's words: channel c transmits through switch 2c + 1 and receives through switch 2c.

        Raises:
            ProbeRefused: There is no such channel.
        """
        if any(not 0 <= channel < CHANNELS for channel in (*self.transmit, *self.receive)):
            raise ProbeRefused("A WULPUS has no such channel", f"Choose from 0 to {CHANNELS - 1}.")
        sending, receiving = set(self.transmit), set(self.receive)
        both, only = sending & receiving, receiving - sending
        before = (both if len(both) > len(only) else only) if self.early else ()
        return _bits(2 * c + 1 for c in sending) | _bits(2 * c for c in before), _bits(2 * c for c in receiving)


def _bits(places: Iterable[int]) -> int:
    return sum(1 << place for place in set(places))


# as in the maker's example: whichever channels the transducer is soldered to
ALL_CHANNELS = MuxPath(tuple(range(CHANNELS)), tuple(range(CHANNELS)))


@dataclass(frozen=True, slots=True)
class WulpusConfig:
    """One configuration. The defaults are those of the maker's example, with which his recording was made.

    Args:
        period_us: Between acquisitions.
        pulse_hz, pulses: The burst; its square wave has equal halves.
        rate_hz: One of ``RATES_HZ``.
        samples: Of an acquisition; the device sends 400 whatever is asked.
        gain_db: One of ``GAINS_DB``.
        paths: Taken in turn, one for each acquisition.
        high_voltage_ns: From the beginning of a period to where the high voltage is switched on.
        receive_ns, burst_ns, adc_on_ns, bias_on_ns, sampling_ns: From the trigger.
        restart_ns, timeout_ns: Of the capture.
    """

    period_us: int = 50_000
    pulse_hz: int = 2_250_000
    pulses: int = 2
    rate_hz: int = RATES_HZ[0]
    samples: int = SAMPLES
    gain_db: float = 13.0
    paths: tuple[MuxPath, ...] = (ALL_CHANNELS,)
    high_voltage_ns: int = 100_000
    receive_ns: int = 494_000
    burst_ns: int = 500_000
    adc_on_ns: int = 5_000
    bias_on_ns: int = 5_000
    sampling_ns: int = 509_000
    restart_ns: int = 3_000_000
    timeout_ns: int = 3_000_000

    @property
    def first_sample_ns(self) -> int:
        """From the burst's beginning to the first sample, in whole ticks as the device counts them."""
        ticks = _ticks(self.sampling_ns, _SEQUENCE_HZ) - _ticks(self.burst_ns, _SEQUENCE_HZ)
        return ticks * 1_000_000_000 // _SEQUENCE_HZ

    @property
    def interval_us(self) -> int:
        """The period that the device's crystal keeps."""
        return interval_us(_ticks(1000 * self.period_us, CRYSTAL_HZ))

    def registers(self) -> Registers:
        """The numbers for the device, times in whole ticks, rounded down as the maker's host does.

        Raises:
            ProbeRefused: One of them is not possible.
        """
        period = _ticks(1000 * self.period_us, CRYSTAL_HZ)
        _within("acquisition period", period, PERIOD_TICKS, f"{self.period_us} us", "20 ms to 2 s")
        _within("pulse frequency", self.pulse_hz, PULSE_HZ, f"{self.pulse_hz} Hz", "160 kHz to 5 MHz")
        _within("number of pulses", self.pulses, (0, MOST_PULSES), str(self.pulses), f"0 to {MOST_PULSES}")
        _within("number of samples", self.samples, (1, SAMPLES), str(self.samples), f"1 to {SAMPLES}")
        _within("number of paths", len(self.paths), (1, MOST_PATHS), str(len(self.paths)), f"1 to {MOST_PATHS}")
        _one_of("sampling rate", self.rate_hz, RATES_HZ, "Hz")
        _one_of("gain", self.gain_db, GAINS_DB, "dB")
        high_voltage = self._time("high voltage's beginning", self.high_voltage_ns, CRYSTAL_HZ)
        _within("high voltage's beginning", high_voltage, (0, period - 1), "it", "less than the acquisition period")
        end_ns = self.sampling_ns + self.samples * 1_000_000_000 // self.rate_hz
        _within("end of the capture", end_ns, (0, self.timeout_ns), f"{end_ns} ns", "within the capture's time-out")
        return Registers(
            high_voltage, period, self.pulse_hz, self.pulse_hz, self.pulses, RATES_HZ.index(self.rate_hz),
            2 * self.samples, FIRST_GAIN_REGISTER + GAINS_DB.index(self.gain_db),
            tuple(path.words() for path in self.paths),
            self._time("beginning of receiving", self.receive_ns, _MUX_HZ),
            self._time("burst's beginning", self.burst_ns, _SEQUENCE_HZ),
            self._time("ADC's beginning", self.adc_on_ns, _SEQUENCE_HZ),
            self._time("amplifier's beginning", self.bias_on_ns, _SEQUENCE_HZ),
            self._time("first sample", self.sampling_ns, _SEQUENCE_HZ),
            self._time("capture's restart", self.restart_ns, _RESTART_HZ),
            self._time("capture's time-out", self.timeout_ns, _TIMEOUT_HZ),
        )  # fmt: skip

    def packet(self) -> bytes:
        """The 68 bytes.

        Raises:
            ProbeRefused: One of the values is not possible.
        """
        return self.registers().pack()

    @staticmethod
    def _time(what: str, time_ns: int, hz: int) -> int:
        ticks = _ticks(time_ns, hz)
        _within(what, ticks, (0, 65_535), f"{time_ns} ns", f"0 to {65_535 * 1_000_000_000 // hz} ns")
        return ticks


def interval_us(ticks: int) -> int:
    """The acquisition period of a register, as the crystal keeps it."""
    return round(ticks * 1_000_000 / CRYSTAL_HZ)


def half_ticks(pulse_hz: int) -> tuple[int, int]:
    """How long the pulser's output is high and low in each pulse, in ticks of 12.5 ns; (0, 0) when it cannot be.

    As the firmware reckons it: each must fit eight bits, and a frequency of 0 is a division by it.
    """
    if not 0 < pulse_hz <= PLL_HZ:
        return 0, 0
    period = (PLL_HZ + pulse_hz // 2) // pulse_hz
    high = ((50 * PLL_HZ - pulse_hz // 2) // pulse_hz + 99) // 100
    return (high, period - high) if max(high, period - high) <= 255 else (0, 0)


def _ticks(time_ns: int, hz: int) -> int:
    return time_ns * hz // 1_000_000_000


def _within(what: str, value: int, limits: tuple[int, int], said: str, allowed: str) -> None:
    if not limits[0] <= value <= limits[1]:
        raise ProbeRefused(f"A WULPUS cannot take {said} as the {what}", f"Choose {allowed}.")


def _one_of(what: str, value: float, offered: tuple[float, ...], unit: str) -> None:
    if value not in offered:
        nearest = min(offered, key=lambda one: abs(one - value))
        raise ProbeRefused(f"A WULPUS cannot take {value} {unit} as the {what}", f"Nearest is {nearest} {unit}.")
