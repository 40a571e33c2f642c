"""The states of an exam, as a table. Used for what may be recorded, and for what a list shows.

state       event                                             next
open        image.kept, measurement.taken, finding.recorded   open
open        exam.read_back                                    read_back
read_back   image.kept, measurement.taken, finding.recorded   open   (what was read back has changed)
read_back   exam.read_back                                    read_back
read_back   exam.signed                                       signed
signed      exam.amended, report.issued, report.printed       signed
"""

from __future__ import annotations

from collections.abc import Iterable

OPEN, READ_BACK, SIGNED = "open", "read_back", "signed"

_ADDED = ("image.kept", "measurement.taken", "finding.recorded")
NEXT: dict[tuple[str, str], str] = {
    **{(OPEN, kind): OPEN for kind in _ADDED},
    (OPEN, "exam.read_back"): READ_BACK,
    **{(READ_BACK, kind): OPEN for kind in _ADDED},
    (READ_BACK, "exam.read_back"): READ_BACK,
    (READ_BACK, "exam.signed"): SIGNED,
    **{(SIGNED, kind): SIGNED for kind in ("exam.amended", "report.issued", "report.printed")},
}
STEPS = frozenset(kind for _, kind in NEXT)


def fold(steps: Iterable[tuple[str, int]]) -> tuple[str, int]:
    """The state after (event type, wall clock) pairs in order, and when it was signed (0: not yet).

    A step that the table does not know, as another device's picture for an exam signed here, leaves the state.
    """
    state, signed_ms = OPEN, 0
    for kind, wall_ms in steps:
        after = NEXT.get((state, kind), state)
        if after == SIGNED != state:
            signed_ms = wall_ms
        state = after
    return state, signed_ms
