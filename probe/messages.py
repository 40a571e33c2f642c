"""The JSON bodies of EOP/1's control messages: to bytes and back, every value checked for type and range.

What a device sends is a stranger's data: a body that does not hold is refused as a whole with ``NotUnderstood``.
Keys that this version does not know are left alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from probe.capabilities import Calibration, Capabilities, measured_index
from probe.errors import NotUnderstood
from probe.geometry import Geometry
from probe.samples import line_bytes
from probe.settings import SampleFormat, Sampling, Settings

Body = dict[str, Any]
T = TypeVar("T")

MAX_LINES = 1024
MAX_SAMPLES = 32768
MAX_FRAME_BYTES = 32 << 20
_MOST = 2**31 - 1
_RATE_MOST = 10**9


def encode(body: Mapping[str, object]) -> bytes:
    """Compact UTF-8 JSON with sorted keys, so that equal bodies are equal bytes."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def decode(payload: bytes) -> Body:
    """The object in a payload; an empty payload is an empty object.

    Raises:
        NotUnderstood: It is not UTF-8, not JSON, or not an object.
    """
    if not payload:
        return {}
    try:
        body = json.loads(payload.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise NotUnderstood("A control message is not readable") from error
    if not isinstance(body, dict):
        raise NotUnderstood("A control message is not an object")
    return body


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no JSON")


def integer(body: Body, key: str, low: int = 0, high: int = _MOST) -> int:
    """A whole number within limits.

    Raises:
        NotUnderstood: It is absent, no whole number, or outside.
    """
    value = body.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise NotUnderstood(f"A control message has no valid {key}")
    return value


def text(body: Body, key: str) -> str:
    """A string of at most 200 printable characters, control characters replaced.

    Raises:
        NotUnderstood: It is absent or no string.
    """
    value = body.get(key)
    if not isinstance(value, str):
        raise NotUnderstood(f"A control message has no valid {key}")
    return "".join(c if c.isprintable() else "?" for c in value[:200])


def flag(body: Body, key: str) -> bool:
    """True or false.

    Raises:
        NotUnderstood: It is absent or something else.
    """
    value = body.get(key)
    if not isinstance(value, bool):
        raise NotUnderstood(f"A control message has no valid {key}")
    return value


def integers(body: Body, key: str, low: int, high: int, most: int = MAX_LINES) -> tuple[int, ...]:
    """A list of at most ``most`` whole numbers within limits.

    Raises:
        NotUnderstood: It is absent, longer, or one of its members does not hold.
    """
    values = body.get(key)
    if not isinstance(values, list) or len(values) > most:
        raise NotUnderstood(f"A control message has no valid {key}")
    return tuple(integer({key: value}, key, low, high) for value in values)


def optional(body: Body, key: str, read: Callable[[Body, str], T]) -> T | None:
    """What ``read`` makes of the key, or None when it is absent or null."""
    return None if body.get(key) is None else read(body, key)


def sample_format(code: int) -> SampleFormat:
    """The format of a wire code.

    Raises:
        NotUnderstood: There is none.
    """
    try:
        return SampleFormat(code)
    except ValueError:
        raise NotUnderstood(f"The probe names an unknown sample format ({code})") from None


def sampling_body(sampling: Sampling) -> Body:
    """The keys of a window."""
    return {
        "samples": sampling.samples,
        "rate_hz": sampling.rate_hz,
        "first_sample_ns": sampling.first_sample_ns,
    }


def read_sampling(body: Body) -> Sampling:
    """The three numbers of a window.

    Raises:
        NotUnderstood: One is absent or outside its limits.
    """
    return Sampling(
        integer(body, "samples", 1, MAX_SAMPLES),
        integer(body, "rate_hz", 1, _RATE_MOST),
        integer(body, "first_sample_ns", -_MOST, _MOST),
    )


def settings_body(settings: Settings) -> Body:
    """The keys of SET and APPLIED; what is None is left out, which leaves the choice to the device."""
    body: Body = {} if settings.sampling is None else sampling_body(settings.sampling)
    body |= {
        "format": None if settings.format is None else int(settings.format),
        "lines": settings.lines,
        "frame_interval_us": settings.frame_interval_us,
        "gain_db": settings.gain_db,
        "centre_hz": settings.centre_hz,
        "log_range_db": settings.log_range_db,
    }
    return {key: value for key, value in body.items() if value is not None}


_WINDOW = ("samples", "rate_hz", "first_sample_ns")
SETTINGS_KEYS = frozenset(
    {
        "format", "lines", "samples", "rate_hz", "first_sample_ns", "frame_interval_us", "gain_db", "centre_hz",
        "log_range_db",
    }
)  # fmt: skip


# what SET may hold beside the settings
SET_KEYS = SETTINGS_KEYS | {"max_bytes_s"}


def read_request(body: Body) -> Settings:
    """The settings of a SET: each may be absent, the window only as a whole.

    Raises:
        NotUnderstood: One that is there does not hold.
    """
    code = optional(body, "format", integer)
    return Settings(
        format=None if code is None else sample_format(code),
        lines=optional(body, "lines", lambda b, k: integer(b, k, 1, MAX_LINES)),
        sampling=None if all(body.get(key) is None for key in _WINDOW) else read_sampling(body),
        frame_interval_us=optional(body, "frame_interval_us", lambda b, k: integer(b, k, 1)),
        gain_db=optional(body, "gain_db", lambda b, k: integer(b, k, -200, 200)),
        centre_hz=optional(body, "centre_hz", integer),
        log_range_db=optional(body, "log_range_db", lambda b, k: integer(b, k, 0, 200)),
    )


def read_applied(body: Body) -> Settings:
    """The settings of an APPLIED or of the answer to FETCH: all of them, and a frame of sane size.

    Raises:
        NotUnderstood: One is absent or does not hold.
    """
    settings = Settings(
        format=sample_format(integer(body, "format")),
        lines=integer(body, "lines", 1, MAX_LINES),
        sampling=read_sampling(body),
        frame_interval_us=integer(body, "frame_interval_us"),
        gain_db=integer(body, "gain_db", -200, 200),
        centre_hz=integer(body, "centre_hz"),
        log_range_db=integer(body, "log_range_db", 0, 200),
    )
    if settings.lines and settings.format and settings.sampling:
        size = settings.lines * line_bytes(settings.format, settings.sampling.samples)
        if size > MAX_FRAME_BYTES:
            raise NotUnderstood("The probe announces frames that are too large")
    return settings


def geometry_body(geometry: Geometry) -> Body:
    """The value of APPLIED's ``geometry``: three lists, left to right."""
    return {
        "angle_mdeg": list(geometry.angle_mdeg),
        "origin_x_um": list(geometry.origin_x_um),
        "origin_z_um": list(geometry.origin_z_um),
    }


def read_geometry(body: Body, lines: int) -> Geometry:
    """The nominal place of each of ``lines`` lines, left to right.

    Raises:
        NotUnderstood: A list is absent, of another length, or has a member that does not hold.
    """
    part = body.get("geometry")
    if not isinstance(part, dict):
        raise NotUnderstood("The probe does not say where its lines lie")
    columns = (
        integers(part, "angle_mdeg", -360_000, 360_000),
        integers(part, "origin_x_um", -_MOST, _MOST),
        integers(part, "origin_z_um", -_MOST, _MOST),
    )
    if any(len(column) != lines for column in columns):
        raise NotUnderstood("The probe does not say where each of its lines lies")
    return Geometry(*columns)


def capabilities_body(capabilities: Capabilities, sound_speed_m_s: int) -> Body:
    """The keys of CAPS. ``sound_speed_m_s``: what the probe's own millimetres assume, 0 when it speaks only in time."""
    c = capabilities
    body: Body = {
        "model": c.model, "serial": c.serial, "firmware": c.firmware, "simulated": c.simulated,
        "modes": list(c.modes), "formats": [int(f) for f in c.formats],
        "fetch_formats": [int(f) for f in c.fetch_formats], "ring_frames": c.ring_frames, "max_lines": c.max_lines,
        "max_samples": c.max_samples, "min_frame_interval_us": c.min_frame_interval_us,
        "centre_hz": list(c.centre_hz), "gain_db": list(c.gain_db), "sound_speed_m_s": sound_speed_m_s,
        "mechanical_index": c.mechanical_index, "thermal_index": c.thermal_index, "buttons": list(c.buttons),
        "max_pulse_rate_hz": c.max_pulse_rate_hz, "link_bytes_s": c.link_bytes_s,
    }  # fmt: skip
    if c.calibration is not None:
        made = c.calibration
        body["calibration"] = {
            "made_on": made.made_on, "expires_on": made.expires_on, "operator": made.operator,
            "residual_um": made.residual_um,
        }  # fmt: skip
    return body


def read_capabilities(body: Body, driver: str) -> Capabilities:
    """The capabilities of a CAPS; formats that this version does not know are left out.

    Raises:
        NotUnderstood: A key is absent or does not hold, or no live format is left.
    """
    formats = _known_formats(integers(body, "formats", 0, 255))
    gain = integers(body, "gain_db", -200, 200, most=2)
    if not formats or len(gain) != 2:
        raise NotUnderstood("The probe offers no picture that Sauti can read")
    return Capabilities(
        driver=driver, model=text(body, "model"), serial=text(body, "serial"), firmware=text(body, "firmware"),
        simulated=flag(body, "simulated"), modes=_words(body, "modes"), formats=formats,
        fetch_formats=_known_formats(integers(body, "fetch_formats", 0, 255)),
        ring_frames=integer(body, "ring_frames"), max_lines=integer(body, "max_lines", 1),
        max_samples=integer(body, "max_samples", 1),
        min_frame_interval_us=integer(body, "min_frame_interval_us"), centre_hz=integers(body, "centre_hz", 0, _MOST),
        gain_db=(min(gain), max(gain)), mechanical_index=measured_index(body.get("mechanical_index")),
        thermal_index=measured_index(body.get("thermal_index")),
        calibration=optional(body, "calibration", _calibration),
        max_pulse_rate_hz=optional(body, "max_pulse_rate_hz", lambda b, k: integer(b, k, 1)),
        buttons=optional(body, "buttons", _words) or (),
        link_bytes_s=optional(body, "link_bytes_s", lambda b, k: integer(b, k, 1)),
    )  # fmt: skip


def _calibration(body: Body, key: str) -> Calibration:
    part = body[key]
    if not isinstance(part, dict):
        raise NotUnderstood("The probe's calibration is not readable")
    return Calibration(
        text(part, "made_on"), text(part, "expires_on"), text(part, "operator"), integer(part, "residual_um")
    )


def _known_formats(codes: Sequence[int]) -> tuple[SampleFormat, ...]:
    known = {int(code) for code in SampleFormat}
    return tuple(SampleFormat(code) for code in codes if code in known)


def _words(body: Body, key: str) -> tuple[str, ...]:
    values = body.get(key)
    if not isinstance(values, list) or len(values) > 16:
        raise NotUnderstood(f"A control message has no valid {key}")
    return tuple(text({key: value}, key) for value in values)
