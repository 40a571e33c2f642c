"""Which presets make sense for a probe, and what each changes, in words."""

from __future__ import annotations

from imaging.preset import Preset
from probe.capabilities import Capabilities

# Sound of a higher frequency does not reach as deep, of a lower one shows less detail: what the purpose is made for.
_HIGHEST, _LOWEST = 4 / 3, 1 / 2.5
_FILTERS = {"none": "", "guided": "smoothed", "srad": "smoothed strongly"}


def suitable(capabilities: Capabilities, sound_speed_m_s: int) -> tuple[Preset, ...]:
    """The presets that a nurse may choose from.

    Args:
        capabilities: The probe's transmit frequencies, and whether it makes pictures.
        sound_speed_m_s: Of the preset that the probe begins with: another one would change every millimetre, so a
            probe in a water tank keeps water's (decision 0072). A board of single lines says nothing of where it lies:
            there the choice is the operator's.
    """
    of_lines = "B" not in capabilities.modes
    presets = [Preset.load(name) for name in Preset.names()]
    return tuple(
        preset
        for preset in presets
        if (preset.sound_speed_m_s == sound_speed_m_s or of_lines)
        and (preset.name != "a_line_test" or of_lines)
        and _hears(capabilities, preset)
    )


def changes(preset: Preset) -> str:
    """What a preset sets, in a few words."""
    frames = preset.persistence_frames
    parts = [f"{preset.depth_mm} mm deep", f"{preset.dynamic_range_db} dB of grey"]
    parts += [f"{frames} frames mixed"] if frames > 1 else ["each frame by itself"]
    parts += filter(None, [_FILTERS[preset.speckle] if preset.speckle_strength else ""])
    return ", ".join(parts)


def _hears(capabilities: Capabilities, preset: Preset) -> bool:
    """Whether one of the probe's frequencies is near enough to what the preset is made for; one unknown fits all."""
    if not capabilities.centre_hz:
        return True
    return any(_LOWEST <= preset.centre_hz / centre_hz <= _HIGHEST for centre_hz in capabilities.centre_hz)
