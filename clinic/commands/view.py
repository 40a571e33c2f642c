"""``sauti view``: the live picture of a probe in the terminal. Nothing is recorded."""

from __future__ import annotations

import argparse
import os
import sys
import time

from clinic.clock import SystemClock
from clinic.compose import ProbeChoice, open_scanning
from clinic.errors import BadRequest
from clinic.examine import DRIVER
from clinic.identify import identify
from clinic.settings import Settings
from clinic.terminal.capabilities import ask
from clinic.terminal.colours import announce_colours, follow_the_window
from imaging.warmup import warm_up
from probe.links.address import PRACTICE
from records.home import Home

_PATIENCE_S = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--probe", default=PRACTICE, metavar="ADDRESS", help="a serial device, or tcp:HOST:PORT (default: practice)"
    )
    parser.add_argument("--driver", default=DRIVER, metavar="NAME", help=f"the probe's protocol (default {DRIVER})")
    parser.add_argument("--preset", default="", help="imaging preset (default: the one that fits the probe)")
    parser.add_argument("--cells", action="store_true", help="half-block cells even where the terminal draws sixel")


def run(arguments: argparse.Namespace) -> int:
    """Ask the terminal what it can do, then show the probe until the user ends it."""
    if not sys.stdout.isatty() or not sys.stdin.isatty():
        raise BadRequest("sauti view needs a terminal", "Start it in a window, not in a pipe.")
    clock = SystemClock()
    capabilities = identify(arguments.probe, arguments.driver, clock)
    choice = ProbeChoice(arguments.probe, capabilities.simulated, arguments.driver, arguments.preset)
    home = Home(Settings.read().home)
    _warm_up(clock)
    terminal = ask(sys.stdin.fileno(), sys.stdout.fileno(), time.monotonic)
    announce_colours(terminal, os.environ)
    follow_the_window(os.environ)
    terminal = terminal.in_cells() if arguments.cells else terminal
    from clinic.ui.viewer import Viewer  # only now: Textual looks at the environment when it is imported

    Viewer(lambda post: open_scanning(choice, clock, post, home), terminal, clock).run()
    return 0


def _warm_up(clock: SystemClock) -> None:
    """Before the screen opens: from source the first time takes long, and a dark picture would not say why."""
    began_ns, told = clock.monotonic_ns(), False

    def progress(_: str, done: int, kernels: int) -> None:
        nonlocal told
        if clock.monotonic_ns() - began_ns > 1e9 * _PATIENCE_S:
            told = True
            sys.stdout.write(f"\rGetting the picture ready, once on this computer: {done} of {kernels}")
            sys.stdout.flush()

    warm_up(progress)
    if told:
        sys.stdout.write("\n")
