"""NoticeLine: what just happened, in one sentence: saved, refused, or what to do next."""

from __future__ import annotations

from textual.widgets import Static


class NoticeLine(Static):
    """A line above the keys. A refusal stays until something else is said."""

    DEFAULT_CSS = """
    NoticeLine { height: auto; max-height: 3; padding: 0 1; }
    NoticeLine { background: $surface; color: $foreground 80%; }
    NoticeLine.saved { color: $success; text-style: bold; }
    NoticeLine.wrong { background: #5f0000; color: #ffd7d7; text-style: bold; }
    """

    def __init__(self, text: str = "") -> None:
        super().__init__(text or " ", markup=False)
        self.text = text

    def say(self, text: str, kind: str = "") -> None:
        """Say a sentence.

        Args:
            text: For the person in front of the screen.
            kind: ``saved`` when something is on the disk, ``wrong`` when something was not done, or empty.
        """
        self.text = text
        self.update(text or " ")
        self.set_class(kind == "saved", "saved")
        self.set_class(kind == "wrong", "wrong")
