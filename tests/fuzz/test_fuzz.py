"""A share of ``make fuzz`` without atheris, and the proof that the harness finds what it is there to find."""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import json
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from imaging.archive import decode_frames
from imaging.errors import DamagedPicture
from probe import wire
from probe.driver import DriverEvent
from probe.drivers import registry
from probe.drivers.uprobe1 import Uprobe1Driver
from probe.emulators import registry as twins
from probe.formats.registry import FORMATS
from probe.wire import HEADER_SIZE, Header, Message, MessageType, pack
from tests.fuzz.catalogue import catalogue
from tests.fuzz.decoders import LAWLESS, LAWS, DecoderUnderFire
from tests.fuzz.formats import ARRAYS, FILLS, KINDS, SHAPES, FormatUnderFire
from tests.fuzz.mutation import Mutator
from tests.fuzz.sealing import sealed
from tests.fuzz.talks import DriverUnderFire, Talk, seeds
from tests.fuzz.target import Broken, Target, dictionary
from tests.fuzz.twins import factory

ROOT = Path(__file__).resolve().parents[2]
# of each target; `make fuzz` takes ten times as many, and is guided by coverage
BYTES = 1_000_000
TARGETS = {target.name: target for target in catalogue()}


@pytest.mark.parametrize("name", TARGETS)
def test_any_bytes_are_borne(name: str, faults) -> None:
    target = TARGETS[name]
    good = target.seeds()
    for seed in good:
        target.run(seed)
    mutator, left, number = Mutator(good, dictionary(target)), faults.count(BYTES), 1000 * faults.seed
    while left > 0:
        data = mutator.fresh(number)
        try:
            target.run(data)
        except Exception as error:
            raise AssertionError(f"{name}, input {number}: {data[:200]!r}") from error
        left, number = left - len(data) - 1, number + 1


def test_what_is_registered_is_fuzzed() -> None:
    assert {f"driver:{name}" for name in registry.names()} <= set(TARGETS)
    assert {f"format:{kind.reader.rpartition('.')[2].replace(':', '.')}" for kind in FORMATS} <= set(TARGETS)
    assert set(twins.names()) < set(registry.names())


def test_every_target_has_words_and_seeds() -> None:
    poor = [name for name, target in TARGETS.items() if not dictionary(target)]
    assert poor == []
    assert [name for name in TARGETS if name.startswith("format:") and not TARGETS[name].seeds()] == []


@pytest.mark.parametrize("name", [name for name in TARGETS if name.startswith("format:")])
def test_a_seed_of_each_format_is_a_good_file(name: str) -> None:
    run = TARGETS[name].run
    assert isinstance(run, FormatUnderFire)
    assert [seed for seed in TARGETS[name].seeds() if run.read(seed) is not None]


@pytest.mark.parametrize("reader", ARRAYS)
def test_any_array_of_any_type_and_shape_is_read_or_refused(reader: str) -> None:
    """What bytes alone hardly hit: a good file in which one array is something else."""
    run = FormatUnderFire(next(kind for kind in FORMATS if kind.reader == reader))
    for index in range(len(ARRAYS[reader])):
        for kind_at, shape_at in itertools.product(range(len(KINDS)), range(len(SHAPES))):
            fill_at = (kind_at + shape_at + index) % len(FILLS)  # `make fuzz` meets them all
            run(b"\2" + bytes(3 * index) + bytes((128 + (kind_at - 128) % len(KINDS), shape_at, fill_at)))


def test_a_kept_sweep_is_among_the_seeds_of_the_archive() -> None:
    decoded = []
    for seed in TARGETS["file:frames"].seeds():
        with contextlib.suppress(DamagedPicture):
            decoded += decode_frames(seed)
    assert decoded


def test_every_decoder_has_a_law() -> None:
    """A new one is bounded and never raises from the first day; what it must find behind garbage, somebody says."""
    found = {
        name.removeprefix("decoder:") for name in TARGETS if name.startswith("decoder:") and "LineDecoder" not in name
    }
    assert found == set(LAWS) | LAWLESS


def hunted(target: Target, tries: int) -> Exception | None:
    """What the mutator alone finds."""
    mutator = Mutator(target.seeds(), dictionary(target))
    for number in range(tries):
        try:
            target.run(mutator.fresh(number))
        except Exception as error:  # noqa: BLE001
            return error
    return None


