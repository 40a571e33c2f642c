"""How good the images are beside the peers' on recorded channel data: width of wires, velocities of a turning disc.

Peers: PyMUST, ultraspy and ustb, all with the same waves, points, speed, f-number. Widths (across) and lengths (along
the lines) are at half amplitude, in mm, summed over the wires or the simulated points; the disc's figure is what
remains of its velocities when its rotation is taken out, in mm/s. Needs the recordings (SAUTI_RECORDINGS); without them
it says so and writes no row.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import peers_beam
import pymust
import rows
from numpy.typing import NDArray

from imaging.beamform.das import Beamformer
from imaging.beamform.lines import Lines
from imaging.beamform.receive import Receive
from imaging.doppler.colour import ColourDoppler
from imaging.doppler.wall import Polynomial
from imaging.quality import half_width
from tests.imaging import channel_files
from tests.imaging.channel_files import Recorded

WIRES_MM = (42.2, 61.6, 81.3)
POINTS_MM = (10.48, 22.31, 34.13, 45.96)  # simulated; the set's own time shift makes them 0.1 to 0.17 mm too deep
F_NUMBER, STEP_MM = 1.5, 0.05


def main() -> None:
    """Compare; stop where the disc's velocities differ by more than 1 % of Nyquist."""
    asked = rows.arguments(__doc__)
    folder = Path(os.environ.get("SAUTI_RECORDINGS") or rows.ROOT.parent / "shared" / "recordings") / "channel_data"
    if not folder.is_dir():
        print(f"no recordings at {folder}: nothing to compare (set SAUTI_RECORDINGS)")
        rows.report([], asked.json)
        return
    rows.report(
        [
            *widths("", channel_files.wires(folder).only(3), WIRES_MM, 1.5, 180),
            *widths("-points", channel_files.points(folder).only(1), POINTS_MM, 1.5, 80),
            disc(*channel_files.disc(folder)),
        ],
        asked.json,
    )


def widths(name: str, recorded: Recorded, depths_mm: tuple[float, ...], half_mm: float, columns: int) -> list[rows.Row]:
    """One unsteered wave over wires or points: their widths across and along the lines, summed."""
    sums: dict[str, NDArray[np.float64]] = {}
    # the wires' file holds bytes about 127.6: peers do not take an offset away
    samples = np.rint(recorded.samples - recorded.samples.mean(axis=2, keepdims=True)).astype(np.int16)
    for depth_mm in depths_mm:
        lines = Lines(recorded.aperture, round(40 * half_mm) + 1, depth_mm - half_mm, STEP_MM, 4, columns)
        beamformer = Beamformer(lines, recorded.waves, recorded.sampling, recorded.sound_speed_m_s, Receive(F_NUMBER))
        beamformer.run(samples)
        scene = peers_beam.Scene.of(lines, recorded.sampling, recorded.sound_speed_m_s, F_NUMBER)
        images = {"ours": beamformer.envelope}
        images |= {peer.__name__.lower(): peer(scene).envelope(samples) for peer in peers_beam.PEERS}
        for peer, image in images.items():
            sums[peer] = sums.get(peer, np.zeros(2)) + _widths_mm(image, lines)
    return [
        rows.less_is_better(f"{direction}{name}/{peer}", [sums["ours"][way]], [summed[way]], "mm")
        for way, direction in enumerate(("width", "length"))
        for peer, summed in sums.items()
        if peer != "ours"
    ]


def disc(frames: list[Recorded], pulse_rate_hz: float) -> rows.Row:
    """Colour Doppler of 32 waves, ours and PyMUST's whole way from the same samples."""
    like = frames[0]
    lines = Lines(like.aperture, 126, 10, 0.2, 2, 169)
    scene = peers_beam.Scene.of(lines, like.sampling, like.sound_speed_m_s, F_NUMBER)
    beamformer = Beamformer(lines, like.waves, like.sampling, like.sound_speed_m_s, Receive(F_NUMBER))
    colour = ColourDoppler(
        len(frames), lines.rows, lines.lines, pulse_rate_hz, like.sampling.centre_hz, like.sound_speed_m_s,
        Polynomial(-1),
    )  # fmt: skip
    peer = peers_beam.PyMust(scene)
    stack = []
    for number, frame in enumerate(frames):
        beamformer.run(frame.samples)
        colour.put(number, beamformer.image)
        stack.append(peer.image(frame.samples))
    colour.run()
    param = pymust.utils.Param()
    param.fc, param.c, param.PRF = like.sampling.centre_hz, like.sound_speed_m_s, pulse_rate_hz
    theirs, _ = pymust.iq2doppler(np.stack(stack, axis=2), param)
    x, z = (1000 * part for part in lines.points_m())
    inside = np.hypot(x + 0.75, z - 22.5) < 9
    apart = np.sqrt(np.mean(np.square(theirs[inside] - colour.velocity_m_s[inside]))) / colour.nyquist_m_s
    print(f"disc/pymust: {100 * apart:.2f} % of Nyquist apart (root mean square inside the disc)")
    if apart > 0.01:
        sys.exit("the velocities differ by more than 1 % of Nyquist")
    left = [_not_rotation(x[inside], velocity[inside]) for velocity in (colour.velocity_m_s, theirs)]
    return rows.less_is_better("disc/pymust", [left[0]], [left[1]], "mm/s")


def _widths_mm(image: NDArray[np.floating], lines: Lines) -> NDArray[np.float64]:
    """Across and along, through the brightest point near the middle row."""
    middle = image.shape[0] // 2
    near = image[middle - 7 : middle + 8]
    row, column = np.unravel_index(np.argmax(near), near.shape)
    across = half_width(image[int(row) + middle - 7], lines.aperture.pitch_mm / lines.per_element)
    return np.array([across, half_width(image[:, column], STEP_MM)])


def _not_rotation(x_mm: NDArray[np.float64], velocity_m_s: NDArray[np.floating]) -> float:
    return float(1000 * np.std(velocity_m_s - np.polyval(np.polyfit(x_mm, velocity_m_s, 1), x_mm)))


if __name__ == "__main__":
    main()
