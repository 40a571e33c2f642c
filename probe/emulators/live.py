"""What a twin sends live: settings that fit the link, and the envelope of a sweep in those settings."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from probe.coding import analytic_signal, clipped_rf, envelope_codes, iq_codes
from probe.emulators.source import FrameSource
from probe.lines import frame_bytes
from probe.negotiation import LINK_SHARE
from probe.samples import Samples
from probe.settings import SampleFormat, Sampling, Settings

_ANY_SOURCE = (
    SampleFormat.ENVELOPE_U8_LOG,
    SampleFormat.ENVELOPE_U8_LINEAR,
    SampleFormat.ENVELOPE_U8_ALAW,
    SampleFormat.ENVELOPE_U16,
    SampleFormat.IQ_I8,
    SampleFormat.IQ_I16,
    SampleFormat.RF_I16,
)
# RF is in counts of the converter in every format, so a packed one is offered only where its range will do
_PACKED = {SampleFormat.RF_12_PACKED: 2048, SampleFormat.RF_10_PACKED: 512}
GAIN_DB = (-20, 40)
MIN_INTERVAL_US = 20_000
MAX_INTERVAL_US = 10_000_000
# an envelope needs about its bandwidth; below this rate the picture would lose detail
LEAST_RATE_HZ = 3_000_000
LOG_RANGE_DB = (30, 60, 90)
_LEAST_SAMPLES = 16


@dataclass(frozen=True, slots=True)
class LivePlan:
    """How live frames are made of a source's sweeps.

    Args:
        settings: As APPLIED; complete.
        start: First source sample used.
        decimation: Source samples averaged into one.
    """

    settings: Settings
    start: int
    decimation: int

    @property
    def sampling(self) -> Sampling:
        """The window of the live frames."""
        if self.settings.sampling is None:
            raise ValueError("a live plan has complete settings")
        return self.settings.sampling

    @property
    def format(self) -> SampleFormat:
        """The coding of the live frames."""
        return self.settings.format or SampleFormat.ENVELOPE_U8_LOG


def live_formats(source: FrameSource) -> tuple[SampleFormat, ...]:
    """What a twin of this source sends live, best first."""
    return _ANY_SOURCE + _packed(source)


def fetch_formats(source: FrameSource) -> tuple[SampleFormat, ...]:
    """What a twin of this source sends of a sweep in its ring: every sample, no envelope."""
    return (SampleFormat.RF_I16, *_packed(source), SampleFormat.IQ_I16)


def _packed(source: FrameSource) -> tuple[SampleFormat, ...]:
    return tuple(code for code, limit in _PACKED.items() if source.full_scale < limit)


def negotiate(source: FrameSource, asked: Settings, bytes_s: int, interval_us: int) -> LivePlan:
    """The nearest settings that the twin can really hold.

    Samples are averaged together until the frames fit 80 % of the link; where the picture would suffer, the frames
    come less often instead.

    Args:
        source: Where the sweeps come from.
        asked: The host's wishes; None leaves the choice here.
        bytes_s: What the link carries.
        interval_us: Frame interval when none is asked for.
    """
    offered = live_formats(source)
    format = asked.format if asked.format in offered else offered[0]  # noqa: A001
    interval = min(max(asked.frame_interval_us or interval_us, MIN_INTERVAL_US), MAX_INTERVAL_US)
    start, count = _window(source.sampling, asked.sampling)
    least, most = _decimations(source.sampling.rate_hz, asked.sampling, format)
    budget = max(1, int(LINK_SHARE * bytes_s))
    lines = source.geometry.lines
    fitting = (d for d in range(least, most + 1) if frame_bytes(lines, format, count // d) * 1e6 <= budget * interval)
    decimation = next(fitting, most)
    interval = max(interval, -(-frame_bytes(lines, format, count // decimation) * 1_000_000 // budget))
    settings = Settings(
        format=format,
        lines=lines,
        sampling=_decimated(source.sampling, start, count, decimation),
        frame_interval_us=interval,
        gain_db=min(max(asked.gain_db or 0, GAIN_DB[0]), GAIN_DB[1]),
        centre_hz=source.centre_hz,
        log_range_db=_log_range(asked, format),
    )
    return LivePlan(settings, start, decimation)


def full_plan(source: FrameSource, live: Settings, format: SampleFormat = SampleFormat.RF_I16) -> LivePlan:
    """How FETCH sends a sweep: every sample, with the other settings in force when it was made."""
    settings = Settings(
        format, source.geometry.lines, source.sampling, live.frame_interval_us, live.gain_db,
        source.centre_hz, 0,
    )  # fmt: skip
    return LivePlan(settings, 0, 1)


def encode_sweep(source: FrameSource, plan: LivePlan, index: int) -> Samples:
    """(lines, samples) of a sweep in the plan's format, (lines, samples, 2) for IQ."""
    chosen = slice(plan.start, plan.start + plan.sampling.samples * plan.decimation)
    rf = source.rf(index)
    if plan.format.is_rf:
        return clipped_rf(rf[:, chosen], plan.format)
    analytic = analytic_signal(rf, source.sampling.rate_hz, source.centre_hz)[:, chosen]
    if plan.format.is_envelope:
        mean = np.abs(analytic).reshape(len(rf), -1, plan.decimation).mean(axis=2)
        gain = 10 ** ((plan.settings.gain_db or 0) / 20)
        return envelope_codes(mean * (gain / source.full_scale), plan.format, plan.settings.log_range_db or 0)
    first_s = source.sampling.first_sample_ns * 1e-9 + plan.start / source.sampling.rate_hz
    times = first_s + np.arange(analytic.shape[1]) / source.sampling.rate_hz
    baseband = analytic * np.exp(-2j * np.pi * source.centre_hz * times)
    mean = baseband.reshape(len(rf), -1, plan.decimation).mean(axis=2)
    return iq_codes(mean, plan.format, source.full_scale)


def _window(own: Sampling, asked: Sampling | None) -> tuple[int, int]:
    """First sample and number of samples of the source that lie in the asked window."""
    if asked is None:
        return 0, own.samples
    first = (asked.first_sample_ns - own.first_sample_ns) * own.rate_hz / 1e9
    last = first + asked.samples * own.rate_hz / asked.rate_hz
    start = min(max(0, math.ceil(first)), own.samples - _LEAST_SAMPLES)
    stop = min(max(start + _LEAST_SAMPLES, math.floor(last)), own.samples)
    return start, stop - start


def _decimations(rate_hz: int, asked: Sampling | None, format: SampleFormat) -> tuple[int, int]:
    """The least and the most that may be averaged together."""
    if format.is_rf:
        return 1, 1
    most = max(1, rate_hz // LEAST_RATE_HZ)
    wanted = 1 if asked is None else round(rate_hz / asked.rate_hz)
    return min(max(1, wanted), most), most


def _decimated(own: Sampling, start: int, count: int, decimation: int) -> Sampling:
    """The window after averaging: a sample stands for the middle of those it is made of."""
    middle = start + (decimation - 1) / 2
    return Sampling(
        samples=count // decimation,
        rate_hz=round(own.rate_hz / decimation),
        first_sample_ns=own.first_sample_ns + round(middle / own.rate_hz * 1e9),
    )


def _log_range(asked: Settings, format: SampleFormat) -> int:
    low, usual, high = LOG_RANGE_DB
    if format is not SampleFormat.ENVELOPE_U8_LOG:
        return 0
    return min(max(asked.log_range_db or usual, low), high)
