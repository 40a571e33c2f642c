"""The vectors in the reference pages are true."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from imaging import compiled, native
from imaging.codecs import decode_frames, encode_frames
from imaging.digest import canonical, chain_digest
from imaging.kernels.registry import KERNELS, Argument
from tests.imaging.reference_frames import archive_frames, digest_chain

PAGES = Path(__file__).resolve().parents[2] / "docs" / "reference"
DTYPES = {"u8": np.uint8, "u16": np.uint16, "u32": np.uint32, "i16": np.int16, "i32": np.int32, "i64": np.int64,
          "f32": np.float32}  # fmt: skip


def _blocks(page: str, kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", (PAGES / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


VECTORS = {vector["kernel"]: vector for vector in map(json.loads, _blocks("kernels.md", "json"))}


def _value(argument: Argument, said: object) -> np.ndarray | int:
    if isinstance(said, int):
        return said
    if isinstance(said, dict):
        said = np.arange(said["count"]) >> said["shift"]
    return np.array(said, dtype=DTYPES[argument.type])


def _check(name: str, kernels: compiled.Kernels) -> None:
    vector, kinds = VECTORS[name], KERNELS[name].arguments
    arguments = [_value(kind, said) for kind, said in zip(kinds, vector["arguments"], strict=True)]
    kernels.call(name)(*arguments)
    written = [value for kind, value in zip(kinds, arguments, strict=True) if kind.written]
    for expected, got in zip(vector["written"], written[-len(vector["written"]) :], strict=True):
        np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("name", KERNELS)
def test_kernel_vectors(name: str, jit: compiled.Kernels) -> None:
    assert VECTORS[name]["version"] == KERNELS[name].version
    _check(name, compiled.kernels("python"))
    _check(name, jit)


@pytest.mark.parametrize("name", KERNELS)
def test_kernel_vectors_ahead_of_time(name: str, library: native.NativeKernels) -> None:
    _check(name, library)


def test_the_page_lists_the_registry() -> None:
    text = (PAGES / "kernels.md").read_text(encoding="utf-8")
    for kernel in KERNELS.values():
        contract = ", contract" if kernel.contract else ""
        assert f"| `{kernel.name}` | {kernel.version}{contract} | `{kernel.signature}` |" in text
    assert set(VECTORS) == set(KERNELS)


def test_the_digest_vector() -> None:
    (described,), (digest,) = _blocks("picture.md", "json"), [
        block.strip() for block in _blocks("picture.md", "text") if re.fullmatch(r"[0-9a-f]{64}\n", block)
    ]  # fmt: skip
    chain = digest_chain()
    assert canonical(chain.description()).decode("ascii") == described.replace("\n", "")
    assert chain.digest == chain_digest(json.loads(described)) == digest
    with pytest.raises(ValueError, match="whole numbers"):
        canonical({"a": [1, {"b": 0.5}]})


def test_the_archive_vector() -> None:
    (dump,) = (block for block in _blocks("frame-archive.md", "text") if block.startswith(b"SAUTIFR1".hex()))
    data = bytes.fromhex(dump)
    one, other = decode_frames(data)
    first, second = archive_frames()
    for got, expected in ((one, first), (other, second)):
        np.testing.assert_array_equal(got.samples, expected.samples)
        assert (got.number, got.geometry, got.settings) == (expected.number, expected.geometry, expected.settings)
    assert other.missing.tolist() == [False, True, False]
    assert decode_frames(encode_frames([first, second]))[1].samples.tolist() == second.samples.tolist()


@pytest.mark.parametrize("status", ["OK", "OTHER_PLAN", "BAD_SAMPLES", "NO_LINES", "STAGE_FAILED"])
def test_the_page_lists_each_status(status: str) -> None:
    assert f"| `{status}` |" in (PAGES / "stages.md").read_text(encoding="utf-8")
