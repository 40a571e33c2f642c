"""What a WULPUS is offered as, which nobody can ask it, and an operator's wish as the nearest configuration."""

from __future__ import annotations

from dataclasses import replace

from probe.capabilities import NOT_REPORTED, Capabilities
from probe.drivers.alines import MODES
from probe.drivers.pulses import PulseLimits
from probe.protocols.wulpus import KEPT, sampling
from probe.protocols.wulpus_config import (
    CRYSTAL_HZ,
    GAINS_DB,
    PERIOD_TICKS,
    RATES_HZ,
    WulpusConfig,
    interval_us,
)
from probe.settings import SampleFormat, Settings

MODEL = "WULPUS (unconfirmed)"
# the house's limits lie inside the maker's (30 pulses, 160 kHz): two pulses as in his example
LIMITS = PulseLimits(on_ns=(100, 500), damp_ns=(0, 0), pulses=2)
CENTRES_HZ = (1_000_000, 1_500_000, 2_000_000, 2_250_000, 2_500_000, 3_000_000, 3_500_000)
# 655 ticks of the crystal are the maker's least; one more, so that it is never faster than fifty a second
LEAST_INTERVAL_US = interval_us(PERIOD_TICKS[0] + 1)
MOST_INTERVAL_US = interval_us(PERIOD_TICKS[1])
FIRST_SAMPLE_NS = (3_000, 500_000)
# a rate must be above twice the frequency, with room for the burst's width
_RATE_OVER_CENTRE = 2.2


def capabilities(driver: str, simulated: bool) -> Capabilities:
    """What the published firmware can do, within the house's limits."""
    return Capabilities(
        driver=driver, model=MODEL, serial=NOT_REPORTED, firmware=NOT_REPORTED, simulated=simulated, modes=MODES,
        formats=(SampleFormat.RF_I16,), fetch_formats=(), ring_frames=0, max_lines=1, max_samples=KEPT,
        min_frame_interval_us=LEAST_INTERVAL_US, centre_hz=CENTRES_HZ,
        gain_db=(round(GAINS_DB[0]), round(GAINS_DB[-1])), max_pulse_rate_hz=CRYSTAL_HZ // PERIOD_TICKS[0],
    )  # fmt: skip


def settle(asked: Settings, usual: WulpusConfig) -> tuple[WulpusConfig, Settings]:
    """The nearest that the device can do, and how it is called; what is left to the probe is as usual."""
    window = asked.sampling
    centre_hz = min(CENTRES_HZ, key=lambda offered: abs(offered - (asked.centre_hz or usual.pulse_hz)))
    rates = [rate for rate in RATES_HZ if rate >= _RATE_OVER_CENTRE * centre_hz]
    rate_hz = usual.rate_hz if window is None else min(rates, key=lambda rate: abs(rate - window.rate_hz))
    low, high = FIRST_SAMPLE_NS
    first_ns = usual.first_sample_ns if window is None else min(max(window.first_sample_ns, low), high)
    gain_db = usual.gain_db if asked.gain_db is None else asked.gain_db
    config = replace(
        usual,
        period_us=min(max(asked.frame_interval_us or usual.period_us, LEAST_INTERVAL_US), MOST_INTERVAL_US),
        pulse_hz=centre_hz,
        rate_hz=rate_hz,
        gain_db=min(GAINS_DB, key=lambda offered: abs(offered - gain_db)),
        sampling_ns=usual.burst_ns + first_ns,
    )
    gain = round(config.gain_db)
    return config, Settings(SampleFormat.RF_I16, 1, sampling(config), config.interval_us, gain, centre_hz, 0)
