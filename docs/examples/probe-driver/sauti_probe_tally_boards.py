"""How a Tally is recognised when it is plugged in. Read whenever ports are listed, so it imports next to nothing."""

from probe.known_boards import Confidence, KnownBoard

BOARDS = (KnownBoard("Tally", "tally", Confidence.SURE, vid=0x1209, pid=0x7A11, product="Tally"),)
