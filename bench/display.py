"""A live picture of 636x468 in an xterm with sixel on a virtual screen: offered 30 frames a second, then 120.

Peer: textual-image's SixelImage in the same Textual application. All is measured on the screen's own pixels: a number
is stamped into each frame, and a white block must stay white. Each row: docs/reference/benchmark-rows.md.
"""

from __future__ import annotations

import bisect
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import display_app
import numpy as np
import processes
import rows
import screen
from numpy.typing import NDArray

WIDTH, HEIGHT = 6 * display_app.COLUMNS, 13 * display_app.ROWS
GEOMETRY = f"{display_app.COLUMNS}x{display_app.ROWS + 2}"
RATES_HZ = (30, 120)
PEER = "textual-image"
WHITE = (slice(200, 260, 6), slice(280, 340, 6))
BITS = (6, slice(display_app.BLOCK // 2, display_app.BLOCK * display_app.BITS, display_app.BLOCK))
TURNED = (18, BITS[1])


@dataclass(frozen=True, slots=True)
class Phase:
    """What was seen while frames were offered at one rate."""

    rate_hz: float
    latency_ms: float
    latency_p95_ms: float
    blank: int
    looks: int
    app_ms: float
    terminal_ms: float


@dataclass(frozen=True, slots=True)
class Run:
    """One start of one candidate."""

    phases: list[Phase]
    app_mb: float
    terminal_mb: float
    start_s: float


def frames(count: int = 16) -> NDArray[np.uint8]:
    """(count, rows, columns) of speckle in a sector, with a white block."""
    random = np.random.default_rng(1)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    sector = (np.abs(x - WIDTH / 2) < 0.7 * (y + 40)) & (np.hypot(x - WIDTH / 2, y + 40) < HEIGHT)
    depth = 150 * np.exp(-y / 600)
    out = np.zeros((count, HEIGHT, WIDTH), np.uint8)
    for frame in out:
        speckle = random.rayleigh(0.6, (HEIGHT // 2, WIDTH // 3)).repeat(2, axis=0).repeat(3, axis=1)
        frame[:] = np.clip(depth * speckle, 0, 254) * sector
        frame[195:270, 275:345] = 255
    return out


@dataclass(slots=True)
class Seen:
    """What was seen on the screen: when each number came, looks, blank looks, and what the terminal cost."""

    numbers: dict[int, int] = field(default_factory=dict)
    looks: list[int] = field(default_factory=list)
    blanks: list[int] = field(default_factory=list)
    terminal_cpu: list[tuple[int, float]] = field(default_factory=list)
    terminal_mb: float = 0.0


def watch(terminal: subprocess.Popen[bytes], pixels: NDArray[np.uint8], limit_s: float) -> Seen:
    """Look at the screen about 1000 times a second until the terminal ends."""
    seen, end = Seen(), time.monotonic() + limit_s
    weights = 1 << np.arange(display_app.BITS)
    while terminal.poll() is None and time.monotonic() < end:
        now = time.monotonic_ns()
        bits = pixels[BITS] > 128
        if seen.numbers:
            seen.looks.append(now)
            if (pixels[WHITE] < 200).any():
                seen.blanks.append(now)
        if (bits != (pixels[TURNED] > 128)).all() and (number := int(bits @ weights)):
            seen.numbers.setdefault(number, now)
        if not seen.terminal_cpu or now - seen.terminal_cpu[-1][0] > 50_000_000:
            seen.terminal_cpu.append((now, screen.cpu_s(terminal.pid)))
            if len(seen.terminal_cpu) % 10 == 0:
                seen.terminal_mb = max(seen.terminal_mb, screen.pss_mb(terminal.pid))
        time.sleep(0.0005)
    return seen


def run(who: str, display: str, pixels: NDArray[np.uint8], film: Path, seconds: float) -> Run:
    """One candidate through both phases."""
    log_file = film.with_suffix(".json")
    log_file.unlink(missing_ok=True)
    words = [sys.executable, "bench/display_app.py", who, str(film), str(log_file)]
    words += [text for rate in RATES_HZ for text in (str(rate), str(seconds))]
    started = time.monotonic_ns()
    terminal = screen.start_terminal(display, words, GEOMETRY, {})
    try:
        seen = watch(terminal, pixels, 60)
    finally:
        screen.stop(terminal)
    log = json.loads(log_file.read_text(encoding="ascii"))
    phases = [measure(phase, log["shown"], seen) for phase in log["phases"]]
    return Run(phases, log["pss_mb"], seen.terminal_mb, (min(seen.numbers.values()) - started) / 1e9)


def measure(phase: dict[str, float], shown: list[list[int]], seen: Seen) -> Phase:
    """The figures between a phase's begin and its end."""
    begun, ended = int(phase["begun_ns"]), int(phase["ended_ns"])
    came = [(seen.numbers.get(number, 0), at) for number, at in shown if begun <= at < ended]
    took = [(seen_at - at) / 1e6 for seen_at, at in came if seen_at > at]
    if len(took) < 2:
        sys.exit("too few frames came to the screen to say anything")
    instants = [at for at, _ in seen.terminal_cpu]
    last, first = min(bisect.bisect(instants, ended), len(instants) - 1), max(bisect.bisect(instants, begun) - 1, 0)
    used = seen.terminal_cpu[last][1] - seen.terminal_cpu[first][1]
    return Phase(
        rate_hz=len(took) / (ended - begun) * 1e9,
        latency_ms=statistics.median(took),
        latency_p95_ms=sorted(took)[int(0.95 * len(took))],
        blank=sum(begun <= at < ended for at in seen.blanks),
        looks=sum(begun <= at < ended for at in seen.looks),
        app_ms=1000 * phase["cpu_s"] / len(took),
        terminal_ms=1000 * used / len(took),
    )


def start_to_sign_in(display: str, pixels: NDArray[np.uint8], folder: Path) -> float:
    """Seconds from starting the workstation to letters on its sign-in screen."""
    from clinic.access import Access
    from records.home import Home
    from records.slots import Stretching

    home = Home(folder / "home")
    if not home.vault.exists():
        lock = home.lock("benchmark")
        access = Access(home, lock, folder / "device.key", np.random.bytes, Stretching(1, 8192))
        access.found_site("seven plain words that nobody would guess", "Amina", "480215", int(time.time() * 1000))
        lock.release()
    words = [sys.executable, "-m", "clinic", "workstation", "--probe", "practice"]
    more = {"SAUTI_HOME": str(home.path), "SAUTI_DEVICE_KEY": str(folder / "device.key")}
    started = time.monotonic()
    terminal = screen.start_terminal(display, words, GEOMETRY, more)
    try:
        if not screen.until(lambda: (pixels[: 13 * 30] > 150).sum() > 400, 30):
            sys.exit("the sign-in screen did not come")
        return time.monotonic() - started
    finally:
        screen.stop(terminal)
        screen.until(lambda: not pixels[: 13 * 30].any(), 5)


def results(runs: dict[str, list[Run]], sign_in_s: list[float]) -> list[rows.Row]:
    """All rows, ours beside the peer's."""

    def of(what: str, phase: int) -> tuple[list[float], list[float]]:
        ours, peer = ([getattr(run.phases[phase], what) for run in runs[who]] for who in ("ours", PEER))
        return ours, peer

    out = []
    for phase, rate in enumerate(RATES_HZ):
        out.append(rows.more_is_better(f"display/{PEER}-rate-{rate}", *of("rate_hz", phase), "frames/s"))
        out.append(rows.less_is_better(f"display/{PEER}-latency-{rate}", *of("latency_ms", phase), "ms"))
        out.append(rows.less_is_better(f"display/{PEER}-latency-p95-{rate}", *of("latency_p95_ms", phase), "ms"))
    shares = [
        [100 * (1 + sum(p.blank for p in run.phases)) / (1 + sum(p.looks for p in run.phases)) for run in runs[who]]
        for who in ("ours", PEER)
    ]
    out.append(rows.less_is_better(f"display/{PEER}-blank", shares[0], shares[1], "%"))
    out.append(rows.less_is_better(f"display/{PEER}-cpu-app", *of("app_ms", 0), "ms/frame"))
    out.append(rows.less_is_better(f"display/{PEER}-cpu-terminal", *of("terminal_ms", 0), "ms/frame"))
    for what in ("app_mb", "terminal_mb"):
        ours, peer = ([getattr(run, what) for run in runs[who]] for who in ("ours", PEER))
        out.append(rows.less_is_better(f"display/{PEER}-memory-{what[:-3]}", ours, peer, "MB"))
    out.append(rows.less_is_better(f"display/{PEER}-start", sign_in_s, [run.start_s for run in runs[PEER]], "s"))
    return out


def main() -> None:
    """Take turns."""
    asked = rows.arguments(__doc__)
    if lacking := screen.missing():
        print(f"SKIPPED: display needs {lacking}: apt-get install xvfb xterm", file=sys.stderr)
        return
    processes.prepare()
    rounds, seconds = (2, 1.3) if asked.quick else (5, 5.0)
    runs: dict[str, list[Run]] = {"ours": [], PEER: []}
    sign_in_s = []
    with tempfile.TemporaryDirectory() as name, screen.virtual_screen() as (display, pixels):
        film = Path(name) / "film.npy"
        np.save(film, frames())
        for _ in range(rounds):
            for who, taken in runs.items():
                taken.append(run(who, display, pixels, film, seconds))
            sign_in_s.append(start_to_sign_in(display, pixels, Path(name)))
    for who, taken in runs.items():
        seen = [(sum(p.blank for p in one.phases), sum(p.looks for p in one.phases)) for one in taken]
        print(f"{who}: blank looks of all, by round: {', '.join(f'{blank} of {looks}' for blank, looks in seen)}")
    rows.report(results(runs, sign_in_s), asked.json)


if __name__ == "__main__":
    main()
