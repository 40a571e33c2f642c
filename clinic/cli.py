"""The command line: a table of commands, each imported only when it is called.

Exit codes: 0 done, 1 not done (one sentence on standard error says why), 2 wrong arguments, 130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Protocol

from clinic.version import program_version

COMMANDS = {
    "workstation": ("clinic.commands.workstation", "open the workstation in this terminal; so does sauti alone"),
    "practice": ("clinic.commands.practice", "run a whole exam on a simulated probe and print where its PDF is"),
    "exam": ("clinic.commands.exam", "run one exam without a screen and write its report"),
    "report": ("clinic.commands.report", "write the report of a signed exam again, or for the first time"),
    "exams": ("clinic.commands.exams", "list the exams of this home, the unfinished ones first"),
    "verify": ("clinic.commands.verify", "check the journal's chain and signatures, and every stored picture"),
    "operator": ("clinic.commands.operator", "list, add or remove who may sign in with a PIN, or give a new PIN"),
    "probes": ("clinic.commands.probes", "list the serial ports, which probes are at them, and why one cannot be used"),
    "view": ("clinic.commands.view", "show the live picture of a probe in the terminal; nothing is recorded"),
    "record": ("clinic.commands.record", "keep what a probe's link says, byte for byte, in a file"),
    "frames": ("clinic.commands.frames", "write the kept sweeps of an exam as recordings"),
    "calibrate": ("clinic.commands.calibrate", "measure a probe's millimetres on wires or a plate, and keep them"),
    "image": ("clinic.commands.image", "make one picture of a recording"),
    "simulate": ("clinic.commands.simulate", "be a probe: play a recording over a pseudo-terminal"),
    "link-test": ("clinic.commands.link_test", "count the wrong bits of a probe's link; nothing is transmitted"),
    "doctor": ("clinic.commands.doctor", "check that everything works on this computer"),
}

_OWN_OPTIONS = ("--help", "--version")
# those that examine
_LOGGED = ("workstation", "exam", "practice")


class Command(Protocol):
    """What a command module offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, arguments: argparse.Namespace) -> int: ...


def run(words: Sequence[str]) -> int:
    """Run one command line and return its exit code.

    Args:
        words: The arguments after the program's name.
    """
    if not words or (words[0].startswith("--") and words[0] not in _OWN_OPTIONS):
        words = [*_alone(), *words]
    name = words[0] if words else ""
    if name not in COMMANDS:
        return _overview(words)
    module_name, summary = COMMANDS[name]
    command: Command = import_module(module_name)
    parser = argparse.ArgumentParser(prog=f"sauti {name}", description=summary[0].upper() + summary[1:] + ".")
    command.add_arguments(parser)
    arguments = parser.parse_args(words[1:])
    try:
        with _logged(name):
            return command.run(arguments)
    except KeyboardInterrupt:
        sys.stderr.write("sauti: interrupted.\n")
        return 130
    except BrokenPipeError:  # whoever listened has heard enough
        return 1
    except Exception as error:
        if not is_for_a_person(error):
            raise
        sys.stderr.write(f"sauti: {error}\n")
        return 1


@contextmanager
def _logged(name: str) -> Iterator[None]:
    """The log begins and ends with the program, and a defect is in it before anybody sees its traceback."""
    if name not in _LOGGED:
        yield
        return
    from clinic.log import LOG, defect
    from clinic.log_file import logging_to
    from clinic.settings import Settings
    from records.home import Home

    with logging_to(Home(Settings.read().home).logs):
        LOG.info("sauti %s %s begins", name, program_version())
        try:
            yield
        except Exception as error:
            if not is_for_a_person(error):
                defect(f"sauti {name}", error)
            raise
        finally:
            LOG.info("sauti %s ends", name)


def is_for_a_person(error: BaseException) -> bool:
    """The four packages' errors carry a title for the nurse; anything else is a defect and keeps its traceback."""
    return isinstance(getattr(error, "title", None), str)


def _alone() -> tuple[str, ...]:
    """Without a command, in a terminal: the workstation."""
    return ("workstation",) if sys.stdin.isatty() and sys.stdout.isatty() else ()


def _overview(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="sauti",
        description="Offline-first ultrasound workstation. Investigational: not for diagnosis.",
        epilog="commands:\n" + "\n".join(f"  {name:<9} {about}" for name, (_, about) in COMMANDS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"sauti {program_version()}")
    parser.add_argument("command", nargs="?", choices=tuple(COMMANDS), metavar="command")
    parser.parse_args(words)
    parser.print_help()
    return 0
