"""What the workstation's threads tell, as messages of the Textual loop. Posted from any thread."""

from __future__ import annotations

from collections.abc import Callable

from textual.dom import DOMNode
from textual.message import Message

from clinic.events import Event


class Heard(Message):
    """An event of the workstation's threads, on its way into the loop."""

    def __init__(self, event: Event) -> None:
        super().__init__()
        self.event = event


class NewPicture(Message):
    """There is a newer picture in the pane; many of these are as good as one."""

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, NewPicture)


class Answered(Message):
    """A receipt was answered; ``go_on`` is what the screen that asked does now."""

    def __init__(self, asker: DOMNode | None, go_on: Callable[[], None]) -> None:
        super().__init__()
        self.asker = asker
        self.go_on = go_on
