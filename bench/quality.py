"""How good the images are beside the peers' on recorded channel data: width of wires, velocities of a turning disc.

Peers: PyMUST, ultraspy and ustb, all with the same waves, points, speed and f-number. Widths are the lateral ones at
half amplitude, in mm, summed over the wires; the disc's figure is what remains of its velocities when its rotation is
taken out, in mm/s. Needs the recordings (SAUTI_RECORDINGS); without them it says so and writes no row.
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
F_NUMBER = 1.5


def main() -> None:
    """Compare; stop where the disc's velocities differ by more than 1 % of Nyquist."""
    asked = rows.arguments(__doc__)
    folder = Path(os.environ.get("SAUTI_RECORDINGS") or rows.ROOT.parent / "shared" / "recordings") / "channel_data"
    if not folder.is_dir():
        print(f"no recordings at {folder}: nothing to compare (set SAUTI_RECORDINGS)")
        rows.report([], asked.json)
        return
    rows.report([*wires(channel_files.wires(folder).only(3)), disc(*channel_files.disc(folder))], asked.json)


def wires(recorded: Recorded) -> list[rows.Row]:
    """One unsteered wave over nylon wires."""
    widths: dict[str, float] = {}
    # the file holds bytes about 127.6: peers do not take an offset away
    samples = np.rint(recorded.samples - recorded.samples.mean(axis=2, keepdims=True)).astype(np.int16)
    for depth_mm in WIRES_MM:
        lines = Lines(recorded.aperture, 61, depth_mm - 1.5, 0.05, 4, 180)
        beamformer = Beamformer(lines, recorded.waves, recorded.sampling, recorded.sound_speed_m_s, Receive(F_NUMBER))
        beamformer.run(samples)
        scene = peers_beam.Scene.of(lines, recorded.sampling, recorded.sound_speed_m_s, F_NUMBER)
        images = {"ours": beamformer.envelope}
        images |= {peer.__name__.lower(): peer(scene).envelope(samples) for peer in peers_beam.PEERS}
        for name, image in images.items():
            widths[name] = widths.get(name, 0.0) + _width_mm(image, lines)
    return [
        rows.less_is_better(f"width/{peer}", [widths["ours"]], [width], "mm")
        for peer, width in widths.items()
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


def _width_mm(image: NDArray[np.floating], lines: Lines) -> float:
    middle = image.shape[0] // 2
    near = image[middle - 20 : middle + 21]
    row = int(np.unravel_index(np.argmax(near), near.shape)[0]) + middle - 20
    return half_width(image[row], lines.aperture.pitch_mm / lines.per_element)


def _not_rotation(x_mm: NDArray[np.float64], velocity_m_s: NDArray[np.floating]) -> float:
    return float(1000 * np.std(velocity_m_s - np.polyval(np.polyfit(x_mm, velocity_m_s, 1), x_mm)))


if __name__ == "__main__":
    main()
