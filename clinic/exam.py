"""The only place where a Picture becomes part of the record: pictures, loops and measurements as they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clinic.beams import recent
from clinic.looks import Shown, mode_of
from clinic.measuring import AROUND, CORNER, INSIDE, STRAIGHT, Placement, Quantity, Tool, outline
from clinic.scanner import Frozen
from imaging.beam_overlay import burn_beam
from imaging.beam_view import BeamView, Scale
from imaging.calipers import Place
from imaging.codecs import FRAMES_TYPE, PIXELS_TYPE, decode_pixels, encode_frames, encode_pixels, png_bytes
from imaging.errors import CannotImage
from imaging.modes import Mode
from imaging.overlay import Mark, burn
from imaging.picture import Picture
from probe.capabilities import Calibration, Capabilities
from probe.frame import Frame, Provenance
from records.blobs import Blobs, seal
from records.canonical import LARGEST
from records.ids import Entropy
from records.model import BlobRef, Image, ImageAxis, ImageSource, Measurement
from records.reports.formatting import figures

STILL = "still"
LOOP = "loop"
_TOOLS = {STRAIGHT: Tool.DISTANCE, AROUND: Tool.ELLIPSE, INSIDE: Tool.ELLIPSE, CORNER: Tool.ANGLE}


@dataclass(frozen=True, slots=True)
class Marked:
    """A figure on a kept picture: its number, its crosses and its line in pixels, and the numbers it gave."""

    number: str
    crosses: tuple[Place, ...]
    line: tuple[Place, ...]
    readings: tuple[Measurement, ...]


@dataclass(frozen=True, slots=True)
class Archivist:
    """Encodes, seals and files what an image consists of; runs in the courier's thread, before the commit."""

    blobs: Blobs
    entropy: Entropy

    def file(self, data: bytes, media_type: str) -> BlobRef:
        """Seal bytes and make them durable."""
        return self.blobs.put(seal(data, media_type, self.entropy))

    def still(self, frozen: Frozen) -> dict[str, BlobRef]:
        """A frozen view: the picture as shown, the live sweeps that it is made of, the sweep as RF if there is one."""
        refs = {
            "display": self.file(_pixels(frozen.picture), PIXELS_TYPE),
            "frames": self.file(encode_frames(sweeps_of(frozen)), FRAMES_TYPE),
        }
        if frozen.frame is not frozen.loop.frames[-1]:
            refs["rf"] = self.file(encode_frames([frozen.frame]), FRAMES_TYPE)
        return refs

    def loop(self, frames: Sequence[Frame], poster: Shown) -> dict[str, BlobRef]:
        """A loop: its sweeps, and one picture to show for it."""
        return {
            "display": self.file(_pixels(poster), PIXELS_TYPE),
            "frames": self.file(encode_frames(frames), FRAMES_TYPE),
        }


def sweeps_of(frozen: Frozen) -> list[Frame]:
    """The live sweeps that a frozen view is made of: one, or all that a strip shows, oldest first."""
    last = frozen.loop.frames[-1]
    return [*recent(last, frozen.loop.frames), last] if mode_of(frozen.picture) is Mode.M else [last]


def image_of(
    id: str,
    exam: str,
    view: str,
    kind: str,
    acquired_ms: int,
    frozen: Frozen,
    frames: int,
    capabilities: Capabilities,
    blobs: dict[str, BlobRef],
) -> Image:
    """The record's Image of a frozen view or of its loop."""
    shown = frozen.picture
    image = Image(
        id=id, exam=exam, view=view, kind=kind, acquired_ms=acquired_ms, rows=shown.height_px,
        columns=shown.width_px, pixel_um=0, origin_x_um=0, origin_z_um=0, missing_lines=len(shown.missing_lines),
        frames=frames, source=_source(shown, capabilities), blobs=blobs,
    )  # fmt: skip
    if isinstance(shown, BeamView):
        # a clock may run further than a record counts: then time begins with the picture
        axes = tuple(
            ImageAxis(axis.unit, axis.first if abs(axis.first) <= LARGEST else 0, axis.step)
            for axis in (shown.across, shown.down)
        )
        return replace(image, mode=shown.mode.name, axes=axes, line=shown.line, interval_us=shown.interval_us)
    return replace(
        image, pixel_um=shown.pixel_um, origin_x_um=shown.origin_x_um, origin_z_um=shown.origin_z_um,
        mirrored=shown.mirrored, upside_down=shown.upside_down,
    )  # fmt: skip


def recorded(
    id: str, image: Image, quantity: Quantity, places: Sequence[Place], taken_ms: int, fetus: str = ""
) -> Measurement:
    """The record's Measurement of a quantity that was read on an image: places in thousandths of a pixel."""
    return Measurement(
        id=id, exam=image.exam, image=image.id, fetus=fetus, label=quantity.label, concept=quantity.concept,
        value=quantity.value, error=quantity.error, unit=quantity.unit, method=quantity.method,
        points_mpx=tuple(round(1000 * coordinate) for place in places for coordinate in place), taken_ms=taken_ms,
    )  # fmt: skip


