"""The program's log: what a person who helps wants to know afterwards. It never names a patient.

Any thread says a line to ``LOG``; ``clinic.log_file`` has it written where a file is wanted. docs/reference/home.md
lists what is said.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from pathlib import Path

_NAMED_BY_NOBODY = ("/dev/", "tcp:", "practice")
LOG = logging.getLogger("sauti")
LOG.setLevel(logging.INFO)
LOG.propagate = False  # without a file, to nobody: a line on standard error would go across the screen
LOG.addHandler(logging.NullHandler())


def defect(where: str, error: BaseException) -> None:
    """Say that something failed that should not: which kinds of error, and the calls that led to the last one.

    What the error says is left out: it may hold what somebody typed.
    """
    kinds = " from ".join(type(each).__name__ for each in _causes(error))
    calls = [_call(step) for step in reversed(traceback.extract_tb(error.__traceback__))]
    LOG.error("defect in %s: %s; %s", where, kinds, ", ".join(calls) or "no calls known")


def told(address: str, error: BaseException) -> str:
    """Where, and what went wrong; of a file, whose path may hold a name, only the kind of error."""
    if address.startswith(_NAMED_BY_NOBODY):
        return f"{address}: {error}"
    return f"a file: {type(error).__name__}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        yield cause
        seen.add(id(cause))
        cause = cause.__cause__ or cause.__context__


def _call(step: traceback.FrameSummary) -> str:
    return f"{'/'.join(Path(step.filename).parts[-2:])}:{step.lineno} {step.name}"
