"""Records until the disk is full, makes room, and records again: on a small disk, or where files may not grow."""

from __future__ import annotations

import resource
import signal
import sys
from pathlib import Path

import pytest

from records import events
from records.errors import NotWritable
from tests.records.making import Site

home, ballast, limit = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
site = Site(home)
if limit:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
else:
    ballast.write_bytes(bytes(64 << 10))
kept: list[str] = []
refused: NotWritable | None = None
for number in range(5000):
    batch = [site.patient(10 * number + each, given_name="Wanjikũ " * 8) for each in range(8)]
    try:
        kept += site.commit(*map(events.patient_registered, batch)).event_ids
    except NotWritable as error:
        refused = error
        break
assert refused is not None, "the disk was never full"
assert "full" in refused.title, refused
tail = site.store.journal.tail
assert tail.seq == len(kept) + 2
queries = site.queries()
assert len(queries.patients()) == len(kept)
with pytest.raises(NotWritable, match="full"):
    site.image(site.exam(queries.patients()[0]), bytes(8 << 20))
assert not list(site.paths.blobs.rglob("*.part"))
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
else:
    ballast.unlink()
kept += site.commit(events.patient_registered(site.patient(99_999))).event_ids
report = site.reopen().verify()
assert report.events == len(kept) + 2
sys.stdout.write(f"{len(kept)} {refused.title}\n")