def marked(picture: Shown, measurements: Sequence[Measurement]) -> tuple[Marked, ...]:
    """What is drawn on a kept picture: each figure once, numbered, with all that was read from it."""
    by_places: dict[tuple[int, ...], list[Measurement]] = {}
    for one in measurements:
        if one.points_mpx:
            by_places.setdefault(one.points_mpx, []).append(one)
    return tuple(
        Marked(str(number), *_drawn(picture, own[0]), tuple(own)) for number, own in enumerate(by_places.values(), 1)
    )


def picture_of_image(image: Image, display: bytes) -> Shown:
    """A kept picture with its millimetres, or a kept view of one beam with its axes.

    Args:
        image: From the record.
        display: Its opened ``display`` blob.

    Raises:
        Unreadable: The bytes are damaged.
    """
    source = image.source
    calibration = Calibration(source.calibrated_on, "", "", 0) if source.calibrated_on else None
    pixels = decode_pixels(display)
    made = Provenance(source.probe_model, source.probe_serial, source.probe_firmware, source.simulated, calibration, 0)
    if image.axes:
        across, down = (Scale(axis.unit, axis.first, axis.step) for axis in image.axes)
        return BeamView(
            mode=Mode[image.mode], pixels=pixels, width_px=image.columns, across=across, down=down, level=None,
            interval_us=image.interval_us, line=image.line, lines=1, dynamic_range_db=int(source.dynamic_range_db or 0),
            gain_db=int(source.gain_db or 0), frame_number=source.frame_number, preset_name=source.preset,
            sound_speed_m_s=source.sound_speed_m_s, digest=source.chain_digest, provenance=made,
        )  # fmt: skip
    return Picture(
        pixels=pixels, inside=np.ones(pixels.shape, dtype=np.bool_), pixel_um=image.pixel_um,
        origin_x_um=image.origin_x_um, origin_z_um=image.origin_z_um, frame_number=source.frame_number,
        preset_name=source.preset,
        sound_speed_m_s=source.sound_speed_m_s, digest=source.chain_digest,
        provenance=made,
        missing_lines=tuple(range(image.missing_lines)), mirrored=image.mirrored, upside_down=image.upside_down,
        gain_db=int(source.gain_db) if source.gain_db else None,
        dynamic_range_db=int(source.dynamic_range_db) if source.dynamic_range_db else None,
    )  # fmt: skip


def plate(image: Image, measurements: Sequence[Measurement], display: bytes, corner: str) -> bytes:
    """A kept picture as grey PNG for the report, its calipers and warnings burnt in.

    Args:
        image: The kept picture.
        measurements: Those of its exam; others than its own are left out.
        display: Its opened ``display`` blob.
        corner: Drawn at the lower left.
    """
    own = [measurement for measurement in measurements if measurement.image == image.id]
    picture = picture_of_image(image, display)
    drawn = marked(picture, own)
    marks = [Mark(one.crosses, one.line, one.number) for one in drawn]
    legend = [f"{one.number}  {reading.label} {_text(reading)}" for one in drawn for reading in one.readings]
    labels = [*legend, corner]
    burnt = burn_beam(picture, marks, labels) if isinstance(picture, BeamView) else burn(picture, marks, labels)
    return png_bytes(_grey(burnt))


def _pixels(shown: Shown) -> bytes:
    return encode_pixels(np.ascontiguousarray(shown.measured) if isinstance(shown, BeamView) else shown.pixels)


def _drawn(picture: Shown, measurement: Measurement) -> tuple[tuple[Place, ...], tuple[Place, ...]]:
    """Crosses and line of a measurement; a line of another Sauti's is drawn from place to place."""
    numbers = [coordinate / 1000 for coordinate in measurement.points_mpx]
    places = tuple(zip(numbers[::2], numbers[1::2], strict=True))
    tool = _TOOLS.get(measurement.method)
    if tool is None:
        return places, places
    try:
        return places, outline(picture, Placement(measurement.label, places, tool))
    except (CannotImage, ValueError):
        return places, places


def _text(measurement: Measurement) -> str:
    """Value and unit; the letters that are burnt into pixels know no raised figures."""
    return figures(measurement.value, measurement.error, measurement.unit).text.replace("²", "2")


def _grey(colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Paper is printed in black and white: luminance of (rows, columns, 3) RGB, ITU-R BT.601."""
    luminance: NDArray[np.uint8] = np.rint(colours @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)
    return luminance


def _source(picture: Shown, capabilities: Capabilities) -> ImageSource:
    origin = picture.provenance
    is_of = (capabilities.model, capabilities.serial, capabilities.firmware) == (
        origin.model, origin.serial, origin.firmware,
    )  # fmt: skip
    # The probe may have been changed since: what another one puts out is not what made this picture.
    mechanical, thermal = (capabilities.mechanical_index, capabilities.thermal_index) if is_of else (None, None)
    return ImageSource(
        probe_model=origin.model, probe_serial=origin.serial, probe_firmware=origin.firmware,
        preset=picture.preset_name,
        sound_speed_m_s=picture.sound_speed_m_s, chain_digest=picture.digest, frame_number=picture.frame_number,
        simulated=origin.simulated, calibrated_on=origin.calibration.made_on if origin.calibration else "",
        mechanical_index=mechanical or "", thermal_index=thermal or "", gain_db=_decimal(picture.gain_db),
        dynamic_range_db=_decimal(picture.dynamic_range_db),
    )  # fmt: skip


def _decimal(value: int | None) -> str:
    return "" if value is None else str(value)
