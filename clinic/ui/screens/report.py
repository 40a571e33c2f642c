"""The report: the signed exam's own PDF, page by page, as it will be on paper; as words where pixels are too few."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from clinic.bookmark import Step
from clinic.paper import Page
from clinic.terminal.image_view import ImageView, Liveness
from clinic.ui.screen import StationScreen
from clinic.workstation.reports import Issued
from records.model import ExamRecord

_WIDTH_PX = 1000
_KEYS = (
    ("← →", "Page"),
    ("Z", "Size"),
    ("↑ ↓", "Scroll"),
    ("T", "Words"),
    ("Enter", "Done"),
)


class ReportScreen(StationScreen):
    """Writes the report if the exam has none yet, and shows it.

    Args:
        record: The exam, signed.
        greeting: The first sentence.
    """

    KEYS = _KEYS
    BINDINGS: ClassVar[list[BindingType]] = [
        ("left", "page(-1)", "Page before"),
        ("right", "page(1)", "Next page"),
        ("up", "scroll(-1)", "Up"),
        ("down", "scroll(1)", "Down"),
        ("z", "zoom", "Larger"),
        ("t", "words", "Words"),
        ("enter,escape", "done", "Done"),
    ]
    DEFAULT_CSS = """
    ReportScreen ImageView { height: 1fr; }
    ReportScreen #words { height: 1fr; padding: 0 2; }
    """

    def __init__(self, record: ExamRecord, greeting: str = "") -> None:
        super().__init__(greeting)
        self._record = record
        self._pages: Sequence[Page] = ()
        self._at = 0
        self._top = 0.0
        self._large = False

    def body(self) -> ComposeResult:
        """Picture and words of the page; one of them is shown."""
        self.view = ImageView(self.station.terminal, self.station.clock.monotonic_ns)
        yield self.view
        with VerticalScroll(id="words", can_focus=False):
            yield Static("", markup=False)

    def on_mount(self) -> None:
        """Issue it, or take the one that is there."""
        self.show_patient(self._record.patient, self._record.pregnancy)
        self.session.remember(self._record.exam.id, Step.REPORT)
        self._show_words(not self.view.shows_pixels)
        if self._record.reports:
            self._read()
            return
        self.say("Writing the report …")
        reports, exam = self.session.workstation.reports, self._record.exam.id
        self.ask(lambda: reports.issue(exam, self.session.reports_folder), self._issued)

    def action_page(self, step: int) -> None:
        """Another page."""
        self._at = min(max(self._at + step, 0), max(0, len(self._pages) - 1))
        self._top = 0.0
        self._show()

    def action_scroll(self, step: int) -> None:
        """Up or down on a large page."""
        if self.query_one("#words").display:
            self.query_one("#words").scroll_relative(y=3 * step, animate=False)
            return
        self._top = min(max(self._top + 0.2 * step, 0.0), 1.0)
        self._show()

    def action_zoom(self) -> None:
        """The page's whole width, or the whole page."""
        self._large = not self._large
        self._top = 0.0
        self._show()

    def action_words(self) -> None:
        """The page's words instead of its picture, and back."""
        self._show_words(not self.query_one("#words").display)
        self._show()

    def action_done(self) -> None:
        """To the next patient."""
        self.station.leave_exam()

    def _issued(self, issued: Issued) -> None:
        self.say(f"Signed and saved: {issued.path}", "saved")
        self._read()

    def _read(self) -> None:
        self.ask(lambda: self.session.workstation.reports.pages(self._record.exam.id, _WIDTH_PX), self._take)

    def _take(self, pages: tuple[Page, ...]) -> None:
        self._pages = pages
        self._show()

    def _show_words(self, words: bool) -> None:
        self.query_one("#words").display = words
        self.view.display = not words

    def _show(self) -> None:
        if not self._pages:
            return
        page = self._pages[self._at]
        self.query_one("#words Static", Static).update(page.text)
        grey = page.grey
        if self._large:
            height, width = self.view.shape_px
            rows = min(len(grey), round(grey.shape[1] * height / max(1, width)))
            first = round((len(grey) - rows) * self._top)
            grey = grey[first : first + rows]
        self.view.show(grey, Liveness.FROZEN)
        if not self.notice.has_class("saved"):
            self.say(f"Page {self._at + 1} of {len(self._pages)}")
