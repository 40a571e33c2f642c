"""Turning the knobs of a scan: asked for at once, said from the answer. Refused, everything stays as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from clinic.knobs import AT_REST, Knobs
from clinic.looks import Shown
from clinic.presets import changes, suitable
from clinic.scanner import Turned
from clinic.ui.screen import StationScreen
from imaging.preset import Preset

DEPTHS_MM = (20, 30, 40, 50, 60, 80, 100, 120, 140, 160, 180, 200, 240, 300)
MOVING = ("depth", "preset")
# what counts as the same depth: a window ends between two samples, a picture between two pixels
_ALIKE_MM = 3


class Turning:
    """The knobs of one exam's scan.

    Args:
        screen: Where it is said.
        turned: Told where the knobs stand now, with the frozen view as it looks then.
        choose: Lets a person choose one of some presets, the one in use being named; then ``chosen`` is called.
    """

    def __init__(
        self,
        screen: StationScreen,
        turned: Callable[[Turned], None],
        choose: Callable[[tuple[Preset, ...], str], None],
    ) -> None:
        self._screen = screen
        self._turned = turned
        self._choose = choose
        self._asked = AT_REST
        self.knobs = AT_REST

    def turn(self, knob: str, by: int, picture: Shown) -> None:
        """Turn one knob.

        Args:
            knob: ``gain`` or ``contrast`` by decibels, ``depth`` deeper (above zero) or less deep, ``mirrored`` or
                ``upside_down`` to the other way round, ``preset`` by a question.
            by: How far.
            picture: That is shown.
        """
        asked = self._asked
        match knob:
            case "gain":
                self._ask(replace(asked, gain_db=asked.gain_db + by))
            case "contrast":
                self._ask(replace(asked, dynamic_range_db=asked.dynamic_range_db + by))
            case "mirrored":
                self._ask(replace(asked, mirrored=not asked.mirrored))
            case "upside_down":
                self._ask(replace(asked, upside_down=not asked.upside_down))
            case "depth":
                self._depth(picture, by > 0)
            case "preset":
                self._choose_preset(picture)

    def _depth(self, picture: Shown, deeper: bool) -> None:
        """The next depth from what is shown."""
        shown_mm, asked_mm = picture.depth_mm, self._asked.depth_mm
        if deeper and asked_mm > shown_mm + _ALIKE_MM:
            self._screen.say(f"There is no more: the probe shows {shown_mm:.0f} mm.")
            return
        at_mm = asked_mm if 0 < asked_mm <= shown_mm + _ALIKE_MM else shown_mm
        steps = [mm for mm in DEPTHS_MM if (mm > at_mm + _ALIKE_MM if deeper else mm < at_mm - _ALIKE_MM)]
        if not steps:
            self._screen.say(f"{at_mm:.0f} mm is the {'most' if deeper else 'least'} depth.")
            return
        self._ask(replace(self._asked, depth_mm=steps[0] if deeper else steps[-1]))

    def _choose_preset(self, picture: Shown) -> None:
        """Ask what is looked for."""
        capabilities = self._screen.session.workstation.scanning.capabilities
        if capabilities is None:
            return
        presets = suitable(capabilities, picture.sound_speed_m_s)
        if len(presets) < 2:
            self._screen.say("There is one preset for this probe.")
            return
        self._choose(presets, picture.preset_name)

    def chosen(self, name: str | None) -> None:
        """A preset was chosen, or none: gain and dynamic range are its own again, and its depth is asked for."""
        if name is None:
            return
        preset = Preset.load(name)
        self._screen.say(f"{preset.title}: {changes(preset)}.")
        self._ask(replace(self._asked, preset=name, gain_db=0, dynamic_range_db=0, depth_mm=preset.depth_mm))

    def _ask(self, knobs: Knobs) -> None:
        self._asked = knobs.within()
        self._screen.station.answer(
            self._screen,
            lambda: self._screen.session.workstation.scanning.turn(self._asked),
            self._done,
            self._refused,
        )

    def _done(self, turned: Turned) -> None:
        self.knobs = turned.knobs
        self._turned(turned)

    def _refused(self, error: Exception) -> None:
        self._asked = self.knobs
        self._screen.refuse(error)
