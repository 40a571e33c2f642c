"""Text commands, one at a time: sent, waited for, sent again while unanswered, given up after some tries. Sans-I/O."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

TRIES = 3


@dataclass(frozen=True, slots=True)
class Command:
    """One line for the device.

    Args:
        text: Without the line's end.
        purpose: What it is for; the driver's own word.
        wait_ns: How long the device may take to answer.
        tries: How often it may be sent; 1 for what must not happen twice.
    """

    text: bytes
    purpose: str
    wait_ns: int = 1_000_000_000
    tries: int = TRIES


class Dialogue:
    """What is being asked and what waits its turn."""

    def __init__(self) -> None:
        self._waiting: deque[Command] = deque()
        self._asked: Command | None = None
        self._sent_ns = 0
        self._sent = 0

    @property
    def asked(self) -> Command | None:
        """The command that an answer is awaited for."""
        return self._asked

    @property
    def idle(self) -> bool:
        """Nothing is asked, nothing waits."""
        return self._asked is None and not self._waiting

    def queue(self, *commands: Command) -> None:
        """Ask, when everything before is answered."""
        self._waiting.extend(commands)

    def clear(self) -> None:
        """Forget what has not been sent yet; the answer to what has been is still awaited."""
        self._waiting.clear()

    def reset(self) -> None:
        """Forget everything."""
        self._waiting.clear()
        self._asked = None

    def answered(self) -> Command | None:
        """The command that an answer has come for; it is not waited for any longer."""
        asked, self._asked = self._asked, None
        return asked

    def due(self, now_ns: int) -> bytes:
        """What must be written now: the next command, or the last one again."""
        if self._asked is None:
            if not self._waiting:
                return b""
            self._asked, self._sent = self._waiting.popleft(), 0
        elif now_ns - self._sent_ns < self._asked.wait_ns or self._sent >= self._asked.tries:
            return b""
        self._sent_ns, self._sent = now_ns, self._sent + 1
        return self._asked.text + b"\n"

    def given_up(self, now_ns: int) -> Command | None:
        """The command that got no answer to any try; it is not waited for any longer."""
        asked = self._asked
        if asked is None or self._sent < asked.tries or now_ns - self._sent_ns < asked.wait_ns:
            return None
        self._asked = None
        return asked
