"""Entry point of ``sauti`` and ``python -m clinic``."""

from __future__ import annotations

import os
import sys

from clinic.cli import run
from clinic.leaving import end_as_interrupted


def main() -> None:
    """Run the command line and leave with its exit code."""
    end_as_interrupted()
    code = run(sys.argv[1:])
    sys.exit(code if _everything_was_heard() else code or 1)


def _everything_was_heard() -> bool:
    """Write out what is still held back.

    What a full disk or a closed pipe did not take stays in the buffer. Python would try it once more at its very end,
    fail with lines of its own and leave with 120; so it is given to nobody here.
    """
    if sys.stdout is None:
        return True
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    return True


if __name__ == "__main__":
    main()
