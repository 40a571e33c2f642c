"""Examines without end: keeps a picture, commits it, and only then says so on standard output. Made to be killed."""

from __future__ import annotations

import sys
from pathlib import Path

from records import events
from tests.records.making import Site
from tests.records.process import say

site = Site(Path(sys.argv[1]), seed=int(sys.argv[2]))
lock = site.home.lock("examine")
say("ready")
number = 0
while True:
    exam = site.started(number)
    say("exam", exam.id)
    for _ in range(3):
        image = site.image(exam, b"pixels " * 3000)
        taken = events.measurement_taken(site.measurement(image))
        ids = site.commit(events.image_kept(image), taken).event_ids
        ref = image.blobs["display"]
        say("image", exam.id, image.id, ref.address, *ids)
    number += 1
