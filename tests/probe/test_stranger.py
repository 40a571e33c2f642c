"""A stranger's driver: installed from its own package, found by its name, and good for a picture."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "probe-driver"
# what a stranger's program does with it: everything below the driver is the real thing
PROGRAM = '''
import numpy as np
from imaging.chain import picture_of
from imaging.preset import Preset
from probe.drivers import registry
from probe.links.memory import MemoryLink
from probe.reader import Reader, ReaderState, StateChanged
from probe.slot import Slot
from probe.drivers.noted import NotedDriver
from probe.playback import frames_of
from probe.sprobe.container import SprobeHeader, SprobeWriter
from probe.sprobe.tap import Tap
import queue, sys, time
from pathlib import Path

class Twin:
    """Tally itself: sixteen lines, a bright ring in the middle of each."""
    def __init__(self):
        self.out, self.live, self.sweep, self.next_ns = b"", False, 0, 0
    def feed(self, data, now_ns):
        for word in data.split(b"\\n"):
            if word == b"?": self.out += b"AT garbage\\r\\ntally twin1 0042\\r\\n"
            if word == b"halt": self.live = False; self.out += b"halted\\n"
            if word == b"go": self.live = True
    def poll(self, now_ns, room):
        if self.live and now_ns >= self.next_ns:  # ten sweeps a second: a flood would leave no processor for the rest
            self.next_ns = now_ns + 100_000_000
            for line in range(16):
                samples = bytes([20] * 30 + [250] * 4 + [20] * 30)
                self.out += b"L %d %d %s\\n" % (self.sweep, line, samples.hex().encode())
            self.sweep += 1
        part, self.out = self.out[:room], self.out[room:]
        return part
    def disconnect(self, now_ns): self.live = False

assert "tally" in registry.names(), registry.names()
heard, frames = queue.SimpleQueue(), Slot()
path, began = Path(sys.argv[1]), time.monotonic_ns()
writer = SprobeWriter(path, SprobeHeader("memory", "tally", "", "", 0, "a test"))
note = lambda call, text: writer.note(time.monotonic_ns() - began, call, text)
link = lambda: Tap(MemoryLink(Twin(), time.monotonic_ns, time.sleep), writer, time.monotonic_ns, began)
reader = Reader(link, lambda: NotedDriver(registry.make("tally"), note), frames, heard.put)
reader.start()
def until(state):
    while True:
        event = heard.get(timeout=5)
        if isinstance(event, StateChanged) and event.state is state: return
until(ReaderState.READY); reader.begin(); until(ReaderState.STREAMING)
frame = frames.take(5)
picture = picture_of(frame, Preset.for_frame(frame), 160, 120)
assert picture.simulated and not frame.missing.any()
print(frame.provenance.model, frame.samples.shape, int(picture.pixels.max()))
reader.freeze(); until(ReaderState.FROZEN); reader.stop()
writer.close(time.monotonic_ns() - began)
played = list(frames_of(path))
assert len(played) == reader.counters().frames, (len(played), reader.counters())
assert np.array_equal(played[0].samples, frame.samples) and played[0].provenance == frame.provenance
'''


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, installed as its user would, but offline and aside."""
    source = tmp_path_factory.mktemp("example") / "probe-driver"
    shutil.copytree(EXAMPLE, source)
    target = tmp_path_factory.mktemp("target")
    command = [
        sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation",
        "--disable-pip-version-check", "--target", str(target), str(source),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, cwd=source)
    assert done.returncode == 0, done.stderr
    return target


def run(target: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(target), str(ROOT)))}
    return subprocess.run([sys.executable, *words], capture_output=True, text=True, timeout=100, env=environment)


def test_it_is_found_by_name_makes_a_picture_and_is_played_again(target: Path, tmp_path: Path) -> None:
    done = run(target, "-c", PROGRAM, str(tmp_path / "a.sprobe"))
    assert done.returncode == 0, done.stderr
    said, _, brightest = done.stdout.strip().rpartition(" ")
    assert said == "Tally (16, 64)"
    assert int(brightest) > 200


def test_it_is_named_among_those_to_choose_from(target: Path) -> None:
    done = run(target, "-c", "from probe.drivers import registry; registry.make('mystery')")
    assert "There is no driver named mystery. Choose one of: echopen, " in done.stderr
    assert "tally" in done.stderr


def test_its_decoder_survives_what_ours_must(target: Path) -> None:
    program = """
import numpy as np
from sauti_probe_tally import TallyDriver
driver, random = TallyDriver(), np.random.default_rng(1)
driver.identify(0)
good = b"tally 1 2\\nL 0 1 " + b"7f" * 64 + b"\\n"
for n in range(3000):
    data = random.bytes(int(random.integers(1, 400)))
    driver.feed(data if n % 3 else data + b"\\n" + good, n)
    assert len(driver._text) <= 200
print(driver.counters.messages)
"""
    done = run(target, "-c", program)
    assert done.stdout.strip() == "1000", done.stderr


def test_its_board_is_recognised_by_what_its_package_says(target: Path) -> None:
    done = run(
        target,
        "-c",
        "import sys; from probe.discovery import find; from probe.links.ports import SerialPort\n"
        "port = SerialPort('/dev/null', 0x1209, 0x7A11, '7', 'Tally rev 2')\n"
        "[row] = find(lambda: [port]); print(row.driver, row.confidence.word, row.state.value)\n"
        "print([m for m in sys.modules if m == 'numpy' or m == 'sauti_probe_tally'])",
    )
    # whoever holds the test's null device is not its business
    assert done.stdout.splitlines() in (["tally sure usable", "[]"], ["tally sure busy", "[]"]), done.stderr
