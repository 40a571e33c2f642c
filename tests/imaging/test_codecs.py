"""Archived frames and pixels: exact round trips, and one error for every damage."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import struct
from typing import Any

import hypothesis.extra.numpy as hnp
import jpeg_ls
import numpy as np
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from imaging.archive import MAGIC
from imaging.codecs import decode_frames, decode_pixels, encode_frames, encode_pixels, png_bytes
from imaging.digest import canonical
from imaging.errors import CannotImage, DamagedPicture
from probe.frame import Frame, Provenance
from probe.geometry import Geometry
from probe.recording import Recording
from probe.settings import SampleFormat, Sampling, Settings
from tests.imaging.sweeps import CALIBRATION, frame_of, speckle

DTYPES = {
    SampleFormat.RF_I16: np.int16,
    SampleFormat.IQ_I16: np.int16,
    SampleFormat.IQ_I8: np.int8,
    SampleFormat.ENVELOPE_U8_LINEAR: np.uint8,
    SampleFormat.ENVELOPE_U8_LOG: np.uint8,
    SampleFormat.ENVELOPE_U8_ALAW: np.uint8,
    SampleFormat.ENVELOPE_U16: np.uint16,
}
INTS = st.integers(-(2**40), 2**40)


@st.composite
def any_frame(draw: st.DrawFn) -> Frame:
    kind = draw(st.sampled_from(list(DTYPES)))
    lines, count = draw(st.integers(1, 6)), draw(st.integers(0, 20))
    shape = (lines, count, 2) if kind in (SampleFormat.IQ_I16, SampleFormat.IQ_I8) else (lines, count)
    samples = draw(hnp.arrays(DTYPES[kind], shape))
    missing = draw(hnp.arrays(np.bool_, lines))
    columns = [tuple(draw(st.lists(INTS, min_size=lines, max_size=lines))) for _ in range(3)]
    sampling = Sampling(count, draw(st.integers(0, 2**40)), draw(INTS))
    maybe = st.none() | INTS
    wanted = Settings(
        draw(st.none() | st.sampled_from(list(SampleFormat))), draw(maybe), draw(st.none() | st.just(sampling)),
        draw(maybe), draw(maybe), draw(maybe), draw(maybe),
    )  # fmt: skip
    calibration = draw(st.none() | st.just(CALIBRATION))
    provenance = Provenance(draw(st.text()), draw(st.text()), "f", draw(st.booleans()), calibration, 1540)
    line_us = draw(hnp.arrays(np.int64, lines))
    return Frame(
        draw(INTS), kind, samples, missing, Geometry(*columns), sampling, wanted, provenance,
        draw(st.sampled_from([1, -1])), draw(INTS), draw(INTS), line_us, draw(INTS),
    )  # fmt: skip


def _assert_equal(one: Frame, other: Frame) -> None:
    arrays = ("samples", "missing", "line_us")
    for name in arrays:
        left, right = getattr(one, name), getattr(other, name)
        np.testing.assert_array_equal(left, right)
        assert left.dtype == right.dtype
        assert not right.flags.writeable
    for field in dataclasses.fields(Frame):
        if field.name not in arrays:
            assert getattr(one, field.name) == getattr(other, field.name)
            assert type(getattr(one, field.name)) is type(getattr(other, field.name))


@given(st.lists(any_frame(), max_size=4))
@settings(max_examples=150, deadline=None)
def test_frames_come_back_equal(frames: list[Frame]) -> None:
    back = decode_frames(encode_frames(frames))
    assert len(back) == len(frames)
    for one, other in zip(frames, back, strict=True):
        _assert_equal(one, other)


def test_the_real_film_comes_back_and_is_small(film: Recording) -> None:
    frames = [film.frame(index) for index in range(50, 60)]
    data = encode_frames(frames)
    assert len(data) < 0.35 * sum(frame.samples.nbytes for frame in frames)
    for one, other in zip(frames, decode_frames(data), strict=True):
        _assert_equal(one, other)


def test_equal_frames_give_equal_bytes() -> None:
    assert encode_frames([frame_of(speckle(4, 50))]) == encode_frames([frame_of(speckle(4, 50))])


ARCHIVE = encode_frames([frame_of(speckle(4, 60), missing=(1,)), frame_of(speckle(4, 60, seed=2), number=8)])


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_any_damage_is_one_error(data: st.DataObject) -> None:
    damaged = bytearray(ARCHIVE)
    kind = data.draw(st.sampled_from(["flip", "cut", "grow", "drop"]))
    at = data.draw(st.integers(0, len(damaged) - 1))
    if kind == "flip":
        damaged[at] ^= data.draw(st.integers(1, 255))
    elif kind == "cut":
        damaged = damaged[:at]
    elif kind == "grow":
        damaged[at:at] = data.draw(st.binary(min_size=1, max_size=9))
    else:
        del damaged[at]
    with pytest.raises(DamagedPicture) as caught:
        decode_frames(bytes(damaged))
    assert caught.value.title
    assert caught.value.advice


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_garbage_is_one_error(data: bytes) -> None:
    for decode in (decode_frames, decode_pixels):
        with pytest.raises(DamagedPicture):
            decode(data)


def _sealed(header: bytes, payload: bytes) -> bytes:
    """An archive whose checksum is right, whatever is in it."""
    covered = struct.pack("<8sIQ", MAGIC, len(header), len(payload))
    return covered + hashlib.sha256(covered + header + payload).digest() + header + payload


def _parts() -> tuple[dict[str, Any], bytes]:
    size = struct.unpack_from("<I", ARCHIVE, 8)[0]
    return json.loads(ARCHIVE[52 : 52 + size]), ARCHIVE[52 + size :]


def test_sealing_is_what_the_encoder_does() -> None:
    values, payload = _parts()
    assert _sealed(canonical(values), payload) == ARCHIVE


_JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.text(max_size=5), st.just([]), st.just({}),
    st.lists(st.integers(), max_size=3), st.just({"samples": 1 << 40}),
)  # fmt: skip


@given(st.data())
@settings(max_examples=400, deadline=None)
def test_a_hostile_header_is_one_error_or_a_frame(data: st.DataObject) -> None:
    """With a right checksum, the header may still say anything."""
    values, payload = _parts()
    at: Any = values
    for _ in range(data.draw(st.integers(0, 4))):
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        below = [key for key in keys if isinstance(at[key], dict | list) and at[key]]
        if not below:
            break
        at = at[data.draw(st.sampled_from(below))]
    key = data.draw(st.sampled_from(list(at) if isinstance(at, dict) else list(range(len(at)))))
    if data.draw(st.booleans()):
        at[key] = data.draw(_JUNK)
    else:
        del at[key]
    try:
        frames = decode_frames(_sealed(canonical(values), payload))
    except DamagedPicture:
        return
    assert all(isinstance(frame, Frame) for frame in frames)


STRANGE = [b"", b"[]", b"{}", b"null", b'{"v":2}', b"\xff", b"[" * 100_000, b'{"v": 1}', b"1.5"]


@pytest.mark.parametrize("header", STRANGE)
def test_a_strange_header_is_one_error(header: bytes) -> None:
    with pytest.raises(DamagedPicture):
        decode_frames(_sealed(header, b""))


def test_blocks_that_are_not_what_the_header_says_are_one_error() -> None:
    """Sizes add up and the checksum holds, but what is inside is another thing."""
    values, payload = _parts()
    first = values["frames"][0]["bytes"]
    other = zstandard.ZstdCompressor().compress(b"x" * 3)
    for block in (b"\0" * first, payload[:first][:-1] + b"\0", other):
        changed = {**values, "frames": [{**values["frames"][0], "bytes": len(block)}, values["frames"][1]]}
        with pytest.raises(DamagedPicture):
            decode_frames(_sealed(canonical(changed), block + payload[first:]))
    for key, wrong in (
        ("filter", 2),
        ("missing", [4]),
        ("missing", [-1]),
        ("setup", 1),
        ("setup", -1),
        ("number", 1 << 65),
    ):
        changed = {**values, "frames": [{**values["frames"][0], key: wrong}, values["frames"][1]]}
        with pytest.raises(DamagedPicture):
            decode_frames(_sealed(canonical(changed), payload))


def test_a_frame_that_lies_about_itself_is_not_kept() -> None:
    frame = frame_of(speckle(4, 50))
    for samples in (np.zeros((4, 51), np.int16), np.zeros((4, 50), np.int32)):
        with pytest.raises(CannotImage, match="7"):
            encode_frames([dataclasses.replace(frame, samples=samples)])


@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, min_side=16, max_side=40)))
@settings(deadline=None)
def test_pixels_come_back_equal(pixels: np.ndarray) -> None:
    data = encode_pixels(pixels)
    np.testing.assert_array_equal(decode_pixels(data), pixels)
    assert not decode_pixels(data).flags.writeable
    plain, about = jpeg_ls.decode_buffer(data)
    assert (about["height"], about["width"]) == pixels.shape
    assert bytes(plain) == pixels.tobytes()


def test_a_right_hash_round_nonsense_is_one_error() -> None:
    good = encode_pixels(np.zeros((16, 16), np.uint8))
    for rest in (b"", b"\xff\xd9", b"nonsense", good[52:60]):
        with pytest.raises(DamagedPicture):
            decode_pixels(good[:17] + hashlib.sha256(rest).digest() + rest)


def test_hardly_any_pixels_are_refused() -> None:
    with pytest.raises(CannotImage, match="too few"):
        encode_pixels(np.zeros((15, 17), np.uint8))


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_damaged_pixels_are_one_error(data: st.DataObject) -> None:
    good = bytearray(encode_pixels(np.arange(600, dtype=np.uint16).reshape(20, 30).astype(np.uint8)))
    at = data.draw(st.integers(0, len(good) - 1))
    if data.draw(st.booleans()):
        good[at] ^= data.draw(st.integers(1, 255))
    else:
        del good[at:]
    with pytest.raises(DamagedPicture):
        decode_pixels(bytes(good))


def test_png_holds_the_pixels(tmp_path: Any) -> None:
    grey = np.arange(300, dtype=np.uint16).reshape(15, 20).astype(np.uint8)
    for pixels in (grey, np.stack([grey, grey[::-1], grey], axis=2)):
        path = tmp_path / "picture.png"
        path.write_bytes(png_bytes(pixels))
        np.testing.assert_array_equal(np.array(Image.open(path)), pixels)
        assert png_bytes(pixels) == path.read_bytes()
