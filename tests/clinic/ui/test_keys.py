"""The keys at the foot: all of them are seen at every size, in every state and mode, of a picture and of one line."""

from __future__ import annotations

import pytest

from clinic.looks import Looks
from clinic.measuring import TOOLS
from clinic.ui.scan_keys import ScanState, keys_of
from clinic.ui.widgets.keys import lines_of
from imaging.modes import Mode
from imaging.preset import Preset
from probe.frame import Frame
from tests.clinic.test_looks import one_line

# characters across, and lines that the screen has for the keys there
SIZES = [(60, 2), (72, 2), (80, 2), (119, 2), (120, 1), (160, 1)]


@pytest.mark.parametrize(("columns", "lines"), SIZES)
@pytest.mark.parametrize("mode", TOOLS)
def test_no_key_is_cut_off(sweeps: tuple[tuple[Frame, ...], Frame], mode: Mode, columns: int, lines: int) -> None:
    sweep = sweeps[0][0]
    for frame in [sweep] if mode is Mode.B else [sweep, one_line(sweep, 0)]:
        looks = Looks(Preset.for_frame, (160, 120))
        looks.choose(mode, frame)
        shown = looks.image_live(frame, ())[0]
        for state in ScanState:
            for tool in TOOLS[mode] if state is ScanState.CALIPER else [None]:
                keys = keys_of(state, shown, tool)
                laid = lines_of(keys, columns - 2)
                assert [key for line in laid for key in line] == list(keys)
                assert len(laid) <= lines, (state, keys)
