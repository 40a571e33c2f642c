"""Which refreshes of a screen touch a widget's place.

For every changed label Textual asks all widgets of a screen for all of their lines, and then writes only the lines
that changed. A picture would be turned into half-blocks and painted again whenever somebody types a letter elsewhere.
"""

from __future__ import annotations

from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.screen import Screen


class Refreshes:
    """Looks on as one screen's compositor makes its partial updates.

    Args:
        compositor: The screen's.
    """

    def __init__(self, compositor: Compositor) -> None:
        self._compositor = compositor
        self._partial_update = compositor.render_partial_update
        self._parts: list[Region] | None = None
        compositor.render_partial_update = self._noted  # type: ignore[method-assign]

    def touch(self, region: Region) -> bool:
        """Whether the refresh that is being made writes to this region; of any that is not partial, yes."""
        return self._parts is None or any(part.overlaps(region) for part in self._parts)

    def _noted(self) -> ChopsUpdate | None:
        self._parts = list(self._compositor._dirty_regions)  # noqa: SLF001
        try:
            return self._partial_update()
        finally:
            self._parts = None


def refreshes_of(screen: Screen[object]) -> Refreshes:
    """The one onlooker of a screen."""
    compositor = screen._compositor  # noqa: SLF001
    owner = getattr(compositor.render_partial_update, "__self__", None)
    return owner if isinstance(owner, Refreshes) else Refreshes(compositor)
