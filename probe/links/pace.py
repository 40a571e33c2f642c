"""How long bytes may gather before they are read: each turn costs, and nothing comes of most of them. Sans-I/O."""

from __future__ import annotations

# bytes wait so long at most: while something is known to be missing yet, and when nobody knows
LONGEST_S = 0.016
GATHER_S = 0.004
LEAST_S = 0.001
# what any line holds before it stops its sender: 4 kB of its discipline, 2 kB under way on full-speed USB
LINE_HOLDS_BYTES = 6144
# of what a line holds: more is not left waiting, so that a late turn stops nobody
_WAITING_SHARE = 0.9
# of what is wanted: rates are not even, and a frame must not wait for a turn that comes late
_SOON_SHARE = 0.75
_FULL_SHARE = 0.97
_FASTER = 1.5
# below this rate it is no stream, and a first byte is waited for
_FLOW_BYTES_S = 150_000
# a rate is that of about so long; devices send in bursts
_REMEMBERED_S = 0.02


class Pace:
    """Told of what each turn brought. What was once brought, the line did hold, so a wider one is found out."""

    def __init__(self) -> None:
        self._bytes_s = 0.0
        self._holds_bytes = LINE_HOLDS_BYTES

    @property
    def flows(self) -> bool:
        """Bytes come so fast that there is no need to wait for the first."""
        return self._bytes_s >= _FLOW_BYTES_S

    def brought(self, count: int, after_s: float) -> None:
        """So many bytes have come since the turn before."""
        rate = count / max(after_s, 1e-6)
        self._bytes_s += min(1.0, after_s / _REMEMBERED_S) * (rate - self._bytes_s)
        if count >= _FULL_SHARE * self._holds_bytes:
            # its sender was stopped, so this is the least that it can do
            self._bytes_s = max(self._bytes_s, _FASTER * rate)
        self._holds_bytes = max(self._holds_bytes, count)

    def nap_s(self, wanted_bytes: int) -> float:
        """Until the next turn, while bytes flow: as long as the line holds them, and no longer than they are wanted.

        Args:
            wanted_bytes: So many more and something comes of them; 0: nobody knows.
        """
        enough = _WAITING_SHARE * self._holds_bytes
        soon = max(_SOON_SHARE * wanted_bytes, 1)
        bytes_then, longest_s = (min(enough, soon), LONGEST_S) if wanted_bytes else (enough, GATHER_S)
        return min(max(bytes_then / max(self._bytes_s, 1.0), LEAST_S), longest_s)
