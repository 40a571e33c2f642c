"""Which Sauti this is; printed on every report."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def program_version() -> str:
    """The installed version; ``unknown`` when run from a folder that was never installed."""
    try:
        return version("sauti")
    except PackageNotFoundError:
        return "unknown"
