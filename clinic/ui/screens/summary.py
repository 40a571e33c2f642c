"""The summary: everything that the exam holds, picture by picture, as it was read back from the disk."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from clinic.bookmark import Step
from clinic.exam import marked
from clinic.looks import Shown
from clinic.terminal.image_view import ImageView, Liveness
from clinic.terminal.marks import CaliperMark, Overlay, ruler_of
from clinic.ui.screen import StationScreen
from clinic.ui.widgets.live_pane import notices_of
from clinic.ui.wording import moment
from imaging.axes import axes_of
from imaging.beam_view import BeamView
from imaging.overlay import marker_px
from records.model import ExamRecord, Image, Measurement
from records.reports.formatting import figures


class SummaryScreen(StationScreen):
    """Lists the kept pictures and shows one.

    Args:
        record: The exam.
        greeting: The first sentence.
    """

    KEYS = (("↑ ↓", "Look at a picture"), ("Enter", "Read back and sign"), ("Esc", "Back to the picture"))
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "back", "Back"), ("enter", "read_back", "Read back")]
    DEFAULT_CSS = """
    SummaryScreen #all { height: 1fr; }
    SummaryScreen #left { width: 40; padding: 1 1 0 1; }
    SummaryScreen #images { height: auto; max-height: 60%; margin-bottom: 1; background: $background; }
    SummaryScreen ImageView { width: 1fr; }
    SummaryScreen.narrow #left { width: 30; padding: 0 1; }
    """

    def __init__(self, record: ExamRecord, greeting: str = "") -> None:
        super().__init__(greeting)
        self._record = record

    def body(self) -> ComposeResult:
        """Pictures at the left, one of them at the right."""
        self.view = ImageView(self.station.terminal, self.station.clock.monotonic_ns)
        with Horizontal(id="all"):
            with Vertical(id="left"):
                yield Static("", id="head", classes="title", markup=False)
                yield OptionList(id="images")
                yield Static("", id="numbers", markup=False)
            yield self.view

    def on_mount(self) -> None:
        """Read it from the record."""
        record = self._record
        self.show_patient(record.patient, record.pregnancy)
        self.session.remember(record.exam.id, Step.SUMMARY)
        self.query_one("#head", Static).update(
            f"{record.exam.protocol}, {moment(self.station.clock, record.exam.started_ms)}"
        )
        images = self.query_one("#images", OptionList)
        images.add_options([Option(_line(image, self._of(image))) for image in record.images])
        if record.images:
            images.highlighted = 0
        else:
            self.query_one("#numbers", Static).update("No picture was kept.")
        images.focus()

    def on_resize(self, event: events.Resize) -> None:
        """Less room for the list on a small screen."""
        self.set_class(event.size.width < 72, "narrow")

    @on(OptionList.OptionHighlighted, "#images")
    def look(self, event: OptionList.OptionHighlighted) -> None:
        """Show this picture."""
        image = self._record.images[event.option_index]
        numbers = [f"{one.label}: {figures(one.value, one.error, one.unit).with_error}" for one in self._of(image)]
        self.query_one("#numbers", Static).update("\n".join(numbers) or "Nothing was measured on it.")
        self.ask(lambda: self.session.workstation.exams.look_at(image), lambda picture: self._show(image, picture))

    @on(OptionList.OptionSelected, "#images")
    def chosen(self) -> None:
        """Enter, also on a picture, goes on."""
        self.action_read_back()

    def action_read_back(self) -> None:
        """To the reading back."""
        self.station.show(Step.READ_BACK, self._record.exam.id)

    def action_back(self) -> None:
        """To the live picture."""
        self.station.show(Step.SCAN, self._record.exam.id)

    def _show(self, image: Image, picture: Shown) -> None:
        marks = tuple(CaliperMark(one.crosses, one.number, line=one.line) for one in marked(picture, self._of(image)))
        said = notices_of(picture)
        overlay = (
            Overlay(marks, said, scales=axes_of(picture))
            if isinstance(picture, BeamView)
            else Overlay(marks, said, ruler=ruler_of(picture), marker=marker_px(picture))
        )
        self.view.show(picture.pixels, Liveness.FROZEN, overlay)

    def _of(self, image: Image) -> tuple[Measurement, ...]:
        return tuple(one for one in self._record.measurements if one.image == image.id)


def _line(image: Image, measurements: tuple[Measurement, ...]) -> str:
    what = f"{image.frames} frames" if image.kind == "loop" else f"{len(measurements)} measured"
    return f"{image.view}, {what}"
