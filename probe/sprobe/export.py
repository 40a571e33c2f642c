"""Frames that were kept as a recording of an EOP/1 device: what it would have sent, had somebody listened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from probe import messages
from probe.capabilities import Capabilities
from probe.errors import RecordingError
from probe.frame import Frame
from probe.lines import lines_per_block, pack_lines
from probe.settings import Settings
from probe.sprobe.container import MAGIC, STREAMS, Record, RecordKind, SprobeHeader, header_body, json_bytes, pack
from probe.wire import SESSION_SHIFT, Flag, Header, Message, MessageType
from probe.wire import pack as pack_message

# kept frames may be corrected already: under this name no calibration of the probe itself counts for them again
EXPORTED = ", exported"
_U32, _U64 = 1 << 32, 1 << 63


def exported(frames: Sequence[Frame], header: SprobeHeader) -> bytes:
    """A container with all of some frames.

    Raises:
        RecordingError: There is none, or one has lines that no message can hold.
    """
    if not frames:
        raise RecordingError("There is no frame to export", "Choose another image.")
    stream = list(_stream(frames))
    records = [Record(RecordKind.HEADER, 0, json_bytes(header_body(replace(header, driver="eop1"))))]
    records += [Record(RecordKind.RECEIVED, time_ns, data) for time_ns, data in stream]
    counts = dict.fromkeys(STREAMS.values(), 0) | {"received_bytes": sum(len(data) for _, data in stream)}
    records.append(Record(RecordKind.END, stream[-1][0], json_bytes({"records": len(records), **counts})))
    return MAGIC + b"".join(map(pack, records))


def _stream(frames: Sequence[Frame]) -> Iterator[tuple[int, bytes]]:
    """(time, bytes) of everything that the device would have sent, its messages numbered."""
    for seq, (time_ns, message) in enumerate(_messages(frames)):
        yield time_ns, pack_message(Message(message.header._replace(seq=seq % _U32), message.payload))


def _messages(frames: Sequence[Frame]) -> Iterator[tuple[int, Message]]:
    first = frames[0]
    caps = messages.capabilities_body(_capabilities(frames), first.provenance.sound_speed_m_s)
    yield 0, Message(Header(MessageType.CAPS), messages.encode(caps | {"re": 0, "version": 1}))
    settings, session, time_ns = None, 0, 0
    for frame in frames:
        if _settings(frame) != settings:
            settings, session = _settings(frame), (session + 1) % 256
            body = messages.settings_body(settings) | {"geometry": messages.geometry_body(frame.geometry), "re": 1}
            applied = Header(MessageType.APPLIED, flags=session << SESSION_SHIFT)
            yield time_ns, Message(applied, messages.encode(body | {"ignored": []}))
        # a device's clock may jump; a recording's does not
        time_ns = max(time_ns, 1000 * (frame.device_us - first.device_us))
        for message in _sweep(frame, session):
            yield time_ns, message


def _sweep(frame: Frame, session: int) -> Iterator[Message]:
    """The lines of a frame in the order in which they were fired, and its end."""
    order = slice(None, None, frame.direction)
    samples, lines, sampling = frame.samples[order], frame.lines, frame.sampling
    step = lines_per_block(frame.format, sampling.samples)
    if step == 0:
        raise RecordingError("The lines of these frames are too long for a recording", "Keep the frames archive.")
    geometry = frame.geometry
    columns = (geometry.angle_mdeg, geometry.origin_x_um, geometry.origin_z_um)
    positions = np.stack([np.asarray(column, dtype=np.int32) for column in columns], axis=1)[order]
    at_us = frame.line_us[order] + max(0, frame.device_us)
    flags = (Flag.BACKWARD if frame.direction < 0 else Flag(0)) | (
        Flag.SIMULATED if frame.provenance.simulated else Flag(0)
    )
    bits = int(flags) | session << SESSION_SHIFT
    for start in range(0, lines, step):
        part = slice(start, start + step)
        begin = int(at_us[part].min())
        header = Header(
            type=MessageType.LINES, flags=bits, frame_id=frame.number % _U32, line=start, lines_in_frame=lines,
            t_us=begin % _U64, time_zero_ns=sampling.first_sample_ns, samples=sampling.samples,
            format=int(frame.format), lines_in_block=len(positions[part]),
        )  # fmt: skip
        yield Message(header, pack_lines(positions[part], at_us[part] - begin, frame.format, samples[part]))
    dead = np.flatnonzero(frame.missing[order]).tolist()
    body = {"frame": frame.number % _U32, "lines": lines, "dropped": 0, "dead": dead, "duration_us": 0}
    end = Header(MessageType.FRAME_END, flags=bits, frame_id=frame.number % _U32, lines_in_frame=lines)
    yield Message(end, messages.encode(body))


def _settings(frame: Frame) -> Settings:
    """All of them, as APPLIED needs; the window is the frame's own."""
    told = frame.settings
    return Settings(
        frame.format, frame.lines, frame.sampling, told.frame_interval_us or 0, told.gain_db or 0,
        told.centre_hz or 0, told.log_range_db or 0,
    )  # fmt: skip


def _capabilities(frames: Sequence[Frame]) -> Capabilities:
    made_by = frames[0].provenance
    intervals = [frame.settings.frame_interval_us or 0 for frame in frames]
    return Capabilities(
        driver="eop1", model=made_by.model + EXPORTED, serial=made_by.serial, firmware=made_by.firmware,
        simulated=made_by.simulated, modes=("B",), formats=tuple(dict.fromkeys(frame.format for frame in frames)),
        fetch_formats=(), ring_frames=0, max_lines=max(frame.lines for frame in frames),
        max_samples=max(frame.sampling.samples for frame in frames), min_frame_interval_us=min(intervals),
        centre_hz=(frames[0].settings.centre_hz or 0,), gain_db=(0, 0), calibration=made_by.calibration,
    )  # fmt: skip
