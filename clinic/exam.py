"""The only place where a Picture becomes part of the record: pictures, loops and measurements as they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinic.scanner import Frozen
from imaging.calipers import Distance, Place
from imaging.codecs import FRAMES_TYPE, PIXELS_TYPE, decode_pixels, encode_frames, encode_pixels, png_bytes
from imaging.overlay import Mark, burn
from imaging.picture import Picture
from probe.capabilities import Calibration, Capabilities
from probe.frame import Frame, Provenance
from records.blobs import Blobs, seal
from records.codes import DISTANCE, Coded
from records.ids import Entropy
from records.model import BlobRef, Image, ImageSource, Measurement

STILL = "still"
LOOP = "loop"


@dataclass(frozen=True, slots=True)
class Archivist:
    """Encodes, seals and files what an image consists of; runs in the courier's thread, before the commit."""

    blobs: Blobs
    entropy: Entropy

    def file(self, data: bytes, media_type: str) -> BlobRef:
        """Seal bytes and make them durable."""
        return self.blobs.put(seal(data, media_type, self.entropy))

    def still(self, frozen: Frozen) -> dict[str, BlobRef]:
        """A frozen view: the picture as shown, the live sweep, and the sweep as RF where there is one."""
        live = frozen.loop.frames[-1]
        refs = {
            "display": self.file(encode_pixels(frozen.picture.pixels), PIXELS_TYPE),
            "frames": self.file(encode_frames([live]), FRAMES_TYPE),
        }
        if frozen.frame is not live:
            refs["rf"] = self.file(encode_frames([frozen.frame]), FRAMES_TYPE)
        return refs

    def loop(self, frames: Sequence[Frame], poster: Picture) -> dict[str, BlobRef]:
        """A loop: its sweeps, and one picture to show for it."""
        return {
            "display": self.file(encode_pixels(poster.pixels), PIXELS_TYPE),
            "frames": self.file(encode_frames(frames), FRAMES_TYPE),
        }


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
    picture = frozen.picture
    return Image(
        id=id, exam=exam, view=view, kind=kind, acquired_ms=acquired_ms, rows=picture.height_px,
        columns=picture.width_px, pixel_um=picture.pixel_um, origin_x_um=picture.origin_x_um,
        origin_z_um=picture.origin_z_um, missing_lines=len(picture.missing_lines), frames=frames,
        source=_source(picture, capabilities), blobs=blobs, mirrored=picture.mirrored, upside_down=picture.upside_down,
    )  # fmt: skip


def measurement_of(
    id: str,
    image: Image,
    label: str,
    ends: tuple[Place, Place],
    distance: Distance,
    taken_ms: int,
    concept: Coded = DISTANCE,
    fetus: str = "",
) -> Measurement:
    """The record's Measurement of a caliper's reading: whole micrometres, ends in thousandths of a pixel."""
    return Measurement(
        id=id, exam=image.exam, image=image.id, fetus=fetus, label=label, concept=concept,
        value=round(distance.mm * 1000), error=round(distance.error_mm * 1000), unit="um",
        method="straight line between two calipers",
        points_mpx=tuple(round(1000 * coordinate) for end in ends for coordinate in end), taken_ms=taken_ms,
    )  # fmt: skip


def picture_of_image(image: Image, display: bytes) -> Picture:
    """A kept picture with its millimetres, to look at and to measure on again.

    Args:
        image: From the record.
        display: Its opened ``display`` blob.

    Raises:
        Unreadable: The bytes are damaged.
    """
    source = image.source
    calibration = Calibration(source.calibrated_on, "", "", 0) if source.calibrated_on else None
    pixels = decode_pixels(display)
    return Picture(
        pixels=pixels, inside=np.ones(pixels.shape, dtype=np.bool_), pixel_um=image.pixel_um,
        origin_x_um=image.origin_x_um, origin_z_um=image.origin_z_um, frame_number=source.frame_number,
        preset_name=source.preset,
        sound_speed_m_s=source.sound_speed_m_s, digest=source.chain_digest,
        provenance=Provenance(
            source.probe_model, source.probe_serial, source.probe_firmware, source.simulated, calibration, 0
        ),
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
    marks = [_mark(number, measurement) for number, measurement in enumerate(own, start=1)]
    legend = [f"{number}  {measurement.label} {_mm(measurement)}" for number, measurement in enumerate(own, start=1)]
    return png_bytes(_grey(burn(picture_of_image(image, display), marks, [*legend, corner])))


def _mark(number: int, measurement: Measurement) -> Mark:
    ax, ay, bx, by = (coordinate / 1000 for coordinate in measurement.points_mpx)
    return Mark((ax, ay), (bx, by), str(number))


def _mm(measurement: Measurement) -> str:
    return f"{measurement.value / 1000:.1f} mm"


def _grey(colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Paper is printed in black and white: luminance of (rows, columns, 3) RGB, ITU-R BT.601."""
    luminance: NDArray[np.uint8] = np.rint(colours @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)
    return luminance


def _source(picture: Picture, capabilities: Capabilities) -> ImageSource:
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
