"""The packages' chains: the same RF to the same grid, as the users of zea, PyMUST and ultraspy write it.

None of them makes an 8-bit sector picture by itself: zea brings the envelope and jax the interpolation, compiled
together; PyMUST and ultraspy get OpenCV's remap for the part that they lack. Filters differ, so pictures are alike, not
equal.
"""

from __future__ import annotations

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import cv2
import jax
import jax.numpy as jnp
import kept_code
import numpy as np
import peers
import pymust
import scene
import zea.func.ultrasound
from jax.scipy.ndimage import map_coordinates
from numpy.typing import NDArray

with kept_code.kept():
    import ultraspy.cpu.signal
    from ultraspy.cpu.display import to_b_mode

Grey = NDArray[np.uint8]


class Zea:
    """Envelope by zea, log, ``map_coordinates`` by jax, all in one ``jit``; its arrays stay where jax has them.

    Args:
        maps: Of data at the full sampling rate.
        full_scale: Envelope that is white.
    """

    def __init__(self, maps: peers.Maps, full_scale: float) -> None:
        places = [jnp.asarray(maps.line), jnp.asarray(maps.sample)]

        def picture(rf: jax.Array) -> jax.Array:
            lines = rf.astype(jnp.float32).T[:, :, None]
            envelope = zea.func.ultrasound.envelope_detect(lines, axis=-3).T
            level = 255 + 20 * jnp.log10(jnp.maximum(envelope / full_scale, 1e-9)) * (255 / peers.RANGE_DB)
            return map_coordinates(jnp.clip(level, 0, 255), places, order=1, cval=0).astype(jnp.uint8)

        self._picture = jax.jit(picture)

    def picture(self, rf: NDArray[np.int16]) -> Grey:
        """(480, 640) grey pixels."""
        return np.asarray(self._picture(jnp.asarray(rf)).block_until_ready())


class PyMust:
    """``rf2iq`` and ``bmode``, whose grey is relative to the frame's own maximum; then ``remap``."""

    def __init__(self, maps: peers.Maps) -> None:
        self._maps = maps
        self._param = pymust.utils.Param()
        values = {"fs": scene.RATE_HZ, "fc": scene.CENTRE_HZ, "bandwidth": 80, "t0": 0.0}
        for name, value in values.items():
            setattr(self._param, name, value)

    def picture(self, rf: NDArray[np.int16]) -> Grey:
        """(480, 640) grey pixels."""
        iq = pymust.rf2iq(rf.T.astype(np.float64), self._param)
        grey = pymust.bmode(iq[0] if isinstance(iq, tuple) else iq, peers.RANGE_DB)
        return cv2.remap(np.ascontiguousarray(grey.T), self._maps.sample, self._maps.line, cv2.INTER_LINEAR)


class UltraSpy:
    """``rf2iq`` and ``to_b_mode``; then ``remap``."""

    def __init__(self, maps: peers.Maps, full_scale: float) -> None:
        self._maps, self._full_scale = maps, full_scale

    def picture(self, rf: NDArray[np.int16]) -> Grey:
        """(480, 640) grey pixels."""
        iq = ultraspy.cpu.signal.rf2iq(rf.astype(np.float64), scene.CENTRE_HZ, scene.RATE_HZ, 0.0, bandwidth=80)
        level = 255 + to_b_mode(np.abs(iq), self._full_scale) * (255 / peers.RANGE_DB)
        grey = np.clip(level, 0, 255).astype(np.uint8)
        return cv2.remap(grey, self._maps.sample, self._maps.line, cv2.INTER_LINEAR)
