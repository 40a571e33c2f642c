"""``sauti workstation``: the screens, in this terminal. Also what ``sauti`` alone opens."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import time

from clinic.clock import SystemClock
from clinic.errors import BadRequest
from clinic.settings import Settings
from clinic.terminal.capabilities import ask
from clinic.terminal.colours import announce_colours, follow_the_window
from clinic.version import program_version
from records.home import Home


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--probe", default="", metavar="ADDRESS", help="a serial device, or: practice (default: what is plugged in)"
    )
    parser.add_argument("--driver", default="", metavar="NAME", help="protocol of that device (default: what is known)")
    parser.add_argument("--cells", action="store_true", help="half-block cells even where the terminal draws sixel")


def run(arguments: argparse.Namespace) -> int:
    """Ask the terminal what it can do, then open the workstation until the user ends it."""
    if not sys.stdout.isatty() or not sys.stdin.isatty():
        raise BadRequest("The workstation needs a terminal", "Start it in a window. Without one: sauti practice.")
    settings, clock = Settings.read(), SystemClock()
    terminal = ask(sys.stdin.fileno(), sys.stdout.fileno(), time.monotonic)
    announce_colours(terminal, os.environ)
    follow_the_window(os.environ)
    from clinic.ui.app import WorkstationApp  # only now: Textual looks at the environment when it is imported
    from clinic.ui.opening import Opening

    opening = Opening(
        Home(settings.home),
        settings.device_key,
        arguments.probe,
        arguments.driver,
        clock,
        secrets.token_bytes,
        program_version(),
    )
    app = WorkstationApp(opening, terminal.in_cells() if arguments.cells else terminal, clock)
    app.run()
    return app.return_code or 0  # 1 where a defect ended it
