"""Write SUPPORTED.md from what is really there: every driver talks to its twin, every recording is read.

python packaging/supported.py [--check]; recordings are looked for in SAUTI_RECORDINGS, else in ../shared/recordings.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from probe.capabilities import Capabilities  # noqa: E402
from probe.driver import Applied, Identified  # noqa: E402
from probe.drivers import registry  # noqa: E402
from probe.emulators import registry as twins  # noqa: E402
from probe.emulators.registry import Wish  # noqa: E402
from probe.errors import RecordingError  # noqa: E402
from probe.formats.registry import FORMATS  # noqa: E402
from probe.recording import Recording  # noqa: E402
from probe.settings import SampleFormat, Settings  # noqa: E402

PAGE = ROOT / "SUPPORTED.md"
# what no protocol says of itself: the device, how it is reached, what an operator should know
DEVICES = {
    "echopen": (
        "echOpen kit (RedPitaya)",
        "TCP 7538",
        "transmits as long as it is on: freezing only stops the picture",
    ),
    "echopen-v0": (
        "echOpen probes V0 and V1",
        "TCP 50000, UDP 51000",
        "written from its application: no firmware is published",
    ),
    "eop1": ("any board that speaks EOP/1", "USB serial", "no board on the market does yet; the practice probe is one"),
    "mux10": ("pic0rick-4ch", "USB serial", "one of its sixteen paths, about thirty lines a second"),
    "p0rk": (
        "pic0rick RP2350, firmware 1.5",
        "USB serial",
        "armed only while it streams; it has no watchdog: a computer that hangs leaves it transmitting",
    ),
    "pic0rick": ("pic0rick, stock firmware", "USB serial", "about five lines a second; a fixed gain"),
    "uprobe1": ("uProbe-1", "TCP 5002", "depth and angle are not published and assumed; transmits as long as it is on"),
    "wulpus": (
        "WULPUS, firmware 1.2.3",
        "USB serial dongle",
        "says nothing of itself before it transmits; no watchdog: out of its dongle's reach it goes on for minutes",
    ),
}
MODES = {"B": "B-mode", "A": "A-mode", "M": "M-mode"}
HEAD = """# Supported probes

What works today, and how it was shown. **Written by `python packaging/supported.py`: do not edit it**; a test fails
when it is out of date. A "twin" is a program that speaks the device's protocol byte by byte and ships with Sauti
(`sauti simulate --driver NAME`); a "recording" is real data from a real device. **No device was ever on a desk.**

## Probes

**No driver of this table has met its device yet.** Each row is what the driver says after it has spoken with its twin.
A board that sends single lines offers A-mode and M-mode, live in `sauti view` and on the screens, and never a picture
in two dimensions; `sauti exam` refuses it in a sentence. No probe has a calibration record, so every picture is marked
UNCALIBRATED, and none states a measured MI or TI.

| driver | device | link | offers | live samples | RF of a frozen frame | to know |
|---|---|---|---|---|---|---|
"""
MIDDLE = """
## Recordings

What `sauti image FILE` shows of each kind of file; readers are in [probe/formats](probe/formats), the kinds in
[the recordings page](docs/reference/recordings.md). What is known to be wrong with a recording is said, and never
repaired in silence.

| file | what | frames | lines x samples | shown as | remarks |
|---|---|---|---|---|---|
"""
TAIL = """
## Systems

| system | state |
|---|---|
| Debian 12, x86-64, Python 3.11 | tested |
| other 64-bit Linux with glibc 2.36 or later | expected to work |
| Windows, macOS, 32-bit | no |
"""


def main(words: list[str]) -> int:
    """Write the page, or with --check compare it; 1 when it is out of date."""
    folder = recordings_folder()
    text = page(folder)
    if "--check" not in words:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    return 0 if PAGE.read_text(encoding="utf-8") == text else 1


def recordings_folder() -> Path:
    """Where real recordings are.

    Raises:
        SystemExit: They are not there; half a page would be wrong.
    """
    folder = Path(os.environ.get("SAUTI_RECORDINGS") or ROOT.parent / "shared" / "recordings")
    if not folder.is_dir():
        raise SystemExit(f"There are no recordings at {folder}; set SAUTI_RECORDINGS to their folder.")
    return folder


def page(folder: Path) -> str:
    """The whole page."""
    return HEAD + probes() + MIDDLE + recordings(folder) + TAIL


def probes() -> str:
    """A row for each driver."""
    return "".join(_probe_row(name) for name in twins.names())


def _probe_row(name: str) -> str:
    device, link, remark = DEVICES[name]
    said = introduced(name)
    formats = ", ".join(_words(code) for code in said.formats)
    modes = ", ".join(MODES[mode] for mode in said.modes)
    fetched = _frozen_rf(said)
    return f"| `{name}` | {device} | {link} | {modes} | {formats} | {fetched} | {remark} |\n"


def _frozen_rf(said: Capabilities) -> str:
    if SampleFormat.RF_I16 in said.fetch_formats:
        return "yes, by FETCH"
    if said.formats[0] is SampleFormat.RF_I16:
        return "the live frame is RF"
    return "where RF is asked for live" if SampleFormat.RF_I16 in said.formats else "no"


def introduced(name: str) -> Capabilities:
    """What the driver learns from its twin, which it also configures.

    Raises:
        SystemExit: They do not understand each other.
    """
    driver, device, now_ns = registry.make(name), twins.maker(name, Wish())(), 10**9
    device.feed(driver.identify(now_ns), now_ns)
    found: Capabilities | None = None
    for _ in range(400):
        now_ns += 5_000_000
        for event in driver.feed(device.poll(now_ns, 1 << 20), now_ns):
            if isinstance(event, Identified):
                found = event.capabilities
                device.feed(driver.configure(Settings(), now_ns), now_ns)
            if isinstance(event, Applied) and found is not None:
                return found
        device.feed(driver.tick(now_ns), now_ns)
    raise SystemExit(f"The driver {name} and its twin do not understand each other.")


def _words(code: SampleFormat) -> str:
    return code.name.lower().replace("_", " ").replace("rf i16", "RF").replace("envelope u", "envelope ")


def recordings(folder: Path) -> str:
    """A row for each file that is read."""
    endings = {kind.ending for kind in FORMATS}
    files = sorted(path for path in folder.rglob("*") if path.suffix in endings and path.is_file())
    return "".join(filter(None, (_recording_row(folder, path) for path in files)))


def _recording_row(folder: Path, path: Path) -> str:
    try:
        recording = Recording.load(path)
    except RecordingError:
        return ""
    lines, samples = recording.frame(0).samples.shape
    shown = "B-mode" if recording.has_picture else "A-mode"
    name = path.relative_to(folder).as_posix()
    remarks = " ".join(recording.remarks)
    return f"| `{name}` | {recording.kind} | {recording.frames} | {lines} x {samples} | {shown} | {remarks} |\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