def planted(run: Callable[[bytes], None], good: list[bytes]) -> Target:
    return Target("planted", run, lambda: good, lambda: ("probe.wire",))


def test_a_defect_behind_the_check_sums_is_found() -> None:
    """Only a message whose two check sums hold gets so far, and only a changed one is wrong."""
    good = pack(Message(Header(MessageType.LINES, lines_in_block=3), b"x" * 40))

    def fails(data: bytes) -> None:
        for header, _ in wire.Decoder().feed(data):
            if header.type == MessageType.LINES and header.lines_in_block != 3:
                raise ZeroDivisionError

    assert isinstance(hunted(planted(fails, [good]), 2000), ZeroDivisionError)


def test_sealing_makes_check_sums_right_and_leaves_whole_messages() -> None:
    good = pack(Message(Header(MessageType.LOG, seq=9), b"hello"))
    assert sealed(b"noise" + good + b"noise") == b"noise" + good + b"noise"
    hurt = bytearray(good)
    hurt[12] ^= 1
    hurt[HEADER_SIZE] ^= 1
    assert wire.Decoder().feed(bytes(hurt)) == []
    [message] = wire.Decoder().feed(sealed(bytes(hurt)))
    assert message.payload == bytes((ord("h") ^ 1,)) + b"ello"
    assert zlib.crc32(message.payload) == int.from_bytes(sealed(bytes(hurt))[40:44], "little")


def test_a_decoder_that_loses_a_message_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    take = wire.Decoder._take

    def trusting(self, view, start, found):  # type: ignore[no-untyped-def]
        step = take(self, view, start, found)
        return 48 if step == 1 and len(view) >= start + 48 else step  # believes that a header is as long as it says

    monkeypatch.setattr(wire.Decoder, "_take", trusting)
    assert isinstance(hunted(TARGETS["wire:messages"], 3000), Broken)


class Hoarding:
    """A decoder that keeps all that it hears."""

    def __init__(self) -> None:
        self.pending = 0

    def feed(self, data: bytes) -> list[object]:
        self.pending += len(data)
        return []


def test_a_decoder_that_grows_is_caught() -> None:
    run = DecoderUnderFire("x.Hoarding", Hoarding, lambda decoder: 2000)
    assert "holds" in str(hunted(planted(run, []), 100))


def test_a_driver_that_never_finds_back_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = Uprobe1Driver.feed

    def sulking(self, data: bytes, now_ns: int) -> list[DriverEvent]:  # type: ignore[no-untyped-def]
        self.sulks = getattr(self, "sulks", False) or b"\xff\x00\xff" in data
        return feed(self, b"" if self.sulks else data, now_ns)

    monkeypatch.setattr(Uprobe1Driver, "feed", sulking)
    under_fire = DriverUnderFire("uprobe1")
    under_fire(bytes((0x17,)) + b"harmless")
    monkeypatch.setattr(Uprobe1Driver, "tick", lambda self, now_ns: b"")
    with pytest.raises(Broken, match="no frame came behind garbage"):
        under_fire(bytes((0x17,)) + b"\xff\x00\xff")


@pytest.mark.parametrize("name", twins.names())
def test_the_seeds_are_what_the_twin_says(name: str) -> None:
    talk = Talk(name, factory(name)).connect()
    for _ in range(30):
        talk.step()
    said = bytes(talk.heard)
    assert seeds(name)[0][1:200] == said[:199]


@pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None,
    reason="atheris is not installed, so nothing is guided by coverage here: use make fuzz",
)
def test_coverage_guides_it(tmp_path: Path) -> None:
    table = tmp_path / "fuzz.md"
    command = ["tests/fuzz/run.py", "--bytes", "2e4", "--executions", "1", "--only", "wire:"]
    places = ["--table", str(table), "--work", str(tmp_path / "work")]
    done = subprocess.run([sys.executable, *command, *places], cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in table.read_text().splitlines()[2:]]
    assert [row[0] for row in rows] == ["`wire:messages`", "`wire:bodies`", "`wire:blocks`"]
    assert all(int(row[1]) >= 20_000 and int(row[3]) > 10 and row[5] == "0" for row in rows), json.dumps(rows)
