"""A thread of the workstation ended by an error of ours: say so, and end the work before anything is claimed."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from clinic.events import ThreadDied
from clinic.ui.widgets.keys import KeyBar

_LOST = {
    "writer": "Nothing more can be saved.",
    "courier": "No picture and no report can be saved.",
    "imaging": "There are no more pictures.",
}


class StoppedDialog(ModalScreen[None]):
    """Only ending is left.

    Args:
        death: What happened.
    """

    BINDINGS: ClassVar[list[BindingType]] = [("enter", "app.quit", "End")]

    def __init__(self, death: ThreadDied) -> None:
        super().__init__()
        self._death = death

    def compose(self) -> ComposeResult:
        """What it means, what to do, and the reason for whoever mends it."""
        with Vertical(classes="dialog"):
            yield Static("Sauti has to be started again", classes="title")
            lost = _LOST.get(self._death.thread, "A part of Sauti has stopped.")
            yield Static(f"{lost} Everything that was saved is safe.", classes="gap", markup=False)
            reason = self._death.reason
            yield Static(f"{self._death.thread}: {type(reason).__name__}: {reason}", classes="soft", markup=False)
            yield KeyBar((("Enter", "End; then start Sauti again"),))
