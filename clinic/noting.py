"""What of the workstation's events goes into the log."""

from __future__ import annotations

from clinic.events import Event, Post, ProbeChanged, ProbeIdentified, ThreadDied
from clinic.log import LOG, defect, told
from probe.errors import LinkLost
from probe.reader import ReaderState


def noting(post: Post, address: str) -> Post:
    """The same, with a line in the log about probes that come, go or fail, and about threads that end.

    Args:
        post: Told afterwards.
        address: Where the probe is looked for.
    """

    def note_and_post(event: Event) -> None:
        match event:
            case ProbeIdentified(capabilities):
                LOG.info(
                    "probe identified: %s, serial %s, firmware %s, %s", capabilities.model,
                    capabilities.serial or "not reported", capabilities.firmware,
                    "simulated" if capabilities.simulated else "real",
                )  # fmt: skip
            case ProbeChanged(ReaderState.LOST, reason):
                LOG.warning("probe lost at %s", told(address, reason or LinkLost("No reason is known")))
            case ProbeChanged(state, reason) if reason is not None:
                LOG.warning("probe %s at %s", state.value, told(address, reason))
            case ThreadDied(thread, reason):
                defect(f"thread {thread}", reason)
        post(event)

    return note_and_post
