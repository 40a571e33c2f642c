"""Colour Doppler: 16 complex images of 256 x 256 points to velocities, by lag-one autocorrelation without wall filter.

Peer: PyMUST's ``iq2doppler`` on the same images, as its stack of (rows, columns, pulses). The two must agree within 1 %
of the Nyquist velocity.
"""

from __future__ import annotations

import sys

import numpy as np
import pymust
import rows

from imaging.doppler.colour import ColourDoppler
from imaging.doppler.wall import Polynomial

PULSES, ROWS, COLUMNS = 16, 256, 256
RATE_HZ, CENTRE_HZ, SOUND_SPEED_M_S = 5000.0, 5e6, 1540.0


def rows_of(rounds: int) -> list[rows.Row]:
    """One row, after the two have agreed."""
    random = np.random.default_rng(4)
    share = np.linspace(-0.8, 0.8, COLUMNS)[None, None, :]
    start = random.normal(size=(2, 1, ROWS, COLUMNS))
    noise = random.normal(0, 0.05, (2, PULSES, ROWS, COLUMNS))
    turned = np.exp(1j * np.pi * share * np.arange(PULSES)[:, None, None])
    images = ((start[0] + 1j * start[1]) * turned + noise[0] + 1j * noise[1]).astype(np.complex64)
    stack = np.ascontiguousarray(images.transpose(1, 2, 0))
    param = pymust.utils.Param()
    param.fc, param.c, param.PRF = CENTRE_HZ, SOUND_SPEED_M_S, RATE_HZ
    colour = ColourDoppler(PULSES, ROWS, COLUMNS, RATE_HZ, CENTRE_HZ, SOUND_SPEED_M_S, Polynomial(-1))

    def ours() -> None:
        for pulse in range(PULSES):
            colour.put(pulse, images[pulse])
        colour.run()

    ours()
    theirs, _ = pymust.iq2doppler(stack, param)
    apart = np.abs(theirs - colour.velocity_m_s) / colour.nyquist_m_s
    worst = float(np.minimum(apart, 2 - apart).max())
    print(f"doppler/pymust: at most {100 * worst:.4f} % of Nyquist apart")
    if worst > 0.01:
        sys.exit("the velocities differ: the comparison would not be fair")
    times = rows.in_turns({"ours": ours, "pymust": lambda: pymust.iq2doppler(stack, param)}, rounds)
    return [rows.less_is_better("doppler/pymust", times["ours"], times["pymust"], "ms")]
