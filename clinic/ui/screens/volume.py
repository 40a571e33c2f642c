"""The volume of three distances that are kept, as of a bladder: chosen from a list, and said before it is kept."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import SelectionList, Static

from clinic.measuring import is_distance, volume_of
from clinic.ui.widgets.keys import KeyBar
from imaging.errors import ImagingError
from records.model import ExamRecord, Measurement
from records.reports.formatting import figures

SIDES = 3


class VolumeDialog(ModalScreen[tuple[Measurement, ...] | None]):
    """Gives three distances, or None.

    Args:
        record: The exam; what is kept of it is offered, the last three chosen.
    """

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "leave", "Back"), ("k", "keep", "Keep")]
    DEFAULT_CSS = """
    VolumeDialog SelectionList { height: auto; max-height: 9; border: none; padding: 0; }
    """

    def __init__(self, record: ExamRecord) -> None:
        super().__init__()
        self._views = {image.id: image for image in record.images}
        self._distances = tuple(one for one in record.measurements if is_distance(one))

    def compose(self) -> ComposeResult:
        """The distances, and what three of them give."""
        last = len(self._distances) - SIDES
        with Vertical(classes="dialog dense"):
            yield Static("Volume: three distances at right angles", classes="title")
            yield SelectionList[int](
                *(
                    (f"{figures(one.value, 0, one.unit).text}  {one.label}, {self._view(one)}", at, at >= last >= 0)
                    for at, one in enumerate(self._distances)
                )
            )
            yield Static("", id="volume", markup=False)
            yield KeyBar((("↑ ↓", "Go to"), ("Space", "Choose"), ("K", "Keep"), ("Esc", "Back")))

    def on_mount(self) -> None:
        """The list has the keys."""
        self.query_one(SelectionList).focus()
        self.tell()

    @property
    def chosen(self) -> tuple[Measurement, ...]:
        """What is chosen now."""
        return tuple(self._distances[at] for at in sorted(self.query_one(SelectionList).selected))

    @on(SelectionList.SelectedChanged)
    def tell(self) -> None:
        """What the chosen ones give."""
        self.query_one("#volume", Static).update(self._sentence())

    def action_keep(self) -> None:
        """Record it."""
        if len(self.chosen) == SIDES:
            self.dismiss(self.chosen)

    def action_leave(self) -> None:
        """Nothing."""
        self.dismiss(None)

    def _sentence(self) -> str:
        if len(self._distances) < SIDES:
            return "Measure and keep three distances first: length, width and height."
        if len(self.chosen) != SIDES:
            return f"Choose three; {len(self.chosen)} are chosen."
        try:
            found = volume_of(self.chosen, self._views)
        except ImagingError as error:
            return str(error)
        return f"{figures(found.value, found.error, found.unit).with_error}, if it is an ellipsoid"

    def _view(self, one: Measurement) -> str:
        image = self._views.get(one.image)
        return image.view if image else "picture not known"
