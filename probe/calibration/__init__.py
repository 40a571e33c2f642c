"""Millimetres one may trust: targets of known place found in frames, a probe's errors fitted, frames corrected."""
