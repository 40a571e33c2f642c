"""Stages by name: ours in a table, strangers' as entry points ``sauti.stages``. Listing names imports nothing."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from imaging.errors import BadPreset, ImagingError
from imaging.stage import Stage
from probe.settings import SampleFormat

GROUP = "sauti.stages"
OWN = {
    "rf": "imaging.stages.rf:RF",
    "iq": "imaging.stages.iq:IQ",
    "saft": "imaging.stages.saft:SAFT",
    "envelope": "imaging.stages.envelope:ENVELOPE",
    "persist": "imaging.stages.persist:PERSIST",
    "speckle": "imaging.stages.speckle:SPECKLE",
    "pack": "imaging.stages.scan:PACK",
    "scan": "imaging.stages.scan:SCAN",
}
DETECTORS = {
    SampleFormat.RF_I16: "rf",
    SampleFormat.IQ_I16: "iq",
    SampleFormat.IQ_I8: "iq",
    SampleFormat.ENVELOPE_U8_LINEAR: "envelope",
    SampleFormat.ENVELOPE_U8_LOG: "envelope",
    SampleFormat.ENVELOPE_U8_ALAW: "envelope",
    SampleFormat.ENVELOPE_U16: "envelope",
}


def names() -> tuple[str, ...]:
    """All stages that could be loaded; ours win over a stranger of the same name."""
    return tuple(sorted({*OWN, *(point.name for point in _strangers())}))


def load(name: str) -> Stage:
    """A stage by its name.

    Raises:
        BadPreset: There is none of that name, or its code does not load.
    """
    if name in OWN:
        module, _, attribute = OWN[name].partition(":")
        own: Stage = getattr(import_module(module), attribute)
        return own
    for point in _strangers():
        if point.name == name:
            return _load_stranger(point)
    raise BadPreset(f"There is no imaging stage {name!r}", f"Known stages: {', '.join(names())}.")


def _load_stranger(point: EntryPoint) -> Stage:
    try:
        stage: Stage = point.load()
        _ = (stage.name, stage.version, stage.place, stage.plan)
    except ImagingError:
        raise
    except Exception as error:
        raise BadPreset(f"The imaging stage {point.name!r} does not load: {error}", "Ask who made it.") from error
    return stage


def _strangers() -> tuple[EntryPoint, ...]:
    return tuple(entry_points(group=GROUP))
