"""ScanSide: what is known beside the picture: readings in mm, what is kept, the probe."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from clinic.knobs import AT_REST, Knobs
from clinic.looks import Shown
from clinic.measuring import LABELS, Tool
from clinic.ui.held_picture import CaliperReading
from clinic.ui.wording import LOW_PERCENT, many, output, sensors
from imaging.beam_view import BeamView
from imaging.modes import Mode
from imaging.preset import Preset
from probe.capabilities import Capabilities
from probe.driver import DeviceStatus
from records.model import ExamRecord
from records.reports.formatting import figures


class ScanSide(Vertical):
    """A narrow column beside the picture, or a few lines below it."""

    DEFAULT_CSS = """
    ScanSide { background: $surface; padding: 0 1; }
    ScanSide Static { height: auto; margin-bottom: 1; }
    ScanSide #readings { color: #ffd75f; text-style: bold; }
    ScanSide #kept { color: $success; }
    ScanSide #advice { color: $warning; }
    ScanSide #sensors { color: $foreground 70%; }
    ScanSide #sensors.low { color: $warning; text-style: bold; }
    ScanSide #made, ScanSide #short { color: $foreground 70%; }
    ScanSide #short { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.next_labels: dict[Tool, str] = {tool: labels[0] for tool, labels in LABELS.items()}
        self._stills = 0
        self._readings = Static("", id="readings", markup=False)
        self._kept = Static("", id="kept", markup=False)
        self._advice = Static("", id="advice", markup=False)
        self._advice.display = False
        self._told: tuple[str, ...] = ()
        self._knobs = AT_REST
        self._digest = ""
        self._made = Static("", id="made", markup=False)
        self._sensors = Static("", id="sensors", markup=False)
        self._sensors.display = False
        self._short = Static("", id="short", markup=False)

    @property
    def next_view(self) -> str:
        """Name of the next kept picture."""
        return f"View {self._stills + 1}"

    def compose(self) -> ComposeResult:
        """Readings first: they are what is looked for."""
        yield self._advice
        yield self._readings
        yield self._kept
        yield self._sensors
        yield self._made
        yield self._short

    def show_advice(self, sentences: tuple[str, ...]) -> None:
        """What can be mended about the live picture; one sentence, so that it is read."""
        if sentences != self._told:
            self._told = sentences
            self._advice.update(sentences[0] if sentences else "")
            self._advice.display = bool(sentences)

    def show_status(self, status: DeviceStatus) -> None:
        """What the probe measures of itself, where it has sensors: a battery that gets low is seen before it stops."""
        words = sensors(status)
        self._sensors.update(words)
        self._sensors.display = bool(words)
        self._sensors.set_class(status.battery_percent is not None and status.battery_percent <= LOW_PERCENT, "low")

    def show_knobs(self, knobs: Knobs) -> None:
        """Where the knobs stand."""
        self._knobs, self._digest = knobs, ""

    def show_calipers(self, readings: Sequence[CaliperReading]) -> None:
        """What was measured on the frozen picture, the newest first: on a small screen there is room for one."""
        self._readings.update("\n".join(_line(reading) for reading in reversed(readings)))
        self._readings.display = bool(readings)
        self.set_class(bool(readings), "measuring")

    def show_record(self, record: ExamRecord) -> None:
        """What is on the disk."""
        stills = [image for image in record.images if image.kind == "still"]
        loops = len(record.images) - len(stills)
        self._stills = len(stills)
        if not record.images:
            self._kept.update("Nothing kept yet")
            return
        lines = [f"Kept: {many(len(stills), 'picture')}, {many(loops, 'loop')}"]
        lines += [f"{figures(one.value, one.error, one.unit).text}  {one.label}" for one in record.measurements[-4:]]
        self._kept.update("\n".join(lines))

    def show_picture(self, picture: Shown, capabilities: Capabilities | None) -> None:
        """How the picture is made: what is in force, not what was asked for."""
        if picture.digest == self._digest:  # each live picture comes by here
            return
        self._digest = picture.digest
        preset, depth_mm = Preset.load(picture.preset_name).title, round(picture.depth_mm)
        asked = f" ({self._knobs.depth_mm} asked)" if self._knobs.depth_mm > depth_mm + 3 else ""
        lines = [
            f"{preset}, {picture.sound_speed_m_s} m/s",
            f"depth {depth_mm} mm{asked}",
            f"gain {_signed(picture.gain_db)} dB, range {picture.dynamic_range_db} dB",
            *_beam_of(picture),
        ]
        if picture.missing_lines:
            lines.append(f"{many(len(picture.missing_lines), 'line')} without echoes")
        if capabilities is not None:
            lines.append(output(capabilities))
        self._made.update("\n".join(lines))
        beam = ", ".join(_beam_of(picture)[:1])
        self._short.update(f"{beam or preset}, {depth_mm} mm{asked}\n{lines[2]}")


def _signed(value: int | None) -> str:
    return f"{value:+d}" if value else "0"


def _beam_of(shown: Shown) -> list[str]:
    """The mode, for how long, and along which beam; nothing of a picture in two dimensions."""
    if not isinstance(shown, BeamView):
        return []
    span = [f"{shown.across.step * shown.width_px / 1e6:.1f} s from edge to edge"] if shown.mode is Mode.M else []
    which = f", beam {shown.line + 1} of {shown.lines}" if shown.lines > 1 else ""
    return [f"{shown.mode.value}{which}", *span]


def _line(reading: CaliperReading) -> str:
    state = "saved" if reading.saved else "moving" if reading.active else "not kept"
    said = [figures(one.value, one.error, one.unit).with_error for one in reading.quantities] or [reading.why]
    return f"{reading.number}  " + "\n   ".join([*said, f"{reading.label}, {state}"])
