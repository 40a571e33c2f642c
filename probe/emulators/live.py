"""What a twin sends live: settings that fit the link, and the envelope of a sweep in those settings."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probe.emulators.source import FrameSource
from probe.envelope import envelope
from probe.lines import ROW_BYTES, lines_per_block
from probe.samples import CODINGS, Samples, line_bytes
from probe.settings import SampleFormat, Sampling, Settings
from probe.wire import HEADER_SIZE

LIVE_FORMATS = (
    SampleFormat.ENVELOPE_U8_LOG,
    SampleFormat.ENVELOPE_U8_LINEAR,
    SampleFormat.ENVELOPE_U16,
    SampleFormat.RF_I16,
)
GAIN_DB = (-20, 40)
MIN_INTERVAL_US = 20_000
MAX_INTERVAL_US = 10_000_000
# an envelope needs about its bandwidth; below this rate the picture would lose detail
LEAST_RATE_HZ = 3_000_000
LOG_RANGE_DB = (30, 60, 90)
LINK_SHARE = 0.8
_LEAST_SAMPLES = 16
_FRAME_END_BYTES = HEADER_SIZE + 160


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
    format = asked.format if asked.format in LIVE_FORMATS else LIVE_FORMATS[0]  # noqa: A001
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


def full_plan(source: FrameSource, live: Settings) -> LivePlan:
    """How FETCH sends the RF of a sweep: every sample, with the other settings in force when it was made."""
    settings = Settings(
        SampleFormat.RF_I16, source.geometry.lines, source.sampling, live.frame_interval_us, live.gain_db,
        source.centre_hz, 0,
    )  # fmt: skip
    return LivePlan(settings, 0, 1)


def frame_bytes(lines: int, format: SampleFormat, samples: int) -> int:
    """Bytes that one whole frame takes on the link."""
    blocks = -(-lines // max(1, lines_per_block(format, samples)))
    return lines * (ROW_BYTES + line_bytes(format, samples)) + blocks * HEADER_SIZE + _FRAME_END_BYTES


def encode_sweep(source: FrameSource, plan: LivePlan, index: int) -> Samples:
    """(lines, samples) of a sweep in the plan's format."""
    stop = plan.start + plan.sampling.samples * plan.decimation
    rf = source.rf(index)
    if plan.format is SampleFormat.RF_I16:
        cut: Samples = rf[:, plan.start : stop]
        return cut
    whole = envelope(rf, source.sampling.rate_hz, source.centre_hz)[:, plan.start : stop]
    mean = whole.reshape(whole.shape[0], -1, plan.decimation).mean(axis=2)
    relative = mean * (10 ** ((plan.settings.gain_db or 0) / 20) / source.full_scale)
    return _quantise(relative, plan.format, plan.settings.log_range_db or 0)


def _quantise(relative: NDArray[np.float32], format: SampleFormat, range_db: int) -> Samples:
    codes = relative * (65535 if format is SampleFormat.ENVELOPE_U16 else 255)
    if format is SampleFormat.ENVELOPE_U8_LOG:
        codes = 255 + 20 * np.log10(np.maximum(relative, 1e-9)) * (254 / range_db)
    kind = CODINGS[format].dtype
    quantised: Samples = np.clip(np.rint(codes), 0, np.iinfo(kind).max).astype(kind)
    return quantised


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
    if format is SampleFormat.RF_I16:
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
