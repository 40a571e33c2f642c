"""ScanSide: what is known beside the picture: readings in mm, what is kept, the probe."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from clinic.looks import Shown
from clinic.readings import Tool
from clinic.ui.held_picture import CaliperReading
from clinic.ui.wording import many
from imaging.modes import Mode
from imaging.picture import Picture
from probe.capabilities import Capabilities
from records.model import ExamRecord
from records.reports.figures import figures, figures_of


class ScanSide(Vertical):
    """A narrow column beside the picture, or a few lines below it."""

    DEFAULT_CSS = """
    ScanSide { background: $surface; padding: 0 1; }
    ScanSide Static { height: auto; margin-bottom: 1; }
    ScanSide #readings { color: #ffd75f; text-style: bold; }
    ScanSide #kept { color: $success; }
    ScanSide #advice { color: $warning; }
    ScanSide #made { color: $foreground 70%; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.next_labels = {tool: tool.value for tool in Tool}
        self._stills = 0
        self._readings = Static("", id="readings", markup=False)
        self._kept = Static("", id="kept", markup=False)
        self._advice = Static("", id="advice", markup=False)
        self._advice.display = False
        self._told: tuple[str, ...] = ()
        self._gain = ""
        self._lines: list[str] = []
        self._made = Static("", id="made", markup=False)

    @property
    def next_view(self) -> str:
        """Name of the next kept picture."""
        return f"View {self._stills + 1}"

    def compose(self) -> ComposeResult:
        """Readings first: they are what is looked for."""
        yield self._advice
        yield self._readings
        yield self._kept
        yield self._made

    def show_advice(self, sentences: tuple[str, ...]) -> None:
        """What can be mended about the live picture; one sentence, so that it is read."""
        if sentences != self._told:
            self._told = sentences
            self._advice.update(sentences[0] if sentences else "")
            self._advice.display = bool(sentences)

    def show_gain(self, gain_db: int) -> None:
        """The gain that was turned, above the preset's."""
        self._gain = f"gain {gain_db:+d} dB" if gain_db else ""
        self._say_made()

    def show_calipers(self, readings: Sequence[CaliperReading]) -> None:
        """What was measured on the frozen picture."""
        self._readings.update("\n".join(_line(reading) for reading in readings))
        self._readings.display = bool(readings)

    def show_record(self, record: ExamRecord) -> None:
        """What is on the disk."""
        stills = [image for image in record.images if image.kind == "still"]
        loops = len(record.images) - len(stills)
        self._stills = len(stills)
        if not record.images:
            self._kept.update("Nothing kept yet")
            return
        lines = [f"Kept: {many(len(stills), 'picture')}, {many(loops, 'loop')}"]
        lines += [
            f"{value} {unit}  {one.label}" for one in record.measurements[-4:] for value, _, unit in [figures(one)]
        ]
        self._kept.update("\n".join(lines))

    def show_picture(self, picture: Shown, capabilities: Capabilities | None) -> None:
        """How the picture is made."""
        lines = [f"{picture.preset_name.replace('_', ' ')}, {picture.sound_speed_m_s} m/s", *_shown(picture)]
        if capabilities is not None:
            index = capabilities.mechanical_index
            lines.append(f"MI {index}" if index else "MI, TI not measured")
        self._lines = lines
        self._say_made()

    def _say_made(self) -> None:
        self._made.update("\n".join([*self._lines, *filter(None, [self._gain])]))


def _shown(picture: Shown) -> list[str]:
    """What is seen: how deep, for how long, along which beam."""
    if isinstance(picture, Picture):
        depth_mm = picture.to_mm(0, picture.height_px - 1)[1]
        dead = len(picture.missing_lines)
        return [f"depth {depth_mm:.0f} mm", *([f"{many(dead, 'line')} without echoes"] if dead else [])]
    lines = [f"{picture.mode.value}, depth {picture.deepest_mm:.0f} mm"]
    if picture.mode is Mode.M:
        lines.append(f"{picture.across.step * picture.width_px / 1e6:.1f} s from edge to edge")
    return [*lines, f"beam {picture.line + 1} of {picture.lines}"] if picture.lines > 1 else lines


def _line(one: CaliperReading) -> str:
    state = "saved" if one.saved else "moving" if one.active else "not kept"
    if one.reading is None:
        return f"{one.number}  {one.why}\n   {one.label}, {state}"
    value, error, unit = figures_of(one.reading.value, one.reading.error, one.reading.unit)
    return f"{one.number}  {value} {unit}  ± {error}\n   {one.label}, {state}"
